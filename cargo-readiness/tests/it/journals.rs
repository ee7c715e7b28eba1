//! Journals in every state that a crash, a signal or a full disk leaves them in.

use crate::place::{CHECKLIST, Place, finished, process, registered, started};

#[test]
fn a_torn_last_line_is_reported_and_the_rest_counts() {
    let place = Place::new();
    let mut lines = process(&[("A-1", "proven")]);
    lines.push("{\"record\":\"fini".to_owned());
    place.journal(&lines);
    place.readiness(&["report"]).exits(0).says("journal-torn");
    assert!(
        place
            .read("CHECKLIST.md")
            .contains("| A-1 | It starts | ✅ |")
    );
}

#[test]
fn a_newer_journal_is_refused_and_nothing_is_lost() {
    let place = Place::new();
    place.journal(&process(&[("A-1", "proven")]));
    let newer = place
        .read("runs/r-1/1-1-a.jsonl")
        .replace("\"format\":1", "\"format\":7");
    place.write("runs/r-1/1-1-a.jsonl", newer);
    place
        .readiness(&["report"])
        .exits(2)
        .says("journal-newer")
        .says("7");
    assert_eq!(place.read("CHECKLIST.md"), CHECKLIST);
}

#[test]
fn the_one_trial_in_flight_failed() {
    let place = Place::new();
    place.journal(&[
        registered(&["A-1", "A-2"], &[]),
        started("A-1"),
        finished("A-1", "proven"),
        started("A-2"),
    ]);
    place
        .readiness(&["gate"])
        .exits(1)
        .says("FAIL  A-2  the test process died while this trial alone was in flight");
}

#[test]
fn several_in_flight_are_not_verified_and_the_run_failed() {
    let place = Place::new();
    place.write("readiness.toml", "[gate]\nminimum = 0\n");
    place.journal(&[
        registered(&["A-1", "A-2", "A-3"], &[]),
        started("A-1"),
        finished("A-1", "proven"),
        started("A-2"),
        started("A-3"),
    ]);
    place
        .readiness(&["gate"])
        .exits(1)
        .says("the test process died with 2 trials in flight")
        .says("error[run-failed]")
        .says("4 not verified");
}

#[test]
fn what_a_signal_cut_short_is_not_verified() {
    let place = Place::new();
    place.journal(&[
        registered(&["A-1", "A-2"], &[]),
        started("A-1"),
        "{\"record\":\"interrupted\",\"trials\":[\"A-1::it\"],\"signal\":\"interrupt\",\"at\":\"2026-11-20T10:00:02.000000Z\"}\n".to_owned(),
    ]);
    place
        .readiness(&["gate"])
        .exits(1)
        .says("interrupted (interrupt)");
}

#[test]
fn a_pass_after_a_failure_is_flaky() {
    let place = Place::new();
    let second = |line: String| {
        line.replace("\"attempt\":1", "\"attempt\":2")
            .replace("10:00:0", "10:00:1")
    };
    place.journal(&[
        registered(&["A-1"], &[]),
        started("A-1"),
        finished("A-1", "failed: 503"),
        second(started("A-1")),
        second(finished("A-1", "proven")),
    ]);
    place
        .readiness(&["gate"])
        .exits(1)
        .says("WARN  A-1  flaky: passed on attempt 2, after: 503");
}

#[test]
fn journals_of_two_processes_are_one_run() {
    let place = Place::new();
    place.journal_of(
        "remote",
        "runs/r-1/1-1-a.jsonl",
        &process(&[("A-1", "proven")]),
    );
    place.journal_of(
        "remote",
        "runs/r-1/2-2-b.jsonl",
        &process(&[("A-2", "proven")]),
    );
    place
        .readiness(&["gate"])
        .says("2 pass (2 proven able to fail, 0 attested)");
}

#[test]
fn hostile_text_reaches_neither_terminal_nor_document_raw() {
    let place = Place::new();
    place.journal(&process(&[(
        "A-1",
        r"failed: \u001b[31mred\u0007 | <script> `tick\n<!-- readiness -->",
    )]));
    let ran = place.readiness(&["report"]).exits(0);
    assert!(
        !ran.out.contains('\u{1b}') && !ran.err.contains('\u{1b}'),
        "{ran:?}"
    );
    let document = place.read("CHECKLIST.md");
    assert!(
        !document.contains('\u{1b}') && !document.contains('\u{7}'),
        "{document}"
    );
    assert_eq!(document.lines().count(), CHECKLIST.lines().count());
    let row = document.lines().nth(6).unwrap();
    assert_eq!(row.matches("<!-- readiness -->").count(), 1, "{row}");
}

/// A target directory that several workspaces share has the runs of all of them.
#[test]
fn the_latest_run_is_one_of_this_workspace() {
    let place = Place::new();
    let target = place.path("elsewhere/target");
    let own = place.path("shop");
    place.write("shop/CHECKLIST.md", CHECKLIST);
    let run = |run: &str, dir: &std::path::Path, end: &str| {
        let dir = dir.display();
        let header = format!(
            r#"{{"record":"header","format":1,"run":"{run}","process":"{run}","package":"shop","manifest_dir":"{dir}","checklist":"{dir}/CHECKLIST.md","target":{{"name":"staging","kind":"remote"}},"at":"2026-11-20T10:00:00.000000Z"}}"#
        );
        let lines = process(&[("A-1", end)]).concat();
        let file = format!("elsewhere/target/readiness/{run}/1-1-a.jsonl");
        place.write(&file, format!("{header}\n{lines}"));
        let age = std::time::Duration::from_secs(if run == "theirs" { 0 } else { 60 });
        let written = std::fs::File::options()
            .write(true)
            .open(place.path(&file))
            .unwrap();
        written
            .set_modified(std::time::SystemTime::now() - age)
            .unwrap();
    };
    run("ours", &own, "proven");
    run("theirs", &place.path("other"), "failed: 500");
    place.write("other/CHECKLIST.md", CHECKLIST);
    let target = target.display().to_string();
    let environment = [("READINESS_DIR", ""), ("CARGO_TARGET_DIR", target.as_str())];
    let report = |arguments: &[&str]| {
        let manifest = "[workspace]\nmembers = []\n";
        place.write("shop/Cargo.toml", manifest);
        place.readiness_in("shop", arguments, &environment)
    };
    report(&["report"])
        .exits(0)
        .says("run ours")
        .says("1 pass (1 proven");
    assert_eq!(
        place.read("other/CHECKLIST.md"),
        CHECKLIST,
        "another's document"
    );
    // The project of the later run is gone: its results are still not ours.
    std::fs::remove_dir_all(place.path("other")).unwrap();
    report(&["report"]).exits(0).says("run ours");
    // By its name it can be had all the same.
    report(&[
        "report",
        "--run",
        "theirs",
        "--checklist",
        "CHECKLIST.md",
        "--check",
    ])
    .says("run theirs");
}
