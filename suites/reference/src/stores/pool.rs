//! A pool of database connections: at most [`LARGEST`] at a time, kept open between requests.
//! A connection that failed is closed, not put back.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use super::{Connection, Database, StoreError, within};
use crate::data::Exploit;
use crate::faults::{Fault, FaultSet};

/// More than a service of this size needs at once, and few enough for a small server's
/// `max_connections` with several instances.
const LARGEST: usize = 8;

/// How long opening a connection may take: logging in costs both sides some computing, and those of a
/// burst log in at once.
const CONNECTING: Duration = Duration::from_secs(3);

/// How long a request queues for a connection. Longer than the database itself may take: a burst is
/// no outage. Short enough for a health probe that finds all of them stuck.
const QUEUE: Duration = Duration::from_secs(4);

/// The pool.
pub(crate) struct Pool {
    database: Arc<dyn Database>,
    faults: Arc<FaultSet>,
    places: Semaphore,
    idle: Mutex<Vec<Box<dyn Connection>>>,
    opened: AtomicU64,
    patience: Duration,
}

impl Pool {
    /// A statement may take `patience`.
    pub fn new(database: Arc<dyn Database>, faults: Arc<FaultSet>, patience: Duration) -> Pool {
        Pool {
            patience,
            database,
            faults,
            places: Semaphore::new(LARGEST),
            idle: Mutex::new(Vec::new()),
            opened: AtomicU64::new(0),
        }
    }

    /// All exploits, newest first.
    pub async fn exploits(&self) -> Result<Arc<[Exploit]>, StoreError> {
        let _place = self.place().await?;
        let mut connection = self.connection().await?;
        let rows = within(self.patience, connection.exploits()).await?;
        self.put_back(connection);
        Ok(rows)
    }

    /// Whether the server answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let _place = self.place().await?;
        let mut connection = self.connection().await?;
        within(self.patience, connection.ping()).await?;
        self.put_back(connection);
        Ok(())
    }

    /// How many connections were opened so far.
    pub fn opened(&self) -> u64 {
        self.opened.load(Ordering::Relaxed)
    }

    async fn place(&self) -> Result<Option<SemaphorePermit<'_>>, StoreError> {
        if self.faults.on(Fault::Db004UnboundedPool) {
            return Ok(None);
        }
        let place = tokio::time::timeout(QUEUE, self.places.acquire()).await;
        let refused = |reason: &str| Err(StoreError(reason.to_owned()));
        match place {
            Ok(Ok(place)) => Ok(Some(place)),
            Ok(Err(_)) => refused("the pool is closed"),
            Err(_) => refused("all database connections are in use"),
        }
    }

    async fn connection(&self) -> Result<Box<dyn Connection>, StoreError> {
        if self.faults.on(Fault::Db004UnboundedPool) {
            // Neither one that is idle is looked for, nor is there a bound to how long it takes.
            self.opened.fetch_add(1, Ordering::Relaxed);
            return self.database.connect().await;
        }
        let idle = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        if let Some(connection) = idle {
            return Ok(connection);
        }
        self.opened.fetch_add(1, Ordering::Relaxed);
        within(CONNECTING, self.database.connect()).await
    }

    fn put_back(&self, connection: Box<dyn Connection>) {
        if self.faults.on(Fault::Db004ConnectPerRequest) {
            return;
        }
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(connection);
    }
}
