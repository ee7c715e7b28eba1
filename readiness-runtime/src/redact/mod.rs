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

mod environment;
pub(crate) mod names;
mod patterns;
mod secrets;

use std::borrow::Cow;
use std::sync::{Arc, Mutex, RwLock};

use serde_json::Value;

use crate::config::{Value as Setting, Values};
use secrets::Secrets;

/// What stands in place of a secret.
pub(crate) const MASK: &str = "[redacted]";

/// Deeper values are masked as a whole: nothing that people read is nested like that.
const MAX_DEPTH: usize = 64;

/// How every mask begins.
const MASKS: &str = "[redacted";

/// Whether this is what stands in place of a secret, and nothing else.
pub(crate) fn is_mask(text: &str) -> bool {
    text.starts_with(MASKS) && text.find(']') == Some(text.len().saturating_sub(1))
}

/// The first place of a value that holds a mask and nothing else, as a JSON pointer.
pub(crate) fn first_mask(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => is_mask(text).then(String::new),
        Value::Array(items) => {
            let mut items = items.iter().enumerate();
            items.find_map(|(at, item)| Some(format!("/{at}{}", first_mask(item)?)))
        }
        Value::Object(fields) => {
            let mut fields = fields.iter();
            fields.find_map(|(name, field)| Some(format!("/{name}{}", first_mask(field)?)))
        }
        _ => None,
    }
}

/// What becomes of the numbers of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Numbers {
    /// They may be somebody's: those that look like a secret are masked.
    Masked,
    /// They are of this side.
    Kept,
}

/// Values that are secret by a guess have at least these many bytes.
const SHORTEST_GUESSED: usize = 8;

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

    /// Masks the values of environment variables whose names look secret or are listed, and the
    /// passwords of addresses among them.
    ///
    /// A listed one is always masked. Of a guessed one, what is short ("1", "none") or said openly
    /// ([`environment::is_open`]) is not: it would blot out everything. Beside its name, as in
    /// `password=…` or `://user:…@`, it is masked all the same.
    pub(crate) fn add_environment(&self, variables: &[(String, String)], listed: &[String]) {
        for (name, value) in variables {
            if listed.contains(name) {
                self.add_secret(value);
            } else if names::is_secret_variable(name) {
                let password = environment::password_of(value);
                for secret in std::iter::once(value.as_str()).chain(password.as_deref()) {
                    let is_open = environment::is_open(name, secret, variables);
                    if secret.len() >= SHORTEST_GUESSED && !is_open {
                        self.add_secret(secret);
                    }
                }
            }
        }
    }

    /// Masks the texts of a configuration's table whose keys look secret, but for the names of
    /// variables: `STRIPE_API_KEY = "STRIPE_SECRET_KEY"` says where the secret is, and is none.
    pub(crate) fn add_table(&self, table: &Values) {
        for (name, value) in table {
            match value {
                Setting::Table(inner) => self.add_table(inner),
                Setting::Text(text) if names::is_secret_field(name) => {
                    let is_open = environment::is_open(name, text, &[])
                        || environment::is_name_of_secret(text);
                    if text.len() >= SHORTEST_GUESSED && !is_open {
                        self.add_secret(text);
                    }
                }
                _ => {}
            }
        }
    }

    /// `text` with its secrets masked.
    pub fn text(&self, text: &str) -> String {
        let secrets = self
            .0
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        masked_by(&secrets, text).into_owned()
    }

    /// The beginning of `text` with its secrets masked, at a cost that does not depend on what comes
    /// behind it. At least `enough` bytes are looked at.
    pub(crate) fn start_of(&self, text: &str, enough: usize) -> String {
        // A secret that the cut goes through stands unmasked at the end, no longer than this.
        const LONGEST_FORM: usize = 1_024;
        let secrets = self
            .0
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let margin = secrets.longest().max(LONGEST_FORM);
        let most = enough.saturating_add(margin);
        if text.len() <= most {
            return masked_by(&secrets, text).into_owned();
        }
        let masked = masked_by(&secrets, floor(text, most));
        floor(&masked, masked.len().saturating_sub(margin)).to_owned()
    }

    /// At most `most` bytes of the beginning of `text`, masked before they are cut: a cut through a
    /// secret would leave half of one, which no rule knows any more.
    pub(crate) fn brief(&self, text: &str, most: usize) -> String {
        let mut start = self.start_of(text, most);
        if start.len() > most {
            start.truncate(floor(&start, most).len());
        }
        start
    }

    /// How many secrets are known; it only grows.
    fn count(&self) -> usize {
        let secrets = self
            .0
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        secrets.count()
    }

    /// `value` with its secrets masked; the structure stays. A value below a name that looks secret
    /// is masked as a whole.
    pub fn json(&self, value: Value) -> Value {
        self.walk(value, 0, Numbers::Masked)
    }

    /// [`json`](Self::json), with all numbers as they are: of what was measured on this side.
    pub(crate) fn texts(&self, value: Value) -> Value {
        self.walk(value, 0, Numbers::Kept)
    }

    fn walk(&self, value: Value, depth: usize, numbers: Numbers) -> Value {
        match value {
            Value::Array(_) | Value::Object(_) if depth >= MAX_DEPTH => Value::from(MASK),
            Value::String(text) => Value::String(self.text(&text)),
            Value::Number(number) if numbers == Numbers::Masked => {
                let text = number.to_string();
                match self.text(&text) {
                    masked if masked == text => Value::Number(number),
                    masked => Value::String(masked),
                }
            }
            Value::Array(items) => self.list(items, depth, numbers),
            Value::Object(fields) => {
                let field = |(name, value): (String, Value)| {
                    let value = if names::is_secret_field(&name) {
                        masked(value, depth + 1, numbers)
                    } else {
                        self.walk(value, depth + 1, numbers)
                    };
                    (self.text(&name), value)
                };
                Value::Object(fields.into_iter().map(field).collect())
            }
            plain => plain,
        }
    }

    /// A list; a pair of a secret name and a value, as headers are often stored, is one as well.
    fn list(&self, mut items: Vec<Value>, depth: usize, numbers: Numbers) -> Value {
        if let [Value::String(name), Value::String(value)] = items.as_mut_slice()
            && names::is_secret_field(name)
        {
            MASK.clone_into(value);
        }
        Value::Array(
            items
                .into_iter()
                .map(|item| self.walk(item, depth + 1, numbers))
                .collect(),
        )
    }
}

fn masked_by<'t>(secrets: &Secrets, text: &'t str) -> Cow<'t, str> {
    match secrets.mask(text) {
        Cow::Borrowed(text) => patterns::mask(text),
        Cow::Owned(text) => Cow::Owned(patterns::mask(&text).into_owned()),
    }
}

/// A text of the source, e.g. the reason of an excuse from proof, that goes to some sink with every
/// trial. It is looked through once and not at each: the rules for names and forms answer the same
/// every time.
///
/// What is *known* as secret grows while checks run, and a value that a check got from somewhere may
/// stand in the source as well (then the source is what leaks it, but the journal need not join in).
/// So it is looked through again after a secret was added, and only then.
#[derive(Debug)]
pub(crate) struct Constant {
    text: &'static str,
    /// What it was masked to, and how many secrets were known.
    masked: Mutex<Option<(usize, String)>>,
}

impl Constant {
    pub(crate) fn new(text: &'static str) -> Self {
        Self {
            text,
            masked: Mutex::new(None),
        }
    }

    /// At most `most` bytes of it, masked.
    pub(crate) fn brief(&self, redactor: &Redactor, most: usize) -> String {
        let count = redactor.count();
        let mut masked = crate::run::lock(&self.masked);
        match &*masked {
            Some((known, text)) if *known == count => text.clone(),
            _ => {
                let text = redactor.brief(self.text, most);
                *masked = Some((count, text.clone()));
                text
            }
        }
    }
}

/// What was seen, as a reason may quote it: at most `most` characters on one line, without controls,
/// and with secrets masked before it was cut.
///
/// The reason is masked again wherever it is written. But a text that was cut through a secret holds
/// half of one, and that nobody can recognise.
///
/// ```
/// assert_eq!(readiness::quote("a\tb", 80), "a\\tb");
/// assert_eq!(readiness::quote("abcdef", 3), "abc…");
/// assert_eq!(readiness::quote("card 4111 1111 1111 1111", 12), "card [redact…");
/// ```
pub fn quote(text: &str, most: usize) -> String {
    let current = crate::context::Context::current();
    let redactor = current.map_or_else(Redactor::default, |cx| cx.run().redactor.clone());
    // Four bytes hold any character, and one more says that there are more.
    let masked = redactor.start_of(text, most.saturating_add(1).saturating_mul(4));
    let mut characters = masked.chars();
    let mut quoted: String = characters
        .by_ref()
        .take(most)
        .flat_map(char::escape_debug)
        .collect();
    if characters.next().is_some() {
        quoted.push('…');
    }
    quoted
}

/// The first `most` bytes of a text, or a few less: cut at a boundary of characters.
pub(crate) fn floor(text: &str, most: usize) -> &str {
    let most = most.min(text.len());
    let end = (0..=most).rev().find(|&at| text.is_char_boundary(at));
    &text[..end.unwrap_or(0)]
}

/// Everything in it masked, with the structure kept for whoever asks whether it is there.
fn masked(value: Value, depth: usize, numbers: Numbers) -> Value {
    match value {
        Value::Array(_) | Value::Object(_) if depth >= MAX_DEPTH => Value::from(MASK),
        Value::String(text) if text.is_empty() => Value::String(text),
        Value::Number(number) if numbers == Numbers::Kept => Value::Number(number),
        Value::String(_) | Value::Number(_) => Value::from(MASK),
        Value::Array(items) => {
            let items = items
                .into_iter()
                .map(|item| masked(item, depth + 1, numbers));
            Value::Array(items.collect())
        }
        Value::Object(fields) => {
            let fields = fields.into_iter();
            Value::Object(
                fields
                    .map(|(name, field)| (name, masked(field, depth + 1, numbers)))
                    .collect(),
            )
        }
        plain => plain,
    }
}

#[cfg(test)]
mod tests;
