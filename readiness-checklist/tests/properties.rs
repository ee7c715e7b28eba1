//! What holds for every document and every set of results.
//!
//! Generated documents mix everything the grammar knows: tables of both kinds with odd rows,
//! boxes with metadata, damaged symbols, comments, fences, regions, all line endings.
#![expect(clippy::format_push_string, reason = "short texts, built once")]

#[path = "../../fuzz/src/checks.rs"]
#[expect(dead_code, reason = "only its results are used here")]
mod checks;
mod common;
#[path = "properties/growth.rs"]
mod growth;
#[path = "properties/hostile.rs"]
mod hostile;

use std::collections::BTreeMap;

use common::{check_stable, parse, rewritten};
use proptest::prelude::*;
use readiness_checklist::{Checklist, EditKind, Severity, Status, Update};

/// Status cells and values, also ones that nobody should write.
fn status() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "✅",
        "❌",
        "⚠️",
        "⏸️",
        "✅ Done",
        "❌ FAIL",
        "Pass",
        "todo",
        "",
        " ",
        "N/A",
        "[ ]",
        "[x]",
        "[X] works",
        "[~]",
        "‚úÖ",
        "‚ùå",
        "‚ö†Ô∏è",
        "âœ…",
        "âŒ",
        ":x:",
        "**Done**",
        "✅ N/A",
        "Done 3/4",
        "✅ ❌",
        "[a](b)",
        "100%",
        "-",
        "`Done`",
        "in progress",
        "🟡",
        "Done, pending",
        "✅ 3 of 4",
        "<br>",
        "_WIP_",
        "x | y",
    ])
    .prop_map(str::to_owned)
}

fn words() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "Secrets are hashed",
        "**JWT** tokens",
        "`code | x`",
        "a \\| b",
        "a \\\\| b",
        "Größe prüfen",
        "Audit ✅ DONE",
        "Backups (TODO)",
        "No wildcard (*)",
        "see [x](y)",
        "",
        "<!-- req: M-1 --> marked",
        "x <!-- note -->",
        "`open",
        "TLS/SSL — N/A",
        "**Task**: do",
        "e\u{301}",
        "状态",
        "a <!-- readiness --> b",
        "1. ordinal",
        "**Group**",
    ])
    .prop_map(str::to_owned)
}

fn id() -> impl Strategy<Value = String> {
    prop_oneof![4 => (1..40_u8).prop_map(|n| format!("A-{n:02}")), 1 => Just(String::new()), 1 => Just("no id".into())]
}

fn row(columns: usize) -> impl Strategy<Value = String> {
    (id(), words(), status(), words(), 0..8_u8).prop_map(move |(id, text, status, note, odd)| {
        let cells = [id, text, status, note];
        let cells = &cells[..columns.min(4)];
        match odd {
            0 => format!("| {}", cells[..columns - 1].join(" | ")),
            1 => cells.join("|"),
            2 => format!("|  {}   |", cells.join("  |  ")),
            _ => format!("| {} |", cells.join(" | ")),
        }
    })
}

fn table() -> impl Strategy<Value = Vec<String>> {
    let header = prop::sample::select(vec![
        "| ID | Requirement | Status | Notes |",
        "| # | Item | Result | Comments |",
        "| ID | Check | Status |",
        "| Implemented | Item | Tested | Notes |",
        "ID | Item | Done",
        "| Symbol | Meaning | x |",
        "| ID | Requirement | Owner |",
    ]);
    (header, prop::sample::select(vec!["", "  ", "> "])).prop_flat_map(|(header, indent)| {
        let columns = header.trim_matches('|').split('|').count();
        prop::collection::vec(row(columns), 0..6).prop_map(move |rows| {
            let delimiter = format!("|{}", "---|".repeat(columns));
            [header.to_owned(), delimiter]
                .into_iter()
                .chain(rows)
                .map(|line| format!("{indent}{line}"))
                .collect()
        })
    })
}

fn list() -> impl Strategy<Value = Vec<String>> {
    let line = prop_oneof![
        6 => (prop::sample::select(vec!["- [ ] ", "- [x] ", "* [X] ", "1. [ ] ", "- [ ]\t", "+ [x]  "]), words())
            .prop_map(|(mark, text)| format!("{mark}{text}")),
        2 => (prop::sample::select(vec!["- **Status:** ", "- Status: ", "- **Status**: **", "* _Status:_ ", "- Priority: P0 | Status: "]), status())
            .prop_map(|(label, status)| format!("{label}{status}")),
        1 => Just("- **Test:** `a::b`".to_owned()),
        1 => Just("- **Status:** FAIL <!-- readiness --> why".to_owned()),
        1 => words(),
        1 => Just("- plain".to_owned()),
        1 => Just("```".to_owned()),
    ];
    let indent = prop::sample::select(vec!["", "", "  ", "  ", "    ", "\t", "> ", "      "]);
    prop::collection::vec(
        (indent, line).prop_map(|(indent, line)| format!("{indent}{line}")),
        1..8,
    )
}

fn block() -> impl Strategy<Value = Vec<String>> {
    let fixed = |lines: &[&str]| {
        Just(
            lines
                .iter()
                .map(|line| (*line).to_owned())
                .collect::<Vec<_>>(),
        )
    };
    prop_oneof![
        5 => table(),
        5 => list(),
        1 => fixed(&["# Title"]),
        1 => fixed(&["## Status Legend", "- ✅ **PASS** - fine", "- ❌ **FAIL** - not"]),
        1 => fixed(&["## Current Status", "- ✅ PASS: 1", "- ❌ FAIL: 2 (x)", "", "**Score: TBD** (run tests to calculate)"]),
        1 => fixed(&["**Last Updated:** 2025-01-01", "**Overall Readiness Score:** 73%"]),
        1 => fixed(&["<!-- readiness:begin tally -->", "old", "<!-- readiness:end -->"]),
        1 => fixed(&["<!-- readiness:begin ignore -->", "- [ ] hidden", "<!-- readiness:end -->"]),
        1 => fixed(&["**Bold section**"]),
        1 => fixed(&["## Sign-Off", "- [ ] Lead"]),
        1 => fixed(&["<!-- a comment", "- [ ] inside", "-->"]),
        1 => fixed(&["```", "- [ ] code", "```"]),
    ]
}

fn document() -> impl Strategy<Value = String> {
    let ending = prop::sample::select(vec!["\n", "\n", "\n", "\r\n", "\r"]);
    let gap = prop::sample::select(vec![true, true, true, false]);
    (
        prop::collection::vec((block(), gap), 0..6),
        ending,
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(blocks, ending, bom, last)| {
            let mut lines = Vec::new();
            for (block, gap) in blocks {
                lines.extend(block);
                if gap {
                    lines.push(String::new());
                }
            }
            let mut text = lines.join(ending);
            if last {
                text.push('\n');
            }
            if bom { format!("\u{feff}{text}") } else { text }
        })
}

/// A status for each item, chosen by its number.
fn results() -> impl Strategy<Value = Vec<(u8, u8)>> {
    prop::collection::vec((0..5_u8, 0..4_u8), 1..30)
}

fn update(checklist: &Checklist, choices: &[(u8, u8)]) -> Update {
    checks::results(checklist, |number| {
        let (status, reason) = choices[number % choices.len()];
        let status = match status {
            0 => Status::Pass,
            1 => Status::Warn,
            2 => Status::Fail,
            3 => Status::Skip,
            _ => return None,
        };
        Some((status, reason))
    })
}

/// The generated ids turned around: what came first by its id comes last.
fn mirrored(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("A-") {
        out.push_str(&rest[..at + 2]);
        rest = &rest[at + 2..];
        if let Some(number) = rest.get(..2).and_then(|digits| digits.parse::<u8>().ok())
            && let Some(mirrored) = 40_u8.checked_sub(number)
        {
            out.push_str(&format!("{mirrored:02}"));
            rest = &rest[2..];
        }
    }
    out + rest
}

/// So many cases, or `PROPTEST_CASES`; failures are printed, not written to the source tree.
fn cases(usual: u32) -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(usual);
    ProptestConfig {
        cases,
        failure_persistence: None,
        max_global_rejects: 1_000_000,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn without_results_nothing_changes(text in document()) {
        let rewrite = parse(text.as_bytes()).rewrite(&Update::default());
        prop_assert!(rewrite.edits.is_empty());
        prop_assert_eq!(rewrite.bytes, text.as_bytes());
    }

    #[test]
    fn twice_is_once_and_what_was_written_is_read(text in document(), choices in results()) {
        let checklist = parse(text.as_bytes());
        let update = update(&checklist, &choices);
        let once = rewritten(&checklist, &update);
        let after = parse(&once);
        let shown = String::from_utf8_lossy(&once);
        if checklist.has_file_error() {
            prop_assert_eq!(&once, text.as_bytes());
            return Ok(());
        }
        let again = after.rewrite(&update);
        prop_assert!(again.edits.is_empty(), "{:?}\nbefore:\n{}\nafter:\n{}", again.edits, text, shown);
        check_stable(&checklist, &after, &update, &format!("before:\n{text}\nafter:\n{shown}\n"));
    }

    #[test]
    fn outside_the_edits_no_byte_changes_and_lines_only_grow_by_bullets(text in document(), choices in results()) {
        let checklist = parse(text.as_bytes());
        let update = update(&checklist, &choices);
        let rewrite = checklist.rewrite(&update);
        let ends = |bytes: &[u8]| bytes.iter().filter(|b| matches!(b, b'\n' | b'\r')).count();
        for edit in &rewrite.edits {
            let old = &text.as_bytes()[edit.span.clone()];
            match edit.what {
                EditKind::Region => {}
                EditKind::StatusBullet if old.is_empty() => prop_assert!(ends(&edit.text) <= 2),
                _ => prop_assert_eq!((ends(old), ends(&edit.text)), (0, 0), "{:?}", edit),
            }
        }
    }

    /// Results come in the order of their ids. Whether that is the order of the document or the
    /// reverse, the same is written.
    #[test]
    fn the_order_of_the_results_does_not_matter(text in document(), choices in results()) {
        let there = parse(text.as_bytes());
        let back = parse(mirrored(&text).as_bytes());
        prop_assert_eq!(there.items().len(), back.items().len());
        let one = there.rewrite(&update(&there, &choices)).bytes;
        let other = back.rewrite(&update(&back, &choices)).bytes;
        let other = mirrored(&String::from_utf8_lossy(&other));
        prop_assert_eq!(String::from_utf8_lossy(&one), other);
    }

    #[test]
    fn adopting_changes_no_item(text in document()) {
        let checklist = parse(text.as_bytes());
        let adoption = checklist.adopt(&BTreeMap::new());
        let after = parse(&adoption.bytes);
        prop_assert_eq!(checklist.items().len(), after.items().len());
        for (old, new) in checklist.items().iter().zip(after.items()) {
            prop_assert_eq!(old.normalized_text(), new.normalized_text(), "{}", text);
            prop_assert_eq!((old.state(), old.line()), (new.state(), new.line()));
        }
        let errors = |checklist: &Checklist| {
            checklist.diagnostics().iter().filter(|d| d.severity == Severity::FileError).count()
        };
        prop_assert_eq!(errors(&checklist), errors(&after), "{}", text);
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), choices in results()) {
        if let Ok(checklist) = Checklist::parse(bytes.clone()) {
            let rewrite = checklist.rewrite(&update(&checklist, &choices));
            prop_assert!(checklist.items().len() <= bytes.len());
            prop_assert!(rewrite.edits.len() <= 3 * checklist.items().len() + 8);
        }
    }

    #[test]
    fn any_markup_is_read_without_a_panic(
        text in "([-*+|#>`~<!\\[\\]() xX\\\\\\t\\n\\r:_0-9.✅âŒ]|- \\[ \\] |<!--|-->|\\|--\\|){0,80}",
        choices in results(),
    ) {
        let checklist = parse(text.as_bytes());
        let update = update(&checklist, &choices);
        let once = checklist.rewrite(&update);
        let again = parse(&once.bytes).rewrite(&update);
        prop_assert!(again.edits.is_empty(), "{:?}\nbefore:\n{:?}\nafter:\n{:?}", again.edits, text, String::from_utf8_lossy(&once.bytes));
    }
}

/// What a file looks like after "read as Mac Roman, save as UTF-8".
fn mac_roman(text: &str) -> String {
    const UPPER: &str = "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø¿¡¬√ƒ≈∆«»…\u{a0}ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\u{f8ff}ÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ";
    let upper: Vec<char> = UPPER.chars().collect();
    text.bytes()
        .map(|byte| {
            if byte < 0x80 {
                byte as char
            } else {
                upper[usize::from(byte) - 0x80]
            }
        })
        .collect()
}

proptest! {
    #![proptest_config(cases(800))]

    /// The author's one-step repair of a damaged file works before and after a run alike.
    #[test]
    fn damage_and_writing_commute(
        rows in prop::collection::vec(prop::sample::select(vec!["✅", "❌", "⚠️", "⏸️", "✅ Done", "❌ FAIL", ""]), 1..6),
        choices in results(),
    ) {
        let mut text = "# ✅ Größe\n\n| ID | Requirement | Status | Notes |\n|--|--|--|--|\n| X-0 | first | ✅ | ü |\n".to_owned();
        for (number, status) in rows.iter().enumerate() {
            let id = number + 1;
            text += &format!("| X-{id} | text — {id} | {status} | |\n");
        }
        let plain = parse(text.as_bytes());
        let mut update = update(&plain, &choices);
        update.tally = None;
        let damaged_first = parse(mac_roman(&text).as_bytes()).rewrite(&update).bytes;
        let written_first = mac_roman(&String::from_utf8(plain.rewrite(&update).bytes).unwrap());
        prop_assert_eq!(String::from_utf8(damaged_first).unwrap(), written_first);
    }
}
