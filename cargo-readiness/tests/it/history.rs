//! `readiness.history` and what is shown of it.

use crate::place::{CHECKLIST, Place, Ran, process};

/// A run of its own name, reported.
fn report(place: &Place, run: &str, trials: &[(&str, &str)]) -> Ran {
    place.journal_of("remote", "journal", &process(trials));
    let journal = place
        .read("journal")
        .replace("\"run\":\"r-1\"", &format!("\"run\":\"{run}\""));
    std::fs::remove_file(place.path("journal")).unwrap();
    place.write(&format!("runs/{run}/1-1-a.jsonl"), journal);
    place.readiness(&["report", "--run", run]).exits(0)
}

#[test]
fn each_reported_run_is_there_once_and_what_moved_is_shown() {
    let place = Place::new();
    place
        .readiness(&["history"])
        .exits(0)
        .says("no run was reported yet");
    report(&place, "r-1", &[("A-1", "proven"), ("A-2", "failed: 500")]);
    place
        .readiness(&["history"])
        .exits(0)
        .says("readiness.history merge=union");
    let one = place.read("readiness.history");
    assert_eq!(one.lines().count(), 1);
    // The same run again says nothing new.
    place.readiness(&["report", "--run", "r-1"]).exits(0);
    assert_eq!(place.read("readiness.history"), one);
    report(&place, "r-2", &[("A-1", "proven"), ("A-2", "proven")]);
    let ran = place.readiness(&["history"]).exits(0);
    assert!(ran.out.contains("CHECKLIST.md: 2 runs, "), "{}", ran.out);
    assert!(ran.out.contains("▂▃  2/5 = 40.00 %"), "{}", ran.out);
    assert!(
        ran.out.contains(
            "  1/5 = 20.00 %  1 failed, 3 not verified  staging, commit abc123, run r-1\n"
        ),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("run r-2\n    A-2: failed -> passed\n"),
        "{}",
        ran.out
    );
    place
        .readiness(&["history", "--last", "1"])
        .exits(0)
        .says("▃  2/5");
    place
        .readiness(&["history", "--id", "A-2"])
        .exits(0)
        .says("A-2: failed, run r-1")
        .says("A-2: passed, run r-2");
    place
        .readiness(&["history", "--id", "A-22"])
        .exits(2)
        .says("nearest: A-2");
}

#[test]
fn what_decides_is_recorded_and_what_does_not_leaves_no_trace() {
    let place = Place::new();
    let all = [("A-1", "proven"), ("A-2", "proven")];
    place.journal_of("embedded", "runs/r-1/1-1-a.jsonl", &process(&all));
    place.readiness(&["report"]).exits(0);
    assert!(!place.path("readiness.history").exists(), "a demonstration");
    place.journal(&process(&all));
    place.readiness(&["report", "--check"]).exits(1);
    place
        .readiness(&["report", "--output", "elsewhere.md"])
        .exits(0);
    place.readiness(&["gate"]);
    assert!(!place.path("readiness.history").exists());
    place.readiness(&["report"]).exits(0);
    place
        .readiness(&["attest", "A-5", "--by", "me", "--expires", "9d"])
        .exits(0);
    place.readiness(&["report"]).exits(0);
    let lines = place.read("readiness.history");
    assert_eq!(
        lines.lines().count(),
        2,
        "the same run, another outcome: {lines}"
    );
}

#[test]
fn two_branches_merge_to_the_same_history_in_either_order() {
    let mut seen = Vec::new();
    for (ours, theirs) in [("left", "right"), ("right", "left")] {
        let place = Place::new();
        place.write(".gitattributes", "readiness.history merge=union\n");
        place.write(".gitignore", "runs/\n");
        place.git(&["init", "-q", "-b", "main"]);
        report(&place, "r-0", &[("A-1", "proven")]);
        place.git(&["add", "-A"]);
        place.git(&["commit", "-qm", "begin"]);
        for (branch, end) in [("left", "failed: no"), ("right", "proven")] {
            place.git(&["checkout", "-q", "-b", branch, "main"]);
            report(&place, branch, &[("A-2", end)]);
            place.git(&["add", "readiness.history"]);
            place.git(&["commit", "-qm", branch]);
            place.git(&["checkout", "-q", "--", "."]);
            place.git(&["clean", "-qfd"]);
        }
        place.git(&["checkout", "-q", ours]);
        place.git(&["merge", "-q", "-m", "merge", theirs]);
        let merged = place.read("readiness.history");
        assert_eq!(merged.lines().count(), 3, "{merged}");
        assert!(!merged.contains("<<<<"), "{merged}");
        let ran = place.readiness(&["history"]).exits(0).says("3 runs");
        let runs: Vec<_> = ran
            .out
            .lines()
            .filter_map(|line| line.split(", run ").nth(1))
            .map(str::to_owned)
            .collect();
        assert_eq!(runs[0], "r-0");
        seen.push(runs.len());
    }
    assert_eq!(seen, [3, 3]);
}

#[test]
fn a_hostile_history_harms_nobody() {
    let place = Place::new();
    place.write(
        "readiness.history",
        format!("{{\n{}\n\u{1b}[31m\n", "[".repeat(200_000)),
    );
    let ran = report(&place, "r-1", &[("A-1", "proven")]);
    assert!(!ran.out.contains('\u{1b}'));
    let shown = place
        .readiness(&["history"])
        .exits(0)
        .says("line 1 is ignored")
        .says("1 run,");
    assert!(!shown.err.contains('\u{1b}'), "{}", shown.err);
    assert_eq!(
        place.read("CHECKLIST.md").matches("✅").count(),
        CHECKLIST.matches("✅").count() + 1
    );
}
