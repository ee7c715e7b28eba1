//! Finding an item by its id without a second copy of the ids.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use crate::item::Item;
use crate::source::narrow;

/// A slot of the table: some bits of the id's hash, so that a slot of another id is passed over
/// without looking at the item, and the number of the item.
#[derive(Clone, Copy, Debug)]
struct Slot {
    tag: u32,
    item: u32,
}

const EMPTY: Slot = Slot {
    tag: 0,
    item: u32::MAX,
};

/// An open-addressing table of item numbers, keyed by the items' own ids. The hash is seeded, so
/// no document can be made slow by its choice of ids.
#[derive(Clone, Debug, Default)]
pub(crate) struct IdIndex {
    slots: Vec<Slot>,
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
        for (number, item) in items.iter().enumerate() {
            let (at, tag) = index.find(items, item.id());
            let first = index.slots[at].item;
            if first == EMPTY.item {
                index.slots[at] = Slot {
                    tag,
                    item: narrow(number),
                };
            } else {
                index.twins.push((first, narrow(number)));
            }
        }
        index.twins.sort_unstable();
        index
    }

    /// The slot that holds this id, or the empty one where it would go, and the id's tag. Half of
    /// the slots are always empty.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the hash is cut into a position and a tag on purpose"
    )]
    fn find(&self, items: &[Item], id: &str) -> (usize, u32) {
        let hash = self.hasher.hash_one(id.as_bytes());
        let tag = (hash >> 32) as u32;
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let slot = self.slots[at];
            let found =
                slot.item == EMPTY.item || slot.tag == tag && items[slot.item as usize].id() == id;
            if found {
                return (at, tag);
            }
            at = (at + 1) & mask;
        }
    }

    /// The first item with this id.
    pub fn first(&self, items: &[Item], id: &str) -> Option<usize> {
        if self.slots.is_empty() {
            return None;
        }
        let number = self.slots[self.find(items, id).0].item;
        (number != EMPTY.item).then_some(number as usize)
    }

    /// As [`IdIndex::first`], trying the item behind the one found before: results come in the
    /// order of their ids, which is mostly that of the document.
    pub fn first_after(&self, items: &[Item], id: &str, before: Option<usize>) -> Option<usize> {
        let next = before.map_or(0, |number| number + 1);
        let guess = items
            .get(next)
            .filter(|item| self.twins.is_empty() && item.id() == id);
        guess.map_or_else(|| self.first(items, id), |_| Some(next))
    }

    /// The items that share the id of this first one.
    pub fn others(&self, first: usize) -> impl Iterator<Item = usize> + '_ {
        let first = narrow(first);
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
