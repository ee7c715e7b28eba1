//! What the suite looks at: the embedded reference service, or a deployment.
//!
//! One a run ([`Target`] behind `Arc`). A check asks it for a client by identity; whether the key
//! comes from the environment or from the embedded service is decided here, and so is whether a
//! check that uses a limit up gets a service of its own.

mod door;
mod load;
mod log;

use std::path::PathBuf;

use readiness::{Context, Resource, Result, Unavailable};
use readiness_probes::env::Environment;
use readiness_probes::http::{Client, Identity};
use readiness_probes::store_url::StoreUrl;
use readiness_probes::target::{self, Kind, Service as _};
use readiness_reference::Fault;
use serde_json::{Value, json};

use crate::config::TargetConfig;
use crate::embedded::{self, Embedded};
use crate::guide::Guide;
use crate::stage::{Servers, Stage};

pub use door::Door;
pub(crate) use load::Site;

/// Bytes of an infrastructure plan at most.
const LONGEST_PLAN: u64 = 64 << 20;

/// Identities with a key, those with the largest budget first.
const BY_BUDGET: [&str; 3] = ["enterprise", "team", "pro"];

/// The target of a run.
#[derive(Debug)]
pub struct Target {
    config: TargetConfig,
    place: Place,
}

/// The way to it.
type Place = target::Place<Embedded>;

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

    /// Whether own objects may be made at the target, and removed again.
    ///
    /// # Errors
    /// Unavailable, with the key to set, if not.
    pub fn allows_writes(&self) -> Result<(), Unavailable> {
        self.config.basics.allows_writes()
    }

    /// Whether shared limits may be used up and dependencies stopped.
    ///
    /// # Errors
    /// Unavailable, with the key to set, if not.
    pub fn allows_disruption(&self) -> Result<(), Unavailable> {
        self.config.basics.allows_disruption()
    }

    /// The keys that this run sends.
    pub fn secrets(&self) -> Vec<String> {
        BY_BUDGET
            .iter()
            .filter_map(|name| self.key(name).ok())
            .collect()
    }

    /// Where the documentation is: the page for people and the document for programs.
    pub fn documentation(&self) -> (&str, &str) {
        let docs = &self.config.docs;
        (
            docs.docs_url.as_deref().unwrap_or("/docs"),
            docs.openapi_url.as_deref().unwrap_or("/openapi.json"),
        )
    }

    /// `data.max_pages`: how many pages of the list are sampled; 5 unless configured.
    pub fn sampled_pages(&self) -> u32 {
        self.config.data.max_pages.unwrap_or(5).clamp(1, 100)
    }

    /// The environment that the service was deployed with.
    ///
    /// # Errors
    /// Unavailable, with the key to set, where it cannot be seen.
    pub fn environment(&self, cx: &Context) -> Result<Environment, Unavailable> {
        self.place.environment(cx, &self.config.env)
    }

    /// Scheme, host and port of the service.
    ///
    /// # Errors
    /// [`Unavailable`] under replay, where there is none.
    pub(crate) fn address(&self) -> Result<String, Unavailable> {
        match &self.place {
            Place::Embedded(service, _) => Ok(service.base_url()),
            Place::Remote(base, _) => Ok(base.clone()),
            Place::Nowhere => Err(Unavailable::new("a replay has no address")),
        }
    }

    /// The host of the service's address; that of the embedded one is this machine.
    ///
    /// # Errors
    /// [`Unavailable`], with the key to set, if there is no address.
    pub fn host(&self) -> Result<String, Unavailable> {
        let embedded = self.config.basics.is_embedded();
        if embedded {
            return Ok("127.0.0.1".to_owned());
        }
        let http = &self.config.basics.http;
        let url = StoreUrl::parse(http.base_url()?);
        url.map(|url| url.host)
            .map_err(|why| Unavailable::new(format!("`target.base_url` is not a URL: {why}")))
    }

    /// The host of an https address; none for one of this machine, where nobody needs TLS.
    ///
    /// # Errors
    /// [`Unavailable`], with the key to set, for an address elsewhere without TLS.
    pub(crate) fn https_host(&self) -> Result<Option<String>, Unavailable> {
        let host = self.host()?;
        let is_https = self
            .config
            .basics
            .address()
            .is_some_and(|base| base.starts_with("https://"));
        match host.as_str() {
            _ if is_https => Ok(Some(host)),
            "localhost" | "::1" => Ok(None),
            address if address.starts_with("127.") => Ok(None),
            _ => Err(Unavailable::new(
                "the target is spoken to without TLS, so what https says cannot be seen: set \
                 `base_url` under [target] in readiness.toml to its https address",
            )),
        }
    }

    /// The infrastructure plan of the deployment, as `terraform show -json` prints it.
    ///
    /// # Errors
    /// [`Unavailable`], with the key to set, where there is none: a person can still state it.
    pub(crate) fn terraform_plan(&self) -> Result<Value, Unavailable> {
        if self.config.basics.is_demonstration() {
            let fault = Fault::DplyDb003Unencrypted.id();
            let is_encrypted = !self.config.faults.iter().any(|name| name == fault);
            return Ok(json!({ "planned_values": { "root_module": { "resources": [{
                "address": "aws_db_instance.kamiyo", "type": "aws_db_instance",
                "values": { "storage_encrypted": is_encrypted },
            }]}}}));
        }
        let path = self.config.deploy.terraform_plan.as_ref().ok_or_else(|| {
            Unavailable::new(
                "nothing is known about the database's disk: attest to it, or set \
                 `deploy.terraform_plan` under [target] in readiness.toml",
            )
        })?;
        let unreadable = |why: String| {
            Unavailable::new(format!(
                "{} cannot be read ({why}): correct `deploy.terraform_plan` under [target] in \
                 readiness.toml",
                path.display()
            ))
        };
        let length = std::fs::metadata(path).map_err(|error| unreadable(error.to_string()))?;
        if length.len() > LONGEST_PLAN {
            return Err(unreadable("it is too long".to_owned()));
        }
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
        serde_json::from_str(&text).map_err(|error| unreadable(error.to_string()))
    }

    /// The deployment guide at a path; the embedded target may show one with a defect.
    ///
    /// # Errors
    /// The one of reading it.
    pub(crate) fn guide(&self, path: PathBuf) -> std::io::Result<Guide> {
        if self.config.basics.is_demonstration() {
            Guide::copied(&path, &self.config.faults)
        } else {
            Ok(Guide::Given(path))
        }
    }

    /// Where a check acts that logs in, stops stores or lets time go by: a service of this trial's own,
    /// or the deployment.
    ///
    /// # Errors
    /// Unavailable if no service of its own can be started.
    pub(crate) async fn stage(&self) -> Result<Stage, Unavailable> {
        self.stage_on(Servers::default()).await
    }

    /// The same, where a service of its own has its stores in these servers.
    ///
    /// # Errors
    /// As [`stage`](Self::stage), and if the servers cannot be used.
    pub(crate) async fn stage_on(&self, servers: Servers) -> Result<Stage, Unavailable> {
        let config = self.config.clone();
        match &self.place {
            Place::Embedded(service, transport) => {
                let service = service.another_on(&servers.stores()).await?;
                Ok(Stage::own(config, service, transport.clone(), servers))
            }
            Place::Nowhere => Ok(Stage::replayed(config)),
            Place::Remote(base, transport) if config.basics.kind == Some(Kind::Remote) => {
                Ok(Stage::deployment(config, base.clone(), transport.clone()))
            }
            Place::Remote(..) => Err(Unavailable::new(
                "the embedded service runs in another process: its stores cannot be stopped and its \
                 clock not moved from here",
            )),
        }
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
        let start = async || Embedded::start(cx, &config.faults).await;
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
