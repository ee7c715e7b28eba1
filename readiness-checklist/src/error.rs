//! Why bytes could not be read as a checklist at all.

use std::fmt;

/// The bytes are not a document that can be read or written.
///
/// Everything short of this is a [`Diagnostic`](crate::Diagnostic): the document is read as far
/// as it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseError {
    /// UTF-16 (by its byte order mark) or NUL bytes: `encoding-unsupported`.
    EncodingUnsupported {
        /// Offset of the first offending byte.
        offset: usize,
        /// Its line, 1-based.
        line: usize,
    },
    /// More than 4 GiB; positions are kept in 32 bits: `document-too-large`.
    TooLarge {
        /// Length of the document in bytes.
        bytes: usize,
    },
}

impl ParseError {
    /// The stable code, in kebab case.
    pub fn code(&self) -> &'static str {
        match self {
            Self::EncodingUnsupported { .. } => "encoding-unsupported",
            Self::TooLarge { .. } => "document-too-large",
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::EncodingUnsupported { .. } => "save the file as UTF-8",
            Self::TooLarge { .. } => "split the checklist into several files",
        }
    }

    /// The line it was found on, 1-based.
    pub fn line(&self) -> usize {
        match self {
            Self::EncodingUnsupported { line, .. } => *line,
            Self::TooLarge { .. } => 1,
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EncodingUnsupported { offset, line } => {
                write!(
                    f,
                    "the document is UTF-16 or binary (byte {offset}, line {line})"
                )
            }
            Self::TooLarge { bytes } => {
                write!(f, "the document has {bytes} bytes, more than 4 GiB")
            }
        }
    }
}

impl std::error::Error for ParseError {}
