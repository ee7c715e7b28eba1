//! What things cost, in instructions: a count that is the same on a busy machine.
//!
//! Each subject is run twice under callgrind, once on twice as much, and the difference by unit is
//! compared with `guards.txt`. Builds are those of `cargo test`, without optimisation, because that
//! is what people run. Kernel time is not counted.

use std::fmt::Write as _;
use std::fs;

use readiness_tests::{Project, toolchain};

/// What a count may be above its line, in hundredths.
const TOLERANCE: u64 = 20;

/// A line of the file of recorded counts.
fn recorded(name: &str) -> u64 {
    let lines = include_str!("../../guards.txt").lines();
    let mut lines = lines.filter(|line| !line.starts_with('#'));
    let line = lines.find(|line| line.split_whitespace().next() == Some(name));
    let line = line.unwrap_or_else(|| panic!("guards.txt has no line for {name}"));
    let count = line.split_whitespace().nth(1).expect("a count");
    count.replace('_', "").parse().expect("a number")
}

/// Fails when `count` is too far above its line; says so when the line could be lowered.
fn guard(name: &str, count: u64) {
    let recorded = recorded(name);
    let most = recorded + recorded * TOLERANCE / 100;
    eprintln!("guard {name}: {count} instructions, {recorded} recorded, {most} allowed");
    assert!(
        count <= most,
        "{name} costs {count} instructions, {recorded} are recorded in tests/guards.txt: find out \
         what made it dearer, or record the count with the reason"
    );
    if count < recorded - recorded * TOLERANCE / 100 {
        eprintln!("guard {name}: the recorded count can be lowered");
    }
}

/// Instructions of `program` within the functions called `within`, or of all of it.
fn instructions(project: &Project, program: &str, arguments: &[&str], within: Option<&str>) -> u64 {
    let toggle = within.map(|function| format!("--toggle-collect={function}"));
    let out = format!(
        "--callgrind-out-file={}",
        project.path("callgrind").display()
    );
    let mut all = vec!["--tool=callgrind", &out];
    all.extend(toggle.as_deref());
    all.push(program);
    all.extend(arguments);
    let mut step = project
        .step("valgrind", &all)
        .env("READINESS_RUN_ID", "guard");
    // What a machine's variables hold is looked for in every text that is written: with them the
    // count would be the machine's.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        let needed = ["PATH", "HOME", "NO_COLOR"].contains(&&*name)
            || name.starts_with("CARGO_")
            || name.starts_with("READINESS_");
        if !needed {
            step = step.without(&name);
        }
    }
    let ran = step.run();
    let counted = ran.stderr.lines().find_map(|line| {
        let (_, count) = line.split_once("Collected : ")?;
        count.trim().parse().ok()
    });
    let counted = counted.unwrap_or_else(|| panic!("callgrind counted nothing\n{ran}"));
    assert!(counted > 0, "`{within:?}` was never called\n{ran}");
    counted
}

/// What one more of `of` costs, where `one` has so many and `two` has twice as many.
fn each(one: u64, two: u64, of: u64) -> u64 {
    two.checked_sub(one).expect("more costs more") / of
}

/// How many trials have each first letter.
const TRIALS: u64 = 150;

#[test]
fn trials_and_rows_cost_what_they_did() {
    if !toolchain::valgrind() {
        eprintln!("skipped: valgrind is not installed");
        return;
    }
    let head = "# Guard\n\n| ID | Requirement | Status |\n|--|--|--|\n";
    let mut checklist = String::from(head);
    let mut checks = String::from(
        "use readiness::{Context, Result, ensure, requirement};\nreadiness::main!();\n",
    );
    for letter in ["A", "B", "C", "D"] {
        checks.push_str("#[requirement(");
        for n in 0..TRIALS {
            let id = format!("{letter}-{n:04}");
            writeln!(checklist, "| {id} | Something that holds, number {n} | |").expect("a string");
            write!(checks, "{id:?}, ").expect("a string");
        }
        match letter {
            "A" | "B" => writeln!(
                checks,
                "no_proof = \"trivial\")]\nfn {}() {{}}",
                letter.to_lowercase()
            ),
            _ => writeln!(
                checks,
                ")]\nfn {}(cx: &Context) -> Result {{\n    \
                 ensure!(cx.setting(\"there\").require_bool()?, \"not there\");\n    Ok(())\n}}",
                letter.to_lowercase()
            ),
        }
        .expect("a string");
    }
    let project =
        Project::of_checks(env!("CARGO_TARGET_TMPDIR"), "guards", &checklist, &checks).built();
    let harness = project.harness(&[]).into_command();
    let harness = harness.get_program().to_str().expect("a path in UTF-8");

    // One worker: who of several does what is a matter of luck.
    let worker = Some("readiness::harness::engine::Engine::work");
    let run = |filters: &[&str]| {
        let mut arguments = vec!["--test-threads=1", "--quiet"];
        arguments.extend(filters);
        instructions(&project, harness, &arguments, worker)
    };
    guard("trial", each(run(&["A-"]), run(&["A-", "B-"]), TRIALS));
    guard(
        "proven-trial",
        each(run(&["C-"]), run(&["C-", "D-"]), TRIALS),
    );

    let parse = Some("readiness_checklist::checklist::Checklist::parse_with");
    let list = || instructions(&project, harness, &["--list"], parse);
    let one = list();
    let rows = 4 * TRIALS;
    let more = (0..rows).map(|n| format!("| E-{n:04} | Something that holds, number {n} | |\n"));
    project.write("CHECKLIST.md", checklist + &more.collect::<String>());
    guard("row", each(one, list(), rows));
}

/// Trials in each journal.
const RECORDS: u64 = 100;

fn journal(shard: u64) -> String {
    let at = "2026-11-22T10:00:00.000123Z";
    let mut text = format!(
        "{{\"record\":\"header\",\"format\":1,\"run\":\"r\",\"process\":\"{shard}-1-0\",\
         \"package\":\"suite\",\"manifest_dir\":\"/suite\",\"checklist\":\"CHECKLIST.md\",\"at\":\"{at}\"}}\n"
    );
    for n in 0..RECORDS {
        let trial = format!("S{shard:03}-{n:03}::limits::holds");
        let id = &trial[..8];
        write!(
            text,
            "{{\"record\":\"started\",\"trial\":\"{trial}\",\"attempt\":1,\"at\":\"{at}\"}}\n\
             {{\"record\":\"finished\",\"trial\":\"{trial}\",\"id\":\"{id}\",\"attempt\":1,\"outcome\":\
             \"passed\",\"at\":\"{at}\",\"micros\":1500,\"proof\":{{\"strength\":\"proven\",\"fine\":{{\
             \"killed\":3,\"survived\":0,\"diverged\":0}}}},\"evidence\":[{{\"observation\":\"http GET / #1\",\
             \"value\":{{\"status\":429}},\"read\":[\"status\"]}}],\"digest\":\"0f\"}}\n"
        )
        .expect("a string");
    }
    writeln!(text, "{{\"record\":\"closed\",\"at\":\"{at}\"}}").expect("a string");
    text
}

#[test]
fn merging_a_record_costs_what_it_did() {
    if !toolchain::valgrind() {
        eprintln!("skipped: valgrind is not installed");
        return;
    }
    let project = Project::new(env!("CARGO_TARGET_TMPDIR"), "guard-merge");
    let command = project.readiness(&[]).into_command();
    let command = command.get_program().to_str().expect("a path in UTF-8");
    let merge = |from: &str, journals: u64| {
        let folder = project.path(from);
        drop(fs::remove_dir_all(&folder));
        drop(fs::remove_dir_all(project.path("joined")));
        for shard in 0..journals {
            project.write(&format!("{from}/{shard}.jsonl"), journal(shard));
        }
        let arguments = ["readiness", "merge", "--output", "joined", from];
        instructions(&project, command, &arguments, None)
    };
    let (one, two) = (merge("five", 5), merge("ten", 10));
    guard("merged-record", each(one, two, 5 * RECORDS));
}
