//! What ends the reading or the writing of a journal.

use std::path::PathBuf;

/// Ends the reading or the writing of a run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// `journal-newer`: written by a later version.
    #[error(
        "{}: journal format {found} is newer than {known}, the newest that this version reads \
         (journal-newer); use the version of Readiness that wrote it, or a later one",
        file.display()
    )]
    Newer {
        /// The file.
        file: PathBuf,
        /// Its format.
        found: u64,
        /// [`super::record::FORMAT`].
        known: u32,
    },
    /// `journal-io`: the operating system refused.
    #[error("cannot {action} {}: {source} (journal-io)", path.display())]
    Io {
        /// `read`, `create`, …
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// `journal-read-only`: the run folder cannot be written.
    #[error(
        "cannot write the run folder {}: {source} (journal-read-only); set READINESS_DIR to a \
         directory that can be written",
        path.display()
    )]
    ReadOnly {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// `run-id-invalid`: a run id that cannot name a folder.
    #[error(
        "the run id {id:?} in {variable} is not usable (run-id-invalid): 1 to 100 characters out \
         of A-Z a-z 0-9 . _ - and not starting with a dot"
    )]
    RunId {
        /// Where it came from.
        variable: String,
        /// What it said, bounded.
        id: String,
    },
}

impl JournalError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            JournalError::Newer { .. } => "journal-newer",
            JournalError::Io { .. } => "journal-io",
            JournalError::ReadOnly { .. } => "journal-read-only",
            JournalError::RunId { .. } => "run-id-invalid",
        }
    }
}
