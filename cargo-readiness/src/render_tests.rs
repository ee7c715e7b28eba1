use readiness::diagnostic::Code;

use super::*;

fn shown(line: &str, meant: &str, width: usize) -> (String, String) {
    let at = line.find(meant).unwrap();
    let excerpt = excerpt(line.as_bytes(), Some(at..at + meant.len()), width);
    (excerpt.text[excerpt.meant.clone()].to_owned(), excerpt.text)
}

#[test]
fn a_short_line_is_shown_as_it_is() {
    let (meant, text) = shown("| A-1 | größe | ✅ ❌ |", "✅ ❌", 80);
    assert_eq!(meant, "✅ ❌");
    assert_eq!(text, "| A-1 | größe | ✅ ❌ |");
}

#[test]
fn of_a_long_line_the_piece_around_the_place_is_shown() {
    let line = format!("{}HERE{}", "a".repeat(5_000_000), "b".repeat(5_000_000));
    let (meant, text) = shown(&line, "HERE", 60);
    assert_eq!(meant, "HERE");
    assert!(text.starts_with('…') && text.ends_with('…'), "{text}");
    assert!(text.chars().count() <= 62, "{text}");
    // At its ends nothing is left out.
    let (_, text) = shown(&line, "aaaa", 60);
    assert!(text.starts_with('a') && text.ends_with('…'), "{text}");
    // What is meant may be longer than what fits.
    let all = excerpt(line.as_bytes(), None, 60);
    assert!(all.text.chars().count() <= 62 && all.meant.end <= all.text.len());
}

#[test]
fn nothing_a_terminal_acts_on_gets_through() {
    let line = "| \u{1b}[31mA\u{7}\t\u{202e}B\u{9b}1m | x |";
    let (meant, text) = shown(line, "x", 80);
    assert_eq!(meant, "x");
    assert!(
        !text.chars().any(|c| c.is_control() || c == '\u{202e}'),
        "{text:?}"
    );
    let latin = excerpt(b"fran\xe7ais | \xff", Some(11..12), 80);
    assert_eq!(&latin.text[latin.meant.clone()], "\u{fffd}");
}

#[test]
fn a_secret_in_the_line_is_masked() {
    let excerpt = excerpt(b"password = \"hunter2-hunter2\"", None, 80);
    assert!(!excerpt.text.contains("hunter2"), "{}", excerpt.text);
    assert!(excerpt.text.contains("[redacted"), "{}", excerpt.text);
}

#[test]
fn lines_are_counted_as_the_parser_counts_them() {
    let lines = Lines::new(b"\xef\xbb\xbfone\r\ntwo\rthree\n\n\r\rseven".to_vec());
    let expected = ["\u{feff}one", "two", "three", "", "", "", "seven"];
    for (number, line) in (1..).zip(expected) {
        assert_eq!(lines.nth(number), Some(line.as_bytes()), "line {number}");
    }
    assert_eq!(lines.nth(8), None);
    assert_eq!(lines.nth(0), None);
    assert_eq!(Lines::new(b"one\r\n".to_vec()).nth(1), Some(&b"one"[..]));
}

#[test]
fn the_status_that_somebody_typed_is_what_is_meant() {
    let claimed = |line: &str, stated: &str, id: &str| {
        let message = format!("`{stated}` is typed, and nothing stands behind it: not counted");
        let found = Diagnostic::new(Code::StatusClaimed, Path::new("a.md"), message).about(id);
        meant(line.as_bytes(), &found).map(|range| line[range].to_owned())
    };
    assert_eq!(claimed("  - [X] a", "[X]", "s/a").as_deref(), Some("[X]"));
    let row = "| A-1 | done means done |  done | |";
    assert_eq!(claimed(row, "done", "A-1").as_deref(), Some("done"));
    let found = claimed("| A-1 | ✅ | ✅ |", "✅", "A-1");
    assert_eq!(found.as_deref(), Some("A-1"), "two cells: nobody knows");
    assert_eq!(claimed("- [x] a — DONE", "DONE", "s/a"), None);
    let other = Diagnostic::new(
        Code::StatusDisagrees,
        Path::new("a.md"),
        "`[x]` was typed; FAIL",
    );
    assert_eq!(meant(b"| [x] | a |", &other), Some(2..5));
}

/// Every shape a finding can have, on one page.
#[test]
fn all_variants() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("CHECKLIST.md");
    let long = "x".repeat(400);
    let text = format!(
        "| ID | Requirement | Status |\n|--|--|--|\n| A-1 | It starts | [x](y) |\n\
         | A-2 | {long} | ✅ ❌ |\n| A-3 | \u{1b}]0;owned\u{7}\u{202e} | [~] |\n"
    );
    std::fs::write(&path, &text).unwrap();
    let checklist = readiness_checklist::Checklist::parse(text.into_bytes()).unwrap();
    let mut found: Vec<Diagnostic> = checklist
        .diagnostics()
        .iter()
        .map(|d| Diagnostic::of_document(Code::ChecklistDoubtful, &path, checklist.bytes(), d))
        .collect();
    let first = found.remove(0).with_lines(vec![4, 5]);
    found.insert(0, first);
    let config = folder.path().join("readiness.toml");
    std::fs::write(&config, "[gate]\nminimun = 95\n").unwrap();
    found.push(
        Diagnostic::new(Code::ConfigUnknownKey, &config, "unknown key `minimun`")
            .at(2)
            .hint("did you mean `minimum`?"),
    );
    found.push(
        Diagnostic::new(
            Code::ChecklistNotFound,
            &folder.path().join("gone.md"),
            "not there",
        )
        .at(3),
    );
    found.push(Diagnostic::new(
        Code::LedgerAbsent,
        &folder.path().join("readiness.lock"),
        "there is none",
    ));
    let mut sources = Sources::default();
    let mut page = String::new();
    for width in [100, 40] {
        for one in &found {
            page.push_str(&render(one, &mut sources, width, false));
            page.push_str("\n\n");
        }
    }
    for one in &found {
        page.push_str(&json(one, &mut sources));
        page.push('\n');
    }
    let here = folder.path().to_string_lossy().into_owned();
    insta::assert_snapshot!(page.replace(&here, "[folder]"));
    let coloured = render(&found[0], &mut sources, 100, true);
    assert!(coloured.contains("\u{1b}[") && !page.contains('\u{1b}'));
}
