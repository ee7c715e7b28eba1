//! Inputs that a careless reader takes quadratic time for, each made in any size.
//!
//! The bench measures their growth in time; a test of the workspace counts their instructions.

#![expect(
    clippy::format_collect,
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "a table of short programs that print texts"
)]

use std::hint::black_box;

use readiness_checklist::{Checklist, ItemUpdate, Status, Update};

/// A table of as many columns as rows, all named and filled alike.
fn square(size: usize, name: &str, cell: impl Fn(usize) -> String) -> String {
    let count = (size / 4).isqrt() + 1;
    let line = |text: &str| format!("|{}\n", format!("{text}|").repeat(count));
    let rows = (1..=count).map(|row| line(&cell(row)));
    line(name) + &line("-") + &rows.collect::<String>()
}

/// Inputs whose naive reading is quadratic.
pub(crate) fn inputs(size: usize) -> Vec<(&'static str, String)> {
    vec![
        (
            "rows",
            format!(
                "| ID | Item | Status | Notes |\n|--|--|--|--|\n{}",
                (0..size / 40)
                    .map(|n| format!("| A-{n:05} | It holds | ✅ | well |\n"))
                    .collect::<String>()
            ),
        ),
        ("unclosed comments", "- [ ] a <!-- b\n".repeat(size / 15)),
        ("comment openers in code", "`<!--` ".repeat(size / 7)),
        ("many closed comments", "<!-- a -->".repeat(size / 10)),
        ("deep quotes", ">".repeat(size)),
        (
            "deep quotes on many lines",
            format!("{}a\n", ">".repeat(200)).repeat(size / 202),
        ),
        (
            "nested lists",
            (0..size / 24)
                .map(|n| format!("{}- [ ] a\n", " ".repeat(n % 16 * 2)))
                .collect(),
        ),
        (
            "deep list then blank lines",
            format!("{}a\n{}", "- ".repeat(150), "\n".repeat(size)),
        ),
        ("one long line", "a ".repeat(size / 2)),
        ("pipes", "|".repeat(size)),
        (
            "table of one wide row",
            format!(
                "|{}\n|{}\n|{}\n",
                "a|".repeat(size / 8),
                "-|".repeat(size / 8),
                "b|".repeat(size / 8)
            ),
        ),
        (
            "backticks of growing length",
            (1..size)
                .scan(0, |sum, n| {
                    *sum += n + 1;
                    (*sum < size).then(|| format!("{} ", "`".repeat(n)))
                })
                .collect(),
        ),
        ("brackets", format!("- [ ] {}", "[](".repeat(size / 3))),
        ("stars", format!("- [ ] {}", "*a _b ".repeat(size / 6))),
        (
            "one id on many rows",
            format!(
                "| ID | Item | Status |\n|--|--|--|\n{}",
                "| A-1 | a | x |\n".repeat(size / 16)
            ),
        ),
        ("colliding derived ids", "- [ ] same\n".repeat(size / 11)),
        (
            "metadata",
            format!(
                "- [ ] a\n{}",
                "  - Status: TODO | Test: x\n".repeat(size / 27)
            ),
        ),
        (
            "pairs on one line",
            format!("- [ ] a\n  - Note: {}", "x | Note: ".repeat(size / 10)),
        ),
        ("unclosed fences", "- ```\n".repeat(size / 6)),
        ("headings", "# a (3 items)\n".repeat(size / 14)),
        ("symbols", "✅".repeat(size / 3)),
        (
            "damaged symbols",
            format!("- [ ] {}", "âš".repeat(size / 4)),
        ),
        (
            "angle brackets",
            format!("- [ ] {}", "<a ".repeat(size / 3)),
        ),
        (
            "quoted attributes",
            format!("- [ ] {}", "<a b=\"".repeat(size / 6)),
        ),
        (
            "tallies",
            format!("## Status\n{}", "- ✅ PASS: 1\n- [ ] a\n".repeat(size / 23)),
        ),
        (
            "legend",
            (0..size / 60)
                .map(|n| format!("- 🔵 **WORD{n}** - done\n"))
                .fold("## Legend\n".to_owned(), |text, line| text + &line)
                + "\n| ID | Status |\n|--|--|\n"
                + &(0..size / 60)
                    .map(|n| format!("| A-{n} | WORD{n} |\n"))
                    .collect::<String>(),
        ),
        ("ordinals", square(size, "#", |row| row.to_string())),
        ("counts", square(size, "pass", |_| "7".to_owned())),
        (
            "status columns",
            square(size, "status", |_| "✅".to_owned()),
        ),
        (
            "settings above tables",
            format!(
                "<!-- readiness:config status=\"s\" -->\n{}{}",
                "\n".repeat(size / 2),
                "| ID | S |\n|-|-|\n| A | |\n\n".repeat(size / 50)
            ),
        ),
        (
            "statuses that all differ",
            (0..size / 40).fold("| ID | Status |\n|--|--|\n".to_owned(), |text, n| {
                let marks: String = (0..8)
                    .map(|digit| ['*', '_', '~', ' '][(n >> (2 * digit)) & 3])
                    .collect();
                text + &format!("| A-{n} | _{marks}Done |\n")
            }),
        ),
        (
            "endless heading, many sections",
            format!(
                "# {}\n{}",
                "long ".repeat(size / 10),
                "## a\n- [ ] b\n".repeat(size / 26)
            ),
        ),
        (
            "endless heading, many tables",
            format!(
                "# {}\n{}",
                "long ".repeat(size / 10),
                "| Item | Status |\n|-|-|\n| a | |\n\n".repeat(size / 66)
            ),
        ),
        (
            "signatures below an endless heading",
            format!(
                "# Sign-off {}\n{}",
                "long ".repeat(size / 10),
                "- [ ] b\n".repeat(size / 16)
            ),
        ),
        (
            "ids by turns in two tables",
            ["0", "1"]
                .map(|last| {
                    (0..size / 60).fold("| ID | Status |\n|--|--|\n".to_owned(), |text, n| {
                        text + &format!("| A-{n:06}{last} | {n} |\n")
                    }) + "\n"
                })
                .concat(),
        ),
        (
            "open brackets and quotes",
            format!("- [ ] {}", "[\"(<".repeat(size / 4)),
        ),
        (
            "crossing emphasis",
            format!("- [ ] {}", "*_~a ".repeat(size / 5)),
        ),
        ("setext", "a\n---\n".repeat(size / 6)),
        (
            "front matter without end",
            format!("---\n{}", "a: b\n".repeat(size / 5)),
        ),
        (
            "regions",
            "<!-- readiness:begin tally -->\n<!-- readiness:end -->\n".repeat(size / 54),
        ),
        ("html blocks", "<div>\n".repeat(size / 6)),
        ("escapes", format!("- [ ] {}", "\\".repeat(size))),
        ("shortcodes", format!("- [ ] {}", ":x:".repeat(size / 3))),
        (
            "machine markers",
            format!(
                "| ID | S | Notes |\n|-|-|-|\n| A-1 | | {} |",
                "<!-- readiness --> ".repeat(size / 20)
            ),
        ),
    ]
}

/// Reads a document, fails every item of it and asks for every text.
pub(crate) fn all_at_once(text: String) {
    let checklist = Checklist::parse(text.into_bytes()).unwrap();
    let mut update = Update::default();
    for item in checklist.items() {
        update.items.insert(
            item.id().to_owned(),
            ItemUpdate {
                status: Status::Fail,
                reason: Some("why".into()),
            },
        );
    }
    black_box(checklist.rewrite(&update));
    let texts = checklist.items().iter();
    black_box(
        texts
            .map(|item| item.normalized_text().len())
            .sum::<usize>(),
    );
}
