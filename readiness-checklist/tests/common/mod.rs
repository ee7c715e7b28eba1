//! What the tests of this folder share.
#![allow(dead_code, reason = "each test crate uses a part")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "helpers of tests fail like tests, and a skip must be seen"
)]

use std::path::{Path, PathBuf};

use readiness_checklist::{Checklist, ItemUpdate, Shape, State, Status, Update};

/// A folder of material that is not part of the project, or none with a visible reason.
pub fn shared(name: &str) -> Option<PathBuf> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = std::env::var_os("READINESS_SHARED")
        .map_or_else(|| manifest.join("../../shared"), PathBuf::from);
    let folder = root.join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    let reason = format!("SKIPPED: {} is not there", folder.display());
    assert!(
        std::env::var_os("READINESS_REQUIRE_SHARED").is_none_or(|value| value != "1"),
        "{reason}"
    );
    eprintln!("{reason}");
    None
}

pub fn parse(bytes: &[u8]) -> Checklist {
    Checklist::parse(bytes.to_vec()).unwrap()
}

/// The output, after checking what every rewrite promises.
pub fn rewritten(checklist: &Checklist, update: &Update) -> Vec<u8> {
    let rewrite = checklist.rewrite(update);
    let mut rebuilt = Vec::new();
    let mut at = 0;
    for edit in &rewrite.edits {
        assert!(edit.span.start >= at, "edits overlap: {:?}", rewrite.edits);
        rebuilt.extend_from_slice(&checklist.bytes()[at..edit.span.start]);
        rebuilt.extend_from_slice(&edit.text);
        at = edit.span.end;
    }
    rebuilt.extend_from_slice(&checklist.bytes()[at..]);
    assert_eq!(
        rebuilt, rewrite.bytes,
        "the output is the input with the edits applied"
    );
    assert_eq!(rewrite.edits.is_empty(), rewrite.bytes == checklist.bytes());
    rewrite.bytes
}

/// The numbers of lines that differ, for two texts with the same number of lines.
pub fn lines_changed(before: &[u8], after: &[u8]) -> Vec<usize> {
    let split = |bytes: &[u8]| {
        bytes
            .split(|&b| b == b'\n')
            .map(<[u8]>::to_vec)
            .collect::<Vec<_>>()
    };
    let (before, after) = (split(before), split(after));
    assert_eq!(before.len(), after.len());
    (1..=before.len())
        .filter(|&line| before[line - 1] != after[line - 1])
        .collect()
}

/// An update from id, status and reason.
pub fn put(results: &[(&str, Status, Option<&str>)]) -> Update {
    let mut update = Update::default();
    for (id, status, reason) in results {
        let reason = reason.map(str::to_owned);
        update.items.insert(
            (*id).to_owned(),
            ItemUpdate {
                status: *status,
                reason,
            },
        );
    }
    update
}

/// The document after these results; applying them again must change nothing.
pub fn after(text: &str, results: &[(&str, Status, Option<&str>)]) -> String {
    let update = put(results);
    let once = rewritten(&parse(text.as_bytes()), &update);
    let again = parse(&once).rewrite(&update);
    assert_eq!(again.edits, [], "applied twice");
    String::from_utf8(once).unwrap()
}

/// Each item as `id: state`.
pub fn items(text: &str) -> Vec<String> {
    parse(text.as_bytes())
        .items()
        .iter()
        .map(|item| format!("{}: {}", item.id(), item.state()))
        .collect()
}

/// The same items with the same ids, texts and neighbours, and exactly the written states.
pub fn check_stable(before: &Checklist, after: &Checklist, update: &Update, number: &str) {
    assert_eq!(before.items().len(), after.items().len(), "{number}");
    for (old, new) in before.items().iter().zip(after.items()) {
        let place = format!("{number}:{} {}", old.line(), old.id());
        assert_eq!(old.id(), new.id(), "{place}");
        assert_eq!(old.normalized_text(), new.normalized_text(), "{place}");
        assert_eq!(old.section(), new.section(), "{place}");
        assert_eq!(
            (old.test(), old.notes(), old.owner()),
            (new.test(), new.notes(), new.owner()),
            "{place}"
        );
        assert_eq!(
            (old.parent(), old.depth()),
            (new.parent(), new.depth()),
            "{place}"
        );
        assert_eq!(
            old.read_only().is_some(),
            new.read_only().is_some(),
            "{place}"
        );
        let Some(result) = update
            .items
            .get(new.id())
            .filter(|_| old.read_only().is_none())
        else {
            assert_eq!(old.state(), new.state(), "{place}");
            continue;
        };
        let wanted = match result.status {
            Status::Pass => State::Pass,
            Status::Warn => State::Warn,
            Status::Fail => State::Fail,
            Status::Skip => State::NotRun,
        };
        let says = new.state() == wanted
            || result.status == Status::Skip && new.state() == State::NotApplicable;
        // A box cannot say more than ticked; a cell that holds a box neither. And a word that a
        // person wrote behind a requirement is believed, whatever is ticked.
        let boxed = new.state_text().starts_with('[')
            && (new.state() == State::Pass) == (wanted == State::Pass);
        let human = new.shape() == Shape::Box
            && before
                .diagnostics()
                .iter()
                .chain(after.diagnostics())
                .any(|d| {
                    d.id.as_deref() == Some(new.id())
                        && matches!(
                            d.code.as_str(),
                            "state-contradiction" | "status-note-human" | "status-note-duplicate"
                        )
                });
        assert!(
            says || boxed || human,
            "{place}: wrote {:?}, reads {:?}",
            result.status,
            new.state()
        );
    }
}
