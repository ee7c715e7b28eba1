//! What a scene saw, as text that is the same for every run of a sound service: a value for each
//! facet of each step, with random names and durations taken out.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::client::Reply;

/// Facets by step: `list/header vary`, `list/body data.*.chain`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    facets: BTreeMap<String, Vec<String>>,
}

/// Headers that differ from run to run.
const VOLATILE: [&str; 2] = ["date", "x-request-id"];

/// JSON fields that do.
const RANDOM: [&str; 6] = [
    "duration_ms",
    "request_id",
    "secret",
    "access_token",
    "refresh_token",
    "jti",
];

impl Transcript {
    /// Notes a value.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "call sites read better without a &"
    )]
    pub fn note(&mut self, step: &str, facet: &str, value: impl ToString) {
        let values = self.facets.entry(format!("{step}/{facet}")).or_default();
        values.push(value.to_string());
    }

    /// Notes all of a reply.
    pub fn reply(&mut self, step: &str, reply: &Reply) {
        self.note(step, "status", reply.status);
        for (name, values) in &reply.headers {
            if !VOLATILE.contains(&name.as_str()) {
                let value = match name.as_str() {
                    // Both follow from a body that may hold random names.
                    "etag" => "some".to_owned(),
                    "content-length" => continue,
                    _ => values.join(" | "),
                };
                self.note(step, &format!("header {name}"), value);
            }
        }
        match serde_json::from_str(&reply.text) {
            Ok(body) => self.json(step, "body", &body),
            Err(_) => self.note(step, "text", &reply.text),
        }
    }

    /// Notes each field of a value.
    pub fn json(&mut self, step: &str, path: &str, value: &Value) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    let path = format!("{path}.{}", named(name));
                    if RANDOM.contains(&name.as_str()) {
                        self.note(step, &path, kind(value));
                    } else {
                        self.json(step, &path, value);
                    }
                }
            }
            Value::Array(values) => {
                self.note(step, &format!("{path}.length"), values.len());
                for value in values {
                    self.json(step, &format!("{path}.*"), value);
                }
            }
            Value::String(text) => self.note(step, path, format!("{:?}", named(text))),
            other => self.note(step, path, other),
        }
    }

    /// The facets in which two transcripts differ.
    pub fn differences(&self, other: &Transcript) -> BTreeSet<String> {
        let keys = self.facets.keys().chain(other.facets.keys());
        keys.filter(|key| self.facets.get(*key) != other.facets.get(*key))
            .cloned()
            .collect()
    }
}

/// A random value, by its kind: a text that becomes empty is a difference, too.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(text) if text.is_empty() => "an empty text",
        Value::String(text) if text.starts_with('[') => "a marker",
        Value::String(_) => "a text",
        Value::Number(_) => "a number",
        Value::Null => "null",
        _ => "something else",
    }
}

/// A text with the random part of ids taken out: `wh-1f0c…` becomes `wh-#`.
fn named(text: &str) -> String {
    let mut out = String::new();
    let mut hex = String::new();
    for c in text.chars().chain(['\0']) {
        if c.is_ascii_hexdigit() {
            hex.push(c);
            continue;
        }
        out.push_str(if hex.len() == 32 { "#" } else { &hex });
        hex.clear();
        out.push(c);
    }
    out.pop();
    out
}
