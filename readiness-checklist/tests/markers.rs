//! The comments that mean something: ids, machine text, regions, settings; and adopting ids.

mod common;

use std::collections::BTreeMap;

use common::{after, items, parse, put};
use readiness_checklist::{
    Checklist, Code, EditKind, IdOrigin, ItemUpdate, Severity, State, Status, Tally, Update,
};

#[test]
fn an_id_marker_is_stronger_than_every_other_id() {
    let text = "- [ ] CHK-001 Lint <!-- req: LINT -->\n  - **Id:** other\n- [ ] CHK-002 Test\n  - **Id:** test/unit\n- [ ] CHK-003 Ship\n\n\
                | ID | Item | Status |\n|--|--|--|\n| A-1 | a <!--REQ:row.1--> | ❌ |\n| A-2 | b | ❌ | <!-- req: outside -->\n";
    let checklist = parse(text.as_bytes());
    let ids: Vec<_> = checklist
        .items()
        .iter()
        .map(|item| (item.id(), item.id_origin()))
        .collect();
    assert_eq!(
        ids,
        [
            ("LINT", IdOrigin::Marker),
            ("test/unit", IdOrigin::Metadata),
            ("CHK-003", IdOrigin::Leading),
            ("row.1", IdOrigin::Marker),
            ("A-2", IdOrigin::Column),
        ]
    );
    assert_eq!(checklist.items()[0].requirement(), "Lint");
    assert_eq!(checklist.items()[3].normalized_text(), "a");
}

#[test]
fn a_marker_inside_code_or_over_several_lines_is_text() {
    let text = "- [ ] write `<!-- req: X -->` here\n- [ ] b <!-- req:\n  Y -->\n";
    assert_eq!(items(text).len(), 2);
    assert!(
        parse(text.as_bytes())
            .items()
            .iter()
            .all(|item| item.id_origin() == IdOrigin::Derived)
    );
}

/// What is written between the markers could change what stands behind them: nothing is.
#[test]
fn a_region_begins_and_ends_in_one_block() {
    let (begin, end) = ("<!-- readiness:begin tally -->", "<!-- readiness:end -->");
    for (text, line) in [
        // An indented comment goes on with the paragraph; the underline would be the region's.
        (
            format!("Totals\n    {begin}\nx\n---\n{end}\n\n- [ ] a\n"),
            2,
        ),
        (format!("{begin}\ntext\n    {end}\n\n- [ ] a\n"), 3),
        // A block of HTML goes on up to an empty line, over the end of the region.
        (format!("{begin}\n<p>\n{end}\n- [ ] a\n"), 3),
        (format!("<div>\n{begin}\n\n{end}\n</div>\n\n- [ ] a\n"), 4),
        // Another list item, or none.
        (format!("- x\n  {begin}\n{end}\n\n- [ ] a\n"), 3),
        (format!("- {begin}\n- {end}\n\n- [ ] a\n"), 2),
        (format!("> {begin}\n\n> {end}\n\n- [ ] a\n"), 3),
        (format!("{begin}\n- x\n  {end}\n\n- [ ] a\n"), 3),
    ] {
        let checklist = parse(text.as_bytes());
        let broken = checklist.diagnostics().iter();
        let broken = broken.filter(|d| d.code == Code::RegionBroken);
        assert!(broken.into_iter().any(|d| d.line == line), "{text}");
        let update = Update {
            tally: Some(Tally::default()),
            ..Update::default()
        };
        assert_eq!(checklist.rewrite(&update).edits, [], "{text}");
    }
    // A bullet behind the metadata would be ignored, and written again by each run.
    let text =
        "- [ ] a\n  - Owner: me\n    <!-- readiness:begin ignore -->\n<!-- readiness:end -->\n";
    assert!(parse(text.as_bytes()).has_file_error());
}

#[test]
fn a_region_is_written_where_its_end_stands() {
    for (before, after) in [
        (
            "- <!-- readiness:begin score -->\n  <!-- readiness:end -->\n",
            "  **Score",
        ),
        (
            "> - x\n>\n>   <!-- readiness:begin score -->\n>   old\n>   <!-- readiness:end -->\n",
            ">   **Score",
        ),
        (
            "<details>\n<!-- readiness:begin score -->\n<!-- readiness:end -->\n</details>\n",
            "**Score",
        ),
    ] {
        let update = Update {
            tally: Some(Tally {
                pass: 1,
                ..Tally::default()
            }),
            ..Update::default()
        };
        let rewrite = parse(before.as_bytes()).rewrite(&update);
        let text = String::from_utf8_lossy(&rewrite.bytes).into_owned();
        let line = text.lines().find(|line| line.contains("Score"));
        assert_eq!(
            line,
            Some(&*format!("{after}: 100.0%** (1 of 1)")),
            "{text}"
        );
        let again = parse(&rewrite.bytes);
        assert!(!again.has_file_error());
        assert_eq!(again.rewrite(&update).edits, []);
    }
}

/// With the marker behind it the mark in the first cell would begin a list, and the text of a box could
/// be the header of a table.
#[test]
fn adopting_makes_no_other_block_of_a_line() {
    for text in [
        "Item | Status\n-|-\n1.| x\n",
        "Item | Status\n-|-\na | x\n*| y\n",
        "- [ ] a |\n  -|-\n",
    ] {
        let checklist = parse(text.as_bytes());
        let adoption = checklist.adopt(&BTreeMap::new());
        let left: Vec<_> = adoption.diagnostics.iter().map(|d| d.code).collect();
        assert_eq!(left, [Code::IdInvalid], "{text}");
        let after = parse(&adoption.bytes);
        let ids = |checklist: &Checklist| -> Vec<String> {
            let items = checklist.items().iter();
            items.map(|item| item.id().to_owned()).collect()
        };
        assert_eq!(ids(&after), ids(&checklist), "{text}");
    }
}

#[test]
fn what_stands_in_a_region_that_is_written_anew_says_nothing_about_the_document() {
    // A heading would give the row below another id, a token in a box all boxes theirs.
    let boxes = "- [X] SEC-001 first\n- [X] SEC-002 second\n";
    let text = format!(
        "## Auth\n<!-- readiness:begin tally -->\nTotals\n---\n# Title\n{boxes}<!-- readiness:end -->\n\n\
         | Item | Status |\n|--|--|\n| a | |\n\n- [ ] SEC-1 b\n- [ ] c\n- [ ] d\n"
    );
    let checklist = parse(text.as_bytes());
    let ids = |checklist: &Checklist| -> Vec<String> {
        let items = checklist.items().iter();
        items.map(|item| item.id().to_owned()).collect()
    };
    assert_eq!(
        ids(&checklist),
        ["auth/a", "auth/sec-1-b", "auth/c", "auth/d"]
    );
    assert_eq!(checklist.title(), None);
    let mut update = Update {
        tally: Some(Tally::default()),
        ..Update::default()
    };
    for item in checklist.items() {
        let (status, reason) = (Status::Pass, None);
        update
            .items
            .insert(item.id().to_owned(), ItemUpdate { status, reason });
    }
    let after = parse(&checklist.rewrite(&update).bytes);
    assert_eq!(ids(&after), ids(&checklist));
    assert!(String::from_utf8_lossy(after.bytes()).contains("- [x] SEC-1 b"));
}

#[test]
fn two_ids_for_one_item_are_an_error() {
    for text in [
        "- [ ] a <!-- req: A --> <!-- req: B -->\n",
        "| ID | Item | Status | Notes |\n|--|--|--|--|\n| A-1 | a | ❌ | x <!-- readiness --> y <!-- readiness --> z |\n",
    ] {
        let checklist = parse(text.as_bytes());
        let codes: Vec<_> = checklist
            .diagnostics()
            .iter()
            .map(|d| (d.code, d.severity))
            .collect();
        assert_eq!(
            codes,
            [(Code::MarkerDuplicate, Severity::FileError)],
            "{text}"
        );
        let id = checklist.items()[0].id().to_owned();
        let rewrite = checklist.rewrite(&put(&[(&id, Status::Pass, None)]));
        assert_eq!((rewrite.edits.len(), rewrite.diagnostics.len()), (0, 1));
    }
}

#[test]
fn ignored_regions_hold_no_items_claims_or_ids() {
    let text = "# T\n\n<!-- readiness:begin ignore -->\n- [ ] hidden <!-- req: A -->\n\n| ID | Item | Status |\n|--|--|--|\n| A-1 | a | ❌ |\n\n**Status:** done\n<!-- readiness:end -->\n\n- [ ] shown\n";
    let checklist = parse(text.as_bytes());
    assert_eq!(items(text), ["document/shown: not-run"]);
    assert_eq!(checklist.claims(), []);
    assert_eq!(checklist.diagnostics(), []);
}

#[test]
fn broken_regions_stop_the_file() {
    let region = |text: &str| {
        let text = format!("{text}\n- [ ] a\n");
        let checklist = parse(text.as_bytes());
        assert!(checklist.has_file_error(), "{text}");
        let rewrite = checklist.rewrite(&put(&[("document/a", Status::Pass, None)]));
        assert!(rewrite.edits.is_empty());
        checklist
            .diagnostics()
            .iter()
            .filter(|d| d.code == Code::RegionBroken)
            .map(|d| d.line)
            .collect::<Vec<_>>()
    };
    assert_eq!(region("<!-- readiness:begin tally -->\n"), [1]);
    assert_eq!(region("x\n\n<!-- readiness:end -->\n"), [3]);
    assert_eq!(
        region("<!-- readiness:begin tallies -->\n\n<!-- readiness:end -->\n"),
        [1, 3]
    );
    assert_eq!(
        region(
            "<!-- readiness:begin tally -->\n<!-- readiness:begin score -->\n<!-- readiness:end -->\n"
        ),
        [2]
    );
    assert_eq!(region("text <!-- readiness:begin ignore -->\n"), [1]);
}

#[test]
fn tally_and_score_regions_are_written_whole() {
    let text = "## Legend\r\n- 🟢 **GO** - Complete\r\n\r\n- [ ] ✅ not a status\r\n\r\n<!-- readiness:begin tally -->\r\nold\r\nlines\r\n<!-- readiness:end -->\r\n\r\n> <!-- readiness:begin score -->\r\n> <!-- readiness:end -->\r\n";
    let tally = Tally {
        pass: 2,
        warn: 1,
        fail: 0,
        skip: 3,
        not_applicable: 2,
    };
    let update = Update {
        tally: Some(tally),
        ..Update::default()
    };
    let rewrite = parse(text.as_bytes()).rewrite(&update);
    assert!(
        rewrite
            .edits
            .iter()
            .all(|edit| edit.what == EditKind::Region)
    );
    let expected = "## Legend\r\n- 🟢 **GO** - Complete\r\n\r\n- [ ] ✅ not a status\r\n\r\n<!-- readiness:begin tally -->\r\n- 🟢 PASS: 2\r\n- WARN: 1\r\n- FAIL: 0\r\n- SKIP: 3\r\n<!-- readiness:end -->\r\n\r\n> <!-- readiness:begin score -->\r\n> **Score: 50.0%** (2 of 4)\r\n> <!-- readiness:end -->\r\n";
    assert_eq!(String::from_utf8(rewrite.bytes.clone()).unwrap(), expected);
    let again = parse(&rewrite.bytes);
    assert_eq!(again.rewrite(&update).edits, []);
    assert_eq!((again.items().len(), again.claims().len()), (1, 0));
}

#[test]
fn settings_name_columns_and_the_meaning_of_skip() {
    let table = "| # | Thing | Result | Ok |\n|--|--|--|--|\n| K1 | a | SKIP | no |\n";
    let text = format!(
        "<!-- readiness:config status=\"OK\" id=\"#\" skip=\"not-applicable\" -->\n\n{table}"
    );
    let checklist = parse(text.as_bytes());
    let item = checklist.item("K1").unwrap();
    assert_eq!((item.state(), item.state_text()), (State::Fail, "no"));
    let text = format!(
        "<!-- readiness:config status=\"Result\" id=\"#\" skip=\"not-applicable\" -->\n\n{table}"
    );
    assert_eq!(
        parse(text.as_bytes()).item("K1").unwrap().state(),
        State::NotApplicable
    );
}

#[test]
fn symbols_are_boxes_where_the_document_says_so() {
    let list = "- ✅ Done thing\n- ☐ Open thing\n- plain\n";
    assert_eq!(items(list), Vec::<String>::new());
    let text = format!("<!-- readiness:config emoji-bullets=\"on\" -->\n\n{list}");
    assert_eq!(
        items(&text),
        ["document/done-thing: pass", "document/open-thing: not-run"]
    );
    let results = [
        ("document/done-thing", Status::Fail, None),
        ("document/open-thing", Status::Pass, None),
    ];
    assert_eq!(
        after(&text, &results),
        text.replace('✅', "❌").replace('☐', "✅")
    );
}

/// A symbol that cannot be written is reported, and what explains the symbols is not written over.
#[test]
fn symbols_that_stand_for_boxes_are_left_where_they_must_stay() {
    let on = "<!-- readiness:config emoji-bullets=\"on\" -->\n\n";
    let mut damaged = format!("{on}- ✅ a\n").into_bytes();
    damaged.extend_from_slice(b"\nfran\xE7ais\n");
    let rewrite = parse(&damaged).rewrite(&put(&[("document/a", Status::Fail, None)]));
    let found: Vec<_> = rewrite
        .diagnostics
        .iter()
        .map(|d| (d.code, d.severity, d.line))
        .collect();
    assert_eq!(rewrite.edits, []);
    assert_eq!(found, [(Code::EncodingNotUtf8, Severity::ItemError, 3)]);
    let legend = format!("{on}## Status\n\n- ✅ **PASS** - fine\n\n## Ops\n\n- ✅ a\n");
    assert_eq!(items(&legend), ["ops/a: pass"]);
}

#[test]
fn adopting_writes_markers_and_nothing_else() {
    let text = "## Ops\n\n- [ ] Back up  \n- [x] Restore\r\n- [ ] Größe\n\n| Item | Status |\n|--|--|\n| Drill | ❌ |\n\n- [ ] X-1 named <!-- req: N -->\n";
    let checklist = parse(text.as_bytes());
    let adoption = checklist.adopt(&BTreeMap::new());
    let expected = "## Ops\n\n- [ ] Back up <!-- req: ops/back-up -->  \n- [x] Restore <!-- req: ops/restore -->\r\n- [ ] Größe\n\n| Item | Status |\n|--|--|\n| Drill <!-- req: ops/drill --> | ❌ |\n\n- [ ] X-1 named <!-- req: N -->\n";
    assert_eq!(String::from_utf8(adoption.bytes.clone()).unwrap(), expected);
    assert!(
        adoption
            .edits
            .iter()
            .all(|edit| edit.what == EditKind::Marker && edit.span.is_empty())
    );
    let codes: Vec<_> = adoption
        .diagnostics
        .iter()
        .map(|d| (d.code, d.line))
        .collect();
    assert_eq!(codes, [(Code::IdInvalid, 5)]);
    let names = BTreeMap::from([(5, "ops/size".to_owned())]);
    let second = checklist.adopt(&names);
    assert!(second.diagnostics.is_empty());
    let after = parse(&second.bytes);
    assert!(
        after
            .items()
            .iter()
            .all(|item| item.id_origin() == IdOrigin::Marker)
    );
    for (old, new) in checklist.items().iter().zip(after.items()) {
        assert_eq!(old.normalized_text(), new.normalized_text());
    }
    assert_eq!(after.adopt(&names).edits, []);
}

#[test]
fn colliding_derived_ids_are_refused_and_adopted_with_names() {
    let text = "## Ops\n- [ ] Back up\n- [ ] Other\n- [x] Back up\n";
    let checklist = parse(text.as_bytes());
    let collision = &checklist.diagnostics()[0];
    assert_eq!(
        (collision.code, collision.line, &collision.related[..]),
        (Code::IdCollision, 2, &[4][..])
    );
    let rewrite = checklist.rewrite(&put(&[("ops/back-up", Status::Fail, None)]));
    assert!(rewrite.edits.is_empty());
    assert!(
        rewrite
            .diagnostics
            .iter()
            .all(|d| d.severity == Severity::ItemError)
    );
    assert_eq!(
        rewrite
            .diagnostics
            .iter()
            .map(|d| d.line)
            .collect::<Vec<_>>(),
        [2, 4]
    );
    let names = BTreeMap::from([(2, "ops/first".to_owned()), (4, "ops/second".to_owned())]);
    let adoption = checklist.adopt(&names);
    assert_eq!(parse(&adoption.bytes).diagnostics(), []);
    assert_eq!(adoption.edits.len(), 3);
}

#[test]
fn damage_that_a_region_writes_over_does_not_count() {
    let update = Update {
        tally: Some(Tally {
            pass: 1,
            ..Tally::default()
        }),
        ..Update::default()
    };
    let document = |inside: &[u8], outside: &[u8]| {
        let mut text = b"## Legend\n\n- \xE2\x9C\x85 **PASS** - met\n\n".to_vec();
        text.extend_from_slice(b"<!-- readiness:begin tally -->\n");
        text.extend_from_slice(inside);
        text.extend_from_slice(b"\n<!-- readiness:end -->\n\n");
        text.extend_from_slice(outside);
        text
    };
    for (inside, outside, line) in [
        (
            b"fran\xE7ais".as_slice(),
            b"words\n".as_slice(),
            "- ✅ PASS: 1",
        ),
        (b"words", b"fran\xE7ais\n", "- PASS: 1"),
        (b"fran\xE7ais", b"fran\xE7ais\n", "- PASS: 1"),
    ] {
        let once = parse(&document(inside, outside)).rewrite(&update).bytes;
        assert!(String::from_utf8_lossy(&once).contains(&format!("\n{line}\n")));
        assert_eq!(parse(&once).rewrite(&update).edits, []);
    }
}
