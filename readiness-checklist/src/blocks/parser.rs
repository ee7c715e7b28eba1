//! The line-by-line block parser: open containers, at most one open leaf, blocks out.
//!
//! Follows the `CommonMark` algorithm (match the open containers, look for new blocks, else add
//! text) with GFM tables. Every line is read once and nesting is capped, so the cost is linear in
//! the length of the document.

use memchr::memmem;

use super::cursor::Cursor;
use super::html::HtmlEnd;
use super::outline::{Block, ListItem, Outline, TextLine};
use super::scan;
use crate::source::{self, Line, Source, Span, narrow};
use crate::table::cells::Cells;

/// Quotes and list items nested deeper than this are read as text. No document comes near it,
/// and it keeps hostile nesting linear.
const MAX_DEPTH: usize = 100;

#[derive(Clone, Copy, Debug)]
enum Container {
    Quote {
        home: u32,
    },
    Item {
        home: u32,
        /// Columns that a line must be indented to belong to the item.
        width: usize,
        /// Nothing stands in it yet: a blank line ends it.
        empty: bool,
    },
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Leaf {
    None,
    Paragraph {
        first: u32,
    },
    Table {
        first: u32,
        columns: u32,
    },
    Fence {
        byte: u8,
        length: usize,
        opened: TextLine,
    },
    Html {
        end: HtmlEnd,
        home: u32,
    },
    Code,
}

pub(crate) fn parse(source: &Source) -> Outline {
    let bytes = source.bytes();
    let mut parser = Parser {
        bytes,
        has_cr: source.has_cr(),
        outline: Outline::default(),
        containers: Vec::new(),
        leaf: Leaf::None,
        line: 0,
        homes: 0,
        comment_at: 0,
        resume_after: 0,
        last_end: 0,
        line_start: 0,
        previous_start: 0,
        cells: Cells::default(),
    };
    parser.document(source.bom());
    parser.outline
}

pub(super) struct Parser<'a> {
    pub(super) bytes: &'a [u8],
    /// A line may end with something else than LF.
    has_cr: bool,
    pub(super) outline: Outline,
    containers: Vec<Container>,
    pub(super) leaf: Leaf,
    /// Number of the current line, 1-based.
    pub(super) line: u32,
    /// How many containers and HTML blocks there were, without the document itself.
    homes: u32,
    /// Where the next `<!--` stands, at or after the start of the current line.
    pub(super) comment_at: usize,
    /// Lines that start before this position belong to a comment.
    pub(super) resume_after: usize,
    /// The end of the last line that is not blank.
    last_end: u32,
    /// Where the current line and the one before it start.
    line_start: usize,
    pub(super) previous_start: usize,
    /// The cells of the last line that may be a header, for their allocation.
    pub(super) cells: Cells,
}

impl Parser<'_> {
    fn document(&mut self, start: usize) {
        let mut at = start;
        if let Some((end, lines)) = front_matter(self.bytes, start) {
            at = end;
            self.line = lines;
        }
        self.comment_at =
            memmem::find(&self.bytes[at..], b"<!--").map_or(usize::MAX, |offset| at + offset);
        self.outline.may_hold_comments = self.comment_at < usize::MAX;
        while let Some(line) = next_line(self.bytes, at, self.has_cr) {
            self.line += 1;
            at = line.next;
            self.previous_start = std::mem::replace(&mut self.line_start, line.start);
            if line.start >= self.resume_after {
                self.seek_comment(line.start);
                self.read(line);
            }
            if !self.bytes[line.start..line.end]
                .iter()
                .all(|&b| source::is_blank_byte(b))
            {
                self.last_end = narrow(line.end);
            }
        }
        self.begin(0);
    }

    fn seek_comment(&mut self, from: usize) {
        if self.comment_at < from {
            self.comment_at = memmem::find(&self.bytes[from..], b"<!--")
                .map_or(usize::MAX, |offset| from + offset);
        }
    }

    fn read(&mut self, line: Line) {
        // Most lines of a large document are rows of a table at the top level.
        if self.containers.is_empty()
            && matches!(self.leaf, Leaf::Table { .. })
            && self.bytes[line.start..line.end].first() == Some(&b'|')
            && self.comment_at >= line.end
        {
            self.push_line(line.start, line.end);
            return;
        }
        let mut cursor = Cursor::new(self.bytes, line.start, line.end);
        let matched = self.match_containers(&mut cursor);
        let all_matched = matched == self.containers.len();
        if all_matched && self.continue_leaf(&cursor, line) {
            return;
        }
        if !all_matched && !matches!(self.leaf, Leaf::Paragraph { .. }) {
            self.close_to(matched);
        }
        self.open_blocks(cursor, line, matched);
    }

    /// Consumes the prefixes of the open containers and says how many of them go on.
    fn match_containers(&self, cursor: &mut Cursor<'_>) -> usize {
        for (index, container) in self.containers.iter().enumerate() {
            let (indent, pos) = cursor.indent();
            if pos >= cursor.end() {
                return self.match_blank(index);
            }
            match *container {
                Container::Quote { .. } => {
                    if indent > 3 || self.bytes[pos] != b'>' {
                        return index;
                    }
                    cursor.skip_columns(indent);
                    cursor.skip_bytes(1);
                    cursor.skip_columns(1);
                }
                Container::Item { width, .. } if indent >= width => cursor.skip_columns(width),
                Container::Item { .. } => return index,
            }
        }
        self.containers.len()
    }

    /// How many containers go on over a line whose rest is blank behind the first ones: items do
    /// unless nothing stands in them yet, quotes do not.
    fn match_blank(&self, first: usize) -> usize {
        let ends = |container: &Container| {
            matches!(
                container,
                Container::Quote { .. } | Container::Item { empty: true, .. }
            )
        };
        let open = &self.containers[first..];
        first + open.iter().position(ends).unwrap_or(open.len())
    }

    /// Looks for the blocks that start on this line, then adds the rest as text.
    fn open_blocks(&mut self, mut cursor: Cursor<'_>, line: Line, mut matched: usize) {
        let paragraph = matches!(self.leaf, Leaf::Paragraph { .. });
        let all_matched = matched == self.containers.len();
        let mut opened = false;
        loop {
            let (indent, pos) = cursor.indent();
            if pos >= line.end {
                return self.blank(matched, opened);
            }
            if indent >= 4 {
                if paragraph && !opened {
                    break;
                }
                self.begin(matched);
                self.bare(!opened);
                return self.start_opaque(Leaf::Code);
            }
            let rest = &self.bytes[pos..line.end];
            let interrupts = paragraph && !opened;
            let in_paragraph = interrupts && all_matched;
            if rest[0] == b'>' && matched < MAX_DEPTH {
                self.begin(matched);
                let home = self.new_home();
                self.open(Container::Quote { home });
                cursor.skip_columns(indent);
                cursor.skip_bytes(1);
                cursor.skip_columns(1);
            } else if self.leaf_block(rest, pos, line, matched, interrupts, in_paragraph) {
                return;
            } else if let Some(marker) = scan::list_marker(rest)
                .filter(|m| !(in_paragraph && (m.empty || !m.starts_at_one)) && matched < MAX_DEPTH)
            {
                self.begin(matched);
                self.open_item(&mut cursor, indent, pos, marker);
            } else {
                break;
            }
            opened = true;
            matched = self.containers.len();
        }
        let lazy = paragraph && !opened && !all_matched;
        if !lazy {
            self.close_to(matched);
        }
        self.text(&cursor, line, lazy, opened);
    }

    fn open_item(
        &mut self,
        cursor: &mut Cursor<'_>,
        indent: usize,
        pos: usize,
        marker: scan::ListMarker,
    ) {
        cursor.skip_columns(indent);
        cursor.skip_bytes(marker.length);
        let (blanks, _) = cursor.indent();
        let padding = if marker.empty || blanks > 4 {
            1
        } else {
            blanks
        };
        cursor.skip_columns(padding);
        let home = self.new_home();
        self.open(Container::Item {
            home,
            width: indent + marker.length + padding,
            empty: marker.empty,
        });
        let (_, content) = cursor.indent();
        self.outline.blocks.push(Block::ItemStart(ListItem {
            marker: narrow(pos),
            content: narrow(content),
            line: self.line,
            ordered: marker.ordered,
        }));
    }

    fn blank(&mut self, matched: usize, opened: bool) {
        if opened {
            return;
        }
        self.begin(matched);
    }

    fn open(&mut self, container: Container) {
        self.filled();
        self.containers.push(container);
    }

    /// A number for a new container or HTML block.
    pub(super) fn new_home(&mut self) -> u32 {
        self.homes += 1;
        self.homes
    }

    /// The number of the innermost container; the document's is zero.
    pub(super) fn home(&self) -> u32 {
        match self.containers.last() {
            Some(&(Container::Quote { home } | Container::Item { home, .. })) => home,
            None => 0,
        }
    }

    /// Remembers the current line as one that a paragraph above would swallow.
    pub(super) fn bare(&mut self, is_bare: bool) {
        if is_bare {
            self.outline.bare.push(narrow(self.line_start));
        }
    }

    /// The innermost item has a block now: a blank line no longer ends it.
    pub(super) fn filled(&mut self) {
        if let Some(Container::Item { empty, .. }) = self.containers.last_mut() {
            *empty = false;
        }
    }

    pub(super) fn push_line(&mut self, start: usize, end: usize) {
        self.outline.lines.push(TextLine {
            span: Span::new(start, end),
            line: self.line,
        });
    }

    /// Makes room for a new block inside the first `count` containers.
    pub(super) fn begin(&mut self, count: usize) {
        self.close_leaf();
        self.close_to(count);
    }

    /// Closes the containers beyond the first `count`, and with them the open leaf.
    fn close_to(&mut self, count: usize) {
        if self.containers.len() > count {
            self.close_leaf();
        }
        while self.containers.len() > count {
            if let Some(Container::Item { .. }) = self.containers.pop() {
                self.outline
                    .blocks
                    .push(Block::ItemEnd { end: self.last_end });
            }
        }
    }
}

/// As [`source::line_at`], looking for one byte alone where no line ends with another.
fn next_line(bytes: &[u8], start: usize, has_cr: bool) -> Option<Line> {
    if has_cr {
        return source::line_at(bytes, start);
    }
    let rest = bytes.get(start..).filter(|rest| !rest.is_empty())?;
    let found = memchr::memchr(b'\n', rest);
    let end = start + found.unwrap_or(rest.len());
    Some(Line {
        start,
        end,
        next: end + usize::from(found.is_some()),
    })
}

/// The end of the front matter and its number of lines, if the document starts with one.
fn front_matter(bytes: &[u8], start: usize) -> Option<(usize, u32)> {
    let is = |line: Line, text: &[u8]| bytes[line.start..line.end].trim_ascii_end() == text;
    let first = source::line_at(bytes, start).filter(|&line| is(line, b"---"))?;
    let mut at = first.next;
    let mut lines = 1;
    while let Some(line) = source::line_at(bytes, at) {
        lines += 1;
        at = line.next;
        if is(line, b"---") || is(line, b"...") {
            return Some((at, lines));
        }
    }
    None
}
