//! All diagnostic codes of the project, on one page: none twice, none renamed unnoticed.

use std::collections::BTreeMap;

/// The document's parser and the assessment both find these, and mean the same.
const SHARED: [&str; 2] = ["id-collision", "id-unknown"];

#[test]
fn every_code_once() {
    let document = readiness_checklist::Code::ALL
        .iter()
        .map(|code| (code.as_str(), format!("document, {}", code.severity())));
    let ours = readiness::diagnostic::Code::ALL.iter().map(|code| {
        (
            code.as_str(),
            format!("{}: {}", code.severity(), code.description()),
        )
    });
    let mut codes: BTreeMap<&str, String> = BTreeMap::new();
    for (code, words) in document.chain(ours) {
        if let Some(other) = codes.insert(code, words.clone()) {
            assert!(SHARED.contains(&code), "{code} twice: {other} / {words}");
        }
    }
    let page: Vec<_> = codes
        .iter()
        .map(|(code, words)| format!("{code:<26} {words}"))
        .collect();
    let page = page.join("\n");
    insta::assert_snapshot!("codes", page);
}
