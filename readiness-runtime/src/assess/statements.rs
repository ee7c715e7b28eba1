//! What people state, applied to what the checks found.
//!
//! An attestation in date lifts *not verified* only. A declared exclusion overrides with its reason,
//! and a failing check beside it is reported. A waiver turns failed or warned into *waived*. Nothing
//! turns a failure into a pass, and nothing hides the run.
//!
//! Of several statements of one kind about one requirement the latest counts; the earlier ones are
//! history. Two of the same day contradict each other and neither counts.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::outcome::{Outcome, Resolved};
use crate::config::{Config, Statement, StatementKind};
use crate::diagnostic::{Code, Diagnostic};

/// What is known of a requirement when its statements are judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// SHA-256 of its text, in hexadecimal.
    pub text: String,
}

/// The statements about one requirement that count today.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InForce<'a> {
    /// It is met, on a person's word.
    pub attestation: Option<&'a Statement>,
    /// It may be unmet.
    pub waiver: Option<&'a Statement>,
    /// It does not apply.
    pub exclusion: Option<&'a Statement>,
    /// Why an attestation that is there does not count.
    pub lapsed: Option<String>,
}

impl InForce<'_> {
    /// Whether no statement counts.
    pub fn is_empty(&self) -> bool {
        self.attestation.is_none() && self.waiver.is_none() && self.exclusion.is_none()
    }
}

/// Picks, for each requirement, the statements that count on the day `today`, in UTC, and reports
/// those that do not and why.
pub fn in_force<'a>(
    config: &'a Config,
    subjects: &BTreeMap<&str, Subject>,
    nearest: impl Fn(&str) -> Vec<String>,
    today: Date,
) -> (BTreeMap<&'a str, InForce<'a>>, Vec<Diagnostic>) {
    let mut groups: BTreeMap<(&str, StatementKind), Vec<&Statement>> = BTreeMap::new();
    for statement in config.rules.statements() {
        groups
            .entry((&statement.id, statement.kind))
            .or_default()
            .push(statement);
    }
    let mut judge = Judge {
        config,
        today,
        found: Vec::new(),
    };
    let mut all: BTreeMap<&str, InForce<'_>> = BTreeMap::new();
    for ((id, kind), group) in groups {
        let Some(subject) = subjects.get(id) else {
            judge.unknown(&group, &nearest(id));
            continue;
        };
        let entry = all.entry(id).or_default();
        match judge
            .latest(&group)
            .and_then(|latest| judge.holds(latest, subject))
        {
            Ok(statement) => match kind {
                StatementKind::Attestation => entry.attestation = Some(statement),
                StatementKind::Waiver => entry.waiver = Some(statement),
                StatementKind::NotApplicable => entry.exclusion = Some(statement),
            },
            Err(why) if kind == StatementKind::Attestation => entry.lapsed = Some(why),
            Err(_) => {}
        }
    }
    (all, judge.found)
}

struct Judge<'a> {
    config: &'a Config,
    today: Date,
    found: Vec<Diagnostic>,
}

impl<'a> Judge<'a> {
    fn report(&mut self, code: Code, statement: &Statement, message: String, hint: String) {
        self.found.push(
            Diagnostic::new(code, self.config.name(), message)
                .at(statement.line)
                .about(&statement.id)
                .hint(hint),
        );
    }

    fn unknown(&mut self, group: &[&Statement], nearest: &[String]) {
        for statement in group {
            let message = format!("no item has this id, in [[{}]]", statement.kind.table());
            let hint = if nearest.is_empty() {
                "`cargo readiness list` prints the ids".to_owned()
            } else {
                format!("nearest: {}", nearest.join(", "))
            };
            self.report(Code::StatementIdUnknown, statement, message, hint);
        }
    }

    /// The latest one that is not of the future.
    fn latest(&mut self, group: &[&'a Statement]) -> Result<&'a Statement, String> {
        let mut latest: Option<&Statement> = None;
        let mut tied = None;
        for &statement in group {
            if let Some(on) = statement.on.filter(|on| *on > self.today) {
                let message = format!(
                    "[[{}]] is dated {on}, after today, {} in UTC",
                    statement.kind.table(),
                    self.today
                );
                self.report(
                    Code::StatementFuture,
                    statement,
                    message,
                    "put the date right".to_owned(),
                );
                continue;
            }
            match latest {
                Some(known) if known.on > statement.on => {}
                Some(known) if known.on == statement.on => tied = Some((known, statement)),
                _ => {
                    latest = Some(statement);
                    tied = None;
                }
            }
        }
        if let Some((first, second)) = tied {
            let message = format!(
                "two [[{}]] of one day, lines {} and {}: neither counts",
                second.kind.table(),
                first.line,
                second.line
            );
            let hint = "delete one, or date it differently".to_owned();
            self.report(Code::StatementTied, second, message, hint);
            return Err("two attestations of one day contradict each other".to_owned());
        }
        latest.ok_or_else(|| "the attestation is dated after today".to_owned())
    }

    fn holds(
        &mut self,
        statement: &'a Statement,
        subject: &Subject,
    ) -> Result<&'a Statement, String> {
        let table = statement.kind.table();
        if let Some(last) = statement.expires.filter(|last| *last < self.today) {
            let message = format!("[[{table}]] expired on {last}");
            let hint = "renew it with a new date, or delete it".to_owned();
            self.report(Code::StatementExpired, statement, message, hint);
            return Err(format!("the attestation expired on {last}"));
        }
        match &statement.text {
            Some(text) if *text != subject.text => {
                let message = format!("[[{table}]] is for an older text of the requirement");
                let hint = format!(
                    "`cargo readiness ack {}` shows what changed, and renews it if it still holds",
                    statement.id
                );
                self.report(Code::StatementTextChanged, statement, message, hint);
                Err("the requirement's text changed after it was attested".to_owned())
            }
            None if statement.kind == StatementKind::Attestation => {
                let message = "[[attestation]] does not say which text it is for".to_owned();
                let hint = format!("add text = \"sha256:{}\"", subject.text);
                self.report(Code::AttestationTextMissing, statement, message, hint);
                Err("the attestation does not say which text it is for".to_owned())
            }
            _ => Ok(statement),
        }
    }
}

/// Something to be reported about a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note<'a> {
    /// What kind of thing.
    pub code: Code,
    /// The statement.
    pub statement: &'a Statement,
    /// Why, for one that changes nothing.
    pub why: &'static str,
}

/// What an item comes to with the statements about it, and what is to be reported.
pub fn apply<'a>(base: &Resolved, statements: &InForce<'a>) -> (Resolved, Vec<Note<'a>>) {
    use Outcome::{Attested, Failed, NotApplicable, NotVerified, Passed, Waived, Warned};

    let note = |code, statement, why| Note {
        code,
        statement,
        why,
    };
    let unneeded = |statement, why| note(Code::StatementUnneeded, statement, why);
    let mut notes = Vec::new();
    if let Some(exclusion) = statements.exclusion {
        if base.outcome == Failed {
            notes.push(note(Code::ExclusionContradicted, exclusion, ""));
        }
        let idle = statements.attestation.into_iter().chain(statements.waiver);
        notes.extend(idle.map(|statement| unneeded(statement, "the item is excluded")));
        let reason = exclusion.reason.clone().unwrap_or_default();
        return (Resolved::new(NotApplicable, reason), notes);
    }
    let idle = match base.outcome {
        Passed => Some("a check passes"),
        NotApplicable => Some("a check says that it does not apply"),
        _ => None,
    };
    if let Some(attestation) = statements.attestation {
        match base.outcome {
            NotVerified => {
                return (Resolved::new(Attested, by_and_until(attestation)), notes);
            }
            Failed | Warned => notes.push(note(Code::AttestationContradicted, attestation, "")),
            _ => notes.extend(idle.map(|why| unneeded(attestation, why))),
        }
    }
    if let Some(waiver) = statements.waiver {
        match base.outcome {
            Failed | Warned => {
                let reason = format!(
                    "{} {}: {}; {}: {}",
                    "waived",
                    by_and_until(waiver),
                    waiver.reason.as_deref().unwrap_or_default(),
                    base.outcome,
                    base.reason.as_deref().unwrap_or("no reason given"),
                );
                return (Resolved::new(Waived, reason), notes);
            }
            _ => notes.extend(idle.map(|why| unneeded(waiver, why))),
        }
    }
    let mut resolved = base.clone();
    if let (NotVerified, Some(lapsed)) = (base.outcome, &statements.lapsed) {
        resolved.reason = Some(lapsed.clone());
    }
    (resolved, notes)
}

fn by_and_until(statement: &Statement) -> String {
    let by = statement.by.as_deref().unwrap_or("somebody");
    match statement.expires {
        Some(last) => format!("by {by} until {last}"),
        None => format!("by {by}"),
    }
}

#[cfg(test)]
#[path = "statements_tests.rs"]
mod tests;
