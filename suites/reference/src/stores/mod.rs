//! The two stores that the service needs, as traits: a [`Database`] with the exploits and a
//! [`KeyValue`] store for cached replies and revoked tokens.
//!
//! By default both are in memory and have a switch ([`StoreState`]) that plays an outage. A suite
//! with real servers attaches its own implementations, see `RefConfig::database` and
//! `RefConfig::cache`. Every call is bounded in time here, so a server that hangs is an error.

mod cache;
mod memory;
mod pool;
#[cfg(feature = "servers")]
pub mod servers;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

pub(crate) use cache::{Cache, Lookup};
pub(crate) use memory::{MemoryDatabase, MemoryStore};
pub(crate) use pool::Pool;

pub use memory::{CacheEntry, StoreState};

use crate::data::Exploit;

/// How long a store may take: long enough for a busy machine, short enough for a health probe.
/// Real time, since it is a real server that hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);

/// A store did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct StoreError(pub String);

/// What a store's method returns.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// A store of texts with a limited life.
pub trait KeyValue: Send + Sync {
    /// The value of a key, if it is there and alive.
    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<String>>;

    /// Sets a key; without a `life` it stays for ever.
    fn set<'a>(
        &'a self,
        key: &'a str,
        value: String,
        life: Option<Duration>,
    ) -> StoreFuture<'a, ()>;

    /// Removes the keys that begin with `prefix`.
    fn clear<'a>(&'a self, prefix: &'a str) -> StoreFuture<'a, ()>;

    /// Whether the store answers.
    fn ping(&self) -> StoreFuture<'_, ()>;

    /// Adds one to each counter, or to none if one of them has reached its limit, as one step that
    /// nobody comes between. Returns what each counted before; nothing if the store cannot count.
    fn count<'a>(&'a self, counters: &'a [Counter]) -> StoreFuture<'a, Option<Vec<u32>>> {
        let _ = counters;
        Box::pin(async { Ok(None) })
    }
}

/// A counter in a [`KeyValue`] store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counter {
    /// Its key.
    pub key: String,
    /// How far it may count.
    pub limit: u32,
    /// How long it lives from its first count.
    pub life: Duration,
}

/// A database server.
pub trait Database: Send + Sync {
    /// Opens a connection.
    fn connect(&self) -> StoreFuture<'_, Box<dyn Connection>>;
}

/// A connection to a [`Database`].
pub trait Connection: Send {
    /// All exploits, newest first.
    fn exploits(&mut self) -> StoreFuture<'_, Arc<[Exploit]>>;

    /// Whether the server answers.
    fn ping(&mut self) -> StoreFuture<'_, ()>;
}

/// Waits for a store, but not for ever.
pub(crate) async fn bounded<T>(call: StoreFuture<'_, T>) -> Result<T, StoreError> {
    within(PATIENCE, call).await
}

/// The same with a bound of one's own.
async fn within<T>(patience: Duration, call: StoreFuture<'_, T>) -> Result<T, StoreError> {
    let late = |_| Err(StoreError("the store did not answer in time".to_owned()));
    tokio::time::timeout(patience, call)
        .await
        .unwrap_or_else(late)
}
