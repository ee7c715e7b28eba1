//! From a check's answer to its journal record and to what a person reads.

use std::fmt::Write;
use std::time::Duration;

use super::panics::PanicInfo;
use super::plan::Trial;
use crate::diagnostic::plain;
use crate::document::Located;
use crate::journal::bounded;
use crate::journal::record::{Evidence, Finished, Proof, ProofStrength, TrialOutcome};
use crate::redact::{Constant, Redactor};
use crate::verdict::{CheckResult, Origin};

/// Longest reason that is kept, in bytes.
pub(super) const LONGEST_REASON: usize = 16 * 1024;

/// Longest name or detail of a soft assertion.
pub(super) const LONGEST_PART: usize = 1024;

/// One attempt, ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) outcome: TrialOutcome,
    pub(crate) reason: Option<String>,
    pub(crate) origin: Option<Origin>,
    /// `file:line:column` of a panic.
    pub(crate) location: Option<String>,
    /// For the terminal alone: a backtrace, or the output of an isolated trial.
    pub(crate) details: Option<String>,
    pub(crate) took: Duration,
    pub(crate) proof: Option<Proof>,
    /// For the terminal: what a failed check saw, a line each.
    seen: Vec<String>,
}

impl Ended {
    /// What the body came to.
    pub(crate) fn of(body: Result<CheckResult, PanicInfo>, took: Duration) -> Self {
        let mut ended = Self {
            outcome: TrialOutcome::Passed,
            reason: None,
            origin: None,
            location: None,
            details: None,
            took,
            proof: None,
            seen: Vec::new(),
        };
        match body {
            Ok(CheckResult::Passed) => {}
            Ok(CheckResult::Warned(reason)) => ended.become_(TrialOutcome::Warned, reason),
            Ok(CheckResult::NotApplicable(reason)) => {
                ended.become_(TrialOutcome::NotApplicable, reason);
            }
            Ok(CheckResult::Unavailable(reason)) => {
                ended.become_(TrialOutcome::Unavailable, reason);
            }
            Ok(CheckResult::Failed { reason, origin }) => ended.fail(origin, reason),
            Err(panic) => {
                ended.fail(Origin::Panic, panic.message);
                ended.location = panic.location;
                ended.details = panic.backtrace;
            }
        }
        ended
    }

    /// What another process recorded.
    pub(crate) fn of_record(record: &Finished) -> Self {
        Self {
            outcome: record.outcome,
            reason: record.reason.clone(),
            origin: record.origin,
            location: record.location.clone(),
            details: None,
            took: Duration::from_micros(record.micros),
            proof: record.proof.clone(),
            seen: seen(record.outcome, &record.evidence),
        }
    }

    /// Keeps what a failed check saw for the terminal.
    pub(crate) fn note_seen(&mut self, evidence: &[Evidence]) {
        self.seen = seen(self.outcome, evidence);
    }

    /// Not verified, for a reason outside of the check.
    pub(crate) fn unavailable(reason: String) -> Self {
        Self::of(Ok(CheckResult::Unavailable(reason)), Duration::ZERO)
    }

    /// A failure decided outside of the check.
    pub(crate) fn failed(origin: Origin, reason: String, took: Duration) -> Self {
        Self::of(Ok(CheckResult::Failed { reason, origin }), took)
    }

    fn become_(&mut self, outcome: TrialOutcome, reason: String) {
        self.outcome = outcome;
        self.reason = Some(reason);
    }

    /// Turns it into a failure; what a failure said already stays in front.
    pub(crate) fn fail(&mut self, origin: Origin, reason: String) {
        if self.outcome == TrialOutcome::Failed {
            let said = self.reason.get_or_insert_default();
            said.push('\n');
            said.push_str(&reason);
            return;
        }
        self.become_(TrialOutcome::Failed, reason);
        self.origin = Some(origin);
    }

    /// Masks secrets and bounds the text: from here on everything goes to some sink. `excuse` is the
    /// reason for which the trial's check is excused from proof.
    pub(crate) fn redact(&mut self, redactor: &Redactor, excuse: Option<&Constant>) {
        for text in [&mut self.reason, &mut self.details].into_iter().flatten() {
            *text = redactor.brief(text, LONGEST_REASON);
        }
        let Some(proof) = &mut self.proof else {
            return;
        };
        if let (ProofStrength::Excused, Some(excuse)) = (proof.strength, excuse) {
            proof.reason = Some(excuse.brief(redactor, LONGEST_REASON));
        } else if let Some(reason) = &mut proof.reason {
            *reason = redactor.brief(reason, LONGEST_REASON);
        }
    }
}

/// What a failed check saw last: that is what it failed on, or just before.
fn seen(outcome: TrialOutcome, evidence: &[Evidence]) -> Vec<String> {
    const LAST: usize = 4;
    const LONG: usize = 200;
    if outcome != TrialOutcome::Failed {
        return Vec::new();
    }
    let before = evidence.len().saturating_sub(LAST);
    let line = |one: &Evidence| {
        let value = one.value.to_string();
        let shown = bounded(&value, LONG);
        let more = if shown.len() < value.len() { "…" } else { "" };
        format!("saw {}: {shown}{more}", one.observation)
    };
    let more = (before > 0).then(|| format!("saw {before} more before"));
    more.into_iter()
        .chain(evidence[before..].iter().map(line))
        .collect()
}

/// What the printer is told about a trial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// `ok`.
    Passed,
    /// `ok` to the libtest protocol, with a line of ours on stderr.
    Warned(String),
    /// `FAILED`, with a text for the end of the output.
    Failed(String),
    /// `ignored`, with the reason.
    NotVerified(String),
    /// `ignored`, with the reason.
    NotApplicable(String),
}

/// The answer of a trial whose last attempt ended so.
pub(crate) fn answer(
    trial: &Trial,
    ended: &Ended,
    flaky: Option<&str>,
    located: &Located,
) -> Answer {
    let reason = || ended.reason.clone().unwrap_or_default();
    match ended.outcome {
        TrialOutcome::Passed => match (flaky, vacuous(ended.proof.as_ref())) {
            (Some(earlier), _) => Answer::Warned(format!("flaky: it passed after: {earlier}")),
            (None, Some(why)) => Answer::Warned(why),
            (None, None) => Answer::Passed,
        },
        TrialOutcome::Warned => Answer::Warned(reason()),
        TrialOutcome::Failed => Answer::Failed(failure(trial, ended, located)),
        TrialOutcome::NotApplicable => Answer::NotApplicable(reason()),
        TrialOutcome::Unavailable => Answer::NotVerified(reason()),
    }
}

/// Why a pass counts as vacuous, if it does.
fn vacuous(proof: Option<&Proof>) -> Option<String> {
    let proof = proof?;
    let why = proof.reason.as_deref();
    match proof.strength {
        ProofStrength::Vacuous => Some(format!(
            "vacuous: {}",
            why.unwrap_or("no alteration of what it read changed its verdict")
        )),
        ProofStrength::Unproven => Some(format!(
            "vacuous: the pass could not be proven: {}",
            why.unwrap_or("it cannot be replayed")
        )),
        ProofStrength::Proven
        | ProofStrength::Excused
        | ProofStrength::Off
        | ProofStrength::Imported => None,
    }
}

/// What a person needs to act on a failure: the reason, the place, the check, the requirement.
fn failure(trial: &Trial, ended: &Ended, located: &Located) -> String {
    let mut text = ended.reason.clone().unwrap_or_default();
    if let Some(location) = &ended.location {
        text.push_str("\n  at ");
        text.push_str(location);
    }
    text.push_str("\n  check: ");
    text.push_str(&trial.source());
    if let Some(item) = located.checklist.item(trial.id) {
        let file = located.path.file_name().unwrap_or_default();
        let _ = write!(
            text,
            "\n  requirement: {}:{} {}",
            file.display(),
            item.line(),
            plain(bounded(item.requirement(), 160))
        );
    }
    for line in &ended.seen {
        text.push_str("\n  ");
        text.push_str(&plain(line));
    }
    if let Some(details) = &ended.details {
        text.push('\n');
        text.push_str(details);
    }
    printable(&text)
}

/// Lines of text without control characters: the printer shows them as they are.
fn printable(text: &str) -> String {
    let mut lines = String::with_capacity(text.len());
    for (at, line) in text.lines().enumerate() {
        if at > 0 {
            lines.push('\n');
        }
        lines.push_str(&plain(line));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Wherever the cut goes through a secret, nothing of it is left.
    #[test]
    fn a_secret_at_the_edge_is_masked_before_the_cut() {
        const SECRET: &str = "kmy+/0815-Geheimnis";
        let redactor = Redactor::default();
        redactor.add_secret(SECRET);
        let encoded = "kmy%2B%2F0815-Geheimnis";
        for form in [SECRET, encoded] {
            for before in (0..=form.len()).map(|left| LONGEST_REASON - left) {
                let text = format!("{}{form}{}", "-".repeat(before), "=".repeat(40_000));
                let mut ended = Ended::failed(Origin::Verdict, text.clone(), Duration::ZERO);
                ended.details = Some(text);
                ended.redact(&redactor, None);
                for text in [ended.reason, ended.details].into_iter().flatten() {
                    assert!(text.len() <= LONGEST_REASON);
                    let left = text.trim_start_matches('-');
                    assert!(!left.contains("kmy"), "{before}: {left}");
                }
            }
        }
    }

    #[test]
    fn what_is_printed_is_lines_of_text() {
        assert_eq!(printable("a\u{1b}[31m\r\n\tb\u{9b}\n"), "a [31m\n b ");
    }
}
