//! One line of a journal.
//!
//! ```json
//! {"record":"header","format":1,"run":"r-1","process":"1234-…","package":"kamiyo","target":"embedded","at":"2026-11-22T10:00:00Z"}
//! {"record":"started","trial":"RL-001::limits::is_429","attempt":1,"at":"…"}
//! {"record":"finished","trial":"RL-001::limits::is_429","attempt":1,"outcome":"passed","…":"…"}
//! ```
//!
//! `started` is written before a body runs and `finished` after it, so whatever was in flight when a
//! process died is known. Unknown fields of a known format are ignored; a newer `format` is refused.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::config::Values;
use crate::observation::{Facet, Strength};
use crate::verdict::Origin;

/// The journal's format version.
pub const FORMAT: u32 = 1;

/// A line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "kebab-case")]
#[non_exhaustive]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one header per file, and records live for one line"
)]
pub enum Record {
    /// First line of every file.
    Header(Header),
    /// The trials that this process knows, selected or not.
    Registered(Registered),
    /// A trial is about to run.
    Started(Started),
    /// A trial ended.
    Finished(Box<Finished>),
    /// A signal ended the process while these trials were in flight.
    Interrupted(Interrupted),
    /// The process came to its end with everything written.
    Closed(Closed),
}

/// Who writes this file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// [`FORMAT`] of the writer.
    pub format: u32,
    /// The run it belongs to.
    pub run: String,
    /// Unique within the run: process id and start time.
    pub process: String,
    /// Cargo package of the test target.
    pub package: String,
    /// Directory of that package's manifest.
    pub manifest_dir: String,
    /// The checklist file, as configured or found.
    pub checklist: String,
    /// Logical name of the target, and its kind.
    pub target: Option<Target>,
    /// RFC 3339, UTC.
    pub at: String,
    /// Commit of the working tree, where it can be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The shard of a sharded run, `(index from 1, total)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<(u32, u32)>,
    /// SHA-256 (hex) over the effective configuration that can change a verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_digest: Option<String>,
    /// Where these results come from, if another tool found them out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import: Option<Import>,
}

/// The report of another tool that was turned into a journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// The tool: `k6`, `junit`.
    pub tool: String,
    /// Name of the file, without its folder.
    pub file: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Whether these results take the place of checks of the same item that could not look: a load
    /// test of another tool, made because this machine could not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stands_in: bool,
}

/// What was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Logical name, stable while ports and hosts change.
    pub name: String,
    /// `embedded` or `remote`.
    pub kind: String,
    /// Version that the target reported, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

impl Target {
    /// What `[target]` says; none where it names no kind.
    pub(crate) fn of(table: &Values) -> Option<Self> {
        let text = |key: &str| Some(table.get(key)?.as_str()?.to_owned());
        let kind = text("kind")?;
        Some(Self {
            name: text("name").unwrap_or_else(|| kind.clone()),
            kind,
            version: text("version"),
        })
    }
}

/// The trials of a process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Registered {
    /// All of them, sorted by name.
    pub trials: Vec<TrialInfo>,
}

/// A registered trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrialInfo {
    /// Name, unique in the run.
    pub trial: String,
    /// Requirement.
    pub id: String,
    /// Whether this run selected it.
    pub selected: bool,
    /// Declared reason for being ignored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ignored: Option<String>,
    /// Digest of the check.
    pub digest: String,
    /// Source position, `file:line`.
    pub source: String,
}

/// A trial begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Started {
    /// Name of the trial.
    pub trial: String,
    /// From 1; above 1 for retries.
    pub attempt: u32,
    /// RFC 3339, UTC.
    pub at: String,
}

/// How a trial ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrialOutcome {
    /// Passed; whether proven is in [`Finished::proof`].
    Passed,
    /// The check's own warning.
    Warned,
    /// Failed.
    Failed,
    /// Does not apply.
    NotApplicable,
    /// Could not look.
    Unavailable,
}

/// A trial's end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finished {
    /// Name of the trial.
    pub trial: String,
    /// Requirement.
    pub id: String,
    /// From 1.
    pub attempt: u32,
    /// How it ended.
    pub outcome: TrialOutcome,
    /// Why, for everything but a plain pass. Redacted, bounded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who decided a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// `file:line:column` of a panic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// RFC 3339, UTC.
    pub at: String,
    /// Wall time of the attempt in microseconds.
    pub micros: u64,
    /// Named parts of the requirement that were checked softly.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// Whether the pass was able to fail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
    /// What was seen, redacted and bounded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// Digest of the check.
    pub digest: String,
    /// The process that ran it and died, where another one reports its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<String>,
}

/// One soft assertion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Whether it held.
    pub held: bool,
    /// Values, for one that did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// Whether a pass was shown to be able to fail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proof {
    /// The conclusion.
    pub strength: ProofStrength,
    /// In words: why it is unproven or vacuous, or what excuses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Mutants by fate, over fine operators.
    #[serde(default, skip_serializing_if = "Tally::is_empty")]
    pub fine: Tally,
    /// The same over gross operators.
    #[serde(default, skip_serializing_if = "Tally::is_empty")]
    pub gross: Tally,
    /// Every mutant that was tried, bounded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mutants: Vec<MutantRecord>,
}

/// The conclusion of a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProofStrength {
    /// At least one fine mutant was killed, or the negative control went red.
    Proven,
    /// No alteration of what it read changed its verdict, or it observed nothing.
    Vacuous,
    /// Could not be replayed and no reason is declared: counts as vacuous.
    Unproven,
    /// Excused with a declared reason.
    Excused,
    /// Proving was switched off for the run.
    Off,
    /// Another tool's result: what it saw was never altered.
    Imported,
}

/// How many mutants met which fate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// The check's own verdict turned.
    pub killed: u32,
    /// It still passed.
    pub survived: u32,
    /// The replay left the recording, or an error was passed up: neither.
    pub diverged: u32,
}

impl Tally {
    /// Whether no mutant was tried.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// One mutant's fate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MutantRecord {
    /// Identity of the observation, `kind key #occurrence`.
    pub observation: String,
    /// Operator name.
    pub operator: String,
    /// Facet.
    pub facet: Facet,
    /// In words, after "when".
    pub words: String,
    /// Fine or gross.
    pub strength: Strength,
    /// What happened.
    pub fate: Fate,
    /// The check's reason, for a kill.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The altered place beside the original, for some mutants: above all those that survived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
}

/// What a mutant changed in the encoding of its observation. Redacted, bounded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// JSON pointer to the innermost place that holds all of the difference.
    pub at: String,
    /// What was there, as JSON; none where nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    /// What is there instead, as JSON; none where nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<String>,
}

/// What became of a mutant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// The check's own verdict turned to Fail or Warn.
    Killed,
    /// It still passed.
    Survived,
    /// The replay asked for what was never recorded.
    Diverged,
    /// It failed, but by an error passed up, not by its own verdict.
    Errored,
    /// The alteration could not be applied: an error of the operator.
    NotApplied,
}

/// One recorded observation, redacted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// `kind key #occurrence`.
    pub observation: String,
    /// The kind's own fields.
    pub value: serde_json::Value,
    /// Facets that were read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub read: Vec<Facet>,
    /// Whether the value was cut to its bound.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
}

/// A signal arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interrupted {
    /// What was in flight.
    pub trials: Vec<String>,
    /// `interrupt` or `terminate`.
    pub signal: String,
    /// RFC 3339, UTC.
    pub at: String,
}

/// The end of a process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Closed {
    /// Panics that could not be attributed to a trial: they fail the run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unattributed: Vec<String>,
    /// RFC 3339, UTC.
    pub at: String,
    /// Anything a later version adds.
    #[serde(default, flatten)]
    pub more: BTreeMap<String, serde_json::Value>,
}
