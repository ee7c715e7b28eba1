//! What an assessment needs to know of a run. The journal's reader fills it in; nothing here knows
//! how a journal looks.

use jiff::civil::Date;

use crate::journal::record::Target;

/// A run, as far as one checklist is concerned.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RunSummary {
    /// Its name.
    pub run: String,
    /// What was looked at; none when the configuration names nothing.
    pub target: Option<Target>,
    /// Commit of the working tree.
    pub commit: Option<String>,
    /// Digest of the configuration that can change a verdict.
    pub config_digest: Option<String>,
    /// Every trial that was registered, selected or not.
    pub trials: Vec<TrialSummary>,
    /// Some registered trials were left out or never began: a filter, a shard, an interrupt.
    pub partial: bool,
    /// Every test target that holds checks for the checklist is known to have taken part. Only then
    /// does the absence of a check mean anything.
    pub complete: bool,
    /// What fails the run as a whole.
    pub faults: Vec<String>,
}

/// A trial's part in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialSummary {
    /// Its name.
    pub trial: String,
    /// The requirement.
    pub id: String,
    /// Digest of the check.
    pub digest: String,
    /// `file:line` of the check; may be empty.
    pub source: String,
    /// The day, in UTC, on which it ended.
    pub day: Option<Date>,
    /// What it came to.
    pub result: TrialResult,
    /// Fine alterations of what it saw: how many it noticed, and of how many.
    pub noticed: (u64, u64),
    /// Whether it is imported and takes the place of checks that could not look.
    pub stands_in: bool,
}

/// What a trial came to, with proof and retries taken into account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrialResult {
    /// The check, a panic, a timeout or a dead process.
    Failed(String),
    /// The check's own warning, or a pass on a retry.
    Warned(String),
    /// Passed, but not proven and not excused.
    Vacuous(String),
    /// Passed, and so strongly.
    Passed(Strength),
    /// Does not apply.
    NotApplicable(String),
    /// It could not look, or was cut short.
    NotVerified(String),
    /// It did not run because it was not asked to.
    NotSelected,
}

/// What stands behind a pass.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strength {
    /// Another tool's result, from the report named: nothing that it saw was altered.
    Imported(String),
    /// Excused from proof, for the reason given.
    Excused(String),
    /// An alteration of what it saw turned it red.
    Proven,
}

impl Strength {
    /// The word of the ledger.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Imported(_) => "imported",
            Self::Excused(_) => "excused",
            Self::Proven => "proven",
        }
    }
}
