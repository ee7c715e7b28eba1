//! The text that is written into a status cell: the one the author would have written.
#![expect(clippy::unwrap_used, reason = "a helper of tests fails like a test")]
#![expect(clippy::format_push_string, reason = "short texts, built once")]

mod common;

use common::{after, items, parse};
use readiness_checklist::{Status, Tally, Update};

/// The cell that a status gives in a table whose column holds these texts; the item that is
/// written is an additional one, empty or as given.
fn written(above: &str, cells: &[&str], own: &str, status: Status) -> String {
    let mut text = format!("{above}| ID | Item | Status |\n|--|--|--|\n");
    for (number, cell) in cells.iter().enumerate() {
        text += &format!("| A-{number} | a | {cell} |\n");
    }
    text += &format!("| X-1 | x | {own} |\n");
    let after = after(&text, &[("X-1", status, None)]);
    let line = after.lines().last().unwrap().to_owned();
    line.trim_end_matches([' ', '|'])
        .rsplit('|')
        .next()
        .unwrap()
        .trim()
        .to_owned()
}

#[test]
fn the_commonest_text_of_the_column_is_repeated() {
    assert_eq!(
        written(
            "",
            &["✅ Done", "✅ Done", "✅ Yes", "❌ Open"],
            "❌ No",
            Status::Pass
        ),
        "✅ Done"
    );
    assert_eq!(
        written("", &["done", "Done", "Done"], "todo", Status::Pass),
        "Done"
    );
    assert_eq!(
        written("", &["**Pass**", "**Pass**"], "fail", Status::Pass),
        "**Pass**"
    );
    assert_eq!(
        written("", &["TODO", "TODO", "done"], "done", Status::Skip),
        "TODO"
    );
}

#[test]
fn the_shape_of_the_column_is_kept() {
    assert_eq!(written("", &["✅", "✅"], "✅", Status::Fail), "❌");
    assert_eq!(written("", &["pass", "pass"], "pass", Status::Fail), "FAIL");
    assert_eq!(
        written("", &["✅ Pass"], "✅ Pass", Status::Warn),
        "⚠️ WARN"
    );
    assert_eq!(written("", &["[x]", "[ ]"], "", Status::Pass), "[x]");
    assert_eq!(written("", &[""], "", Status::Fail), "❌");
}

#[test]
fn tables_that_say_the_same_keep_their_shape_each() {
    let table =
        |id: &str| format!("| ID | Requirement | Status |\n|--|--|--|\n| {id} | x | Todo |\n\n");
    let text = table("K-1") + "Words.\n\n" + &table("K-2");
    let results = [("K-1", Status::Pass, None), ("K-2", Status::Pass, None)];
    assert_eq!(after(&text, &results), text.replace("Todo", "PASS"));
}

#[test]
fn free_text_is_never_repeated() {
    assert_eq!(
        written("", &["✅ 100%", "✅ 100%", "❌ No"], "❌ No", Status::Pass),
        "✅ PASS"
    );
    assert_eq!(
        written("", &["Done 3/4", "Done 3/4", "open"], "open", Status::Pass),
        "PASS"
    );
}

#[test]
fn the_legend_comes_before_the_defaults() {
    let legend = "## Legend\n\n- 🟢 **GO** - Complete\n- 🔵 **STOP** - Failed\n\n";
    assert_eq!(written(legend, &[], "", Status::Fail), "🔵");
    assert_eq!(written(legend, &["Go"], "go", Status::Fail), "STOP");
    assert_eq!(
        written(legend, &["🟢 GO"], "🟢 GO", Status::Fail),
        "🔵 STOP"
    );
    let table = "| Symbol | Meaning |\n|--|--|\n| 🔵 | Failed |\n| 🟢 | Complete |\n\n";
    assert_eq!(written(table, &[], "", Status::Fail), "🔵");
}

/// What was written must be read as that.
#[test]
fn nothing_is_written_that_the_legend_gives_another_meaning() {
    let legend = |line: &str| format!("| Symbol | Meaning |\n|--|--|\n| {line} |\n\n");
    for (line, cells, status, text) in [
        (
            "❌ N/A | does not apply here",
            &["✅"][..],
            Status::Fail,
            "FAIL",
        ),
        ("✅ TODO | nobody looked", &["❌"], Status::Pass, "PASS"),
        // Marks are no word.
        ("⚠ ~~ | Partial", &["✅ Done"], Status::Warn, "⚠️ WARN"),
        // A word with markup is none to repeat.
        ("✅ <b>ok</b> | Passed", &["todo"], Status::Pass, "PASS"),
    ] {
        assert_eq!(written(&legend(line), cells, "", status), text, "{line}");
    }
    let list = "## Legend\n\n- 🟢 **go|on** - Complete\n\n";
    assert_eq!(written(list, &["todo"], "todo", Status::Pass), "PASS");
}

/// A row without a pipe in front begins with its first cell.
#[test]
fn a_status_in_front_leaves_the_row_a_row() {
    let text = "| Item | Status |\n|--|--|\n| a | * Done |\n\nStatus | Item\n--|--\nno | b\n";
    let written = after(text, &[("document/b", Status::Pass, None)]);
    assert_eq!(written, text.replace("no | b", "PASS | b"));
}

/// Statuses in front of their subject may all be symbols, once they are written.
#[test]
fn a_written_table_does_not_become_a_legend() {
    let results = [
        ("document/a", Status::Pass, None),
        ("document/b", Status::Fail, None),
    ];
    for header in ["Status | Item", "Status | Requirement | Description"] {
        let text = format!(
            "{header}\n-|-{}\n | a\n | b\n",
            "|-".repeat(header.len() / 20)
        )
        .replace("\n | ", "\n| | ");
        let written = after(&text, &results);
        assert_eq!(items(&written), ["document/a: pass", "document/b: fail"]);
    }
    // Where no header says what they are about, only words and boxes tell it from a legend.
    assert_eq!(
        items("| Status | Thing |\n|--|--|\n| | a |\n| | b |\n"),
        [""; 0]
    );
    let boxes = "| Status | Thing |\n|--|--|\n| [ ] | a |\n| | b |\n";
    let written = after(boxes, &results);
    assert_eq!(items(&written), ["document/a: pass", "document/b: not-run"]);
}

#[test]
fn an_equal_state_is_left_as_it_is_spelled() {
    for (cell, status) in [
        ("Done", Status::Pass),
        ("100%", Status::Pass),
        ("n/a", Status::Skip),
        ("☐", Status::Skip),
        ("🔴", Status::Fail),
    ] {
        assert_eq!(written("", &["✅"], cell, status), cell);
    }
}

#[test]
fn damaged_symbols_are_written_in_their_form() {
    assert_eq!(written("", &["‚úÖ"], "‚úÖ", Status::Fail), "‚ùå");
    assert_eq!(
        written("", &["‚úÖ PASS"], "‚úÖ PASS", Status::Warn),
        "‚ö†Ô∏è WARN"
    );
    assert_eq!(written("", &["âœ…"], "", Status::Pass), "âœ…");
    // The legend decides where the column says nothing.
    assert_eq!(
        written(
            "## Legend\n\n- ‚úÖ **PASS** - ok\n\n",
            &[],
            "",
            Status::Fail
        ),
        "‚ùå"
    );
    // Else the file does.
    assert_eq!(written("## ‚úÖ Part one\n\n", &[], "", Status::Fail), "‚ùå");
}

#[test]
fn padded_columns_keep_their_width() {
    let text = "| ID  | Item | Status      |\n|-----|------|-------------|\n| A-1 | a    | Done        |\n| A-2 | b    | not started |\n";
    let results = [("A-1", Status::Fail, None), ("A-2", Status::Pass, None)];
    let expected = "| ID  | Item | Status      |\n|-----|------|-------------|\n| A-1 | a    | FAIL        |\n| A-2 | b    | Done        |\n";
    assert_eq!(after(text, &results), expected);
    let narrow = "| ID  | Item | OK? | Status |\n|-----|------|-----|--------|\n| A-1 | a    |     | ok     |\n";
    let wide = after(narrow, &[("A-1", Status::Fail, None)]);
    assert_eq!(wide, narrow.replace("| ok     |", "| FAIL   |"));
    // What does not fit widens its own row only.
    let tight = "| ID | S | State |\n|----|---|-------|\n| A1 | s | ✅ ok |\n| A2 | s | ✅ ok |\n| A3 | s | ❌    |\n";
    let expected = "| ID | S | State |\n|----|---|-------|\n| A1 | s | ✅ ok |\n| A2 | s | ⚠️ WARN |\n| A3 | s | ✅ ok |\n";
    assert_eq!(
        after(
            tight,
            &[("A2", Status::Warn, None), ("A3", Status::Pass, None)]
        ),
        expected
    );
}

#[test]
fn empty_cells_get_one_space_on_the_left() {
    let text =
        "| ID | Item | Status |\n|--|--|--|\n| A-1 | a ||\n| A-2 | b | |\n| A-3 | c |    |\n";
    let results = [
        ("A-1", Status::Pass, None),
        ("A-2", Status::Pass, None),
        ("A-3", Status::Pass, None),
    ];
    let expected = "| ID | Item | Status |\n|--|--|--|\n| A-1 | a | ✅ |\n| A-2 | b | ✅ |\n| A-3 | c | ✅   |\n";
    assert_eq!(after(text, &results), expected);
}

#[test]
fn notes_are_added_replaced_and_removed() {
    let text = "| ID | Item | Status | Notes |\n|--|--|--|--|\n| A-1 | a | ✅ | P0-2 fix applied |\n| A-2 | b | ✅ ||\n";
    let failed = [
        ("A-1", Status::Fail, Some("2 of 5 | checks")),
        ("A-2", Status::Fail, Some("x")),
    ];
    let once = after(text, &failed);
    assert!(
        once.contains("| ❌ | P0-2 fix applied <!-- readiness --> 2 of 5 \\| checks |\n"),
        "{once}"
    );
    assert!(once.contains("| ❌ | <!-- readiness --> x |\n"), "{once}");
    assert_eq!(
        parse(once.as_bytes()).item("A-1").unwrap().notes(),
        Some("P0-2 fix applied")
    );
    let twice = after(&once, &[("A-1", Status::Warn, Some("slow"))]);
    assert!(
        twice.contains("| ⚠️ | P0-2 fix applied <!-- readiness --> slow |\n"),
        "{twice}"
    );
    let healed = after(
        &twice,
        &[("A-1", Status::Pass, None), ("A-2", Status::Pass, None)],
    );
    assert_eq!(healed, text.replace("||", "| |"));
}

#[test]
fn notes_that_are_the_requirement_are_not_written() {
    let text = "| Status | Notes |\n|--|--|\n| todo | a |\n";
    let id = "document/a";
    let written = after(text, &[(id, Status::Fail, Some("why"))]);
    assert_eq!(written, text.replace("todo", "FAIL"));
}

#[test]
fn a_backslash_before_a_removed_note_escapes_no_pipe() {
    let text = "| ID | Item | Status | Notes |\n|--|--|--|--|\n| A-1 | a | ❌ | x\\<!-- readiness --> y|\n";
    let written = after(text, &[("A-1", Status::Pass, None)]);
    assert_eq!(
        written,
        text.replace("❌", "✅")
            .replace("<!-- readiness --> y", " ")
    );
}

#[test]
fn a_note_that_could_not_be_found_again_is_not_written() {
    // The author's lone backticks around the notes cell would make code of the marker.
    let text = "| ID | Status | Notes | Extra |\n|--|--|--|--|\n| A-1 | ✅ | a ` b | c ` d |\n";
    assert_eq!(
        after(text, &[("A-1", Status::Fail, Some("why"))]),
        text.replace('✅', "❌")
    );
    let one = "| ID | Status | Notes |\n|--|--|--|\n| A-1 | ✅ | a ` b |\n";
    let after = after(one, &[("A-1", Status::Fail, Some("see `x`"))]);
    assert!(
        after.contains("| ❌ | a ` b <!-- readiness --> see 'x' |"),
        "{after}"
    );
}

#[test]
fn the_score_block_follows_the_assessment() {
    let text = "**Overall Readiness Score:** 73%\n**Last Updated:** 2025-10-14\n\n## Current Status:\n\n- ✅ PASS: 1\n- ❌ FAIL: 0 (see below)\n- PASS: 9\n\n**Score: TBD** (run tests to calculate)\n\n**Formula:** PASS: 1\n\n## Other\n\n- ✅ PASS: 1\n";
    let tally = Tally {
        pass: 2,
        warn: 0,
        fail: 1,
        skip: 3,
        not_applicable: 3,
    };
    let update = Update {
        tally: Some(tally),
        today: Some("2026-01-02".into()),
        ..Update::default()
    };
    let after = parse(text.as_bytes()).rewrite(&update);
    let expected = "**Overall Readiness Score:** 66%\n**Last Updated:** 2026-01-02\n\n## Current Status:\n\n- ✅ PASS: 2\n- ❌ FAIL: 1 (see below)\n- PASS: 9\n\n**Score: 66.6%** (2 of 3)\n\n**Formula:** PASS: 1\n\n## Other\n\n- ✅ PASS: 1\n";
    assert_eq!(String::from_utf8(after.bytes.clone()).unwrap(), expected);
    assert_eq!(parse(&after.bytes).rewrite(&update).edits, []);
}

#[test]
fn a_hundred_percent_is_exact_and_nothing_applicable_is_no_score() {
    let percent = |pass, skip, not_applicable, decimals| {
        Tally {
            pass,
            warn: 0,
            fail: 0,
            skip,
            not_applicable,
        }
        .percent(decimals)
    };
    assert_eq!(percent(999_999, 1, 0, 1).as_deref(), Some("99.9%"));
    assert_eq!(percent(114, 7, 0, 2).as_deref(), Some("94.21%"));
    assert_eq!(percent(5, 2, 2, 0).as_deref(), Some("100%"));
    assert_eq!(percent(0, 2, 2, 1), None);
    assert_eq!(percent(u64::MAX, 0, 0, 1).as_deref(), Some("100.0%"));
}

#[test]
fn the_date_changes_only_with_something_else() {
    let text = "**Last Updated:** 2025-10-14\n\n- [x] a\n";
    let mut update = common::put(&[("document/a", Status::Pass, None)]);
    update.today = Some("2026-01-02".into());
    assert_eq!(parse(text.as_bytes()).rewrite(&update).edits, []);
    let mut update = common::put(&[("document/a", Status::Skip, None)]);
    update.today = Some("yesterday".into());
    assert!(
        String::from_utf8(parse(text.as_bytes()).rewrite(&update).bytes)
            .unwrap()
            .contains("2025-10-14")
    );
    update.today = Some("2026-01-02".into());
    assert!(
        String::from_utf8(parse(text.as_bytes()).rewrite(&update).bytes)
            .unwrap()
            .contains("2026-01-02")
    );
}
