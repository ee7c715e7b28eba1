//! The skeleton of a check: it compiles, runs, and is *not verified* until it is written.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use readiness_checklist::Item;

/// Words of the requirement that become the function's name, at most.
const WORDS: usize = 7;
/// Bytes of the requirement's text in the doc comment, at most.
const TEXT: usize = 300;

/// A function for `item` whose name is none of those in `source`. `document` is the checklist's name
/// for people.
pub(crate) fn skeleton(item: &Item, document: &str, source: &str) -> String {
    let id = item.id();
    let name = free_name(&words(item.requirement()), source);
    let text = one_line(item.requirement());
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "/// {text}\n\
         ///\n\
         /// {document}, line {line}.\n\
         #[readiness::requirement({id:?})]\n\
         fn {name}(cx: &readiness::Context) -> readiness::Result<()> {{\n    \
             // Look through `cx`, so that what was seen is kept and can be altered to prove the check:\n    \
             //     let days = cx.setting(\"backup.retention_days\").require_i64()?;\n    \
             // then judge it, and say what was seen and what is required:\n    \
             //     readiness::ensure!(days >= 30, \"kept for {{days}} days, 30 are required\");\n    \
             let _ = cx;\n    \
             Err(readiness::Unavailable::new(\"the check is not written yet\").into())\n\
         }}\n",
        document = one_line(document),
        line = item.line(),
    );
    out
}

/// Where a check of `id` stands in a source file already: its line, from 1.
pub(crate) fn line_of(source: &str, id: &str) -> Option<usize> {
    let quoted = format!("\"{id}\"");
    source
        .lines()
        .position(|line| line.contains("requirement(") && line.contains(&quoted))
        .map(|at| at + 1)
}

/// A document's text as part of a line comment: no line ends, no control characters, bounded.
fn one_line(text: &str) -> String {
    let mut out = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if word.is_empty() {
            continue;
        }
        if out.len() + word.len() > TEXT {
            out.push_str(" …");
            break;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

fn words(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let words: Vec<_> = lower
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(WORDS)
        .collect();
    let name = words.join("_");
    match name.chars().next() {
        None => "check".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("has_{name}"),
        // One word alone may be a keyword of the language.
        Some(_) if words.len() == 1 => format!("{name}_is_met"),
        Some(_) => name,
    }
}

fn free_name(wanted: &str, source: &str) -> String {
    let taken: BTreeSet<&str> = source
        .split("fn ")
        .skip(1)
        .filter_map(|rest| {
            rest.split(|c: char| !c.is_alphanumeric() && c != '_')
                .next()
        })
        .collect();
    if !taken.contains(wanted) {
        return wanted.to_owned();
    }
    let mut names = (2_u32..).map(|n| format!("{wanted}_{n}"));
    // There are finitely many taken names.
    names
        .find(|name| !taken.contains(name.as_str()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use readiness_checklist::Checklist;

    use super::*;

    fn of(requirement: &str) -> String {
        let text = format!(
            "| ID | Requirement | Status |\n|---|---|---|\n| OPS-001 | {requirement} | |\n"
        );
        let checklist = Checklist::parse(text.into_bytes()).unwrap();
        skeleton(
            checklist.item("OPS-001").unwrap(),
            "CHECKLIST.md",
            "fn is_met() {}",
        )
    }

    #[test]
    fn names_come_from_the_requirement() {
        let name = |requirement: &str| {
            let text = of(requirement);
            let (_, rest) = text.split_once("\nfn ").unwrap();
            rest.split_once('(').unwrap().0.to_owned()
        };
        assert_eq!(name("Tokens expire (15 min)"), "tokens_expire_15_min");
        assert_eq!(name("24 hours of logs"), "has_24_hours_of_logs");
        assert_eq!(name("Async"), "async_is_met");
        assert_eq!(name("ééé"), "check");
        assert_eq!(
            free_name("is_met", "fn is_met() {} fn is_met_2<T>() {}"),
            "is_met_3"
        );
    }

    #[test]
    fn what_a_document_says_stays_in_the_comment() {
        let text = of("a `b` \u{7} c");
        let comments = text
            .lines()
            .take_while(|line| line.starts_with("///"))
            .count();
        assert_eq!(comments, 3, "{text}");
        assert_eq!(line_of(&text, "OPS-001"), Some(4));
        assert_eq!(line_of(&text, "OPS-00"), None);
        assert!(one_line(&"word ".repeat(1_000)).len() < TEXT + 10);
    }
}
