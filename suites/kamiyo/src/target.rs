//! What the suite looks at: the embedded reference service, or a deployment.
//!
//! One a run ([`Target`] behind `Arc`). A check asks it for a client by identity; whether the key
//! comes from the environment or from the embedded service is decided here, and so is whether a
//! check that uses a limit up gets a service of its own.

use readiness::observation::env::EnvVar;
use readiness::{Context, Error, Resource, Result, Unavailable};
use readiness_probes::http::{Bounds, Client, Identity, Transport};
use readiness_probes::rate_limit::Patience;

use crate::config::{Kind, TargetConfig};
use crate::embedded::{self, Embedded};

/// Identities with a key, those with the largest budget first.
const BY_BUDGET: [&str; 3] = ["enterprise", "team", "pro"];

/// The target of a run.
#[derive(Debug)]
pub struct Target {
    config: TargetConfig,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Embedded(Box<Embedded>, Transport),
    Remote(String, Transport),
    /// Under replay: whatever would go out is served from the recording.
    Nowhere,
}

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

    /// A client without a credential. Its budget is ten requests a minute: whoever uses it belongs
    /// to the exclusive group `anonymous`, and shares what it saw.
    pub fn anonymous(&self, cx: &Context) -> Client {
        self.connect(cx, Identity::anonymous())
    }

    /// A client with whichever credential has the largest budget.
    ///
    /// # Errors
    /// Unavailable if no tier has a key.
    pub fn keyed(&self, cx: &Context) -> Result<Client, Unavailable> {
        let identity = BY_BUDGET.into_iter().find(|name| self.has(name));
        self.client(cx, identity.unwrap_or("pro"))
    }

    /// Whether there is a credential for an identity.
    pub fn has(&self, identity: &str) -> bool {
        self.key(identity).is_ok()
    }

    /// Who takes the bursts of a tier: `burst.<tier>` if it has a key, else the tier's own.
    pub fn burst_identity(&self, tier: &str) -> String {
        let own = format!("burst.{tier}");
        if self.has(&own) { own } else { tier.to_owned() }
    }

    /// `data.max_pages`: how many pages of the list are sampled; 5 unless configured.
    pub fn sampled_pages(&self) -> u32 {
        self.config.data.max_pages.unwrap_or(5).clamp(1, 100)
    }

    /// A way in for using up the limit of `identity` (`None` for nobody's): a service of its own
    /// where the target is embedded, the deployment itself otherwise.
    ///
    /// # Errors
    /// Unavailable, with the key to set, if there is no credential for it.
    pub async fn door(&self, cx: &Context, identity: Option<&str>) -> Result<Door, Unavailable> {
        let who = match identity {
            Some(name) => Identity::with_key(name, self.key(name)?),
            None => Identity::anonymous(),
        };
        match &self.place {
            Place::Embedded(_, transport) => {
                let own = Embedded::start_still(&self.config.faults).await?;
                Ok(Door {
                    client: Client::new(cx, &own.base_url(), transport, who),
                    patience: own.patience(),
                    _own: Some(own),
                })
            }
            _ => Ok(Door {
                client: self.connect(cx, who),
                patience: Patience::Sleep,
                _own: None,
            }),
        }
    }

    /// A variable of the environment that the service was deployed with.
    ///
    /// # Errors
    /// Unavailable where the deployment's environment cannot be seen.
    pub fn variable(&self, cx: &Context, name: &str) -> Result<EnvVar> {
        cx.observe_now(format!("deployment {name}"), || match &self.place {
            Place::Embedded(service, _) => Ok(EnvVar::new(name, service.variable(name))),
            _ => Err(Error::unavailable(
                "the deployment's environment is not known: set `env.source` under [target] in \
                 readiness.toml",
            )),
        })
    }

    fn connect(&self, cx: &Context, who: Identity) -> Client {
        match &self.place {
            Place::Embedded(service, transport) => {
                Client::new(cx, &service.base_url(), transport, who)
            }
            Place::Remote(base, transport) => Client::new(cx, base, transport, who),
            Place::Nowhere => Client::replayed(cx, who.name()),
        }
    }

    fn key(&self, identity: &str) -> Result<String, Unavailable> {
        let known = match self.config.kind {
            Some(Kind::Embedded) => embedded::key(identity),
            _ => None,
        };
        match known {
            Some(key) => Ok(key),
            None => self.config.http().api_key(identity),
        }
    }
}

impl Resource for Target {
    async fn acquire(cx: &Context) -> Result<Self, Unavailable> {
        let config: TargetConfig = cx.target()?;
        let kind = config.kind()?;
        let transport = Transport::new(Bounds {
            timeout: config.timeout(),
            ..Bounds::default()
        })?;
        let place = match (kind, config.address()) {
            (Kind::Embedded, None) => {
                let service = Embedded::start(&config.faults).await?;
                Place::Embedded(Box::new(service), transport)
            }
            _ => Place::Remote(config.http().base_url()?.to_owned(), transport),
        };
        Ok(Target { config, place })
    }

    fn replay(cx: &Context) -> Option<Self> {
        Some(Target {
            config: cx.target().ok()?,
            place: Place::Nowhere,
        })
    }
}
