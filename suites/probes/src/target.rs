//! **What the `[target]` tables of suites have in common**: what is looked at, where it is, who asks and
//! what may be done to it; and the way there, whether that is a service of this process, a deployment or
//! a recording.
//!
//! ```toml
//! [target]
//! kind = "remote"                      # or "embedded": a demonstration, never a go
//! base_url = "https://staging.example"
//! allow_writes = true
//! ```
//!
//! A suite flattens [`Basics`] into its own table, and says by [`Service`] what its embedded service can
//! be asked. What a deployment lacks is [`Unavailable`] with the key to set, the same in every suite.

use std::collections::BTreeMap;
use std::time::Duration;

use readiness::{Context, Result, Unavailable};
use serde::Deserialize;

use crate::env::{EnvTarget, Environment};
use crate::http::{Bounds, Client, HttpTarget, Identity, Transport};
use crate::logs::{Source, Tap};

/// How long a log may take until a record is there, in seconds: unless configured, and at most.
const LAG_S: u64 = 15;
const LONGEST_LAG_S: u64 = 300;

/// Registers the keys that a suite reads below `[target]`, so that a mistyped one is named instead of
/// ignored: `config_keys! { "target.log": "source" "lag_s"; }`.
#[macro_export]
macro_rules! config_keys {
    ($($table:literal: $($key:literal)*;)*) => {$(
        readiness::__private::submit! {
            readiness::config::ConfigSchema { table: $table, keys: &[$($key),*] }
        }
    )*};
}

/// The two kinds of target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A service of this process: a demonstration, never a go.
    Embedded,
    /// A deployment.
    Remote,
}

/// The keys of `[target]` that every suite reads.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Basics {
    /// What is looked at; no default.
    pub kind: Option<Kind>,
    /// Whether own objects may be made and removed.
    #[serde(default)]
    pub allow_writes: bool,
    /// Whether dependencies may be stopped, shared limits be used up and load be sent.
    #[serde(default)]
    pub allow_disruption: bool,
    /// Where it answers, and who may ask. An address wins over `kind = "embedded"`: a runner may have
    /// started the service already.
    #[serde(flatten)]
    pub http: HttpTarget,
}

impl Basics {
    /// The kind, or what to set.
    ///
    /// # Errors
    /// [`Unavailable`] if none is configured.
    pub fn kind(&self) -> Result<Kind, Unavailable> {
        self.kind.ok_or_else(|| {
            Unavailable::new(
                "no target: set `kind` under [target] in readiness.toml to \"remote\" (with \
                 `base_url`) or \"embedded\"",
            )
        })
    }

    /// An address that was handed over, if any.
    pub fn address(&self) -> Option<&str> {
        let address = self.http.base_url.as_deref();
        address.filter(|url| !url.is_empty())
    }

    /// Whether it is the suite's own service, in this process or, at an address, in another.
    pub fn is_demonstration(&self) -> bool {
        self.kind == Some(Kind::Embedded)
    }

    /// Whether the service of this process is looked at.
    pub fn is_embedded(&self) -> bool {
        self.is_demonstration() && self.address().is_none()
    }

    /// Whether own objects and tokens may be made at the target, and removed again.
    ///
    /// # Errors
    /// [`Unavailable`], with the key to set, if not.
    pub fn allows_writes(&self) -> Result<(), Unavailable> {
        if self.allow_writes || self.is_demonstration() {
            return Ok(());
        }
        Err(Unavailable::new(
            "making own objects is not allowed: set `allow_writes = true` under [target] in \
             readiness.toml if this deployment may be written to",
        ))
    }

    /// Whether dependencies may be stopped, shared limits be used up and load be sent.
    ///
    /// # Errors
    /// [`Unavailable`], with the key to set, if not.
    pub fn allows_disruption(&self) -> Result<(), Unavailable> {
        if self.allow_disruption || self.is_demonstration() {
            return Ok(());
        }
        Err(Unavailable::new(
            "disturbing others is not allowed: set `allow_disruption = true` under [target] in \
             readiness.toml if this deployment is for that",
        ))
    }

    /// The key of an identity: the one that the embedded service publishes, or that of the environment.
    ///
    /// # Errors
    /// [`Unavailable`], with the key to set, if there is none.
    pub fn key(
        &self,
        identity: &str,
        published: impl FnOnce(&str) -> Option<String>,
    ) -> Result<String, Unavailable> {
        let known = self.is_demonstration().then(|| published(identity));
        match known.flatten() {
            Some(key) => Ok(key),
            None => self.http.api_key(identity),
        }
    }
}

/// What a suite's embedded service can be asked beside requests.
pub trait Service {
    /// Scheme, host and port.
    fn base_url(&self) -> String;

    /// Its log.
    fn log(&self) -> Source;

    /// The environment that it was deployed with.
    fn variables(&self) -> BTreeMap<String, String>;
}

/// The way to the target.
#[derive(Debug)]
pub enum Place<S> {
    /// A service of this process.
    Embedded(Box<S>, Transport),
    /// Scheme, host and port of a deployment.
    Remote(String, Transport),
    /// Under replay: whatever would go out is served from the recording.
    Nowhere,
}

impl<S: Service> Place<S> {
    /// Where the configuration says; `start` starts the embedded service.
    ///
    /// # Errors
    /// [`Unavailable`] if no target is configured, or what `start` said.
    pub async fn of(
        basics: &Basics,
        start: impl AsyncFnOnce() -> Result<S, Unavailable>,
    ) -> Result<Self, Unavailable> {
        basics.kind()?;
        let transport = Transport::new(Bounds {
            timeout: basics.http.timeout(),
            ..Bounds::default()
        })?;
        if basics.is_embedded() {
            return Ok(Place::Embedded(Box::new(start().await?), transport));
        }
        Ok(Place::Remote(basics.http.base_url()?.to_owned(), transport))
    }

    /// A client that speaks as `who`.
    pub fn client(&self, cx: &Context, who: Identity) -> Client {
        match self {
            Place::Embedded(service, transport) => {
                Client::new(cx, &service.base_url(), transport, who)
            }
            Place::Remote(base, transport) => Client::new(cx, base, transport, who),
            Place::Nowhere => Client::replayed(cx, who.name()),
        }
    }

    /// The service's log: `log.source` and `log.lag_s` of a deployment.
    ///
    /// # Errors
    /// [`Unavailable`], with the key to set, where it cannot be read.
    pub fn log(&self, source: Option<&str>, lag_s: Option<u64>) -> Result<Tap, Unavailable> {
        match self {
            Place::Embedded(service, _) => Ok(Tap::new(service.log(), Duration::ZERO)),
            Place::Nowhere => Ok(Tap::replayed()),
            Place::Remote(..) => {
                let source = source.ok_or_else(|| {
                    Unavailable::new(
                        "the service's log is not known: set `log.source` under [target] in \
                         readiness.toml",
                    )
                })?;
                let lag = Duration::from_secs(lag_s.unwrap_or(LAG_S).min(LONGEST_LAG_S));
                Ok(Tap::new(Source::parse(source)?, lag))
            }
        }
    }

    /// The environment that the service was deployed with.
    ///
    /// # Errors
    /// [`Unavailable`], with the key to set, where it cannot be seen.
    pub fn environment(&self, cx: &Context, env: &EnvTarget) -> Result<Environment, Unavailable> {
        let environment = match self {
            Place::Embedded(service, _) => Environment::given(cx, service.variables()),
            Place::Nowhere => Environment::replayed(cx),
            Place::Remote(..) => {
                let source = env.source.as_deref().ok_or_else(|| {
                    Unavailable::new(
                        "the deployment's environment is not known: set `env.source` under [target] \
                         in readiness.toml",
                    )
                })?;
                Environment::from_source(cx, source)?
            }
        };
        Ok(environment.with_aliases(env.aliases.clone()))
    }
}
