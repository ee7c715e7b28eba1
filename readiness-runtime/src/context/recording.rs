//! What a trial saw, in memory: the observations by identity, each with the notes of what was read.
//!
//! An identity is (scope, kind, key, occurrence). The scope is the name of a run-scoped recording,
//! empty for the trial's own. Values are raw and typed; those that came out of a file are JSON until
//! a check asks for them by type.

use std::any::Any;
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use serde_json::Value;

use crate::error::{Class, Error};
use crate::observation::{Facet, Observation, Reads, Strength};
use crate::run::lock;

/// Observations of one trial beyond this are passed on, not kept: the pass is then unproven.
/// A burst of the largest tier is 1,000 requests; load is summed up in measurements.
pub(crate) const MAX_ENTRIES: usize = 20_000;

/// What an observation is called in a recording.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Identity {
    pub(crate) scope: Arc<str>,
    pub(crate) kind: Cow<'static, str>,
    pub(crate) key: Arc<str>,
    /// From 1.
    pub(crate) occurrence: u32,
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} #{}", self.kind, self.key, self.occurrence)?;
        if self.scope.is_empty() {
            return Ok(());
        }
        write!(f, " of {}", self.scope)
    }
}

/// An observation that failed to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) class: Class,
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn of(error: &Error) -> Self {
        Self {
            class: error.class(),
            message: error.to_string(),
        }
    }

    pub(crate) fn error(&self) -> Error {
        Error::with_class(self.class, self.message.clone())
    }
}

/// A recorded value.
#[derive(Clone)]
pub(crate) enum Stored {
    /// An observation.
    Seen(Arc<dyn Erased>),
    /// An observation that failed.
    Failed(Failure),
    /// What the clock said. Not an observation: it neither counts nor is altered.
    Time(SystemTime),
    /// A nonce that was given out. Not an observation either.
    Nonce(String),
}

impl Stored {
    /// Whether the trial learnt something about the world from it.
    pub(crate) fn is_observation(&self) -> bool {
        matches!(self, Stored::Seen(_) | Stored::Failed(_))
    }
}

/// A recorded value with what was read of it.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) identity: Identity,
    pub(crate) stored: Stored,
    pub(crate) reads: Reads,
}

/// The observations of a trial, in the order in which they were made. Shared and append-only.
#[derive(Default)]
pub(crate) struct Recording(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    entries: Vec<Entry>,
    index: HashMap<Identity, usize>,
    overflowed: bool,
}

impl Recording {
    /// Keeps `stored` and returns its notes; those of the first where the identity is known already.
    pub(crate) fn keep(&self, identity: Identity, stored: Stored) -> Reads {
        let mut inner = lock(&self.0);
        if let Some(&known) = inner.index.get(&identity) {
            return inner.entries[known].reads.clone();
        }
        let reads = Reads::listening();
        if inner.entries.len() >= MAX_ENTRIES {
            inner.overflowed = true;
            return reads;
        }
        let place = inner.entries.len();
        inner.index.insert(identity.clone(), place);
        inner.entries.push(Entry {
            identity,
            stored,
            reads: reads.clone(),
        });
        reads
    }

    /// Takes over an entry of another recording under a scope of its own, notes shared.
    pub(crate) fn adopt(&self, scope: &str, entry: &Entry) {
        let mut entry = entry.clone();
        entry.identity.scope = nested(scope, &entry.identity.scope);
        let mut inner = lock(&self.0);
        if inner.index.contains_key(&entry.identity) {
            return;
        }
        if inner.entries.len() >= MAX_ENTRIES {
            inner.overflowed = true;
            return;
        }
        let place = inner.entries.len();
        inner.index.insert(entry.identity.clone(), place);
        inner.entries.push(entry);
    }

    /// What was recorded under this identity, and its place among [`Recording::entries`].
    pub(crate) fn find(&self, identity: &Identity) -> Option<(usize, Stored)> {
        let inner = lock(&self.0);
        let place = *inner.index.get(identity)?;
        Some((place, inner.entries.get(place)?.stored.clone()))
    }

    /// How many entries there are.
    pub(crate) fn len(&self) -> usize {
        lock(&self.0).entries.len()
    }

    /// All entries so far.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        lock(&self.0).entries.clone()
    }

    /// Whether more was observed than is kept.
    pub(crate) fn overflowed(&self) -> bool {
        lock(&self.0).overflowed
    }
}

/// The scope `inner` inside of `outer`.
pub(crate) fn nested(outer: &str, inner: &str) -> Arc<str> {
    match (outer.is_empty(), inner.is_empty()) {
        (true, _) => Arc::from(inner),
        (_, true) => Arc::from(outer),
        _ => Arc::from(format!("{outer}/{inner}")),
    }
}

/// An observation of any kind.
pub(crate) trait Erased: Send + Sync {
    /// For the way back to the type.
    fn as_any(&self) -> &dyn Any;
    /// Whether its numbers are its own: see [`Observation::MEASURED`].
    fn is_measured(&self) -> bool;
    /// Its encoding, raw.
    fn encode(&self) -> Result<Value, serde_json::Error>;
    /// Its alterations.
    fn mutants(&self, read: &BTreeSet<Facet>) -> Vec<ErasedMutant>;
}

/// Makes an alteration of the original, when it is tried.
type Make = Box<dyn FnOnce(&dyn Erased) -> Altered>;

/// An alteration of an observation of any kind.
pub(crate) struct ErasedMutant {
    pub(crate) operator: &'static str,
    pub(crate) facet: Facet,
    pub(crate) words: String,
    pub(crate) strength: Strength,
    pub(crate) make: Make,
}

/// What a replay serves in place of a recorded observation.
#[derive(Clone)]
pub(crate) enum Altered {
    /// Another value.
    Value(Arc<dyn Erased>),
    /// A failure to look.
    Failure,
    /// The operator changed nothing: its error.
    Nothing,
}

/// A typed observation behind [`Erased`].
pub(crate) struct Typed<T>(pub(crate) T);

impl<T: Observation> Erased for Typed<T> {
    fn as_any(&self) -> &dyn Any {
        &self.0
    }

    fn is_measured(&self) -> bool {
        T::MEASURED
    }

    fn encode(&self) -> Result<Value, serde_json::Error> {
        serde_json::to_value(&self.0)
    }

    fn mutants(&self, read: &BTreeSet<Facet>) -> Vec<ErasedMutant> {
        let erase = |mutant: crate::observation::Mutant<T>| ErasedMutant {
            operator: mutant.operator,
            facet: mutant.facet,
            words: mutant.words,
            strength: mutant.strength,
            make: Box::new(move |original| altered(mutant.altered, original)),
        };
        self.0.mutants(read).into_iter().map(erase).collect()
    }
}

fn altered<T: Observation>(
    alteration: crate::observation::Altered<T>,
    original: &dyn Erased,
) -> Altered {
    let Some(original) = original.as_any().downcast_ref::<T>() else {
        return Altered::Nothing;
    };
    match alteration.apply(original) {
        None => Altered::Failure,
        Some(value) if value.same(original) => Altered::Nothing,
        Some(value) => Altered::Value(Arc::new(Typed(value))),
    }
}

/// An observation that was read back from a file: typed by whoever asks for it.
pub(crate) struct Encoded(pub(crate) Value);

impl Erased for Encoded {
    fn as_any(&self) -> &dyn Any {
        &self.0
    }

    fn is_measured(&self) -> bool {
        false
    }

    fn encode(&self) -> Result<Value, serde_json::Error> {
        Ok(self.0.clone())
    }

    fn mutants(&self, _read: &BTreeSet<Facet>) -> Vec<ErasedMutant> {
        Vec::new()
    }
}
