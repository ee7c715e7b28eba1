//! Kind `setting`: one key of the configuration that a check compares the world with.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Facet, Mutant, Observation, Reads, scalar};
use crate::error::Unavailable;
use crate::redact::names;

/// A key of the `[target]` table, set or not. See [`Context::setting`](crate::Context::setting).
///
/// The `require_…` accessors turn a setting that is absent or of another type into
/// [`Unavailable`]: a check that does not know what to expect is not verified.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Setting {
    path: String,
    value: Option<Value>,
    /// What is left of a secret that was stored: its length and class.
    masked: Option<(usize, String)>,
    reads: Reads,
}

/// The form in which it is stored: of a setting whose name looks secret, length and class.
#[derive(Clone, Serialize, Deserialize)]
struct Stored {
    path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    length: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    class: Option<String>,
}

impl From<Setting> for Stored {
    fn from(setting: Setting) -> Self {
        let name = setting.path.rsplit('.').next().unwrap_or_default();
        let mut stored = Stored {
            path: String::new(),
            value: None,
            length: None,
            class: None,
        };
        match (setting.masked, setting.value) {
            (Some((length, class)), _) => {
                stored.length = Some(length);
                stored.class = Some(class);
            }
            (None, Some(Value::String(text))) if names::is_secret_field(name) => {
                stored.length = Some(text.len());
                stored.class = Some(names::class_of(&text).to_owned());
            }
            (None, value) => stored.value = value,
        }
        stored.path = setting.path;
        stored
    }
}

impl From<Stored> for Setting {
    fn from(stored: Stored) -> Self {
        Self {
            masked: stored
                .length
                .map(|length| (length, stored.class.unwrap_or_default())),
            ..Self::new(stored.path, stored.value)
        }
    }
}

const SET: &str = "set";
const VALUE: &str = "value";

impl Setting {
    /// A setting of a user's own source.
    pub fn new(path: impl Into<String>, value: Option<Value>) -> Self {
        Self {
            path: path.into(),
            value,
            masked: None,
            reads: Reads::default(),
        }
    }

    pub(crate) fn read(target: &crate::config::Values, path: &str) -> Self {
        let value = crate::context::target::lookup(target, path);
        Self::new(
            path,
            value.and_then(|value| serde_json::to_value(value).ok()),
        )
    }

    /// Its dotted path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether it is set.
    pub fn is_set(&self) -> bool {
        self.reads.note(SET);
        self.value.is_some() || self.masked.is_some()
    }

    /// Its value, of whatever type; `None` when it is unset, or a secret that was read back from a
    /// shared recording.
    pub fn value(&self) -> Option<&Value> {
        self.reads.note(VALUE);
        self.value.as_ref()
    }

    /// Its text, if it is set and text.
    pub fn as_str(&self) -> Option<&str> {
        self.value()?.as_str()
    }

    /// Its whole number, if it is set and one.
    pub fn as_i64(&self) -> Option<i64> {
        self.value()?.as_i64()
    }

    /// Its number, if it is set and one.
    pub fn as_f64(&self) -> Option<f64> {
        self.value()?.as_f64()
    }

    /// Its truth value, if it is set and one.
    pub fn as_bool(&self) -> Option<bool> {
        self.value()?.as_bool()
    }

    /// Its text.
    ///
    /// # Errors
    /// [`Unavailable`], naming the key.
    pub fn require_str(&self) -> Result<&str, Unavailable> {
        self.as_str().ok_or_else(|| self.lacks("text"))
    }

    /// Its whole number.
    ///
    /// # Errors
    /// [`Unavailable`], naming the key.
    pub fn require_i64(&self) -> Result<i64, Unavailable> {
        self.as_i64().ok_or_else(|| self.lacks("a whole number"))
    }

    /// Its number.
    ///
    /// # Errors
    /// [`Unavailable`], naming the key.
    pub fn require_f64(&self) -> Result<f64, Unavailable> {
        self.as_f64().ok_or_else(|| self.lacks("a number"))
    }

    /// Its truth value.
    ///
    /// # Errors
    /// [`Unavailable`], naming the key.
    pub fn require_bool(&self) -> Result<bool, Unavailable> {
        self.as_bool().ok_or_else(|| self.lacks("true or false"))
    }

    fn lacks(&self, wanted: &str) -> Unavailable {
        let path = &self.path;
        Unavailable::new(match self.value {
            None => format!("set `{path}` below [target] in readiness.toml to {wanted}"),
            Some(_) => format!("`{path}` below [target] in readiness.toml has to be {wanted}"),
        })
    }

    fn altered(&self, value: Option<Value>) -> Self {
        Self::new(self.path.clone(), value)
    }
}

impl Observation for Setting {
    const KIND: &'static str = "setting";

    fn attach(&mut self, reads: Reads) {
        self.reads = reads;
    }

    fn mutants(&self, read: &BTreeSet<Facet>) -> Vec<Mutant<Self>> {
        let mut mutants = Vec::new();
        let Some(value) = &self.value else {
            return mutants;
        };
        let path = &self.path;
        for facet in read {
            mutants.push(Mutant::fine(
                "setting-unset",
                facet.clone(),
                format!("the setting {path} is absent"),
                self.altered(None),
            ));
            if facet.0 != VALUE {
                continue;
            }
            for change in scalar::changes(value) {
                let words = format!("the setting {path} {}", change.words);
                let altered = self.altered(Some(change.value));
                mutants.push(Mutant::fine(change.operator, facet.clone(), words, altered));
            }
        }
        mutants
    }

    fn same(&self, other: &Self) -> bool {
        self.path == other.path && self.value == other.value
    }
}
