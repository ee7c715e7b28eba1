//! Which alterations are tried, in which order.
//!
//! Alterations are grouped by observation and facet. A round takes one of each group, the strongest
//! of a group first, and goes through the observations in turn, so that within the budget neither an
//! observation nor a facet starves. Where the budget does not reach all of them, a seeded shuffle
//! says which groups come first. Same recording, same seed: same order.

use std::collections::{BTreeMap, VecDeque};

use crate::context::{Entry, ErasedMutant, Stored};
use crate::harness::panics;
use crate::observation::{Facet, Strength};
use crate::run::ProveSettings;

/// Observations whose alterations are made. Of more, a sample is taken that is spread evenly: a
/// burst of a thousand requests is altered at half of them.
const MAX_ALTERED: usize = 512;

/// One alteration of one entry.
pub(super) struct Candidate {
    /// Position of the entry in the recording.
    pub(super) place: usize,
    /// Its identity, for people.
    pub(super) observation: String,
    pub(super) mutant: ErasedMutant,
}

/// All alterations in the order in which they are tried.
#[derive(Default)]
pub(super) struct Plan {
    pub(super) fine: Vec<Candidate>,
    pub(super) gross: Vec<Candidate>,
}

/// The plan for a recording; the message where an operator panicked.
pub(super) fn plan(
    entries: &[Entry],
    settings: &ProveSettings,
    trial: &str,
) -> Result<Plan, String> {
    let mut plan = Plan::default();
    let observed: Vec<_> = entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| entry.stored.is_observation())
        .collect();
    for at in spread(observed.len(), MAX_ALTERED) {
        let (place, entry) = observed[at];
        let Stored::Seen(value) = &entry.stored else {
            continue;
        };
        let read = entry.reads.facets();
        let mutants = panics::catch_in(true, || value.mutants(&read));
        for mutant in mutants.map_err(|panic| panic.message)? {
            let list = match mutant.strength {
                Strength::Fine => &mut plan.fine,
                Strength::Gross => &mut plan.gross,
            };
            list.push(Candidate {
                place,
                observation: entry.identity.to_string(),
                mutant,
            });
        }
    }
    let seed = settings.seed ^ hash(trial);
    for list in [&mut plan.fine, &mut plan.gross] {
        *list = in_turn(std::mem::take(list), settings.budget, seed);
    }
    Ok(plan)
}

/// At most `most` of the positions below `count`, the first and the last among them.
fn spread(count: usize, most: usize) -> impl Iterator<Item = usize> {
    let chosen = count.min(most);
    (0..chosen).map(move |at| match chosen {
        0 | 1 => at,
        _ => at * (count - 1) / (chosen - 1),
    })
}

type Group = VecDeque<Candidate>;

fn in_turn(candidates: Vec<Candidate>, budget: usize, seed: u64) -> Vec<Candidate> {
    let total = candidates.len();
    let mut by_entry: BTreeMap<usize, BTreeMap<Facet, Group>> = BTreeMap::new();
    for candidate in candidates {
        by_entry
            .entry(candidate.place)
            .or_default()
            .entry(candidate.mutant.facet.clone())
            .or_default()
            .push_back(candidate);
    }
    let entries = by_entry
        .into_values()
        .map(|groups| groups.into_values().collect());
    let mut groups: Vec<Group> = rounds(entries.collect());
    if total > budget {
        shuffle(&mut groups, seed);
    }
    rounds(groups)
}

/// One of each queue in turn, until all are empty.
fn rounds<T>(mut queues: Vec<VecDeque<T>>) -> Vec<T> {
    let mut taken = Vec::new();
    while !queues.is_empty() {
        for queue in &mut queues {
            taken.extend(queue.pop_front());
        }
        queues.retain(|queue| !queue.is_empty());
    }
    taken
}

/// Fisher and Yates, on a generator that is the same everywhere.
fn shuffle<T>(items: &mut [T], mut state: u64) {
    for last in (1..items.len()).rev() {
        let range = u64::try_from(last + 1).unwrap_or(u64::MAX);
        let other = usize::try_from(next(&mut state) % range).unwrap_or(0);
        items.swap(last, other);
    }
}

/// `SplitMix64` (Steele, Lea and Flood, 2014).
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// FNV-1a: the standard library's hash may change between releases, and with it the order.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Altered;

    fn candidate(place: usize, facet: &str, operator: &'static str) -> Candidate {
        Candidate {
            place,
            observation: String::new(),
            mutant: ErasedMutant {
                operator,
                facet: Facet(facet.to_owned()),
                words: String::new(),
                strength: Strength::Fine,
                make: Box::new(|_| Altered::Failure),
            },
        }
    }

    fn order(candidates: &[Candidate]) -> Vec<String> {
        let name = |c: &Candidate| format!("{}{}{}", c.place, c.mutant.facet, c.mutant.operator);
        candidates.iter().map(name).collect()
    }

    fn sample() -> Vec<Candidate> {
        let mut all = Vec::new();
        for operator in ["x", "y", "z"] {
            all.push(candidate(0, "a", operator));
        }
        all.push(candidate(0, "b", "x"));
        all.push(candidate(1, "a", "x"));
        all.push(candidate(1, "a", "y"));
        all
    }

    #[test]
    fn rounds_go_through_observations_and_facets() {
        let planned = in_turn(sample(), 64, 0);
        assert_eq!(order(&planned), ["0ax", "1ax", "0bx", "0ay", "1ay", "0az"]);
    }

    #[test]
    fn beyond_the_budget_the_seed_decides_and_nothing_is_lost() {
        let of_seed = |seed| order(&in_turn(sample(), 2, seed));
        let mut seen = std::collections::BTreeSet::new();
        for seed in 0..32 {
            let planned = of_seed(seed);
            assert_eq!(planned, of_seed(seed));
            let mut sorted = planned.clone();
            sorted.sort();
            assert_eq!(sorted, ["0ax", "0ay", "0az", "0bx", "1ax", "1ay"]);
            let place = |name: &str| planned.iter().position(|other| other == name);
            assert!(
                place("0ax") < place("0ay") && place("0ay") < place("0az"),
                "{planned:?}"
            );
            seen.insert(planned);
        }
        assert_eq!(seen.len(), 6, "every order of three groups comes up");
    }

    #[test]
    fn a_sample_has_both_ends() {
        let of = |count, most| spread(count, most).collect::<Vec<_>>();
        assert!(of(0, 4).is_empty());
        assert_eq!(of(1, 4), [0]);
        assert_eq!(of(4, 4), [0, 1, 2, 3]);
        assert_eq!(of(10, 4), [0, 3, 6, 9]);
    }
}
