//! Test targets that are linked without unwinding: a panic ends the process, whatever the harness does.
//! `cargo test` ignores `panic` of a profile, so such a target comes about by a flag of the compiler
//! only; the dependencies need not have it, and do not have it here.

#![cfg(unix)]

use readiness_tests::document::word;
use readiness_tests::{Project, Step};

const CHECKLIST: &str = "\
# Aborting

| ID | Requirement | Status | Notes |
|----|-------------|--------|-------|
| A-1 | It holds | | |
| A-2 | It panics | | |
| A-3 | It says that it fails | | |
| A-4 | A thread of its own panics | | |
| A-5 | It holds as well | | |
";

const CHECKS: &str = r#"
use readiness::{Context, Result, ensure, requirement};

readiness::main!();

#[requirement("A-1", "A-5")]
fn holds(cx: &Context) -> Result {
    ensure!(cx.setting("there").require_bool()?, "it is not there");
    Ok(())
}

#[requirement("A-2")]
fn panics(cx: &Context) {
    let there = cx.setting("there").as_bool();
    assert_eq!(there, Some(false), "password=hunter2");
}

#[requirement("A-3")]
fn says_so(cx: &Context) -> Result {
    ensure!(!cx.setting("there").require_bool()?, "it is there");
    Ok(())
}

#[requirement("A-4", no_proof = "it looks at nothing")]
fn in_a_thread() {
    let stray = std::thread::Builder::new().name("stray".to_owned());
    let stray = stray.spawn(|| panic!("password=hunter2")).expect("a thread");
    drop(stray.join());
}
"#;

/// The project with its target linked so, by cargo's own means.
fn project() -> Project {
    let rustc = ["rustc", "--profile", "test", "--test", "readiness"];
    Project::of_checks(env!("CARGO_TARGET_TMPDIR"), "aborting", CHECKLIST, CHECKS)
        .built_by(&rustc, &["-C", "panic=abort"])
}

/// The target, which leaves no image of its memory: whether it did is part of what is said about its end.
fn target<'a>(project: &'a Project, arguments: &[&'a str]) -> Step<'a> {
    let harness = project.harness(&[]).into_command();
    let harness = harness.get_program().to_str().expect("a path in UTF-8");
    let without_core = ["-c", "ulimit -c 0 && exec \"$@\"", "sh", harness];
    project.step("sh", &[&without_core, arguments].concat())
}

#[test]
fn a_panic_that_aborts_costs_its_own_trial_only() {
    let project = project();
    // In one process it would take the others with it: refused, with both ways out.
    let refused = target(&project, &["--test-threads=1"]).run().exits(2);
    insta::assert_snapshot!("refused", refused);
    assert!(!project.runs().exists(), "and there is no run");
    target(&project, &["--list"]).run().exits(0);

    let isolated = ["--isolate", "--test-threads=1"];
    let ran = target(&project, &isolated).run().exits(101);
    assert!(!ran.all().contains("hunter2"), "{ran}");
    insta::assert_snapshot!("isolated", ran);
    let report = project.readiness(&["report"]).run();
    let word = word(&project.read("CHECKLIST.md"));
    // Nothing is proven without unwinding, which is less than a pass.
    assert_eq!(word, "⚠️❌❌❌⚠️");
    insta::assert_snapshot!("report", report);
    insta::assert_snapshot!("document", project.read("CHECKLIST.md"));

    // As nextest starts it, a process for each trial.
    project.reset(&[("CHECKLIST.md", CHECKLIST)]);
    for (trial, ends_itself) in [
        ("A-1::holds", true),
        ("A-2::panics", false),
        ("A-3::says_so", true),
        ("A-4::in_a_thread", false),
        ("A-5::holds", true),
    ] {
        let ran = target(&project, &["--exact", trial, "--nocapture"])
            .env("NEXTEST_EXECUTION_MODE", "process-per-test")
            .env("READINESS_RUN_ID", "one-run")
            .run();
        assert_eq!(ran.code.is_some(), ends_itself, "{trial}\n{ran}");
        assert!(!ran.all().contains("hunter2"), "{ran}");
        insta::assert_snapshot!(format!("alone-{}", &trial[..3]), ran);
    }
    assert_eq!(project.reported(), "⚠️❌❌❌⚠️");
}
