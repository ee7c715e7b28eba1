//! What a trial saw, as it is written with its record: without secrets, cut to its bounds.
//!
//! A text is redacted before it is cut, so that a cut can never leave half a secret that no rule
//! knows any more. Long lists are cut before, so that a large observation costs no more than what is
//! shown of it.

use serde_json::{Map, Value};

use crate::context::{Entry, Stored};
use crate::journal::record::Evidence;
use crate::observation::Facet;
use crate::redact::{Redactor, floor};

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
    let (value, lists) = shorten(value, 0, MAX_ITEMS, &|text| long(redactor, text));
    let (value, texts) = bounded(redactor.json(value));
    let truncated = lists || texts;
    let size = size_of(&value);
    let facets = entry.reads.facets().into_iter().take(MAX_FACETS);
    let evidence = Evidence {
        observation: short(redactor, &entry.identity.to_string()),
        value,
        read: facets
            .map(|facet| Facet(short(redactor, &facet.0)))
            .collect(),
        truncated,
    };
    (evidence, size)
}

/// A small part of an observation, for a line beside others.
pub(crate) fn brief(redactor: &Redactor, value: Value) -> Value {
    const BRIEF: usize = 120;
    let (value, _) = shorten(value, 0, 4, &|text| long(redactor, text));
    shorten(redactor.json(value), 0, 4, &|text| cut(text, BRIEF)).0
}

/// A text of its own, redacted and cut.
fn short(redactor: &Redactor, text: &str) -> String {
    cut(&redactor.text(&long(redactor, text).0), MAX_TEXT).0
}

/// Cuts a value to the bounds of one observation; whether anything is missing.
pub(crate) fn bounded(value: Value) -> (Value, bool) {
    let (mut value, mut truncated) = shorten(value, 0, MAX_ITEMS, &|text| cut(text, MAX_TEXT));
    // Many small parts may still be too much together.
    let mut items = MAX_ITEMS;
    while size_of(&value) > MAX_BYTES && items > 1 {
        items /= 2;
        let most = items * MAX_TEXT / MAX_ITEMS;
        value = shorten(value, 0, items, &|text| cut(text, most)).0;
        truncated = true;
    }
    (value, truncated)
}

fn size_of(value: &Value) -> usize {
    serde_json::to_vec(value).map_or(0, |bytes| bytes.len())
}

/// A text that is too long to be redacted as a whole: redacted now, and its length kept in words.
fn long(redactor: &Redactor, text: &str) -> (String, bool) {
    const LONG: usize = 16 * 1024;
    if text.len() <= LONG {
        return (text.to_owned(), false);
    }
    let start = redactor.start_of(text, LONG);
    (
        format!("{}… ({} bytes)", floor(&start, MAX_TEXT), text.len()),
        true,
    )
}

type Cut<'a> = &'a dyn Fn(&str) -> (String, bool);

fn shorten(value: Value, depth: usize, items: usize, text: Cut<'_>) -> (Value, bool) {
    match value {
        Value::String(whole) => {
            let (short, truncated) = text(&whole);
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
                short.insert(text(&name).0, field);
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
    (
        format!("{}… ({} bytes)", floor(text, most), text.len()),
        true,
    )
}

#[cfg(test)]
mod tests;
