//! Finding an item by its id without a second copy of the ids.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use crate::item::Item;

const EMPTY: u32 = u32::MAX;

/// An open-addressing table of item numbers, keyed by the items' own ids. The hash is seeded, so
/// no document can be made slow by its choice of ids.
#[derive(Clone, Debug, Default)]
pub(crate) struct IdIndex {
    slots: Vec<u32>,
    hasher: RandomState,
    /// Items that share the id of an earlier one: earlier and later, sorted.
    twins: Vec<(u32, u32)>,
}

impl IdIndex {
    pub fn new(items: &[Item]) -> Self {
        let mut index = Self {
            slots: vec![EMPTY; (items.len() * 2).next_power_of_two()],
            hasher: RandomState::new(),
            twins: Vec::new(),
        };
        for number in 0..items.len() {
            let slot = index.slot(items, items[number].id());
            let number = crate::source::narrow(number);
            match index.slots[slot] {
                EMPTY => index.slots[slot] = number,
                first => index.twins.push((first, number)),
            }
        }
        index.twins.sort_unstable();
        index
    }

    /// The slot that holds this id, or the empty one where it would go. Half of the slots are
    /// always empty.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "only the low bits of the hash are wanted"
    )]
    fn slot(&self, items: &[Item], id: &str) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = self.hasher.hash_one(id.as_bytes()) as usize & mask;
        while self.slots[slot] != EMPTY && items[self.slots[slot] as usize].id() != id {
            slot = (slot + 1) & mask;
        }
        slot
    }

    /// The first item with this id.
    pub fn first(&self, items: &[Item], id: &str) -> Option<usize> {
        if self.slots.is_empty() {
            return None;
        }
        let number = self.slots[self.slot(items, id)];
        (number != EMPTY).then_some(number as usize)
    }

    /// The items that share the id of this first one.
    pub fn others(&self, first: usize) -> impl Iterator<Item = usize> + '_ {
        let first = crate::source::narrow(first);
        let from = self.twins.partition_point(|twin| twin.0 < first);
        self.twins[from..]
            .iter()
            .take_while(move |twin| twin.0 == first)
            .map(|twin| twin.1 as usize)
    }

    /// The first items of all ids that several items have.
    pub fn shared(&self) -> Vec<usize> {
        let mut firsts: Vec<usize> = self.twins.iter().map(|twin| twin.0 as usize).collect();
        firsts.dedup();
        firsts
    }
}
