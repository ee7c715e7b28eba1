//! Limits, retries and checks that are not run: the document and the journal say which, whoever did
//! the trying again.

use std::fs;

use readiness_tests::{Project, toolchain};

const CHECKLIST: &str = "\
# Attempts

| ID | Requirement | Status | Notes |
|----|-------------|--------|-------|
| T-1 | Holds the second time | | |
| T-2 | Holds the second time, and nothing says so | | |
| T-3 | Is not looked at for now | | |
| T-4 | Takes for ever | | |
";

/// A first attempt fails, whichever process it is in.
const CHECKS: &str = r#"
use readiness::{Context, Result, ensure, requirement};

readiness::main!();

fn holds_the_second_time(cx: &Context) -> Result {
    ensure!(cx.setting("there").require_bool()?, "it is not there");
    if !cx.is_replay() {
        let path = format!("{}/been-{}", env!("CARGO_MANIFEST_DIR"), cx.requirement());
        let been = std::fs::File::create_new(path).is_err();
        ensure!(been, "the first attempt fails");
    }
    Ok(())
}

#[requirement("T-1", retries = 2)]
fn flaky(cx: &Context) -> Result {
    holds_the_second_time(cx)
}

#[requirement("T-2")]
fn flaky_for_nextest(cx: &Context) -> Result {
    holds_the_second_time(cx)
}

#[requirement("T-3", ignore = "the store is being moved")]
fn ignored(cx: &Context) -> Result {
    ensure!(cx.setting("there").require_bool()?, "it is not there");
    Ok(())
}

#[requirement("T-4")]
fn for_ever() {
    loop {
        std::thread::park();
    }
}
"#;

fn project(name: &str) -> Project {
    Project::new(env!("CARGO_TARGET_TMPDIR"), name)
        .with("CHECKLIST.md", CHECKLIST)
        .with(
            "readiness.toml",
            "[run]\ntimeout = \"700ms\"\n\n[target]\nkind = \"remote\"\nname = \"here\"\nthere = true\n",
        )
        .with_checks(CHECKS)
        .built()
}

/// Back to before the first attempt.
fn reset(project: &Project) {
    project.reset(&[("CHECKLIST.md", CHECKLIST)]);
    for id in ["T-1", "T-2"] {
        drop(fs::remove_file(project.path(&format!("been-{id}"))));
    }
}

/// How each attempt of a trial ended, by the journals: `1 failed`, by number.
fn attempts(project: &Project, trial: &str) -> Vec<String> {
    let journal = project.journal();
    let finished = journal
        .lines()
        .filter(|line| line.starts_with("{\"record\":\"finished\"") && line.contains(trial));
    let mut all: Vec<_> = finished
        .map(|line| format!("{} {}", after(line, "attempt"), after(line, "outcome")))
        .collect();
    all.sort();
    all
}

/// The value of a field of a journal's line.
fn after<'a>(line: &'a str, field: &str) -> &'a str {
    let value = line.split_once(&format!("\"{field}\":"));
    let value = value.and_then(|(_, rest)| rest.split(',').next());
    value.unwrap_or_default().trim_matches('"')
}

#[test]
fn a_pass_on_a_retry_warns_and_both_attempts_are_recorded() {
    let project = project("attempts");
    for isolate in [&["T-1"][..], &["T-1", "--isolate"]] {
        reset(&project);
        project.cargo_test(isolate).run().exits(0);
        let expected = ["1 failed", "2 passed"];
        assert_eq!(attempts(&project, "T-1::flaky"), expected);
        assert_eq!(project.reported(), "⚠️···");
    }
    insta::assert_snapshot!("flaky", project.read("CHECKLIST.md"));

    // Without retries of its own a failure is one.
    reset(&project);
    project.cargo_test(&["T-2"]).run().exits(101);
    assert_eq!(attempts(&project, "T-2::flaky"), ["1 failed"]);
    assert_eq!(project.reported(), "·❌··");

    if !toolchain::nextest() {
        eprintln!("skipped: nextest is not installed");
        return;
    }
    // Nextest tries again in a process of its own, and shows a pass.
    reset(&project);
    let retrying = ["--retries=1", "-E", "test(/^T-[12]:/)"];
    project.nextest(&retrying).run().exits(0);
    let all = attempts(&project, "T-2::flaky");
    assert!(
        matches!(&all[..], [first, second] if first.ends_with(" failed") && second.ends_with(" passed")),
        "{all:?}"
    );
    assert_eq!(project.reported(), "⚠️⚠️··");
}

#[test]
fn an_ignored_check_runs_when_it_is_asked_for() {
    let project = project("attempts-ignored");
    reset(&project);
    let ran = project.cargo_test(&["T-3"]).run().exits(0);
    assert!(ran.stdout.contains("1 ignored"), "{ran}");
    assert!(ran.stdout.contains("the store is being moved"), "{ran}");
    assert_eq!(project.reported(), "····");
    for asked in [&["--ignored"][..], &["--include-ignored", "T-3"]] {
        reset(&project);
        let ran = project.cargo_test(asked).run().exits(0);
        assert!(ran.stdout.contains("1 passed"), "{ran}");
        assert_eq!(project.reported(), "··✅·");
    }
    if !toolchain::nextest() {
        eprintln!("skipped: nextest is not installed");
        return;
    }
    reset(&project);
    let ran = project.nextest(&["--run-ignored=only"]).run().exits(0);
    assert!(ran.stderr.contains("1 test run: 1 passed"), "{ran}");
    assert_eq!(project.reported(), "··✅·");
}

#[test]
fn the_configured_limit_is_that_of_checks_without_one() {
    let project = project("attempts-limit");
    for isolate in [&["T-4"][..], &["T-4", "--isolate"]] {
        reset(&project);
        let ran = project.cargo_test(isolate).run().exits(101);
        assert!(ran.stdout.contains("timed out after 700ms"), "{ran}");
        assert_eq!(project.reported(), "···❌");
    }
}
