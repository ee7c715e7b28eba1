//! What is wrong or doubtful in a document, with its place and the fix.
//!
//! Codes are stable: scripts and tests may match on them. Messages are for people and may change.

use std::fmt;
use std::ops::Range;

use crate::source::Span;

/// How much a diagnostic stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Reported; stops nothing.
    Warning,
    /// This item is not written; others are.
    ItemError,
    /// Nothing of this file is written.
    FileError,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Warning => "warning",
            Self::ItemError | Self::FileError => "error",
        })
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal, $severity:ident;)+) => {
        /// The stable name of a kind of diagnostic.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code { $($(#[doc = $doc])+ $name,)+ }

        impl Code {
            /// Every code, in the order they are documented.
            pub const ALL: &'static [Code] = &[$(Code::$name,)+];

            /// The code in kebab case, for example `id-duplicate`.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text,)+ }
            }

            /// How severe it is where it is found, before a result is bound to the item.
            pub fn severity(self) -> Severity {
                match self { $(Code::$name => Severity::$severity,)+ }
            }
        }
    };
}

codes! {
    /// The same id stands on two items with different text.
    IdDuplicate = "id-duplicate", FileError;
    /// Two items derive the same id from their text; neither can be bound.
    IdCollision = "id-collision", Warning;
    /// A result names an id that no item has.
    IdUnknown = "id-unknown", ItemError;
    /// An id that cannot be written to the document.
    IdInvalid = "id-invalid", ItemError;
    /// With the lines that would be added the document would be read differently.
    WriteUnsafe = "write-unsafe", FileError;
    /// A region marker without its partner, nested, or with an unknown name.
    RegionBroken = "region-broken", FileError;
    /// Two machine-text markers in one cell or line, or two ids in one item.
    MarkerDuplicate = "marker-duplicate", FileError;
    /// A marker for an id holds none that can be one; it is ignored.
    MarkerInvalid = "marker-invalid", Warning;
    /// A table whose headers are those of a legend says a status twice, or none: its rows may be meant
    /// as items.
    LegendDoubtful = "legend-doubtful", Warning;
    /// A table has two columns that could hold the status.
    StatusColumnAmbiguous = "status-column-ambiguous", Warning;
    /// The table has no status column: its rows are items, but nothing can be written for them.
    StatusColumnMissing = "status-column-missing", Warning;
    /// The row ends before its status cell.
    RowShort = "row-short", Warning;
    /// A pipe inside a code span shifts the cells of the row.
    RowPipeInCode = "row-pipe-in-code", Warning;
    /// An even run of backslashes before a pipe: renderers disagree on the cells.
    PipeAmbiguous = "pipe-ambiguous", Warning;
    /// The status cell holds a link, an image, a break or several status words.
    StatusCellComplex = "status-cell-complex", Warning;
    /// A Status bullet holds human text beside the status.
    StatusNoteHuman = "status-note-human", Warning;
    /// One item has two Status bullets.
    StatusNoteDuplicate = "status-note-duplicate", Warning;
    /// A word, a symbol and a tick of one item disagree.
    StateContradiction = "state-contradiction", Warning;
    /// A parent box and its children disagree.
    RollupMismatch = "rollup-mismatch", Warning;
    /// A stated count or score differs from what the document holds.
    TallyMismatch = "tally-mismatch", Warning;
    /// The legend says that a skipped item is not applicable.
    SkipMeaningUnclear = "skip-meaning-unclear", Warning;
    /// A status that the vocabulary does not know.
    StatusUnknown = "status-unknown", Warning;
    /// Something that looks like a box and is none.
    BoxOdd = "box-odd", Warning;
    /// A box whose text is only a label.
    BoxLabels = "box-labels", Warning;
    /// A code fence without an end.
    FenceUnclosed = "fence-unclosed", Warning;
    /// A comment without an end; everything after it is ignored.
    CommentUnclosed = "comment-unclosed", Warning;
    /// Some bytes are not UTF-8; they are kept, and only ASCII is written.
    EncodingNotUtf8 = "encoding-not-utf8", Warning;
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One finding about the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its stable code.
    pub code: Code,
    /// What it stops.
    pub severity: Severity,
    /// Line in the original file, 1-based.
    pub line: usize,
    /// The bytes it is about.
    pub span: Range<usize>,
    /// The item it is about, where there is one.
    pub id: Option<String>,
    /// What is wrong, for people.
    pub message: String,
    /// How to put it right.
    pub hint: String,
    /// Other lines that belong to it, 1-based.
    pub related: Vec<usize>,
}

impl Diagnostic {
    pub(crate) fn new(code: Code, line: u32, span: Span, message: String, hint: &str) -> Self {
        Self {
            code,
            severity: code.severity(),
            line: line as usize,
            span: span.range(),
            id: None,
            message,
            hint: hint.to_owned(),
            related: Vec::new(),
        }
    }

    pub(crate) fn about(mut self, id: &str) -> Self {
        self.id = Some(id.to_owned());
        self
    }

    pub(crate) fn with_lines(mut self, lines: impl IntoIterator<Item = usize>) -> Self {
        self.related.extend(lines);
        self
    }
}

/// `severity[code]: line N: ID: message`; the path is the caller's to add.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]: line {}: ", self.severity, self.code, self.line)?;
        if let Some(id) = &self.id {
            write!(f, "{id}: ")?;
        }
        f.write_str(&self.message)
    }
}
