//! Runs one trial: waits for its phase and groups, runs its attempts, records each of them.
//!
//! The order of an attempt: `started` is on disk, the body runs, releases run, groups are given
//! back, a pass is replayed on altered observations, `finished` is on disk. A record that cannot be
//! written fails the trial.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::groups::{Groups, Held, Phases, Slots};
use super::panics::{self, PanicInfo};
use super::plan::Trial;
use super::pool::{Pool, Waited, wait};
use super::report::{Answer, Ended, answer};
use super::xml::CaseResult;
use super::{isolate, notice};
use crate::context::Context;
use crate::journal::record::{Finished, Proof, ProofStrength, Record, Started, TrialOutcome};
use crate::journal::time;
use crate::journal::writer::{Journal, NotWritten};
use crate::registry::{Body, Registration};
use crate::run::{self, Run};
use crate::verdict::{CheckResult, Origin};

/// Limit of an attempt when neither the check nor the configuration has one: twice the longest
/// window of a per-minute limit, which is what the slowest ordinary check waits for.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(120);

/// An asynchronous body that is cancelled answers by itself within this time.
const CANCELLING: Duration = Duration::from_secs(2);

/// All releases of a trial together. Each has a limit of its own; blocking ones have only this.
const RELEASING: Duration = Duration::from_secs(30);

/// Replaying is computing; a check that does more than that under replay is left behind.
const PROVING: Duration = Duration::from_secs(60);

/// What the trials of this process share.
pub(crate) struct Session {
    pub(crate) run: Arc<Run>,
    pub(crate) journal: Journal,
    pub(crate) pool: Arc<Pool>,
    pub(crate) groups: Arc<Groups>,
    pub(crate) phases: Phases,
    pub(crate) slots: Slots,
    pub(crate) settings: Settings,
    /// `CHECKLIST.md:57 "…"` by requirement.
    pub(crate) items: HashMap<&'static str, String>,
    pub(crate) counts: Counts,
    /// What is in flight, for a signal. Never held while anything is waited for.
    pub(crate) in_flight: Mutex<Vec<Arc<str>>>,
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

/// What the thread of a body says, in this order.
enum Step {
    Body(Result<CheckResult, PanicInfo>, Duration),
    Released(Result<Vec<String>, PanicInfo>),
    Proved(Box<Proof>),
}

impl Session {
    /// Runs a trial to its answer.
    pub(crate) fn run(&self, trial: &Trial) -> Answer {
        let phase = trial.registration.phase;
        let _in_phase = self.phases.enter(&trial.name, phase);
        let limit = self.limit(trial.registration);
        let held = match self.groups.enter(&trial.name, &trial.wanted, limit) {
            Ok(held) => Arc::new(held),
            Err(reason) => return self.refused(trial, reason),
        };
        let _slot = self.slots.take();
        let (ended, flaky) = self.attempts(trial, held, limit);
        self.conclude(trial, &ended, flaky.as_deref())
    }

    fn limit(&self, registration: &Registration) -> Duration {
        let limit = registration.timeout.or(self.settings.timeout);
        limit.unwrap_or(DEFAULT_TIMEOUT)
    }

    fn conclude(&self, trial: &Trial, ended: &Ended, flaky: Option<&str>) -> Answer {
        let item = self.items.get(trial.id).map(String::as_str);
        let answer = answer(trial, ended, flaky, item);
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
            run::lock(results).push(CaseResult {
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
        let _in_flight = self.fly(trial);
        if let Err(error) = self.start(trial, attempt) {
            return Ended::failed(Origin::Error, error.to_string(), Duration::ZERO);
        }
        let cx = Context::for_trial(&self.run, &trial.name, trial.id);
        let mut ended = match self.spawn_body(trial, &cx, held.clone(), limit) {
            Ok(steps) => self.follow(trial, &cx, held, limit, is_last, &steps),
            Err(error) => Ended::unavailable(format!("no thread could be started: {error}")),
        };
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
    pub(crate) fn fly<'a>(&'a self, trial: &'a Trial) -> Flight<'a> {
        self.flying().push(trial.name.as_str().into());
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
    pub(crate) fn write_finished(&self, record: Finished, ended: &mut Ended) {
        if let Err(error) = self.journal.write(&Record::Finished(Box::new(record))) {
            ended.fail(Origin::Error, error.to_string());
        }
    }

    fn flying(&self) -> std::sync::MutexGuard<'_, Vec<Arc<str>>> {
        self.in_flight
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// What is in flight, by name.
    pub(crate) fn in_flight(&self) -> Vec<String> {
        self.flying().iter().map(ToString::to_string).collect()
    }

    /// Starts the body on a thread of the pool.
    fn spawn_body(
        &self,
        trial: &Trial,
        cx: &Context,
        held: Option<Arc<Held>>,
        limit: Duration,
    ) -> std::io::Result<Receiver<Step>> {
        let (sender, steps) = channel();
        let (registration, cx) = (trial.registration, cx.clone());
        self.pool
            .run(move || body(registration, &cx, held, limit, &sender))?;
        Ok(steps)
    }

    /// Waits for what the body's thread says, each step within its time.
    fn follow(
        &self,
        trial: &Trial,
        cx: &Context,
        held: &mut Option<Arc<Held>>,
        limit: Duration,
        is_last: bool,
        steps: &Receiver<Step>,
    ) -> Ended {
        let patience = match trial.registration.body {
            Body::Sync(_) => limit,
            Body::Async(_) => limit.saturating_add(CANCELLING),
        };
        let mut ended = match wait(steps, Some(patience)) {
            Waited::Got(Step::Body(result, took)) => Ended::of(result, took),
            Waited::Late => return self.abandon(trial, cx, held, limit),
            Waited::Got(_) | Waited::Gone => Ended::failed(
                Origin::Panic,
                "the thread of the check ended without an answer".to_owned(),
                limit,
            ),
        };
        match wait(steps, Some(RELEASING)) {
            Waited::Got(Step::Released(released)) => note_released(&mut ended, released),
            Waited::Late => ended.fail(
                Origin::Timeout,
                format!("releasing what the trial held took longer than {RELEASING:?}"),
            ),
            Waited::Got(_) | Waited::Gone => {}
        }
        let control = trial.registration.control.is_some();
        if (is_last || ended.outcome != TrialOutcome::Failed) && !control {
            // Replaying needs nothing of the target: whoever waits for it may go on.
            *held = None;
        }
        if ended.outcome == TrialOutcome::Passed {
            // A control is the check once more, live.
            let patience = if control {
                PROVING.saturating_add(limit)
            } else {
                PROVING
            };
            ended.proof = match wait(steps, Some(patience)) {
                Waited::Got(Step::Proved(proof)) => Some(*proof),
                _ => Some(unproven(format!(
                    "the replay did not end within {patience:?}"
                ))),
            };
        }
        ended
    }

    /// A body that cannot be stopped: it fails and is left to itself with its groups. What the
    /// trial registered for release is released all the same.
    fn abandon(
        &self,
        trial: &Trial,
        cx: &Context,
        held: &mut Option<Arc<Held>>,
        limit: Duration,
    ) -> Ended {
        if let Some(held) = held.take() {
            held.abandon(&trial.name);
        }
        let mut ended = Ended::failed(
            Origin::Timeout,
            format!(
                "timed out after {limit:?}; it blocks its thread and goes on in the background \
                 (--isolate can stop it)"
            ),
            limit,
        );
        let (sender, released) = channel();
        let cx = cx.clone();
        let started = self.pool.run(move || {
            let _ = sender.send(panics::catch(|| cx.release()));
        });
        if started.is_ok() {
            match wait(&released, Some(RELEASING)) {
                Waited::Got(released) => note_released(&mut ended, released),
                _ => ended.fail(
                    Origin::Timeout,
                    format!("releasing what the trial held took longer than {RELEASING:?}"),
                ),
            }
        }
        ended
    }
}

/// A trial in flight.
pub(crate) struct Flight<'a> {
    session: &'a Session,
    trial: &'a Trial,
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        let mut flying = self.session.flying();
        if let Some(index) = flying.iter().position(|name| **name == *self.trial.name) {
            flying.swap_remove(index);
        }
    }
}

fn note_released(ended: &mut Ended, released: Result<Vec<String>, PanicInfo>) {
    let problems = released.unwrap_or_else(|panic| vec![panic.message]);
    for problem in problems {
        ended.fail(Origin::Panic, problem);
    }
}

fn unproven(reason: String) -> Proof {
    Proof {
        strength: ProofStrength::Unproven,
        reason: Some(reason),
        fine: crate::journal::record::Tally::default(),
        gross: crate::journal::record::Tally::default(),
        mutants: Vec::new(),
    }
}

/// What runs on the body's thread. It never unwinds. Nobody may be listening any more.
fn body(
    registration: &'static Registration,
    cx: &Context,
    held: Option<Arc<Held>>,
    limit: Duration,
    steps: &Sender<Step>,
) {
    let started = Instant::now();
    let result = panics::catch(|| run::invoke(&registration.body, cx, Some(limit)));
    let passed = matches!(result, Ok(CheckResult::Passed));
    let listening = steps.send(Step::Body(result, started.elapsed())).is_ok();
    let released = panics::catch(|| cx.release());
    let clean = released.as_ref().is_ok_and(Vec::is_empty);
    drop(held);
    let _ = steps.send(Step::Released(released));
    if passed && clean && listening {
        let proof = panics::catch(|| crate::prove::prove(registration, cx));
        let proof = proof.unwrap_or_else(|panic| {
            unproven(format!(
                "the replay panicked outside of the check: {}",
                panic.message
            ))
        });
        let _ = steps.send(Step::Proved(Box::new(proof)));
    }
}
