//! The same structure as another parser sees it: boxes and tables against pulldown-cmark.
//!
//! Where this grammar deliberately differs (comments that hide blocks, front matter, ambiguous
//! pipes, nesting beyond the cap), the documents compared here stay away from it. So they do
//! where the other parser differs from GitHub's: it lets a table without outer pipes start only
//! at the first line of a paragraph, lets rows be indented like code, and knows no paragraph
//! behind an empty box.

use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::{Block, parse};
use crate::source::{Source, Span, trim_span};
use crate::status::box_at;
use crate::table::cells::{self, Cells};

/// Boxes as the place of their mark and whether they are ticked; tables as the trimmed ranges of
/// their cells, row by row.
#[derive(Debug, Default, PartialEq, Eq)]
struct Structure {
    boxes: Vec<(usize, bool)>,
    tables: Vec<Vec<Vec<String>>>,
}

fn ours(text: &str) -> Structure {
    let source = Source::new(text.as_bytes().to_vec()).unwrap();
    let outline = parse(&source);
    let bytes = source.bytes();
    let mut found = Structure::default();
    let mut split = Cells::default();
    for (number, block) in outline.blocks.iter().enumerate() {
        match block {
            Block::Paragraph { lines } | Block::Heading { lines, .. } => {
                let Some(Block::ItemStart(item)) =
                    number.checked_sub(1).map(|n| &outline.blocks[n])
                else {
                    continue;
                };
                let first = outline.lines(lines)[0];
                let ticked = box_at(&bytes[first.span.range()]);
                let text = trim_span(
                    bytes,
                    Span {
                        start: (first.span.start + 3).min(first.span.end),
                        end: first.span.end,
                    },
                );
                if let Some(ticked) =
                    ticked.filter(|_| first.span.start == item.content && !text.is_empty())
                {
                    found.boxes.push((first.span.start as usize, ticked));
                }
            }
            Block::Table { lines, columns } => {
                let mut rows = Vec::new();
                for (index, line) in outline.lines(lines).iter().enumerate() {
                    if index == 1 {
                        continue;
                    }
                    cells::split(bytes, line.span, &mut split);
                    // A renderer pads short rows and cuts long ones.
                    let columns = *columns as usize;
                    let mut row: Vec<String> = (0..split.cells.len().min(columns))
                        .map(|column| {
                            source
                                .text(split.trimmed(bytes, column).unwrap())
                                .into_owned()
                        })
                        .collect();
                    row.resize(columns, String::new());
                    rows.push(row);
                }
                found.tables.push(rows);
            }
            _ => {}
        }
    }
    found
}

fn theirs(text: &str) -> Structure {
    let mut found = Structure::default();
    let mut row = Vec::new();
    let mut rows = Vec::new();
    for (event, range) in
        Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS).into_offset_iter()
    {
        match event {
            Event::TaskListMarker(ticked) => found.boxes.push((range.start, ticked)),
            Event::Start(Tag::TableCell) => {
                row.push(text[range].trim_matches([' ', '\t']).to_owned());
            }
            Event::End(TagEnd::TableHead | TagEnd::TableRow) => rows.push(std::mem::take(&mut row)),
            Event::End(TagEnd::Table) => found.tables.push(std::mem::take(&mut rows)),
            _ => {}
        }
    }
    // `- [ ]` followed by nothing is no item here, even where a renderer draws a box.
    let has_text = |at: usize| {
        let rest = &text[at + 3..];
        let line = rest.split(['\n', '\r']).next().unwrap_or_default();
        line.starts_with([' ', '\t']) && !line.trim_matches([' ', '\t']).is_empty()
    };
    found.boxes.retain(|(at, _)| has_text(*at));
    found
}

fn assert_same(name: &str, text: &str) {
    let (ours, theirs) = (ours(text), theirs(text));
    assert_eq!(ours.boxes, theirs.boxes, "boxes of {name}");
    assert_eq!(ours.tables.len(), theirs.tables.len(), "tables of {name}");
    for (number, (a, b)) in ours.tables.iter().zip(&theirs.tables).enumerate() {
        assert_eq!(a.len(), b.len(), "rows of table {number} of {name}");
        assert!(a == b, "cells of table {number} of {name}");
    }
}

#[test]
fn small_documents_agree() {
    for text in [
        "- [ ] a\n- [x] b\n  - [X] c\n",
        "1. [ ] a\n2) [x] b\n",
        "- [ ] \n- [ ]\n- [x]\ta\n",
        "> - [ ] a\n> continued\nlazy\n- [ ] b",
        "```\n- [ ] a\n```\n- [ ] b",
        "- a\n\n      - [ ] code\n",
        "a\n- [ ] b\n\n\n- [ ] c",
        "| a | b |\n|---|---|\n| `x | y` | z |\n| 1 |\n| 1 | 2 | 3 |\n",
        "a | b\n-|-\n1 | 2\n<br>x\n> quote\n",
        "- | a | b |\n  |---|---|\n  | 1 | 2 |\n\n  text",
        "text\n| a | b |\n|---|---|\n| 1 | 2 |\n\n| c |\n|---|\n",
        "<details>\n\n| a |\n|---|\n| 1 |\n\n</details>\n",
        "| a |\n| - |\n| x \\| y |\n",
        "* [ ] a\n+ [ ] b\n10) [x] c\n",
        "-\t[ ] tab\n\n\t- [ ] inner\n",
        "- [ ] a\n    - [ ] four\n  - [ ] two\n",
    ] {
        assert_same(&format!("{text:?}"), text);
    }
}

/// Lines that start, continue, end or look like blocks.
fn line() -> impl Strategy<Value = String> {
    let indent = prop_oneof![6 => Just(""), 2 => Just("  "), 1 => Just("    "), 1 => Just("   "), 1 => Just("\t"), 1 => Just("> ")];
    let content = prop_oneof![
        3 => Just("- [ ] box"), 2 => Just("- [x] done"), 2 => Just("* [X] star"), 1 => Just("1. [ ] one"), 1 => Just("3) [x] three"),
        2 => Just("- item"), 2 => Just("text"), 3 => Just(""), 1 => Just("# heading"), 1 => Just("---"), 1 => Just("==="),
        1 => Just("```"), 1 => Just("~~~"), 3 => Just("| a | b |"), 3 => Just("|---|---|"),
        1 => Just("| `c | d` | e |"), 1 => Just("| one |"), 1 => Just("<div>"), 1 => Just("</div>"), 1 => Just("> quote"), 1 => Just("[ ] no box"), 1 => Just("***"), 1 => Just("- "), 1 => Just("+ [ ]\ttab"), 1 => Just("<br>x"),
        1 => Just("`- [ ] code`"), 1 => Just("| a \\| b | c |"), 1 => Just("|:--|--:|"),
    ];
    (indent, content).prop_map(|(indent, content): (&str, &str)| {
        let deep = indent == "    " || indent == "\t";
        let indent = if deep && content.contains('|') {
            "  "
        } else {
            indent
        };
        format!("{indent}{content}")
    })
}

/// Whether a document is one of those that the two parsers read differently on purpose.
fn differs_on_purpose(lines: &[String]) -> bool {
    let front_matter = lines.first().is_some_and(|line| line == "---");
    let mut after_pipe = lines.iter().skip_while(|line| !line.contains('|'));
    let deep_row = after_pipe.any(|line| line.starts_with("    ") || line.starts_with('\t'));
    let joined = lines.windows(2).any(|pair| {
        let (above, below) = (&pair[0], &pair[1]);
        let interrupts = !above.trim().is_empty() && !above.contains('|');
        let lazy = above.starts_with('>') != below.starts_with('>');
        let deep = below.starts_with("    ") || below.starts_with('\t');
        below.contains('|') && (interrupts || lazy) || lazy && deep
    });
    front_matter || deep_row || joined
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
    #![proptest_config(cases(1000))]

    #[test]
    fn generated_documents_agree(lines in prop::collection::vec(line(), 0..12)) {
        prop_assume!(!differs_on_purpose(&lines));
        let text = lines.join("\n");
        prop_assert_eq!(ours(&text), theirs(&text), "{}", text);
    }
}

#[test]
fn real_documents_agree() {
    let manifest = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = std::env::var_os("READINESS_SHARED")
        .map_or_else(|| manifest.join("../../shared"), Into::into);
    let required = std::env::var_os("READINESS_REQUIRE_SHARED").is_some_and(|value| value == "1");
    for folder in ["checklists", "corpus"] {
        let Ok(entries) = std::fs::read_dir(root.join(folder)) else {
            assert!(!required, "{} is not there", root.join(folder).display());
            eprintln!("SKIPPED: {} is not there", root.join(folder).display());
            continue;
        };
        for path in entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|e| e == "md"))
        {
            // A byte order mark hides the first line from the other parser.
            let Ok(text) = String::from_utf8(std::fs::read(&path).unwrap()) else {
                continue;
            };
            let name = path
                .file_name()
                .unwrap()
                .to_string_lossy()
                .chars()
                .take(3)
                .collect::<String>();
            assert_same(&name, text.trim_start_matches('\u{feff}'));
        }
    }
}
