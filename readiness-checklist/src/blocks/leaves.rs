//! The leaves of the block structure: paragraphs, tables, headings, fences, HTML and code, and the
//! comments in their text. At most one is open at a time.

use memchr::memmem;

use super::comment::{self, Comment};
use super::cursor::Cursor;
use super::html::{self, HtmlEnd};
use super::outline::{Block, TextLine, Unclosed};
use super::parser::{Leaf, Parser};
use super::scan;
use crate::source::{self, Line, Span, narrow};
use crate::table::cells;

impl Parser<'_> {
    /// A line inside an open fence, HTML block or indented code; false if the line is still to
    /// be looked at.
    pub(super) fn continue_leaf(&mut self, cursor: &Cursor<'_>, line: Line) -> bool {
        let (indent, pos) = cursor.indent();
        let blank = pos >= cursor.end();
        match self.leaf {
            Leaf::Fence { byte, length, .. } => {
                if indent <= 3
                    && scan::fence_end(&self.bytes[pos.min(line.end)..line.end], byte, length)
                {
                    self.leaf = Leaf::None;
                }
                true
            }
            Leaf::Html {
                end: HtmlEnd::BlankLine,
                home,
            } => {
                if blank {
                    self.leaf = Leaf::None;
                    return false;
                }
                self.comments(pos, line.end, line, Some(home));
                true
            }
            Leaf::Html {
                end: HtmlEnd::Text(end),
                ..
            } => {
                if html::html_ends(&self.bytes[pos..line.end], end) {
                    self.leaf = Leaf::None;
                }
                true
            }
            Leaf::Code => {
                let goes_on = blank || indent >= 4;
                if !goes_on {
                    self.leaf = Leaf::None;
                }
                goes_on
            }
            Leaf::Html {
                end: HtmlEnd::Comment,
                ..
            }
            | Leaf::None
            | Leaf::Paragraph { .. }
            | Leaf::Table { .. } => false,
        }
    }

    /// Starts a heading, fence, HTML block or thematic break, if the line is one.
    pub(super) fn leaf_block(
        &mut self,
        rest: &[u8],
        pos: usize,
        line: Line,
        matched: usize,
        interrupts: bool,
        in_paragraph: bool,
    ) -> bool {
        match rest[0] {
            b'#' => {
                let Some((level, start, end)) = scan::atx_heading(rest) else {
                    return false;
                };
                self.begin(matched);
                let end = self.comments(pos + start, pos + end, line, None);
                self.filled();
                let first = narrow(self.outline.lines.len());
                self.push_line(pos + start, end);
                self.outline.blocks.push(Block::Heading {
                    level,
                    lines: first..first + 1,
                });
            }
            b'`' | b'~' => {
                let Some((byte, length)) = scan::fence_start(rest) else {
                    return false;
                };
                self.begin(matched);
                let opened = TextLine {
                    span: Span::new(pos, line.end),
                    line: self.line,
                };
                self.start_opaque(Leaf::Fence {
                    byte,
                    length,
                    opened,
                });
            }
            b'<' => {
                let Some(end) = html::html_start(rest, interrupts) else {
                    return false;
                };
                let lone_tag = html::html_start(rest, true).is_none();
                self.begin(matched);
                self.bare(lone_tag);
                self.html(end, pos, line);
            }
            b'=' | b'-' | b'*' | b'_' => {
                if let (true, Some(level)) = (in_paragraph, scan::setext_underline(rest)) {
                    self.setext(level);
                    return true;
                }
                if !scan::thematic_break(rest) {
                    return false;
                }
                self.begin(matched);
                self.start_opaque(Leaf::None);
            }
            _ => return false,
        }
        true
    }

    pub(super) fn html(&mut self, end: HtmlEnd, pos: usize, line: Line) {
        match end {
            HtmlEnd::Comment => {
                self.comments(pos, line.end, line, Some(self.home()));
                self.start_opaque(Leaf::None);
            }
            HtmlEnd::BlankLine => {
                let home = self.new_home();
                self.start_opaque(Leaf::Html { end, home });
                self.comments(pos, line.end, line, Some(home));
            }
            HtmlEnd::Text(text) => {
                let closed = html::html_ends(&self.bytes[pos + 2..line.end.max(pos + 2)], text);
                let home = self.new_home();
                self.start_opaque(if closed {
                    Leaf::None
                } else {
                    Leaf::Html { end, home }
                });
            }
        }
    }

    /// The open paragraph turns out to be a heading.
    pub(super) fn setext(&mut self, level: u8) {
        if let Leaf::Paragraph { first } = self.leaf {
            self.leaf = Leaf::None;
            let lines = first..narrow(self.outline.lines.len());
            self.outline.blocks.push(Block::Heading { level, lines });
        }
    }

    pub(super) fn text(&mut self, cursor: &Cursor<'_>, line: Line, lazy: bool, opened: bool) {
        let (indent, pos) = cursor.indent();
        match self.leaf {
            Leaf::Paragraph { first } if !lazy && indent < 4 => {
                if let Some(columns) = self.table_starts(first, &self.bytes[pos..line.end]) {
                    return self.start_table(first, columns, pos, line);
                }
            }
            Leaf::Paragraph { .. } | Leaf::Table { .. } => {}
            _ => {
                self.filled();
                self.bare(!opened);
                self.leaf = Leaf::Paragraph {
                    first: narrow(self.outline.lines.len()),
                };
            }
        }
        let end = self.comments(pos, line.end, line, None);
        self.push_line(pos, end);
    }

    /// Whether this line is the delimiter row below a header row that ends the paragraph.
    pub(super) fn table_starts(&mut self, first: u32, rest: &[u8]) -> Option<u32> {
        let columns = scan::delimiter_row(rest)?;
        let header = self.outline.lines.get(first as usize..)?.last()?;
        cells::split(self.bytes, header.span, &mut self.cells);
        (self.cells.cells.len() == columns as usize).then_some(columns)
    }

    pub(super) fn start_table(&mut self, first: u32, columns: u32, pos: usize, line: Line) {
        let header = narrow(self.outline.lines.len()) - 1;
        if header > first {
            self.outline.bare.push(narrow(self.previous_start));
            self.outline.blocks.push(Block::Paragraph {
                lines: first..header,
            });
        }
        self.leaf = Leaf::Table {
            first: header,
            columns,
        };
        self.push_line(pos, line.end);
    }

    pub(super) fn start_opaque(&mut self, leaf: Leaf) {
        self.filled();
        self.leaf = leaf;
        self.outline.blocks.push(Block::Opaque { line: self.line });
    }

    pub(super) fn close_leaf(&mut self) {
        let end = narrow(self.outline.lines.len());
        match std::mem::replace(&mut self.leaf, Leaf::None) {
            Leaf::Paragraph { first } => self
                .outline
                .blocks
                .push(Block::Paragraph { lines: first..end }),
            Leaf::Table { first, columns } => {
                self.outline.blocks.push(Block::Table {
                    lines: first..end,
                    columns,
                });
            }
            Leaf::Fence { opened, .. } => self.outline.unclosed.push((Unclosed::Fence, opened)),
            Leaf::None | Leaf::Html { .. } | Leaf::Code => {}
        }
    }

    /// Records the comments of a piece of text and gives the end of the text: where a comment
    /// starts that does not end on this line, else the end as it was.
    pub(super) fn comments(
        &mut self,
        start: usize,
        end: usize,
        line: Line,
        home: Option<u32>,
    ) -> usize {
        if self.comment_at >= end {
            return end;
        }
        let found = comment::line_comments(&self.bytes[start..end]);
        for (from, to) in found.closed {
            let span = Span::new(start + from, start + to);
            let alone = self.bytes[start..start + from]
                .iter()
                .all(|&b| source::is_blank_byte(b))
                && self.bytes[start + to..line.end]
                    .iter()
                    .all(|&b| source::is_blank_byte(b));
            self.outline.comments.push(Comment {
                span,
                line: self.line,
                alone,
                home,
            });
        }
        let Some(open) = found.open.map(|at| start + at) else {
            return end;
        };
        if let Some(offset) = memmem::find(&self.bytes[open + 2..], b"-->") {
            self.resume_after = open + 2 + offset + 1;
        } else {
            self.resume_after = self.bytes.len();
            let opened = TextLine {
                span: Span::new(open, line.end),
                line: self.line,
            };
            self.outline.unclosed.push((Unclosed::Comment, opened));
        }
        open
    }
}
