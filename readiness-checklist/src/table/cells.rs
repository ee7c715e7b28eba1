//! Splitting a line of a table into cells.
//!
//! A pipe splits unless a backslash escapes it, also inside a code span: that is what GFM does,
//! whatever the author meant. An even, non-zero run of backslashes before a pipe is read as not
//! splitting; renderers disagree on it, so such a row is never written.

use memchr::memchr_iter;

use crate::blocks::code_spans;
use crate::source::{Span, narrow, trim_span};

/// One line of a table, split.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_field_names,
    reason = "the cells of `Cells` are what it is about"
)]
pub(crate) struct Cells {
    /// Each cell with its padding, between the pipes.
    pub cells: Vec<Span>,
    /// A pipe that renderers disagree on.
    pub ambiguous: bool,
    code: Code,
    marks: Vec<u32>,
}

/// What the backticks of a line say about its pipes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Code {
    /// No pipe that splits stands inside code.
    #[default]
    Clear,
    /// This one does.
    Pipe(u32),
    /// There are runs of backticks, or escaped ones: [`pipe_in_code`] has to look.
    Unclear,
}

impl Cells {
    /// A cell without its padding.
    pub fn trimmed(&self, bytes: &[u8], column: usize) -> Option<Span> {
        self.cells.get(column).map(|&cell| trim_span(bytes, cell))
    }

    /// What [`pipe_in_code`] says of the line that was split, which is given again.
    pub fn pipe_in_code(&self, bytes: &[u8], line: Span) -> Option<usize> {
        match self.code {
            Code::Clear => None,
            Code::Pipe(at) => Some(at as usize),
            Code::Unclear => pipe_in_code(bytes, line),
        }
    }
}

/// Splits a line into `into`, whose allocations are reused.
///
/// Looks for the pipes and backticks first, eight bytes at a time, because the gaps between them are
/// too short for a search to pay that starts anew each time; then for what they mean.
pub(crate) fn split(bytes: &[u8], line: Span, into: &mut Cells) {
    into.cells.clear();
    into.ambiguous = false;
    let line = trim_span(bytes, line);
    let text = &bytes[line.range()];
    find_marks(text, &mut into.marks);
    let span = |from: usize, to: usize| Span {
        start: line.start + narrow(from),
        end: line.start + narrow(to),
    };
    let outer = text.first() == Some(&b'|');
    let mut start = usize::from(outer);
    let mut ticks = Ticks::default();
    for &at in into.marks.iter().skip(usize::from(outer)) {
        let at = at as usize;
        if text[at] == b'`' {
            ticks.tick(text, at);
        } else if text[at] == b'|' {
            let before = &text[start..at];
            if before.last() == Some(&b'\\') {
                into.ambiguous |= slashes(before).is_multiple_of(2);
                continue;
            }
            into.cells.push(span(start, at));
            start = at + 1;
            ticks.pipe(at);
        }
    }
    into.code = ticks.code(line.start);
    // What stands behind the last pipe is a cell only if it holds something.
    if start < text.len() || into.cells.is_empty() {
        into.cells.push(span(start, text.len()));
    }
}

/// Where the pipes and backticks of a text stand, and perhaps some other bytes.
fn find_marks(text: &[u8], marks: &mut Vec<u32>) {
    marks.clear();
    let (words, rest) = text.as_chunks::<8>();
    let mut from = 0;
    for word in words {
        push_marks(u64::from_le_bytes(*word), from, marks);
        from += 8;
    }
    if !rest.is_empty() {
        let word = match text.last_chunk::<8>() {
            Some(word) => u64::from_le_bytes(*word) >> (8 * (8 - rest.len())),
            None => rest.iter().rfold(0, |word, &b| word << 8 | u64::from(b)),
        };
        push_marks(word, from, marks);
    }
}

/// The marks among eight bytes, the first of them lowest.
#[inline]
fn push_marks(word: u64, from: u32, marks: &mut Vec<u32>) {
    const PIPES: u64 = u64::from_ne_bytes([b'|'; 8]);
    const TICKS: u64 = u64::from_ne_bytes([b'`'; 8]);
    let mut hits = zero_bytes(word ^ PIPES) | zero_bytes(word ^ TICKS);
    while hits != 0 {
        marks.push(from + hits.trailing_zeros() / 8);
        hits &= hits - 1;
    }
}

/// The number of backslashes at the end of a text.
fn slashes(text: &[u8]) -> usize {
    text.iter().rev().take_while(|&&b| b == b'\\').count()
}

/// Backticks that stand alone pair up one by one, and the pipes between them.
#[derive(Default)]
struct Ticks {
    open: bool,
    /// The first splitting pipe behind the backtick that is open.
    pending: Option<usize>,
    /// The first one that a second backtick closed.
    found: Option<usize>,
    /// There are runs of backticks, or escaped ones.
    unclear: bool,
}

impl Ticks {
    fn pipe(&mut self, at: usize) {
        if self.open && self.pending.is_none() {
            self.pending = Some(at);
        }
    }

    fn tick(&mut self, text: &[u8], at: usize) {
        let before = at.checked_sub(1).map(|at| text[at]);
        self.unclear |= before == Some(b'\\') || text.get(at + 1) == Some(&b'`');
        self.open = !self.open;
        let pending = self.pending.take();
        if !self.open && self.found.is_none() {
            self.found = pending;
        }
    }

    fn code(&self, offset: u32) -> Code {
        match self.found {
            _ if self.unclear => Code::Unclear,
            Some(at) => Code::Pipe(offset + narrow(at)),
            None => Code::Clear,
        }
    }
}

/// The high bit of each byte that is zero. A byte of 1 right behind one may be marked as well: who
/// asks looks at the byte.
fn zero_bytes(word: u64) -> u64 {
    const LOW: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    word.wrapping_sub(LOW) & !word & HIGH
}

/// Where the first pipe stands that splits although a code span surrounds it.
pub(crate) fn pipe_in_code(bytes: &[u8], line: Span) -> Option<usize> {
    let text = bytes.get(line.range())?;
    memchr::memchr(b'`', text)?;
    let at = if has_lone_ticks_only(text) {
        // The usual line: backticks pair up one by one, without an allocation.
        let ticks: &mut dyn Iterator<Item = usize> = &mut memchr_iter(b'`', text);
        std::iter::from_fn(|| ticks.next().zip(ticks.next()))
            .find_map(|(start, end)| splitting_pipe(text, start, end))
    } else {
        code_spans(text)
            .into_iter()
            .find_map(|(start, end)| splitting_pipe(text, start, end))
    };
    at.map(|at| line.start as usize + at)
}

/// Whether every backtick stands alone and none is escaped.
fn has_lone_ticks_only(text: &[u8]) -> bool {
    memchr_iter(b'`', text).all(|tick| {
        let before = tick.checked_sub(1).map(|at| text[at]);
        before != Some(b'\\') && text.get(tick + 1) != Some(&b'`')
    })
}

fn splitting_pipe(text: &[u8], start: usize, end: usize) -> Option<usize> {
    let escaped = |pipe: usize| pipe > 0 && text[pipe - 1] == b'\\';
    memchr_iter(b'|', &text[start..end])
        .map(|at| start + at)
        .find(|&pipe| !escaped(pipe))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Vec<&str> {
        let mut cells = Cells::default();
        split(line.as_bytes(), Span::new(0, line.len()), &mut cells);
        cells.cells.iter().map(|span| &line[span.range()]).collect()
    }

    #[test]
    fn outer_pipes_are_optional() {
        assert_eq!(texts("| a | b |"), [" a ", " b "]);
        assert_eq!(texts("a | b"), ["a ", " b"]);
        assert_eq!(texts("a"), ["a"]);
        assert_eq!(texts("| a | b | |  "), [" a ", " b ", " "]);
        assert_eq!(texts("||"), [""]);
        assert_eq!(texts("| | |"), [" ", " "]);
    }

    #[test]
    fn escaped_pipes_do_not_split_and_pipes_in_code_do() {
        assert_eq!(texts(r"| a \| b | c |"), [r" a \| b ", " c "]);
        assert_eq!(texts("| `a | b` | c |"), [" `a ", " b` ", " c "]);
        assert_eq!(pipe_in_code(b"| `a | b` | c |", Span::new(0, 15)), Some(5));
        assert_eq!(pipe_in_code(br"| `a \| b` | c |", Span::new(0, 16)), None);
    }

    /// As the grammar says it, a byte at a time.
    fn plainly(text: &[u8]) -> (Vec<&[u8]>, bool) {
        let first = usize::from(text.first() == Some(&b'|'));
        let (mut cells, mut start, mut ambiguous) = (Vec::new(), first, false);
        for at in first..text.len() {
            if text[at] != b'|' {
                continue;
            }
            let slashes = text[start..at]
                .iter()
                .rev()
                .take_while(|&&b| b == b'\\')
                .count();
            ambiguous |= slashes > 0 && slashes.is_multiple_of(2);
            if slashes == 0 {
                cells.push(&text[start..at]);
                start = at + 1;
            }
        }
        if start < text.len() || cells.is_empty() {
            cells.push(&text[start..]);
        }
        (cells, ambiguous)
    }

    #[test]
    fn eight_bytes_at_a_time_is_what_one_at_a_time_is() {
        // Every line of seven of these bytes; 0x7d is a pipe with its low bit turned. Behind ten
        // others, so that they lie across two words.
        let alphabet = [b'a', b'|', b'`', b'\\', 0x7d];
        let mut cells = Cells::default();
        for number in 0..5_usize.pow(7) {
            let mut line = b"| x | yyy ".to_vec();
            line.extend((0..7).map(|digit| alphabet[number / 5_usize.pow(digit) % 5]));
            let whole = Span::new(0, line.len());
            split(&line, whole, &mut cells);
            let (expected, ambiguous) = plainly(&line);
            let found: Vec<_> = cells.cells.iter().map(|span| &line[span.range()]).collect();
            assert_eq!((found, cells.ambiguous), (expected, ambiguous));
            assert_eq!(
                cells.pipe_in_code(&line, whole),
                pipe_in_code(&line, whole),
                "{:?}",
                String::from_utf8_lossy(&line)
            );
        }
    }

    #[test]
    fn an_even_run_of_backslashes_is_ambiguous() {
        let mut cells = Cells::default();
        let line = br"| a \\| b | c |";
        split(line, Span::new(0, line.len()), &mut cells);
        assert!(cells.ambiguous);
        assert_eq!(cells.cells.len(), 2);
    }
}
