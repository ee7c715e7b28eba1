//! One attempt of a trial: the body runs on a thread of its own while this one watches the clock.
//!
//! The body's thread goes through stages, each with a limit: the body itself, the releases, the
//! proof. It wakes the watcher once, at the end; the watcher otherwise wakes when the limit of a
//! stage is over, and finds either a later stage or a thread that is stuck. A stuck thread cannot be
//! stopped: the attempt ends without it, and it keeps the groups that it holds.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::groups::Held;
use super::panics::{self, PanicInfo};
use super::plan::Trial;
use super::pool::Pool;
use super::report::Ended;
use crate::context::Context;
use crate::journal::record::{Proof, ProofStrength, Tally, TrialOutcome};
use crate::registry::{Body, Registration};
use crate::run::{self, lock};
use crate::verdict::{CheckResult, Origin};

/// An asynchronous body that is cancelled answers by itself within this time.
const CANCELLING: Duration = Duration::from_secs(2);

/// All releases of a trial together. Each has a limit of its own; blocking ones have only this.
const RELEASING: Duration = Duration::from_secs(30);

/// Replaying is computing; a check that does more than that under replay is left behind.
const PROVING: Duration = Duration::from_secs(60);

/// What an attempt needs.
pub(crate) struct Attempt<'a> {
    pub(crate) pool: &'a Arc<Pool>,
    pub(crate) trial: &'a Trial,
    pub(crate) cx: &'a Context,
    /// Of the body.
    pub(crate) limit: Duration,
    /// No other attempt follows a failure.
    pub(crate) is_last: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Body,
    Releasing,
    Proving,
    Over,
}

/// What the body's thread has to say so far.
struct State {
    stage: Stage,
    body: Option<(Result<CheckResult, PanicInfo>, Duration)>,
    released: Option<Result<Vec<String>, PanicInfo>>,
    proof: Option<Proof>,
    /// Given back for another attempt.
    held: Option<Arc<Held>>,
    /// Nobody listens any more.
    left: bool,
}

struct Progress {
    state: Mutex<State>,
    over: Condvar,
}

impl Attempt<'_> {
    /// Runs it. The groups are given back in `held` when another attempt may follow.
    pub(crate) fn run(&self, held: &mut Option<Arc<Held>>) -> Ended {
        let progress = Arc::new(Progress {
            state: Mutex::new(State {
                stage: Stage::Body,
                body: None,
                released: None,
                proof: None,
                held: None,
                left: false,
            }),
            over: Condvar::new(),
        });
        let holding = held.take();
        // The body's thread alone keeps the groups, so that they are free as soon as it is.
        let watched = holding.as_ref().map(Arc::downgrade);
        let body = BodyThread {
            registration: self.trial.registration,
            cx: self.cx.clone(),
            limit: self.limit,
            is_last: self.is_last,
            progress: Arc::clone(&progress),
        };
        if let Err(error) = self.pool.run(move || body.run(holding)) {
            return Ended::unavailable(format!("no thread could be started: {error}"));
        }
        let late = self.watch(&progress);
        if late.is_some()
            && let Some(watched) = watched.and_then(|watched| watched.upgrade())
        {
            watched.abandon(&self.trial.name);
        }
        let mut state = lock(&progress.state);
        *held = state.held.take();
        let (body, released, proof) =
            (state.body.take(), state.released.take(), state.proof.take());
        drop(state);
        self.conclude(late, body, released, proof)
    }

    /// Waits for the end; or says which stage did not end within its limit.
    fn watch(&self, progress: &Progress) -> Option<Stage> {
        let mut now = lock(&progress.state);
        loop {
            let stage = now.stage;
            if stage == Stage::Over {
                return None;
            }
            let limit = self.limit_of(stage);
            let waited = progress
                .over
                .wait_timeout_while(now, limit, |now| now.stage != Stage::Over);
            now = waited.unwrap_or_else(PoisonError::into_inner).0;
            if now.stage == stage {
                now.left = true;
                return Some(stage);
            }
        }
    }

    fn limit_of(&self, stage: Stage) -> Duration {
        let registration = self.trial.registration;
        match (stage, registration.body) {
            (Stage::Body, Body::Sync(_)) => self.limit,
            (Stage::Body, Body::Async(_)) => self.limit.saturating_add(CANCELLING),
            (Stage::Releasing | Stage::Over, _) => RELEASING,
            // A control is the check once more, live.
            (Stage::Proving, _) if registration.control.is_some() => {
                PROVING.saturating_add(self.limit)
            }
            (Stage::Proving, _) => PROVING,
        }
    }

    fn conclude(
        &self,
        late: Option<Stage>,
        body: Option<(Result<CheckResult, PanicInfo>, Duration)>,
        released: Option<Result<Vec<String>, PanicInfo>>,
        proof: Option<Proof>,
    ) -> Ended {
        let mut ended = match (late, body) {
            (Some(Stage::Body), _) => return self.timed_out(),
            (_, Some((result, took))) => Ended::of(result, took),
            (_, None) => Ended::failed(
                Origin::Panic,
                "the thread of the check ended without an answer".to_owned(),
                self.limit,
            ),
        };
        if late == Some(Stage::Releasing) {
            ended.fail(Origin::Timeout, not_released());
        }
        if let Some(released) = released {
            note_released(&mut ended, released);
        }
        if ended.outcome == TrialOutcome::Passed {
            let limit = self.limit_of(Stage::Proving);
            let unproven = || unproven(format!("the replay did not end within {limit:?}"));
            ended.proof = Some(proof.unwrap_or_else(unproven));
        }
        ended
    }

    /// A body that cannot be stopped: it failed and is left to itself. What the trial registered
    /// for release is released all the same, on another thread.
    fn timed_out(&self) -> Ended {
        let limit = self.limit;
        let mut ended = Ended::failed(
            Origin::Timeout,
            format!(
                "timed out after {limit:?}; it blocks its thread and goes on in the background \
                 (--isolate can stop it)"
            ),
            limit,
        );
        let (sender, released) = std::sync::mpsc::channel();
        let cx = self.cx.clone();
        let started = self.pool.run(move || {
            let _ = sender.send(panics::catch(|| cx.release()));
        });
        if started.is_ok() {
            match released.recv_timeout(RELEASING) {
                Ok(released) => note_released(&mut ended, released),
                Err(_) => ended.fail(Origin::Timeout, not_released()),
            }
        }
        ended
    }
}

fn not_released() -> String {
    format!("releasing what the trial held took longer than {RELEASING:?}")
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
        fine: Tally::default(),
        gross: Tally::default(),
        mutants: Vec::new(),
    }
}

/// The side of the body.
struct BodyThread {
    registration: &'static Registration,
    cx: Context,
    limit: Duration,
    is_last: bool,
    progress: Arc<Progress>,
}

impl BodyThread {
    /// Every stage, without unwinding.
    fn run(self, held: Option<Arc<Held>>) {
        let end = End(&self.progress);
        let started = Instant::now();
        let result =
            panics::catch(|| run::invoke(&self.registration.body, &self.cx, Some(self.limit)));
        let took = started.elapsed();
        let passed = matches!(result, Ok(CheckResult::Passed));
        let failed = matches!(result, Err(_) | Ok(CheckResult::Failed { .. }));
        let listening = self.next(Stage::Releasing, |state| state.body = Some((result, took)));
        let released = panics::catch(|| self.cx.release());
        let clean = released.as_ref().is_ok_and(Vec::is_empty);
        let may_follow = (failed || !clean) && !self.is_last && listening;
        let to_prove = passed && clean && listening;
        // Replaying needs nothing of the target, a control does.
        let held = held.filter(|_| may_follow || (to_prove && self.registration.control.is_some()));
        let stage = if to_prove {
            Stage::Proving
        } else {
            Stage::Releasing
        };
        self.next(stage, |state| state.released = Some(released));
        let proof = to_prove.then(|| self.prove());
        let mut last = lock(&self.progress.state);
        last.proof = proof;
        last.held = held.filter(|_| may_follow);
        drop(last);
        drop(end);
    }

    /// Notes what a stage came to; whether anyone still listens.
    fn next(&self, stage: Stage, note: impl FnOnce(&mut State)) -> bool {
        let mut now = lock(&self.progress.state);
        now.stage = stage;
        note(&mut now);
        !now.left
    }

    fn prove(&self) -> Proof {
        let proof = panics::catch(|| crate::prove::prove(self.registration, &self.cx));
        proof.unwrap_or_else(|panic| {
            unproven(format!(
                "the replay panicked outside of the check: {}",
                panic.message
            ))
        })
    }
}

/// Tells the watcher that the thread is through, however it came to that.
struct End<'a>(&'a Progress);

impl Drop for End<'_> {
    fn drop(&mut self) {
        lock(&self.0.state).stage = Stage::Over;
        self.0.over.notify_one();
    }
}
