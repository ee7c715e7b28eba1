//! Starting a service, and the handle that controls it.
//!
//! The product's listener has no control routes, so no check can come to depend on one: the
//! clock, the faults and the counters are reached through [`RefHandle`], or from another process
//! through the control listener.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::api;
use crate::caio;
use crate::clock::Clock;
use crate::config::{Environment, Product, RefConfig};
use crate::control;
use crate::environment;
use crate::error::StartError;
use crate::faults::Fault;
use crate::identity::{self, Account, User};
use crate::logs::{Level, LogSink, Record, site};
use crate::requests::Counts;
use crate::service::{App, Service};
use crate::stores::{CacheEntry, StoreState};
use crate::tiers::Window;

/// The embedded target. See the crate's documentation for an example.
#[derive(Debug)]
pub struct RefService;

impl RefService {
    /// Starts a service on the current tokio runtime. It answers as soon as this returns.
    ///
    /// # Errors
    /// [`StartError::Bind`] when the port is taken, [`StartError::Log`] when the log file cannot
    /// be written, [`StartError::Variable`] when a variable of CAIO makes no sense.
    pub async fn start(config: RefConfig) -> Result<RefHandle, StartError> {
        let service = Arc::new(Service::new(&config)?);
        let mut handle = RefHandle::listen(service, config.address).await?;
        if config.control {
            handle.open_control().await?;
        }
        Ok(handle)
    }
}

/// A running service. Dropping it stops the service: requests in flight are answered, idle
/// connections closed.
pub struct RefHandle {
    address: SocketAddr,
    app: App,
    service: Arc<Service>,
    stop: Arc<watch::Sender<bool>>,
    task: JoinHandle<()>,
    control_url: Option<String>,
}

impl Drop for RefHandle {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

impl RefHandle {
    async fn listen(service: Arc<Service>, address: SocketAddr) -> Result<RefHandle, StartError> {
        let bind = |source| StartError::Bind { address, source };
        let listener = TcpListener::bind(address).await.map_err(bind)?;
        let address = listener.local_addr().map_err(bind)?;
        let stop = Arc::new(watch::Sender::new(false));
        let stopped = stop.subscribe();
        let app = App::new(Arc::clone(&service), Arc::clone(&stop));
        started(&app).await;
        let router = match app.product {
            Product::Kamiyo => api::router(app.clone()),
            Product::Caio => caio::router(app.clone()),
        };
        let server = axum::serve(
            listener,
            router.into_make_service_with_connect_info::<SocketAddr>(),
        )
        .with_graceful_shutdown(until_stopped(stopped));
        let task = tokio::spawn(async move {
            // Serving ends by the signal alone; the type leaves room for an error that axum
            // documents as never occurring.
            let _ = server.await;
        });
        Ok(RefHandle {
            address,
            app,
            service,
            stop,
            task,
            control_url: None,
        })
    }

    /// What this instance shares with the others of its deployment.
    pub(crate) fn shared(&self) -> Arc<Service> {
        Arc::clone(&self.service)
    }

    async fn open_control(&mut self) -> Result<(), StartError> {
        let address = any_port();
        let bind = |source| StartError::Bind { address, source };
        let listener = TcpListener::bind(address).await.map_err(bind)?;
        let address = listener.local_addr().map_err(bind)?;
        let secret = self.service.next_id("control");
        let router = control::router(self.app.clone(), &secret);
        let server = axum::serve(listener, router)
            .with_graceful_shutdown(until_stopped(self.stop.subscribe()));
        // It ends with the service; nobody waits for it.
        tokio::spawn(async move { server.await });
        self.control_url = Some(format!("http://{address}/{secret}"));
        Ok(())
    }

    /// The address of the control listener, if the configuration asked for one, without a slash
    /// at the end. Whoever knows it controls the service.
    pub fn control_url(&self) -> Option<&str> {
        self.control_url.as_deref()
    }

    /// Another instance of the same deployment, on a port of its own: clock, faults, limiter,
    /// stores and log are shared.
    ///
    /// # Errors
    /// [`StartError::Bind`] when there is no free port.
    pub async fn second_instance(&self) -> Result<RefHandle, StartError> {
        RefHandle::listen(Arc::clone(&self.service), any_port()).await
    }

    /// Restarts the service: the cache is emptied and warmed again, as at a start. The port
    /// stays open, so no request is lost.
    pub async fn restart(&self) {
        restart(&self.app).await;
    }

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
        environment::variables(service)
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

    /// The users that can log in, with their passwords.
    pub fn users(&self) -> Vec<User> {
        identity::users()
    }

    /// The log.
    pub fn logs(&self) -> &LogSink {
        &self.service.logs
    }

    /// The next request whose address holds this word ends in an internal error.
    pub fn fail_next(&self, word: &str) {
        self.service.triggers.arm(word);
    }

    /// Makes the requests of a path take longer by this much, in real time; zero ends it.
    pub fn slow(&self, path: &str, by: Duration) {
        self.service.slowness.set(path, by);
    }

    /// Plays an outage of the database in memory. An attached one is not concerned.
    pub fn set_database(&self, state: StoreState) {
        self.service.memory_database.set_state(state);
    }

    /// Plays an outage of the cache in memory. An attached one is not concerned.
    pub fn set_cache(&self, state: StoreState) {
        self.service.memory_store.set_state(state);
    }

    /// The entries of the cache in memory.
    pub fn cache_entries(&self) -> Vec<CacheEntry> {
        self.service.memory_store.living()
    }

    /// How many webhooks and watchlists are kept, of all accounts.
    pub fn objects_kept(&self) -> usize {
        self.service.objects.count()
    }

    /// How many tokens are open: given out, neither revoked nor expired.
    pub fn tokens_open(&self) -> usize {
        let now = self.service.clock.now().as_second();
        self.service.open_tokens.count(now)
    }

    /// How many database connections were opened so far.
    pub fn connections_opened(&self) -> u64 {
        self.service.database.opened()
    }

    /// Sets how much of a window an account, or `anonymous` from 127.0.0.1, has used.
    pub fn seed_limiter(&self, caller: &str, window: Window, used: u32) {
        let key = limiter_key(caller);
        let now = self.service.clock.now();
        self.service.limiter.seed(&key, window, used, now);
    }

    /// Forgets what an account, or `anonymous` from 127.0.0.1, has used.
    pub fn reset_limiter(&self, caller: &str) {
        self.service.limiter.reset(&limiter_key(caller));
    }

    /// Stops the service and waits until it has.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        // An error is the panic of a server that is gone either way.
        let _ = (&mut self.task).await;
    }
}

/// What a restart does.
pub(crate) async fn restart(app: &App) {
    app.memory.clear();
    app.cache.clear().await;
    started(app).await;
}

pub(crate) fn any_port() -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0)
}

/// Resolves when the service is to end.
pub(crate) async fn until_stopped(mut stop: watch::Receiver<bool>) {
    // An error means that nobody is left who could say so.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// What happens at every start: a record, and a warm cache.
async fn started(app: &App) {
    let version = env!("CARGO_PKG_VERSION");
    let message = format!("service {version} started");
    let mut record = Record::new(
        Level::Info,
        app.product.main_logger(),
        message,
        site!("started"),
    );
    record = record.with("environment", app.environment.as_str());
    if app.faults.on(Fault::Log006LeakInStartup) {
        let key = environment::payment_key();
        record.unredacted.push(("stripe_api_key", key.into()));
    }
    app.log(record);
    if app.product == Product::Kamiyo {
        api::warm_at_start(app).await;
    }
}

pub(crate) fn limiter_key(caller: &str) -> String {
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
