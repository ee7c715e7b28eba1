//! Runs one trial: waits for its phase and groups, runs its attempts, records each of them.
//!
//! The order of an attempt: `started` is on disk, the body runs, releases run, groups are given
//! back, a pass is replayed on altered observations, `finished` is on disk. A record that cannot be
//! written fails the trial.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::attempt::Attempt;
use super::groups::{Groups, Held};
use super::panics;
use super::phases::{Phases, Slots};
use super::plan::Trial;
use super::pool::Pool;
use super::report::{Answer, Ended, answer};
use super::xml::CaseResult;
use super::{isolate, notice};
use crate::context::Context;
use crate::document::Located;
use crate::journal::record::{Finished, ProofStrength, Record, Started, TrialOutcome};
use crate::journal::time;
use crate::journal::writer::{Journal, NotWritten};
use crate::registry::Registration;
use crate::run::{Run, lock};
use crate::verdict::Origin;

/// Limit of an attempt when neither the check nor the configuration has one: twice the longest
/// window of a per-minute limit, which is what the slowest ordinary check waits for.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(120);

/// What the trials of this process share.
pub(crate) struct Session {
    pub(crate) run: Arc<Run>,
    pub(crate) journal: Journal,
    pub(crate) pool: Arc<Pool>,
    pub(crate) groups: Arc<Groups>,
    pub(crate) phases: Phases,
    pub(crate) slots: Slots,
    pub(crate) settings: Settings,
    /// The document, to say what a failed requirement is.
    pub(crate) located: Located,
    pub(crate) counts: Counts,
    /// What is in flight, for a signal. Never held while anything is waited for.
    pub(crate) in_flight: Mutex<Vec<Flying>>,
    /// A signal came: nothing new begins.
    pub(crate) stopping: AtomicBool,
    /// Every answer, where a runner wants a file of them.
    pub(crate) results: Option<Mutex<Vec<CaseResult>>>,
}

/// How this process runs its trials.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    /// Limit of an attempt whose check declares none.
    pub(crate) timeout: Option<Duration>,
    /// Number of the first attempt, from 1: nextest retries in new processes.
    pub(crate) first_attempt: u32,
    /// One trial runs in this process, so that every panic in it is its own.
    pub(crate) alone: bool,
    /// Retries are for the parent of this process.
    pub(crate) no_retries: bool,
    /// Each trial in a process of its own.
    pub(crate) isolate: Option<isolate::Isolation>,
}

/// A trial in flight, and what it may have to release.
pub(crate) struct Flying {
    name: Arc<str>,
    cx: Option<Context>,
}

/// Trials by answer.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) passed: AtomicUsize,
    pub(crate) proven: AtomicUsize,
    pub(crate) warned: AtomicUsize,
    pub(crate) failed: AtomicUsize,
    pub(crate) not_verified: AtomicUsize,
    pub(crate) not_applicable: AtomicUsize,
}

impl Session {
    /// Runs a trial to its answer.
    pub(crate) fn run(&self, trial: &Trial) -> Answer {
        if self.is_stopping() {
            return interrupted();
        }
        let phase = trial.registration.phase;
        let _in_phase = self.phases.enter(&trial.name, phase);
        let limit = self.limit(trial.registration);
        let held = match self.groups.enter(&trial.name, &trial.wanted, limit) {
            Ok(held) => Arc::new(held),
            Err(reason) => return self.refused(trial, reason),
        };
        let _slot = self.slots.take();
        if self.is_stopping() {
            return interrupted();
        }
        let (ended, flaky) = self.attempts(trial, held, limit);
        self.conclude(trial, &ended, flaky.as_deref())
    }

    /// Whether a signal came.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    fn limit(&self, registration: &Registration) -> Duration {
        let limit = registration.timeout.or(self.settings.timeout);
        limit.unwrap_or(DEFAULT_TIMEOUT)
    }

    fn conclude(&self, trial: &Trial, ended: &Ended, flaky: Option<&str>) -> Answer {
        let answer = answer(trial, ended, flaky, &self.located);
        let counter = match &answer {
            Answer::Passed => &self.counts.passed,
            Answer::Warned(reason) => {
                notice::warn(&format!("{}: {reason}", trial.name));
                &self.counts.warned
            }
            Answer::Failed(_) => &self.counts.failed,
            Answer::NotVerified(_) => &self.counts.not_verified,
            Answer::NotApplicable(_) => &self.counts.not_applicable,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        if let Some(results) = &self.results {
            lock(results).push(CaseResult {
                name: trial.name.clone(),
                took: ended.took,
                answer: answer.clone(),
            });
        }
        let proof = ended.proof.as_ref();
        if answer == Answer::Passed && proof.is_some_and(|p| p.strength == ProofStrength::Proven) {
            self.counts.proven.fetch_add(1, Ordering::Relaxed);
        }
        answer
    }

    /// A trial that did not get its groups: recorded as not verified.
    fn refused(&self, trial: &Trial, reason: String) -> Answer {
        let mut ended = Ended::unavailable(reason);
        let attempt = self.settings.first_attempt;
        if let Err(error) = self.start(trial, attempt) {
            ended.fail(Origin::Error, error.to_string());
        } else {
            self.end(trial, attempt, &mut ended, None);
        }
        self.conclude(trial, &ended, None)
    }

    /// Every attempt; the last one, and why an earlier one failed.
    fn attempts(&self, trial: &Trial, held: Arc<Held>, limit: Duration) -> (Ended, Option<String>) {
        let retries = if self.settings.no_retries {
            0
        } else {
            trial.registration.retries
        };
        let mut held = Some(held);
        let mut flaky = None;
        let mut attempt = self.settings.first_attempt;
        let last = attempt.saturating_add(retries);
        loop {
            let mut ended = match &self.settings.isolate {
                Some(isolation) => isolation.run(self, trial, attempt, limit),
                None => self.attempt(trial, attempt, &mut held, limit, attempt == last),
            };
            let again = ended.outcome == TrialOutcome::Failed
                && attempt < last
                // What timed out and goes on still holds its groups.
                && held.is_some()
                && self.journal.broken().is_none();
            if !again {
                return (ended, flaky);
            }
            flaky = ended.reason.take();
            attempt += 1;
        }
    }

    fn attempt(
        &self,
        trial: &Trial,
        attempt: u32,
        held: &mut Option<Arc<Held>>,
        limit: Duration,
        is_last: bool,
    ) -> Ended {
        let cx = Context::for_trial(&self.run, &trial.name, trial.id);
        let _in_flight = self.fly(trial, Some(&cx));
        if let Err(error) = self.start(trial, attempt) {
            return Ended::failed(Origin::Error, error.to_string(), Duration::ZERO);
        }
        let mut ended = Attempt {
            pool: &self.pool,
            trial,
            cx: &cx,
            limit,
            is_last,
        }
        .run(held);
        if self.settings.alone {
            for panic in panics::take_unattributed() {
                ended.fail(Origin::Panic, panic);
            }
        }
        self.end(trial, attempt, &mut ended, Some(&cx));
        ended
    }

    /// Writes `started`.
    fn start(&self, trial: &Trial, attempt: u32) -> Result<(), NotWritten> {
        self.journal.write(&Record::Started(Started {
            trial: trial.name.clone(),
            attempt,
            at: time::now(),
        }))
    }

    /// Notes that a trial is in flight, until the guard is dropped.
    pub(crate) fn fly<'a>(&'a self, trial: &'a Trial, cx: Option<&Context>) -> Flight<'a> {
        lock(&self.in_flight).push(Flying {
            name: trial.name.as_str().into(),
            cx: cx.cloned(),
        });
        Flight {
            session: self,
            trial,
        }
    }

    /// Writes `finished`; when that fails, so does the trial.
    fn end(&self, trial: &Trial, attempt: u32, ended: &mut Ended, cx: Option<&Context>) {
        let redactor = &self.run.redactor;
        ended.redact(redactor);
        let record = ended.record(trial, attempt, cx, redactor);
        self.write_finished(record, ended);
    }

    /// Writes a record of an attempt that ended; when that fails, the attempt failed.
    ///
    /// After a signal nothing is written: what a trial says while it is being released is about the
    /// release, and it is recorded as interrupted already.
    pub(crate) fn write_finished(&self, record: Finished, ended: &mut Ended) {
        if self.is_stopping() {
            return;
        }
        if let Err(error) = self.journal.write(&Record::Finished(Box::new(record))) {
            ended.fail(Origin::Error, error.to_string());
        }
    }

    /// What is in flight, by name.
    pub(crate) fn in_flight(&self) -> Vec<String> {
        let flying = lock(&self.in_flight);
        flying.iter().map(|trial| trial.name.to_string()).collect()
    }

    /// Releases what trials in flight and run-scoped resources hold, before the process ends.
    pub(crate) fn release_all(&self) {
        let contexts: Vec<_> = lock(&self.in_flight)
            .iter()
            .filter_map(|trial| trial.cx.clone())
            .collect();
        for cx in contexts {
            cx.release();
        }
        self.run.release();
    }
}

/// The answer of a trial that does not begin any more; nobody may be there to read it.
fn interrupted() -> Answer {
    Answer::NotVerified("the run was interrupted".to_owned())
}

/// Keeps a trial in flight.
pub(crate) struct Flight<'a> {
    session: &'a Session,
    trial: &'a Trial,
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        let mut flying = lock(&self.session.in_flight);
        let name = self.trial.name.as_str();
        if let Some(index) = flying.iter().position(|trial| &*trial.name == name) {
            flying.swap_remove(index);
        }
    }
}
