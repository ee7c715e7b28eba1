//! Ids for documents that have none.

use std::collections::BTreeMap;
use std::path::Path;

use readiness_checklist::{Checklist, IdOrigin};

use crate::place::Place;

const BOXES: &str = "\
# Launch

## Security

- [ ] Backups are **tested**
- [x] Keys are rotated
  - Owner: ops

## Operations

- [ ] SEC-9 is closed
";

const ADOPTED: &str = "\
# Launch

## Security

- [ ] Backups are **tested** <!-- req: security/backups-are-tested -->
- [x] Keys are rotated <!-- req: security/keys-are-rotated -->
  - Owner: ops

## Operations

- [ ] SEC-9 is closed <!-- req: operations/sec-9-is-closed -->
";

#[test]
fn a_diff_first_and_then_the_markers_alone() {
    let place = Place::new();
    place.write("CHECKLIST.md", BOXES);
    let ran = place.readiness(&["adopt"]).exits(0);
    assert_eq!(
        ran.out,
        "\
--- a/CHECKLIST.md
+++ b/CHECKLIST.md
@@ -2,10 +2,10 @@
 
 ## Security
 
-- [ ] Backups are **tested**
-- [x] Keys are rotated
+- [ ] Backups are **tested** <!-- req: security/backups-are-tested -->
+- [x] Keys are rotated <!-- req: security/keys-are-rotated -->
   - Owner: ops
 
 ## Operations
 
-- [ ] SEC-9 is closed
+- [ ] SEC-9 is closed <!-- req: operations/sec-9-is-closed -->
"
    );
    ran.says("3 markers to write; nothing is written without --yes");
    assert_eq!(place.read("CHECKLIST.md"), BOXES);

    place
        .readiness(&["adopt", "--yes"])
        .exits(0)
        .says("3 markers written");
    assert_eq!(place.read("CHECKLIST.md"), ADOPTED);
    place
        .readiness(&["adopt", "--yes"])
        .exits(0)
        .says("every item has an id of its own");
    assert_eq!(place.read("CHECKLIST.md"), ADOPTED);
}

#[test]
fn a_collision_is_refused_with_both_lines_until_it_is_given_a_name() {
    let place = Place::new();
    place.write(
        "CHECKLIST.md",
        "# L\n\n## S\n\n- [ ] Same\n- [ ] Other\n- [ ] Same\n",
    );
    let ran = place.readiness(&["adopt", "--yes"]).exits(2);
    assert_eq!(
        ran.err.matches("error[id-collision]").count(),
        1,
        "{}",
        ran.err
    );
    ran.says("CHECKLIST.md:5: s/same: 2 items derive this id, on lines 5, 7")
        .says("--id 5=");
    // What has an id of its own is not held up.
    assert_eq!(
        place.read("CHECKLIST.md"),
        "# L\n\n## S\n\n- [ ] Same\n- [ ] Other <!-- req: s/other -->\n- [ ] Same\n"
    );
    place
        .readiness(&["adopt", "--yes", "--id", "5=S-1", "--id", "7=S-2"])
        .exits(0);
    assert_eq!(
        place.read("CHECKLIST.md"),
        "# L\n\n## S\n\n- [ ] Same <!-- req: S-1 -->\n- [ ] Other <!-- req: s/other -->\n\
         - [ ] Same <!-- req: S-2 -->\n"
    );
}

#[test]
fn names_that_cannot_be_meant_are_refused() {
    let place = Place::new();
    place.write("CHECKLIST.md", ADOPTED.replace("Backups", "Big backups"));
    for (name, says) in [
        ("5=A-1", "has an id"),
        ("6=A-1", "has an id"),
        ("4=A-1", "no item stands on line 4"),
        ("A-1", "not a line and an id"),
    ] {
        place
            .readiness(&["adopt", "--id", name])
            .exits(2)
            .says(says);
    }
    place.write("CHECKLIST.md", BOXES);
    for (name, says) in [
        ("5=a b", "id-invalid"),
        ("5=security/keys-are-rotated", "id-collision"),
    ] {
        place
            .readiness(&["adopt", "--id", name])
            .exits(2)
            .says(says);
    }
}

#[test]
fn other_encodings_and_line_ends_come_out_as_they_went_in() {
    let place = Place::new();
    for (old, new) in [
        (
            &b"- [ ] Stays\r\n- [x] Goes  \r\n"[..],
            &b"- [ ] Stays <!-- req: document/stays -->\r\n- [x] Goes <!-- req: document/goes -->  \r\n"[..],
        ),
        (
            b"- [ ] En fran\xe7ais\n- [ ] Plain",
            b"- [ ] En fran\xe7ais <!-- req: document/en-fran-ais -->\n- [ ] Plain <!-- req: document/plain -->",
        ),
        (
            "\u{feff}- [ ] ‚úÖ Keys\r- [ ] âš\u{a0} Locks\r".as_bytes(),
            "\u{feff}- [ ] ‚úÖ Keys <!-- req: document/keys -->\r- [ ] âš\u{a0} Locks <!-- req: document/locks -->\r".as_bytes(),
        ),
    ] {
        place.write("CHECKLIST.md", old);
        let ran = place.readiness(&["adopt", "--yes"]);
        let written = std::fs::read(place.path("CHECKLIST.md")).unwrap();
        assert_eq!(
            String::from_utf8_lossy(&written),
            String::from_utf8_lossy(new),
            "{}",
            ran.err
        );
        assert_eq!(written, new);
        assert_eq!(ran.code, Some(0));
    }
}

#[test]
fn an_id_is_asked_for_only_where_one_would_help() {
    let place = Place::new();
    let text = "| Requirement | Status |\n|--|--|\n| `a | b` | |\n\n- [ ] c\n- [ ] c\n";
    place.write("CHECKLIST.md", text);
    let ran = place.readiness(&["adopt"]).exits(2);
    let ran = ran
        .says("hint: write `\\|` inside the code\n")
        .says("hint: choose an id for this line: --id 5=…");
    assert!(!ran.err.contains("--id 3"), "{}", ran.err);
}

#[test]
fn a_document_that_has_to_be_put_right_first_is_left_alone() {
    let place = Place::new();
    let text = "- [ ] a\n<!-- readiness:begin tally -->\n- [ ] b\n";
    place.write("CHECKLIST.md", text);
    place
        .readiness(&["adopt", "--yes"])
        .exits(2)
        .says("error[region-broken]");
    assert_eq!(place.read("CHECKLIST.md"), text);
}

/// Every document there is: only markers come in, every id is one of its own afterwards, and a
/// second time there is nothing to do.
#[test]
fn the_whole_corpus_is_adopted() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let mut documents = Vec::new();
    for folder in ["corpus", "checklists"] {
        let entries = std::fs::read_dir(shared.join(folder)).into_iter().flatten();
        documents.extend(entries.map(|entry| entry.unwrap().path()));
    }
    documents.retain(|path| path.extension().is_some_and(|e| e == "md"));
    if documents.is_empty() {
        let required = std::env::var("READINESS_REQUIRE_SHARED").is_ok_and(|value| value == "1");
        assert!(!required, "no documents in {}", shared.display());
        eprintln!("SKIPPED: no documents in {}", shared.display());
        return;
    }
    let mut markers = 0;
    for path in documents {
        markers += adopted(&path);
    }
    assert!(markers > 1_000, "{markers} markers in all");
}

fn adopted(path: &Path) -> usize {
    let place = path.display();
    let old = Checklist::parse(std::fs::read(path).unwrap()).unwrap();
    if old.has_file_error() {
        return 0;
    }
    // What collides or holds other letters is given a name, as a person would.
    let first = old.adopt(&BTreeMap::new());
    let names: BTreeMap<usize, String> = first
        .diagnostics
        .iter()
        .map(|found| (found.line, format!("named-{}", found.line)))
        .collect();
    let adoption = old.adopt(&names);
    let new = Checklist::parse(adoption.bytes.clone()).unwrap();
    let unreadable: Vec<usize> = adoption
        .diagnostics
        .iter()
        .map(|found| found.line)
        .collect();
    assert_eq!(old.items().len(), new.items().len(), "{place}");
    for (before, after) in old.items().iter().zip(new.items()) {
        let line = before.line();
        assert_eq!(
            before.normalized_text(),
            after.normalized_text(),
            "{place}:{line}"
        );
        assert_eq!(before.state(), after.state(), "{place}:{line}");
        let explicit = after.id_origin() != IdOrigin::Derived;
        assert!(
            explicit || unreadable.contains(&line),
            "{place}:{line} has no id"
        );
        if before.id_origin() != IdOrigin::Derived || !names.contains_key(&line) {
            assert_eq!(before.id(), after.id(), "{place}:{line}");
        }
    }
    // Only markers came in.
    let mut rest = adoption.bytes.clone();
    for edit in adoption.edits.iter().rev() {
        let text = std::str::from_utf8(&edit.text).unwrap();
        assert!(edit.span.is_empty() && text.starts_with(" <!-- req: ") && text.ends_with(" -->"));
    }
    let mut grown = 0;
    for edit in &adoption.edits {
        let at = edit.span.start + grown;
        assert_eq!(
            &adoption.bytes[at..at + edit.text.len()],
            &edit.text[..],
            "{place}"
        );
        grown += edit.text.len();
    }
    for edit in adoption.edits.iter().rev() {
        grown -= edit.text.len();
        let at = edit.span.start + grown;
        rest.drain(at..at + edit.text.len());
    }
    assert_eq!(rest, old.bytes(), "{place}");
    assert_eq!(
        new.adopt(&BTreeMap::new()).edits,
        [],
        "{place}: adopted twice"
    );
    adoption.edits.len()
}
