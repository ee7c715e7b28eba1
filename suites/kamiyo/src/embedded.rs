//! The reference service, started in this process.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use readiness::{Context, Unavailable};
use readiness_probes::logs::Source;
use readiness_probes::rate_limit::{Patience, Window};
use readiness_probes::target::Service;
use readiness_reference::servers::{PostgresDatabase, RedisStore};
use readiness_reference::standins::StandIn;
use readiness_reference::{Clock, Fault, RefConfig, RefHandle, RefService};

/// Rows of a database of one's own.
const ROWS: usize = 50;

/// The servers that a service has its stores in; what is not named is in memory.
#[derive(Debug, Default)]
pub(crate) struct Stores {
    /// The URL of a `PostgreSQL`.
    pub database: Option<String>,
    /// The URL of a Redis, and the authority that vouches for it.
    pub cache: Option<(String, Option<PathBuf>)>,
    /// How long a statement may take, where it is not the usual second.
    pub patience: Option<Duration>,
}

/// A running reference service.
#[derive(Debug)]
pub(crate) struct Embedded {
    handle: Arc<RefHandle>,
    faults: Vec<String>,
    rows_as_of: Timestamp,
}

impl Embedded {
    /// The service that most checks look at; its clock follows the system's. What goes wrong under load
    /// is shown by the one that load is sent to.
    pub(crate) async fn start(cx: &Context, faults: &[String]) -> Result<Embedded, Unavailable> {
        let faults = without_load(faults);
        start(&faults, Clock::real_time(), start_of_run(cx).await?).await
    }

    /// The service that load is sent to.
    pub(crate) async fn under_load(
        cx: &Context,
        faults: &[String],
    ) -> Result<Embedded, Unavailable> {
        start(faults, Clock::real_time(), start_of_run(cx).await?).await
    }

    /// One with the same rows and faults for a check that uses a limit up: its clock stands still
    /// until it is moved, so that a burst falls into one window however slow the machine.
    pub(crate) async fn another_that_stands_still(&self) -> Result<Embedded, Unavailable> {
        start(&self.faults, Clock::frozen_now(), self.rows_as_of).await
    }

    /// The same with its stores in servers, as far as they are named.
    pub(crate) async fn another_on(&self, stores: &Stores) -> Result<Embedded, Unavailable> {
        if stores.database.is_none() && stores.cache.is_none() {
            return self.another_that_stands_still().await;
        }
        Embedded::on(&self.faults, Clock::frozen_now(), stores).await
    }

    /// One on stores that are servers. A database is filled with the newest rows.
    pub(crate) async fn on(
        faults: &[String],
        clock: Clock,
        stores: &Stores,
    ) -> Result<Embedded, Unavailable> {
        // Nobody compares its rows with another's.
        let now = Timestamp::now();
        let faults = &without_load(faults);
        let mut config = config(faults, clock, now)?;
        if let Some(url) = &stores.database {
            let no_database =
                |error| Unavailable::new(format!("the embedded service has no database: {error}"));
            let database = PostgresDatabase::new(url, None).map_err(no_database)?;
            let rows = config.exploits();
            let newest = &rows[..rows.len().min(ROWS)];
            database.load(newest).await.map_err(no_database)?;
            config = config.database(Arc::new(database));
            if let Some(patience) = stores.patience {
                config = config.database_patience(patience);
            }
        }
        if let Some((url, ca_file)) = &stores.cache {
            let cache = RedisStore::new(url, ca_file.as_deref()).map_err(|error| {
                Unavailable::new(format!("the embedded service has no cache: {error}"))
            })?;
            config = config.cache(Arc::new(cache));
        }
        serve(config, faults, now).await
    }

    /// Waiting, by moving the service's clock.
    pub(crate) fn patience(&self) -> Patience {
        let clock = self.handle.clock().clone();
        Patience::Advance(Arc::new(move |duration| clock.advance(duration)))
    }

    /// Sets how much of a window an account, or `anonymous`, has used.
    pub(crate) fn seed(&self, caller: &str, window: Window, used: u32) {
        let window = match window {
            Window::Minute => readiness_reference::Window::Minute,
            Window::Hour => readiness_reference::Window::Hour,
            Window::Day => readiness_reference::Window::Day,
        };
        self.handle.seed_limiter(caller, window, used);
    }

    /// Another instance of the same deployment.
    pub(crate) async fn second(&self) -> Result<Embedded, Unavailable> {
        let handle = self.handle.second_instance().await;
        let handle =
            handle.map_err(|error| Unavailable::new(format!("the second instance: {error}")))?;
        Ok(Embedded {
            handle: Arc::new(handle),
            faults: self.faults.clone(),
            rows_as_of: self.rows_as_of,
        })
    }

    /// A log aggregator that its log is shipped to.
    pub(crate) async fn aggregator(&self) -> Result<StandIn, Unavailable> {
        StandIn::log_aggregator(&self.handle)
            .await
            .map_err(|error| Unavailable::new(format!("no log aggregator: {error}")))
    }

    /// The next request whose address holds `word` runs into an internal error.
    pub(crate) fn fail_next(&self, word: &str) {
        self.handle.fail_next(word);
    }
}

impl Service for Embedded {
    fn base_url(&self) -> String {
        self.handle.base_url()
    }

    fn log(&self) -> Source {
        let (reader, marker) = (Arc::clone(&self.handle), Arc::clone(&self.handle));
        Source::Sink {
            since: Arc::new(move |mark| reader.logs().since(mark)),
            mark: Arc::new(move || marker.logs().mark()),
        }
    }

    fn variables(&self) -> BTreeMap<String, String> {
        self.handle.environment()
    }
}

/// The faults but those of the load rows.
fn without_load(faults: &[String]) -> Vec<String> {
    let others = faults.iter().filter(|name| !name.starts_with("PERF-"));
    others.cloned().collect()
}

/// When the first process of the run looked at the clock: the time that the rows are dated from.
///
/// Under a runner with a process for each test every process has a service of its own, and rows that
/// one of them recorded for the whole run have to be the rows of all.
async fn start_of_run(cx: &Context) -> Result<Timestamp, Unavailable> {
    let time = cx
        .once(
            "the embedded service's rows are dated from here",
            async |cx: Context| Ok(cx.now()),
        )
        .await
        .map_err(|error| Unavailable::new(error.to_string()))?;
    Timestamp::try_from(time)
        .map_err(|error| Unavailable::new(format!("this machine's clock: {error}")))
}

async fn start(
    faults: &[String],
    clock: Clock,
    rows_as_of: Timestamp,
) -> Result<Embedded, Unavailable> {
    serve(config(faults, clock, rows_as_of)?, faults, rows_as_of).await
}

fn config(
    faults: &[String],
    clock: Clock,
    rows_as_of: Timestamp,
) -> Result<RefConfig, Unavailable> {
    let mut config = RefConfig::new().clock(clock).rows_as_of(rows_as_of);
    for name in faults {
        let fault = Fault::parse(name)
            .map_err(|error| Unavailable::new(format!("`target.faults`: {error}")))?;
        config = config.fault(fault);
    }
    Ok(config)
}

async fn serve(
    config: RefConfig,
    faults: &[String],
    rows_as_of: Timestamp,
) -> Result<Embedded, Unavailable> {
    let handle = RefService::start(config)
        .await
        .map_err(|error| Unavailable::new(format!("the embedded service: {error}")))?;
    Ok(Embedded {
        handle: Arc::new(handle),
        faults: faults.to_vec(),
        rows_as_of,
    })
}

/// The published demonstration key of an identity of the reference service.
pub(crate) fn key(identity: &str) -> Option<String> {
    readiness_reference::accounts()
        .into_iter()
        .find(|account| account.name == identity)
        .map(|account| account.api_key)
}

/// The identities of the reference service that load is sent as.
pub(crate) fn load_identities() -> Vec<String> {
    let accounts = readiness_reference::accounts().into_iter();
    let names = accounts.map(|account| account.name);
    names.filter(|name| name.starts_with("load.")).collect()
}

/// User name and password of a demonstration user of the reference service.
pub(crate) fn login(name: &str) -> Option<(String, String)> {
    readiness_reference::users()
        .into_iter()
        .find(|user| user.name == name)
        .map(|user| (user.username, user.password))
}
