//! Joins journals. The join is associative, commutative and idempotent by construction: a
//! [`MergedRun`] is a map from process to what that process wrote, each part of which is itself
//! joined by union, and where two copies contradict each other the same one is kept in any order.
//!
//! What the joined records *mean* (which trial died, what was interrupted) is computed afterwards,
//! in [`super::resolve`], from the whole; so a trial whose end is in another file is not a crash.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use super::problem::{Problem, ProblemKind};
use crate::journal::record::{Closed, Finished, Header, Interrupted, Record, Started, TrialInfo};

/// Names a process: its run and its own name.
pub type ProcessKey = (String, String);

/// What is known of one attempt of a trial, from one process.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AttemptRecord {
    /// Written before the body ran.
    pub started: Option<Started>,
    /// Written after it. Shared with what is resolved from it: evidence is large.
    pub finished: Option<Arc<Finished>>,
}

/// Everything that one process wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct ProcessJournal {
    header: Header,
    registered: BTreeMap<String, TrialInfo>,
    attempts: BTreeMap<(String, u32), AttemptRecord>,
    interrupted: Option<Interrupted>,
    closed: Option<Closed>,
}

impl ProcessJournal {
    /// Of a process that has written its header alone.
    pub fn new(header: Header) -> Self {
        Self {
            header,
            registered: BTreeMap::new(),
            attempts: BTreeMap::new(),
            interrupted: None,
            closed: None,
        }
    }

    /// Who wrote it.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The trials it knew, by name.
    pub fn registered(&self) -> &BTreeMap<String, TrialInfo> {
        &self.registered
    }

    /// What it ran, by trial and attempt.
    pub fn attempts(&self) -> &BTreeMap<(String, u32), AttemptRecord> {
        &self.attempts
    }

    /// Whether a signal ended it.
    pub fn interrupted(&self) -> Option<&Interrupted> {
        self.interrupted.as_ref()
    }

    /// Whether it came to its end with everything written.
    pub fn closed(&self) -> Option<&Closed> {
        self.closed.as_ref()
    }

    /// Adds a record; `false` when it contradicts an earlier one or is a header.
    pub(super) fn take(&mut self, record: Record) -> bool {
        match record {
            Record::Header(_) => false,
            Record::Registered(registered) => {
                for info in registered.trials {
                    self.register(info);
                }
                true
            }
            Record::Started(started) => {
                let key = (started.trial.clone(), started.attempt);
                join(
                    &mut self.attempts.entry(key).or_default().started,
                    Some(started),
                )
            }
            Record::Finished(finished) => {
                let key = (finished.trial.clone(), finished.attempt);
                let known = &mut self.attempts.entry(key).or_default().finished;
                join_with(known, Some(Arc::from(finished)), |finished| {
                    text(&**finished)
                })
            }
            Record::Interrupted(interrupted) => join(&mut self.interrupted, Some(interrupted)),
            Record::Closed(closed) => join(&mut self.closed, Some(closed)),
        }
    }

    fn register(&mut self, info: TrialInfo) {
        match self.registered.entry(info.trial.clone()) {
            Entry::Vacant(entry) => {
                entry.insert(info);
            }
            Entry::Occupied(mut entry) => {
                let selected = entry.get().selected || info.selected;
                let known = entry.get_mut();
                known.selected = selected;
                let info = TrialInfo { selected, ..info };
                if text(&info) > text(known) {
                    *known = info;
                }
            }
        }
    }

    /// Joins another copy of the same process; `false` when the two contradict each other.
    fn join(&mut self, other: ProcessJournal) -> bool {
        let mut agree = self.header == other.header;
        if text(&other.header) > text(&self.header) {
            self.header = other.header;
        }
        for info in other.registered.into_values() {
            self.register(info);
        }
        for (key, attempt) in other.attempts {
            let known = self.attempts.entry(key).or_default();
            agree &= join(&mut known.started, attempt.started);
            agree &= join_with(&mut known.finished, attempt.finished, |f| text(&**f));
        }
        agree &= join(&mut self.interrupted, other.interrupted);
        agree &= join(&mut self.closed, other.closed);
        agree
    }
}

/// The least upper bound of two optional records: something over nothing, and of two that differ
/// the one whose text sorts last. `false` when they differ.
fn join<T: PartialEq + Serialize>(known: &mut Option<T>, other: Option<T>) -> bool {
    join_with(known, other, text)
}

fn join_with<T: PartialEq>(
    known: &mut Option<T>,
    other: Option<T>,
    text: impl Fn(&T) -> String,
) -> bool {
    match (&known, other) {
        (_, None) => true,
        (None, other) => {
            *known = other;
            true
        }
        (Some(a), Some(b)) if *a == b => true,
        (Some(a), Some(b)) => {
            if text(&b) > text(a) {
                *known = Some(b);
            }
            false
        }
    }
}

/// A total order over records that does not depend on how they were joined. Serialising our own
/// records cannot fail; if it did, the order would merely be coarser.
fn text<T: Serialize>(record: &T) -> String {
    serde_json::to_string(record).unwrap_or_default()
}

/// Any number of journals, joined.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MergedRun {
    processes: BTreeMap<ProcessKey, ProcessJournal>,
    problems: BTreeSet<Problem>,
}

impl MergedRun {
    /// Of one file.
    pub(super) fn of(journal: Option<ProcessJournal>, problems: Vec<Problem>) -> Self {
        let mut run = MergedRun {
            problems: problems.into_iter().collect(),
            ..MergedRun::default()
        };
        if let Some(journal) = journal {
            run.add_process(journal);
        }
        run
    }

    /// Joins `other` into `self`.
    pub fn add(&mut self, other: MergedRun) {
        self.problems.extend(other.problems);
        for journal in other.processes.into_values() {
            self.add_process(journal);
        }
    }

    /// The join of both.
    #[must_use]
    pub fn merge(mut self, other: MergedRun) -> MergedRun {
        self.add(other);
        self
    }

    fn add_process(&mut self, journal: ProcessJournal) {
        let key = (journal.header.run.clone(), journal.header.process.clone());
        match self.processes.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(journal);
            }
            Entry::Occupied(mut entry) => {
                if !entry.get_mut().join(journal) {
                    self.problems.insert(Problem {
                        file: entry.key().1.clone(),
                        line: 0,
                        kind: ProblemKind::Contradiction,
                    });
                }
            }
        }
    }

    /// The part of it that was written by the processes that `keep` keeps.
    #[must_use]
    pub fn only(&self, keep: impl Fn(&Header) -> bool) -> MergedRun {
        let kept = self.processes.iter().filter(|(_, p)| keep(&p.header));
        MergedRun {
            processes: kept.map(|(key, p)| (key.clone(), p.clone())).collect(),
            problems: self.problems.clone(),
        }
    }

    /// Whether nothing was read at all.
    pub fn is_empty(&self) -> bool {
        self.processes.is_empty()
    }

    /// What each process wrote, by run and process.
    pub fn processes(&self) -> impl Iterator<Item = &ProcessJournal> {
        self.processes.values()
    }

    /// Everything that was left out while reading.
    pub fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.problems.iter()
    }

    /// The names of the runs that were joined, sorted.
    pub fn runs(&self) -> BTreeSet<&str> {
        self.processes.keys().map(|(run, _)| run.as_str()).collect()
    }

    /// The shards that are here, and the total they belong to. Empty for a run without shards.
    pub fn shards(&self) -> BTreeSet<(u32, u32)> {
        self.processes
            .values()
            .filter_map(|p| p.header.shard)
            .collect()
    }

    /// Every trial that any process knew; `selected` when any process selected it.
    pub fn registered(&self) -> BTreeMap<&str, TrialInfo> {
        let mut all: BTreeMap<&str, TrialInfo> = BTreeMap::new();
        for process in self.processes.values() {
            for (name, info) in &process.registered {
                match all.entry(name) {
                    Entry::Vacant(entry) => {
                        entry.insert(info.clone());
                    }
                    Entry::Occupied(mut entry) => entry.get_mut().selected |= info.selected,
                }
            }
        }
        all
    }
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
