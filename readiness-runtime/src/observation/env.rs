//! Kind `environment`: one variable of this process's environment.
//!
//! A variable whose name looks secret is a secret: what is stored of it is its length and class.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Facet, Mutant, Observation, Reads, scalar};
use crate::error::Unavailable;
use crate::redact::names;

/// An environment variable, set or not. See [`Context::env`](crate::Context::env).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct EnvVar {
    name: String,
    content: Content,
    reads: Reads,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Content {
    Unset,
    Text(String),
    /// What is left of a secret that was stored.
    Masked {
        length: usize,
        class: String,
    },
}

/// The form in which it is stored.
#[derive(Clone, Serialize, Deserialize)]
struct Stored {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    /// Bytes of the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    length: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    class: Option<String>,
}

const SET: &str = "set";
const UNSET: &str = "unset";
const VALUE: &str = "value";
const LENGTH: &str = "length";
const CLASS: &str = "class";

impl EnvVar {
    /// A variable of a user's own source, e.g. of an `.env` file.
    pub fn new(name: impl Into<String>, value: Option<String>) -> Self {
        Self {
            name: name.into(),
            content: value.map_or(Content::Unset, Content::Text),
            reads: Reads::default(),
        }
    }

    pub(crate) fn read(name: &str) -> Self {
        // Bytes that are not UTF-8 are shown as such: the variable is set all the same.
        let value = std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        Self::new(name, value)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is set, be it to nothing.
    pub fn is_set(&self) -> bool {
        self.reads.note(SET);
        self.content != Content::Unset
    }

    /// Whether it is unset, where it must be. The proof then sets it, which it does not do for
    /// [`is_set`](Self::is_set): a check may look at a variable only if there is one.
    pub fn is_unset(&self) -> bool {
        self.reads.note(UNSET);
        self.content == Content::Unset
    }

    /// Its value; `None` when it is unset, or a secret that was read back from a shared recording.
    pub fn as_str(&self) -> Option<&str> {
        self.reads.note(VALUE);
        match &self.content {
            Content::Text(text) => Some(text),
            Content::Unset | Content::Masked { .. } => None,
        }
    }

    /// Its value.
    ///
    /// # Errors
    /// [`Unavailable`], naming the variable.
    pub fn require(&self) -> Result<&str, Unavailable> {
        self.as_str()
            .ok_or_else(|| Unavailable::new(format!("set the environment variable {}", self.name)))
    }

    /// Bytes of its value; zero when it is unset.
    pub fn len(&self) -> usize {
        self.reads.note(LENGTH);
        self.length()
    }

    /// Whether it is unset or set to nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What its value looks like, as far as that may be told of a secret: `unset`, `empty`,
    /// `placeholder`, `boolean`, `number`, `jwt`, `stripe-live-key`, `stripe-test-key`,
    /// `private-key`, `url`, `url-with-password`, `hex` or `text`.
    pub fn class(&self) -> &str {
        self.reads.note(CLASS);
        match &self.content {
            Content::Unset => "unset",
            Content::Text(text) => names::class_of(text),
            Content::Masked { class, .. } => class,
        }
    }

    fn length(&self) -> usize {
        match &self.content {
            Content::Unset => 0,
            Content::Text(text) => text.len(),
            Content::Masked { length, .. } => *length,
        }
    }

    fn altered(&self, value: Option<String>) -> Self {
        Self::new(self.name.clone(), value)
    }
}

impl From<EnvVar> for Stored {
    fn from(variable: EnvVar) -> Self {
        let secret = names::is_secret_variable(&variable.name);
        let mut stored = Stored {
            name: variable.name,
            value: None,
            length: None,
            class: None,
        };
        match variable.content {
            Content::Unset => {}
            Content::Text(text) if secret => {
                stored.length = Some(text.len());
                stored.class = Some(names::class_of(&text).to_owned());
            }
            Content::Text(text) => stored.value = Some(text),
            Content::Masked { length, class } => {
                stored.length = Some(length);
                stored.class = Some(class);
            }
        }
        stored
    }
}

impl From<Stored> for EnvVar {
    fn from(stored: Stored) -> Self {
        let content = match (stored.value, stored.length) {
            (Some(text), _) => Content::Text(text),
            (None, Some(length)) => Content::Masked {
                length,
                class: stored.class.unwrap_or_default(),
            },
            (None, None) => Content::Unset,
        };
        Self {
            name: stored.name,
            content,
            reads: Reads::default(),
        }
    }
}

impl Observation for EnvVar {
    const KIND: &'static str = "environment";

    fn attach(&mut self, reads: Reads) {
        self.reads = reads;
    }

    fn mutants(&self, read: &BTreeSet<Facet>) -> Vec<Mutant<Self>> {
        let mut mutants = Vec::new();
        let name = &self.name;
        if self.content == Content::Unset {
            let facet = Facet(UNSET.to_owned());
            if read.contains(&facet) {
                let words = format!("the variable {name} is set");
                let altered = self.altered(Some("1".to_owned()));
                mutants.push(Mutant::fine("variable-set", facet, words, altered));
            }
            return mutants;
        }
        let secret = names::is_secret_variable(name);
        for facet in read {
            let mut push = |operator, words: String, altered| {
                let words = format!("the variable {name} {words}");
                let altered = self.altered(altered);
                mutants.push(Mutant::fine(operator, facet.clone(), words, altered));
            };
            push("variable-unset", "is unset".to_owned(), None);
            match (&self.content, facet.0.as_str()) {
                (Content::Text(text), VALUE) => {
                    for change in scalar::changes(&Value::from(text.as_str())) {
                        let words = if secret {
                            "has another value".to_owned()
                        } else {
                            change.words
                        };
                        if let Value::String(other) = change.value {
                            push(change.operator, words, Some(other));
                        }
                    }
                    if let Some(other) = flipped(text) {
                        push("flipped", format!("is {other}"), Some(other.to_owned()));
                    }
                }
                (_, LENGTH | CLASS) => {
                    if self.length() > 0 {
                        push("emptied", "is empty".to_owned(), Some(String::new()));
                    }
                    if self.length() != 1 {
                        push(
                            "shortened",
                            "has one character".to_owned(),
                            Some("x".to_owned()),
                        );
                    }
                    push(
                        "placeholder",
                        "is a placeholder".to_owned(),
                        Some("changeme".to_owned()),
                    );
                }
                _ => {}
            }
        }
        mutants
    }

    fn same(&self, other: &Self) -> bool {
        self.name == other.name && self.content == other.content
    }
}

/// The opposite of a switch.
fn flipped(text: &str) -> Option<&'static str> {
    Some(match text.to_ascii_lowercase().as_str() {
        "true" => "false",
        "false" => "true",
        "on" => "off",
        "off" => "on",
        "yes" => "no",
        "no" => "yes",
        _ => return None,
    })
}
