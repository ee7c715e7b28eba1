//! The alterations of a JSON value for what a check read of it.
//!
//! A check that reads a field of each of a hundred rows is asked about two of them, the first and
//! the last that it read: what holds for each row is tested on two, and a check that only looks at
//! the first is told so.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::path::Path;
use crate::observation::{Facet, scalar};

/// Alterations of one value at most. Each one is a copy of the value.
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
    /// A copy of `value` with the alteration applied.
    #[must_use]
    pub fn apply(&self, value: &Value) -> Value {
        let mut altered = value.clone();
        self.change_in(&mut altered);
        altered
    }

    fn change_in(&self, root: &mut Value) {
        match &self.change {
            Change::Remove => remove(root, &self.place),
            Change::Put(value) => put(root, &self.place, value),
            Change::Empty => match root.pointer_mut(self.place.as_pointer()) {
                Some(Value::Array(items)) => items.clear(),
                Some(Value::Object(fields)) => fields.clear(),
                _ => {}
            },
            Change::DuplicateFirst => {
                if let Some(Value::Array(items)) = root.pointer_mut(self.place.as_pointer())
                    && let Some(first) = items.first().cloned()
                {
                    items.insert(0, first);
                }
            }
            Change::RemoveLast => {
                if let Some(Value::Array(items)) = root.pointer_mut(self.place.as_pointer()) {
                    items.pop();
                }
            }
        }
    }
}

fn remove(root: &mut Value, place: &Path) {
    let Some((above, key)) = place.split() else {
        *root = Value::Null;
        return;
    };
    match root.pointer_mut(above.as_pointer()) {
        Some(Value::Object(fields)) => drop(fields.remove(&key)),
        Some(Value::Array(items)) => {
            if let Some(at) = key.parse().ok().filter(|&at: &usize| at < items.len()) {
                items.remove(at);
            }
        }
        _ => {}
    }
}

fn put(root: &mut Value, place: &Path, value: &Value) {
    if let Some(slot) = root.pointer_mut(place.as_pointer()) {
        *slot = value.clone();
        return;
    }
    if let Some((above, key)) = place.split()
        && let Some(Value::Object(fields)) = root.pointer_mut(above.as_pointer())
    {
        fields.insert(key, value.clone());
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
        places.sort_by(|a, b| by_position(a.1.as_pointer(), b.1.as_pointer()));
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

fn by_position(a: &str, b: &str) -> std::cmp::Ordering {
    let keys = |text: &str| -> Vec<(usize, String)> {
        let key = |part: &str| (part.parse().unwrap_or(usize::MAX), part.to_owned());
        text.split('/').map(key).collect()
    };
    keys(a).cmp(&keys(b))
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
        (Asked::Value, Some(value)) => {
            let mut all = Vec::new();
            if !place.is_root() {
                all.push(make("field-dropped", "is missing", Change::Remove));
            }
            if !value.is_null() {
                all.push(make("field-null", "is null", Change::Put(Value::Null)));
            }
            for change in scalar::changes(value) {
                all.push(make(
                    change.operator,
                    &change.words,
                    Change::Put(change.value),
                ));
            }
            all
        }
    }
}

/// Whether a field can be put at a place: what is above it is an object.
fn addable(root: &Value, place: &Path) -> bool {
    let above = place
        .split()
        .and_then(|(above, _)| above.find(root).cloned());
    above.is_some_and(|above| above.is_object())
}
