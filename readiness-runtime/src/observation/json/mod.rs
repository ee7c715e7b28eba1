//! A view of a JSON value that notes what is read: for the bodies of replies, for documents, and as
//! a kind of its own.
//!
//! Facets are a prefix and a JSON pointer: `body:/data/0/chain` for a value that was read,
//! `body:/data#len` for a length or an iteration, `body:/error#absent` for a field whose absence was
//! asked for.

mod alter;
mod path;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::{Facet, Mutant, Observation, Reads};
use crate::error::{Error, Result};

pub use alter::{Alteration, alterations};
pub(crate) use path::Path;

/// Leaves noted by one [`Json::to`] at most: the alterations are far fewer.
const MAX_LEAVES: usize = 2_000;

/// A place in a JSON value, there or not. Cheap to clone; reading notes what was read.
///
/// ```
/// # use readiness::{Result, ensure};
/// # use readiness::observation::json::Json;
/// fn has_exploits(body: &Json) -> Result<()> {
///     let rows = body.get("data").items()?;
///     ensure!(!rows.is_empty(), "no rows");
///     for row in rows {
///         ensure!(row.get("amount_usd").f64()? >= 0.0, "{} is negative", row.get("tx_hash").str()?);
///     }
///     Ok(())
/// }
/// let body = serde_json::json!({"data": [{"tx_hash": "0x1", "amount_usd": 12.5}]});
/// assert!(has_exploits(&Json::new(body)).is_ok());
/// let error = has_exploits(&Json::new(serde_json::json!({"data": [{}]}))).unwrap_err();
/// assert_eq!(error.to_string(), "data[0].amount_usd is missing, a number was expected");
/// ```
#[derive(Debug, Clone)]
pub struct Json {
    root: Arc<Value>,
    /// Where the root itself is, in facets and messages.
    base: Path,
    path: Path,
    reads: Reads,
    prefix: &'static str,
}

impl Json {
    /// A view that notes for nobody, until it is observed.
    pub fn new(value: Value) -> Self {
        Self::tracked(Arc::new(value), Reads::default(), "json")
    }

    /// A view of a part of another observation: facets begin with `prefix` and a colon.
    pub fn tracked(value: Arc<Value>, reads: Reads, prefix: &'static str) -> Self {
        Self {
            root: value,
            base: Path::root(),
            path: Path::root(),
            reads,
            prefix,
        }
    }

    /// One element of a list of which only this element is kept: its place counts from the list.
    pub(crate) fn element(
        at: usize,
        value: Arc<Value>,
        reads: Reads,
        prefix: &'static str,
    ) -> Self {
        Self {
            base: Path::root().index(at),
            ..Self::tracked(value, reads, prefix)
        }
    }

    /// The field `key`. Nothing is read before the value is asked for.
    #[must_use]
    pub fn get(&self, key: &str) -> Self {
        self.below(self.path.key(key))
    }

    /// The place that a JSON pointer leads to from here, e.g. `/data/0/chain`.
    #[must_use]
    pub fn at(&self, pointer: &str) -> Self {
        self.below(self.path.pointer(pointer))
    }

    /// The element at a position.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.below(self.path.index(index))
    }

    /// Where this is, for messages: `data[0].chain`, or `the document` for the root.
    pub fn place(&self) -> String {
        self.path.words_from(&self.base)
    }

    /// Whether there is something here, be it null.
    pub fn exists(&self) -> bool {
        self.read().is_some()
    }

    /// Whether there is nothing here. Ask this way where nothing *must* be here: the proof then
    /// adds something, which `exists` cannot know to be of interest.
    pub fn is_absent(&self) -> bool {
        self.note("#absent");
        self.peek().is_none()
    }

    /// Whether null is here. Ask this way where null *must* be here: the proof then puts a text in
    /// its place, which a check that takes what it finds, or nothing, is not tried with.
    pub fn is_null(&self) -> bool {
        self.note("#null");
        self.peek().is_some_and(Value::is_null)
    }

    /// The text here, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        self.read()?.as_str()
    }

    /// The whole number here, if it is one.
    pub fn as_i64(&self) -> Option<i64> {
        self.read()?.as_i64()
    }

    /// The number here, if it is one.
    pub fn as_f64(&self) -> Option<f64> {
        self.read()?.as_f64()
    }

    /// The truth value here, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        self.read()?.as_bool()
    }

    /// Elements of a list, fields of an object; zero for everything else.
    pub fn len(&self) -> usize {
        self.note("#len");
        match self.peek() {
            Some(Value::Array(items)) => items.len(),
            Some(Value::Object(fields)) => fields.len(),
            _ => 0,
        }
    }

    /// Whether there is no element and no field here.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The names of the object's fields.
    pub fn keys(&self) -> Vec<&str> {
        self.note("#len");
        match self.peek() {
            Some(Value::Object(fields)) => fields.keys().map(String::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// The elements of the list here.
    ///
    /// # Errors
    /// A finding when there is no list.
    pub fn items(&self) -> Result<Vec<Json>> {
        self.note("#len");
        match self.peek() {
            Some(Value::Array(items)) => Ok((0..items.len()).map(|at| self.index(at)).collect()),
            _ => Err(self.unlike("a list")),
        }
    }

    /// The text here.
    ///
    /// # Errors
    /// A finding with the place and what is there instead.
    pub fn str(&self) -> Result<&str> {
        self.as_str().ok_or_else(|| self.unlike("a text"))
    }

    /// The whole number here.
    ///
    /// # Errors
    /// A finding with the place and what is there instead.
    pub fn i64(&self) -> Result<i64> {
        self.as_i64().ok_or_else(|| self.unlike("a whole number"))
    }

    /// The number here.
    ///
    /// # Errors
    /// A finding with the place and what is there instead.
    pub fn f64(&self) -> Result<f64> {
        self.as_f64().ok_or_else(|| self.unlike("a number"))
    }

    /// The truth value here.
    ///
    /// # Errors
    /// A finding with the place and what is there instead.
    pub fn bool(&self) -> Result<bool> {
        self.as_bool().ok_or_else(|| self.unlike("true or false"))
    }

    /// Everything here in a type of the check's own. All of it counts as read.
    ///
    /// # Errors
    /// A finding when it has another form.
    pub fn to<T: DeserializeOwned>(&self) -> Result<T> {
        let value = self.whole();
        T::deserialize(value.unwrap_or(&Value::Null))
            .map_err(|error| match value.and_then(crate::redact::first_mask) {
                Some(masked) => Error::unavailable(format!(
                    "{}: {error}; `{masked}` looks like a secret and was masked in the recording that \
                     this run shares",
                    self.place()
                )),
                None => Error::finding(format!("{}: {error}", self.place())),
            })
    }

    /// Everything here as it stands. All of it counts as read.
    pub fn whole(&self) -> Option<&Value> {
        let value = self.peek();
        self.read();
        if let Some(value) = value
            && self.reads.is_listening()
        {
            let mut left = MAX_LEAVES;
            self.note_below(value, &self.path, &mut left);
        }
        value
    }

    /// What is here, without a note. For messages: what a message shows decides nothing.
    pub fn peek(&self) -> Option<&Value> {
        self.path.find(&self.root)
    }

    fn below(&self, path: Path) -> Self {
        Self {
            path,
            ..self.clone()
        }
    }

    fn read(&self) -> Option<&Value> {
        self.note("");
        self.peek()
    }

    fn note(&self, what: &str) {
        self.note_at(&self.path, what);
    }

    fn note_at(&self, path: &Path, what: &str) {
        self.reads.note_with(|| {
            let mut facet = String::from(self.prefix);
            facet.push(':');
            self.base.write(&mut facet);
            path.write(&mut facet);
            facet.push_str(what);
            facet
        });
    }

    fn note_below(&self, value: &Value, path: &Path, left: &mut usize) {
        let mut visit = |path: Path, value: &Value| {
            if *left > 0 {
                *left -= 1;
                self.note_below(value, &path, left);
            }
        };
        let what = match value {
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    visit(path.index(at), item);
                }
                "#len"
            }
            Value::Object(fields) => {
                for (key, field) in fields {
                    visit(path.key(key), field);
                }
                "#len"
            }
            _ => "",
        };
        self.note_at(path, what);
    }

    fn unlike(&self, wanted: &str) -> Error {
        let found = match self.peek() {
            None => "missing",
            Some(Value::Null) => "null",
            Some(Value::Bool(_)) => "true or false",
            Some(Value::Number(_)) => "a number",
            Some(Value::String(_)) => "a text",
            Some(Value::Array(_)) => "a list",
            Some(Value::Object(_)) => "an object",
        };
        let place = self.place();
        match self.peek() {
            // What was there is unknown, and may have been as expected.
            Some(Value::String(text)) if crate::redact::is_mask(text) => {
                Error::unavailable(format!(
                    "{place} looks like a secret and was masked in the recording that this run shares, \
                     {wanted} was expected; observe it outside of `Context::once`"
                ))
            }
            _ => Error::finding(format!("{place} is {found}, {wanted} was expected")),
        }
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.peek().unwrap_or(&Value::Null).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::new)
    }
}

/// A document of its own, e.g. a manifest. What is recorded is the place that was given, not what
/// surrounds it.
impl Observation for Json {
    const KIND: &'static str = "json";

    fn attach(&mut self, reads: Reads) {
        if !self.path.is_root() {
            self.root = Arc::new(self.peek().cloned().unwrap_or(Value::Null));
            self.path = Path::root();
        }
        self.base = Path::root();
        self.prefix = "json";
        self.reads = reads;
    }

    fn mutants(&self, read: &BTreeSet<Facet>) -> Vec<Mutant<Self>> {
        let Some(value) = self.peek() else {
            return Vec::new();
        };
        let alterations = alterations(value, "json", read);
        let mutant = |alteration: Alteration| {
            let (operator, facet) = (alteration.operator, alteration.facet.clone());
            let words = alteration.words.clone();
            let made = super::Altered::made(move |json: &Json| {
                Json::new(alteration.apply(json.peek().unwrap_or(&Value::Null)))
            });
            Mutant::fine(operator, facet, words, made)
        };
        alterations.into_iter().map(mutant).collect()
    }

    fn same(&self, other: &Self) -> bool {
        self.peek() == other.peek()
    }
}

#[cfg(test)]
mod tests;
