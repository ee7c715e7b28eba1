//! The alterations of a JSON value for what a check read of it.
//!
//! A check that reads a field of each of a hundred rows is asked about two of them, the first and
//! the last that it read: what holds for each row is tested on two, and a check that only looks at
//! the first is told so.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::path::Path;
use crate::observation::{Facet, is_secret_name, scalar};

/// Alterations of one value at most.
const MAX: usize = 96;

/// One alteration of a JSON value, not yet applied.
#[derive(Debug, Clone)]
pub struct Alteration {
    /// The operator's stable name.
    pub operator: &'static str,
    /// The facet it alters.
    pub facet: Facet,
    /// After "still passes when": `data[0].chain is missing`.
    pub words: String,
    place: Path,
    change: Change,
}

#[derive(Debug, Clone)]
enum Change {
    Remove,
    Put(Value),
    Empty,
    DuplicateFirst,
    RemoveLast,
}

impl Alteration {
    /// A copy of `value` with the alteration applied. What is taken away is not copied first.
    #[must_use]
    pub fn apply(&self, value: &Value) -> Value {
        self.copied(value, &self.place.keys())
    }

    /// The position of the element of a list that it leaves in the list, altered; if there is one.
    pub(crate) fn element(&self) -> Option<usize> {
        let keys = self.place.keys();
        let is_taken_away = matches!(self.change, Change::Remove | Change::Put(Value::Null));
        match keys.as_slice() {
            [] => None,
            [_] if is_taken_away => None,
            [position, ..] => position.parse().ok(),
        }
    }

    /// [`apply`](Self::apply) to that element alone.
    pub(crate) fn apply_below(&self, element: &Value) -> Value {
        let keys = self.place.keys();
        self.copied(element, keys.get(1..).unwrap_or_default())
    }

    /// A copy of what is above the place, around the altered copy of what is at it.
    fn copied(&self, value: &Value, keys: &[String]) -> Value {
        let Some((key, rest)) = keys.split_first() else {
            return self.changed(value);
        };
        let below = |value: &Value| match (rest, &self.change) {
            ([], Change::Remove) => None,
            _ => Some(self.copied(value, rest)),
        };
        match value {
            Value::Object(fields) => {
                let mut copy = serde_json::Map::with_capacity(fields.len());
                for (name, field) in fields {
                    if name == key {
                        copy.extend(below(field).map(|field| (name.clone(), field)));
                    } else {
                        copy.insert(name.clone(), field.clone());
                    }
                }
                if let (Change::Put(added), []) = (&self.change, rest)
                    && !fields.contains_key(key)
                {
                    copy.insert(key.clone(), added.clone());
                }
                Value::Object(copy)
            }
            Value::Array(items) => {
                let place: Option<usize> = key.parse().ok();
                let items = items.iter().enumerate();
                let copy = items.filter_map(|(at, item)| {
                    if Some(at) == place {
                        below(item)
                    } else {
                        Some(item.clone())
                    }
                });
                Value::Array(copy.collect())
            }
            plain => plain.clone(),
        }
    }

    /// An altered copy of what is at the place.
    fn changed(&self, value: &Value) -> Value {
        match (&self.change, value) {
            (Change::Remove, _) => Value::Null,
            (Change::Put(value), _) => value.clone(),
            (Change::Empty, Value::Array(_)) => Value::Array(Vec::new()),
            (Change::Empty, Value::Object(_)) => Value::Object(serde_json::Map::new()),
            (Change::DuplicateFirst, Value::Array(items)) => {
                items.first().into_iter().chain(items).cloned().collect()
            }
            (Change::RemoveLast, Value::Array(items)) => {
                let kept = items.len().saturating_sub(1);
                Value::Array(items[..kept].to_vec())
            }
            (_, other) => other.clone(),
        }
    }
}

/// The alterations of `value` for the facets of `read` that begin with `prefix` and a colon. At
/// most 96, taken in turn from the facets so that none starves, the strongest of a facet first.
pub fn alterations(value: &Value, prefix: &str, read: &BTreeSet<Facet>) -> Vec<Alteration> {
    let mut groups: Vec<_> = representatives(prefix, read)
        .into_iter()
        .map(|(facet, place, what)| of_place(value, facet, &place, what).into_iter())
        .collect();
    let mut taken = Vec::new();
    loop {
        let before = taken.len();
        for group in &mut groups {
            taken.extend(group.next());
            if taken.len() == MAX {
                return taken;
            }
        }
        if taken.len() == before {
            return taken;
        }
    }
}

/// What was asked of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Asked {
    Value,
    Length,
    Absence,
    /// Whether it is null.
    Null,
}

/// The places to alter: of those that differ only in positions of lists, the first and the last.
fn representatives<'r>(prefix: &str, read: &'r BTreeSet<Facet>) -> Vec<(&'r Facet, Path, Asked)> {
    // Per group: where its first facet stood, and its places.
    type Group<'r> = (usize, Vec<(&'r Facet, Path)>);
    let mut groups: BTreeMap<(String, Asked), Group<'r>> = BTreeMap::new();
    for (order, facet) in read.iter().enumerate() {
        let Some(pointer) = facet
            .0
            .strip_prefix(prefix)
            .and_then(|f| f.strip_prefix(':'))
        else {
            continue;
        };
        let (pointer, asked) = match pointer.rsplit_once('#') {
            Some((pointer, "len")) => (pointer, Asked::Length),
            Some((pointer, "absent")) => (pointer, Asked::Absence),
            Some((pointer, "null")) => (pointer, Asked::Null),
            _ => (pointer, Asked::Value),
        };
        let place = Path::of_pointer(pointer);
        let group = groups
            .entry((place.pattern(), asked))
            .or_insert_with(|| (order, Vec::new()));
        group.1.push((facet, place));
    }
    let mut chosen = Vec::new();
    for ((_, asked), (order, mut places)) in groups {
        // Facets sort as texts, where 10 stands before 2.
        places.sort_by_cached_key(|(_, place)| by_position(place));
        let last = (places.len() > 1).then(|| places.pop()).flatten();
        for (facet, place) in places.into_iter().take(1).chain(last) {
            chosen.push((order, facet, place, asked));
        }
    }
    chosen.sort_by_key(|(order, ..)| *order);
    chosen
        .into_iter()
        .map(|(_, facet, place, asked)| (facet, place, asked))
        .collect()
}

fn by_position(place: &Path) -> Vec<(usize, String)> {
    let key = |part: String| (part.parse().unwrap_or(usize::MAX), part);
    place.keys().into_iter().map(key).collect()
}

fn of_place(root: &Value, facet: &Facet, place: &Path, asked: Asked) -> Vec<Alteration> {
    let words = place.words();
    let make = |operator, what: &str, change| Alteration {
        operator,
        facet: facet.clone(),
        words: format!("{words} {what}"),
        place: place.clone(),
        change,
    };
    let found = place.find(root);
    match (asked, found) {
        (Asked::Absence, None) if addable(root, place) => {
            vec![make(
                "field-added",
                "is there",
                Change::Put(Value::from("added")),
            )]
        }
        (Asked::Absence, Some(_)) => vec![make("field-dropped", "is missing", Change::Remove)],
        (Asked::Length, Some(Value::Array(items))) if !items.is_empty() => vec![
            make("list-emptied", "is empty", Change::Empty),
            make(
                "element-duplicated",
                "has an element twice",
                Change::DuplicateFirst,
            ),
            make("element-dropped", "has an element less", Change::RemoveLast),
        ],
        (Asked::Length, Some(Value::Object(fields))) if !fields.is_empty() => vec![
            make("object-emptied", "is empty", Change::Empty),
            make("wrong-type", "is a text", Change::Put(Value::from("x"))),
        ],
        // Nothing of an empty list was seen, and only its contents could be wrong: that it is a list
        // at all is no proof for a check that goes through its elements.
        (Asked::Length, Some(_)) | (_, None) => Vec::new(),
        (Asked::Null, Some(value)) => {
            let other = if value.is_null() {
                make("wrong-type", "is a text", Change::Put(Value::from("x")))
            } else {
                make("field-null", "is null", Change::Put(Value::Null))
            };
            let dropped = make("field-dropped", "is missing", Change::Remove);
            let all = [other, dropped].into_iter();
            // The root cannot be missing, only null.
            all.take(if place.is_root() { 1 } else { 2 }).collect()
        }
        // Who reads a null as a text takes it for nothing, and may be content with that: another
        // text in its place would make a check look sound that demands none.
        (Asked::Value, Some(Value::Null)) if place.is_root() => Vec::new(),
        (Asked::Value, Some(Value::Null)) => {
            vec![make("field-dropped", "is missing", Change::Remove)]
        }
        (Asked::Value, Some(value)) => {
            let mut all = Vec::new();
            if !place.is_root() {
                all.push(make("field-dropped", "is missing", Change::Remove));
            }
            all.push(make("field-null", "is null", Change::Put(Value::Null)));
            let is_secret = place.keys().iter().any(|key| is_secret_name(key));
            for change in scalar::changes(value) {
                let words = if is_secret {
                    "has another value"
                } else {
                    &change.words
                };
                all.push(make(change.operator, words, Change::Put(change.value)));
            }
            all
        }
    }
}

/// Whether a field can be put at a place: what is above it is an object.
fn addable(root: &Value, place: &Path) -> bool {
    let above = place.split().and_then(|(above, _)| above.find(root));
    above.is_some_and(Value::is_object)
}
