//! Runs one trial: waits for its phase and groups, runs its attempts, records each of them.
//!
//! The order of an attempt: `started` is on disk, the body runs, releases run, groups are given
//! back, a pass is replayed on altered observations, `finished` is on disk. A record that cannot be
//! written fails the trial.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::attempt::{Attempt, Beginning, Late};
use super::engine::{Place, Worker, interrupted};
use super::groups::{Groups, Held};
use super::panics;
use super::phases::{Phases, Slots};
use super::plan::Trial;
use super::pool::Pool;
use super::printer::Printer;
use super::report::{Answer, Ended, LONGEST_PART, answer};
use super::xml::CaseResult;
use super::{isolate, notice};
use crate::context::Context;
use crate::document::Located;
use crate::journal::line::{FinishedLine, Text};
use crate::journal::record::{Part, ProofStrength, TrialOutcome};
use crate::journal::time;
use crate::journal::writer::Journal;
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
    pub(crate) phases: Arc<Phases>,
    pub(crate) slots: Arc<Slots>,
    /// What is printed, by whoever has something to say.
    pub(crate) printer: Mutex<Printer>,
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
    /// One trial after the other: each is announced before it runs.
    pub(crate) in_turn: bool,
    /// Retries are for the parent of this process.
    pub(crate) no_retries: bool,
    /// Each trial in a process of its own.
    pub(crate) isolate: Option<isolate::Isolation>,
}

/// A trial in flight, and what it may have to release.
pub(crate) struct Flying {
    trial: Arc<Trial>,
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
    /// Runs a trial to its answer; `None` when it took too long and is concluded by others.
    pub(crate) fn run(&self, trial: &Arc<Trial>, worker: &Worker) -> Option<Answer> {
        if self.is_stopping() {
            return Some(interrupted());
        }
        let phase = self.phases.enter(&trial.name, trial.registration.phase);
        let limit = self.limit(trial.registration);
        let mut held = None;
        if !trial.wanted.is_empty() {
            match self.groups.enter(&trial.name, &trial.wanted, limit) {
                Ok(groups) => held = Some(Arc::new(groups)),
                Err(reason) => return Some(self.refused(trial, reason)),
            }
        }
        worker.occupies(Place {
            _slot: self.slots.take(),
            _phase: phase,
        });
        if self.is_stopping() {
            return Some(interrupted());
        }
        if self.settings.in_turn {
            lock(&self.printer).starts(&trial.name);
        }
        let (ended, flaky) = self.attempts(trial, held, limit, worker)?;
        Some(self.conclude(trial, &ended, flaky.as_deref()))
    }

    /// The answer of a trial that panicked outside of its check: its journal has no end, or one that
    /// was decided before.
    pub(crate) fn broke(&self, panic: &panics::PanicInfo) -> Answer {
        self.counts.failed.fetch_add(1, Ordering::Relaxed);
        let place = panic.location.as_deref().unwrap_or("an unknown place");
        let said = self.run.redactor.text(&panic.message);
        Answer::Failed(format!(
            "what the check left behind panicked: {said}\n  at {place}"
        ))
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
        if self.start(trial, attempt, &mut ended) {
            self.end(trial, attempt, &mut ended, None, None);
        }
        self.conclude(trial, &ended, None)
    }

    /// Every attempt; the last one, and why an earlier one failed.
    fn attempts(
        &self,
        trial: &Arc<Trial>,
        mut held: Option<Arc<Held>>,
        limit: Duration,
        worker: &Worker,
    ) -> Option<(Ended, Option<String>)> {
        let retries = if self.settings.no_retries {
            0
        } else {
            trial.registration.retries
        };
        let mut flaky = None;
        let mut attempt = self.settings.first_attempt;
        let last = attempt.saturating_add(retries);
        loop {
            let mut ended = if let Some(isolation) = &self.settings.isolate {
                isolation.run(self, trial, attempt, limit)
            } else {
                let cx = Context::for_trial(&self.run, &trial.name, trial.id);
                let attempt = Attempt::new(Beginning {
                    trial,
                    number: attempt,
                    cx,
                    limit,
                    is_last: attempt == last,
                    flaky: flaky.clone(),
                    alone: self.settings.alone,
                    held: held.as_ref(),
                });
                self.attempt(&attempt, &mut held, worker)?
            };
            let again = ended.outcome == TrialOutcome::Failed
                && attempt < last
                && self.journal.broken().is_none();
            if !again {
                return Some((ended, flaky));
            }
            flaky = ended.reason.take();
            attempt += 1;
        }
    }

    fn attempt(
        &self,
        attempt: &Arc<Attempt>,
        held: &mut Option<Arc<Held>>,
        worker: &Worker,
    ) -> Option<Ended> {
        let in_flight = self.fly(&attempt.trial, Some(&attempt.cx));
        let mut ended = Ended::failed(Origin::Error, String::new(), Duration::ZERO);
        if !self.start(&attempt.trial, attempt.number, &mut ended) {
            return Some(ended);
        }
        worker.runs(attempt);
        let Some(mut ended) = attempt.run(held) else {
            // Whoever concludes it lets it land.
            in_flight.goes_on();
            return None;
        };
        worker.is_through();
        self.end_attempt(attempt, &mut ended);
        Some(ended)
    }

    fn end_attempt(&self, attempt: &Attempt, ended: &mut Ended) {
        self.end(
            &attempt.trial,
            attempt.number,
            ended,
            Some(&attempt.cx),
            None,
        );
    }

    /// Concludes a trial whose worker is stuck. No attempt follows: what goes on still holds its
    /// groups.
    pub(crate) fn conclude_late(&self, attempt: &Attempt, late: Late) -> Answer {
        let mut ended = attempt.conclude(late, &self.pool);
        self.end_attempt(attempt, &mut ended);
        self.land(&attempt.trial);
        self.conclude(&attempt.trial, &ended, attempt.flaky.as_deref())
    }

    /// Writes `started`. When that fails, so does the attempt: `ended` says why.
    fn start(&self, trial: &Trial, attempt: u32, ended: &mut Ended) -> bool {
        match self
            .journal
            .started(trial.written_name(), attempt, written(&time::now()))
        {
            Ok(()) => true,
            Err(error) => {
                *ended = Ended::failed(Origin::Error, error.to_string(), Duration::ZERO);
                false
            }
        }
    }

    /// Notes that a trial is in flight, until the guard is dropped.
    pub(crate) fn fly<'a>(&'a self, trial: &'a Arc<Trial>, cx: Option<&Context>) -> Flight<'a> {
        lock(&self.in_flight).push(Flying {
            trial: Arc::clone(trial),
            cx: cx.cloned(),
        });
        Flight {
            session: self,
            trial,
        }
    }

    fn land(&self, trial: &Arc<Trial>) {
        let mut flying = lock(&self.in_flight);
        if let Some(index) = flying
            .iter()
            .position(|flying| Arc::ptr_eq(&flying.trial, trial))
        {
            flying.swap_remove(index);
        }
    }

    /// Writes `finished`; when that fails, so does the attempt. `process` is the one that ran it, if
    /// another one did.
    ///
    /// After a signal nothing is written: what a trial says while it is being released is about the
    /// release, and it is recorded as interrupted already.
    pub(crate) fn end(
        &self,
        trial: &Trial,
        attempt: u32,
        ended: &mut Ended,
        cx: Option<&Context>,
        process: Option<&str>,
    ) {
        ended.redact(&self.run.redactor, trial.excuse.as_ref());
        if self.is_stopping() {
            return;
        }
        let parts = cx.map(|cx| self.parts(cx)).unwrap_or_default();
        let evidence = cx.map(Context::evidence).unwrap_or_default();
        if cx.is_some() {
            ended.note_seen(&evidence);
        }
        let written = self.journal.finished(&FinishedLine {
            trial: trial.written_name(),
            id: trial.written_id(),
            attempt,
            outcome: ended.outcome,
            reason: ended.reason.as_deref(),
            origin: ended.origin,
            location: ended.location.as_deref(),
            at: written(&time::now()),
            micros: u64::try_from(ended.took.as_micros()).unwrap_or(u64::MAX),
            parts: &parts,
            proof: ended.proof.as_ref(),
            evidence: &evidence,
            digest: trial.written_digest(),
            process,
        });
        if let Err(error) = written {
            ended.fail(Origin::Error, error.to_string());
        }
    }

    fn parts(&self, cx: &Context) -> Vec<Part> {
        let redactor = &self.run.redactor;
        let mut parts = cx.parts();
        for part in &mut parts {
            part.name = redactor.brief(&part.name, LONGEST_PART);
            let detail = part.detail.as_deref();
            part.detail = detail.map(|text| redactor.brief(text, LONGEST_PART));
        }
        parts
    }

    /// What is in flight, by name.
    pub(crate) fn in_flight(&self) -> Vec<String> {
        let flying = lock(&self.in_flight);
        flying
            .iter()
            .map(|flying| flying.trial.name.clone())
            .collect()
    }

    /// Lets no trial in flight begin anything new, and gives those that thereby come to their end the
    /// time to clean up after themselves: what an exchange that is under way makes at the target is
    /// known, and removed, only when its answer is there.
    pub(crate) fn wind_down(&self, most: Duration) {
        for trial in lock(&self.in_flight).iter() {
            if let Some(cx) = &trial.cx {
                cx.stop_looking();
            }
        }
        let start = Instant::now();
        while !lock(&self.in_flight).is_empty() && start.elapsed() < most {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Releases what trials in flight and run-scoped resources hold, before the process ends.
    pub(crate) fn release_all(&self) {
        let contexts: Vec<_> = lock(&self.in_flight)
            .iter()
            .filter_map(|flying| flying.cx.clone())
            .collect();
        for cx in contexts {
            cx.release();
        }
        self.run.release();
    }
}

/// A time of ours, as the journal has it: digits and letters.
fn written(at: &str) -> Text<'_> {
    Text::known(at, true)
}

/// Keeps a trial in flight.
pub(crate) struct Flight<'a> {
    session: &'a Session,
    trial: &'a Arc<Trial>,
}

impl Flight<'_> {
    /// Leaves it in flight.
    fn goes_on(self) {
        std::mem::forget(self);
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        self.session.land(self.trial);
    }
}
