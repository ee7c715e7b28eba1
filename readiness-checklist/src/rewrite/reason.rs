//! Making a reason safe to stand in a line of somebody's document.

/// The longest reason in characters; longer ones are cut.
const LONGEST: usize = 200;
/// Of a hostile, huge reason only this much is looked at.
const MOST_BYTES: usize = 8 * 1024;

/// A reason as one line of ASCII that cannot end a cell, a line, a comment or a code span, nor begin a
/// tag.
/// Empty if nothing is left.
pub(super) fn clean(reason: &str) -> String {
    let mut text = String::with_capacity(LONGEST + 8);
    for c in reason.chars().take(MOST_BYTES) {
        let space = c.is_whitespace() || c.is_control();
        match c {
            _ if space && (text.is_empty() || text.ends_with(' ')) => {}
            _ if space => text.push(' '),
            // A backslash before a pipe would escape our escape.
            '|' => {
                text.truncate(text.trim_end_matches('\\').len());
                text.push_str("\\|");
            }
            _ if is_invisible(c) => {}
            _ if c.is_ascii() => text.push(c),
            _ => text.push('?'),
        }
        if text.len() > 4 * LONGEST {
            break;
        }
    }
    let text = without_tags(&text.replace("<!--", "<!- -").replace("-->", "- ->"));
    let mut text: String = text.chars().take(LONGEST).collect();
    text.truncate(text.trim_end_matches(['\\', ' ']).len());
    pair_backticks(&text)
}

/// A `<` that would begin a tag gets a space behind it. In a code span it would be harmless, but what
/// else stands in the line may turn spans inside out.
fn without_tags(text: &str) -> String {
    let mut plain = String::with_capacity(text.len() + 8);
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        plain.push(c);
        let begins = |next: &char| next.is_ascii_alphabetic() || matches!(next, '/' | '?');
        if c == '<' && characters.peek().is_some_and(begins) {
            plain.push(' ');
        }
    }
    plain
}

/// Marks that change the direction of text or have no width.
fn is_invisible(c: char) -> bool {
    matches!(u32::from(c), 0x00AD | 0x061C | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x2069 | 0xFEFF | 0xFE00..=0xFE0F)
}

/// Backticks that open no code span become apostrophes.
fn pair_backticks(text: &str) -> String {
    let spans = crate::blocks::code_spans(text.as_bytes());
    let paired = |at: usize| {
        spans.iter().any(|&(start, end)| {
            let marks = text.as_bytes()[start..]
                .iter()
                .take_while(|&&b| b == b'`')
                .count();
            (start..start + marks).contains(&at) || (end - marks..end).contains(&at)
        })
    };
    text.char_indices()
        .map(|(at, c)| if c == '`' && !paired(at) { '\'' } else { c })
        .collect()
}

/// The same without any backtick, for a line that has unpaired ones of its own.
pub(super) fn without_backticks(reason: &str) -> String {
    reason.replace('`', "'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_reason_breaks_a_row() {
        assert_eq!(clean("a\nb\t c\u{0}d"), "a b c d");
        assert_eq!(clean("a | b"), "a \\| b");
        assert_eq!(clean(r"a \| b"), "a \\| b");
        assert_eq!(clean(r"a \\\| b\"), "a \\| b");
        assert_eq!(clean("<!-- x --> y"), "<!- - x - -> y");
        assert_eq!(
            clean("<script>a < b</script> <3"),
            "< script>a < b< /script> <3"
        );
        assert_eq!(clean("use `x` and `y"), "use `x` and 'y");
        assert_eq!(clean("größe 状态"), "gr??e ??");
        assert_eq!(clean("a\u{202e}b\u{200f}"), "ab");
        assert_eq!(clean("  \n "), "");
    }

    #[test]
    fn a_reason_is_short_and_ends_whole() {
        assert_eq!(clean(&"x".repeat(10_000_000)).len(), 200);
        let cut = clean(&format!("{}|||||", "x".repeat(199)));
        assert_eq!(cut, "x".repeat(199));
    }
}
