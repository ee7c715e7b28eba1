//! Where the observations of a context come from.
//!
//! A lane is a scope with its own counters of occurrences over one of three sources: the world, a
//! recording shared by the run, or a replay. A replay that is asked for what was never recorded
//! *diverges*: a flag outside of the check's reach is set, the call fails, and a check that goes on
//! asking is unwound.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant, SystemTime};

use super::recording::{Altered, Failure, Identity, Recording, Stored, nested};
use crate::error::{Class, Error};
use crate::run::lock;

/// How often a diverged check may ask on before it is unwound: enough to clean up after an error.
const STEPS_AFTER_DIVERGING: usize = 16;
/// How many calls a replay may make besides twice those of the recording.
const SPARE_STEPS: usize = 1_000;

/// The payload of the unwinding that ends a diverged replay. Never seen by a panic hook.
pub(crate) struct DivergedUnwind;

/// Where observations come from.
pub(super) enum Source {
    /// The world; observations go into the recording.
    Live(Arc<Recording>),
    /// A recording that the run shares; what is served goes into the trial's recording as well.
    Shared {
        from: Arc<Recording>,
        into: Arc<Recording>,
    },
    /// A replay.
    Replay(Arc<Replay>),
}

/// A scope with its counters over a source.
pub(super) struct Lane {
    pub(super) source: Source,
    /// The scope within the recording that is written, or replayed.
    pub(super) scope: Arc<str>,
    /// The scope within the shared recording.
    pub(super) within: Arc<str>,
    counters: Mutex<HashMap<Name, u32>>,
    pub(super) virtual_clock: Mutex<VirtualClock>,
}

/// Kind and key of an observation.
type Name = (Cow<'static, str>, Arc<str>);

/// What a replayed clock shows: the latest recorded time and what was slept since.
#[derive(Default)]
pub(super) struct VirtualClock {
    pub(super) recorded: Option<SystemTime>,
    pub(super) slept: Duration,
}

impl Lane {
    fn new(source: Source, scope: Arc<str>, within: Arc<str>) -> Self {
        Self {
            source,
            scope,
            within,
            counters: Mutex::default(),
            virtual_clock: Mutex::default(),
        }
    }

    pub(super) fn live(into: Arc<Recording>) -> Self {
        // One for all: every trial has a lane.
        static NO_SCOPE: OnceLock<Arc<str>> = OnceLock::new();
        let none = NO_SCOPE.get_or_init(|| Arc::from(""));
        Self::new(Source::Live(into), Arc::clone(none), Arc::clone(none))
    }

    pub(super) fn shared(from: Arc<Recording>, into: Arc<Recording>, scope: &str) -> Self {
        Self::new(
            Source::Shared { from, into },
            Arc::from(scope),
            Arc::from(""),
        )
    }

    pub(super) fn replay(replay: Arc<Replay>, scope: &str) -> Self {
        Self::new(Source::Replay(replay), Arc::from(scope), Arc::from(""))
    }

    /// The lane of a run-scoped recording within this one, which is not live.
    pub(super) fn inner(&self, key: &str) -> Option<Self> {
        let scope = nested(&self.scope, key);
        match &self.source {
            Source::Live(_) => None,
            Source::Shared { from, into } => {
                let source = Source::Shared {
                    from: Arc::clone(from),
                    into: Arc::clone(into),
                };
                Some(Self::new(source, scope, nested(&self.within, key)))
            }
            Source::Replay(replay) => Some(Self::replay(Arc::clone(replay), &scope)),
        }
    }

    pub(super) fn is_replay(&self) -> bool {
        matches!(self.source, Source::Replay(_))
    }

    pub(super) fn as_replay(&self) -> Option<&Arc<Replay>> {
        match &self.source {
            Source::Replay(replay) => Some(replay),
            _ => None,
        }
    }

    /// The identity of the next observation of this kind and key.
    pub(super) fn identify(&self, kind: &'static str, key: Arc<str>) -> Identity {
        let kind = Cow::Borrowed(kind);
        let mut counters = lock(&self.counters);
        let occurrence = counters
            .entry((kind.clone(), Arc::clone(&key)))
            .and_modify(|count| *count += 1)
            .or_insert(1);
        Identity {
            scope: Arc::clone(&self.scope),
            kind,
            key,
            occurrence: *occurrence,
        }
    }
}

/// One replay: a recording, at most one alteration, and what became of it.
pub(crate) struct Replay {
    recording: Arc<Recording>,
    altered: Option<(usize, Altered)>,
    deadline: Instant,
    max_steps: usize,
    steps: AtomicUsize,
    /// Steps since the divergence, plus one; zero while there is none.
    since_diverging: AtomicUsize,
    diverged: OnceLock<String>,
    formless: OnceLock<String>,
}

impl Replay {
    /// Replays `recording` with the entry at a place altered, for `limit` at most.
    pub(crate) fn new(
        recording: Arc<Recording>,
        altered: Option<(usize, Altered)>,
        limit: Duration,
    ) -> Arc<Self> {
        let max_steps = recording.len() * 2 + SPARE_STEPS;
        let now = Instant::now();
        Arc::new(Self {
            recording,
            altered,
            deadline: now.checked_add(limit).unwrap_or(now),
            max_steps,
            steps: AtomicUsize::new(0),
            since_diverging: AtomicUsize::new(0),
            diverged: OnceLock::new(),
            formless: OnceLock::new(),
        })
    }

    pub(super) fn recording(&self) -> &Arc<Recording> {
        &self.recording
    }

    /// Why the replay left its recording, if it did.
    pub(crate) fn diverged(&self) -> Option<&str> {
        self.diverged.get().map(String::as_str)
    }

    /// The resource without a replay form that was asked for, if one was.
    pub(crate) fn formless(&self) -> Option<&str> {
        self.formless.get().map(String::as_str)
    }

    pub(super) fn lacks_a_form(&self, resource: &str) {
        self.formless.get_or_init(|| resource.to_owned());
    }

    /// Counts a call of the check. Unwinds one that has diverged and goes on, or does not end.
    pub(super) fn step(&self) {
        let steps = self.steps.fetch_add(1, Ordering::Relaxed);
        if steps > self.max_steps {
            self.set_diverged(|| format!("it does not end: {steps} calls"));
            unwind();
        }
        if Instant::now() > self.deadline {
            self.set_diverged(|| String::from("it ran out of time"));
            unwind();
        }
        if self.since_diverging.load(Ordering::Relaxed) > 0
            && self.since_diverging.fetch_add(1, Ordering::Relaxed) > STEPS_AFTER_DIVERGING
        {
            unwind();
        }
    }

    /// Sets the flag and gives the error that the check sees.
    pub(super) fn diverge(&self, identity: &Identity) -> Error {
        self.set_diverged(|| format!("`{identity}` was not recorded"));
        Error::other(format!("the replay has no `{identity}`"))
    }

    /// Sets the flag where no error can be returned, and unwinds.
    pub(super) fn diverge_now(&self, identity: &Identity) -> ! {
        self.set_diverged(|| format!("`{identity}` was not recorded"));
        unwind()
    }

    pub(crate) fn set_diverged(&self, why: impl FnOnce() -> String) {
        self.diverged.get_or_init(why);
        self.since_diverging.fetch_max(1, Ordering::Relaxed);
    }

    /// What was recorded under `identity`, or its alteration.
    pub(super) fn serve(&self, identity: &Identity) -> Option<Stored> {
        let (place, stored) = self.recording.find(identity)?;
        match &self.altered {
            Some((altered, Altered::Value(value))) if *altered == place => {
                Some(Stored::Seen(Arc::clone(value)))
            }
            Some((altered, Altered::Failure)) if *altered == place => {
                Some(Stored::Failed(no_answer(identity)))
            }
            _ => Some(stored),
        }
    }
}

/// What a check sees of an observation that is altered into a failure.
fn no_answer(identity: &Identity) -> Failure {
    Failure {
        class: Class::Other,
        message: format!("no answer to {} {}", identity.kind, identity.key),
    }
}

/// Ends a replay. `resume_unwind` does not call the panic hook, so nothing is printed.
fn unwind() -> ! {
    std::panic::resume_unwind(Box::new(DivergedUnwind))
}
