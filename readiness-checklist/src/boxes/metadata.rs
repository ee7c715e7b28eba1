//! Labelled sub-bullets of a box: `- **Test:** path::case`, `- Priority: **P0** | Status: TODO`.

use crate::blocks::TextLine;
use crate::source::{Span, is_blank_byte, trim_span};

/// What a label means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Test,
    Note,
    Evidence,
    Owner,
    Priority,
    Due,
    Status,
    /// Why or how; read by nobody, but its line is metadata.
    Reason,
    Id,
}

const KEYS: &[(&str, Key)] = &[
    ("test", Key::Test),
    ("verification", Key::Test),
    ("verify", Key::Test),
    ("command", Key::Test),
    ("note", Key::Note),
    ("comment", Key::Note),
    ("evidence", Key::Evidence),
    ("proof", Key::Evidence),
    ("file", Key::Evidence),
    ("owner", Key::Owner),
    ("priority", Key::Priority),
    ("due", Key::Due),
    ("status", Key::Status),
    ("why", Key::Reason),
    ("how", Key::Reason),
    ("id", Key::Id),
];

/// How a label is written, so that a new one looks like its siblings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Style {
    /// Bytes of emphasis around the key: its range in the document, empty for none.
    pub emphasis: Span,
    pub colon_inside: bool,
}

/// One labelled value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meta {
    pub key: Key,
    /// The trimmed value.
    pub value: Span,
    pub style: Style,
    pub line: TextLine,
    /// Where the list marker stands, if the line is a list item's first.
    pub marker: Option<u32>,
    /// Shares its line with other labels.
    pub pair: bool,
    /// The end of the last line of its list item, before the terminator.
    pub end: u32,
}

/// The labels of one line, if it starts with a known one.
pub(crate) fn read_line(
    bytes: &[u8],
    line: TextLine,
    marker: Option<u32>,
    into: &mut Vec<Meta>,
) -> bool {
    let line_span = trim_span(bytes, line.span);
    let first = into.len();
    let mut rest = line_span;
    loop {
        // A value may be followed by further labels behind pipes.
        let mut part = rest;
        let mut next = None;
        let text = &bytes[rest.range()];
        for at in memchr::memchr_iter(b'|', text) {
            let after = Span {
                start: rest.start + crate::source::narrow(at) + 1,
                end: rest.end,
            };
            if head(bytes, trim_span(bytes, after)).is_some() {
                part.end = after.start - 1;
                next = Some(after);
                break;
            }
        }
        let Some((key, value, style)) = head(bytes, trim_span(bytes, part)) else {
            into.truncate(first);
            return false;
        };
        into.push(Meta {
            key,
            value,
            style,
            line,
            marker,
            pair: false,
            end: line.span.end,
        });
        let Some(next) = next else { break };
        rest = next;
    }
    let several = into.len() > first + 1;
    for meta in &mut into[first..] {
        meta.pair = several;
    }
    true
}

/// `**Key:** value`, `**Key**: value`, `_Key:_ value`, `Key: value`.
fn head(bytes: &[u8], span: Span) -> Option<(Key, Span, Style)> {
    let text = &bytes[span.range()];
    let marks = text.iter().take_while(|b| matches!(b, b'*' | b'_')).count();
    if marks > 3 {
        return None;
    }
    let word = text[marks..]
        .iter()
        .take_while(|b| b.is_ascii_alphabetic())
        .count();
    let key = key(&text[marks..marks + word])?;
    let mut at = marks + word;
    if text[at..].starts_with(b"(s)") {
        at += 3;
    }
    let closes = |at: usize| text[at..].starts_with(&text[..marks]);
    let colon_inside = text.get(at) == Some(&b':') && closes(at + 1);
    at = match text.get(at) {
        Some(b':') if colon_inside => at + 1 + marks,
        _ if marks > 0 && closes(at) && text.get(at + marks) == Some(&b':') => at + marks + 1,
        _ => return None,
    };
    if text.get(at).is_some_and(|&b| !is_blank_byte(b)) {
        return None;
    }
    let value = trim_span(
        bytes,
        Span {
            start: span.start + crate::source::narrow(at),
            end: span.end,
        },
    );
    let emphasis = Span {
        start: span.start,
        end: span.start + crate::source::narrow(marks),
    };
    Some((
        key,
        value,
        Style {
            emphasis,
            colon_inside,
        },
    ))
}

fn key(word: &[u8]) -> Option<Key> {
    let singular = word
        .strip_suffix(b"s")
        .or_else(|| word.strip_suffix(b"S"))
        .unwrap_or(word);
    // `Proofs` and `Verifies` are not worth a table of plurals; `Status` ends in an s itself.
    KEYS.iter()
        .find(|(name, _)| {
            word.eq_ignore_ascii_case(name.as_bytes())
                || singular.eq_ignore_ascii_case(name.as_bytes())
        })
        .map(|(_, key)| *key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str) -> Vec<(Key, &str, bool)> {
        let line = TextLine {
            span: Span::new(0, text.len()),
            line: 1,
        };
        let mut found = Vec::new();
        read_line(text.as_bytes(), line, None, &mut found);
        found
            .iter()
            .map(|m| (m.key, &text[m.value.range()], m.pair))
            .collect()
    }

    #[test]
    fn the_colon_may_stand_on_either_side_of_the_emphasis() {
        for text in [
            "**Test:** a::b",
            "**Test**: a::b",
            "_Tests:_ a::b",
            "test: a::b",
            "__Test__: a::b",
        ] {
            assert_eq!(labels(text), [(Key::Test, "a::b", false)], "{text}");
        }
        for text in ["Testing: a", "**Test: a", "Test a", "Test:a", "A Test: b"] {
            assert_eq!(labels(text), [], "{text}");
        }
    }

    #[test]
    fn pairs_share_a_line() {
        assert_eq!(
            labels("Priority: **P0** | Status: **TODO**"),
            [
                (Key::Priority, "**P0**", true),
                (Key::Status, "**TODO**", true)
            ]
        );
        assert_eq!(
            labels("Command: a | grep b"),
            [(Key::Test, "a | grep b", false)]
        );
    }
}
