//! The state of a running service, shared by its instances and read by every route.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;
use std::hash::{BuildHasher as _, RandomState};
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::account::Objects;
use crate::auth::logins::Logins;
use crate::auth::open::OpenTokens;
use crate::auth::revocation::Revocations;
use crate::caio::Caio;
use crate::caio::settings::Settings;
use crate::clock::Clock;
use crate::config::{Environment, Product, RefConfig};
use crate::error::StartError;
use crate::faults::{Fault, FaultSet};
use crate::identity::Directory;
use crate::limiter::Limiter;
use crate::logs::{LogSink, Record};
use crate::metrics::Metrics;
use crate::requests::RequestLog;
use crate::stores::{Cache, KeyValue, MemoryDatabase, MemoryStore, Pool};
use crate::web::trigger::Triggers;

/// What the instances of one deployment share.
pub(crate) struct Service {
    pub product: Product,
    pub clock: Clock,
    pub environment: Environment,
    /// What is CAIO's own; idle in a service that is not CAIO.
    pub caio: Caio,
    pub origins: Vec<String>,
    pub secret_key: String,
    /// What the env file has for the stores; those in memory need none.
    pub store_password: String,
    /// Variables of the env file that the configuration sets.
    pub variables: BTreeMap<String, String>,
    pub faults: Arc<FaultSet>,
    pub directory: Directory,
    pub limiter: Limiter,
    pub logins: Logins,
    pub database: Pool,
    pub cache: Cache,
    pub key_value: Arc<dyn KeyValue>,
    pub memory_database: Arc<MemoryDatabase>,
    pub memory_store: Arc<MemoryStore>,
    pub open_tokens: OpenTokens,
    pub objects: Objects,
    pub requests: RequestLog,
    pub metrics: Metrics,
    pub logs: LogSink,
    pub triggers: Triggers,
    pub slowness: Slowness,
    pub memory: FaultMemory,
    ids: AtomicU64,
    records: AtomicU64,
    id_seed: RandomState,
}

impl Service {
    pub fn new(config: &RefConfig) -> Result<Service, StartError> {
        let clock = config.clock.clone();
        let faults = Arc::new(FaultSet::new(config.faults.iter().copied()));
        let rows = config.exploits();
        let memory_database = Arc::new(MemoryDatabase::new(rows));
        let memory_store = Arc::new(MemoryStore::new(clock.clone()));
        let key_value = match &config.cache {
            Some(store) => Arc::clone(store),
            None => Arc::clone(&memory_store) as Arc<dyn KeyValue>,
        };
        let database = config
            .database
            .clone()
            .unwrap_or_else(|| memory_database.clone());
        let settings = settings(config, &faults)?;
        let environment = match config.product {
            Product::Kamiyo => config.environment,
            Product::Caio => settings.environment,
        };
        Ok(Service {
            product: config.product,
            environment,
            caio: Caio::new(settings),
            origins: config.origins.clone(),
            secret_key: random_secret(),
            store_password: random_secret()[..24].to_owned(),
            variables: config.variables.clone(),
            directory: Directory::new(),
            limiter: Limiter::new(config.algorithm),
            logins: Logins::default(),
            database: Pool::new(database, Arc::clone(&faults), config.patience),
            cache: Cache::new(Arc::clone(&key_value), Arc::clone(&faults)),
            key_value,
            memory_database,
            memory_store,
            open_tokens: OpenTokens::default(),
            objects: Objects::default(),
            requests: RequestLog::default(),
            metrics: Metrics::default(),
            logs: LogSink::new(config.open_log()?),
            triggers: Triggers::default(),
            slowness: Slowness::default(),
            memory: FaultMemory::default(),
            ids: AtomicU64::new(0),
            records: AtomicU64::new(0),
            id_seed: RandomState::new(),
            clock,
            faults,
        })
    }

    /// A name that was not given before and cannot be guessed from others: `req-1f0c…`.
    pub fn next_id(&self, kind: &str) -> String {
        let number = self.ids.fetch_add(1, Ordering::Relaxed);
        let (high, low) = (
            self.id_seed.hash_one(number),
            self.id_seed.hash_one((number, kind)),
        );
        format!("{kind}-{high:016x}{low:016x}")
    }

    /// Whether the record with this number is a line for people rather than JSON.
    fn is_for_people(&self, number: u64) -> bool {
        let faults = &self.faults;
        self.product == Product::Caio
            && (!self.caio.settings.json_logs
                || faults.on(Fault::CaioRel002PlainText)
                || faults.on(Fault::CaioRel002EnvOnly)
                || faults.on(Fault::CaioRel002Mixed) && number.is_multiple_of(5))
    }

    /// Writes a log record.
    pub fn log(&self, record: Record) {
        let number = self.records.fetch_add(1, Ordering::Relaxed);
        let now = self.clock.now();
        let line = if self.is_for_people(number) {
            record.render_for_people(now, &self.faults)
        } else {
            record.render(now, number, &self.faults)
        };
        self.logs.write(&line);
    }
}

/// What CAIO is started with; nobody sets up another product so.
fn settings(config: &RefConfig, faults: &FaultSet) -> Result<Settings, StartError> {
    let lenient = faults.on(Fault::CaioOps001InvalidAccepted);
    match config.product {
        Product::Caio => Settings::read(&config.variables, lenient),
        Product::Kamiyo => Settings::read(&crate::caio::settings::sound(), lenient),
    }
}

/// A secret of 64 hexadecimal digits from the system's randomness, by way of the keys that the
/// standard library gives its hash maps.
fn random_secret() -> String {
    let mut secret = String::with_capacity(64);
    for part in 0..4_u8 {
        // Writing to a String cannot fail.
        let _ = write!(secret, "{:016x}", RandomState::new().hash_one(part));
    }
    secret
}

/// One instance: the shared service, reached through a listener of its own.
#[derive(Clone)]
pub(crate) struct App {
    service: Arc<Service>,
    /// This instance's view of the revoked tokens.
    pub revocations: Revocations,
    /// Ends the instance.
    pub stop: Arc<watch::Sender<bool>>,
}

impl App {
    pub fn new(service: Arc<Service>, stop: Arc<watch::Sender<bool>>) -> App {
        let revocations = Revocations::new(
            Arc::clone(&service.key_value),
            service.clock.clone(),
            Arc::clone(&service.faults),
        );
        App {
            service,
            revocations,
            stop,
        }
    }
}

impl Deref for App {
    type Target = Service;

    fn deref(&self) -> &Service {
        &self.service
    }
}

/// Routes that take longer than they need, in real time. A test's way to a slow service.
#[derive(Debug, Default)]
pub(crate) struct Slowness {
    routes: Mutex<HashMap<String, Duration>>,
}

impl Slowness {
    pub fn set(&self, path: &str, by: Duration) {
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        routes.insert(path.to_owned(), by);
    }

    pub fn of(&self, path: &str) -> Option<Duration> {
        let routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        routes.get(path).copied().filter(|by| !by.is_zero())
    }
}

/// What only a faulty service remembers.
#[derive(Debug, Default)]
pub(crate) struct FaultMemory {
    locked_out: Mutex<HashSet<String>>,
    connections: Mutex<HashMap<SocketAddr, Instant>>,
    requests: AtomicU64,
    /// Whether a store was found down.
    pub was_not_ready: AtomicBool,
    /// Whether the cache is still to be warmed.
    pub to_be_warmed: AtomicBool,
}

/// A connection that was silent for this long is not in use: longer than the think time of the
/// load profile, which is at most 2 seconds.
const SILENT: Duration = Duration::from_secs(6);

impl FaultMemory {
    pub fn lock_out(&self, caller: &str) {
        let mut callers = self
            .locked_out
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        callers.insert(caller.to_owned());
    }

    pub fn is_locked_out(&self, caller: &str) -> bool {
        let callers = self
            .locked_out
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        callers.contains(caller)
    }

    /// How many connections are in use, this one included.
    pub fn connections_in_use(&self, peer: SocketAddr) -> usize {
        let mut connections = self
            .connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        connections.insert(peer, now);
        connections.retain(|_, last| now.duration_since(*last) < SILENT);
        connections.len()
    }

    /// Whether this request is one of the 8 of 100 that a fault hits, spread evenly.
    pub fn is_one_of_eight_percent(&self) -> bool {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        matches!(number % 25, 7 | 19)
    }

    /// Forgets everything, as a restart does.
    pub fn clear(&self) {
        self.locked_out
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        self.was_not_ready.store(false, Ordering::Relaxed);
        self.to_be_warmed.store(false, Ordering::Relaxed);
    }
}
