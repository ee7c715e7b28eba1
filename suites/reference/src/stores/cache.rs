//! Cached replies: a way past the database, never a reason to fail. A store that is down or slow
//! is the same as one that has nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::{KeyValue, StoreError, bounded};
use crate::faults::{Fault, FaultSet};

/// All keys of cached replies begin with this.
pub(crate) const PREFIX: &str = "kamiyo:cache:";

/// What the cache had, for the `X-Cache` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lookup {
    Found,
    Missed,
    /// It could not be asked.
    Bypassed,
}

impl Lookup {
    pub fn as_str(self) -> &'static str {
        match self {
            Lookup::Found => "HIT",
            Lookup::Missed => "MISS",
            Lookup::Bypassed => "BYPASS",
        }
    }
}

/// The cache in front of a store.
pub(crate) struct Cache {
    store: Arc<dyn KeyValue>,
    faults: Arc<FaultSet>,
    was_down: AtomicBool,
}

impl Cache {
    pub fn new(store: Arc<dyn KeyValue>, faults: Arc<FaultSet>) -> Cache {
        Cache {
            store,
            faults,
            was_down: AtomicBool::new(false),
        }
    }

    /// A cached text, if there is one.
    pub async fn get(&self, key: &str) -> (Lookup, Option<String>) {
        if !self.is_used() {
            return (Lookup::Bypassed, None);
        }
        match bounded(self.store.get(&full(key))).await {
            Ok(Some(text)) => (Lookup::Found, Some(text)),
            Ok(None) => (Lookup::Missed, None),
            Err(_) => {
                self.was_down.store(true, Ordering::Relaxed);
                (Lookup::Bypassed, None)
            }
        }
    }

    /// Keeps a text for a while; whether that worked.
    pub async fn put(&self, key: &str, text: String, life: Duration) -> bool {
        if !self.is_used() {
            return false;
        }
        let life = match life {
            _ if self.faults.on(Fault::Cache003NoExpiry) => None,
            _ if self.faults.on(Fault::Cache003OneKeyNoExpiry) && key.starts_with("chains") => None,
            _ if self.faults.on(Fault::Cache003TtlTooLong) => {
                Some(30 * 24 * Duration::from_secs(3_600))
            }
            life => Some(life),
        };
        bounded(self.store.set(&full(key), text, life))
            .await
            .is_ok()
    }

    /// Forgets all cached replies.
    pub async fn clear(&self) {
        // A cache that is down is empty enough; its entries expire by themselves.
        let _ = bounded(self.store.clear(PREFIX)).await;
        self.was_down.store(false, Ordering::Relaxed);
    }

    /// Whether the store answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        bounded(self.store.ping()).await
    }

    fn is_used(&self) -> bool {
        let gave_up =
            self.faults.on(Fault::Cache005NeverReconnects) && self.was_down.load(Ordering::Relaxed);
        !gave_up
            && !self.faults.on(Fault::Cache001Unused)
            && !self.faults.on(Fault::Perf005CacheOffSlow)
    }
}

fn full(key: &str) -> String {
    format!("{PREFIX}{key}")
}
