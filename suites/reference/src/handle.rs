//! Starting a service, and the handle that controls it.
//!
//! The product's listener has no control routes, so no check can come to depend on one: the
//! clock, the faults and the counters are reached through [`RefHandle`] alone.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::config::{Environment, RefConfig};
use crate::environment;
use crate::error::StartError;
use crate::faults::Fault;
use crate::identity::{self, Account};
use crate::requests::Counts;
use crate::service::{App, Service};
use crate::tiers::Window;
use crate::{api, limiter::Limiter};

/// The embedded target. See the crate's documentation for an example.
#[derive(Debug)]
pub struct RefService;

impl RefService {
    /// Starts a service on the current tokio runtime. It answers as soon as this returns.
    ///
    /// # Errors
    /// [`StartError::Bind`] when the port is taken.
    pub async fn start(config: RefConfig) -> Result<RefHandle, StartError> {
        let bind = |source| StartError::Bind {
            address: config.address,
            source,
        };
        let listener = TcpListener::bind(config.address).await.map_err(bind)?;
        let address = listener.local_addr().map_err(bind)?;
        let service = Arc::new(Service::new(&config));
        let (stop, stopped) = watch::channel(());
        let router = api::router(App::new(Arc::clone(&service)));
        let server = axum::serve(
            listener,
            router.into_make_service_with_connect_info::<SocketAddr>(),
        )
        .with_graceful_shutdown(until_dropped(stopped));
        let task = tokio::spawn(async move {
            // Serving ends by the signal alone; the type leaves room for an error that axum
            // documents as never occurring.
            let _ = server.await;
        });
        Ok(RefHandle {
            address,
            service,
            stop,
            task,
        })
    }
}

/// Resolves when the handle, and with it the sender, is gone.
async fn until_dropped(mut handle: watch::Receiver<()>) {
    while handle.changed().await.is_ok() {}
}

/// A running service. Dropping it stops the service: requests in flight are answered, idle
/// connections closed.
pub struct RefHandle {
    address: SocketAddr,
    service: Arc<Service>,
    stop: watch::Sender<()>,
    task: JoinHandle<()>,
}

impl RefHandle {
    /// The address of the product, such as `http://127.0.0.1:40123`, without a slash at the end.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The service's clock.
    pub fn clock(&self) -> &Clock {
        &self.service.clock
    }

    /// The kind of deployment that the service behaves as.
    pub fn kind(&self) -> Environment {
        self.service.environment
    }

    /// The variables of the deployment's env file: names and values.
    pub fn environment(&self) -> BTreeMap<String, String> {
        let service = &self.service;
        environment::variables(service.environment, &service.origins, &service.faults)
    }

    /// The origins that browsers may call the service from.
    pub fn allowed_origins(&self) -> &[String] {
        &self.service.origins
    }

    /// The accounts with their keys.
    pub fn accounts(&self) -> Vec<Account> {
        identity::accounts()
    }

    /// Switches a fault on or off while the service runs.
    pub fn set_fault(&self, fault: Fault, on: bool) {
        self.service.faults.set(fault, on);
    }

    /// The faults that are on.
    pub fn faults(&self) -> Vec<Fault> {
        self.service.faults.active()
    }

    /// The requests so far, by caller: `anonymous`, the names of [`RefHandle::accounts`], and
    /// `invalid` for those with a credential that was rejected. Preflights are not counted.
    pub fn requests(&self) -> BTreeMap<String, Counts> {
        self.service.requests.snapshot()
    }

    /// Sets how much of a window an account, or `anonymous` from 127.0.0.1, has used.
    pub fn seed_limiter(&self, caller: &str, window: Window, used: u32) {
        let key = limiter_key(caller);
        self.limiter()
            .seed(&key, window, used, self.service.clock.now());
    }

    /// Forgets what an account, or `anonymous` from 127.0.0.1, has used.
    pub fn reset_limiter(&self, caller: &str) {
        self.limiter().reset(&limiter_key(caller));
    }

    fn limiter(&self) -> &Limiter {
        &self.service.limiter
    }

    /// Stops the service and waits until it has.
    pub async fn stop(self) {
        drop(self.stop);
        // An error is the panic of a server that is gone either way.
        let _ = self.task.await;
    }
}

fn limiter_key(caller: &str) -> String {
    match caller {
        "anonymous" => identity::Caller::anonymous("127.0.0.1").limiter_key,
        account => identity::limiter_key(account),
    }
}

impl std::fmt::Debug for RefHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RefHandle")
            .field("address", &self.address)
            .field("faults", &self.faults())
            .finish_non_exhaustive()
    }
}
