//! A small project of a user's own: five items, and a check for each way that a trial can end.
//! Whichever way the checks are run, the same document and score come out.

use readiness_tests::document::statuses;
use readiness_tests::{Project, Runner};

pub(crate) const CHECKLIST: &str = include_str!("CHECKLIST.md");

/// What stands in the document after a run, by ARCHITECTURE's tables: the standby could not be
/// looked at, and its cell was empty, so it stays empty.
const STATUSES: [(&str, &str); 5] = [
    ("OPS-001", "✅"),
    ("OPS-002", "⚠️"),
    ("OPS-003", "❌"),
    ("OPS-004", ""),
    ("PAY-001", "[ ]"),
];

/// The project; its checks are not built.
pub(crate) fn project(name: &str) -> Project {
    Project::new(env!("CARGO_TARGET_TMPDIR"), name)
        .with("CHECKLIST.md", CHECKLIST)
        .with("readiness.toml", include_str!("readiness.toml"))
        .with_checks(include_str!("checks.rs"))
}

#[test]
fn every_runner_writes_the_same_document() {
    let project = project("five");
    let mut documents = Vec::new();
    for runner in Runner::available() {
        project.reset(&[("CHECKLIST.md", CHECKLIST)]);
        let ran = runner.run(&project).exits(runner.code_of_a_failure());
        insta::assert_snapshot!(format!("{runner:?}"), ran);
        if runner == Runner::CargoTest {
            let journal = project.normal().text(&project.journal());
            insta::assert_snapshot!("journal", without_micros(&journal));
        }
        if runner != Runner::Command {
            assert_eq!(
                project.read("CHECKLIST.md"),
                CHECKLIST,
                "a test run writes no document"
            );
            let report = project.readiness(&["report"]).run().exits(0);
            insta::assert_snapshot!("report", report);
        }
        let text = project.read("CHECKLIST.md");
        let found = statuses(&text);
        let found: Vec<_> = found
            .iter()
            .map(|(id, status)| (&**id, &**status))
            .collect();
        assert_eq!(found, STATUSES, "{runner:?}");
        documents.push((runner, text));
    }
    for (runner, text) in &documents[1..] {
        assert_eq!(*text, documents[0].1, "{runner:?} and {:?}", documents[0].0);
    }
    insta::assert_snapshot!("document", documents[0].1);
}

/// A journal without how long its trials took.
fn without_micros(journal: &str) -> String {
    let mut pieces = journal.split("\"micros\":");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let rest = piece.trim_start_matches(|c: char| c.is_ascii_digit());
        assert_ne!(rest, piece, "a number");
        out.push_str("\"micros\":0");
        out.push_str(rest);
    }
    out
}

#[test]
fn the_commands_before_and_after_a_run() {
    let project = project("five-commands");
    insta::assert_snapshot!(
        "list",
        project.readiness(&["list", "--offline"]).run().exits(0)
    );
    insta::assert_snapshot!(
        "check",
        project.readiness(&["check", "--offline"]).run().exits(0)
    );
    let nothing = project.readiness(&["report"]).run();
    insta::assert_snapshot!("report-without-results", nothing);
    assert_eq!(
        project.read("CHECKLIST.md"),
        CHECKLIST,
        "no results, not one byte"
    );
    insta::assert_snapshot!(
        "gate-without-results",
        project.readiness(&["gate"]).run().exits(1)
    );

    let config = project.readiness(&["nextest-config", "--offline"]).run();
    insta::assert_snapshot!("nextest-config", config.exits(0));

    Runner::CargoTest.run(&project).exits(101);
    let explained = project.readiness(&["explain", "OPS-003"]).run();
    insta::assert_snapshot!("explain", explained);
    insta::assert_snapshot!("prove", project.readiness(&["prove"]).run());
    let late = project.readiness(&["report", "--check"]).run().exits(1);
    insta::assert_snapshot!("report-check", late);
    assert_eq!(
        project.read("CHECKLIST.md"),
        CHECKLIST,
        "--check writes nothing"
    );
    insta::assert_snapshot!("gate", project.readiness(&["gate"]).run().exits(1));

    project.readiness(&["report"]).run().exits(0);
    let once = project.read("CHECKLIST.md");
    project.readiness(&["report"]).run().exits(0);
    assert_eq!(
        project.read("CHECKLIST.md"),
        once,
        "a second report changes nothing"
    );
    project.readiness(&["report", "--check"]).run().exits(0);
}
