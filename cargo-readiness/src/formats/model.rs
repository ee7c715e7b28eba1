//! What every report says, as plain data: an assessment together with the records, the evidence and
//! the proofs behind it, the statements of people and the ledger.
//!
//! In: nothing but what [`super::view()`] collected. Out: the formats, each of which reads this and
//! nothing else, so that no two of them can disagree on a count, a score or a reason. Everything in
//! here is in the order in which it is written, holds no time but those of the results, and
//! serialises to the JSON report as it stands (`schemas/report-1.schema.json`): a field that is
//! renamed here is a new version there.

use std::collections::BTreeMap;

use readiness::assess::{Outcome, Score};
use readiness::config::StatementKind;
use readiness::diagnostic::Severity;
use readiness::journal::record::{Evidence, Part, Proof};
use serde::Serialize;

/// Version of the JSON report. A field that goes or changes its meaning makes a new one; new fields
/// do not.
pub(crate) const VERSION: u32 = 1;

/// One document, judged.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Report {
    /// Always `readiness-report`.
    pub(crate) format: &'static str,
    /// [`VERSION`].
    pub(crate) version: u32,
    /// The document's title, else its file name.
    pub(crate) title: String,
    /// Its path from the root of the repository, with `/`.
    pub(crate) document: String,
    /// The day, in UTC, of the latest result; without results that of the assessment.
    pub(crate) day: String,
    /// The run; none when nothing ran.
    pub(crate) run: Option<RunView>,
    /// Strength in words, the first line of every report.
    pub(crate) strength: String,
    /// How many items came to what.
    pub(crate) counts: CountsView,
    /// Passed of applicable, exact.
    pub(crate) score: ScoreView,
    /// The go/no-go.
    pub(crate) gate: GateView,
    /// The runs before, and this one.
    pub(crate) trend: Trend,
    /// Fine alterations that the run's checks noticed, of those that were tried.
    pub(crate) alterations: ScoreView,
    /// Sections in document order.
    pub(crate) sections: Vec<Section>,
    /// Items in document order.
    pub(crate) items: Vec<Item>,
    /// Who has to sign, and how each signature stands.
    pub(crate) sign_offs: Vec<SignOffView>,
    /// What else was found.
    pub(crate) findings: Vec<Finding>,
}

/// A role and its signature.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SignOffView {
    /// The role.
    pub(crate) role: String,
    /// `unsigned`, `holds`, `changed` or `refused`; `claimed` for a box that a person ticked with
    /// nothing on file.
    pub(crate) standing: &'static str,
    /// Who signed.
    pub(crate) signer: Option<String>,
    /// When, as they say, in RFC 3339.
    pub(crate) at: Option<String>,
    /// What changed since, or why it is refused.
    pub(crate) reasons: Vec<String>,
    /// Line of the box, from 1.
    pub(crate) line: Option<usize>,
}

/// The run behind an assessment.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct RunView {
    /// Its name.
    pub(crate) id: String,
    /// Logical name of what was looked at.
    pub(crate) target: Option<String>,
    /// `embedded` or `remote`.
    pub(crate) target_kind: Option<String>,
    /// Version that the target reported.
    pub(crate) target_version: Option<String>,
    /// Commit of the working tree.
    pub(crate) commit: Option<String>,
    /// Some checks were left out or never began.
    pub(crate) partial: bool,
    /// What fails the run as a whole.
    pub(crate) faults: Vec<String>,
}

/// Counts by status and by outcome.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct CountsView {
    /// All items.
    pub(crate) total: u64,
    /// PASS: passed or attested.
    pub(crate) pass: u64,
    /// WARN: warned, vacuous, stale or waived.
    pub(crate) warn: u64,
    /// FAIL.
    pub(crate) fail: u64,
    /// SKIP: not verified or not applicable.
    pub(crate) skip: u64,
    /// By outcome; each of them is there.
    pub(crate) outcomes: BTreeMap<&'static str, u64>,
    /// Passed items by what stands behind them: `proven`, `excused`, ….
    pub(crate) strengths: BTreeMap<&'static str, u64>,
    /// Items whose status a person typed, with nothing behind it.
    pub(crate) claimed: u64,
}

/// An exact fraction, and its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ScoreView {
    /// Counted for.
    pub(crate) passed: u64,
    /// Counted at all.
    pub(crate) applicable: u64,
    /// Hundredths of a percent, rounded down; none when nothing applies.
    pub(crate) hundredths: Option<u64>,
    /// `114/121 = 94.21 %`.
    pub(crate) words: String,
}

impl From<Score> for ScoreView {
    fn from(score: Score) -> Self {
        Self {
            passed: score.passed,
            applicable: score.applicable,
            hundredths: score.hundredths(),
            words: score.to_string(),
        }
    }
}

impl ScoreView {
    /// `94.21 %`, or a dash when nothing applies.
    pub(crate) fn percent(&self) -> String {
        self.hundredths.map_or_else(
            || "–".to_owned(),
            |h| format!("{}.{:02} %", h / 100, h % 100),
        )
    }
}

/// What the gate says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Decision {
    /// A go.
    Met,
    /// No go.
    NotMet,
    /// On the embedded target: never a go.
    Demonstration,
}

/// The go/no-go with its rules.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct GateView {
    /// The decision.
    pub(crate) decision: Decision,
    /// The same in a sentence.
    pub(crate) words: String,
    /// Every rule.
    pub(crate) rules: Vec<RuleView>,
}

/// One rule of the gate.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct RuleView {
    /// Whether it holds.
    pub(crate) met: bool,
    /// What it compared.
    pub(crate) words: String,
    /// The items it found.
    pub(crate) ids: Vec<String>,
    /// What would make it hold; empty for one that does.
    pub(crate) fix: String,
}

/// The runs on one target that were reported, from `readiness.history`.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Trend {
    /// Logical name of what they looked at.
    pub(crate) target: Option<String>,
    /// The score that the gate asks for, in hundredths of a percent.
    pub(crate) minimum: u64,
    /// Oldest first; bounded.
    pub(crate) points: Vec<Point>,
    /// Older runs that are not among them.
    pub(crate) earlier: u64,
    /// Runs on other targets, which are not among them either.
    pub(crate) elsewhere: u64,
}

/// One reported run.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Point {
    /// When it was reported, RFC 3339; none for what this report shows and the history has not yet.
    pub(crate) at: Option<String>,
    /// The day of it, in UTC.
    pub(crate) day: String,
    /// Its name.
    pub(crate) run: String,
    /// Commit of the working tree.
    pub(crate) commit: Option<String>,
    /// Version that the target reported.
    pub(crate) target_version: Option<String>,
    /// Some checks were left out.
    pub(crate) partial: bool,
    /// Passed of applicable.
    pub(crate) score: ScoreView,
    /// Items of this status.
    pub(crate) pass: u64,
    /// Items of this status.
    pub(crate) warn: u64,
    /// Items of this status.
    pub(crate) fail: u64,
    /// Items of this status.
    pub(crate) skip: u64,
    /// Items that came to something else than in the run before, what got worse first; bounded.
    pub(crate) moved: Vec<Move>,
    /// How many they are.
    pub(crate) moves: u64,
}

/// An item that came to something else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Move {
    /// Its id.
    pub(crate) id: String,
    /// What it was; none for one that is new.
    pub(crate) from: Option<Outcome>,
    /// What it is; none for one that is gone.
    pub(crate) to: Option<Outcome>,
}

/// What an item came to in the runs of the trend.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct ItemHistory {
    /// Runs that had it.
    pub(crate) runs: u64,
    /// Where it came to something else, oldest first; bounded.
    pub(crate) changes: Vec<Change>,
    /// Older changes that are not among them.
    pub(crate) earlier: u64,
}

/// An item from a run on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Change {
    /// The day, in UTC.
    pub(crate) day: String,
    /// The run.
    pub(crate) run: String,
    /// What it came to; none when the document had it no more.
    pub(crate) outcome: Option<Outcome>,
}

/// A section of the document that holds items.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Section {
    /// Its headings, outermost first; empty for items above the first one.
    pub(crate) path: Vec<String>,
    /// Its items.
    pub(crate) counts: CountsView,
    /// Their score.
    pub(crate) score: ScoreView,
}

/// One requirement and everything that is known about it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Item {
    /// Its id.
    pub(crate) id: String,
    /// What it demands, as plain text.
    pub(crate) requirement: String,
    /// Index into [`Report::sections`].
    pub(crate) section: usize,
    /// Line in the document, from 1.
    pub(crate) line: usize,
    /// `PASS`, `WARN`, `FAIL` or `SKIP`.
    pub(crate) status: &'static str,
    /// What the status stands for.
    pub(crate) outcome: Outcome,
    /// The outcome before statements of people.
    pub(crate) base: Outcome,
    /// Why; none for a plain pass.
    pub(crate) reason: Option<String>,
    /// What stands behind a pass: `proven`, `excused`, `attested`, …; none for anything else.
    pub(crate) strength: Option<&'static str>,
    /// The result is that of an earlier run.
    pub(crate) carried: bool,
    /// A person typed a status and nothing stands behind it.
    pub(crate) claimed: bool,
    /// What the document shows, in a word.
    pub(crate) stated: &'static str,
    /// SHA-256 of the requirement's normalised text, in hexadecimal.
    pub(crate) text: String,
    /// The author's words on testing it.
    pub(crate) test: Option<String>,
    /// The author's notes.
    pub(crate) notes: Option<String>,
    /// Who owns it.
    pub(crate) owner: Option<String>,
    /// Its priority.
    pub(crate) priority: Option<String>,
    /// What would change the outcome.
    pub(crate) advice: String,
    /// Its checks, by name.
    pub(crate) checks: Vec<Check>,
    /// What people state about it, in the order of the configuration.
    pub(crate) statements: Vec<StatementView>,
    /// What it came to in the runs of the trend; none for one that no run had.
    pub(crate) history: Option<ItemHistory>,
    /// What was last written for it.
    pub(crate) ledger: Option<LedgerView>,
}

/// One check of a requirement.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Check {
    /// Its name.
    pub(crate) trial: String,
    /// `file:line`.
    pub(crate) source: String,
    /// What it came to: `failed`, `warned`, `vacuous`, `passed`, `not-applicable`, `not-verified` or
    /// `not-selected`.
    pub(crate) result: &'static str,
    /// Why.
    pub(crate) reason: Option<String>,
    /// Every attempt, oldest first.
    pub(crate) attempts: Vec<AttemptView>,
    /// Named parts of the last attempt.
    pub(crate) parts: Vec<Part>,
    /// Whether its pass was able to fail.
    pub(crate) proof: Option<Proof>,
    /// What it saw.
    pub(crate) evidence: Vec<Evidence>,
}

/// One attempt of a check.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct AttemptView {
    /// From 1.
    pub(crate) attempt: u32,
    /// `passed`, `failed`, …; `unfinished` when its end was never written.
    pub(crate) outcome: String,
    /// Why.
    pub(crate) reason: Option<String>,
    /// When it ended, RFC 3339, UTC.
    pub(crate) at: Option<String>,
    /// Wall time in microseconds.
    pub(crate) micros: Option<u64>,
}

/// A person's dated statement.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct StatementView {
    /// What it claims.
    pub(crate) kind: StatementKind,
    /// Who made it or answers for it.
    pub(crate) by: Option<String>,
    /// The day it was made.
    pub(crate) on: Option<String>,
    /// The last day it holds.
    pub(crate) expires: Option<String>,
    /// Why.
    pub(crate) reason: Option<String>,
    /// Where the evidence is.
    pub(crate) evidence: Option<String>,
    /// Whether the day of the assessment is within its days.
    pub(crate) in_date: bool,
    /// Line in the configuration, from 1.
    pub(crate) line: usize,
}

/// What the ledger says of an item.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct LedgerView {
    /// The status that was written.
    pub(crate) status: &'static str,
    /// The outcome it stood for.
    pub(crate) outcome: Outcome,
    /// The day of the result.
    pub(crate) day: String,
    /// The run.
    pub(crate) run: Option<String>,
    /// What was looked at.
    pub(crate) target: Option<String>,
    /// Commit of the working tree.
    pub(crate) commit: Option<String>,
}

/// Something to be reported that is not an item's outcome.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Finding {
    /// Its stable code.
    pub(crate) code: &'static str,
    /// What the code means, in a sentence.
    pub(crate) description: &'static str,
    /// How much it stops.
    pub(crate) severity: Severity,
    /// The file, from the root of the repository, with `/`.
    pub(crate) path: String,
    /// Its line, from 1.
    pub(crate) line: Option<usize>,
    /// The requirement.
    pub(crate) id: Option<String>,
    /// What is wrong.
    pub(crate) message: String,
    /// How to put it right; may be empty.
    pub(crate) hint: String,
}

impl Report {
    /// Items whose outcome needs attention, reddest first, then in document order.
    pub(crate) fn attention(&self) -> Vec<&Item> {
        let mut items: Vec<_> = self
            .items
            .iter()
            .filter(|item| matches!(item.status, "FAIL" | "WARN"))
            .collect();
        items.sort_by_key(|item| (item.outcome, item.line));
        items
    }
}

impl Item {
    /// The reason, or the words for a result that needs none.
    pub(crate) fn why(&self) -> &str {
        self.reason.as_deref().unwrap_or("passed")
    }
}

impl Section {
    /// The section in one line.
    pub(crate) fn name(&self) -> String {
        if self.path.is_empty() {
            "(no section)".to_owned()
        } else {
            self.path.join(" / ")
        }
    }
}
