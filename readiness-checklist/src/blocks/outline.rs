//! What the block parser hands on: blocks in document order over two flat lists.

use std::ops::Range;

use super::comment::Comment;
use crate::source::Span;

/// The content of one line of a block, without the prefix of its containers and without its
/// terminator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TextLine {
    pub span: Span,
    /// 1-based.
    pub line: u32,
}

/// Lines of a block: a range of [`Outline::lines`].
pub(crate) type Lines = Range<u32>;

/// The start of a list item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ListItem {
    /// Where its marker stands.
    pub marker: u32,
    /// Where its content starts, after marker and padding.
    pub content: u32,
    pub line: u32,
    pub ordered: bool,
}

/// One block. List items enclose what stands between them and their end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Block {
    Heading {
        level: u8,
        lines: Lines,
    },
    Paragraph {
        lines: Lines,
    },
    /// Header, delimiter row, body rows.
    Table {
        lines: Lines,
        columns: u32,
    },
    ItemStart(ListItem),
    ItemEnd {
        /// The end of its last line that is not blank, before the terminator.
        end: u32,
    },
    /// A fence, indented code, HTML or a thematic break: text that says nothing to us.
    Opaque {
        line: u32,
    },
}

/// A region that never ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unclosed {
    Fence,
    Comment,
}

/// The blocks of a document.
#[derive(Debug, Default)]
pub(crate) struct Outline {
    pub blocks: Vec<Block>,
    pub lines: Vec<TextLine>,
    /// One-line comments outside code that may be markers, in document order.
    pub comments: Vec<Comment>,
    /// Where lines start that begin a block which could not interrupt a paragraph: text, a table
    /// header, indented code, a lone tag. A paragraph put right above would swallow them.
    pub bare: Vec<u32>,
    pub unclosed: Vec<(Unclosed, TextLine)>,
    /// A comment starts somewhere, be it in code.
    pub may_hold_comments: bool,
}

impl Outline {
    /// The number of body rows of all tables.
    pub fn rows(&self) -> usize {
        let rows = |block: &Block| match block {
            Block::Table { lines, .. } => lines.len().saturating_sub(2),
            _ => 0,
        };
        self.blocks.iter().map(rows).sum()
    }

    pub fn lines(&self, range: &Lines) -> &[TextLine] {
        self.lines
            .get(range.start as usize..range.end as usize)
            .unwrap_or_default()
    }
}
