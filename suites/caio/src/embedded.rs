//! The reference service as CAIO, started in this process.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use readiness::Unavailable;
use readiness_probes::logs::Source;
use readiness_probes::rate_limit::Patience;
use readiness_probes::target::Service;
use readiness_reference::{Clock, Fault, RefConfig, RefHandle, RefService, StoreState};

/// A running reference service.
#[derive(Debug)]
pub(crate) struct Embedded {
    handle: Arc<RefHandle>,
    faults: Vec<Fault>,
}

/// The faults of these names.
pub(crate) fn parse(faults: &[String]) -> Result<Vec<Fault>, Unavailable> {
    let parse = |name: &String| {
        Fault::parse(name).map_err(|error| Unavailable::new(format!("`target.faults`: {error}")))
    };
    faults.iter().map(parse).collect()
}

impl Embedded {
    /// The service that most checks look at; its clock follows the system's.
    pub(crate) async fn start(faults: &[Fault]) -> Result<Embedded, Unavailable> {
        start(faults, Clock::real_time()).await
    }

    /// One with the same faults for a check that disturbs others: its clock stands still until it is
    /// moved, so that a burst falls into one window however slow the machine.
    pub(crate) async fn another_that_stands_still(&self) -> Result<Embedded, Unavailable> {
        start(&self.faults, Clock::frozen_now()).await
    }

    /// `127.0.0.1:port`.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.base_url().strip_prefix("http://")?.parse().ok()
    }

    pub(crate) fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Waiting, by moving the service's clock.
    pub(crate) fn patience(&self) -> Patience {
        let clock = self.handle.clock().clone();
        Patience::Advance(Arc::new(move |duration| clock.advance(duration)))
    }

    /// Makes a route slower.
    pub(crate) fn slow(&self, path: &str, by: Duration) {
        self.handle.slow(path, by);
    }

    /// Plays an outage of the database, or its end.
    pub(crate) fn set_database(&self, state: StoreState) {
        self.handle.set_database(state);
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

async fn start(faults: &[Fault], clock: Clock) -> Result<Embedded, Unavailable> {
    let config = faults
        .iter()
        .fold(RefConfig::caio().clock(clock), |config, fault| {
            config.fault(*fault)
        });
    let handle = RefService::start(config)
        .await
        .map_err(|error| Unavailable::new(format!("the embedded service: {error}")))?;
    Ok(Embedded {
        handle: Arc::new(handle),
        faults: faults.to_vec(),
    })
}

/// Whether a start with this variable is refused, and by its name: the reason, or `None` if the
/// service started.
pub(crate) async fn refusal(faults: &[Fault], variable: Option<(&str, &str)>) -> Option<String> {
    let mut config = RefConfig::caio();
    for fault in faults {
        config = config.fault(*fault);
    }
    if let Some((name, value)) = variable {
        config = config.variable(name, value);
    }
    match RefService::start(config).await {
        Ok(handle) => {
            handle.stop().await;
            None
        }
        Err(error) => Some(error.to_string()),
    }
}

/// The published demonstration key of an identity of the reference service.
pub(crate) fn key(identity: &str) -> Option<String> {
    readiness_reference::members()
        .into_iter()
        .find(|member| member.name == identity)
        .map(|member| member.api_key)
}
