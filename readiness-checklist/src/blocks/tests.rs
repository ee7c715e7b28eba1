//! The outline of small documents.

use std::fmt::Write as _;

use super::*;
use crate::source::Source;

fn outline(text: &str) -> String {
    let source = Source::new(text.as_bytes().to_vec()).unwrap();
    let outline = parse(&source);
    let mut out = String::new();
    for block in &outline.blocks {
        match block {
            Block::Heading { level, lines } => {
                let _ = write!(out, "h{level}");
                show(&mut out, &source, outline.lines(lines));
            }
            Block::Paragraph { lines } => {
                out += "p";
                show(&mut out, &source, outline.lines(lines));
            }
            Block::Table { lines, columns } => {
                let _ = write!(out, "t{columns}");
                show(&mut out, &source, outline.lines(lines));
            }
            Block::ItemStart(item) => out += &["<", &item.line.to_string(), " "].concat(),
            Block::ItemEnd { .. } => out += "> ",
            Block::Opaque { line } => out += &["opaque", &line.to_string(), " "].concat(),
        }
    }
    out.trim_end().to_owned()
}

fn show(out: &mut String, source: &Source, lines: &[TextLine]) {
    let texts: Vec<_> = lines.iter().map(|l| source.text(l.span)).collect();
    let _ = write!(out, "({}) ", texts.join("/"));
}

#[test]
fn containers_nest_and_close() {
    assert_eq!(
        outline("- a\n  - b\n- c\n"),
        "<1 p(a) <2 p(b) > > <3 p(c) >"
    );
    assert_eq!(outline("> - a\n> b\n\nc"), "<1 p(a/b) > p(c)");
    assert_eq!(outline("- a\n\n  b\n\nc"), "<1 p(a) p(b) > p(c)");
    assert_eq!(outline("-\n\n  a"), "<1 > p(a)");
    assert_eq!(outline("1. a\n2. b"), "<1 p(a) > <2 p(b) >");
}

#[test]
fn a_list_that_does_not_start_at_one_does_not_interrupt_a_paragraph() {
    assert_eq!(outline("a\n14. b"), "p(a/14. b)");
    assert_eq!(outline("a\n1. b"), "p(a) <2 p(b) >");
    assert_eq!(outline("a\n-\nb"), "h2(a) p(b)");
    assert_eq!(outline("a\n*\nb"), "p(a/*/b)");
}

#[test]
fn code_and_html_hold_no_blocks() {
    assert_eq!(outline("```\n- a\n```\nb"), "opaque1 p(b)");
    assert_eq!(
        outline("- a\n  ```\n  - b\n- c"),
        "<1 p(a) opaque2 > <4 p(c) >"
    );
    assert_eq!(outline("a\n\n    - b\n"), "p(a) opaque3");
    assert_eq!(outline("a\n    b\n"), "p(a/b)");
    assert_eq!(outline("<div>\n- a\n\n- b"), "opaque1 <4 p(b) >");
    assert_eq!(
        outline("<pre>\n- a\n\n- b\n</pre>\n- c"),
        "opaque1 <6 p(c) >"
    );
}

#[test]
fn comments_hide_what_they_enclose() {
    assert_eq!(outline("<!-- a\n\n- [ ] b\n-->\nc"), "opaque1 p(c)");
    assert_eq!(outline("a <!-- b\n- c\n--> d\ne"), "p(a /e)");
    assert_eq!(outline("a\n\n<!-- b\n\n- c"), "p(a) opaque3");
    assert_eq!(outline("a `<!--` b\n- c"), "p(a `<!--` b) <2 p(c) >");
}

#[test]
fn tables_start_at_the_last_line_of_a_paragraph() {
    assert_eq!(outline("a|b\n-|-\n1|2\n\nx"), "t2(a|b/-|-/1|2) p(x)");
    assert_eq!(
        outline("x\n|a|b|\n|-|-|\n|1|\n<br>2\n- c"),
        "p(x) t2(|a|b|/|-|-|/|1|/<br>2) <6 p(c) >"
    );
    assert_eq!(outline("|a|b|\n|-|\n"), "p(|a|b|/|-|)");
    assert_eq!(outline("> |a|\n> |-|\n|1|"), "t1(|a|/|-|) p(|1|)");
}

#[test]
fn headings_of_both_kinds() {
    assert_eq!(
        outline("# a #\nb\nc\n==\n---\nd\n---"),
        "h1(a) h1(b/c) opaque5 h2(d)"
    );
}

#[test]
fn front_matter_needs_its_end() {
    assert_eq!(outline("---\n- [ ] a\n---\nb"), "p(b)");
    assert_eq!(outline("\u{feff}---\n- a\n...\nb"), "p(b)");
    assert_eq!(outline("---\n- a\n"), "opaque1 <2 p(a) >");
}

#[test]
fn tabs_reach_to_the_next_stop() {
    assert_eq!(outline("-\ta\n\n\tb\n"), "<1 p(a) p(b) >");
    assert_eq!(outline("-   a\n\t- b"), "<1 p(a) <2 p(b) > >");
}

#[test]
fn regions_without_an_end_are_reported() {
    let unclosed = |text: &str| {
        let source = Source::new(text.as_bytes().to_vec()).unwrap();
        parse(&source)
            .unclosed
            .iter()
            .map(|(kind, at)| (*kind, at.line))
            .collect::<Vec<_>>()
    };
    assert_eq!(unclosed("a\n```\nb"), [(Unclosed::Fence, 2)]);
    assert_eq!(unclosed("- ```\n  a\nb"), [(Unclosed::Fence, 1)]);
    assert_eq!(unclosed("a\n<!-- b\n"), [(Unclosed::Comment, 2)]);
    assert_eq!(unclosed("```\nb\n```\n<!-- c -->"), []);
}

#[test]
fn deep_nesting_is_capped() {
    let deep = "> ".repeat(10_000) + "a\n" + &"- ".repeat(10_000);
    assert!(outline(&deep).len() < 100_000);
}
