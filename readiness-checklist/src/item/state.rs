//! What a document can say about an item, where its id comes from, and its shape.

use std::fmt;

/// What the author's document says about an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Ticked, or a word or symbol that says so.
    Pass,
    /// Partly met.
    Warn,
    /// Not met.
    Fail,
    /// Being worked on.
    InProgress,
    /// Not looked at; stays in the denominator.
    NotRun,
    /// Declared not applicable.
    NotApplicable,
    /// Something that the vocabulary does not know.
    Unknown,
}

impl State {
    /// The name in lower case, as reports print it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::InProgress => "in-progress",
            Self::NotRun => "not-run",
            Self::NotApplicable => "not-applicable",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where an item's id comes from, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdOrigin {
    /// A `<!-- req: ID -->` comment.
    Marker,
    /// An `Id` sub-bullet.
    Metadata,
    /// The id column of a table.
    Column,
    /// A token at the start of a box's text.
    Leading,
    /// Made from the section and the first words, or mapped from such an id by the options.
    Derived,
}

/// The two shapes an item can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// A row of a table.
    Row,
    /// A box of a list.
    Box,
}
