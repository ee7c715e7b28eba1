//! From registrations to trials: names, order, selection, and what must not be run at all.

use std::collections::HashMap;
use std::path::Path;

use readiness_checklist::Checklist;

use super::args::Args;
use super::groups::{self, Wanted};
use super::shard::Sharding;
use crate::diagnostic::{Code, Diagnostic};
use crate::journal::line::{self, Text};
use crate::journal::record::TrialInfo;
use crate::redact::Constant;
use crate::registry::Registration;
use crate::sorted;

/// Threads that may wait for groups or phases beside those that run bodies. They only sleep; with
/// more grouped trials than this, those that are in no group go first.
pub(crate) const MOST_WAITING: usize = 256;

/// A check for one of its requirements.
#[derive(Debug)]
pub(crate) struct Trial {
    /// What is run.
    pub(crate) registration: &'static Registration,
    /// The requirement.
    pub(crate) id: &'static str,
    /// Unique name.
    pub(crate) name: String,
    /// Name, id and digest are written to the journal as they are.
    plain: bool,
    /// Chosen by filters and shard.
    pub(crate) selected: bool,
    /// Groups it holds while it runs.
    pub(crate) wanted: Wanted,
    /// Why its check is excused from proof, to be written with every pass.
    pub(crate) excuse: Option<Constant>,
}

impl Trial {
    /// `file:line` of the attribute.
    pub(crate) fn source(&self) -> String {
        let Registration { file, line, .. } = self.registration;
        format!("{file}:{line}")
    }

    /// Its name, as the journal has it.
    pub(crate) fn written_name(&self) -> Text<'_> {
        Text::known(&self.name, self.plain)
    }

    /// Its requirement, as the journal has it.
    pub(crate) fn written_id(&self) -> Text<'_> {
        Text::known(self.id, self.plain)
    }

    /// The digest of its check, as the journal has it.
    pub(crate) fn written_digest(&self) -> Text<'_> {
        Text::known(self.registration.digest, self.plain)
    }

    /// The declared reason for not running it.
    pub(crate) fn ignored(&self) -> Option<&'static str> {
        self.registration.ignore
    }

    /// As the journal registers it.
    pub(crate) fn info(&self, heeds_ignore: bool) -> TrialInfo {
        TrialInfo {
            trial: self.name.clone(),
            id: self.id.to_owned(),
            selected: self.selected,
            ignored: self.ignored().filter(|_| heeds_ignore).map(str::to_owned),
            digest: self.registration.digest.to_owned(),
            source: self.source(),
        }
    }
}

/// Every trial of the registrations, in the order in which they run.
pub(crate) fn trials(registrations: Vec<&'static Registration>) -> Vec<Trial> {
    let mut trials = Vec::with_capacity(registrations.len());
    for registration in registrations {
        for id in registration.ids {
            let name = registration.trial_name(id);
            // The id is part of the name.
            let texts = [name.as_str(), registration.digest];
            trials.push(Trial {
                registration,
                id,
                plain: texts.iter().all(|text| line::plain(text.as_bytes())),
                name,
                selected: false,
                wanted: groups::wanted(registration.exclusive, registration.shared),
                excuse: registration.no_proof.map(Constant::new),
            });
        }
    }
    trials
}

/// Chooses by shard, filters and `--ignored`; says how many are chosen.
pub(crate) fn select(trials: &mut [Trial], args: &Args, sharding: &Sharding) -> usize {
    // Only a shard asks for the place of a trial.
    let by_name = match sharding.shard {
        Some(_) => by_name(trials),
        None => (0..trials.len()).collect(),
    };
    let mut selected = 0;
    for (position, &index) in by_name.iter().enumerate() {
        let trial = &mut trials[index];
        trial.selected = sharding.shard.is_none_or(|shard| shard.takes(position))
            && args.selects(&trial.name)
            && sharding
                .filter
                .as_ref()
                .is_none_or(|filter| trial.name.contains(filter.as_str()))
            && (!args.ignored || trial.ignored().is_some());
        selected += usize::from(trial.selected);
    }
    selected
}

/// The places of the trials, sorted by name.
pub(crate) fn by_name(trials: &[Trial]) -> Vec<usize> {
    sorted::by_text(trials.len(), |at| trials[at].name.as_str())
}

/// Puts trials into running order: by phase; where more are in groups than threads can wait for,
/// the others first and the groups in turn, so that no group's queue holds up what is not in it.
pub(crate) fn order(trials: &mut [Trial]) {
    let crowded = trials.iter().filter(|t| !t.wanted.is_empty()).count() > MOST_WAITING;
    if !crowded {
        if !trials.is_sorted_by_key(|trial| trial.registration.phase) {
            trials.sort_by_key(|trial| trial.registration.phase);
        }
        return;
    }
    let mut ranks: HashMap<&'static str, usize> = HashMap::new();
    trials.sort_by_cached_key(|trial| {
        let rank = trial.wanted.first().map(|(name, _)| {
            let rank = ranks.entry(name).or_default();
            *rank += 1;
            *rank
        });
        (trial.registration.phase, rank)
    });
}

/// What makes a run refuse to start.
pub(crate) fn faults(trials: &[Trial], checklist: &Checklist, path: &Path) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    if trials.is_empty() {
        faults.push(nothing_registered());
    }
    // Both are sorted alike in most projects, and comparing is cheaper than searching.
    let mut next = 0;
    for trial in trials {
        if checklist
            .items()
            .get(next)
            .is_some_and(|item| item.id() == trial.id)
        {
            next += 1;
        } else if checklist.item(trial.id).is_none() {
            faults.push(unknown_id(trial, checklist, path));
        }
    }
    let by_name = by_name(trials);
    for pair in by_name.windows(2) {
        let (first, again) = (&trials[pair[0]], &trials[pair[1]]);
        if first.name == again.name {
            faults.push(duplicate(again, first));
        }
    }
    faults
}

fn at(trial: &Trial, code: Code, message: String) -> Diagnostic {
    let line = usize::try_from(trial.registration.line).unwrap_or(usize::MAX);
    Diagnostic::new(code, Path::new(trial.registration.file), message)
        .at(line)
        .about(trial.id)
}

fn nothing_registered() -> Diagnostic {
    let exe = std::env::current_exe().unwrap_or_default();
    Diagnostic::new(
        Code::NothingRegistered,
        &exe,
        "no check is registered in this test target, so nothing would be examined",
    )
    .hint(
        "checks in a crate that is never named are dropped by the linker: write \
         `use my_checks as _;` beside `readiness::main!()`, or `mod` for a module of this target",
    )
}

fn unknown_id(trial: &Trial, checklist: &Checklist, path: &Path) -> Diagnostic {
    let near: Vec<String> = checklist
        .nearest(trial.id)
        .iter()
        .map(|item| format!("{} (line {})", item.id(), item.line()))
        .collect();
    let hint = if near.is_empty() {
        format!("add an item with this id to {}", path.display())
    } else {
        format!("the nearest: {}", near.join(", "))
    };
    at(
        trial,
        Code::ResultIdUnknown,
        format!("no item of {} has this id", path.display()),
    )
    .hint(hint)
}

fn duplicate(trial: &Trial, first: &Trial) -> Diagnostic {
    at(
        trial,
        Code::CheckDuplicate,
        format!(
            "the trial {} is already registered at {}",
            trial.name,
            first.source()
        ),
    )
    .hint(
        "rename one of the functions; a requirement needs only one `#[requirement]` with the same \
         arguments per function",
    )
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
