//! What a service is started with.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use jiff::Timestamp;

use crate::clock::Clock;
use crate::faults::Fault;
use crate::limiter::Algorithm;

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
        match name {
            "production" => Ok(Environment::Production),
            "development" => Ok(Environment::Development),
            _ => Err(format!("{name:?} is neither production nor development")),
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
#[derive(Clone, Debug)]
pub struct RefConfig {
    pub(crate) address: SocketAddr,
    pub(crate) environment: Environment,
    pub(crate) clock: Clock,
    pub(crate) algorithm: Algorithm,
    pub(crate) origins: Vec<String>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) empty: bool,
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
            address: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            environment: Environment::Production,
            clock: Clock::frozen_now(),
            algorithm: Algorithm::Fixed,
            origins: ["https://app.kamiyo.example", "https://www.kamiyo.example"]
                .map(str::to_owned)
                .into(),
            faults: Vec::new(),
            empty: false,
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
}
