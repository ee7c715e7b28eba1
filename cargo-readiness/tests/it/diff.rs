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

const PACKAGE: &str = "\
[package]
name = \"NAME\"
version = \"0.1.0\"
edition = \"2024\"

[dependencies]
readiness-runtime = \"0.1\"

[[test]]
name = \"readiness\"
harness = false
";

/// A workspace of two packages with checks, each with a document.
fn workspace() -> Place {
    let place = Place::new();
    let root = "[workspace]\nresolver = \"3\"\nmembers = [\"shop\", \"store\"]\n";
    place.write("Cargo.toml", root);
    for (name, prefix) in [("shop", "A-"), ("store", "B-")] {
        let file = |file: &str| format!("{name}/{file}");
        place.write(&file("Cargo.toml"), PACKAGE.replace("NAME", name));
        place.write(&file("src/lib.rs"), "");
        place.write(&file("tests/readiness.rs"), "readiness::main!();\n");
        place.write(&file("CHECKLIST.md"), CHECKLIST.replace("A-", prefix));
    }
    place.git(&["init", "-q"]);
    place
}

/// The lines that name what was compared.
fn headings(out: &str) -> Vec<&str> {
    out.lines()
        .filter(|line| line.contains(".md -> "))
        .collect()
}

#[test]
fn every_document_of_a_workspace_under_its_path() {
    let place = workspace();
    place.git(&["add", "."]);
    place.git(&["commit", "-qm", "one"]);
    place.write("shop/CHECKLIST.md", LATER);
    let ran = place.readiness(&["diff"]).exits(0);
    let expected = format!(
        "HEAD:./shop/CHECKLIST.md -> shop/CHECKLIST.md\n{CHANGES}\n\
         HEAD:./store/CHECKLIST.md -> store/CHECKLIST.md\nno change in 5 items\n"
    );
    assert_eq!(ran.out, expected);

    let ran = place.readiness(&["diff", "--format", "json"]).exits(0);
    let objects: Vec<serde_json::Value> = ran
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let names: Vec<_> = objects.iter().map(|one| &one["new"]).collect();
    assert_eq!(names, ["shop/CHECKLIST.md", "store/CHECKLIST.md"]);
    assert_eq!(objects[0]["changes"]["added"][0]["id"], "A-6");
    assert_eq!(objects[1]["changes"]["added"], serde_json::json!([]));

    // A revision alone is every document of it; one that is named is compared alone.
    place.git(&["commit", "-qam", "two"]);
    let ran = place.readiness(&["diff", "HEAD~1", "HEAD"]).exits(0);
    assert_eq!(
        headings(&ran.out),
        [
            "HEAD~1:./shop/CHECKLIST.md -> HEAD:./shop/CHECKLIST.md",
            "HEAD~1:./store/CHECKLIST.md -> HEAD:./store/CHECKLIST.md"
        ]
    );
    let ran = place
        .readiness(&["diff", "HEAD~1:shop/CHECKLIST.md"])
        .exits(0);
    assert_eq!(
        headings(&ran.out),
        ["HEAD~1:shop/CHECKLIST.md -> shop/CHECKLIST.md"]
    );
    assert!(ran.out.ends_with(CHANGES), "{}", ran.out);
}

#[test]
fn a_document_that_the_last_commit_lacks_is_new_as_a_whole() {
    let place = workspace();
    place
        .readiness(&["diff"])
        .exits(2)
        .says("git has no HEAD here, so there is nothing to compare with");
    place.git(&["add", "shop"]);
    place.git(&["commit", "-qm", "one"]);
    let ran = place.readiness(&["diff"]).exits(0);
    let ran = ran.says("no change in 5 items").says(
        "HEAD:./store/CHECKLIST.md (not there) -> store/CHECKLIST.md\n\nadded: 5\n  B-1  not run",
    );
    assert_eq!(ran.err, "");
    let ran = place.readiness(&["diff", "--format", "json"]).exits(0);
    assert!(ran.out.contains("\"old\":null"), "{}", ran.out);
    // A side that was named has to be there.
    place
        .readiness(&["diff", "HEAD:store/CHECKLIST.md"])
        .exits(2)
        .says("git has no HEAD:store/CHECKLIST.md");
}

#[test]
fn one_file_is_compared_with_the_last_commit() {
    let place = workspace();
    place.write("LAUNCH.md", CHECKLIST);
    place.git(&["add", "."]);
    place.git(&["commit", "-qm", "one"]);
    place.write("store/CHECKLIST.md", LATER.replace("A-", "B-"));
    let ran = place.readiness(&["diff", "store/CHECKLIST.md"]).exits(0);
    assert_eq!(
        ran.out,
        format!(
            "HEAD:./store/CHECKLIST.md -> store/CHECKLIST.md\n{}",
            CHANGES.replace("A-", "B-")
        )
    );
    // The same where none of several documents is meant.
    place.write("LAUNCH.md", LATER);
    let ran = place.readiness(&["diff", "LAUNCH.md"]).exits(0);
    assert_eq!(ran.out, format!("HEAD:./LAUNCH.md -> LAUNCH.md\n{CHANGES}"));
    let ran = place.readiness(&["diff", "HEAD:LAUNCH.md"]).exits(0);
    assert_eq!(ran.out, format!("HEAD:LAUNCH.md -> LAUNCH.md\n{CHANGES}"));
    let ran = place.readiness(&["diff", "HEAD", "LAUNCH.md"]).exits(0);
    assert_eq!(ran.out, format!("HEAD:./LAUNCH.md -> LAUNCH.md\n{CHANGES}"));
    std::fs::remove_file(place.path("LAUNCH.md")).unwrap();
    place
        .readiness(&["diff", "HEAD:LAUNCH.md"])
        .exits(2)
        .says("several documents: shop/CHECKLIST.md, store/CHECKLIST.md");
    place
        .readiness(&["diff", "LAUNHC.md"])
        .exits(2)
        .says("`LAUNHC.md` is no file, no revision and no run");
}

#[test]
#[cfg(unix)]
fn a_link_is_followed_in_git_too() {
    let place = Place::new();
    place.write("docs/READY.md", CHECKLIST);
    std::fs::remove_file(place.path("CHECKLIST.md")).unwrap();
    std::os::unix::fs::symlink("docs/READY.md", place.path("CHECKLIST.md")).unwrap();
    place.git(&["init", "-q"]);
    place.git(&["add", "."]);
    place.git(&["commit", "-qm", "one"]);
    place.write("docs/READY.md", LATER);
    let ran = place.readiness(&["diff"]).exits(0);
    assert!(ran.out.ends_with(CHANGES), "{}", ran.out);
}

#[test]
fn a_ledger_that_git_has_is_one() {
    let place = Place::new();
    place.journal(&process(&[("A-1", "proven"), ("A-2", "failed: 500")]));
    place.readiness(&["report"]).exits(0);
    place.git(&["init", "-q"]);
    place.git(&["add", "."]);
    place.git(&["commit", "-qm", "one"]);
    place.journal(&process(&[("A-1", "proven"), ("A-2", "proven")]));
    place.readiness(&["report"]).exits(0);
    for old in ["HEAD:readiness.lock", "HEAD"] {
        place
            .readiness(&["diff", old, "readiness.lock"])
            .exits(0)
            .says("A-2  failed -> passed");
    }
}
