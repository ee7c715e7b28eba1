//! What changed between two states of a checklist: items added, removed, reworded, renamed and
//! moved, statuses gained and lost. Pure: two lists of items in, the changes out.
//!
//! Items are the same when their ids are. An id that was derived from the words of an item changes
//! with them, so what is left over is matched by equal text, and then, within a section, by the
//! words that two texts share.

mod order;
mod words;

use std::collections::{HashMap, VecDeque};

use serde::Serialize;

pub(crate) use words::{Op, Piece, diff as word_diff};

/// Pairs of leftovers that are looked at for likeness; beyond it they count as removed and added.
const MOST_PAIRS: usize = 250_000;

/// Bytes of text that these pairs have in all, which is some hundred for each; beyond it the same.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// Bytes of a text that is looked at for likeness: no requirement that people read comes near it.
const LONGEST: usize = 8 * 1024;

/// One item as one side has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) id: String,
    /// Display text; none where only a hash of it is known.
    pub(crate) text: Option<String>,
    /// What decides whether the text is the same: the normalised text, or its hash.
    pub(crate) wording: String,
    /// The headings it stands under; none where nothing is known of places.
    pub(crate) section: Option<Vec<String>>,
    pub(crate) line: Option<usize>,
    pub(crate) status: Status,
}

/// What one side shows for an item.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Status {
    /// In words, as in `PASS` or `not verified`.
    pub(crate) word: String,
    /// Whether it counts as met.
    pub(crate) met: bool,
    /// Whether somebody typed it, with no record behind it.
    pub(crate) typed: bool,
}

/// An item of one side alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Single {
    pub(crate) id: String,
    pub(crate) text: Option<String>,
    pub(crate) line: Option<usize>,
    pub(crate) status: Status,
}

/// A text that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Reworded {
    pub(crate) id: String,
    /// The id before, where it changed with the words.
    pub(crate) old_id: Option<String>,
    pub(crate) line: Option<usize>,
    /// The words that stayed, went and came; empty where only hashes are known.
    pub(crate) words: Vec<Piece>,
}

/// An id that changed over the same text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Renamed {
    pub(crate) old_id: String,
    pub(crate) id: String,
    pub(crate) line: Option<usize>,
}

/// An item that stands elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Moved {
    pub(crate) id: String,
    pub(crate) from: Spot,
    pub(crate) to: Spot,
}

/// Where an item stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Spot {
    pub(crate) section: Vec<String>,
    pub(crate) line: Option<usize>,
}

/// A status that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Turned {
    pub(crate) id: String,
    pub(crate) line: Option<usize>,
    pub(crate) old: Status,
    pub(crate) new: Status,
    pub(crate) change: Turn,
}

/// Whether an item came to be met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Turn {
    /// It is met now and was not.
    Gained,
    /// It was met and is not.
    Lost,
    /// Neither before nor now, or both.
    Changed,
}

/// Everything that changed, each list in the order of the side that has the item.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Changes {
    pub(crate) added: Vec<Single>,
    pub(crate) removed: Vec<Single>,
    pub(crate) reworded: Vec<Reworded>,
    pub(crate) renamed: Vec<Renamed>,
    pub(crate) moved: Vec<Moved>,
    pub(crate) statuses: Vec<Turned>,
}

impl Changes {
    /// Whether nothing changed.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Compares two sides.
pub(crate) fn compare(old: &[Item], new: &[Item]) -> Changes {
    let mut pairs = pairs(old, new);
    pairs.sort_unstable_by_key(|pair| pair.1);
    let mut changes = Changes::default();
    let (mut had, mut has) = (vec![false; old.len()], vec![false; new.len()]);
    for &(from, to) in &pairs {
        (had[from], has[to]) = (true, true);
        describe(&old[from], &new[to], &mut changes);
    }
    changes.moved = moved(old, new, &pairs);
    changes.removed = alone(old, &had);
    changes.added = alone(new, &has);
    changes
}

/// Which old item is which new one.
fn pairs(old: &[Item], new: &[Item]) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    // Equal ids, in order: a document may hold one several times.
    let by_id = |item: &Item| item.id.clone();
    let (left, right) = match_by(
        old,
        new,
        (0..old.len()).collect(),
        (0..new.len()).collect(),
        by_id,
        &mut pairs,
    );
    let by_text = |item: &Item| item.wording.clone();
    let (left, right) = match_by(old, new, left, right, by_text, &mut pairs);
    alike(old, new, &left, right, &mut pairs);
    pairs
}

/// Matches what has an equal key, and gives what is left over of both sides.
fn match_by(
    old: &[Item],
    new: &[Item],
    left: Vec<usize>,
    right: Vec<usize>,
    key: impl Fn(&Item) -> String,
    pairs: &mut Vec<(usize, usize)>,
) -> (Vec<usize>, Vec<usize>) {
    let mut waiting: HashMap<String, VecDeque<usize>> = HashMap::new();
    for &to in &right {
        waiting.entry(key(&new[to])).or_default().push_back(to);
    }
    let mut matched = vec![false; new.len()];
    let mut rest = Vec::new();
    for from in left {
        let name = key(&old[from]);
        let found = waiting.get_mut(&name).filter(|_| !name.is_empty());
        match found.and_then(VecDeque::pop_front) {
            Some(to) => {
                matched[to] = true;
                pairs.push((from, to));
            }
            None => rest.push(from),
        }
    }
    let right = right.into_iter().filter(|&to| !matched[to]).collect();
    (rest, right)
}

/// Matches leftovers of one section that share at least half of their words, best first.
fn alike(
    old: &[Item],
    new: &[Item],
    left: &[usize],
    mut right: Vec<usize>,
    pairs: &mut Vec<(usize, usize)>,
) {
    let length = |item: &Item| item.text.as_ref().map_or(0, String::len);
    let mut left = left.to_vec();
    left.retain(|&from| length(&old[from]) <= LONGEST);
    right.retain(|&to| length(&new[to]) <= LONGEST);
    let bytes = |items: &[Item], which: &[usize]| -> usize {
        which.iter().map(|&at| length(&items[at])).sum()
    };
    let work = bytes(old, &left) * right.len() + bytes(new, &right) * left.len();
    if left.len().saturating_mul(right.len()) > MOST_PAIRS || work > MOST_BYTES {
        return;
    }
    for from in left {
        let likeness = |to: &usize| {
            let (a, b) = (&old[from], &new[*to]);
            let texts = a.text.as_deref().zip(b.text.as_deref());
            let same_place = a.section.is_some() && a.section == b.section;
            texts
                .filter(|_| same_place)
                .map_or(0, |(a, b)| words::likeness(a, b))
        };
        let best = right
            .iter()
            .map(|to| (likeness(to), *to))
            .max_by_key(|(like, to)| (*like, std::cmp::Reverse(*to)));
        if let Some((_, to)) = best.filter(|(like, _)| *like >= 50) {
            right.retain(|other| *other != to);
            pairs.push((from, to));
        }
    }
}

/// What became of one item, except its place.
fn describe(old: &Item, new: &Item, changes: &mut Changes) {
    let renamed = old.id != new.id;
    if old.wording != new.wording {
        let texts = old.text.as_deref().zip(new.text.as_deref());
        changes.reworded.push(Reworded {
            id: new.id.clone(),
            old_id: renamed.then(|| old.id.clone()),
            line: new.line,
            words: texts
                .map(|(old, new)| word_diff(old, new))
                .unwrap_or_default(),
        });
    } else if renamed {
        changes.renamed.push(Renamed {
            old_id: old.id.clone(),
            id: new.id.clone(),
            line: new.line,
        });
    }
    if old.status != new.status {
        changes.statuses.push(Turned {
            id: new.id.clone(),
            line: new.line,
            old: old.status.clone(),
            new: new.status.clone(),
            change: match (old.status.met, new.status.met) {
                (false, true) => Turn::Gained,
                (true, false) => Turn::Lost,
                _ => Turn::Changed,
            },
        });
    }
}

/// Items under another heading, and the fewest items that must have changed their place among the
/// others.
fn moved(old: &[Item], new: &[Item], pairs: &[(usize, usize)]) -> Vec<Moved> {
    let order: Vec<usize> = pairs.iter().map(|pair| pair.0).collect();
    let stayed = order::longest_rising(&order);
    pairs
        .iter()
        .zip(stayed)
        .filter_map(|(&(from, to), stayed)| {
            let (old, new) = (&old[from], &new[to]);
            let (before, after) = old.section.as_ref().zip(new.section.as_ref())?;
            (before != after || !stayed).then(|| Moved {
                id: new.id.clone(),
                from: Spot {
                    section: before.clone(),
                    line: old.line,
                },
                to: Spot {
                    section: after.clone(),
                    line: new.line,
                },
            })
        })
        .collect()
}

fn alone(items: &[Item], matched: &[bool]) -> Vec<Single> {
    let alone = items.iter().zip(matched).filter(|(_, matched)| !**matched);
    alone
        .map(|(item, _)| Single {
            id: item.id.clone(),
            text: item.text.clone(),
            line: item.line,
            status: item.status.clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests;
