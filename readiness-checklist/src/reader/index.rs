//! Finding an item by its id without a second copy of the ids.

use std::cmp::Ordering;

use crate::item::Item;
use crate::source::narrow;

/// The items in the order of their ids. Documents mostly number their items, so the order is nearly
/// that of the document: it costs one comparison an item to find out, and nothing to keep.
#[derive(Clone, Debug, Default)]
pub(crate) struct IdIndex {
    /// Numbers of the items by id, equal ids in document order; none where the document itself is in
    /// that order, without an id twice.
    order: Option<Vec<u32>>,
    /// Items that share the id of an earlier one: earlier and later, sorted.
    twins: Vec<(u32, u32)>,
}

impl IdIndex {
    pub fn new(items: &[Item]) -> Self {
        if items.is_sorted_by(|one, next| one.id_bytes() < next.id_bytes()) {
            return Self::default();
        }
        let mut order: Vec<u32> = (0..narrow(items.len())).collect();
        let id = |number: u32| items[number as usize].id_bytes();
        // Stable, and quick on the runs that the sections of a document make.
        order.sort_by(|&a, &b| id(a).cmp(id(b)));
        let mut twins = Vec::new();
        for group in order.chunk_by(|&a, &b| id(a) == id(b)) {
            twins.extend(group[1..].iter().map(|&later| (group[0], later)));
        }
        twins.sort_unstable();
        Self {
            order: Some(order),
            twins,
        }
    }

    /// The item at a place in the order of ids.
    fn at(&self, place: usize) -> usize {
        self.order
            .as_ref()
            .map_or(place, |order| order[place] as usize)
    }

    /// The place of the first item whose id is not below this one.
    fn lower(&self, items: &[Item], id: &str) -> usize {
        let (mut low, mut high) = (0, items.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match items[self.at(middle)].id_bytes().cmp(id.as_bytes()) {
                Ordering::Less => low = middle + 1,
                Ordering::Equal | Ordering::Greater => high = middle,
            }
        }
        low
    }

    /// The first item with this id.
    pub fn first(&self, items: &[Item], id: &str) -> Option<usize> {
        self.first_from(items, id, &mut 0)
    }

    /// As [`IdIndex::first`], trying the place in the order of ids behind the one found before.
    /// Whoever asks several times asks in that order.
    pub fn first_from(&self, items: &[Item], id: &str, place: &mut usize) -> Option<usize> {
        let guess = (*place < items.len()).then(|| self.at(*place));
        if let Some(number) = guess.filter(|&number| items[number].id_bytes() == id.as_bytes()) {
            *place += 1;
            return Some(number);
        }
        let found = self.lower(items, id);
        if found >= items.len() || items[self.at(found)].id_bytes() != id.as_bytes() {
            return None;
        }
        *place = found + 1;
        Some(self.at(found))
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
