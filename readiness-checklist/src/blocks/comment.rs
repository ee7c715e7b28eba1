//! Comments on one line, which may be markers, and code spans, in which nothing is one.

use memchr::{memchr, memmem};

use crate::source::Span;

/// A comment that opens and closes on one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Comment {
    /// From `<!--` to `-->`.
    pub span: Span,
    pub line: u32,
    /// Nothing else but blanks and container prefixes stands on its line.
    pub alone: bool,
    /// The number of the container or HTML block that it is a line of: what stands between two with the
    /// same number can be replaced and nothing else becomes another block. None in the text of one.
    pub home: Option<u32>,
}

/// The code spans of a text, as ranges that include the backticks, in order.
///
/// A run of backticks opens a span only if an equally long run follows; linear in the length.
pub(crate) fn code_spans(bytes: &[u8]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    while let Some(offset) = memchr(b'`', &bytes[at..]) {
        let start = at + offset;
        let length = bytes[start..].iter().take_while(|&&b| b == b'`').count();
        runs.push((start, length));
        at = start + length;
    }
    if runs.len() < 2 {
        return Vec::new();
    }
    let next = next_of_same_length(&runs);
    let mut spans = Vec::new();
    let mut index = 0;
    while index < runs.len() {
        let (start, length) = runs[index];
        // An escaped backtick opens nothing, but the rest of its run may.
        let escaped = bytes[..start]
            .iter()
            .rev()
            .take_while(|&&b| b == b'\\')
            .count()
            % 2
            == 1;
        if escaped || next[index] == usize::MAX {
            index += 1;
            continue;
        }
        let (close, _) = runs[next[index]];
        spans.push((start, close + length));
        index = next[index] + 1;
    }
    spans
}

/// For each run, the next one of the same length, found from the right.
fn next_of_same_length(runs: &[(usize, usize)]) -> Vec<usize> {
    /// Up to here a search through all later runs is cheaper than a table of lengths.
    const FEW: usize = 16;
    if runs.len() <= FEW {
        let later = |(at, run): (usize, &(usize, usize))| {
            runs[at + 1..]
                .iter()
                .position(|other| other.1 == run.1)
                .map_or(usize::MAX, |offset| at + 1 + offset)
        };
        return runs.iter().enumerate().map(later).collect();
    }
    let mut next = vec![usize::MAX; runs.len()];
    let mut last = std::collections::HashMap::new();
    for index in (0..runs.len()).rev() {
        if let Some(later) = last.insert(runs[index].1, index) {
            next[index] = later;
        }
    }
    next
}

/// What comments a line holds.
pub(crate) struct LineComments {
    /// Start and end, relative to the line.
    pub closed: Vec<(usize, usize)>,
    /// Where a comment starts that does not close on this line.
    pub open: Option<usize>,
}

/// Finds the comments of a line outside its code spans.
pub(crate) fn line_comments(line: &[u8]) -> LineComments {
    let mut found = LineComments {
        closed: Vec::new(),
        open: None,
    };
    let spans = if memchr(b'`', line).is_some() {
        code_spans(line)
    } else {
        Vec::new()
    };
    let mut spans = spans.into_iter().peekable();
    let mut at = 0;
    while let Some(offset) = memmem::find(&line[at..], b"<!--") {
        let start = at + offset;
        while spans.next_if(|&(_, end)| end <= start).is_some() {}
        if let Some(&(_, end)) = spans.peek().filter(|&&(from, _)| from < start) {
            at = end;
            continue;
        }
        // `<!-->` and `<!--->` are whole comments, hence two and not four bytes on.
        let Some(length) = memmem::find(&line[start + 2..], b"-->") else {
            found.open = Some(start);
            break;
        };
        let end = start + 2 + length + 3;
        found.closed.push((start, end));
        at = end;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_spans_pair_runs_of_equal_length() {
        assert_eq!(code_spans(b"a `b` c"), [(2, 5)]);
        assert_eq!(code_spans(b"``a`b`` `c`"), [(0, 7), (8, 11)]);
        assert_eq!(code_spans(b"`a``b"), []);
        assert_eq!(code_spans(b"\\`a` b`"), [(3, 7)]);
    }

    #[test]
    fn comments_inside_code_are_text() {
        let found = line_comments(b"a <!-- b --> `<!-- c -->` <!-- d");
        assert_eq!(found.closed, [(2, 12)]);
        assert_eq!(found.open, Some(26));
    }
}
