//! The stores in memory, with a switch that plays an outage.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use tokio::sync::watch;

use super::{Connection, Database, KeyValue, StoreError, StoreFuture};
use crate::clock::Clock;
use crate::data::Exploit;

/// What a store in memory does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StoreState {
    /// It answers.
    #[default]
    Up,
    /// It refuses at once, as a stopped server does.
    Down,
    /// It does not answer until the state changes, as a hanging server does.
    Paused,
}

/// The switch of a store.
#[derive(Debug)]
struct Switch {
    state: watch::Sender<StoreState>,
}

impl Switch {
    fn new() -> Switch {
        Switch {
            state: watch::Sender::new(StoreState::Up),
        }
    }

    /// Resolves when the store answers, or is down.
    async fn passed(&self) -> Result<(), StoreError> {
        let mut states = self.state.subscribe();
        let state = states.wait_for(|state| *state != StoreState::Paused).await;
        match state.as_deref() {
            Ok(StoreState::Up) => Ok(()),
            _ => Err(StoreError("connection refused".to_owned())),
        }
    }
}

/// An entry of the cache in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheEntry {
    /// The key.
    pub key: String,
    /// How long it will live; `None` is for ever.
    pub life: Option<Duration>,
}

/// A [`KeyValue`] store whose entries expire by the service's clock.
#[derive(Debug)]
pub(crate) struct MemoryStore {
    switch: Switch,
    clock: Clock,
    entries: Mutex<BTreeMap<String, (String, Option<Timestamp>)>>,
}

impl MemoryStore {
    pub fn new(clock: Clock) -> MemoryStore {
        MemoryStore {
            switch: Switch::new(),
            clock,
            entries: Mutex::new(BTreeMap::new()),
        }
    }

    pub fn set_state(&self, state: StoreState) {
        self.switch.state.send_replace(state);
    }

    /// The living entries, by key.
    pub fn living(&self) -> Vec<CacheEntry> {
        let now = self.clock.now();
        let entry = |(key, (_, end)): (&String, &(String, Option<Timestamp>))| CacheEntry {
            key: key.clone(),
            life: end.map(|end| Duration::try_from(end.duration_since(now)).unwrap_or_default()),
        };
        self.alive().iter().map(entry).collect()
    }

    /// The entries, without those whose life is over.
    fn alive(&self) -> MutexGuard<'_, BTreeMap<String, (String, Option<Timestamp>)>> {
        let now = self.clock.now();
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|_, (_, end)| end.is_none_or(|end| end > now));
        entries
    }
}

impl KeyValue for MemoryStore {
    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<String>> {
        Box::pin(async move {
            self.switch.passed().await?;
            Ok(self.alive().get(key).map(|(value, _)| value.clone()))
        })
    }

    fn set<'a>(
        &'a self,
        key: &'a str,
        value: String,
        life: Option<Duration>,
    ) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.switch.passed().await?;
            let now = self.clock.now();
            let end = life.map(|life| now.checked_add(life).unwrap_or(Timestamp::MAX));
            self.alive().insert(key.to_owned(), (value, end));
            Ok(())
        })
    }

    fn clear<'a>(&'a self, prefix: &'a str) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.switch.passed().await?;
            self.alive().retain(|key, _| !key.starts_with(prefix));
            Ok(())
        })
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        Box::pin(self.switch.passed())
    }
}

/// A [`Database`] of rows that do not change.
#[derive(Debug)]
pub(crate) struct MemoryDatabase {
    switch: Arc<Switch>,
    rows: Arc<[Exploit]>,
}

impl MemoryDatabase {
    pub fn new(rows: Vec<Exploit>) -> MemoryDatabase {
        MemoryDatabase {
            switch: Arc::new(Switch::new()),
            rows: rows.into(),
        }
    }

    pub fn set_state(&self, state: StoreState) {
        self.switch.state.send_replace(state);
    }
}

impl Database for MemoryDatabase {
    fn connect(&self) -> StoreFuture<'_, Box<dyn Connection>> {
        Box::pin(async move {
            self.switch.passed().await?;
            let connection = MemoryConnection {
                switch: Arc::clone(&self.switch),
                rows: Arc::clone(&self.rows),
            };
            Ok(Box::new(connection) as Box<dyn Connection>)
        })
    }
}

struct MemoryConnection {
    switch: Arc<Switch>,
    rows: Arc<[Exploit]>,
}

impl Connection for MemoryConnection {
    fn exploits(&mut self) -> StoreFuture<'_, Arc<[Exploit]>> {
        Box::pin(async move {
            self.switch.passed().await?;
            Ok(Arc::clone(&self.rows))
        })
    }

    fn ping(&mut self) -> StoreFuture<'_, ()> {
        Box::pin(self.switch.passed())
    }
}
