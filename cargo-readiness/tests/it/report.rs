//! Journals to document.

use crate::place::{CHECKLIST, Place, finished, process, registered, started};

fn some_results() -> Vec<String> {
    process(&[
        ("A-1", "proven"),
        ("A-2", "failed: it runs on | for ever"),
        ("A-3", "vacuous"),
        ("A-5", "unavailable: BACKUP_URL is not set"),
    ])
}

const WRITTEN: &str = "\
# Shop

Minimum Required Score: 60%

| ID | Requirement | Status | Notes |
|----|-------------|--------|-------|
| A-1 | It starts | ✅ | |
| A-2 | It stops | ❌ | by hand <!-- readiness --> it runs on \\| for ever |
| A-3 | It is fast | ⚠️ | <!-- readiness --> vacuous: still passes when the reply is 500 |
| A-4 | It is documented | ✅ | |
| A-5 | It is backed up | ⏸️ | |
";

#[test]
fn results_reach_the_document_and_the_ledger_and_nothing_else() {
    let place = Place::new();
    place.journal(&some_results());
    let ran = place.readiness(&["report"]).exits(0);
    assert_eq!(place.read("CHECKLIST.md"), WRITTEN);
    let ledger = place.read("readiness.lock");
    let heads: Vec<_> = ledger
        .lines()
        .map(|line| line.split("\ttext=").next().unwrap_or_default())
        .collect();
    assert_eq!(
        heads,
        [
            "readiness-lock 1",
            "A-1\tstatus=PASS\toutcome=passed\trun=r-1\ttarget=staging\tcommit=abc123\tday=2026-11-20",
            "A-2\tstatus=FAIL\toutcome=failed\trun=r-1\ttarget=staging\tcommit=abc123\tday=2026-11-20",
            "A-3\tstatus=WARN\toutcome=vacuous\trun=r-1\ttarget=staging\tcommit=abc123\tday=2026-11-20",
        ]
    );
    assert_eq!(
        ran.out.lines().next(),
        Some(
            "CHECKLIST.md: 1 pass (1 proven able to fail, 0 attested), 1 warn (1 vacuous), 1 fail, 2 not verified"
        )
    );
    ran.says("5 items, score 1/5 = 20.00 %")
        .says("FAIL  A-2  it runs on | for ever")
        .says("WARN  A-3  vacuous: still passes when the reply is 500")
        .says("BACKUP_URL is not set")
        .says("PASS  A-4  line 10: It is documented");
}

#[test]
fn the_second_time_changes_nothing() {
    let place = Place::new();
    place.journal(&some_results());
    place.readiness(&["report"]).exits(0);
    let (document, ledger) = (place.read("CHECKLIST.md"), place.read("readiness.lock"));
    place
        .readiness(&["report"])
        .exits(0)
        .says("CHECKLIST.md unchanged");
    assert_eq!(place.read("CHECKLIST.md"), document);
    assert_eq!(place.read("readiness.lock"), ledger);
}

#[test]
fn without_results_nothing_is_written_and_the_true_count_is_said() {
    let place = Place::new();
    place
        .readiness(&["report"])
        .exits(0)
        .says("5 items, score 0/5 = 0.00 %")
        .says("claimed, with nothing behind it, not counted: 1");
    assert_eq!(place.read("CHECKLIST.md"), CHECKLIST);
    assert!(!place.path("readiness.lock").exists());
}

#[test]
fn output_goes_elsewhere_and_the_original_stays() {
    let place = Place::new();
    place.journal(&some_results());
    place
        .readiness(&[
            "report",
            "--checklist",
            "CHECKLIST.md",
            "--output",
            "out.md",
            "--run",
            "r-1",
        ])
        .exits(0);
    assert_eq!(place.read("out.md"), WRITTEN);
    assert_eq!(place.read("CHECKLIST.md"), CHECKLIST);
    assert!(!place.path("readiness.lock").exists());
    // The output as input, without a ledger beside it.
    place
        .readiness(&["report", "--checklist", "out.md", "--output", "again.md"])
        .exits(0);
    assert_eq!(place.read("again.md"), WRITTEN);
}

#[test]
fn check_writes_nothing_and_names_what_is_out_of_date() {
    let place = Place::new();
    place.journal(&some_results());
    place
        .readiness(&["report", "--check"])
        .exits(1)
        .says("line 8: A-2: would read `❌`");
    assert_eq!(place.read("CHECKLIST.md"), CHECKLIST);
    place.readiness(&["report"]).exits(0);
    place
        .readiness(&["report", "--check"])
        .exits(0)
        .says("up to date");
}

#[test]
fn a_demonstration_never_touches_the_document() {
    let place = Place::new();
    place.journal_of("embedded", "runs/r-1/1-1-a.jsonl", &some_results());
    place
        .readiness(&["report"])
        .exits(0)
        .says("a demonstration on the embedded target, never a go")
        .says("runs/r-1/shop/CHECKLIST.md");
    assert_eq!(place.read("CHECKLIST.md"), CHECKLIST);
    assert_eq!(place.read("runs/r-1/shop/CHECKLIST.md"), WRITTEN);
    assert!(!place.path("readiness.lock").exists());
}

#[test]
fn a_partial_run_touches_only_what_it_ran() {
    let place = Place::new();
    place.journal(&some_results());
    place.readiness(&["report"]).exits(0);
    let later = [
        registered(&["A-2"], &["A-1", "A-3", "A-5"]),
        started("A-2"),
        finished("A-2", "proven"),
    ];
    place.write("runs/r-1/1-1-a.jsonl", "");
    std::fs::remove_file(place.path("runs/r-1/1-1-a.jsonl")).unwrap();
    place.journal(&later);
    place
        .readiness(&["report"])
        .exits(0)
        .says("a part of the checks");
    let expected = WRITTEN.replace(
        "| ❌ | by hand <!-- readiness --> it runs on \\| for ever |",
        "| ✅ | by hand |",
    );
    assert_eq!(place.read("CHECKLIST.md"), expected);
}

#[test]
fn a_status_that_a_person_changed_since_is_a_claim_again() {
    let place = Place::new();
    place.journal(&process(&[("A-1", "failed: 500")]));
    place.readiness(&["report"]).exits(0);
    let edited = place
        .read("CHECKLIST.md")
        .replace("| It starts | ❌", "| It starts | ✅");
    place.write("CHECKLIST.md", &edited);
    std::fs::remove_dir_all(place.path("runs")).unwrap();
    place
        .readiness(&["report"])
        .exits(0)
        .says("claimed, with nothing behind it, not counted: 2");
    assert_eq!(place.read("CHECKLIST.md"), edited);
}

#[test]
fn a_broken_ledger_is_reported_and_everything_is_claimed() {
    let place = Place::new();
    place.journal(&some_results());
    place.readiness(&["report"]).exits(0);
    place.write("readiness.lock", "<<<<<<< HEAD\n");
    std::fs::remove_dir_all(place.path("runs")).unwrap();
    place
        .readiness(&["report"])
        .exits(0)
        .says("warning[ledger-broken]")
        .says("score 0/5 = 0.00 %");
    assert_eq!(place.read("CHECKLIST.md"), WRITTEN);
}

#[test]
fn results_of_another_document_are_refused() {
    let place = Place::new();
    place.journal(&process(&[("A-1", "proven"), ("ZZ-1", "proven")]));
    place
        .readiness(&["report"])
        .exits(2)
        .says("error[id-unknown]")
        .says("ZZ-1");
    assert_eq!(place.read("CHECKLIST.md"), CHECKLIST);
    place.journal(&process(&[("ZZ-1", "proven"), ("ZZ-2", "proven")]));
    place.write("other/CHECKLIST.md", CHECKLIST);
    place
        .readiness(&["report", "--checklist", "other/CHECKLIST.md"])
        .exits(2)
        .says("about another document");
}

#[test]
fn a_document_that_cannot_be_read_is_named_and_kept() {
    for (bytes, code) in [
        (&b""[..], "checklist-empty"),
        (b"\xff\xfe|\0", "encoding-unsupported"),
        (b"| A\0 |", "encoding-unsupported"),
        (b"# Only a title\n", "checklist-no-items"),
    ] {
        let place = Place::new();
        place.journal(&some_results());
        place.write("CHECKLIST.md", bytes);
        place.readiness(&["report"]).exits(2).says(code);
        assert_eq!(std::fs::read(place.path("CHECKLIST.md")).unwrap(), bytes);
    }
    let place = Place::new();
    std::fs::remove_file(place.path("CHECKLIST.md")).unwrap();
    place
        .readiness(&["report"])
        .exits(2)
        .says("checklist-not-found");
}

#[test]
fn a_duplicate_id_stops_the_writing() {
    let place = Place::new();
    let twice = CHECKLIST.replace("| A-2 |", "| A-1 |");
    place.write("CHECKLIST.md", &twice);
    place.journal(&process(&[("A-1", "proven")]));
    place.readiness(&["report"]).exits(2).says("id-duplicate");
    assert_eq!(place.read("CHECKLIST.md"), twice);
}

#[test]
fn it_is_cargo_readiness_too() {
    let place = Place::new();
    place
        .readiness(&["readiness", "report"])
        .exits(0)
        .says("5 items");
    place.readiness(&["report", "--no-such-flag"]).exits(2);
}

#[test]
fn a_typed_status_stays_until_somebody_accepts_ours() {
    let place = Place::new();
    place.journal(&process(&[("A-1", "proven")]));
    place.readiness(&["report"]).exits(0);
    assert!(
        place
            .read("CHECKLIST.md")
            .contains("| A-4 | It is documented | ✅ | |")
    );
    place
        .readiness(&["report", "--accept", "A-4"])
        .exits(0)
        .says("A-4: `✅` was typed; SKIP (not verified) takes its place");
    let accepted = place.read("CHECKLIST.md");
    assert!(
        accepted.contains(
            "| A-4 | It is documented | ⏸️ | <!-- readiness --> not verified: no check |"
        )
    );
    assert!(
        place
            .read("readiness.lock")
            .contains("A-4\tstatus=SKIP\toutcome=not-verified")
    );
    // It is ours now, and stays so.
    let ran = place.readiness(&["report"]).exits(0);
    assert!(!ran.out.contains("claimed"), "{}", ran.out);
    assert_eq!(place.read("CHECKLIST.md"), accepted);
    place
        .readiness(&["report", "--accept", "A-4"])
        .exits(2)
        .says("nobody typed a status there");
    place
        .readiness(&["report", "--accept", "A-44"])
        .exits(2)
        .says("nearest: A-4");
}

#[test]
fn attesting_takes_theirs_and_keeps_it() {
    let place = Place::new();
    place.journal(&process(&[("A-1", "proven")]));
    place.readiness(&["report"]).exits(0);
    place
        .readiness(&[
            "attest",
            "A-4",
            "--by",
            "a@example.com",
            "--expires",
            "90d",
            "--yes",
        ])
        .exits(0);
    let ran = place.readiness(&["report"]).exits(0);
    assert!(!ran.out.contains("claimed"), "{}", ran.out);
    assert!(
        place
            .read("CHECKLIST.md")
            .contains("| A-4 | It is documented | ✅ | |")
    );
    assert!(
        place
            .read("readiness.lock")
            .contains("A-4\tstatus=PASS\toutcome=attested")
    );
}
