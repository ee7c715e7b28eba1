//! Boxes of a list: what a box is, its text, its metadata, its nesting.

mod metadata;
mod text;

use crate::blocks::{ListItem, TextLine};
use crate::source::{Source, Span};
use crate::text::Text;
pub(crate) use metadata::{Key, Meta, read_line};
pub(crate) use text::{label_only, odd_box, read_text};

/// What ticks the item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// The byte between the brackets, and whether it says ticked.
    Box { at: u32, ticked: bool },
    /// A status symbol in place of the box, where the document asks for such bullets.
    Symbol(Span),
}

/// Where a box and what belongs to it stand.
#[derive(Clone, Debug)]
pub(crate) struct BoxPlace {
    pub mark: Mark,
    pub item: ListItem,
    /// Where a Status bullet would be inserted: behind the last metadata, else the text, before the
    /// terminator; none where it would end up inside or swallow something else.
    pub bullet_at: Option<u32>,
    /// `[P0]` at the start of the text, without the brackets.
    pub priority: Option<Span>,
    pub metadata: Vec<Meta>,
    /// The marker of the first list item below it that is no metadata.
    pub first_child: Option<u32>,
    /// The words or symbols that say its state, as they stand there.
    pub state_text: Text,
    /// The number of the box that it is directly nested in, and how many there are around it.
    pub parent: Option<u32>,
    pub depth: u16,
}

/// The end of the line that holds a text line, before its terminator.
pub(crate) fn line_end(source: &Source, line: TextLine) -> u32 {
    source
        .line_at(line.span.start as usize)
        .map_or(line.span.end, |at| crate::source::narrow(at.end))
}
