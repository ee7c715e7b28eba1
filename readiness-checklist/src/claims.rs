//! What a document states about itself: tallies, scores, thresholds and dates.
//!
//! Claims are compared with what is counted and reported; only a few exact shapes are ever
//! written, and only with results at hand.

use std::fmt;

/// An exact percentage, as typed in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent {
    /// Hundredths of a percent: 9500 is 95 %.
    pub hundredths: u32,
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.hundredths / 100, self.hundredths % 100);
        match part {
            0 => write!(f, "{whole}%"),
            p if p % 10 == 0 => write!(f, "{whole}.{}%", p / 10),
            p => write!(f, "{whole}.{p:02}%"),
        }
    }
}

/// What a claim is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClaimKind {
    /// A count of one status, `✅ PASS: 12`.
    Tally,
    /// A count of items in a heading, a sentence or a status line.
    Count,
    /// A stated score or the place for one.
    Score,
    /// The score the document demands.
    MinimumScore,
    /// The day the document was last touched.
    LastUpdated,
    /// A `Status` line below a heading.
    Status,
}

/// One statement of the document about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// What it is about.
    pub kind: ClaimKind,
    /// Its line, 1-based.
    pub line: usize,
    /// What stands there, as text.
    pub stated: String,
    /// What the document's own items give, where that can be counted.
    pub counted: Option<String>,
}
