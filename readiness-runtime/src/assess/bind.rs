//! The items of a document and the trials of a run, brought together by id; and the digests that tell
//! whether a text or a check is still the one that it was.

use std::collections::BTreeMap;

use readiness_checklist::{Checklist, IdOrigin, Item};

use super::{Inputs, RunSummary, TrialSummary};
use crate::diagnostic::{Code, Diagnostic};
use crate::digest::{Sha256, hex, sha256};

/// SHA-256 of a requirement's normalised text, in hexadecimal.
pub fn text_hash(item: &Item) -> String {
    hex(&sha256(item.normalized_text().as_bytes()))
}

/// An item with the trials bound to it.
pub(super) struct Slot<'a> {
    pub(super) item: &'a Item,
    pub(super) index: usize,
    pub(super) text: String,
    pub(super) trials: Vec<usize>,
    pub(super) collides: bool,
}

/// Items and trials, brought together.
pub(super) struct Bound<'a> {
    pub(super) slots: Vec<Slot<'a>>,
    by_id: BTreeMap<&'a str, usize>,
}

impl<'a> Bound<'a> {
    pub(super) fn new(inputs: &Inputs<'a>) -> Self {
        let mut slots: Vec<Slot<'_>> = Vec::new();
        let mut by_id: BTreeMap<&str, usize> = BTreeMap::new();
        for (index, item) in inputs.checklist.items().iter().enumerate() {
            let known = by_id.get(item.id()).copied();
            let collides = known.is_some() && item.id_origin() == IdOrigin::Derived;
            match known {
                Some(first) if collides => slots[first].collides = true,
                // The same explicit id again is the same item.
                Some(_) => continue,
                None => {
                    by_id.insert(item.id(), slots.len());
                }
            }
            slots.push(Slot {
                item,
                index,
                text: text_hash(item),
                trials: Vec::new(),
                collides,
            });
        }
        for (index, trial) in inputs
            .run
            .iter()
            .flat_map(|run| run.trials.iter().enumerate())
        {
            if let Some(&slot) = by_id.get(trial.id.as_str())
                && !slots[slot].collides
            {
                slots[slot].trials.push(index);
            }
        }
        Self { slots, by_id }
    }

    /// Trials that belong to no item.
    pub(super) fn unbound(&self, inputs: &Inputs<'_>) -> Vec<Diagnostic> {
        let mut ids: BTreeMap<&str, &TrialSummary> = BTreeMap::new();
        for trial in inputs.run.iter().flat_map(|run| &run.trials) {
            ids.entry(&trial.id).or_insert(trial);
        }
        ids.into_iter()
            .filter_map(|(id, trial)| {
                let from = match trial.source.as_str() {
                    "" => trial.trial.clone(),
                    source => format!("{} ({source})", trial.trial),
                };
                match self.by_id.get(id) {
                    None => {
                        let message = format!("no item has this id; {from} answers to it");
                        Some(
                            Diagnostic::new(Code::ResultIdUnknown, inputs.path, message)
                                .about(id)
                                .hint(nearest_hint(inputs.checklist, id)),
                        )
                    }
                    Some(&slot) if self.slots[slot].collides => {
                        let lines: Vec<_> = self
                            .slots
                            .iter()
                            .filter(|slot| slot.item.id() == id)
                            .map(|slot| slot.item.line().to_string())
                            .collect();
                        let message = format!(
                            "items on lines {} derive this id; {from} is bound to none of them",
                            lines.join(", ")
                        );
                        Some(
                            Diagnostic::new(Code::ResultIdCollision, inputs.path, message)
                                .about(id)
                                .hint("give each an id: <!-- req: … -->"),
                        )
                    }
                    Some(_) => None,
                }
            })
            .collect()
    }
}

/// The nearest ids with their lines, for a hint.
pub fn nearest_hint(checklist: &Checklist, id: &str) -> String {
    let near: Vec<_> = checklist
        .nearest(id)
        .iter()
        .map(|item| format!("{} (line {})", item.id(), item.line()))
        .collect();
    match near.as_slice() {
        [] => "`cargo readiness list` prints the ids".to_owned(),
        near => format!("nearest: {}", near.join(", ")),
    }
}

/// Digest over the names and digests of an item's checks, in 16 hexadecimal digits: enough to
/// notice a change, which is all it is for.
pub(super) fn check_digest(slot: &Slot<'_>, run: Option<&RunSummary>) -> Option<String> {
    let run = run?;
    let mut checks: Vec<_> = slot
        .trials
        .iter()
        .filter_map(|&index| run.trials.get(index))
        .map(|trial| (&trial.trial, &trial.digest))
        .collect();
    if checks.is_empty() {
        return None;
    }
    checks.sort();
    let mut hasher = Sha256::new();
    for (trial, digest) in checks {
        hasher.update(trial.as_bytes());
        hasher.update([0]);
        hasher.update(digest.as_bytes());
        hasher.update([0]);
    }
    Some(hex(&hasher.finalize()[..8]))
}
