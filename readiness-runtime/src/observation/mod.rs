//! What a check saw, and how it can be altered.
//!
//! A *kind* of observation is a type that implements [`Observation`]: it records, notes which of its
//! facets a check read ([`Reads`]), and brings the mutation operators for those facets.

pub mod env;
pub mod json;
pub mod log_lines;
pub mod measurement;
mod scalar;
pub mod setting;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A kind of observation.
///
/// Values are bounded by whoever makes them, raw in memory, and redacted at every sink.
pub trait Observation: Clone + Send + Sync + Serialize + DeserializeOwned + 'static {
    /// Name of the kind: part of an observation's identity, e.g. `http`.
    const KIND: &'static str;

    /// Hands over the note-taker; every accessor notes the facet it reads.
    fn attach(&mut self, reads: Reads);

    /// The alterations of `self` for the facets that were read, in a fixed order, the strongest
    /// first within a facet. Each must differ from `self`.
    fn mutants(&self, read: &BTreeSet<Facet>) -> Vec<Mutant<Self>>;

    /// Whether `other` is the same observation: an alteration that is the same as the original
    /// was not applied, which is an error of its operator. Encodings are compared unless a kind
    /// knows a cheaper way.
    fn same(&self, other: &Self) -> bool {
        match (serde_json::to_vec(self), serde_json::to_vec(other)) {
            (Ok(this), Ok(other)) => this == other,
            _ => false,
        }
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
#[derive(Debug, Clone, Default)]
pub struct Reads(Arc<Mutex<BTreeSet<Facet>>>);

impl Reads {
    /// Notes a read.
    pub fn note(&self, facet: impl Into<String>) {
        let facet = Facet(facet.into());
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(facet);
    }

    /// What was read so far.
    pub fn facets(&self) -> BTreeSet<Facet> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
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
    /// What the check sees instead; `None` for an observation that fails to be made.
    pub altered: Option<T>,
}
