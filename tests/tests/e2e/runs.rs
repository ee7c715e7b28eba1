//! Runs that are partial, nested or large: the same results come out.

use std::fmt::Write as _;
use std::fs;

use crate::five::{self, CHECKLIST};
use readiness_tests::document::statuses;
use readiness_tests::{Project, Runner, toolchain};

#[test]
fn a_partial_run_touches_only_what_it_ran() {
    let project = five::project("partial").built();
    project.cargo_test(&["OPS-001"]).run().exits(0);
    project.readiness(&["report"]).run().exits(0);
    let expected = CHECKLIST.replace(
        "| OPS-001 | Backups are kept for 30 days, of every store | |",
        "| OPS-001 | Backups are kept for 30 days, of every store | ✅ |",
    );
    assert_eq!(project.read("CHECKLIST.md"), expected);

    project.cargo_test(&["OPS-003"]).run().exits(101);
    let second = project.readiness(&["report"]).run().exits(0);
    insta::assert_snapshot!("after-a-second-part", second);
    let document = project.read("CHECKLIST.md");
    let found = statuses(&document);
    let found: Vec<_> = found.iter().map(|(_, status)| &**status).collect();
    assert_eq!(found, ["✅", "", "❌", "", "[ ]"], "the first part stands");
}

#[test]
fn a_result_of_long_ago_is_stale() {
    let project = five::project("stale").built();
    project.cargo_test(&["OPS-001"]).run().exits(0);
    project.readiness(&["report"]).run().exits(0);
    let ledger = project.read("readiness.lock");
    let day = ledger
        .split("day=")
        .nth(1)
        .and_then(|rest| rest.get(..10))
        .expect("a day");
    project.write("readiness.lock", ledger.replace(day, "2020-01-01"));
    let config = project.read("readiness.toml");
    project.write(
        "readiness.toml",
        format!("{config}\n[run]\nmax_age = \"30d\"\n"),
    );

    project.cargo_test(&["OPS-003"]).run().exits(101);
    let report = project.readiness(&["report"]).run();
    insta::assert_snapshot!("stale", report);
    let document = project.read("CHECKLIST.md");
    assert!(document.contains("of every store | ⚠️ |"), "{document}");
}

const INNER: &str = r#"
use readiness::{Verdict, requirement};
readiness::main!();

#[requirement("A-1")]
fn starts() -> Verdict {
    Verdict::Fail("the inner run".to_owned())
}
"#;

const OUTER: &str = r#"
use readiness::{Context, Result, ensure, requirement};
readiness::main!();

#[requirement("A-1")]
fn starts(cx: &Context) -> Result {
    ensure!(cx.setting("starts").require_bool()?, "it does not start");
    Ok(())
}

#[requirement("A-2", no_proof = "it runs a command")]
fn a_build_inside() -> Result {
    let inner = std::env::var("INNER")?;
    let status = std::process::Command::new("cargo")
        .args(["test", "--quiet", "--offline"])
        .current_dir(inner)
        .status()?;
    ensure!(!status.success(), "the inner check fails");
    Ok(())
}
"#;

#[test]
fn a_run_inside_of_a_check_is_a_run_of_its_own() {
    let checklist = "# Small\n\n| ID | Requirement | Status |\n|--|--|--|\n| A-1 | It starts | |\n| A-2 | It builds | |\n";
    let scratch = env!("CARGO_TARGET_TMPDIR");
    let config = "[target]\nkind = \"remote\"\nname = \"here\"\nstarts = true\n";
    let inner = Project::new(scratch, "nested-inner")
        .with("CHECKLIST.md", checklist)
        .with("readiness.toml", config)
        .with_checks(INNER)
        .built();
    let outer = Project::new(scratch, "nested-outer")
        .with("CHECKLIST.md", checklist)
        .with("readiness.toml", config)
        .with_checks(OUTER)
        .built();
    for runner in Runner::available() {
        outer.reset(&[("CHECKLIST.md", checklist)]);
        let step = match runner {
            Runner::CargoTest => outer.cargo_test(&[]),
            Runner::Nextest => outer.nextest(&[]),
            Runner::Command => outer.readiness(&["run", "--offline"]),
        };
        step.env("INNER", inner.path("")).run().exits(0);
        let folders = fs::read_dir(outer.runs()).expect("runs").flatten();
        let runs = folders
            .filter(|entry| entry.file_name() != "groups")
            .count();
        assert_eq!(runs, 2, "{runner:?}: the outer run and the inner one");
        if runner != Runner::Command {
            // The latest run is the outer one: it ended last.
            outer.readiness(&["report"]).run().exits(0);
        }
        let found = statuses(&outer.read("CHECKLIST.md"));
        let found: Vec<_> = found.iter().map(|(_, status)| &**status).collect();
        assert_eq!(
            found,
            ["✅", "✅"],
            "{runner:?}: the inner failure is not the outer one's"
        );
    }
}

/// The inner run has one trial, which is in the first of two shards; the outer shard is the second.
#[test]
fn a_run_inside_of_a_shard_is_whole() {
    let checklist = "# Small\n\n| ID | Requirement | Status |\n|--|--|--|\n| A-1 | It starts | |\n| A-2 | It builds | |\n";
    let scratch = env!("CARGO_TARGET_TMPDIR");
    let config = "[target]\nkind = \"remote\"\nname = \"here\"\nstarts = true\n";
    let project = |name: &str, checks: &str| {
        Project::new(scratch, name)
            .with("CHECKLIST.md", checklist)
            .with("readiness.toml", config)
            .with_checks(checks)
            .built()
    };
    let inner = project("sharded-inner", INNER);
    let outer = project("sharded-outer", OUTER);
    let ran = outer
        .cargo_test(&[])
        .env("READINESS_SHARD", "2/2")
        .env("INNER", inner.path(""))
        .run()
        .exits(0);
    assert!(ran.stdout.contains("1 passed; 0 failed"), "{ran}");
}

/// Many trials in one process, and a part of them in a process each.
#[test]
fn ten_thousand_trials() {
    let mut checklist = String::from("# Many\n\n| ID | Requirement | Status |\n|--|--|--|\n");
    let mut checks = String::from(
        "use readiness::{Context, Result, ensure, requirement};\nreadiness::main!();\n",
    );
    for hundred in 0..100 {
        checks.push_str("#[requirement(");
        for n in 0..100 {
            let id = format!("M{hundred:02}-{n:02}");
            writeln!(checklist, "| {id} | Number {id} holds | |").expect("a string");
            write!(checks, "{id:?}, ").expect("a string");
        }
        writeln!(
            checks,
            ")]\nfn holds_{hundred}(cx: &Context) -> Result {{\n    \
             ensure!(cx.setting(\"there\").require_bool()?, \"not there\");\n    Ok(())\n}}"
        )
        .expect("a string");
    }
    let project = Project::of_checks(
        env!("CARGO_TARGET_TMPDIR"),
        "ten-thousand",
        &checklist,
        &checks,
    )
    .built();
    let ran = project.cargo_test(&[]).run().exits(0);
    assert!(
        ran.stdout
            .contains("test result: ok. 10000 passed; 0 failed; 0 ignored"),
        "{ran}"
    );
    let report = project.readiness(&["report"]).run().exits(0);
    assert!(
        report.stdout.contains("score 10000/10000 = 100.00 %"),
        "{report}"
    );
    let document = project.read("CHECKLIST.md");
    let passed = statuses(&document)
        .iter()
        .filter(|(_, status)| status == "✅")
        .count();
    assert_eq!(passed, 10_000);
    assert_eq!(
        document.replace("| ✅ |", "| |"),
        checklist,
        "and nothing else changed"
    );

    if !toolchain::nextest() {
        eprintln!("skipped: nextest is not installed");
        return;
    }
    project.reset(&[("CHECKLIST.md", &checklist)]);
    let ran = project.nextest(&["-E", "test(/^M0[0-2]-/)"]).run().exits(0);
    assert!(ran.stderr.contains("300 tests run: 300 passed"), "{ran}");
    project.readiness(&["report"]).run().exits(0);
    let document = project.read("CHECKLIST.md");
    let passed = statuses(&document)
        .iter()
        .filter(|(_, status)| status == "✅")
        .count();
    assert_eq!(passed, 300);
}
