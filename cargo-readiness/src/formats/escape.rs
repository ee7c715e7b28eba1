//! Making text harmless, one function per place it may end up in.
//!
//! What stands in a report comes from documents, from the replies of targets and from people: none
//! of it may become markup, a command, a formula or a line of its own. Each function is total, and
//! what it returns reads the same as what it was given, as far as the place allows.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Stands for what a place cannot show.
const REPLACEMENT: char = '\u{fffd}';

/// Whether a character may stand in XML 1.0 and in HTML text. Control characters of the terminal
/// and surrogates' leftovers may not; of white space only the plain kinds.
fn is_text(c: char) -> bool {
    match c {
        '\t' | '\n' => true,
        '\u{fffe}' | '\u{ffff}' => false,
        c => !c.is_control(),
    }
}

/// For a writer that escapes by itself: only what the format cannot hold is replaced.
pub(crate) fn text(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_text) {
        return Cow::Borrowed(text);
    }
    let safe = text.chars().filter(|c| *c != '\r');
    Cow::Owned(
        safe.map(|c| if is_text(c) { c } else { REPLACEMENT })
            .collect(),
    )
}

/// For text and quoted attributes of HTML and SVG.
pub(crate) fn markup(text: &str) -> Cow<'_, str> {
    let plain = |c: char| !matches!(c, '&' | '<' | '>' | '"' | '\'') && is_text(c);
    if text.chars().all(plain) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\r' => {}
            c if is_text(c) => safe.push(c),
            _ => safe.push(REPLACEMENT),
        }
    }
    Cow::Owned(safe)
}

/// For a cell of a GitHub table: one line, nothing of it markdown or HTML.
pub(crate) fn markdown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            // Everything that begins emphasis, code, links, headings, lists, tables or HTML.
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '+' | '!' | '|'
            | '~' | '$' => {
                safe.push('\\');
                safe.push(c);
            }
            // A name or a bare address would become a link or a mention.
            '@' => safe.push_str("&#64;"),
            ':' => safe.push_str("&#58;"),
            c if c.is_control() || is_line_break(c) => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

/// The two separators that end a line though they are no control characters.
fn is_line_break(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

/// For the message of a GitHub workflow command.
pub(crate) fn command_message(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '%' => safe.push_str("%25"),
            '\n' => safe.push_str("%0A"),
            '\r' => safe.push_str("%0D"),
            c if c.is_control() || is_line_break(c) => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

/// For a property of a GitHub workflow command, as the file or the title.
pub(crate) fn command_property(text: &str) -> String {
    command_message(text)
        .replace(':', "%3A")
        .replace(',', "%2C")
}

/// For a cell of a table that a spreadsheet opens: what begins like a formula is marked as text.
/// Quoting is the writer's. White space before the sign does not hide it.
pub(crate) fn cell(text: &str) -> String {
    let text: String = text
        .chars()
        .filter(|c| is_text(*c) || *c == '\r')
        .map(|c| {
            if matches!(c, '\t' | '\r' | '\n') {
                ' '
            } else {
                c
            }
        })
        .collect();
    let first = text.trim_start().chars().next();
    // The full-width forms count as well in some programs.
    let formula = matches!(
        first,
        Some('=' | '+' | '-' | '@' | '|' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}')
    );
    if formula { format!("'{text}") } else { text }
}

/// A path as the path of a URI: everything but unreserved characters and `/` is encoded.
pub(crate) fn uri_path(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            byte => {
                // Writing to a string cannot fail.
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Text with everything in it that means something somewhere.
    fn hostile() -> impl Strategy<Value = String> {
        proptest::collection::vec(
            prop_oneof![
                Just("<script>".to_owned()),
                Just("]]>".to_owned()),
                Just("&amp;".to_owned()),
                Just("::error::".to_owned()),
                Just("%0A".to_owned()),
                Just("\r\n".to_owned()),
                Just("\u{1b}[31m".to_owned()),
                Just("=1+1".to_owned()),
                Just("| a |".to_owned()),
                Just("\u{202e}".to_owned()),
                Just("\u{2028}".to_owned()),
                any::<char>().prop_map(String::from),
            ],
            0..12,
        )
        .prop_map(|parts| parts.concat())
    }

    /// What a browser or an XML reader makes of the five entities.
    fn unescaped(text: &str) -> String {
        text.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&amp;", "&")
    }

    proptest! {
        #[test]
        fn markup_is_text_and_reads_the_same(text in hostile()) {
            let safe = markup(&text);
            prop_assert!(!safe.contains(['<', '>', '"', '\'']));
            prop_assert!(safe.chars().all(is_text));
            let expected: String = text
                .chars()
                .filter(|c| *c != '\r')
                .map(|c| if is_text(c) { c } else { REPLACEMENT })
                .collect();
            prop_assert_eq!(unescaped(&safe), expected);
        }

        #[test]
        fn a_command_stays_on_its_line(text in hostile()) {
            for safe in [command_message(&text), command_property(&text)] {
                let ends = safe.contains(['\n', '\r', '\u{1b}', '\u{2028}']);
                prop_assert!(!ends);
            }
            prop_assert!(!command_property(&text).contains([':', ',']));
            let decoded = command_message(&text)
                .replace("%0A", "\n")
                .replace("%0D", "\r")
                .replace("%25", "%");
            let expected: String = text
                .chars()
                .map(|c| match c {
                    '\n' | '\r' => c,
                    c if c.is_control() || is_line_break(c) => ' ',
                    c => c,
                })
                .collect();
            prop_assert_eq!(decoded, expected);
        }

        #[test]
        fn a_cell_is_no_formula(text in hostile()) {
            let safe = cell(&text);
            prop_assert!(!safe.trim_start().starts_with(['=', '+', '-', '@', '|']));
            let control = safe.contains(['\n', '\r', '\t', '\u{1b}']);
            prop_assert!(!control);
        }

        #[test]
        fn markdown_is_one_line_and_plain(text in hostile()) {
            let safe = markdown(&text);
            let special = safe.contains(['\n', '\r', '<', '>', '@', '\u{1b}']);
            prop_assert!(!special);
            let mut before = ' ';
            for c in safe.chars() {
                prop_assert!(!matches!(c, '|' | '`' | '*' | '[') || before == '\\', "{safe}");
                before = if before == '\\' { ' ' } else { c };
            }
        }

        #[test]
        fn a_path_is_a_uri(text in hostile()) {
            let uri = uri_path(&text);
            prop_assert!(uri.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/%".contains(&b)));
        }
    }

    #[test]
    fn what_is_harmless_is_left_alone() {
        assert_eq!(markup("It is fast: 5 ms"), "It is fast: 5 ms");
        assert_eq!(cell("5 ms"), "5 ms");
        assert_eq!(uri_path("a/b.md"), "a/b.md");
        assert_eq!(uri_path("ä b"), "%C3%A4%20b");
    }
}
