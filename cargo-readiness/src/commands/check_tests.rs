//! What is found about items, with and without checks for them.

use super::*;
use readiness::config::Config;

fn located(text: &str) -> Located {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("CHECKLIST.md");
    std::fs::write(&path, text).unwrap();
    document::open(Config::default(), path).unwrap()
}

/// A test target with one check for each of these.
fn checks_for(ids: &[&str]) -> Description {
    let trial = |id: &&str| serde_json::json!({"trial": format!("{id}::it"), "id": id, "source": "a.rs:7", "digest": ""});
    let trials: Vec<_> = ids.iter().map(trial).collect();
    serde_json::from_value(serde_json::json!({
        "readiness": 1, "package": "shop", "manifest_dir": "/", "trials": trials,
    }))
    .unwrap()
}

/// Code, id and hint of what is found about items.
fn said(text: &str, ids: &[&str]) -> Vec<[String; 3]> {
    let found = findings(&located(text), Some(&[checks_for(ids)]));
    let about_items = found.into_iter().filter_map(|found| {
        let (name, hint) = (found.name().to_owned(), found.hint.into_string());
        Some([name, found.id?, hint])
    });
    about_items.collect()
}

#[test]
fn an_item_that_is_claimed_and_uncovered_is_reported_once() {
    const TAG: &str = "tag a check with this id, or attest it";
    let text = "- [x] one <!-- req: A-1 -->\n- [ ] two <!-- req: A-2 -->\n- [x] three\n";
    let lasting = format!("{TAG}; the id changes with the text");
    assert_eq!(
        said(text, &[]),
        [
            ["status-claimed", "A-1", TAG],
            ["item-uncovered", "A-2", TAG],
            ["status-claimed", "document/three", &lasting],
        ]
    );
}

#[test]
fn of_what_every_item_may_have_a_terminal_shows_a_few() {
    let text = "- [x] a\n- [x] b\n- [x] c\n- [ ] d\n- [] e\n- [] f\n- [] g\n";
    let findings = findings(&located(text), Some(&[]));
    let (shown, more) = folded(&findings, 2);
    let count = |code: &str| shown.iter().filter(|found| found.name() == code).count();
    assert_eq!((count("status-claimed"), count("item-uncovered")), (2, 1));
    assert_eq!(count("box-odd"), 3, "what is no state of an item is shown");
    assert_eq!(more.len(), 1, "{more:?}");
    assert!(more[0].starts_with("1 more of status-claimed;"), "{more:?}");
    let (all, none) = folded(&findings, usize::MAX);
    assert_eq!((all.len(), none.len()), (findings.len(), 0));
}

#[test]
fn a_checked_item_that_cannot_be_written_is_an_error_before_the_run() {
    let text = "| ID | Requirement |\n|--|--|\n| A-1 | a |\n| A-2 | b |\n\n\
                | ID | Requirement | Status |\n|--|--|--|\n| B-1 | c | [x](y) |\n| B-2 | d | [x](y) |\n";
    let found = findings(&located(text), Some(&[checks_for(&["A-1", "B-1"])]));
    let said: Vec<_> = found
        .iter()
        .filter(|found| found.code != Code::ItemUncovered && found.id.is_some())
        .map(|found| (found.name(), found.line, found.severity()))
        .collect();
    assert_eq!(
        said,
        [
            ("status-column-missing", Some(3), Severity::Error),
            ("status-cell-complex", Some(8), Severity::Error),
            ("status-cell-complex", Some(9), Severity::Warning),
        ]
    );
}

#[test]
fn a_claim_with_a_check_needs_a_run_and_no_other_check() {
    let text = "- [x] one <!-- req: A-1 -->\n- [ ] two <!-- req: A-2 -->\n";
    let found = said(text, &["A-1", "A-2"]);
    let run = "a check answers to it, and what it says counts: `cargo readiness run`";
    assert_eq!(found, [["status-claimed", "A-1", run]]);
}
