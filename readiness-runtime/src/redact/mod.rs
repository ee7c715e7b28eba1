//! Masks secrets in everything that leaves the process's memory: journal, evidence, shared
//! recordings, notes, reports, panic texts, the terminal. One [`Redactor`] per process.
//!
//! Three nets, each enough for what it is made for:
//!
//! | net | file | catches |
//! |---|---|---|
//! | known values | `secrets` | what [`Context::secret`](crate::Context::secret) and the configuration name, in any of their encodings |
//! | names | `names` | header lines, `password=…` pairs and JSON fields by the name beside the value |
//! | forms | `patterns` | tokens, card numbers, private keys, e-mail addresses by what they look like |
//!
//! A mask is `[redacted]` or says what was there, `[redacted card]`. Masking twice changes nothing.
//! The time is linear in the text.

pub(crate) mod names;
mod patterns;
mod secrets;

use std::sync::{Arc, RwLock};

use serde_json::Value;

use secrets::Secrets;

/// What stands in place of a secret.
pub(crate) const MASK: &str = "[redacted]";

/// Deeper values are masked as a whole: nothing that people read is nested like that.
const MAX_DEPTH: usize = 64;

/// Masks secrets. Clones share what they know.
#[derive(Debug, Clone, Default)]
pub struct Redactor(Arc<RwLock<Secrets>>);

impl Redactor {
    /// Knows the secrets of this process's environment: variables whose names look secret, and those
    /// that are `listed` in the configuration.
    pub fn of_environment(listed: &[String]) -> Self {
        let redactor = Self::default();
        let environment: Vec<_> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        redactor.add_environment(&environment, listed);
        redactor
    }

    /// Masks this value from now on.
    pub(crate) fn add_secret(&self, value: &str) {
        let mut secrets = self
            .0
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        secrets.add(value);
    }

    /// Masks the values of environment variables whose names look secret or are listed.
    pub(crate) fn add_environment(&self, variables: &[(String, String)], listed: &[String]) {
        for (name, value) in variables {
            let is_listed = listed.contains(name);
            // Short values of guessed names ("1", "none") would blot out everything.
            if is_listed || (names::is_secret_variable(name) && value.len() >= 8) {
                self.add_secret(value);
            }
        }
    }

    /// `text` with its secrets masked.
    pub fn text(&self, text: &str) -> String {
        let secrets = self
            .0
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        patterns::mask(&secrets.mask(text))
    }

    /// The beginning of `text` with its secrets masked, at a cost that does not depend on what comes
    /// behind it. At least `enough` bytes are looked at.
    pub(crate) fn start_of(&self, text: &str, enough: usize) -> String {
        // A secret that the cut goes through stands unmasked at the end, no longer than this.
        const LONGEST_FORM: usize = 1_024;
        let longest = self
            .0
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .longest();
        let margin = longest.max(LONGEST_FORM);
        let most = enough.saturating_add(margin);
        if text.len() <= most {
            return self.text(text);
        }
        let masked = self.text(floor(text, most));
        floor(&masked, masked.len().saturating_sub(margin)).to_owned()
    }

    /// `value` with its secrets masked; the structure stays. A value below a name that looks secret
    /// is masked as a whole.
    pub fn json(&self, value: Value) -> Value {
        self.walk(value, 0)
    }

    fn walk(&self, value: Value, depth: usize) -> Value {
        match value {
            Value::Array(_) | Value::Object(_) if depth >= MAX_DEPTH => Value::from(MASK),
            Value::String(text) => Value::String(self.text(&text)),
            Value::Number(number) => {
                let text = number.to_string();
                match self.text(&text) {
                    masked if masked == text => Value::Number(number),
                    masked => Value::String(masked),
                }
            }
            Value::Array(items) => self.list(items, depth),
            Value::Object(fields) => {
                let field = |(name, value): (String, Value)| {
                    let value = if names::is_secret_field(&name) {
                        masked(value, depth + 1)
                    } else {
                        self.walk(value, depth + 1)
                    };
                    (self.text(&name), value)
                };
                Value::Object(fields.into_iter().map(field).collect())
            }
            plain => plain,
        }
    }

    /// A list; a pair of a secret name and a value, as headers are often stored, is one as well.
    fn list(&self, mut items: Vec<Value>, depth: usize) -> Value {
        if let [Value::String(name), Value::String(value)] = items.as_mut_slice()
            && names::is_secret_field(name)
        {
            MASK.clone_into(value);
        }
        Value::Array(
            items
                .into_iter()
                .map(|item| self.walk(item, depth + 1))
                .collect(),
        )
    }
}

/// The first `most` bytes of a text, or a few less: cut at a boundary of characters.
pub(crate) fn floor(text: &str, most: usize) -> &str {
    let most = most.min(text.len());
    let end = (0..=most).rev().find(|&at| text.is_char_boundary(at));
    &text[..end.unwrap_or(0)]
}

/// Everything in it masked, with the structure kept for whoever asks whether it is there.
fn masked(value: Value, depth: usize) -> Value {
    match value {
        Value::Array(_) | Value::Object(_) if depth >= MAX_DEPTH => Value::from(MASK),
        Value::String(text) if text.is_empty() => Value::String(text),
        Value::String(_) | Value::Number(_) => Value::from(MASK),
        Value::Array(items) => {
            let items = items.into_iter().map(|item| masked(item, depth + 1));
            Value::Array(items.collect())
        }
        Value::Object(fields) => {
            let fields = fields.into_iter();
            Value::Object(
                fields
                    .map(|(name, field)| (name, masked(field, depth + 1)))
                    .collect(),
            )
        }
        plain => plain,
    }
}

#[cfg(test)]
mod tests;
