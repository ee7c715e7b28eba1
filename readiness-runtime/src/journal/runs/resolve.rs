//! What joined journals mean, trial by trial.
//!
//! An attempt that `started` and has no `finished` in any file was *in flight*. If its process was
//! interrupted by a signal it is not verified. If its process died otherwise, it failed when it was
//! the only one in flight there; with several, nobody knows which one killed the process: all are
//! not verified, and the run fails ([`RunFault::DiedWithSeveral`]) until each of them ran again.
//!
//! Of several attempts the last one counts, by time; a pass after a failure is flaky.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

use super::fault::RunFault;
use super::merge::{MergedRun, ProcessJournal};
use crate::journal::record::{Finished, Started, TrialOutcome};

/// One trial of the run, resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialRun {
    /// Its name.
    pub trial: String,
    /// Its requirement.
    pub id: String,
    /// Digest of the check, as it is registered.
    pub digest: String,
    /// `file:line` of the check; empty when no process registered it.
    pub source: String,
    /// Every attempt, oldest first.
    pub attempts: Vec<Attempt>,
    /// What the last attempt came to.
    pub state: TrialState,
}

/// One attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// Its number, from 1.
    pub attempt: u32,
    /// The run and process that started (or, for a crash seen from outside, reported) it.
    pub process: (String, String),
    /// Its end, if it was written.
    pub finished: Option<Arc<Finished>>,
    /// What it came to without one.
    pub unfinished: Option<TrialState>,
    at: i64,
}

/// What became of a trial.
#[derive(Debug, Clone, PartialEq)]
pub enum TrialState {
    /// The end of the last attempt was written: `attempts.last().finished`.
    Finished,
    /// Its process died while it alone was in flight: failed.
    Died,
    /// Its process died while several were in flight: not verified, the run fails.
    DiedAmong {
        /// The others, sorted.
        others: Vec<String>,
    },
    /// A signal ended its process: not verified.
    Interrupted {
        /// As recorded.
        signal: String,
    },
    /// It never began: not verified.
    NotRun(NotRun),
}

/// Why a registered trial did not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotRun {
    /// Declared so, with the reason.
    Ignored(String),
    /// Left out by a filter, a shard or the runner.
    NotSelected,
    /// Selected, but a signal came first.
    Interrupted,
    /// Selected, but its process died first.
    ProcessDied,
}

impl NotRun {
    /// Of several causes the first in this order is told.
    fn rank(&self) -> u8 {
        match self {
            NotRun::Ignored(_) => 0,
            NotRun::Interrupted => 1,
            NotRun::ProcessDied => 2,
            NotRun::NotSelected => 3,
        }
    }
}

impl fmt::Display for NotRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotRun::Ignored(reason) => write!(f, "ignored: {reason}"),
            NotRun::NotSelected => f.write_str("not selected in this run"),
            NotRun::Interrupted => f.write_str("the run was interrupted before it"),
            NotRun::ProcessDied => f.write_str("the test process died before it"),
        }
    }
}

/// A run and a process of it.
type Key<'a> = (&'a str, &'a str);

/// Trials in flight per process, after the whole run is known.
#[derive(Default)]
struct InFlight<'a> {
    trials: BTreeMap<Key<'a>, BTreeSet<&'a str>>,
    /// By run: what any process knew to be in flight when a signal came. The parent of an isolated
    /// trial knows it, and the child may not have had the time to say so.
    interrupted: BTreeSet<Key<'a>>,
}

impl MergedRun {
    /// Every trial that was registered or ran, by name.
    pub fn trials(&self) -> BTreeMap<String, TrialRun> {
        let in_flight = self.in_flight();
        let mut attempts: BTreeMap<&str, Vec<Attempt>> = BTreeMap::new();
        for process in self.processes() {
            for ((trial, _), attempt) in attempts_of(process, &in_flight) {
                attempts.entry(trial).or_default().push(attempt);
            }
        }
        let mut trials = BTreeMap::new();
        let mut causes = self.why_not_run();
        for (name, info) in self.registered() {
            let cause = causes.remove(name);
            let otherwise = || info.ignored.map_or(NotRun::NotSelected, NotRun::Ignored);
            let state = TrialState::NotRun(cause.unwrap_or_else(otherwise));
            trials.insert(
                name.to_owned(),
                TrialRun {
                    trial: name.to_owned(),
                    id: info.id,
                    digest: info.digest,
                    source: info.source,
                    attempts: Vec::new(),
                    state,
                },
            );
        }
        for (name, mut attempts) in attempts {
            attempts
                .sort_by(|a, b| (a.at, a.attempt, &a.process).cmp(&(b.at, b.attempt, &b.process)));
            let trial = trials
                .entry(name.to_owned())
                .or_insert_with(|| unregistered(name, &attempts));
            if let Some(last) = attempts.last() {
                trial.state = last.unfinished.clone().unwrap_or(TrialState::Finished);
            }
            trial.attempts = attempts;
        }
        trials
    }

    /// What fails the run as a whole, sorted.
    pub fn faults(&self) -> BTreeSet<RunFault> {
        let in_flight = self.in_flight();
        let mut faults = BTreeSet::new();
        for process in self.processes() {
            let name = &process.header().process;
            let flying = in_flight.trials.get(&key(process));
            if let Some(interrupted) = process.interrupted() {
                faults.insert(RunFault::Interrupted {
                    process: name.clone(),
                    signal: interrupted.signal.clone(),
                });
            } else if let Some(trials) = flying.filter(|trials| trials.len() > 1) {
                if self.all_ran_again(trials) {
                    continue;
                }
                faults.insert(RunFault::DiedWithSeveral {
                    process: name.clone(),
                    trials: trials.iter().map(|&t| t.to_owned()).collect(),
                });
            } else if process.closed().is_none() && flying.is_none() && self.abandoned(process) {
                faults.insert(RunFault::NotClosed {
                    process: name.clone(),
                });
            }
            for panic in process.closed().iter().flat_map(|c| &c.unattributed) {
                faults.insert(RunFault::UnattributedPanic {
                    process: name.clone(),
                    panic: panic.clone(),
                });
            }
        }
        faults
    }

    /// Whether each of these trials has come to something since it was in flight among others.
    fn all_ran_again(&self, trials: &BTreeSet<&str>) -> bool {
        let known = self.trials();
        trials.iter().all(|&trial| {
            let state = known.get(trial).map(|trial| &trial.state);
            matches!(state, Some(TrialState::Finished | TrialState::Died))
        })
    }

    /// Whether a process without an end left something undone. One that only lists what is
    /// registered, and a child whose crash its parent recorded, did not.
    fn abandoned(&self, process: &ProcessJournal) -> bool {
        let ran_all = process
            .registered()
            .values()
            .filter(|info| info.selected && info.ignored.is_none())
            .all(|info| self.has_finished(&info.trial));
        !ran_all
    }

    fn has_finished(&self, trial: &str) -> bool {
        self.processes().any(|p| {
            p.attempts()
                .range((trial.to_owned(), 0)..=(trial.to_owned(), u32::MAX))
                .any(|(_, a)| a.finished.is_some())
        })
    }

    fn in_flight(&self) -> InFlight<'_> {
        let mut reported: BTreeSet<(Key<'_>, &str, u32)> = BTreeSet::new();
        let mut in_flight = InFlight::default();
        for process in self.processes() {
            let run = process.header().run.as_str();
            for ((trial, number), attempt) in process.attempts() {
                let child = attempt.finished.as_ref().and_then(|f| f.process.as_deref());
                reported.extend(child.map(|child| ((run, child), trial.as_str(), *number)));
            }
            if let Some(interrupted) = process.interrupted() {
                let trials = interrupted.trials.iter();
                in_flight
                    .interrupted
                    .extend(trials.map(|trial| (run, trial.as_str())));
            }
        }
        for process in self.processes() {
            for ((trial, number), attempt) in process.attempts() {
                let known = reported.contains(&(key(process), trial.as_str(), *number));
                if attempt.finished.is_none() && !known {
                    in_flight
                        .trials
                        .entry(key(process))
                        .or_default()
                        .insert(trial);
                }
            }
        }
        in_flight
    }

    /// Why selected trials may not have begun, from every process that selected them. Those that did
    /// begin are among them; the rest were not selected at all.
    fn why_not_run(&self) -> BTreeMap<&str, NotRun> {
        let mut causes: BTreeMap<&str, NotRun> = BTreeMap::new();
        for process in self.processes() {
            let end = match (process.interrupted(), process.closed()) {
                (Some(_), _) => Some(NotRun::Interrupted),
                (None, None) => Some(NotRun::ProcessDied),
                (None, Some(_)) => None,
            };
            let selected = process.registered().values().filter(|info| info.selected);
            for info in selected {
                let declared = info.ignored.clone().map(NotRun::Ignored);
                if let Some(cause) = declared.or_else(|| end.clone()) {
                    let known = causes.entry(&info.trial).or_insert_with(|| cause.clone());
                    if cause.rank() < known.rank() {
                        *known = cause;
                    }
                }
            }
        }
        causes
    }
}

/// The attempts of a process, but for those that another one lists.
fn attempts_of<'a>(
    process: &'a ProcessJournal,
    in_flight: &InFlight<'_>,
) -> Vec<((&'a str, u32), Attempt)> {
    let flying = in_flight.trials.get(&key(process));
    let mut attempts = Vec::new();
    for ((trial, number), record) in process.attempts() {
        let unfinished = match (&record.finished, flying) {
            (Some(_), _) => None,
            (None, Some(flying)) if flying.contains(trial.as_str()) => {
                Some(unfinished(process, trial, flying, in_flight))
            }
            // Its end was reported by another process; that one lists the attempt.
            (None, _) => continue,
        };
        let at = record
            .started
            .as_ref()
            .map(|s: &Started| s.at.as_str())
            .or(record.finished.as_ref().map(|f| f.at.as_str()))
            .and_then(|at| at.parse::<Timestamp>().ok())
            .map_or(i64::MIN, Timestamp::as_microsecond);
        attempts.push((
            (trial.as_str(), *number),
            Attempt {
                attempt: *number,
                process: (
                    process.header().run.clone(),
                    process.header().process.clone(),
                ),
                finished: record.finished.clone(),
                unfinished,
                at,
            },
        ));
    }
    attempts
}

fn key(process: &ProcessJournal) -> Key<'_> {
    (&process.header().run, &process.header().process)
}

fn unfinished(
    process: &ProcessJournal,
    trial: &str,
    flying: &BTreeSet<&str>,
    in_flight: &InFlight<'_>,
) -> TrialState {
    if let Some(interrupted) = process.interrupted() {
        return TrialState::Interrupted {
            signal: interrupted.signal.clone(),
        };
    }
    if in_flight
        .interrupted
        .contains(&(&process.header().run, trial))
    {
        return TrialState::Interrupted {
            signal: "interrupt".to_owned(),
        };
    }
    let others: Vec<String> = flying
        .iter()
        .filter(|&&other| other != trial)
        .map(|&other| other.to_owned())
        .collect();
    if others.is_empty() {
        TrialState::Died
    } else {
        TrialState::DiedAmong { others }
    }
}

/// A trial that ran but is in no registered set: its own process lost that record.
fn unregistered(name: &str, attempts: &[Attempt]) -> TrialRun {
    let finished = attempts.iter().rev().find_map(|a| a.finished.as_ref());
    TrialRun {
        trial: name.to_owned(),
        id: finished.map_or_else(
            || name.split("::").next().unwrap_or(name).to_owned(),
            |f| f.id.clone(),
        ),
        digest: finished.map(|f| f.digest.clone()).unwrap_or_default(),
        source: String::new(),
        attempts: Vec::new(),
        state: TrialState::Finished,
    }
}

impl TrialRun {
    /// The end of the last attempt, if the last attempt has one.
    pub fn finished(&self) -> Option<&Finished> {
        match self.state {
            TrialState::Finished => self.attempts.last()?.finished.as_deref(),
            _ => None,
        }
    }

    /// The failure that a later pass followed: the trial is flaky.
    pub fn flaky(&self) -> Option<FlakyCause<'_>> {
        if self.finished()?.outcome != TrialOutcome::Passed {
            return None;
        }
        self.attempts.iter().rev().skip(1).find_map(|earlier| {
            match (&earlier.finished, &earlier.unfinished) {
                (Some(finished), _) if finished.outcome == TrialOutcome::Failed => {
                    Some(FlakyCause::Failed(finished))
                }
                (None, Some(TrialState::Died)) => Some(FlakyCause::Died),
                _ => None,
            }
        })
    }
}

/// What a flaky trial did before it passed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FlakyCause<'a> {
    /// It failed.
    Failed(&'a Finished),
    /// It killed its process.
    Died,
}

#[cfg(test)]
#[path = "resolve_tests.rs"]
mod tests;
