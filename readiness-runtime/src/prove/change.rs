//! The altered observation beside the original: the one place where they differ.

use serde_json::Value;

use crate::context::{Altered, Entry, Erased, Stored};
use crate::journal::record::{Change, Fate};
use crate::redact::Redactor;

/// The encodings of one recording's entries, made when they are asked for.
pub(super) struct Originals<'a> {
    entries: &'a [Entry],
    /// Alterations come in turn, so several observations are asked for again and again.
    encoded: Vec<Option<Value>>,
    /// How many more changes are worked out, of alterations that survived and of others.
    left: [usize; 2],
}

/// Changes of one check that are worked out. Each costs the encoding of an observation, which is more
/// than a replay; what was not noticed is what a person wants to see.
const MAX_SURVIVED: usize = 16;
const MAX_OTHERS: usize = 2;

impl<'a> Originals<'a> {
    pub(super) fn new(entries: &'a [Entry]) -> Self {
        Self {
            entries,
            encoded: vec![None; entries.len()],
            left: [MAX_OTHERS, MAX_SURVIVED],
        }
    }

    /// The observation at `place`, if there is one.
    pub(super) fn at(&self, place: usize) -> Option<&'a dyn Erased> {
        match &self.entries.get(place)?.stored {
            Stored::Seen(original) => Some(&**original),
            _ => None,
        }
    }

    /// What `altered` changes in the entry at `place`.
    pub(super) fn change(
        &mut self,
        place: usize,
        altered: &Altered,
        fate: Fate,
        redactor: &Redactor,
    ) -> Option<Change> {
        let original = self.at(place)?;
        let Altered::Value(altered) = altered else {
            return None;
        };
        let left = &mut self.left[usize::from(fate == Fate::Survived)];
        *left = left.checked_sub(1)?;
        let slot = self.encoded.get_mut(place)?;
        if slot.is_none() {
            *slot = original.encode().ok();
        }
        let now = altered.encode().ok()?;
        difference(slot.as_ref()?, &now).map(|change| shown(&change, redactor))
    }
}

struct Difference<'v> {
    at: String,
    was: Option<&'v Value>,
    now: Option<&'v Value>,
}

/// Masks as if the whole observation were masked: a name above decides what is secret below it.
fn shown(difference: &Difference<'_>, redactor: &Redactor) -> Change {
    let names = || difference.at.split('/');
    let is_secret = names().any(crate::redact::names::is_secret_field);
    let show = |value: Option<&Value>| {
        let value = value?.clone();
        Some(if is_secret {
            Value::from(crate::redact::MASK).to_string()
        } else {
            crate::evidence::brief(redactor, value).to_string()
        })
    };
    Change {
        was: show(difference.was),
        now: show(difference.now),
        at: redactor.text(&difference.at),
    }
}

/// The innermost place that holds all of the difference of two values; none where there is none.
fn difference<'v>(was: &'v Value, now: &'v Value) -> Option<Difference<'v>> {
    let (mut was, mut now) = (was, now);
    let mut at = String::new();
    if was == now {
        return None;
    }
    loop {
        let step = match (was, now) {
            (Value::Object(a), Value::Object(b)) => {
                let mut keys = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key)));
                let mut differing = keys.by_ref().filter(|key| a.get(*key) != b.get(*key));
                let key = differing.next();
                match differing.next() {
                    None => key.map(|key| {
                        (
                            key.replace('~', "~0").replace('/', "~1"),
                            a.get(key),
                            b.get(key),
                        )
                    }),
                    Some(_) => None,
                }
            }
            (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
                let mut differing = (0..a.len()).filter(|&at| a[at] != b[at]);
                let place = differing.next();
                match differing.next() {
                    None => place.map(|place| (place.to_string(), a.get(place), b.get(place))),
                    Some(_) => None,
                }
            }
            _ => None,
        };
        let Some((key, before, after)) = step else {
            return Some(Difference {
                at,
                was: Some(was),
                now: Some(now),
            });
        };
        at.push('/');
        at.push_str(&key);
        match (before, after) {
            (Some(before), Some(after)) => (was, now) = (before, after),
            (was, now) => return Some(Difference { at, was, now }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_innermost_place_of_all_differences_is_shown() {
        let was = json!({"status": 200, "body": {"data": [{"a": 1, "b": 2}, {"a": 3}]}, "x/y": 1});
        let change = |now: &Value| {
            difference(&was, now).map(|d| (d.at.clone(), d.was.cloned(), d.now.cloned()))
        };
        let with = |pointer: &str, value: Value| {
            let mut now = was.clone();
            *now.pointer_mut(pointer).unwrap() = value;
            now
        };
        assert_eq!(change(&was), None);
        assert_eq!(
            change(&with("/body/data/0/b", json!(null))),
            Some(("/body/data/0/b".into(), Some(json!(2)), Some(json!(null))))
        );
        assert_eq!(
            change(&with("/body/data/0", json!({"a": 1}))),
            Some(("/body/data/0/b".into(), Some(json!(2)), None))
        );
        assert_eq!(
            change(&with("/body/data/0", json!({"a": 9, "b": 9}))),
            Some((
                "/body/data/0".into(),
                Some(json!({"a": 1, "b": 2})),
                Some(json!({"a": 9, "b": 9}))
            ))
        );
        assert_eq!(
            change(&with("/body/data", json!([]))).unwrap().0,
            "/body/data"
        );
        assert_eq!(change(&with("/x~1y", json!(2))).unwrap().0, "/x~1y");
        assert_eq!(change(&json!(1)).unwrap().0, "");
    }

    #[test]
    fn what_stands_below_a_secret_name_is_masked() {
        let value = json!("abc");
        let difference = Difference {
            at: "/headers/authorization".to_owned(),
            was: Some(&value),
            now: None,
        };
        let change = shown(&difference, &Redactor::default());
        assert_eq!(
            (change.was, change.now),
            (Some("\"[redacted]\"".to_owned()), None)
        );
    }
}
