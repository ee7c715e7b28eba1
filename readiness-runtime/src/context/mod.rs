//! The context of a trial: everything a check learns passes through it.
//!
//! A context is *live*, and then looks at the world and records, or a *replay*, and then serves a
//! recording and never looks. The check cannot tell: that is what makes a pass provable.
//!
//! | file | part |
//! |---|---|
//! | `observe` | the seam: observations live and replayed, and the runtime's own kinds |
//! | `recording` | what was seen, by identity |
//! | `lane` | where observations come from: the world, a shared recording, a replay |
//! | `clock` | time and chance |
//! | `shared` | observations made once per run, across processes |
//! | `spawn` | tasks, and releases at the end |
//! | `target` | the `[target]` table |

mod clock;
mod lane;
mod observe;
pub(crate) mod once_cell;
mod recording;
mod shared;
mod spawn;
pub(crate) mod target;

use std::cell::RefCell;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

pub(crate) use lane::{DivergedUnwind, Replay};
pub(crate) use recording::{Altered, Entry, Erased, ErasedMutant, Recording, Stored};
pub(crate) use shared::Stock;
pub use spawn::Task;

use lane::Lane;
use spawn::Release;

use crate::error::Unavailable;
use crate::journal::record::{Evidence, Part};
use crate::resource::Resource;
use crate::run::{Run, lock};
use crate::verdict::{CheckResult, Origin};

/// Begins the name of the context in which a run-scoped resource is acquired.
pub(crate) const RUN_SCOPE: &str = "run scope of ";

/// A trial's view of the world: a check's parameter, and what [`Resource`]s observe through.
///
/// Cheap to clone. Everything that a check learns has to pass through it, because what passes
/// through it is recorded as evidence and can be altered to prove that the check is able to fail.
///
/// ```
/// use readiness::{Context, Result, ensure};
///
/// async fn retention_is_long_enough(cx: Context) -> Result<()> {
///     let days = cx.setting("backup.retention_days").require_i64()?;
///     ensure!(days >= 30, "backups are kept for {days} days, 30 are required");
///     Ok(())
/// }
/// # let _ = retention_is_long_enough;
/// ```
#[derive(Clone)]
pub struct Context {
    trial: Arc<Trial>,
    lane: Arc<Lane>,
}

/// The state of one attempt of a trial, shared by all of its contexts.
struct Trial {
    run: Arc<Run>,
    name: String,
    id: String,
    recording: Arc<Recording>,
    parts: Mutex<Vec<Part>>,
    releases: Mutex<Vec<Release>>,
    tasks: Mutex<Vec<spawn::Handle>>,
    /// Panics of tasks, which no caller sees.
    panics: Mutex<Vec<String>>,
    /// A part, a release or a task was noted. Most trials have none, and then nobody needs to look
    /// into the locks above at their end.
    noted: AtomicBool,
    /// Nothing new is looked at any more: a signal came.
    over: AtomicBool,
}

impl Trial {
    /// Says that a part, a release or a task is about to be noted.
    fn notes(&self) {
        self.noted.store(true, Ordering::Release);
    }

    fn has_noted(&self) -> bool {
        self.noted.load(Ordering::Acquire)
    }
}

impl Context {
    /// A live context for one attempt of a trial.
    pub(crate) fn for_trial(run: &Arc<Run>, trial: &str, id: &str) -> Self {
        let recording = Arc::new(Recording::default());
        let lane = Lane::live(Arc::clone(&recording));
        Self::new(run, trial, id, recording, lane)
    }

    /// A context that serves `replay` instead of looking.
    pub(crate) fn for_replay(&self, replay: &Arc<Replay>) -> Self {
        let lane = Lane::replay(Arc::clone(replay), "");
        let recording = Arc::clone(replay.recording());
        Self::new(
            &self.trial.run,
            self.trial(),
            self.requirement(),
            recording,
            lane,
        )
    }

    fn new(run: &Arc<Run>, trial: &str, id: &str, recording: Arc<Recording>, lane: Lane) -> Self {
        let trial = Trial {
            run: Arc::clone(run),
            name: trial.to_owned(),
            id: id.to_owned(),
            recording,
            parts: Mutex::default(),
            releases: Mutex::default(),
            tasks: Mutex::default(),
            panics: Mutex::default(),
            noted: AtomicBool::new(false),
            over: AtomicBool::new(false),
        };
        Self {
            trial: Arc::new(trial),
            lane: Arc::new(lane),
        }
    }

    /// The same trial, observing along another lane.
    fn along(&self, lane: Lane) -> Self {
        Self {
            trial: Arc::clone(&self.trial),
            lane: Arc::new(lane),
        }
    }

    /// The requirement that this trial is for.
    pub fn requirement(&self) -> &str {
        &self.trial.id
    }

    /// The trial's name.
    pub fn trial(&self) -> &str {
        &self.trial.name
    }

    /// Whether this is a replay: nothing may leave the process. A check has no reason to ask; a
    /// resource that keeps something alive besides its observations may.
    pub fn is_replay(&self) -> bool {
        self.lane.is_replay()
    }

    /// Masks `value` in everything that is written or printed from now on: plain, URL-encoded and
    /// in base64. Values of fewer than four bytes are not masked, they would blot out everything.
    pub fn secret(&self, value: impl AsRef<str>) {
        self.trial.run.redactor.add_secret(value.as_ref());
    }

    /// Drives a future to its end on this thread: the way from a blocking check to asynchronous
    /// resources. Everything asynchronous runs on one shared runtime.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        let _current = self.enter();
        crate::exec::block_on(future)
    }

    /// The one `T` of this run: acquired by whichever trial comes first, shared by all trials of
    /// the process. A parameter of type `Arc<T>` calls this.
    ///
    /// What its acquisition observed counts as observed by each trial that uses it.
    ///
    /// # Errors
    /// What acquiring it said; for a replay, that it has no replay form.
    pub async fn run_scope<T: Resource + Send + Sync>(&self) -> Result<Arc<T>, Unavailable> {
        let scope = format!("{RUN_SCOPE}{}", std::any::type_name::<T>());
        if let Some(replay) = self.lane.as_replay() {
            let inner = self.along(Lane::replay(Arc::clone(replay), &scope));
            return inner.reacquire::<T>().await.map(Arc::new);
        }
        let (value, observed) = self.trial.run.resource::<T>().await?;
        for entry in observed.entries() {
            self.trial.recording.adopt(&scope, &entry);
        }
        Ok(value)
    }

    /// A trial-scoped `T`, as a parameter gets it: acquired, or in its replay form.
    pub(crate) async fn obtain<T: Resource>(&self) -> Result<T, Unavailable> {
        if self.is_replay() {
            self.reacquire::<T>().await
        } else {
            T::acquire(self).await
        }
    }

    async fn reacquire<T: Resource>(&self) -> Result<T, Unavailable> {
        if T::REPLAYABLE {
            return T::acquire(self).await;
        }
        let name = std::any::type_name::<T>();
        T::replay(self).ok_or_else(|| {
            if let Some(replay) = self.lane.as_replay() {
                replay.lacks_a_form(name);
            }
            Unavailable::new(format!("`{name}` has no replay form"))
        })
    }

    /// What was recorded so far.
    pub(crate) fn recording(&self) -> Arc<Recording> {
        Arc::clone(&self.trial.recording)
    }

    /// The run this trial belongs to.
    pub(crate) fn run(&self) -> &Arc<Run> {
        &self.trial.run
    }

    /// The soft assertions so far.
    pub(crate) fn parts(&self) -> Vec<Part> {
        if !self.trial.has_noted() {
            return Vec::new();
        }
        lock(&self.trial.parts).clone()
    }

    /// Notes a soft assertion. Beyond a bound only those that did not hold are kept.
    pub(crate) fn part(&self, part: Part) {
        const MAX_HELD: usize = 200;
        const MAX: usize = 1_000;
        self.trial.notes();
        let mut parts = lock(&self.trial.parts);
        if parts.len() < MAX_HELD || (!part.held && parts.len() < MAX) {
            parts.push(part);
        }
    }

    /// What was observed, redacted and bounded.
    pub(crate) fn evidence(&self) -> Vec<Evidence> {
        let recording = &self.trial.recording;
        if recording.len() == 0 {
            return Vec::new();
        }
        crate::evidence::of(&recording.entries(), &self.trial.run.redactor)
    }

    /// Turns soft failures and panics of tasks into the answer.
    pub(crate) fn settle(&self, answer: CheckResult) -> CheckResult {
        if !self.trial.has_noted() {
            return answer;
        }
        if let Some(panic) = lock(&self.trial.panics).first() {
            return CheckResult::Failed {
                reason: format!("a task of the check panicked: {panic}"),
                origin: Origin::Panic,
            };
        }
        let parts = lock(&self.trial.parts);
        let broken: Vec<_> = parts.iter().filter(|part| !part.held).collect();
        if broken.is_empty() || matches!(answer, CheckResult::Failed { .. }) {
            return answer;
        }
        let mut reason = match broken.len() {
            1 => String::new(),
            several => format!("{several} of {} parts failed:\n", parts.len()),
        };
        for (at, part) in broken.iter().enumerate() {
            // In a note the lines become one.
            if at > 0 {
                reason.push_str(";\n");
            }
            reason.push_str(&part.name);
            if let Some(detail) = &part.detail {
                reason.push_str(": ");
                reason.push_str(detail);
            }
        }
        CheckResult::failed(reason)
    }

    /// Makes this the context that [`check!`](crate::check) on this thread notes its parts in.
    pub(crate) fn enter(&self) -> Entered {
        CURRENT.with_borrow_mut(|stack| stack.push(self.clone()));
        Entered { _private: () }
    }

    /// The context of the check that runs on this thread.
    pub(crate) fn current() -> Option<Context> {
        CURRENT.with_borrow(|stack| stack.last().cloned())
    }
}

thread_local! {
    static CURRENT: RefCell<Vec<Context>> = const { RefCell::new(Vec::new()) };
}

/// Leaves the current context when dropped.
pub(crate) struct Entered {
    _private: (),
}

impl Drop for Entered {
    fn drop(&mut self) {
        // Dropped outside of the borrow: a context's end runs code of others.
        let left = CURRENT.with_borrow_mut(Vec::pop);
        drop(left);
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("trial", &self.trial.name)
            .field("replay", &self.is_replay())
            .finish_non_exhaustive()
    }
}

impl Resource for Context {
    const REPLAYABLE: bool = true;

    async fn acquire(cx: &Context) -> Result<Self, Unavailable> {
        Ok(cx.clone())
    }
}

#[cfg(test)]
mod tests;
