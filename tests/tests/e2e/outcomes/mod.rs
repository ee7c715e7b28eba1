//! Every outcome of the table in the architecture, from a real check or statement to the cell in the
//! document, under every runner.

use readiness_tests::document::statuses;
use readiness_tests::{Project, Runner};

const CHECKLIST: &str = include_str!("CHECKLIST.md");

/// By the first half of the id. An empty cell says SKIP already, so it stays as it is.
fn expected(id: &str) -> &'static str {
    match id.split('-').next() {
        Some("FAIL") => "❌",
        Some("WARN") => "⚠️",
        Some("PASS") => "✅",
        _ => "",
    }
}

#[test]
fn each_outcome_reaches_the_document() {
    let today = jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date()
        .to_string();
    let config = include_str!("readiness.toml").replace("{today}", &today);
    let project = Project::new(env!("CARGO_TARGET_TMPDIR"), "outcomes")
        .with("CHECKLIST.md", CHECKLIST)
        .with("readiness.toml", config)
        .with_checks(include_str!("checks.rs"));
    let mut documents = Vec::new();
    for runner in Runner::available() {
        project.reset(&[("CHECKLIST.md", CHECKLIST)]);
        let ran = runner.run(&project).exits(runner.code_of_a_failure());
        insta::assert_snapshot!(format!("{runner:?}"), ran);
        if runner != Runner::Command {
            let report = project.readiness(&["report"]).run().exits(0);
            insta::assert_snapshot!("report", report);
        }
        let document = project.read("CHECKLIST.md");
        for (id, status) in statuses(&document) {
            assert_eq!(status, expected(&id), "{id} under {runner:?}");
        }
        documents.push(project.normal().text(&document));
    }
    assert!(
        documents.windows(2).all(|pair| pair[0] == pair[1]),
        "{documents:#?}"
    );
    insta::assert_snapshot!("document", documents[0]);
    insta::assert_snapshot!(
        "ledger",
        project.normal().text(&project.read("readiness.lock"))
    );
    backtrace_of_a_panic(&project);
}

/// The author's frames and nobody else's: what a hook captures goes down to the thread.
fn backtrace_of_a_panic(project: &Project) {
    let panics = |how| {
        let step = project.cargo_test(&["--exact", "FAIL-2::a_panic"]);
        step.env("RUST_BACKTRACE", how).run().exits(101).stdout
    };
    let (short, full) = (panics("1"), panics("full"));
    assert!(short.contains("readiness::a_panic"), "{short}");
    assert!(!short.contains("harness"), "{short}");
    assert!(!short.contains("redacted"), "{short}");
    assert!(full.contains("readiness::harness::panics"), "{full}");
}
