//! What a check saw, and how it can be altered.
//!
//! A *kind* of observation is a type that implements [`Observation`]: it records, notes which of its
//! facets a check read ([`Reads`]), and brings the mutation operators for those facets. The runtime
//! has kinds for settings, environment variables, log lines, measurements and JSON documents; HTTP
//! replies are with the probes. A kind of one's own is a plain struct:
//!
//! ```
//! use std::collections::BTreeSet;
//!
//! use readiness::observation::{Facet, Mutant, Observation, Reads};
//! use readiness::{Context, Result, ensure};
//! use serde::{Deserialize, Serialize};
//!
//! /// The last backup, as the backup tool lists it.
//! #[derive(Clone, Serialize, Deserialize)]
//! struct Backup {
//!     bytes: u64,
//!     age_hours: u64,
//!     #[serde(skip)]
//!     reads: Reads,
//! }
//!
//! impl Backup {
//!     // Every accessor notes what it tells.
//!     fn bytes(&self) -> u64 {
//!         self.reads.note("bytes");
//!         self.bytes
//!     }
//!
//!     fn age_hours(&self) -> u64 {
//!         self.reads.note("age");
//!         self.age_hours
//!     }
//! }
//!
//! impl Observation for Backup {
//!     const KIND: &'static str = "backup";
//!
//!     fn attach(&mut self, reads: Reads) {
//!         self.reads = reads;
//!     }
//!
//!     // For each facet that was read, what a sound check has to notice.
//!     fn mutants(&self, read: &BTreeSet<Facet>) -> Vec<Mutant<Self>> {
//!         let mut mutants = Vec::new();
//!         for facet in read {
//!             let (operator, words, altered) = match facet.0.as_str() {
//!                 "bytes" => ("emptied", "the backup is empty", Backup { bytes: 0, ..self.clone() }),
//!                 _ => ("aged", "the backup is a year old", Backup { age_hours: 8_760, ..self.clone() }),
//!             };
//!             mutants.push(Mutant::fine(operator, facet.clone(), words, altered));
//!         }
//!         mutants
//!     }
//! }
//!
//! async fn backup_is_recent(cx: Context) -> Result<()> {
//!     let backup: Backup = cx
//!         .observe("postgres", || async {
//!             // Ask the backup tool; under replay this does not run.
//!             Ok(Backup { bytes: 12_345, age_hours: 3, reads: Reads::default() })
//!         })
//!         .await?;
//!     ensure!(backup.age_hours() <= 26, "the last backup is {} hours old", backup.age_hours());
//!     ensure!(backup.bytes() > 0, "the last backup is empty");
//!     Ok(())
//! }
//! # let _ = backup_is_recent;
//! ```
//!
//! Two habits make a kind a good one. Its accessors answer with findings
//! ([`Error::finding`](crate::Error::finding)) where what was seen has another shape than it must
//! have, and with other errors only for what is between the check and the target: only the first
//! count as noticed. And what must *not* be there has an accessor of its own that notes the question,
//! so that there is something to add; see [`json::Json::is_absent`].

pub mod env;
pub mod json;
pub mod log_lines;
pub mod measurement;
mod scalar;
pub mod setting;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::{fmt, io};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A kind of observation.
///
/// Values are bounded by whoever makes them, raw in memory, and redacted at every sink.
pub trait Observation: Clone + Send + Sync + Serialize + DeserializeOwned + 'static {
    /// Name of the kind: part of an observation's identity, e.g. `http`.
    const KIND: &'static str;

    /// Whether every number of this kind was counted or measured on this side, and none was taken
    /// from what was answered: then none can be somebody's card number, and a recording that is
    /// shared ([`Context::once`](crate::Context::once)) keeps them all. Texts are masked as always.
    const MEASURED: bool = false;

    /// Hands over the note-taker; every accessor notes the facet it reads.
    fn attach(&mut self, reads: Reads);

    /// The alterations of `self` for the facets that were read, in a fixed order, the strongest
    /// first within a facet. Each must differ from `self`.
    fn mutants(&self, read: &BTreeSet<Facet>) -> Vec<Mutant<Self>>;

    /// Whether `other` is the same observation: an alteration that is the same as the original
    /// was not applied, which is an error of its operator. The default compares the encodings; a
    /// kind with large values should compare its fields.
    fn same(&self, other: &Self) -> bool {
        let Ok(own) = serde_json::to_vec(self) else {
            return false;
        };
        // Written against what is expected, so that the first difference ends it.
        let mut rest = Expected(&own);
        serde_json::to_writer(&mut rest, other).is_ok() && rest.0.is_empty()
    }
}

/// A writer that fails at the first byte that differs from what is expected.
struct Expected<'a>(&'a [u8]);

impl io::Write for Expected<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.strip_prefix(bytes) {
            Some(rest) => {
                self.0 = rest;
                Ok(bytes.len())
            }
            None => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// One part of an observation that a check can read, e.g. `header x-frame-options`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Facet(pub String);

impl fmt::Display for Facet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Notes which facets of one observation were read. Clones share the notes.
///
/// The default is nobody's and keeps nothing: what a value holds until it is observed, and what it
/// holds under replay, where what is read was noted before.
#[derive(Debug, Clone, Default)]
pub struct Reads(Option<Arc<Mutex<BTreeSet<Facet>>>>);

/// Facets of one observation that are noted, and bytes of one: names come from what was seen, and
/// that may be anything. Far fewer are altered.
const MAX_FACETS: usize = 20_000;
const MAX_FACET: usize = 1_024;

impl Reads {
    /// Notes that are kept: what [`attach`](Observation::attach) is given live, and in a test of a kind.
    pub fn listening() -> Self {
        Self(Some(Arc::default()))
    }

    /// Notes a read. What is beyond all reason, in number or length, is not noted.
    pub fn note(&self, facet: impl Into<String>) {
        self.note_with(|| facet.into());
    }

    /// Notes a read whose name takes some making: it is made only where somebody listens.
    pub fn note_with(&self, facet: impl FnOnce() -> String) {
        let Some(facets) = &self.0 else {
            return;
        };
        let facet = Facet(facet());
        let mut facets = facets.lock().unwrap_or_else(PoisonError::into_inner);
        if facet.0.len() <= MAX_FACET && facets.len() < MAX_FACETS {
            facets.insert(facet);
        }
    }

    /// Whether notes are kept.
    pub fn is_listening(&self) -> bool {
        self.0.is_some()
    }

    /// What was read so far.
    pub fn facets(&self) -> BTreeSet<Facet> {
        match &self.0 {
            Some(facets) => facets
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
            None => BTreeSet::new(),
        }
    }
}

/// Whether what stands under this name is a secret: a field, header or parameter called `api_key`,
/// `Set-Cookie` or `password`. The words of a mutant should not tell its value.
pub fn is_secret_name(name: &str) -> bool {
    crate::redact::names::is_secret_field(name)
}

/// How much an operator changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// One facet that the check read: a kill proves the pass.
    Fine,
    /// Everything at once (5xx, empty, no connection): robustness, reported apart.
    Gross,
}

/// An altered observation.
#[derive(Debug, Clone)]
pub struct Mutant<T> {
    /// The operator's stable name, e.g. `header-dropped`.
    pub operator: &'static str,
    /// The facet it alters.
    pub facet: Facet,
    /// In words that follow "still passes when": `x-frame-options is missing`.
    pub words: String,
    /// Fine or gross.
    pub strength: Strength,
    /// What the check sees instead.
    pub altered: Altered<T>,
}

impl<T> Mutant<T> {
    /// An alteration of one facet.
    pub fn fine(
        operator: &'static str,
        facet: Facet,
        words: impl Into<String>,
        altered: impl Into<Altered<T>>,
    ) -> Self {
        Self {
            operator,
            facet,
            words: words.into(),
            strength: Strength::Fine,
            altered: altered.into(),
        }
    }

    /// An alteration of everything at once.
    pub fn gross(
        operator: &'static str,
        words: impl Into<String>,
        altered: impl Into<Altered<T>>,
    ) -> Self {
        Self {
            strength: Strength::Gross,
            ..Self::fine(operator, Facet("everything".to_owned()), words, altered)
        }
    }

    /// What it makes of `original`; `None` for an observation that fails to be made.
    pub fn apply(self, original: &T) -> Option<T> {
        self.altered.apply(original)
    }
}

/// What stands in place of an observation.
pub enum Altered<T> {
    /// This.
    Value(T),
    /// What this makes of the original. For values that may be large: an alteration is made when it
    /// is tried and dropped before the next one, so a hundred of them take the memory of one.
    Made(Arc<dyn Fn(&T) -> T + Send + Sync>),
    /// Nothing: the observation fails to be made.
    Failure,
}

impl<T> Altered<T> {
    /// What `make` makes of the original, when the alteration is tried.
    pub fn made(make: impl Fn(&T) -> T + Send + Sync + 'static) -> Self {
        Altered::Made(Arc::new(make))
    }

    pub(crate) fn apply(self, original: &T) -> Option<T> {
        match self {
            Altered::Value(value) => Some(value),
            Altered::Made(make) => Some(make(original)),
            Altered::Failure => None,
        }
    }
}

impl<T> From<T> for Altered<T> {
    fn from(value: T) -> Self {
        Altered::Value(value)
    }
}

impl<T: Clone> Clone for Altered<T> {
    fn clone(&self) -> Self {
        match self {
            Altered::Value(value) => Altered::Value(value.clone()),
            Altered::Made(make) => Altered::Made(Arc::clone(make)),
            Altered::Failure => Altered::Failure,
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Altered<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Altered::Value(value) => f.debug_tuple("Value").field(value).finish(),
            Altered::Made(_) => f.write_str("Made(..)"),
            Altered::Failure => f.write_str("Failure"),
        }
    }
}

#[cfg(test)]
mod tests;
