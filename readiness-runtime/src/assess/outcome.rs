//! The resolved outcome of an item, and how each outcome counts.

use std::fmt;

use readiness_checklist::Status;

/// What an item came to. The order is the one in which a reader wants them: reddest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// A check says no, panicked, timed out or killed its process.
    Failed,
    /// A soft limit was crossed, or a check passed only on a retry.
    Warned,
    /// Passed, by checks that were not shown to be able to fail.
    Vacuous,
    /// Passed, too long ago or for something else.
    Stale,
    /// Failed or warned, and accepted for now by a person.
    Waived,
    /// Nobody looked.
    NotVerified,
    /// Does not apply, by verdict or by a declaration with a reason.
    NotApplicable,
    /// Met, on a person's word.
    Attested,
    /// Executed, passed, and proven able to fail or excused from it with a reason.
    Passed,
}

impl Outcome {
    /// All of them, reddest first.
    pub const ALL: [Self; 9] = [
        Self::Failed,
        Self::Warned,
        Self::Vacuous,
        Self::Stale,
        Self::Waived,
        Self::NotVerified,
        Self::NotApplicable,
        Self::Attested,
        Self::Passed,
    ];

    /// What the document shows.
    pub fn status(self) -> Status {
        match self {
            Self::Failed => Status::Fail,
            Self::Warned | Self::Vacuous | Self::Stale | Self::Waived => Status::Warn,
            Self::NotVerified | Self::NotApplicable => Status::Skip,
            Self::Attested | Self::Passed => Status::Pass,
        }
    }

    /// Whether the item is in the score's denominator.
    pub fn is_applicable(self) -> bool {
        self != Self::NotApplicable
    }

    /// Whether the item is in the score's numerator.
    pub fn counts(self) -> bool {
        self.status() == Status::Pass
    }

    /// The word of the ledger and the machine formats.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Warned => "warned",
            Self::Vacuous => "vacuous",
            Self::Stale => "stale",
            Self::Waived => "waived",
            Self::NotVerified => "not-verified",
            Self::NotApplicable => "not-applicable",
            Self::Attested => "attested",
            Self::Passed => "passed",
        }
    }

    /// Reads [`Outcome::as_str`].
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|outcome| outcome.as_str() == word)
    }
}

/// In words, for people.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotVerified => "not verified",
            Self::NotApplicable => "not applicable",
            other => other.as_str(),
        })
    }
}

/// An outcome and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Resolved {
    /// What it came to.
    pub outcome: Outcome,
    /// Why, for everything but a plain pass.
    pub reason: Option<String>,
}

impl Resolved {
    /// An outcome with its reason.
    pub fn new(outcome: Outcome, reason: impl Into<String>) -> Self {
        Self {
            outcome,
            reason: Some(reason.into()),
        }
    }

    /// A plain pass.
    pub fn passed() -> Self {
        Self {
            outcome: Outcome::Passed,
            reason: None,
        }
    }
}
