//! What can be wrong with a part of a journal and is reported while everything else of the file is used.

use std::fmt;

/// Something in a file that was left out. The rest of the file counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file's name, without its folder, so that a merge does not depend on where files lay.
    pub file: String,
    /// 1-based line; 0 for the file as a whole.
    pub line: usize,
    /// What is wrong.
    pub kind: ProblemKind,
}

/// Kinds of [`Problem`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ProblemKind {
    /// The last line ends in the middle: its writer died or the disk was full.
    Torn,
    /// A line in the middle is not a record.
    Malformed,
    /// A line is longer than [`crate::journal::lines::MAX_LINE`].
    TooLong,
    /// The file has no header, so nothing in it can be attributed to a run.
    NoHeader,
    /// A second header, or one of another run.
    ForeignHeader,
    /// Two records of one attempt contradict each other; the same one is always kept.
    Contradiction,
}

impl ProblemKind {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            ProblemKind::Torn => "journal-torn",
            ProblemKind::Malformed => "journal-malformed",
            ProblemKind::TooLong => "journal-line-too-long",
            ProblemKind::NoHeader => "journal-no-header",
            ProblemKind::ForeignHeader => "journal-foreign-header",
            ProblemKind::Contradiction => "journal-contradiction",
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem { file, line, kind } = self;
        let words = match kind {
            ProblemKind::Torn => "the last line is torn and was left out",
            ProblemKind::Malformed => "this line is not a record and was left out",
            ProblemKind::TooLong => "this line is too long and was left out",
            ProblemKind::NoHeader => "there is no header, the file was left out",
            ProblemKind::ForeignHeader => "a second header, the records after it were left out",
            ProblemKind::Contradiction => "two records of one attempt contradict each other",
        };
        match line {
            0 => write!(f, "{file}: {words} ({})", kind.code()),
            line => write!(f, "{file}:{line}: {words} ({})", kind.code()),
        }
    }
}
