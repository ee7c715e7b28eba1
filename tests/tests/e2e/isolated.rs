//! `--isolate`: a process for each trial under `cargo test`. What one process cannot do is promised here.

use readiness_tests::Project;

const CHECKLIST: &str = "\
# Isolated

| ID | Requirement | Status | Notes |
|----|-------------|--------|-------|
| I-1 | It holds, and says something | | |
| I-2 | It fails, and says something | | |
| I-3 | A thread of its own panics | | |
| I-4 | It blocks, alone in its group | | |
| I-5 | It is in that group as well | | |
| I-6 | A thread of its own panics on altered observations alone | | |
";

const CHECKS: &str = r#"
use readiness::{Context, Result, ensure, requirement};

readiness::main!();

fn holds(cx: &Context) -> Result {
    ensure!(cx.setting("there").require_bool()?, "it is not there");
    Ok(())
}

#[requirement("I-1")]
fn says_something(cx: &Context) -> Result {
    println!("of I-1, which nobody asked for");
    holds(cx)
}

#[requirement("I-2")]
fn says_why(cx: &Context) -> Result {
    println!("said by I-2");
    ensure!(!cx.setting("there").require_bool()?, "it is there");
    Ok(())
}

#[requirement("I-3")]
fn panics_elsewhere(cx: &Context) -> Result {
    drop(std::thread::spawn(|| panic!("nobody waits for this")).join());
    holds(cx)
}

#[requirement("I-4", exclusive = "store", timeout = "700ms")]
fn blocks() {
    loop {
        std::thread::park();
    }
}

#[requirement("I-5", exclusive = "store", timeout = "5s")]
fn comes_after(cx: &Context) -> Result {
    holds(cx)
}

#[requirement("I-6")]
fn asserts_elsewhere(cx: &Context) -> Result {
    let there = cx.setting("there").require_bool()?;
    let asserted = std::thread::spawn(move || assert!(there)).join();
    ensure!(asserted.is_ok(), "it is not there");
    Ok(())
}
"#;

#[test]
fn a_process_for_each_trial_under_cargo_test() {
    let project =
        Project::of_checks(env!("CARGO_TARGET_TMPDIR"), "isolated", CHECKLIST, CHECKS).built();
    let ran = project.cargo_test(&["--isolate", "--test-threads=1"]).run();
    insta::assert_snapshot!("isolated", ran.exits(101));
    assert_eq!(project.reported(), "✅❌❌❌✅✅");

    // In one process the one that blocks keeps its group, and the panic is nobody's: it fails the run.
    project.reset(&[("CHECKLIST.md", CHECKLIST)]);
    let ran = project.cargo_test(&["I-3", "I-4", "I-5"]).run().exits(101);
    assert!(ran.stderr.contains("belongs to no trial panicked"), "{ran}");
    assert_eq!(project.reported(), "··✅❌··");
}
