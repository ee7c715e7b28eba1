//! What ends the reading or the writing of a journal.

use std::fmt;
use std::path::PathBuf;

/// Ends the reading or the writing of a run.
#[derive(Debug)]
#[non_exhaustive]
pub enum JournalError {
    /// `journal-newer`: written by a later version.
    Newer {
        /// The file.
        file: PathBuf,
        /// Its format.
        found: u64,
        /// [`super::record::FORMAT`].
        known: u32,
    },
    /// `journal-io`: the operating system refused.
    Io {
        /// `read`, `create`, …
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// `journal-read-only`: the run folder cannot be written.
    ReadOnly {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// `run-id-invalid`: a run id that cannot name a folder.
    RunId {
        /// Where it came from.
        variable: String,
        /// What it said, bounded.
        id: String,
    },
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newer { file, found, known } => write!(
                f,
                "{}: journal format {found} is newer than {known}, the newest that this version reads \
                 (journal-newer); use the version of Readiness that wrote it, or a later one",
                file.display()
            ),
            Self::Io {
                action,
                path,
                source,
            } => {
                write!(
                    f,
                    "cannot {action} {}: {source} (journal-io)",
                    path.display()
                )
            }
            Self::ReadOnly { path, source } => write!(
                f,
                "cannot write the run folder {}: {source} (journal-read-only); set READINESS_DIR to a \
                 directory that can be written",
                path.display()
            ),
            Self::RunId { variable, id } => write!(
                f,
                "the run id {id:?} in {variable} is not usable (run-id-invalid): 1 to 100 characters \
                 out of A-Z a-z 0-9 . _ - and not starting with a dot"
            ),
        }
    }
}

impl std::error::Error for JournalError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } | Self::ReadOnly { source, .. } => Some(source),
            Self::Newer { .. } | Self::RunId { .. } => None,
        }
    }
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
