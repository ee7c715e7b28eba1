//! One attempt of a trial: the worker runs it, the [engine](super::engine)'s watcher has its limits.
//!
//! The worker goes through stages, each with a limit: the body itself, the releases, the proof.
//! Nobody waits for it meanwhile: handing a body to another thread and waiting for it costs more than
//! a trivial body. The watcher looks now and then. When a stage is over its limit it declares the
//! attempt *left*, under the lock under which the worker changes stages, so that exactly one of them
//! concludes it. A stuck thread cannot be stopped: the attempt ends without it, it keeps the groups
//! that it holds, and it ends when it comes back.

use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use super::groups::Held;
use super::panics::{self, PanicInfo};
use super::plan::Trial;
use super::pool::Pool;
use super::report::Ended;
use crate::context::Context;
use crate::journal::record::{Proof, ProofStrength, Tally, TrialOutcome};
use crate::registry::Body;
use crate::run::{self, lock};
use crate::verdict::Origin;

/// An asynchronous body that is cancelled answers by itself within this time.
const CANCELLING: Duration = Duration::from_secs(2);

/// All releases of a trial together. Each has a limit of its own; blocking ones have only this.
const RELEASING: Duration = Duration::from_secs(30);

/// Replaying is computing; a check that does more than that under replay is left behind.
const PROVING: Duration = Duration::from_secs(60);

/// An attempt while it runs.
pub(crate) struct Attempt {
    pub(crate) trial: Arc<Trial>,
    /// From 1.
    pub(crate) number: u32,
    pub(crate) cx: Context,
    /// Of the body.
    limit: Duration,
    /// No other attempt follows a failure.
    is_last: bool,
    /// Why an earlier attempt failed.
    pub(crate) flaky: Option<String>,
    /// It has its process for itself, so that every panic in it is its own.
    alone: bool,
    /// The groups that its worker holds.
    groups: Weak<Held>,
    state: Mutex<State>,
}

/// What an attempt needs.
pub(crate) struct Beginning<'a> {
    pub(crate) trial: &'a Arc<Trial>,
    /// From 1.
    pub(crate) number: u32,
    pub(crate) cx: Context,
    /// Of the body.
    pub(crate) limit: Duration,
    /// No other attempt follows a failure.
    pub(crate) is_last: bool,
    /// Why an earlier attempt failed.
    pub(crate) flaky: Option<String>,
    /// It has its process for itself.
    pub(crate) alone: bool,
    /// The groups of the trial.
    pub(crate) held: Option<&'a Arc<Held>>,
}

/// What may take long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Body,
    Releasing,
    Proving,
}

struct State {
    /// What the worker does, and until when; none between stages, which is code of ours.
    stage: Option<(Stage, Instant)>,
    /// What the stages before came to.
    so_far: Option<Ended>,
    /// The watcher concludes it; the worker's result is not wanted any more.
    left: bool,
}

/// What the stages before the one that ended came to.
struct SoFar(Option<Ended>);

/// A stage that did not end, and what those before came to.
pub(crate) struct Late {
    stage: Stage,
    so_far: Option<Ended>,
}

impl Attempt {
    /// An attempt whose body is about to run.
    pub(crate) fn new(beginning: Beginning<'_>) -> Arc<Self> {
        let Beginning {
            trial,
            number,
            cx,
            limit,
            is_last,
            flaky,
            alone,
            held,
        } = beginning;
        Arc::new(Self {
            trial: Arc::clone(trial),
            number,
            cx,
            limit,
            is_last,
            flaky,
            alone,
            groups: held.map(Arc::downgrade).unwrap_or_default(),
            state: Mutex::new(State {
                stage: None,
                so_far: None,
                left: false,
            }),
        })
    }

    /// Runs every stage on this thread, without unwinding. The groups stay in `held` when another
    /// attempt may follow. `None` when the watcher has concluded the attempt meanwhile.
    pub(crate) fn run(&self, held: &mut Option<Arc<Held>>) -> Option<Ended> {
        let registration = self.trial.registration;
        let started = Instant::now();
        self.enter(Stage::Body, started, None);
        let result = panics::catch(|| run::invoke(&registration.body, &self.cx, Some(self.limit)));
        let took = started.elapsed();
        if self.leave().is_none() {
            // What the body registered after it was left.
            let _ = panics::catch(|| self.cx.release());
            *held = None;
            return None;
        }
        let mut ended = Ended::of(result, took);
        if self.cx.holds_something() {
            let released;
            (ended, released) = self.during(Stage::Releasing, ended, || {
                panics::catch(|| self.cx.release())
            })?;
            note_released(&mut ended, released);
        }
        self.note_strays(&mut ended);
        let may_follow = ended.outcome == TrialOutcome::Failed && !self.is_last;
        let to_prove = ended.outcome == TrialOutcome::Passed;
        // Replaying needs nothing of the target, a control does.
        if !(may_follow || to_prove && registration.control.is_some()) {
            *held = None;
        }
        if to_prove {
            ended.proof = crate::prove::without_replay(registration, &self.cx);
            if ended.proof.is_none() {
                let proof;
                (ended, proof) = self.during(Stage::Proving, ended, || self.prove())?;
                ended.proof = Some(proof);
            }
            self.forget_strays();
            *held = None;
        }
        Some(ended)
    }

    /// Panics of threads that it started by itself, where no other trial can have done so.
    fn note_strays(&self, ended: &mut Ended) {
        if self.alone {
            for panic in panics::take_unattributed() {
                ended.fail(Origin::Panic, panic);
            }
        }
    }

    /// As [`note_strays`](Self::note_strays) for threads that a replay started: a panic is how they
    /// fail on what was altered.
    fn forget_strays(&self) {
        if self.alone {
            drop(panics::take_unattributed());
        }
    }

    fn prove(&self) -> Proof {
        let registration = self.trial.registration;
        let proof = panics::catch(|| crate::prove::prove(registration, &self.cx));
        proof.unwrap_or_else(|panic| {
            unproven(format!(
                "the replay panicked outside of the check: {}",
                panic.message
            ))
        })
    }

    /// A stage of the worker; `None` when it took too long and the watcher went on without it.
    fn during<T>(
        &self,
        stage: Stage,
        so_far: Ended,
        work: impl FnOnce() -> T,
    ) -> Option<(Ended, T)> {
        self.enter(stage, Instant::now(), Some(so_far));
        let value = work();
        let so_far = self.leave()?.0?;
        Some((so_far, value))
    }

    fn enter(&self, stage: Stage, now: Instant, so_far: Option<Ended>) {
        let due = now.checked_add(self.limit_of(stage));
        let mut now = lock(&self.state);
        // A limit beyond the clock is none.
        now.stage = due.map(|due| (stage, due));
        now.so_far = so_far;
    }

    /// Ends a stage; `None` when nobody wants what it came to.
    fn leave(&self) -> Option<SoFar> {
        let mut state = lock(&self.state);
        state.stage = None;
        (!state.left).then(|| SoFar(state.so_far.take()))
    }

    fn limit_of(&self, stage: Stage) -> Duration {
        let registration = self.trial.registration;
        match (stage, registration.body) {
            (Stage::Body, Body::Plain(_) | Body::Sync(_)) => self.limit,
            (Stage::Body, Body::Async(_)) => self.limit.saturating_add(CANCELLING),
            (Stage::Releasing, _) => RELEASING,
            // A control is the check once more, live.
            (Stage::Proving, _) if registration.control.is_some() => {
                PROVING.saturating_add(self.limit)
            }
            (Stage::Proving, _) => PROVING,
        }
    }

    /// Takes the attempt away from its worker when a stage is over its limit. Once: whoever gets
    /// [`Late`] concludes the attempt.
    pub(crate) fn late(&self, now: Instant) -> Option<Late> {
        let mut worker = lock(&self.state);
        let (stage, due) = worker.stage?;
        if worker.left || now < due {
            return None;
        }
        worker.left = true;
        Some(Late {
            stage,
            so_far: worker.so_far.take(),
        })
    }

    /// Concludes an attempt that its worker cannot conclude.
    pub(crate) fn conclude(&self, late: Late, pool: &Arc<Pool>) -> Ended {
        if let Some(groups) = self.groups.upgrade() {
            groups.abandon(&self.trial.name);
        }
        let mut ended = match (late.stage, late.so_far) {
            (Stage::Releasing, Some(mut ended)) => {
                ended.fail(Origin::Timeout, not_released());
                ended
            }
            (Stage::Proving, Some(mut ended)) => {
                let limit = self.limit_of(Stage::Proving);
                ended.proof = Some(unproven(format!("the replay did not end within {limit:?}")));
                self.forget_strays();
                return ended;
            }
            _ => self.timed_out(pool),
        };
        self.note_strays(&mut ended);
        ended
    }

    /// A body that cannot be stopped: it failed and is left to itself. What the trial registered
    /// for release is released all the same, on another thread.
    fn timed_out(&self, pool: &Arc<Pool>) -> Ended {
        let limit = self.limit;
        let mut ended = Ended::failed(
            Origin::Timeout,
            format!(
                "timed out after {limit:?}; it blocks its thread, which ends with its process only \
                 (of its own with --isolate)"
            ),
            limit,
        );
        let (sender, released) = std::sync::mpsc::channel();
        let cx = self.cx.clone();
        let started = pool.run(move || {
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
