//! Minimal look-alikes of what real checklists hold: each must be read right and left unharmed.
#![expect(clippy::unwrap_used, reason = "a helper of tests fails like a test")]

mod common;
#[path = "traps/sentences.rs"]
mod sentences;

use common::{after, items, parse, put};
use readiness_checklist::{Checklist, Code, IdOrigin, State, Status};

fn codes(checklist: &Checklist) -> Vec<Code> {
    checklist.diagnostics().iter().map(|d| d.code).collect()
}

/// The line with this number of the document after these results.
fn line_after(text: &str, results: &[(&str, Status, Option<&str>)], line: usize) -> String {
    after(text, results)
        .split('\n')
        .nth(line - 1)
        .unwrap()
        .to_owned()
}

#[test]
fn pipes_in_code_split_and_the_row_is_left_alone() {
    let text = "| ID | Requirement | Status |\n|--|--|--|\n| K-1 | `ok | bad | skip` | |\n| K-2 | fine | ⏳ |\n";
    let checklist = parse(text.as_bytes());
    let row = checklist.item("K-1").unwrap();
    assert_eq!(row.read_only().unwrap().code, Code::RowPipeInCode);
    let results = [("K-1", Status::Pass, None), ("K-2", Status::Pass, None)];
    assert_eq!(after(text, &results), text.replace("⏳", "✅"));
    let rewrite = checklist.rewrite(&put(&results));
    assert_eq!(rewrite.diagnostics.len(), 1);
    assert_eq!(rewrite.diagnostics[0].id.as_deref(), Some("K-1"));
}

#[test]
fn a_pipe_in_code_right_of_the_status_is_harmless() {
    let text =
        "| ID | Requirement | Status | Notes |\n|--|--|--|--|\n| K-1 | fine | ❌ | run `a | b` |\n";
    let results = [("K-1", Status::Pass, None)];
    assert_eq!(after(text, &results), text.replace('❌', "✅"));
    // Where the notes are is in doubt then, so nothing is written there.
    let results = [("K-1", Status::Warn, Some("slow"))];
    assert_eq!(after(text, &results), text.replace('❌', "⚠️"));
}

#[test]
fn the_status_column_may_come_first_with_boxes_in_it() {
    let text =
        "| Done | Check | Evidence |\n|---|---|---|\n| [ ] | Lint | x |\n| [x] | Test | y |\n";
    assert_eq!(
        items(text),
        ["document/lint: not-run", "document/test: pass"]
    );
    let results = [
        ("document/lint", Status::Pass, None),
        ("document/test", Status::Fail, None),
    ];
    assert_eq!(
        after(text, &results),
        text.replace("[x]", "[_]")
            .replace("[ ]", "[x]")
            .replace("[_]", "[ ]")
    );
}

#[test]
fn a_box_beside_the_requirement_is_not_the_status() {
    let text = "| Item | Status | Owner |\n|---|---|---|\n| [ ] Code reviewed | | |\n";
    assert_eq!(items(text), ["document/code-reviewed: not-run"]);
    let line = line_after(text, &[("document/code-reviewed", Status::Pass, None)], 3);
    assert_eq!(line, "| [ ] Code reviewed | ✅ | |");
}

#[test]
fn a_box_column_beside_a_word_column() {
    let text = "| Done | Item | Status |\n|---|---|---|\n| [~] | Module output | PARTIAL |\n";
    let checklist = parse(text.as_bytes());
    assert_eq!(checklist.items()[0].state(), State::Warn);
    let line = line_after(text, &[("document/module-output", Status::Pass, None)], 3);
    assert_eq!(line, "| [~] | Module output | PASS |");
}

#[test]
fn two_status_columns_are_ambiguous_unless_one_is_called_status() {
    let text = "| Area | Implemented | Tested |\n|---|---|---|\n| Core | yes | no |\n";
    let checklist = parse(text.as_bytes());
    assert_eq!(codes(&checklist), [Code::StatusColumnAmbiguous]);
    assert_eq!(checklist.items().len(), 1);
    assert_eq!(after(text, &[("document/core", Status::Pass, None)]), text);
    let named = text.replace("Tested", "Status");
    assert_eq!(codes(&parse(named.as_bytes())), []);
    let line = line_after(&named, &[("document/core", Status::Pass, None)], 3);
    assert_eq!(line, "| Core | yes | PASS |");
    let configured = format!("<!-- readiness:config status=\"tested\" -->\n{text}");
    assert_eq!(
        line_after(&configured, &[("document/core", Status::Pass, None)], 4),
        "| Core | yes | PASS |"
    );
}

#[test]
fn box_and_text_in_one_status_cell() {
    let text = "| Metric | Target | Status |\n|---|---|---|\n| Speed | 5 ms | [ ] Works |\n";
    let line = line_after(text, &[("document/speed", Status::Pass, None)], 3);
    assert_eq!(line, "| Speed | 5 ms | [x] Works |");
}

#[test]
fn the_word_wins_over_the_symbol() {
    let text = "| Item | Status |\n|---|---|\n| Overflow library | ✅ N/A |\n";
    let checklist = parse(text.as_bytes());
    assert_eq!(checklist.items()[0].state(), State::NotApplicable);
    assert_eq!(codes(&checklist), [Code::StateContradiction]);
}

#[test]
fn group_and_spacer_rows_are_no_items_and_padding_survives() {
    let text = "| ID       | Requirement   | Status | Notes |\n\
                |----------|---------------|--------|-------|\n\
                | **INFO** | **Gathering** |        |       |\n\
                | I-1      | Ask           | ✅     |       |\n\
                |          |               |        |       |\n\
                | I-2      | Note          | ❌     | x     |\n";
    assert_eq!(items(text), ["I-1: pass", "I-2: fail"]);
    let results = [("I-1", Status::Fail, None), ("I-2", Status::Warn, None)];
    let expected = text.replace("❌ ", "⚠️ ").replace("✅ ", "❌ ");
    assert_eq!(after(text, &results), expected);
}

#[test]
fn ticks_under_levels_are_no_items() {
    let text = "| Practice | Level B | Level A |\n|---|---|---|\n| Unit tests | :white_check_mark: | :white_check_mark: |\n";
    assert_eq!(parse(text.as_bytes()).items().len(), 0);
}

#[test]
fn tables_without_outer_pipes_and_with_odd_rows() {
    let text = "Item | Priority | Status\n---|---|---\nLint | P1 | ❌\n<br>more | P2 | ❌\nshort\n";
    let checklist = parse(text.as_bytes());
    assert_eq!(checklist.items().len(), 3);
    assert_eq!(
        checklist.items()[2].read_only().unwrap().code,
        Code::RowShort
    );
    let results = [
        ("document/lint", Status::Pass, None),
        ("document/short", Status::Pass, None),
    ];
    assert_eq!(after(text, &results), text.replacen('❌', "✅", 1));
}

#[test]
fn the_same_id_with_the_same_text_is_one_item_with_another_text_an_error() {
    let table =
        |text: &str| format!("| ID | Item | Status |\n|--|--|--|\n| BR-01 | {text} | ❌ |\n");
    let same = format!(
        "{}\n{}\n{}",
        table("Story **1**"),
        table("Story 1"),
        table("Story 1")
    );
    assert_eq!(codes(&parse(same.as_bytes())), []);
    assert_eq!(
        after(&same, &[("BR-01", Status::Pass, None)]),
        same.replace('❌', "✅")
    );
    let other = format!("{}\n{}", table("Story 1"), table("Story 2"));
    let checklist = parse(other.as_bytes());
    assert_eq!(codes(&checklist), [Code::IdDuplicate]);
    assert!(checklist.has_file_error());
    let duplicate = &checklist.diagnostics()[0];
    assert_eq!((duplicate.line, &duplicate.related[..]), (7, &[3][..]));
    assert_eq!(after(&other, &[("BR-01", Status::Pass, None)]), other);
}

#[test]
fn labels_below_a_heading_carry_the_boxes() {
    let text = "#### 1.1 Add layer\n- [x] **Task**: add it\n- [ ] **Acceptance Criteria**:\n- [ ] it works\n";
    let checklist = parse(text.as_bytes());
    assert_eq!(checklist.items().len(), 3);
    assert_eq!(codes(&checklist), [Code::BoxLabels]);
    assert_eq!(checklist.diagnostics()[0].related, [3]);
}

#[test]
fn a_pair_line_owns_only_the_status_value() {
    let text = "- [ ] Hash secrets\n  - Priority: **P0** | Status: **TODO**\n";
    let checklist = parse(text.as_bytes());
    let item = &checklist.items()[0];
    assert_eq!((item.priority(), item.state()), (Some("P0"), State::NotRun));
    let results = [("document/hash-secrets", Status::Fail, Some("no hash"))];
    assert_eq!(
        after(text, &results),
        "- [ ] Hash secrets\n  - Priority: **P0** | Status: **FAIL**\n"
    );
}

#[test]
fn symbols_in_headings_and_boxes_in_paragraphs_are_no_items() {
    let text = "#### ✅ 1.2 Generate keys\n**Status**: [ ] Complete\n\n## [ ] Later\n\n`- [x] CHK-001: renders`\n";
    let checklist = parse(text.as_bytes());
    assert_eq!(checklist.items().len(), 0);
    assert_eq!(checklist.claims().len(), 1);
    assert_eq!(checklist.claims()[0].stated, "[ ] Complete");
}

#[test]
fn boxes_in_comments_and_behind_what_never_closes_are_no_items() {
    assert_eq!(
        items("<!--\n- [ ] Feature gate\n-->\n- [ ] real\n"),
        ["document/real: not-run"]
    );
    let fence = parse(b"- [ ] a\n\n```\n- [ ] b\n");
    assert_eq!(fence.items().len(), 1);
    assert_eq!(codes(&fence), [Code::FenceUnclosed]);
    let comment = parse(b"- [ ] a\n\n<!-- note\n\n- [ ] b\n");
    assert_eq!(comment.items().len(), 1);
    assert_eq!(codes(&comment), [Code::CommentUnclosed]);
    assert_eq!(comment.diagnostics()[0].line, 3);
}

#[test]
fn ids_and_priorities_lead_the_text() {
    let text = "- [ ] CHK-010 [P0] Lint passes\n- [x] CHK-011 [P1] Tests pass\n";
    let checklist = parse(text.as_bytes());
    let item = checklist.item("CHK-010").unwrap();
    assert_eq!(item.id_origin(), IdOrigin::Leading);
    assert_eq!(
        (item.requirement(), item.priority()),
        ("Lint passes", Some("P0"))
    );
}

#[test]
fn tokens_are_ids_only_where_most_boxes_have_one() {
    let text = "- [ ] HS256 is used\n- [ ] Secrets are hashed\n- [ ] Logs are kept\n";
    assert_eq!(
        items(text),
        [
            "document/hs256-is-used: not-run",
            "document/secrets-are-hashed: not-run",
            "document/logs-are-kept: not-run"
        ]
    );
}

#[test]
fn an_ordinal_in_the_text_is_no_id_and_a_bold_line_is_a_section() {
    let text =
        "## Hardening\n\n**Core (10)**:\n\n- [x] 1. Memory hardening\n- [ ] 2. Stack hardening\n";
    let checklist = parse(text.as_bytes());
    assert_eq!(checklist.items()[0].section(), ["Hardening", "Core (10)"]);
    assert_eq!(checklist.items()[0].id(), "core-10/1-memory-hardening");
    assert_eq!(checklist.items()[0].requirement(), "1. Memory hardening");
}

#[test]
fn dotted_ids_with_children() {
    let text = "- [ ] 1.0 Parent\n  - [ ] 1.1 Child\n  - [x] 1.2 Child\n- [x] 2.0 Other\n  - [ ] 2.1 Child\n";
    let checklist = parse(text.as_bytes());
    let ids: Vec<_> = checklist
        .items()
        .iter()
        .map(|i| (i.id(), i.depth(), i.parent()))
        .collect();
    assert_eq!(
        ids,
        [
            ("1.0", 0, None),
            ("1.1", 1, Some(0)),
            ("1.2", 1, Some(0)),
            ("2.0", 0, None),
            ("2.1", 1, Some(3))
        ]
    );
    assert_eq!(codes(&checklist), [Code::RollupMismatch]);
    assert_eq!(checklist.diagnostics()[0].id.as_deref(), Some("2.0"));
}

#[test]
fn markers_and_case_of_boxes_survive() {
    let text = "+ [x] e2e\n\n* [X] unit\n\n3) [ ] manual\n";
    assert_eq!(
        items(text),
        [
            "document/e2e: pass",
            "document/unit: pass",
            "document/manual: not-run"
        ]
    );
    let results = [
        ("document/e2e", Status::Pass, None),
        ("document/unit", Status::Pass, None),
        ("document/manual", Status::Pass, None),
    ];
    assert_eq!(after(text, &results), text.replace("3) [ ]", "3) [x]"));
    let upper = text.replace("[x]", "[X]");
    assert_eq!(after(&upper, &results), upper.replace("3) [ ]", "3) [X]"));
}

#[test]
fn a_box_without_text_is_no_item() {
    let checklist = parse(b"- [ ]\n- [ ] \n- [x] real\n");
    assert_eq!(checklist.items().len(), 1);
    assert_eq!(codes(&checklist), [Code::BoxOdd, Code::BoxOdd]);
}

#[test]
fn odd_boxes_are_reported_and_left() {
    let text = "- [] a\n- [~] b\n- [✅] c\n- [N/A] d\n- [x]text\n- [link](x)\n- [ ] real\n";
    let checklist = parse(text.as_bytes());
    assert_eq!(checklist.items().len(), 1);
    assert_eq!(codes(&checklist), [Code::BoxOdd; 5]);
}

#[test]
fn one_line_with_two_boxes_is_one_item() {
    assert_eq!(items("- [ ] a - [x] b\n"), ["document/a-x-b: not-run"]);
}

#[test]
fn mixed_forms_in_one_column_are_read_both_and_written_as_the_majority() {
    let text = "| ID | Item | Status |\n|--|--|--|\n| A-1 | a | âœ… |\n| A-2 | b | âœ… |\n| A-3 | c | ❌ |\n| A-4 | d | |\n";
    assert_eq!(
        items(text),
        ["A-1: pass", "A-2: pass", "A-3: fail", "A-4: not-run"]
    );
    let damaged_fail = "\u{e2}\u{9d}\u{152}";
    assert_eq!(
        line_after(text, &[("A-1", Status::Fail, None)], 3),
        format!("| A-1 | a | {damaged_fail} |")
    );
    assert_eq!(
        line_after(text, &[("A-4", Status::Pass, None)], 6),
        "| A-4 | d | âœ… |"
    );
    // In a tie the plain form wins.
    let tie = text.replace("| A-2 | b | âœ… |\n", "");
    assert_eq!(
        line_after(&tie, &[("A-4", Status::Pass, None)], 5),
        "| A-4 | d | ✅ |"
    );
}

#[test]
fn a_lost_byte_cannot_be_written_so_the_word_is() {
    // The cross lost its middle byte, so this file cannot spell one that a repair would restore.
    let text = "| ID | Item | Status |\n|--|--|--|\n| A-1 | a | â˜ |\n| A-2 | b | âœ… |\n| A-3 | c | â³ |\n";
    assert_eq!(items(text), ["A-1: not-run", "A-2: pass", "A-3: not-run"]);
    assert_eq!(
        line_after(text, &[("A-2", Status::Fail, None)], 4),
        "| A-2 | b | FAIL |"
    );
}

#[test]
fn one_latin_1_byte_is_opaque_and_only_ascii_is_written() {
    let bytes = b"# Fran\xE7ais\n\n| ID | Item | Status | Notes |\n|--|--|--|--|\n| A-1 | d\xE9j\xE0 | | |\n\n- [ ] b\xEAte\n";
    let checklist = parse(bytes);
    assert_eq!(codes(&checklist), [Code::EncodingNotUtf8]);
    assert_eq!(checklist.items().len(), 2);
    let id = checklist.items()[1].id().to_owned();
    let results = [
        ("A-1", Status::Fail, Some("größe")),
        (&*id, Status::Pass, None),
    ];
    let rewrite = checklist.rewrite(&put(&results));
    let expected = b"# Fran\xE7ais\n\n| ID | Item | Status | Notes |\n|--|--|--|--|\n| A-1 | d\xE9j\xE0 | FAIL | <!-- readiness --> gr??e |\n\n- [x] b\xEAte\n";
    assert_eq!(rewrite.bytes, expected);
}

#[test]
fn every_line_keeps_its_own_ending() {
    let text = "- [ ] a\r\n- [ ] b\n- [x] c\r- [ ] d";
    assert_eq!(items(text).len(), 4);
    let results = [
        ("document/a", Status::Pass, None),
        ("document/c", Status::Fail, Some("no")),
    ];
    let expected =
        "- [x] a\r\n- [ ] b\n- [ ] c\r  - **Status:** FAIL <!-- readiness --> no\r- [ ] d";
    assert_eq!(after(text, &results), expected);
    let last = [("document/d", Status::Warn, None)];
    assert_eq!(
        after(text, &last),
        format!("{text}\r\n  - **Status:** WARN")
    );
}

#[test]
fn front_matter_starts_behind_the_byte_order_mark() {
    let text = "\u{feff}---\ntasks:\n- [ ] not an item\n---\n# Title\n- [ ] real\n";
    let checklist = parse(text.as_bytes());
    assert_eq!(
        (checklist.title(), checklist.items().len()),
        (Some("Title"), 1)
    );
    assert_eq!(checklist.items()[0].line(), 6);
    let item = checklist.items()[0].id().to_owned();
    assert_eq!(
        after(text, &[(&item, Status::Pass, None)]),
        text.replace("- [ ] real", "- [x] real")
    );
}

#[test]
fn a_status_line_is_a_claim_and_never_edited() {
    let text = "# T\n\n**Status:** 5 Green, 9 Amber of 14\n\n- [ ] a\n";
    let checklist = parse(text.as_bytes());
    assert_eq!(checklist.claims()[0].stated, "5 Green, 9 Amber of 14");
    assert_eq!(
        after(text, &[("document/a", Status::Pass, None)]),
        text.replace("[ ]", "[x]")
    );
}

#[test]
fn an_ambiguous_pipe_leaves_the_row_alone() {
    let text =
        "| ID | Item | Status |\n|--|--|--|\n| A-1 | a \\\\| b | ❌ |\n| A-2 | c \\| d | ❌ |\n";
    let checklist = parse(text.as_bytes());
    assert_eq!(
        checklist.item("A-1").unwrap().read_only().unwrap().code,
        Code::PipeAmbiguous
    );
    assert_eq!(checklist.item("A-2").unwrap().requirement(), "c | d");
    let results = [("A-1", Status::Pass, None), ("A-2", Status::Pass, None)];
    assert_eq!(line_after(text, &results, 3), "| A-1 | a \\\\| b | ❌ |");
    assert_eq!(line_after(text, &results, 4), "| A-2 | c \\| d | ✅ |");
}

#[test]
fn a_status_cell_with_markup_or_several_statuses_is_left_alone() {
    for cell in [
        "[done](x)",
        "Done<br>Pending",
        "✅ ❌",
        "Done, review pending",
    ] {
        let text = format!("| ID | Item | Status |\n|--|--|--|\n| A-1 | a | {cell} |\n");
        let checklist = parse(text.as_bytes());
        assert_eq!(
            checklist.items()[0].read_only().unwrap().code,
            Code::StatusCellComplex,
            "{cell}"
        );
        assert_eq!(after(&text, &[("A-1", Status::Fail, None)]), text);
    }
}

#[test]
fn look_alike_tables_are_no_items() {
    for text in [
        "| Symbol | Meaning |\n|--|--|\n| ✅ | Done |\n",
        "| Category | Total | Passed | Status |\n|--|--|--|--|\n| Auth | 5 | 3 | ❌ |\n",
        "| Role | Name | Signature | Date |\n|--|--|--|--|\n| Lead | | | |\n",
        "## Approvals\n\n| Item | Status |\n|--|--|\n| Lead | ❌ |\n",
        "| Setting | Value |\n|--|--|\n| a | b |\n",
    ] {
        assert_eq!(parse(text.as_bytes()).items().len(), 0, "{text}");
    }
}

#[test]
fn a_table_without_a_status_column_has_read_only_items() {
    let text = "| ID | Requirement |\n|--|--|\n| V-1.1 | Hash it |\n";
    let checklist = parse(text.as_bytes());
    assert_eq!(
        checklist.item("V-1.1").unwrap().read_only().unwrap().code,
        Code::StatusColumnMissing
    );
    assert_eq!(after(text, &[("V-1.1", Status::Pass, None)]), text);
}

#[test]
fn messages_quote_no_more_of_a_document_than_people_read() {
    let endless = "lorem ".repeat(50_000);
    let cells = [
        endless.clone(),
        format!("{}N/A", "✅ ".repeat(20_000)),
        format!("[~] {endless}"),
    ];
    for cell in cells {
        let text = format!("| ID | Requirement | Status |\n|--|--|--|\n| A-1 | x | {cell} |\n");
        let checklist = parse(text.as_bytes());
        assert!(!checklist.diagnostics().is_empty());
        for found in checklist.diagnostics() {
            assert!(
                found.message.chars().count() < 200,
                "{}",
                found.code.as_str()
            );
        }
    }
}

#[test]
fn a_box_without_text_is_reported_as_that() {
    let checklist = parse(b"- [ ]\n- [x] \n- [~] a\n");
    let messages: Vec<_> = checklist
        .diagnostics()
        .iter()
        .map(|d| &*d.message)
        .collect();
    assert_eq!(
        messages,
        [
            "nothing stands behind this box, so it is not an item",
            "nothing stands behind this box, so it is not an item",
            "`[~]` is no box that markdown knows, so this is not an item"
        ]
    );
}

#[test]
fn an_underline_below_the_text_of_a_box_makes_no_heading_of_it() {
    // One of three boxes carries a token, which is too few for tokens to be ids.
    let share = "- [ ] CHK-1 One\n- [ ] Two\n  ---\n- [ ] Three\n";
    assert_eq!(
        items(share),
        [
            "document/chk-1-one: not-run",
            "document/two: not-run",
            "document/three: not-run"
        ]
    );
    let title = parse(b"# Plan\n\n- [ ] One\n  ===\n");
    assert_eq!(title.title(), Some("Plan"));
}
