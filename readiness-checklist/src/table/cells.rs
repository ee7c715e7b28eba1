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
/// The gaps between pipes and backticks are too short for a search to pay that starts anew each time:
/// they are found for a block of the line at once.
pub(crate) fn split(bytes: &[u8], line: Span, into: &mut Cells) {
    into.cells.clear();
    into.ambiguous = false;
    let line = trim_span(bytes, line);
    let text = &bytes[line.range()];
    let mut outer = u64::from(text.first() == Some(&b'|'));
    let mut start = usize::from(outer > 0);
    let mut ticks = Ticks::default();
    for from in (0..text.len()).step_by(BLOCK) {
        // The outer pipe, the first bit of the first block, is none that splits.
        let mut marks = marks(text, from) & !std::mem::take(&mut outer);
        while marks != 0 {
            let at = from + marks.trailing_zeros() as usize;
            marks &= marks - 1;
            if text[at] == b'`' {
                ticks.tick(text, at);
                continue;
            }
            if at > start && text[at - 1] == b'\\' {
                into.ambiguous |= slashes(&text[start..at]).is_multiple_of(2);
                continue;
            }
            into.cells.push(cell(line, start, at));
            start = at + 1;
            ticks.pipe(at);
        }
    }
    into.code = ticks.code(line.start);
    // What stands behind the last pipe is a cell only if it holds something.
    if start < text.len() || into.cells.is_empty() {
        into.cells.push(cell(line, start, text.len()));
    }
}

/// From and to these bytes of a line.
fn cell(line: Span, from: usize, to: usize) -> Span {
    Span {
        start: line.start + narrow(from),
        end: line.start + narrow(to),
    }
}

/// How many bytes are looked at together.
const BLOCK: usize = 64;

/// Where the pipes and backticks of the block stand that starts here: a bit for each byte, the first
/// of them lowest.
fn marks(text: &[u8], from: usize) -> u64 {
    let rest = &text[from..];
    if let Some(block) = rest.first_chunk() {
        return marks_of_block(block);
    }
    // The end of the text, with bytes before it or behind it that do not count.
    if let Some(block) = text.last_chunk() {
        return marks_of_block(block) >> (BLOCK - rest.len());
    }
    let mut block = [0; BLOCK];
    block[..rest.len()].copy_from_slice(rest);
    marks_of_block(&block)
}

/// Eight bytes at a time, in plain loops: test targets read the document without optimisation, where a
/// closure for each byte costs more than it does.
#[inline(never)]
fn marks_of_block(block: &[u8; BLOCK]) -> u64 {
    let (words, _) = block.as_chunks::<8>();
    let (mut marks, mut number) = (0, 0);
    while number < words.len() {
        marks |= marks_of_word(u64::from_le_bytes(words[number])) << (8 * number);
        number += 1;
    }
    marks
}

/// The marks of eight bytes, the first of them lowest.
#[inline]
fn marks_of_word(word: u64) -> u64 {
    const PIPES: u64 = u64::from_ne_bytes([b'|'; 8]);
    const TICKS: u64 = u64::from_ne_bytes([b'`'; 8]);
    const LOW: u64 = u64::from_ne_bytes([0x7f; 8]);
    // The lowest bits of eight bytes that are 0 or 1 become those of one byte: the factor moves bit
    // `8 * n` to `56 + n`, and nothing else there.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let (pipes, ticks) = (word ^ PIPES, word ^ TICKS);
    // The highest bit of each byte that is not zero; no byte carries into the next.
    let no_pipe = ((pipes & LOW) + LOW) | pipes;
    let no_tick = ((ticks & LOW) + LOW) | ticks;
    let found = !(no_pipe & no_tick | LOW) >> 7;
    found.wrapping_mul(GATHER) >> 56
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
    fn a_block_at_a_time_is_what_a_byte_at_a_time_is() {
        // Every end of six of these bytes, in a short line, across two blocks and across the end of a
        // line that has blocks before; 0x7d is a pipe with its low bit turned.
        let alphabet = [b'a', b'|', b'`', b'\\', 0x7d];
        let mut cells = Cells::default();
        let lines = (0..5_usize.pow(6)).flat_map(|number| {
            [0, BLOCK - 3, BLOCK, 2 * BLOCK - 1].map(|before| {
                let mut line = b"| x `y|` ".repeat(20);
                line.truncate(before);
                line.extend((0..6).map(|digit| alphabet[number / 5_usize.pow(digit) % 5]));
                line
            })
        });
        for line in lines {
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
    fn the_marks_of_a_block_are_its_pipes_and_backticks() {
        for byte in 0..=u8::MAX {
            for at in 0..BLOCK {
                let mut block = [byte ^ 0x55; BLOCK];
                block[at] = byte;
                let plainly = block.iter().rev().fold(0, |marks: u64, &b| {
                    marks << 1 | u64::from(b == b'|' || b == b'`')
                });
                assert_eq!(marks_of_block(&block), plainly, "{byte:#x} at {at}");
            }
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
