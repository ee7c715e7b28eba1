//! The bytes of a document: encoding, lines and spans.
//!
//! Everything works on bytes. A line ends at LF, CRLF or a lone CR and keeps its own terminator;
//! no Unicode separator ends a line. Positions are 32-bit, which the constructor guarantees.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use memchr::{memchr, memchr2, memchr2_iter};

use crate::error::ParseError;

/// A range of bytes in a document.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Span {
    pub start: u32,
    pub end: u32,
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

impl Span {
    /// A span from positions of a document, which are known to fit.
    pub fn new(start: usize, end: usize) -> Self {
        Self {
            start: narrow(start),
            end: narrow(end.max(start)),
        }
    }

    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }
}

/// Positions are below 4 GiB because [`Source::new`] refuses longer documents.
#[expect(
    clippy::cast_possible_truncation,
    reason = "see above; asked for some dozen times a row"
)]
#[inline]
pub(crate) fn narrow(position: usize) -> u32 {
    debug_assert!(u32::try_from(position).is_ok());
    position as u32
}

/// One line: its content without the terminator, and where the next one starts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    pub start: usize,
    pub end: usize,
    pub next: usize,
}

#[derive(Debug)]
enum Content {
    Text(String),
    /// Not valid UTF-8: bytes from 0x80 on are opaque.
    Opaque(Vec<u8>),
}

/// A document's bytes.
#[derive(Debug)]
pub(crate) struct Source {
    content: Content,
    has_cr: bool,
}

impl Source {
    pub fn new(bytes: Vec<u8>) -> Result<Self, ParseError> {
        if u32::try_from(bytes.len()).is_err() {
            return Err(ParseError::TooLarge { bytes: bytes.len() });
        }
        if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
            return Err(ParseError::EncodingUnsupported { offset: 0, line: 1 });
        }
        // Both are searched for at once, because a large document is not read twice for nothing.
        let first = memchr2(0, b'\r', &bytes);
        let has_cr = first.is_some_and(|at| bytes[at] == b'\r');
        let nul = first.and_then(|from| Some(from + memchr(0, &bytes[from..])?));
        if let Some(offset) = nul {
            let line = line_number(&bytes, offset);
            return Err(ParseError::EncodingUnsupported { offset, line });
        }
        let content = match String::from_utf8(bytes) {
            Ok(text) => Content::Text(text),
            Err(error) => Content::Opaque(error.into_bytes()),
        };
        Ok(Self { content, has_cr })
    }

    pub fn bytes(&self) -> &[u8] {
        match &self.content {
            Content::Text(text) => text.as_bytes(),
            Content::Opaque(bytes) => bytes,
        }
    }

    /// Whether a carriage return stands anywhere.
    pub fn has_cr(&self) -> bool {
        self.has_cr
    }

    pub fn is_utf8(&self) -> bool {
        matches!(self.content, Content::Text(_))
    }

    /// Where the first byte that is not UTF-8 stands.
    pub fn first_invalid(&self) -> Option<usize> {
        match &self.content {
            Content::Text(_) => None,
            Content::Opaque(bytes) => std::str::from_utf8(bytes).err().map(|e| e.valid_up_to()),
        }
    }

    /// Length of the byte order mark.
    pub fn bom(&self) -> usize {
        if self.bytes().starts_with(b"\xEF\xBB\xBF") {
            3
        } else {
            0
        }
    }

    pub fn slice(&self, span: Span) -> &[u8] {
        self.bytes().get(span.range()).unwrap_or_default()
    }

    /// The text of a span; bytes that are not UTF-8 become U+FFFD.
    pub fn text(&self, span: Span) -> Cow<'_, str> {
        match &self.content {
            Content::Text(text) => match text.get(span.range()) {
                Some(part) => Cow::Borrowed(part),
                None => String::from_utf8_lossy(self.slice(span)),
            },
            Content::Opaque(_) => String::from_utf8_lossy(self.slice(span)),
        }
    }

    /// The text of a span without a copy, where the document is UTF-8.
    pub fn str(&self, span: Span) -> Option<&str> {
        match &self.content {
            Content::Text(text) => text.get(span.range()),
            Content::Opaque(_) => None,
        }
    }

    /// The line that starts at `start`, if the document has one there.
    pub fn line_at(&self, start: usize) -> Option<Line> {
        line_at(self.bytes(), start)
    }

    /// The start of the line that holds this position; a terminator belongs to the line it ends.
    pub fn line_start(&self, position: usize) -> usize {
        let bytes = self.bytes();
        let mut position = position.min(bytes.len());
        if position > 0 && bytes[position - 1] == b'\r' && bytes.get(position) == Some(&b'\n') {
            position -= 1;
        }
        let before = &bytes[..position];
        memchr::memrchr2(b'\n', b'\r', before).map_or(self.bom().min(position), |at| at + 1)
    }

    /// The terminator that a new line takes which is inserted below the line ending at `end`
    /// (before its terminator): that line's, else the file's first, else LF.
    pub fn terminator_after(&self, end: usize) -> &'static str {
        terminator_at(self.bytes(), end)
            .or_else(|| {
                let first = memchr2(b'\n', b'\r', self.bytes())?;
                terminator_at(self.bytes(), first)
            })
            .unwrap_or("\n")
    }
}

fn terminator_at(bytes: &[u8], at: usize) -> Option<&'static str> {
    match (bytes.get(at), bytes.get(at + 1)) {
        (Some(b'\r'), Some(b'\n')) => Some("\r\n"),
        (Some(b'\r'), _) => Some("\r"),
        (Some(b'\n'), _) => Some("\n"),
        _ => None,
    }
}

pub(crate) fn line_at(bytes: &[u8], start: usize) -> Option<Line> {
    if start >= bytes.len() {
        return None;
    }
    let Some(offset) = memchr2(b'\n', b'\r', &bytes[start..]) else {
        return Some(Line {
            start,
            end: bytes.len(),
            next: bytes.len(),
        });
    };
    let end = start + offset;
    let next = if bytes[end] == b'\r' && bytes.get(end + 1) == Some(&b'\n') {
        end + 2
    } else {
        end + 1
    };
    Some(Line { start, end, next })
}

/// The 1-based number of the line that holds this position.
pub(crate) fn line_number(bytes: &[u8], position: usize) -> usize {
    let before = &bytes[..position.min(bytes.len())];
    let ends = memchr2_iter(b'\n', b'\r', before)
        .filter(|&at| !(bytes[at] == b'\n' && at > 0 && bytes[at - 1] == b'\r'))
        .count();
    // A position on the LF of a CRLF pair still belongs to the line before.
    let inside_pair = before.last() == Some(&b'\r') && bytes.get(position) == Some(&b'\n');
    1 + ends - usize::from(inside_pair)
}

/// SP and TAB only: a Unicode trim would eat the NBSP that ends a mis-decoded warning sign.
pub(crate) fn is_blank_byte(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// The span without spaces and tabs at both ends.
pub(crate) fn trim_span(bytes: &[u8], span: Span) -> Span {
    let text = &bytes[span.range()];
    // The usual cell.
    if let [b' ', first, .., last, b' '] = text
        && !is_blank_byte(*first)
        && !is_blank_byte(*last)
    {
        return Span {
            start: span.start + 1,
            end: span.end - 1,
        };
    }
    let (mut from, mut to) = (0, text.len());
    while from < to && is_blank_byte(text[from]) {
        from += 1;
    }
    while from < to && is_blank_byte(text[to - 1]) {
        to -= 1;
    }
    Span {
        start: span.start + narrow(from),
        end: span.start + narrow(to),
    }
}

/// Text without spaces and tabs at both ends.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_terminator_ends_a_line_and_nothing_else_does() {
        let bytes = b"a\r\nb\rc\nd\x0b\x0ce\xc2\x85f".as_slice();
        let mut lines = Vec::new();
        let mut at = 0;
        while let Some(line) = line_at(bytes, at) {
            lines.push(&bytes[line.start..line.end]);
            at = line.next;
        }
        assert_eq!(lines, [b"a".as_slice(), b"b", b"c", b"d\x0b\x0ce\xc2\x85f"]);
    }

    #[test]
    fn line_numbers_count_a_crlf_once() {
        let bytes = b"a\r\nb\rc\nd";
        let numbers: Vec<_> = (0..bytes.len()).map(|at| line_number(bytes, at)).collect();
        assert_eq!(numbers, [1, 1, 1, 2, 2, 3, 3, 4]);
    }

    #[test]
    fn a_new_line_takes_the_terminator_above_it_then_the_first_of_the_file() {
        let source = Source::new(b"a\r\nb\nc".to_vec()).unwrap();
        assert_eq!(source.terminator_after(1), "\r\n");
        assert_eq!(source.terminator_after(4), "\n");
        assert_eq!(source.terminator_after(6), "\r\n");
        assert_eq!(
            Source::new(b"c".to_vec()).unwrap().terminator_after(1),
            "\n"
        );
    }

    #[test]
    fn a_carriage_return_is_known_of_and_hides_no_nul() {
        let has_cr = |text: &[u8]| Source::new(text.to_vec()).unwrap().has_cr();
        assert!(has_cr(b"a\nb\rc") && has_cr(b"\r\n") && !has_cr(b"a\nb"));
        let nul = Source::new(b"a\r\nb\rc\0".to_vec()).unwrap_err();
        assert_eq!(nul, ParseError::EncodingUnsupported { offset: 6, line: 3 });
    }

    #[test]
    fn utf16_and_nul_are_refused_with_their_place() {
        let utf16 = Source::new(b"\xFF\xFEa\0".to_vec()).unwrap_err();
        assert_eq!(utf16.code(), "encoding-unsupported");
        let nul = Source::new(b"a\nb\0".to_vec()).unwrap_err();
        assert_eq!(nul, ParseError::EncodingUnsupported { offset: 3, line: 2 });
    }

    #[test]
    fn trimming_takes_blanks_off_both_ends() {
        for number in 0..3_usize.pow(6) {
            for length in 0..=6 {
                let text: String = (0..length)
                    .map(|digit| [' ', '\t', 'a'][number / 3_usize.pow(digit) % 3])
                    .collect();
                let around = format!("|{text}|");
                let span = trim_span(around.as_bytes(), Span::new(1, 1 + text.len()));
                assert_eq!(&around[span.range()], text.trim_matches([' ', '\t']));
            }
        }
    }

    #[test]
    fn trimming_keeps_the_no_break_space_of_a_mis_decoded_symbol() {
        let bytes = " \t⚠\u{a0} ".as_bytes();
        let span = trim_span(bytes, Span::new(0, bytes.len()));
        assert_eq!(&bytes[span.range()], "⚠\u{a0}".as_bytes());
    }
}
