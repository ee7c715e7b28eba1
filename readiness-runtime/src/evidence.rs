//! What a trial saw, as it is written with its record: redacted first, then cut to its bounds.
//!
//! Redaction comes first so that a cut can never leave half a secret that no rule knows any more.

use serde_json::{Map, Value};

use crate::context::{Entry, Stored};
use crate::journal::record::Evidence;
use crate::observation::Facet;
use crate::redact::Redactor;

/// Observations of a trial that are kept; a person reads a few.
const MAX_OBSERVATIONS: usize = 64;
/// Bytes of one observation, as JSON.
const MAX_BYTES: usize = 8 * 1024;
/// Bytes of all observations of a trial.
const MAX_TOTAL: usize = 64 * 1024;
/// Bytes of one text within an observation.
const MAX_TEXT: usize = 512;
/// Elements of one list, fields of one object.
const MAX_ITEMS: usize = 24;
const MAX_DEPTH: usize = 8;
const MAX_FACETS: usize = 48;

/// The evidence of a recording. What does not fit is counted in a last entry.
pub(crate) fn of(entries: &[Entry], redactor: &Redactor) -> Vec<Evidence> {
    let seen: Vec<_> = entries
        .iter()
        .filter(|entry| entry.stored.is_observation())
        .collect();
    let mut evidence = Vec::new();
    let mut room = MAX_TOTAL;
    for entry in seen.iter().take(MAX_OBSERVATIONS) {
        let (one, size) = one(entry, redactor);
        if size > room {
            break;
        }
        room -= size;
        evidence.push(one);
    }
    let left = seen.len() - evidence.len();
    if left > 0 {
        evidence.push(Evidence {
            observation: format!("and {left} more"),
            value: Value::Null,
            read: Vec::new(),
            truncated: true,
        });
    }
    evidence
}

fn one(entry: &Entry, redactor: &Redactor) -> (Evidence, usize) {
    let value = match &entry.stored {
        Stored::Seen(value) => value
            .encode()
            .unwrap_or_else(|error| Value::from(format!("cannot be encoded: {error}"))),
        Stored::Failed(failure) => {
            let mut fields = Map::new();
            fields.insert("failed".to_owned(), Value::from(failure.message.clone()));
            Value::Object(fields)
        }
        Stored::Time(_) | Stored::Nonce(_) => Value::Null,
    };
    let (value, truncated) = bounded(redactor.json(value));
    let size = size_of(&value);
    let facets = entry.reads.facets().into_iter().take(MAX_FACETS);
    let evidence = Evidence {
        observation: cut(&redactor.text(&entry.identity.to_string()), MAX_TEXT).0,
        value,
        read: facets.map(|facet| Facet(redactor.text(&facet.0))).collect(),
        truncated,
    };
    (evidence, size)
}

/// Cuts a value to the bounds of one observation; whether anything is missing.
pub(crate) fn bounded(value: Value) -> (Value, bool) {
    let (mut value, mut truncated) = shorten(value, 0, MAX_ITEMS, MAX_TEXT);
    // Many small parts may still be too much together.
    let mut items = MAX_ITEMS;
    while size_of(&value) > MAX_BYTES && items > 1 {
        items /= 2;
        value = shorten(value, 0, items, items * MAX_TEXT / MAX_ITEMS).0;
        truncated = true;
    }
    (value, truncated)
}

fn size_of(value: &Value) -> usize {
    serde_json::to_vec(value).map_or(0, |bytes| bytes.len())
}

fn shorten(value: Value, depth: usize, items: usize, text: usize) -> (Value, bool) {
    match value {
        Value::String(whole) => {
            let (short, truncated) = cut(&whole, text);
            (Value::String(short), truncated)
        }
        Value::Array(_) | Value::Object(_) if depth >= MAX_DEPTH => (Value::from("…"), true),
        Value::Array(list) => {
            let left = list.len().saturating_sub(items);
            let mut truncated = left > 0;
            let mut short: Vec<Value> = Vec::with_capacity(list.len().min(items));
            for item in list.into_iter().take(items) {
                let (item, is_cut) = shorten(item, depth + 1, items, text);
                truncated |= is_cut;
                short.push(item);
            }
            if left > 0 {
                short.push(Value::from(format!("… {left} more")));
            }
            (Value::Array(short), truncated)
        }
        Value::Object(fields) => {
            let left = fields.len().saturating_sub(items);
            let mut truncated = left > 0;
            let mut short = Map::new();
            for (name, field) in fields.into_iter().take(items) {
                let (field, is_cut) = shorten(field, depth + 1, items, text);
                truncated |= is_cut;
                short.insert(cut(&name, text).0, field);
            }
            if left > 0 {
                short.insert("…".to_owned(), Value::from(format!("{left} more")));
            }
            (Value::Object(short), truncated)
        }
        plain => (plain, false),
    }
}

/// The first `most` bytes of a text, at a boundary of characters, and how much is missing.
fn cut(text: &str, most: usize) -> (String, bool) {
    if text.len() <= most {
        return (text.to_owned(), false);
    }
    let end = (0..=most)
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(0);
    (format!("{}… ({} bytes)", &text[..end], text.len()), true)
}

#[cfg(test)]
mod tests;
