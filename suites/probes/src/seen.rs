//! What the probes of stores, metrics and files have in common: an observation that is a JSON value
//! of a named kind, with the operators of every JSON value and those of its own kind.
//!
//! A probe shapes what it saw so that a reader finds a value by its name (`{"maxmemory": 67108864}`
//! rather than a list of pairs): then a proof alters exactly what was read.

use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use readiness::observation::json::{Json, alterations};
use readiness::observation::{Altered, Facet, Mutant, Observation, Reads};
use readiness::{Finding, Result};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// Facets are this, a colon and a JSON pointer.
const PREFIX: &str = "seen";

/// Alterations by a kind's own operators at most.
const MAX_OWN: usize = 32;

/// A kind of observation that is a JSON value.
pub trait Kind: Clone + fmt::Debug + Send + Sync + 'static {
    /// Its name: part of an observation's identity.
    const KIND: &'static str;

    /// What else than the operators of any JSON value can happen to the field `name`, which holds
    /// `value`: a switch that is off, an older protocol. Each must differ from `value`.
    fn changes(name: &str, value: &Value) -> Vec<Change> {
        let _ = (name, value);
        Vec::new()
    }
}

/// One thing that can happen to a field.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The operator's stable name, e.g. `switched-off`.
    pub operator: &'static str,
    /// What stands there instead.
    pub value: Value,
}

impl Change {
    /// `value` instead of what is there.
    pub fn new(operator: &'static str, value: impl Into<Value>) -> Change {
        Change {
            operator,
            value: value.into(),
        }
    }
}

/// An observation of the kind `K`: a JSON value whose reader notes what it reads.
#[derive(Debug, Clone)]
pub struct Seen<K> {
    value: Arc<Value>,
    json: Json,
    kind: PhantomData<K>,
}

impl<K> Seen<K> {
    /// Something that was seen.
    pub fn new(value: Value) -> Seen<K> {
        Self::noting(Arc::new(value), Reads::default())
    }

    fn noting(value: Arc<Value>, reads: Reads) -> Seen<K> {
        Seen {
            json: Json::tracked(Arc::clone(&value), reads, PREFIX),
            value,
            kind: PhantomData,
        }
    }

    /// A copy with another value at a place that is there.
    fn with(&self, pointer: &str, value: &Value) -> Seen<K> {
        let mut altered = (*self.value).clone();
        if let Some(slot) = altered.pointer_mut(pointer) {
            *slot = value.clone();
        }
        Seen::new(altered)
    }

    /// The whole, as a place to read from.
    pub fn json(&self) -> &Json {
        &self.json
    }

    /// The field `name`. Nothing is read before its value is asked for.
    pub fn get(&self, name: &str) -> Json {
        self.json.get(name)
    }

    /// The elements, if a list was seen.
    ///
    /// # Errors
    /// A finding when it is no list.
    pub fn items(&self) -> Result<Vec<Json>> {
        self.json.items()
    }
}

impl<K> Serialize for Seen<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

impl<'de, K> Deserialize<'de> for Seen<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::new)
    }
}

impl<K: Kind> Observation for Seen<K> {
    const KIND: &'static str = K::KIND;

    fn attach(&mut self, reads: Reads) {
        *self = Self::noting(Arc::clone(&self.value), reads);
    }

    fn mutants(&self, read: &BTreeSet<Facet>) -> Vec<Mutant<Self>> {
        let own = own_changes::<K>(&self.value, read);
        let general = alterations(&self.value, PREFIX, read)
            .into_iter()
            .map(|alteration| {
                let (operator, facet) = (alteration.operator, alteration.facet.clone());
                let words = format!("{} {}", K::KIND, alteration.words);
                let made = move |seen: &Self| Self::new(alteration.apply(&seen.value));
                Mutant::fine(operator, facet, words, Altered::made(made))
            });
        own.into_iter().chain(general).collect()
    }

    fn same(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

/// The alterations by the kind's own operators: of the first of the places that differ only in
/// positions of lists.
fn own_changes<K: Kind>(value: &Value, read: &BTreeSet<Facet>) -> Vec<Mutant<Seen<K>>> {
    let mut patterns = BTreeSet::new();
    let mut mutants = Vec::new();
    for facet in read {
        let pointer = facet
            .0
            .strip_prefix(PREFIX)
            .and_then(|rest| rest.strip_prefix(':'));
        let Some(pointer) = pointer.filter(|pointer| !pointer.contains('#')) else {
            continue;
        };
        let Some(found) = value.pointer(pointer) else {
            continue;
        };
        let name = pointer.rsplit('/').next().unwrap_or_default();
        if !patterns.insert(pattern(pointer)) {
            continue;
        }
        for change in K::changes(name, found) {
            if mutants.len() == MAX_OWN {
                return mutants;
            }
            let place = pointer.trim_start_matches('/');
            let words = format!("{} {place} is {}", K::KIND, shown(&change.value));
            let (pointer, value) = (pointer.to_owned(), change.value);
            let made = Altered::made(move |seen: &Seen<K>| seen.with(&pointer, &value));
            mutants.push(Mutant::fine(change.operator, facet.clone(), words, made));
        }
    }
    mutants
}

/// The pointer with positions of lists left out.
fn pattern(pointer: &str) -> String {
    let is_position = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    pointer
        .split('/')
        .map(|part| if is_position(&part) { "*" } else { part })
        .collect()
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A whole number that counts something.
///
/// # Errors
/// A finding if there is none, or a negative one, which no count is.
pub(crate) fn count(place: &Json) -> Result<i64> {
    let number = place.i64()?;
    if number < 0 {
        return Err(Finding::new(format!("{} is {number}, which cannot be", place.place())).into());
    }
    Ok(number)
}

/// A number that measures something: a time, a size.
///
/// # Errors
/// A finding if there is none, or a negative one.
pub(crate) fn amount(place: &Json) -> Result<f64> {
    let number = place.f64()?;
    if number < 0.0 {
        return Err(Finding::new(format!("{} is {number}, which cannot be", place.place())).into());
    }
    Ok(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Debug, Clone)]
    struct Switches;

    impl Kind for Switches {
        const KIND: &'static str = "switches";

        fn changes(name: &str, value: &Value) -> Vec<Change> {
            match (name, value.as_str()) {
                ("state", Some("on")) => vec![Change::new("switched-off", "off")],
                _ => Vec::new(),
            }
        }
    }

    fn observed(value: Value) -> (Seen<Switches>, Reads) {
        let mut seen = Seen::new(value);
        let reads = Reads::listening();
        seen.attach(reads.clone());
        (seen, reads)
    }

    #[test]
    fn only_what_was_read_is_altered() {
        let (seen, reads) = observed(json!({"state": "on", "other": "on"}));
        assert!(seen.mutants(&reads.facets()).is_empty());
        assert_eq!(seen.get("state").as_str(), Some("on"));
        let mutants = seen.mutants(&reads.facets());
        let values: Vec<Value> = mutants
            .iter()
            .map(|mutant| serde_json::to_value(mutant.clone().apply(&seen).unwrap()).unwrap())
            .collect();
        assert!(
            values
                .iter()
                .all(|value| value["other"] == "on" && value["state"] != "on")
        );
        assert_eq!(mutants[0].operator, "switched-off");
        assert_eq!(mutants[0].words, "switches state is off");
        assert_eq!(values[0]["state"], "off");
    }

    #[test]
    fn a_kind_alters_one_of_many_like_places() {
        let (seen, reads) = observed(json!([{"state": "on"}, {"state": "on"}]));
        for item in seen.items().unwrap() {
            assert_eq!(item.get("state").as_str(), Some("on"));
        }
        let mutants = seen.mutants(&reads.facets());
        let own: Vec<_> = mutants
            .into_iter()
            .filter(|m| m.operator == "switched-off")
            .collect();
        assert_eq!(own.len(), 1);
        let altered = serde_json::to_value(own[0].clone().apply(&seen).unwrap()).unwrap();
        assert_eq!(altered, json!([{"state": "off"}, {"state": "on"}]));
    }

    #[test]
    fn it_survives_being_stored() {
        let (seen, _) = observed(json!({"a": [1, 2]}));
        let stored = serde_json::to_string(&seen).unwrap();
        let back: Seen<Switches> = serde_json::from_str(&stored).unwrap();
        assert!(seen.same(&back));
    }
}
