//! Splitting a line of a table into cells.
//!
//! A pipe splits unless a backslash escapes it, also inside a code span: that is what GFM does,
//! whatever the author meant. An even, non-zero run of backslashes before a pipe is read as not
//! splitting; renderers disagree on it, so such a row is never written.

use memchr::memchr_iter;

use crate::blocks::code_spans;
use crate::source::{Span, trim_span};

/// One line of a table, split.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cells {
    /// Each cell with its padding, between the pipes.
    pub cells: Vec<Span>,
    /// A pipe that renderers disagree on.
    pub ambiguous: bool,
}

impl Cells {
    /// A cell without its padding.
    pub fn trimmed(&self, bytes: &[u8], column: usize) -> Option<Span> {
        self.cells.get(column).map(|&cell| trim_span(bytes, cell))
    }
}

/// Splits a line into `into`, whose allocation is reused.
pub(crate) fn split(bytes: &[u8], line: Span, into: &mut Cells) {
    into.cells.clear();
    into.ambiguous = false;
    let line = trim_span(bytes, line);
    let (offset, end) = (line.start as usize, line.end as usize);
    let text = &bytes[offset..end];
    let mut start = usize::from(text.first() == Some(&b'|'));
    for pipe in memchr_iter(b'|', &text[start..]).map({
        let from = start;
        move |at| at + from
    }) {
        let slashes = text[start..pipe]
            .iter()
            .rev()
            .take_while(|&&b| b == b'\\')
            .count();
        if slashes > 0 {
            into.ambiguous |= slashes % 2 == 0;
            continue;
        }
        into.cells.push(Span::new(offset + start, offset + pipe));
        start = pipe + 1;
    }
    // What stands behind the last pipe is a cell only if it holds something.
    if start < text.len() || into.cells.is_empty() {
        into.cells.push(Span::new(offset + start, end));
    }
}

/// The number of cells of a line.
pub(crate) fn count(line: &[u8]) -> usize {
    let mut cells = Cells::default();
    split(line, Span::new(0, line.len()), &mut cells);
    cells.cells.len()
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

    #[test]
    fn an_even_run_of_backslashes_is_ambiguous() {
        let mut cells = Cells::default();
        let line = br"| a \\| b | c |";
        split(line, Span::new(0, line.len()), &mut cells);
        assert!(cells.ambiguous);
        assert_eq!(cells.cells.len(), 2);
    }
}
