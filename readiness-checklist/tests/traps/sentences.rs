//! The rules of the format that are lists, or one line each: every entry, and what is just beside it.

use readiness_checklist::{Code, IdOrigin, State, Status};

use crate::codes;
use crate::common::{after, items, parse};

/// The state that a cell of a status column is read as.
fn state(cell: &str) -> State {
    let text = format!("| ID | Requirement | Status |\n|--|--|--|\n| A-1 | x | {cell} |\n");
    parse(text.as_bytes()).item("A-1").unwrap().state()
}

#[test]
fn every_word_and_symbol_of_the_vocabulary() {
    let vocabulary = [
        (
            State::Pass,
            "pass|passed|done|complete|completed|yes|implemented|verified|validated|met|compliant|ready|fixed|ok|100%|✅|✔|☑|✓|🟢|[x]|[X]|:white_check_mark:|:heavy_check_mark:",
        ),
        (
            State::Warn,
            "warn|warning|partial|partially|conditional|⚠|🟡|🟠|:warning:",
        ),
        (
            State::Fail,
            "fail|failed|no|missing|blocked|non-compliant|not met|not implemented|❌|✗|✖|🔴|:x:",
        ),
        (State::InProgress, "in progress|wip|ongoing|🔄|🚧"),
        (
            State::NotRun,
            "todo|pending|planned|open|not started|tbd|not run||⬜|☐|⏳|[ ]|:black_square_button:|skip|⏸",
        ),
        (State::NotApplicable, "n/a|na|not applicable|-|—"),
        (
            State::Unknown,
            "passes|nope|80%|done 3|x|v|not done|runs|[y]|:smile:",
        ),
    ];
    for (wanted, words) in vocabulary {
        for word in words.split('|') {
            assert_eq!(state(word), wanted, "`{word}`");
            // Markup changes a box into no box, and a dash into a list.
            if word.chars().any(char::is_alphabetic) && !word.contains(['[', ':']) {
                for marked in [
                    word.to_uppercase(),
                    format!("**{word}**"),
                    format!("_{word}_"),
                    format!("`{word}`"),
                ] {
                    assert_eq!(state(&marked), wanted, "`{marked}`");
                }
            }
            if !word.is_ascii() && word != "—" {
                assert_eq!(
                    state(&format!("{word}\u{fe0f}")),
                    wanted,
                    "`{word}` as emoji"
                );
            }
        }
    }
}

#[test]
fn every_header_of_a_status_column() {
    let headers = "status|result|state|current status|current state|outcome|verdict|verified|compliance|compliant|implemented|implementation status|done|tested|test status|test result|fixed|pass/fail|ready|ready?|checkbox|statut|estado|статус|状态";
    for header in headers.split('|') {
        for header in [
            header.to_owned(),
            header.to_uppercase(),
            format!("**{header}**"),
            format!("`{header}`"),
            format!("[{header}](x)"),
            format!("<b>{header}</b>"),
            format!("✅ {header}"),
        ] {
            let text = format!("| Requirement | {header} |\n|--|--|\n| x | ✅ |\n");
            assert_eq!(items(&text), ["document/x: pass"], "{header}");
        }
    }
    for header in ["statuses", "my status", "resulting", "readiness"] {
        let text = format!("| Requirement | {header} |\n|--|--|\n| x | ✅ |\n");
        assert_eq!(items(&text), [] as [&str; 0], "{header}");
    }
}

#[test]
fn every_header_of_an_id_and_of_a_requirement_column() {
    let ids = "#|id|no|no.|code|control|key|ref|test id|risk id|issue id|section|requirement id|req|req id|req-id|req_id|br-id|tsc id|cwe|article";
    for header in ids.split('|') {
        let text = format!("| {header} | Requirement | Status |\n|--|--|--|\n| K-1 | x | ✅ |\n");
        assert_eq!(items(&text), ["K-1: pass"], "{header}");
    }
    let requirements = "requirement|description|item|check|criterion|criteria|control|feature|component|task|action|issue|aspect|area|metric|scenario|gate|category|title|test";
    for header in requirements.split('|') {
        let text = format!("| {header} | Owner | Status |\n|--|--|--|\n| Some words | me | ✅ |\n");
        assert_eq!(items(&text), ["document/some-words: pass"], "{header}");
    }
}

#[test]
fn every_header_of_the_other_columns() {
    let row = |header: &str| {
        let text =
            format!("| ID | Requirement | Status | {header} |\n|--|--|--|--|\n| K-1 | x | | y |\n");
        parse(text.as_bytes()).item("K-1").unwrap().clone()
    };
    for header in "test|tests|test case|test cases|test case(s)|test file|verification|verification method|validation|validation method|command|how to verify|verified by|coverage".split('|') {
        assert_eq!(row(header).test(), Some("y"), "{header}");
    }
    for header in
        "notes|note|comments|remarks|details|finding|findings|finding(s)|gap|rationale".split('|')
    {
        assert_eq!(row(header).notes(), Some("y"), "{header}");
    }
    for header in "evidence|proof|file|location|source|document|reference|link|module".split('|') {
        assert_eq!(row(header).evidence(), Some("y"), "{header}");
    }
    for header in "owner|responsible|assignee|reviewer|role".split('|') {
        assert_eq!(row(header).owner(), Some("y"), "{header}");
    }
    for header in "priority|severity|impact|risk level|required".split('|') {
        assert_eq!(row(header).priority(), Some("y"), "{header}");
    }
    for header in "due|target|target date|date|eta|milestone|phase".split('|') {
        assert_eq!(row(header).due(), Some("y"), "{header}");
    }
}

#[test]
fn every_key_of_a_sub_bullet() {
    let item = |key: &str| {
        let text = format!("- [ ] x\n  - {key}: y\n");
        parse(text.as_bytes()).items()[0].clone()
    };
    for key in [
        "Test",
        "tests",
        "**Verification**",
        "Verify",
        "_Command_",
        "COMMANDS",
    ] {
        assert_eq!(item(key).test(), Some("y"), "{key}");
    }
    for key in ["Note", "Notes", "Comment", "**Comments**"] {
        assert_eq!(item(key).notes(), Some("y"), "{key}");
    }
    for key in ["Evidence", "Proof", "File", "Files"] {
        assert_eq!(item(key).evidence(), Some("y"), "{key}");
    }
    for key in ["Owner", "Owners"] {
        assert_eq!(item(key).owner(), Some("y"), "{key}");
    }
    assert_eq!(item("Priority").priority(), Some("y"));
    assert_eq!(item("Due").due(), Some("y"));
    for key in ["Tester", "My note", "Whatever"] {
        let item = item(key);
        let texts = [item.test(), item.notes(), item.evidence(), item.owner()];
        assert_eq!(texts, [None; 4], "{key}");
    }
    let named = parse(b"- [ ] x\n  - Id: K-1\n");
    assert_eq!(named.item("K-1").unwrap().id_origin(), IdOrigin::Metadata);
}

#[test]
fn tables_count_wherever_they_stand_and_their_prefix_is_kept() {
    let table = [
        "| ID | Requirement | Status |",
        "|--|--|--|",
        "| K-1 | x | |",
    ];
    for prefix in ["> ", "   ", "> > "] {
        let text = format!("{prefix}{}\n", table.join(&format!("\n{prefix}")));
        assert_eq!(items(&text), ["K-1: not-run"], "{prefix:?}");
        let done = after(&text, &[("K-1", Status::Pass, None)]);
        assert_eq!(done, text.replace("| x | |", "| x | ✅ |"), "{prefix:?}");
    }
    let list = format!("- a\n\n  {}\n", table.join("\n  "));
    assert_eq!(items(&list), ["K-1: not-run"]);
    let details = format!("<details>\n\n{}\n\n</details>\n", table.join("\n"));
    assert_eq!(items(&details), ["K-1: not-run"]);
}

#[test]
fn the_cells_behind_those_of_the_header_are_never_written() {
    let text = "| ID | Requirement | Status |\n|--|--|--|\n| K-1 | x | ❌ | more | ❌ |\n";
    let done = after(text, &[("K-1", Status::Pass, Some("no"))]);
    assert_eq!(done, text.replacen('❌', "✅", 1));
}

#[test]
fn without_a_notes_column_no_reason_is_written() {
    let text = "| ID | Requirement | Status | Evidence | Owner | Test |\n|--|--|--|--|--|--|\n| K-1 | x | ✅ | e | o | t |\n";
    let failed = after(text, &[("K-1", Status::Fail, Some("no"))]);
    assert_eq!(failed, text.replace('✅', "❌"));
}

#[test]
fn what_ends_front_matter_and_fences() {
    assert_eq!(
        items("---\n- [ ] a\n...\n- [ ] b\n"),
        ["document/b: not-run"]
    );
    assert_eq!(items("---\n- [ ] a\n"), ["document/a: not-run"]);
    assert_eq!(
        items("~~~\n- [ ] a\n```\n- [ ] b\n~~~~\n- [ ] c\n"),
        ["document/c: not-run"]
    );
    // One that never closes ends with the quote, or the list item, that it stands in.
    let quote = parse(b"> ```\n> - [ ] a\n\n- [ ] b\n");
    assert_eq!(quote.items().len(), 1);
    assert_eq!(codes(&quote), [Code::FenceUnclosed]);
    let list = parse(b"- a\n  ```\n  - [ ] a\n- [ ] b\n");
    assert_eq!(list.items()[0].id(), "document/b");
    assert_eq!(codes(&list), [Code::FenceUnclosed]);
}

#[test]
fn tables_of_a_sign_off_section_are_no_items() {
    let table = "| Item | Status |\n|--|--|\n| x | ✅ |\n";
    for heading in ["Sign-off", "Approvals", "Go/No-Go", "Final approval"] {
        assert_eq!(
            items(&format!("## {heading}\n\n{table}")),
            [] as [&str; 0],
            "{heading}"
        );
    }
    assert_eq!(items(&format!("## Approval workflow\n\n{table}")).len(), 1);
}

#[test]
fn four_tokens_of_ten_boxes_are_enough_for_ids_and_fewer_are_not() {
    let list = |tokens: usize, boxes: usize| -> String {
        (0..boxes)
            .map(|number| {
                if number < tokens {
                    format!("- [ ] CHK-{number} word")
                } else {
                    format!("- [ ] word {number}")
                }
            })
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert_eq!(parse(list(4, 10).as_bytes()).items()[0].id(), "CHK-0");
    assert_eq!(
        parse(list(3, 8).as_bytes()).items()[0].id(),
        "document/chk-0-word"
    );
}

#[test]
fn ids_are_compared_exactly_and_have_their_bounds() {
    let row = |id: &str, text: &str| format!("| {id} | {text} | |\n");
    let table = |rows: &str| format!("| ID | Requirement | Status |\n|--|--|--|\n{rows}");
    let cases = parse(table(&(row("k-1", "x") + &row("K-1", "y"))).as_bytes());
    assert_eq!(codes(&cases), []);
    assert_eq!(cases.item("k-1").unwrap().requirement(), "x");
    assert!(cases.item("K-2").is_none());
    // A cell of an id column: up to 24 characters, with a digit, without a space inside.
    let longest = "K-".to_owned() + &"1".repeat(22);
    for (cell, origin) in [
        (longest.clone(), IdOrigin::Column),
        (longest + "1", IdOrigin::Derived),
        ("KEY".to_owned(), IdOrigin::Derived),
        ("K 1".to_owned(), IdOrigin::Derived),
        ("**K-1**".to_owned(), IdOrigin::Column),
        ("[K-1](x)".to_owned(), IdOrigin::Column),
    ] {
        let found = parse(table(&row(&cell, "x")).as_bytes());
        assert_eq!(found.items()[0].id_origin(), origin, "{cell}");
    }
    // A marker: up to 128 characters, without two dashes in a row.
    for (id, is_one) in [
        ("a".repeat(128), true),
        ("a".repeat(129), false),
        ("A.b_c/d-1".to_owned(), true),
        ("a--b".to_owned(), false),
        ("-a".to_owned(), false),
        ("ä".to_owned(), false),
    ] {
        for marker in [format!("<!-- req: {id} -->"), format!("<!-- REQ:{id} -->")] {
            let found = parse(format!("- [ ] x {marker}\n").as_bytes());
            assert_eq!(found.item(&id).is_some(), is_one, "{marker}");
        }
    }
}

#[test]
fn what_the_tool_never_writes() {
    let text = "# T\n\n**Deployment Date:** 2025-01-01\n\n## A (2 items)\n\n| ID | Requirement | Status |\n|--|--|--|\n| K-1 | x | |\n| K-2 | y | ✅ |\n\n## Other\n\n### Minimum Required Score: 95%\n\n**Formula:** pass / total = 50%\n\n### Rest\n\n- Total: 2 items, 50% done\n- ✅ PASS: 9\n\n**Approved by:** Jane\n\nAbout 50% are done, 1 of 2.\n";
    let mut update = crate::common::put(&[("K-1", Status::Fail, Some("no"))]);
    update.tally = Some(readiness_checklist::Tally {
        pass: 1,
        fail: 1,
        ..Default::default()
    });
    update.today = Some("2026-11-22".to_owned());
    let written = parse(text.as_bytes()).rewrite(&update);
    let written = String::from_utf8(written.bytes).unwrap();
    assert_eq!(written, text.replace("| x | |", "| x | ❌ |"));
}

#[test]
fn what_makes_a_box() {
    for line in [
        "- [ ] a",
        "* [ ] a",
        "+ [ ] a",
        "1. [ ] a",
        "1) [ ] a",
        "123456789. [ ] a",
        "-\t[ ] a",
        "-  [ ] a",
        "- [ ]\ta",
        "   - [ ] a",
        "> - [ ] a",
        "- - [ ] a",
    ] {
        assert_eq!(
            items(&format!("{line}\n")),
            ["document/a: not-run"],
            "{line}"
        );
    }
    for line in [
        "1234567890. [ ] a",
        "-[ ] a",
        "- [ ]a",
        "-     [ ] a",
        "    - [ ] a",
        "[ ] a",
        "a - [ ] a",
        "- a [ ] b",
        "- **[ ]** a",
        "- `[ ] a`",
        "- [] a",
        "- [  ] a",
        "- \\[ ] a",
        "# [ ] a",
    ] {
        assert_eq!(items(&format!("{line}\n")), [] as [&str; 0], "{line}");
    }
}

#[test]
fn what_is_hashed_of_a_requirement() {
    let normalized = |raw: &str| {
        let text = format!(
            "| ID | Requirement | Status | Notes |\n|--|--|--|--|\n| K-1 | {raw} | ✅ | n |\n"
        );
        parse(text.as_bytes())
            .item("K-1")
            .unwrap()
            .normalized_text()
            .to_owned()
    };
    for (raw, hashed) in [
        ("Plain words, kept.", "Plain words, kept."),
        ("**TLS** _is_ `on`", "TLS is on"),
        ("[Keys](https://x.example) are kept", "Keys are kept"),
        ("a \\* b \\| c", "a * b | c"),
        ("a <!-- note --> b <!-- req: K-1 -->", "a b"),
        ("✅ Works", "Works"),
        ("‚úÖ Works", "Works"),
        ("two   spaces\tand a tab", "two spaces and a tab"),
        ("Cafe\u{301}", "Café"),
        ("<b>bold</b> stays", "<b>bold</b> stays"),
    ] {
        assert_eq!(normalized(raw), hashed, "{raw}");
    }
    let bullet = parse("- [x] K-1 [P0] Works — DONE\n  - Test: t\n".as_bytes());
    assert_eq!(bullet.items()[0].normalized_text(), "Works");
}

#[test]
fn a_legend_is_a_table_or_a_list_below_a_heading_that_says_so() {
    let table =
        "\n| ID | Requirement | Status |\n|--|--|--|\n| K-1 | x | 🔵 |\n| K-2 | y | great |\n";
    let list = "- 🔵 **GREAT** - Complete\n";
    let states = |above: &str| items(&format!("{above}{table}"));
    let known = ["K-1: pass", "K-2: pass"];
    assert_eq!(states(&format!("## Legend\n\n{list}")), known);
    assert_eq!(states(&format!("## Status Key\n\n{list}")), known);
    assert_eq!(
        states("| Symbol | Meaning |\n|--|--|\n| 🔵 GREAT | Complete |\n"),
        known
    );
    assert_eq!(
        states(&format!("## Colours\n\n{list}")),
        ["K-1: unknown", "K-2: unknown"]
    );
}

#[test]
fn markers_are_read_in_any_case_and_settings_only_where_they_belong() {
    let table = "| ID | Requirement | Status | Result |\n|--|--|--|--|\n| K-1 | x | ✅ | ❌ |\n";
    let set = "<!-- Readiness:CONFIG Status=\"Result\" -->\n";
    assert_eq!(items(&format!("{set}\n{table}")), ["K-1: fail"]);
    assert_eq!(items(table), ["K-1: pass"]);
    // Once items came, only right above a table, and for that one.
    let second = table.replace("K-1", "K-2");
    let third = table.replace("K-1", "K-3");
    assert_eq!(
        items(&format!("{table}\n{set}\n{second}\n{third}")),
        ["K-1: pass", "K-2: fail", "K-3: pass"]
    );
    assert_eq!(
        items(&format!("{table}\n{set}\nwords\n\n{second}")),
        ["K-1: pass", "K-2: pass"]
    );
    let ignored = "<!-- READINESS:BEGIN IGNORE -->\n- [ ] a\n<!-- READINESS:END -->\n- [ ] b\n";
    assert_eq!(items(ignored), ["document/b: not-run"]);
    // Comments of other tools pass through.
    for comment in [
        "<!-- toc -->",
        "<!-- prettier-ignore -->",
        "<!-- ANCHOR: x -->",
    ] {
        assert_eq!(
            items(&format!("{comment}\n- [ ] b\n")),
            ["document/b: not-run"]
        );
    }
}

#[test]
fn a_paragraph_below_a_box_is_metadata_too() {
    let item = parse(b"- [ ] x\n\n  **Test:** y\n\n  Owner: z\n").items()[0].clone();
    assert_eq!((item.test(), item.owner()), (Some("y"), Some("z")));
    // Not deeper than the box, so not its own.
    let beside = parse(b"- [ ] x\n\n**Test:** y\n").items()[0].clone();
    assert_eq!(beside.test(), None);
}

#[test]
fn contradictions_are_read_by_their_word() {
    for (line, state) in [
        ("- [ ] Audit complete ✅ DONE", State::Pass),
        ("- [x] Backups (TODO)", State::NotRun),
        ("- [x] Backups - TODO", State::NotRun),
        ("- [x] Backups **TODO**", State::NotRun),
        ("- [x] Backups\n  - Status: TODO", State::NotRun),
    ] {
        let checklist = parse(format!("{line}\n").as_bytes());
        assert_eq!(checklist.items()[0].state(), state, "{line}");
        assert_eq!(codes(&checklist), [Code::StateContradiction], "{line}");
    }
    for line in [
        "- [x] The todo list is done",
        "- [x] Nothing is pending",
        "- [x] Pages marked TODO are gone",
    ] {
        let checklist = parse(format!("{line}\n").as_bytes());
        assert_eq!(checklist.items()[0].state(), State::Pass, "{line}");
        assert_eq!(codes(&checklist), [], "{line}");
    }
}

#[test]
fn a_pseudo_heading_is_a_bold_line_right_above_a_list_or_a_table() {
    let id = |text: &str| parse(text.as_bytes()).items()[0].id().to_owned();
    for heading in [
        "**Core**",
        "**Core:**",
        "**Core**:",
        "**Core (1 items)**",
        "**Core** (1 item):",
        "__Core__",
    ] {
        assert_eq!(
            id(&format!("## A\n\n{heading}\n\n- [ ] x\n")),
            "core/x",
            "{heading}"
        );
        let table = "| Item | Status |\n|--|--|\n| x | |\n";
        assert_eq!(
            id(&format!("## A\n\n{heading}\n\n{table}")),
            "core/x",
            "{heading}"
        );
    }
    for line in [
        "**Core** words",
        "**Core** and **more**",
        "Core:",
        "**Core**\nwords",
        "**Core**\n\nwords",
    ] {
        assert_eq!(id(&format!("## A\n\n{line}\n\n- [ ] x\n")), "a/x", "{line}");
    }
}
