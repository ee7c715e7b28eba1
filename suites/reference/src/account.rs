//! What callers own: webhooks and watchlists, by account. Kept in memory for the life of the
//! service, shared by its instances.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

/// A kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Webhook,
    Watchlist,
}

/// The objects of all accounts.
#[derive(Debug, Default)]
pub(crate) struct Objects {
    kept: Mutex<BTreeMap<(String, Kind), Shelf>>,
}

#[derive(Debug, Default)]
struct Shelf {
    /// How many were ever created.
    created: usize,
    objects: BTreeMap<String, Value>,
}

/// There is no room for another one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

impl Objects {
    /// All objects of an account, by id.
    pub fn list(&self, owner: &str, kind: Kind) -> Vec<Value> {
        self.with(owner, kind, |shelf| {
            shelf.objects.values().cloned().collect()
        })
    }

    /// One object.
    pub fn get(&self, owner: &str, kind: Kind, id: &str) -> Option<Value> {
        self.with(owner, kind, |shelf| shelf.objects.get(id).cloned())
    }

    /// Keeps a new object if the account has fewer than `most`. With `forever`, deleted ones
    /// still count.
    pub fn create(
        &self,
        owner: &str,
        kind: Kind,
        (id, object): (&str, Value),
        most: Option<usize>,
        forever: bool,
    ) -> Result<(), Full> {
        self.with(owner, kind, |shelf| {
            let taken = if forever {
                shelf.created
            } else {
                shelf.objects.len()
            };
            if most.is_some_and(|most| taken >= most) {
                return Err(Full);
            }
            shelf.created += 1;
            shelf.objects.insert(id.to_owned(), object);
            Ok(())
        })
    }

    /// Replaces an object; whether it was there.
    pub fn replace(&self, owner: &str, kind: Kind, id: &str, object: Value) -> bool {
        self.with(owner, kind, |shelf| {
            shelf
                .objects
                .get_mut(id)
                .map(|kept| *kept = object)
                .is_some()
        })
    }

    /// Deletes an object; whether it was there.
    pub fn delete(&self, owner: &str, kind: Kind, id: &str) -> bool {
        self.with(owner, kind, |shelf| shelf.objects.remove(id).is_some())
    }

    /// How many objects there are, of all accounts.
    pub fn count(&self) -> usize {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.values().map(|shelf| shelf.objects.len()).sum()
    }

    fn with<T>(&self, owner: &str, kind: Kind, act: impl FnOnce(&mut Shelf) -> T) -> T {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        act(kept.entry((owner.to_owned(), kind)).or_default())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_deleted_object_makes_room_unless_it_counts_for_ever() {
        for forever in [false, true] {
            let objects = Objects::default();
            let create =
                |id| objects.create("me", Kind::Webhook, (id, json!(id)), Some(2), forever);
            assert_eq!(
                (create("a"), create("b"), create("c")),
                (Ok(()), Ok(()), Err(Full))
            );
            assert!(objects.delete("me", Kind::Webhook, "a"));
            assert!(!objects.delete("me", Kind::Webhook, "a"));
            assert_eq!(create("c").is_ok(), !forever);
        }
    }

    #[test]
    fn nobody_sees_what_is_somebody_elses() {
        let objects = Objects::default();
        let mine = ("a", json!(1));
        objects
            .create("me", Kind::Webhook, mine, Some(1), false)
            .unwrap();
        assert_eq!(objects.get("you", Kind::Webhook, "a"), None);
        assert_eq!(objects.get("me", Kind::Watchlist, "a"), None);
        assert!(!objects.replace("you", Kind::Webhook, "a", json!(2)));
        assert_eq!(objects.list("me", Kind::Webhook), [json!(1)]);
    }
}
