//! Recognising the start of a block from the bytes of one line, already without indentation.

use super::html::html_start;
use crate::source::is_blank_byte;

fn blank(bytes: &[u8]) -> bool {
    bytes.iter().all(|&b| is_blank_byte(b))
}

fn run(bytes: &[u8], byte: u8) -> usize {
    bytes.iter().take_while(|&&b| b == byte).count()
}

/// An ATX heading: its level and where, relative to the line, its text starts and ends.
pub(super) fn atx_heading(bytes: &[u8]) -> Option<(u8, usize, usize)> {
    let level = run(bytes, b'#');
    let level_byte = u8::try_from(level).ok().filter(|n| (1..=6).contains(n))?;
    if bytes.get(level).is_some_and(|&b| !is_blank_byte(b)) {
        return None;
    }
    let (start, mut end) = trimmed(bytes, level, bytes.len());
    let closing = bytes[start..end]
        .iter()
        .rev()
        .take_while(|&&b| b == b'#')
        .count();
    let before = end - closing;
    if closing > 0 && (before == start || is_blank_byte(bytes[before - 1])) {
        end = trimmed(bytes, start, before).1;
    }
    Some((level_byte, start, end.max(start)))
}

fn trimmed(bytes: &[u8], mut start: usize, mut end: usize) -> (usize, usize) {
    while start < end && is_blank_byte(bytes[start]) {
        start += 1;
    }
    while end > start && is_blank_byte(bytes[end - 1]) {
        end -= 1;
    }
    (start, end)
}

/// A setext underline: the level it gives.
pub(super) fn setext_underline(bytes: &[u8]) -> Option<u8> {
    let byte = *bytes.first()?;
    let level = match byte {
        b'=' => 1,
        b'-' => 2,
        _ => return None,
    };
    blank(&bytes[run(bytes, byte)..]).then_some(level)
}

pub(super) fn thematic_break(bytes: &[u8]) -> bool {
    let Some(&byte) = bytes.first() else {
        return false;
    };
    matches!(byte, b'*' | b'-' | b'_')
        && bytes.iter().all(|&b| b == byte || is_blank_byte(b))
        && bytes.iter().filter(|&&b| b == byte).nth(2).is_some()
}

/// The start of a fence: its character and length.
pub(super) fn fence_start(bytes: &[u8]) -> Option<(u8, usize)> {
    let byte = *bytes.first().filter(|b| matches!(b, b'`' | b'~'))?;
    let length = run(bytes, byte);
    // The info string of a backtick fence holds no backtick, else it is a code span.
    let is_span = byte == b'`' && memchr::memchr(b'`', &bytes[length..]).is_some();
    (length >= 3 && !is_span).then_some((byte, length))
}

pub(super) fn fence_end(bytes: &[u8], byte: u8, length: usize) -> bool {
    let closing = run(bytes, byte);
    closing >= length && blank(&bytes[closing..])
}

/// Whether a line that follows a row of a table is the start of another block, not a row.
pub(crate) fn ends_table(bytes: &[u8]) -> bool {
    bytes.first() == Some(&b'>')
        || atx_heading(bytes).is_some()
        || fence_start(bytes).is_some()
        || thematic_break(bytes)
        || list_marker(bytes).is_some()
        || html_start(bytes, false).is_some()
}

/// The marker of a list item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ListMarker {
    /// Its length in bytes.
    pub length: usize,
    pub ordered: bool,
    /// Whether an ordered list starts with one; only such a list interrupts a paragraph.
    pub starts_at_one: bool,
    /// Nothing but blanks follow.
    pub empty: bool,
}

pub(super) fn list_marker(bytes: &[u8]) -> Option<ListMarker> {
    let (length, ordered, starts_at_one) = match bytes.first()? {
        b'-' | b'+' | b'*' => (1, false, true),
        b'0'..=b'9' => {
            let digits = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
            if digits > 9 || !matches!(bytes.get(digits), Some(b'.' | b')')) {
                return None;
            }
            (
                digits + 1,
                true,
                matches!(&bytes[..digits], [zeros @ .., b'1'] if zeros.iter().all(|&b| b == b'0')),
            )
        }
        _ => return None,
    };
    if bytes.get(length).is_some_and(|&b| !is_blank_byte(b)) {
        return None;
    }
    Some(ListMarker {
        length,
        ordered,
        starts_at_one,
        empty: blank(&bytes[length..]),
    })
}

/// The number of columns of a delimiter row, if the line is one.
pub(crate) fn delimiter_row(bytes: &[u8]) -> Option<u32> {
    let (start, end) = trimmed(bytes, 0, bytes.len());
    let rest = &bytes[start..end];
    if !matches!(rest.first(), Some(b'|' | b'-' | b':')) {
        return None;
    }
    let rest = rest.strip_prefix(b"|").unwrap_or(rest);
    let rest = rest.strip_suffix(b"|").unwrap_or(rest);
    let mut columns = 0;
    let mut cell = Delimiter::Start;
    for &b in rest {
        cell = match (b, cell) {
            (b' ' | b'\t', Delimiter::Start) => Delimiter::Start,
            (b' ' | b'\t', Delimiter::Dashes | Delimiter::End) | (b':', Delimiter::Dashes) => {
                Delimiter::End
            }
            (b':', Delimiter::Start) => Delimiter::Colon,
            (b'-', Delimiter::Start | Delimiter::Colon | Delimiter::Dashes) => Delimiter::Dashes,
            (b'|', Delimiter::Dashes | Delimiter::End) => {
                columns += 1;
                Delimiter::Start
            }
            _ => return None,
        };
    }
    matches!(cell, Delimiter::Dashes | Delimiter::End).then_some(columns + 1)
}

/// How far a cell of a delimiter row was read.
#[derive(Clone, Copy)]
enum Delimiter {
    Start,
    /// Behind the colon that starts it: a dash has to follow.
    Colon,
    Dashes,
    /// Behind the dashes and the colon that may end them.
    End,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_lose_their_closing_hashes_only_after_a_blank() {
        assert_eq!(atx_heading(b"## a ##"), Some((2, 3, 4)));
        assert_eq!(atx_heading(b"## a##"), Some((2, 3, 6)));
        assert_eq!(atx_heading(b"#"), Some((1, 1, 1)));
        assert_eq!(atx_heading(b"### ###"), Some((3, 4, 4)));
        assert_eq!(atx_heading(b"#5 bolt"), None);
        assert_eq!(atx_heading(b"####### a"), None);
    }

    #[test]
    fn list_markers_need_a_blank_or_the_end() {
        assert!(list_marker(b"- a").is_some());
        assert!(list_marker(b"-").is_some_and(|m| m.empty));
        assert!(list_marker(b"-a").is_none());
        assert!(list_marker(b"123456789) a").is_some_and(|m| m.ordered && m.length == 10));
        assert!(list_marker(b"1234567890. a").is_none());
        assert!(list_marker(b"10. a").is_some_and(|m| !m.starts_at_one));
    }

    #[test]
    fn delimiter_rows_count_their_cells() {
        assert_eq!(delimiter_row(b"|---|:-:|"), Some(2));
        assert_eq!(delimiter_row(b"--- | --:"), Some(2));
        assert_eq!(delimiter_row(b"|--|"), Some(1));
        assert_eq!(delimiter_row(b"| - - |"), None);
        assert_eq!(delimiter_row(b"||"), None);
        assert_eq!(delimiter_row(b"| a |"), None);
    }

    /// As the specification says it, a cell at a time.
    fn columns_plainly(bytes: &[u8]) -> Option<u32> {
        let text = std::str::from_utf8(bytes)
            .unwrap()
            .trim_matches([' ', '\t']);
        text.starts_with(['|', '-', ':']).then_some(())?;
        let text = text.strip_prefix('|').unwrap_or(text);
        let text = text.strip_suffix('|').unwrap_or(text);
        text.split('|')
            .map(|cell| {
                let cell = cell.trim_matches([' ', '\t']);
                let cell = cell.strip_prefix(':').unwrap_or(cell);
                let cell = cell.strip_suffix(':').unwrap_or(cell);
                (!cell.is_empty() && cell.bytes().all(|b| b == b'-')).then_some(())
            })
            .try_fold(0, |columns, cell| cell.map(|()| columns + 1))
    }

    #[test]
    fn delimiter_rows_are_read_in_one_pass_as_cell_by_cell() {
        for number in 0..5_usize.pow(7) {
            let line: Vec<u8> = (0..7)
                .map(|digit| b"|-: a"[number / 5_usize.pow(digit) % 5])
                .collect();
            assert_eq!(
                delimiter_row(&line),
                columns_plainly(&line),
                "{:?}",
                String::from_utf8_lossy(&line)
            );
        }
    }

    #[test]
    fn a_backtick_fence_has_no_backtick_in_its_info() {
        assert_eq!(fence_start(b"```sh"), Some((b'`', 3)));
        assert_eq!(fence_start(b"```a```"), None);
        assert_eq!(fence_start(b"~~~ a`b"), Some((b'~', 3)));
        assert!(fence_end(b"````  ", b'`', 3));
        assert!(!fence_end(b"``` x", b'`', 3));
    }
}
