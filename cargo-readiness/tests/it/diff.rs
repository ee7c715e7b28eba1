//! What changed between two revisions, or two runs.

use crate::place::{CHECKLIST, Place, process};

const LATER: &str = "\
# Shop

Minimum Required Score: 60%

| ID | Requirement | Status | Notes |
|----|-------------|--------|-------|
| A-1 | It starts | ✅ | |
| A-3 | It is fast | ⏸️ | |
| A-2 | It stops cleanly | ⏸️ | by hand |
| A-4 | It is documented | ❌ | |

## Later

| ID | Requirement | Status | Notes |
|----|-------------|--------|-------|
| A-6 | It is watched | ⏸️ | |
";

const CHANGES: &str = "
added: 1
  A-6  not run  line 16: It is watched

removed: 1
  A-5  not run  line 11: It is backed up

reworded: 1
  A-2  line 9: It stops {+cleanly+}

moved: 1
  A-3  line 9 -> 8

statuses gained: 1
  A-1  not run -> PASS (typed)  line 7

statuses lost: 1
  A-4  PASS (typed) -> FAIL (typed)  line 10

1 of 5 -> 1 of 5 pass
";

#[test]
fn two_files() {
    let place = Place::new();
    place.write("old.md", CHECKLIST);
    place.write("new.md", LATER);
    let ran = place.readiness(&["diff", "old.md", "new.md"]).exits(0);
    assert_eq!(ran.out, format!("old.md -> new.md\n{CHANGES}"));
    place
        .readiness(&["diff", "new.md", "new.md"])
        .exits(0)
        .says("no change in 5 items");
}

#[test]
fn as_json() {
    let place = Place::new();
    place.write("old.md", CHECKLIST);
    place.write("new.md", LATER);
    let ran = place
        .readiness(&["diff", "old.md", "new.md", "--format", "json"])
        .exits(0);
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(json["old"], "old.md");
    let changes = &json["changes"];
    assert_eq!(changes["added"][0]["id"], "A-6");
    assert_eq!(changes["removed"][0]["line"], 11);
    assert_eq!(
        changes["reworded"][0]["words"],
        serde_json::json!([
            {"op": "keep", "text": "It stops"},
            {"op": "insert", "text": "cleanly"}
        ])
    );
    assert_eq!(changes["moved"][0]["to"]["line"], 8);
    assert_eq!(changes["statuses"][0]["change"], "gained");
    assert_eq!(changes["statuses"][0]["new"]["typed"], true);
}

#[test]
fn revisions_that_git_has() {
    let place = Place::new();
    place.git(&["init", "-q"]);
    place.git(&["add", "CHECKLIST.md"]);
    place.git(&["commit", "-qm", "one"]);
    place.readiness(&["diff"]).exits(0).says("no change");
    place.write("CHECKLIST.md", LATER);
    let ran = place.readiness(&["diff"]).exits(0);
    assert_eq!(
        ran.out,
        format!("HEAD:./CHECKLIST.md -> CHECKLIST.md\n{CHANGES}")
    );
    place.git(&["commit", "-qam", "two"]);
    let ran = place
        .readiness(&["diff", "HEAD~1:CHECKLIST.md", "HEAD:CHECKLIST.md"])
        .exits(0);
    assert!(ran.out.ends_with(CHANGES), "{}", ran.out);
    place
        .readiness(&["diff", "HEAD:GONE.md"])
        .exits(2)
        .says("git has no HEAD:GONE.md");
    place
        .readiness(&["diff", "--", "--output=x:y"])
        .exits(2)
        .says("is no revision");
}

#[test]
fn what_the_ledger_knows_is_not_typed() {
    let place = Place::new();
    place.git(&["init", "-q"]);
    place.git(&["add", "."]);
    place.git(&["commit", "-qm", "one"]);
    place.journal(&process(&[("A-1", "proven")]));
    place.readiness(&["report"]).exits(0);
    place
        .readiness(&["diff"])
        .exits(0)
        .says("A-1  not run -> PASS  line 7");
}

#[test]
fn two_runs_and_two_ledgers() {
    let place = Place::new();
    place.journal(&process(&[
        ("A-1", "proven"),
        ("A-2", "proven"),
        ("A-3", "failed: slow"),
    ]));
    place.readiness(&["report"]).exits(0);
    std::fs::copy(place.path("readiness.lock"), place.path("old.lock")).unwrap();
    place.journal_of(
        "remote",
        "runs/r-2/1-1-a.jsonl",
        &process(&[("A-1", "proven"), ("A-2", "failed: 500"), ("A-3", "proven")]),
    );
    let ran = place.readiness(&["diff", "r-1", "r-2"]).exits(0);
    ran.says("run r-1 -> run r-2")
        .says("statuses gained: 1\n  A-3  failed -> passed  line 9")
        .says("statuses lost: 1\n  A-2  passed -> failed  line 8")
        .says("2 of 5 -> 2 of 5 pass");
    place.readiness(&["report", "--run", "r-2"]).exits(0);
    place
        .readiness(&["diff", "old.lock", "readiness.lock"])
        .exits(0)
        .says("A-2  passed -> failed");
    place
        .readiness(&["diff", "r-1", "CHECKLIST.md"])
        .exits(2)
        .says("a document says what stands in it");
    place
        .readiness(&["diff", "r-9"])
        .exits(2)
        .says("no run and no folder is called `r-9`");
}
