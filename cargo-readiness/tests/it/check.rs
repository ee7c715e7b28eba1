//! Findings about documents, as people, scripts and CI see them.

use crate::place::{CHECKLIST, Place, process};

#[test]
fn strict_makes_a_warning_fail() {
    let place = Place::new();
    let doubtful = CHECKLIST.replace("| A-2 | It stops | ⏸️ |", "| A-2 | It stops | [x](y) |");
    place.write("CHECKLIST.md", &doubtful);
    let arguments = ["check", "--checklist", "CHECKLIST.md"];
    place
        .readiness(&arguments)
        .exits(0)
        .says("warning[status-cell-complex] CHECKLIST.md:8: A-2: ")
        .says("CHECKLIST.md: 5 items; 0 errors,");
    let strict = [&arguments[..], &["--strict"]].concat();
    place.readiness(&strict).exits(2);
    let clean = CHECKLIST.replace("| ✅ |", "| ⏸️ |");
    place.write("CHECKLIST.md", &clean);
    place
        .readiness(&strict)
        .exits(0)
        .says("0 errors, 0 warnings");
}

#[test]
fn with_the_line_and_a_caret_when_asked_for() {
    let place = Place::new();
    let doubtful = CHECKLIST.replace("| A-2 | It stops | ⏸️ |", "| A-2 | It stops | [x](y) |");
    place.write("CHECKLIST.md", doubtful.replace("✅", "⏸️"));
    let ran = place
        .readiness(&["check", "--checklist", "CHECKLIST.md", "--format", "human"])
        .exits(0);
    let expected = "\
warning[status-cell-complex]: A-2: the status cell holds more than one status, or markup
 --> CHECKLIST.md:8:20
  |
8 | | A-2 | It stops | [x](y) | by hand |
  |                    ^^^^^^
  |
";
    assert!(ran.err.contains(expected), "{}", ran.err);
    assert!(!ran.err.contains('\u{1b}'));
}

#[test]
fn as_json_one_line_each() {
    let place = Place::new();
    place.write(
        "CHECKLIST.md",
        CHECKLIST
            .replace("| A-2 | It stops | ⏸️ |", "| A-2 | It stops | [x](y) |")
            .replace("✅", "⏸️"),
    );
    let ran = place
        .readiness(&["check", "--checklist", "CHECKLIST.md", "--format", "json"])
        .exits(0);
    let lines: Vec<serde_json::Value> = ran
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let found = lines
        .iter()
        .find(|line| line["code"] == "status-cell-complex")
        .unwrap();
    assert_eq!(found["severity"], "warning");
    assert_eq!(
        (&found["line"], &found["column"], &found["end_column"]),
        (&8.into(), &20.into(), &26.into())
    );
    assert_eq!(found["id"], "A-2");
    assert_eq!(found["source"], "| A-2 | It stops | [x](y) | by hand |");
    assert!(found["hint"].as_str().is_some_and(|hint| !hint.is_empty()));
    assert!(
        found["path"]
            .as_str()
            .is_some_and(|path| path.ends_with("CHECKLIST.md"))
    );
    assert_eq!(found["related"], serde_json::json!([]));
}

#[test]
fn a_document_that_cannot_be_read_is_a_finding_for_programs_too() {
    let place = Place::new();
    let arguments = ["check", "--checklist", "CHECKLIST.md", "--format", "json"];
    for (text, code) in [
        (&b""[..], "checklist-empty"),
        (b"# Nothing\n", "checklist-no-items"),
        (b"\xff\xfe-\0", "encoding-unsupported"),
    ] {
        place.write("CHECKLIST.md", text);
        let ran = place.readiness(&arguments).exits(2);
        let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(json["code"], code);
        assert_eq!(
            (&json["path"], &json["severity"]),
            (&"CHECKLIST.md".into(), &"error".into())
        );
        assert_eq!(ran.err, "");
    }
}

#[test]
fn the_typed_status_is_marked() {
    let place = Place::new();
    let arguments = ["check", "--checklist", "CHECKLIST.md", "--format"];
    let ran = place
        .readiness(&[&arguments[..], &["json"]].concat())
        .exits(0);
    let first = ran
        .out
        .lines()
        .find(|line| line.contains("status-claimed"))
        .unwrap();
    let claimed: serde_json::Value = serde_json::from_str(first).unwrap();
    // In bytes, as every column is.
    let line = "| A-4 | It is documented | ✅ | |";
    let at = line.find('✅').unwrap() + 1;
    assert_eq!(
        (&claimed["line"], &claimed["column"]),
        (&10.into(), &at.into())
    );
    assert_eq!(claimed["end_column"], at + "✅".len());
    let ran = place
        .readiness(&[&arguments[..], &["human"]].concat())
        .exits(0);
    assert!(
        ran.err.contains("|                            ^^"),
        "{}",
        ran.err
    );
}

#[test]
fn an_error_of_the_document_closes_the_gate() {
    let place = Place::new();
    let twice = CHECKLIST.replace("| A-2 |", "| A-1 |");
    place.write("CHECKLIST.md", &twice);
    let all = ["A-1", "A-3", "A-4", "A-5"].map(|id| (id, "proven"));
    place.journal(&process(&all));
    for command in ["report", "gate"] {
        let ran = place.readiness(&[command]).exits(2);
        assert!(!ran.out.contains("gate: met"), "{}", ran.out);
        ran.says("gate: not met")
            .says("fails  errors to be put right first (id-duplicate): A-1");
    }
}

#[test]
fn without_a_run_nothing_is_said_about_checks() {
    let place = Place::new();
    place
        .readiness(&["report"])
        .exits(0)
        .says("nothing was run");
    place.write("CHECKLIST.md", "- [ ] One\n");
    place
        .readiness(&["report"])
        .exits(0)
        .says("1 item, score 0/1");
}

/// Two packages with a document each, and a run that is about both.
fn two_documents(second: &str) -> Place {
    let place = Place::new();
    place.write("other/CHECKLIST.md", second);
    let header = |process: &str, folder: &str| {
        format!(
            r#"{{"record":"header","format":1,"run":"r-1","process":"{process}","package":"{process}","manifest_dir":"{folder}","checklist":"{folder}/CHECKLIST.md","target":{{"name":"staging","kind":"remote"}},"at":"2026-11-20T10:00:00.000000Z"}}"#
        )
    };
    let root = place.root().display().to_string();
    let other = place.path("other").display().to_string();
    let lines = process(&[("A-1", "proven")]).concat();
    place.write(
        "runs/r-1/1-1-a.jsonl",
        format!("{}\n{lines}", header("shop", &root)),
    );
    let lines = process(&[("B-1", "proven")]).concat();
    place.write(
        "runs/r-1/1-1-b.jsonl",
        format!("{}\n{lines}", header("store", &other)),
    );
    place
}

#[test]
fn an_id_in_two_documents_of_a_workspace_is_an_error_that_names_both() {
    let second = CHECKLIST.replace("A-1", "B-1");
    let place = two_documents(&second);
    let ran = place.readiness(&["report"]).exits(2);
    ran.says("error[id-in-two-documents] ")
        .says("other/CHECKLIST.md:8: A-2: CHECKLIST.md:8 has an item with this id too");
    assert_eq!(place.read("CHECKLIST.md"), CHECKLIST);
    assert_eq!(place.read("other/CHECKLIST.md"), second);

    let apart = second.replace("A-", "B-");
    let place = two_documents(&apart);
    place.readiness(&["report"]).exits(0);
    assert!(
        place
            .read("CHECKLIST.md")
            .contains("| A-1 | It starts | ✅ |")
    );
    assert!(
        place
            .read("other/CHECKLIST.md")
            .contains("| B-1 | It starts | ✅ |")
    );
}

#[test]
fn of_two_documents_the_one_that_has_the_id_is_meant() {
    let second = CHECKLIST.replace("A-", "B-");
    let place = two_documents(&second);
    let stated = |id| {
        let words = [
            "--by",
            "ann",
            "--expires",
            "30d",
            "--evidence",
            "LOG-7",
            "--yes",
        ];
        place.readiness(&[&["attest", id], &words[..]].concat())
    };
    stated("B-2").exits(0);
    assert!(place.read("other/readiness.toml").contains("id = \"B-2\""));
    assert!(!place.path("readiness.toml").exists());
    stated("C-9")
        .exits(2)
        .says("several documents could be meant: CHECKLIST.md, other/CHECKLIST.md");
}

#[test]
fn equal_words_in_two_documents_are_no_conflict_until_one_is_bound() {
    let text = "- [ ] Backups exist\n";
    let place = two_documents(&format!("{text}- [ ] <!-- -->b <!-- req: B-1 -->\n"));
    place.write("CHECKLIST.md", format!("{text}- [ ] a <!-- req: A-1 -->\n"));
    place.readiness(&["report"]).exits(0);
    place.write(
        "other/readiness.toml",
        "[[not-applicable]]\nid = \"document/backups-exist\"\nreason = \"none\"\n",
    );
    place
        .readiness(&["report"])
        .exits(2)
        .says("id-in-two-documents");
}
