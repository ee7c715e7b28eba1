//! The reference service, started in this process.

use std::collections::BTreeMap;
use std::sync::Arc;

use readiness::Unavailable;
use readiness_probes::logs::Source;
use readiness_probes::rate_limit::{Patience, Window};
use readiness_reference::{Clock, Fault, RefConfig, RefHandle, RefService};

/// A running reference service.
#[derive(Debug)]
pub(crate) struct Embedded {
    handle: Arc<RefHandle>,
}

impl Embedded {
    /// The service that most checks look at; its clock follows the system's.
    pub(crate) async fn start(faults: &[String]) -> Result<Embedded, Unavailable> {
        start(faults, Clock::real_time()).await
    }

    /// One of its own for a check that uses a limit up: its clock stands still until it is moved, so
    /// that a burst falls into one window however slow the machine.
    pub(crate) async fn start_still(faults: &[String]) -> Result<Embedded, Unavailable> {
        start(faults, Clock::frozen_now()).await
    }

    pub(crate) fn base_url(&self) -> String {
        self.handle.base_url()
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

    /// Its log.
    pub(crate) fn log(&self) -> Source {
        let (reader, marker) = (Arc::clone(&self.handle), Arc::clone(&self.handle));
        Source::Sink {
            since: Arc::new(move |mark| reader.logs().since(mark)),
            mark: Arc::new(move || marker.logs().mark()),
        }
    }

    /// The next request whose address holds `word` runs into an internal error.
    pub(crate) fn fail_next(&self, word: &str) {
        self.handle.fail_next(word);
    }

    /// The environment that the service was deployed with.
    pub(crate) fn variables(&self) -> BTreeMap<String, String> {
        self.handle.environment()
    }
}

async fn start(faults: &[String], clock: Clock) -> Result<Embedded, Unavailable> {
    let mut config = RefConfig::new().clock(clock);
    for name in faults {
        let fault = Fault::parse(name)
            .map_err(|error| Unavailable::new(format!("`target.faults`: {error}")))?;
        config = config.fault(fault);
    }
    let handle = RefService::start(config)
        .await
        .map_err(|error| Unavailable::new(format!("the embedded service: {error}")))?;
    Ok(Embedded {
        handle: Arc::new(handle),
    })
}

/// The published demonstration key of an identity of the reference service.
pub(crate) fn key(identity: &str) -> Option<String> {
    readiness_reference::accounts()
        .into_iter()
        .find(|account| account.name == identity)
        .map(|account| account.api_key)
}
