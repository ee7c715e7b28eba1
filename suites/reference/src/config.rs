//! What a service is started with.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::caio::settings;
use crate::clock::Clock;
use crate::data::{Exploit, generate};
use crate::error::StartError;
use crate::faults::Fault;
use crate::limiter::Algorithm;
use crate::stores::{Database, KeyValue, PATIENCE};

/// The kind of deployment that the service behaves as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Environment {
    /// Strict-Transport-Security, errors without inner detail.
    #[default]
    Production,
    /// Without Strict-Transport-Security.
    Development,
}

impl Environment {
    /// The value of `ENVIRONMENT`.
    pub fn as_str(self) -> &'static str {
        match self {
            Environment::Production => "production",
            Environment::Development => "development",
        }
    }
}

impl std::str::FromStr for Environment {
    type Err = String;

    fn from_str(name: &str) -> Result<Environment, String> {
        Environment::parse_name(name)
            .map_err(|_| format!("{name:?} is neither production nor development"))
    }
}

impl Environment {
    /// The environment of this name, or what would be one.
    pub(crate) fn parse_name(name: &str) -> Result<Environment, String> {
        match name {
            "production" => Ok(Environment::Production),
            "development" => Ok(Environment::Development),
            _ => Err("either production or development".to_owned()),
        }
    }
}

/// Which product a service is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Product {
    /// The exploits of the Kamiyo checklist.
    #[default]
    Kamiyo,
    /// The service broker of the CAIO checklist.
    Caio,
}

impl Product {
    /// What writes its request records.
    pub(crate) fn access_logger(self) -> &'static str {
        match self {
            Product::Kamiyo => "kamiyo.access",
            Product::Caio => "caio.access",
        }
    }

    /// What writes the record of its start.
    pub(crate) fn main_logger(self) -> &'static str {
        match self {
            Product::Kamiyo => "kamiyo.main",
            Product::Caio => "caio.main",
        }
    }
}

/// How a service is set up. The default is a production deployment without a fault, on a free
/// port, with a clock that stands still.
///
/// ```
/// use readiness_reference::{Fault, RefConfig};
///
/// let config = RefConfig::new().fault(Fault::Hdr001Missing);
/// # let _ = config;
/// ```
#[derive(Clone)]
pub struct RefConfig {
    pub(crate) product: Product,
    pub(crate) address: SocketAddr,
    pub(crate) environment: Environment,
    pub(crate) clock: Clock,
    pub(crate) algorithm: Algorithm,
    pub(crate) origins: Vec<String>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) empty: bool,
    pub(crate) rows_as_of: Option<Timestamp>,
    pub(crate) control: bool,
    pub(crate) variables: BTreeMap<String, String>,
    pub(crate) log_file: Option<PathBuf>,
    pub(crate) database: Option<Arc<dyn Database>>,
    pub(crate) cache: Option<Arc<dyn KeyValue>>,
    pub(crate) patience: Duration,
}

impl Default for RefConfig {
    fn default() -> RefConfig {
        RefConfig::new()
    }
}

impl RefConfig {
    /// The default.
    pub fn new() -> RefConfig {
        RefConfig {
            product: Product::Kamiyo,
            address: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            environment: Environment::Production,
            clock: Clock::frozen_now(),
            algorithm: Algorithm::Fixed,
            origins: ["https://app.kamiyo.example", "https://www.kamiyo.example"]
                .map(str::to_owned)
                .into(),
            faults: Vec::new(),
            empty: false,
            rows_as_of: None,
            control: false,
            variables: BTreeMap::new(),
            log_file: None,
            database: None,
            cache: None,
            patience: PATIENCE,
        }
    }

    /// The default of the other product: CAIO, set up by its variables
    /// (see [`RefConfig::variable`]), of which those of a sound production deployment are set.
    pub fn caio() -> RefConfig {
        RefConfig {
            product: Product::Caio,
            origins: ["https://console.caio.example", "https://ops.caio.example"]
                .map(str::to_owned)
                .into(),
            variables: settings::sound(),
            ..RefConfig::new()
        }
    }

    /// The port to listen at on 127.0.0.1; 0 is any free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> RefConfig {
        self.address.set_port(port);
        self
    }

    /// The kind of deployment.
    #[must_use]
    pub fn environment(mut self, environment: Environment) -> RefConfig {
        self.environment = environment;
        self
    }

    /// The clock; clones of it stay connected.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> RefConfig {
        self.clock = clock;
        self
    }

    /// A clock that stands at a time until it is advanced.
    #[must_use]
    pub fn frozen_at(self, start: Timestamp) -> RefConfig {
        self.clock(Clock::frozen_at(start))
    }

    /// The time that the ages of the data set's rows are relative to, instead of the start: services
    /// that are started one after the other then hold the same rows.
    #[must_use]
    pub fn rows_as_of(mut self, time: Timestamp) -> RefConfig {
        self.rows_as_of = Some(time);
        self
    }

    /// How the limiter counts.
    #[must_use]
    pub fn algorithm(mut self, algorithm: Algorithm) -> RefConfig {
        self.algorithm = algorithm;
        self
    }

    /// The origins that browsers may call the service from.
    #[must_use]
    pub fn allowed_origins(mut self, origins: impl IntoIterator<Item = String>) -> RefConfig {
        self.origins = origins.into_iter().collect();
        self
    }

    /// Switches a fault on from the start.
    #[must_use]
    pub fn fault(mut self, fault: Fault) -> RefConfig {
        self.faults.push(fault);
        self
    }

    /// A service whose data set has no rows.
    #[must_use]
    pub fn without_data(mut self) -> RefConfig {
        self.empty = true;
        self
    }

    /// Opens the control listener, for a test in another process; see `RefHandle::control_url`.
    #[must_use]
    pub fn with_control(mut self) -> RefConfig {
        self.control = true;
        self
    }

    /// A variable of the deployment's env file, such as the `DATABASE_URL` of an attached database.
    /// CAIO is started with its own.
    #[must_use]
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> RefConfig {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// A file that log lines are appended to, beside the memory that keeps the last of them.
    #[must_use]
    pub fn log_file(mut self, path: impl Into<PathBuf>) -> RefConfig {
        self.log_file = Some(path.into());
        self
    }

    /// The rows that the service will know, newest first: for filling a database of one's own.
    /// Their times are relative to [`RefConfig::rows_as_of`], else to the present time of the clock.
    pub fn exploits(&self) -> Vec<Exploit> {
        if self.empty {
            Vec::new()
        } else {
            generate(self.rows_as_of.unwrap_or_else(|| self.clock.now()))
        }
    }

    /// A database in place of the one in memory. It should hold [`RefConfig::exploits`].
    #[must_use]
    pub fn database(mut self, database: Arc<dyn Database>) -> RefConfig {
        self.database = Some(database);
        self
    }

    /// How long a statement may take before the service gives it up and its connection with it: a
    /// second, unless somebody looks at connections on a machine that may be busy.
    #[must_use]
    pub fn database_patience(mut self, patience: Duration) -> RefConfig {
        self.patience = patience;
        self
    }

    /// A store for cached replies and revoked tokens in place of the one in memory.
    #[must_use]
    pub fn cache(mut self, cache: Arc<dyn KeyValue>) -> RefConfig {
        self.cache = Some(cache);
        self
    }

    /// The log file, opened for appending.
    pub(crate) fn open_log(&self) -> Result<Option<File>, StartError> {
        let open = |path: &PathBuf| {
            let file = OpenOptions::new().create(true).append(true).open(path);
            file.map_err(|source| StartError::Log {
                path: path.clone(),
                source,
            })
        };
        self.log_file.as_ref().map(open).transpose()
    }
}
