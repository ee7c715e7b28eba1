//! Write-back: results in, edits over owned spans out.
//!
//! Nothing is re-rendered. Every edit replaces bytes that the grammar gives to the tool: a status
//! cell, the machine's part of a notes cell, the byte in a box, a Status bullet, the score block.
//! Applying the same results to the output changes nothing.

mod adopt;
mod boxes;
mod choose;
mod reason;
mod row;
mod score;
mod text;
mod update;
mod verify;
mod width;
mod writer;

use std::ops::Range;

use crate::checklist::Checklist;
use crate::diagnostic::{Diagnostic, Severity};
pub(crate) use adopt::adopt;
pub use text::EditText;
pub use update::{ItemUpdate, Status, Tally, Update};

/// What an edit is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum EditKind {
    /// The status cell of a row.
    StatusCell,
    /// The machine's part of a notes cell.
    Note,
    /// The byte between the brackets of a box, or the symbol that stands for a box.
    Box,
    /// A Status bullet below a box, changed or new.
    StatusBullet,
    /// A count of the score block.
    Tally,
    /// A stated score.
    Score,
    /// The date of the last change.
    Date,
    /// The lines of a marked region.
    Region,
    /// A box that a person signs.
    SignOff,
    /// A new id marker.
    Marker,
}

/// One replacement of bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The bytes of the input it replaces; empty for an insertion.
    pub span: Range<usize>,
    /// What stands there afterwards.
    pub text: EditText,
    /// What it is for.
    pub what: EditKind,
    line: u32,
}

impl Edit {
    /// The line of the input, 1-based; for a new line, that of the item it belongs to.
    pub fn line(&self) -> usize {
        self.line as usize
    }
}

// As many as a document has items, beside the document as it was and as it will be.
const _: () = assert!(size_of::<Edit>() <= 40);

/// The outcome of a rewrite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewrite {
    /// The document afterwards; equal to the input exactly when `edits` is empty.
    pub bytes: Vec<u8>,
    /// What changed, in document order.
    pub edits: Vec<Edit>,
    /// What could not be written, and why.
    pub diagnostics: Vec<Diagnostic>,
}

impl Rewrite {
    /// Whether the whole document is left as it was because of what was found: nothing may be kept of
    /// these results beside it either.
    pub fn is_refused(&self) -> bool {
        let refuses = |found: &Diagnostic| found.severity == Severity::FileError;
        self.diagnostics.iter().any(refuses)
    }
}

/// Computes the edits of an update and applies them.
pub(crate) fn rewrite(checklist: &Checklist, update: &Update) -> Rewrite {
    let mut writer = writer::Writer::new(checklist);
    if checklist.has_file_error() {
        return writer.refuse();
    }
    writer.items(update);
    writer.sign_offs(update);
    if let Some(tally) = &update.tally {
        writer.score(tally);
    }
    writer.date(update.today.as_deref());
    verify::verified(checklist, writer.finish())
}
