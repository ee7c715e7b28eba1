//! What the suite looks at: the embedded reference service with the files of this crate, or a
//! deployment with its own.
//!
//! One a run ([`Target`] behind `Arc`). A check asks it for a client by identity, for files by what
//! they are, and for a service of its own if it disturbs others.

use std::collections::BTreeMap;

use readiness::{Context, Resource, Result, Unavailable};
use readiness_probes::env::Environment;
use readiness_probes::http::{Client, Identity};
use readiness_probes::logs::Tap;
use readiness_probes::rate_limit::Patience;
use readiness_probes::target::{self, Service as _};
use readiness_reference::Fault;

use crate::config::TargetConfig;
use crate::embedded::{self, Embedded};
use crate::files::{self, Paper};
use crate::own::Own;

/// The target of a run.
#[derive(Debug)]
pub struct Target {
    config: TargetConfig,
    place: Place,
}

/// The way to it.
type Place = target::Place<Embedded>;

/// A way into the target for a check that uses up the limit of one identity.
#[derive(Debug)]
pub struct Door {
    /// Speaks as that identity.
    pub client: Client,
    /// How it waits for a window.
    pub patience: Patience,
    /// The service behind it, if it was started for this door alone; it ends with the door.
    _own: Option<Embedded>,
}

impl Target {
    /// A client that speaks as an identity of `[target.identities]`.
    ///
    /// # Errors
    /// Unavailable, with the key to set, if there is no credential for it.
    pub fn client(&self, cx: &Context, identity: &str) -> Result<Client, Unavailable> {
        let credential = Identity::with_key(identity, self.key(identity)?);
        Ok(self.connect(cx, credential))
    }

    /// A client without a credential.
    pub fn anonymous(&self, cx: &Context) -> Client {
        self.connect(cx, Identity::anonymous())
    }

    /// Whether there is a credential for an identity.
    pub fn has(&self, identity: &str) -> bool {
        self.key(identity).is_ok()
    }

    /// Whether own objects may be made at the target, and removed again.
    pub fn allows_writes(&self) -> bool {
        self.config.basics.allows_writes().is_ok()
    }

    /// Whether limits may be used up and load be sent.
    ///
    /// # Errors
    /// Unavailable, with the key to set, if not.
    pub fn allows_disruption(&self) -> Result<(), Unavailable> {
        self.config.basics.allows_disruption()
    }

    /// The service's log.
    ///
    /// # Errors
    /// Unavailable, with the key to set, where it cannot be read.
    pub fn log(&self) -> Result<Tap, Unavailable> {
        let log = &self.config.log;
        self.place.log(log.source.as_deref(), log.lag_s)
    }

    /// Requests a minute that a key is promised, for planning.
    ///
    /// # Errors
    /// Unavailable, with the key to set, if nothing plausible is.
    pub fn promised(&self) -> Result<u32, Unavailable> {
        let limit = self.config.limits.get("key").and_then(|limit| limit.minute);
        limit
            .filter(|limit| (1..=1_000_000).contains(limit))
            .ok_or_else(|| {
                Unavailable::new(
                    "no limit is known: set `limits.key.minute` under [target] in readiness.toml",
                )
            })
    }

    /// One path of each group of routes that is limited.
    ///
    /// # Errors
    /// Unavailable, with the key to set, if there is none.
    pub fn limited_paths(&self) -> Result<&[String], Unavailable> {
        if self.config.rate_limit.paths.is_empty() {
            return Err(Unavailable::new(
                "no limited route is known: set `rate_limit.paths` under [target] in readiness.toml",
            ));
        }
        Ok(&self.config.rate_limit.paths)
    }

    /// What only administrators may do, as `METHOD /path`.
    pub fn admin_only(&self) -> &[String] {
        &self.config.access.admin_only
    }

    /// Where the `OpenAPI` document is.
    pub fn openapi_url(&self) -> &str {
        let configured = self.config.docs.openapi_url.as_deref();
        configured.unwrap_or("/openapi.json")
    }

    /// Files of one kind, by name: those configured, or those of this crate for the embedded target.
    /// Under replay there are none, and nobody reads them.
    ///
    /// # Errors
    /// Unavailable, with the key to set, if they are not configured or cannot be read.
    pub(crate) fn files(&self, paper: Paper) -> Result<BTreeMap<String, String>, Unavailable> {
        match &self.place {
            Place::Nowhere => Ok(BTreeMap::new()),
            Place::Embedded(service, _) => files::embedded(&self.config, paper, service.faults()),
            Place::Remote(..) => files::configured(&self.config, paper),
        }
    }

    /// Whether files of one kind are there to be looked at.
    pub(crate) fn has_files(&self, paper: Paper) -> bool {
        self.config.basics.is_embedded() || paper.is_configured(&self.config)
    }

    /// The faults of the embedded target.
    pub(crate) fn faults(&self) -> &[Fault] {
        match &self.place {
            Place::Embedded(service, _) => service.faults(),
            Place::Remote(..) | Place::Nowhere => &[],
        }
    }

    /// The embedded service, if that is what is looked at.
    pub(crate) fn embedded(&self) -> Option<&Embedded> {
        match &self.place {
            Place::Embedded(service, _) => Some(service),
            Place::Remote(..) | Place::Nowhere => None,
        }
    }

    /// The configuration.
    pub(crate) fn config(&self) -> &TargetConfig {
        &self.config
    }

    /// The environment that the service was deployed with.
    ///
    /// # Errors
    /// Unavailable, with the key to set, where it cannot be seen.
    pub fn environment(&self, cx: &Context) -> Result<Environment, Unavailable> {
        self.place.environment(cx, &self.config.env)
    }

    /// A way in for using up the limit of whoever takes bursts: a service of its own where the target
    /// is embedded, the deployment itself otherwise.
    ///
    /// # Errors
    /// Unavailable, with the key to set, if there is no credential or it is not allowed.
    pub async fn door(&self, cx: &Context) -> Result<Door, Unavailable> {
        let name = if self.has("burst") { "burst" } else { "admin" };
        let who = Identity::with_key(name, self.key(name)?);
        if let Place::Embedded(service, transport) = &self.place {
            let own = service.another_that_stands_still().await?;
            return Ok(Door {
                client: Client::new(cx, &own.base_url(), transport, who),
                patience: own.patience(),
                _own: Some(own),
            });
        }
        self.allows_disruption()?;
        Ok(Door {
            client: self.connect(cx, who),
            patience: Patience::Sleep,
            _own: None,
        })
    }

    /// A service of this trial's own, for what would disturb others: outages, slowness, moving the
    /// clock. `None` on a deployment, whose clock and stores are not ours to touch.
    ///
    /// # Errors
    /// Unavailable if it does not start.
    pub(crate) async fn own(&self) -> Result<Option<Own>, Unavailable> {
        Ok(match &self.place {
            Place::Embedded(service, transport) => {
                let service = service.another_that_stands_still().await?;
                Some(Own::new(service, transport.clone()))
            }
            // What was looked at live decides: nothing is recorded that a deployment cannot give.
            Place::Nowhere if self.config.basics.is_embedded() => Some(Own::replayed()),
            Place::Nowhere | Place::Remote(..) => None,
        })
    }

    fn connect(&self, cx: &Context, who: Identity) -> Client {
        self.place.client(cx, who)
    }

    fn key(&self, identity: &str) -> Result<String, Unavailable> {
        self.config.basics.key(identity, embedded::key)
    }
}

impl Resource for Target {
    async fn acquire(cx: &Context) -> Result<Self, Unavailable> {
        let config: TargetConfig = cx.target()?;
        let start = async || Embedded::start(&embedded::parse(&config.faults)?).await;
        let place = Place::of(&config.basics, start).await?;
        Ok(Target { config, place })
    }

    fn replay(cx: &Context) -> Option<Self> {
        Some(Target {
            config: cx.target().ok()?,
            place: Place::Nowhere,
        })
    }
}
