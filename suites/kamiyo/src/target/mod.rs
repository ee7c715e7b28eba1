//! What the suite looks at: the embedded reference service, or a deployment.
//!
//! One a run ([`Target`] behind `Arc`). A check asks it for a client by identity; whether the key
//! comes from the environment or from the embedded service is decided here, and so is whether a
//! check that uses a limit up gets a service of its own.

use std::fs::File;
use std::io::{BufReader, Cursor, Read};
use std::path::PathBuf;
use std::time::Duration;

use readiness::{Context, Resource, Result, Unavailable};
use readiness_probes::env::Environment;
use readiness_probes::http::{Bounds, Client, Identity, Transport};
use readiness_probes::logs::{Source, Tap};
use readiness_probes::observability::Aggregator;
use readiness_probes::rate_limit::{Patience, Window};
use readiness_probes::store_url::StoreUrl;
use readiness_reference::Fault;
use readiness_reference::standins::StandIn;
use serde_json::{Value, json};

use crate::config::{Kind, LoadConfig, LoadMode, TargetConfig};
use crate::counters::Counters;
use crate::embedded::{self, Embedded};
use crate::guide::Guide;
use crate::k6;
use crate::stage::{Servers, Stage};

/// Bytes of an infrastructure plan at most.
const LONGEST_PLAN: u64 = 64 << 20;

/// Points of a load test that are older say little about what is deployed.
const OLDEST_POINTS: Duration = Duration::from_secs(30 * 86_400);

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
    own: Option<Embedded>,
    /// What can be done about the counters of a deployment.
    counters: Option<Counters>,
}

/// Where load is sent to.
#[derive(Debug)]
pub(crate) struct Site {
    /// Scheme, host and port.
    pub base: String,
    /// Keys that users take turns with.
    pub keys: Vec<String>,
    /// How much.
    pub config: LoadConfig,
    /// The service behind it, if it was started for this test alone; it ends with the site.
    _own: Option<Embedded>,
}

/// Where the logs of a service are collected.
pub(crate) struct Collector {
    /// Asks the service something that it logs.
    pub client: Client,
    /// Finds it again.
    pub aggregator: Aggregator,
    /// How it waits meanwhile.
    pub patience: Patience,
    /// The service and the aggregator, if they were started for this; they end with it.
    _own: Option<(Stage, Option<StandIn>)>,
}

impl Door {
    /// Sets how much of a window the identity has used; the window began before `now`, by the
    /// service's own clock. A deployment's counter is set back in the end.
    ///
    /// # Errors
    /// Unavailable where the target's counters cannot be set, with the key to set.
    pub async fn seed(&self, window: Window, used: u32, now: i64) -> Result<()> {
        if let Some(own) = &self.own {
            own.seed(self.client.identity(), window, used);
            return Ok(());
        }
        let Some(counters) = &self.counters else {
            return Err(Unavailable::new("the limiter's counters cannot be set").into());
        };
        counters.set(&self.client, window, used, now).await
    }

    /// Whether hours and days pass at will.
    ///
    /// # Errors
    /// Unavailable where they do not.
    pub fn needs_a_clock(&self) -> Result<(), Unavailable> {
        match self.patience {
            Patience::Advance(_) => Ok(()),
            Patience::Sleep => Err(Unavailable::new(
                "the target's clock cannot be moved, and a run does not last hours: only the \
                 embedded service offers that",
            )),
        }
    }
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

    /// Whether own objects may be made at the target, and removed again.
    ///
    /// # Errors
    /// Unavailable, with the key to set, if not.
    pub fn allows_writes(&self) -> Result<(), Unavailable> {
        self.config.allows_writes()
    }

    /// Whether shared limits may be used up and dependencies stopped.
    ///
    /// # Errors
    /// Unavailable, with the key to set, if not.
    pub fn allows_disruption(&self) -> Result<(), Unavailable> {
        self.config.allows_disruption()
    }

    /// A client behind the same door for another key of the tier, if there is one.
    pub fn neighbour(&self, door: &Door, tier: &str, own: &str) -> Option<Client> {
        let names = [tier.to_owned(), format!("burst.{tier}")];
        let other = names
            .into_iter()
            .find(|name| name != own && self.has(name))?;
        let key = self.key(&other).ok()?;
        Some(door.client.as_other(Identity::with_key(other, key)))
    }

    /// The service's log.
    ///
    /// # Errors
    /// Unavailable, with the key to set, where it cannot be read.
    pub fn log(&self) -> Result<Tap, Unavailable> {
        match &self.place {
            Place::Embedded(service, _) => Ok(Tap::new(service.log(), Duration::ZERO)),
            Place::Nowhere => Ok(Tap::replayed()),
            Place::Remote(..) => {
                let source = self.config.log.source.as_deref().ok_or_else(|| {
                    Unavailable::new(
                        "the service's log is not known: set `log.source` under [target] in \
                         readiness.toml",
                    )
                })?;
                let lag = Duration::from_secs(self.config.log.lag_s.unwrap_or(15).min(300));
                Ok(Tap::new(Source::parse(source)?, lag))
            }
        }
    }

    /// Whether the log is known to be this service's, whatever is found in it.
    pub fn log_is_own(&self) -> bool {
        self.config.kind == Some(Kind::Embedded) && self.config.address().is_none()
    }

    /// Where in the log a search for secrets begins: at its start if the service was started for this
    /// run, at its present end otherwise.
    ///
    /// # Errors
    /// Other if the log cannot be read.
    pub fn log_start(&self) -> Result<u64> {
        match &self.place {
            Place::Remote(..) => self.log()?.mark(),
            _ => Ok(0),
        }
    }

    /// The keys that this run sends.
    pub fn secrets(&self) -> Vec<String> {
        BY_BUDGET
            .iter()
            .filter_map(|name| self.key(name).ok())
            .collect()
    }

    /// Whether the service can be made to fail.
    pub fn can_fail(&self) -> bool {
        self.log_is_own() || self.config.errors.trigger_path.is_some()
    }

    /// Makes the next request that carries `word` run into an internal error.
    ///
    /// # Errors
    /// Unavailable where the target cannot be made to fail.
    pub fn provoke(&self, word: &str) -> Result<(), Unavailable> {
        match &self.place {
            Place::Embedded(service, _) => {
                service.fail_next(word);
                Ok(())
            }
            Place::Nowhere => Ok(()),
            Place::Remote(..) if self.config.errors.trigger_path.is_some() => Ok(()),
            Place::Remote(..) => Err(Unavailable::new(
                "the service cannot be made to fail: set `errors.trigger_path` under [target] in \
                 readiness.toml to a path of a staging build that does",
            )),
        }
    }

    /// The path of a request that carries `word` and, once provoked, fails.
    pub fn trigger_path(&self, word: &str) -> String {
        let path = self
            .config
            .errors
            .trigger_path
            .as_deref()
            .unwrap_or("/exploits?page_size=1");
        let separator = if path.contains('?') { '&' } else { '?' };
        format!("{path}{separator}probe={word}")
    }

    /// How many requests to plan for: what is promised to a tier.
    ///
    /// # Errors
    /// Unavailable, with the key to set, if nothing plausible is.
    pub fn promised(&self, tier: &str, window: Window) -> Result<u32, Unavailable> {
        let limits = self.config.limits.get(tier);
        let limit = limits.and_then(|limits| match window {
            Window::Minute => limits.minute,
            Window::Hour => limits.hour,
            Window::Day => limits.day,
        });
        limit
            .filter(|limit| (1..=10_000_000).contains(limit))
            .ok_or_else(|| {
                let name = window.name();
                Unavailable::new(format!(
                    "no limit is known: set `limits.{tier}.{name}` under [target] in readiness.toml"
                ))
            })
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
            Place::Embedded(service, transport) => {
                let own = service.another_that_stands_still().await?;
                Ok(Door {
                    client: Client::new(cx, &own.base_url(), transport, who),
                    patience: own.patience(),
                    own: Some(own),
                    counters: None,
                })
            }
            _ => Ok(Door {
                client: self.connect(cx, who),
                patience: Patience::Sleep,
                own: None,
                counters: Some(Counters::new(&self.config)),
            }),
        }
    }

    /// Whether a long window can be waited out: where the clock can be moved.
    pub fn waits_out(&self) -> bool {
        self.config.kind == Some(Kind::Embedded)
    }

    /// Where load is sent to and as whom: a service of its own where the target is embedded, so that
    /// nobody else's limits and logs are concerned.
    ///
    /// # Errors
    /// Unavailable, with the key to set, where no load may be sent.
    pub(crate) async fn under_load(&self, cx: &Context) -> Result<Site, Unavailable> {
        let load = &self.config.load;
        if load.mode == LoadMode::Off {
            return Err(Unavailable::new(
                "no load is sent: `load.mode` under [target] in readiness.toml is \"off\"",
            ));
        }
        self.allows_disruption()?;
        let names = match (&*load.identities, self.config.kind) {
            ([], Some(Kind::Embedded)) => embedded::load_identities(),
            (names, _) => names.to_vec(),
        };
        let keys = names.iter().map(|name| self.key(name));
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        for key in &keys {
            cx.secret(key.clone());
        }
        let own = match &self.place {
            Place::Embedded(..) => Some(Embedded::under_load(cx, &self.config.faults).await?),
            _ => None,
        };
        let base = match (&own, &self.place) {
            (Some(own), _) => own.base_url(),
            (None, Place::Remote(base, _)) => base.clone(),
            (None, _) => String::new(),
        };
        Ok(Site {
            base,
            keys,
            config: load.clone(),
            _own: own,
        })
    }

    /// What k6 wrote about a load test of its own, if the configuration names a file of it.
    ///
    /// # Errors
    /// Unavailable, with the key to correct, if it cannot be read or is older than a month.
    pub(crate) fn k6_points(&self) -> Result<Option<BufReader<Box<dyn Read + Send>>>, Unavailable> {
        if let Some(points) = k6::demonstration(&self.config.faults) {
            return Ok(Some(BufReader::new(Box::new(Cursor::new(points)))));
        }
        let Some(path) = &self.config.load.k6_points else {
            return Ok(None);
        };
        let unreadable = |why: &dyn std::fmt::Display| {
            Unavailable::new(format!(
                "{} cannot be read ({why}): correct `load.k6_points` under [target] in readiness.toml",
                path.display()
            ))
        };
        let file = File::open(path).map_err(|error| unreadable(&error))?;
        let written = file.metadata().and_then(|file| file.modified());
        let age = written.map_err(|error| unreadable(&error))?.elapsed();
        if age.is_ok_and(|age| age > OLDEST_POINTS) {
            return Err(Unavailable::new(format!(
                "{} is older than 30 days: run the load test again",
                path.display()
            )));
        }
        Ok(Some(BufReader::new(Box::new(file))))
    }

    /// Where wrong keys may be tried by the thousand, and the genuine one that they are altered from.
    ///
    /// # Errors
    /// Unavailable, with the key to set, where they may not.
    pub(crate) fn for_wrong_keys(&self, cx: &Context) -> Result<(String, String), Unavailable> {
        self.allows_disruption()?;
        let key = self.key("pro")?;
        cx.secret(key.clone());
        let base = match &self.place {
            Place::Embedded(service, ..) => service.base_url(),
            Place::Remote(base, ..) => base.clone(),
            Place::Nowhere => String::new(),
        };
        Ok((base, key))
    }

    /// The environment that the service was deployed with.
    ///
    /// # Errors
    /// Unavailable, with the key to set, where it cannot be seen.
    pub fn environment(&self, cx: &Context) -> Result<Environment, Unavailable> {
        let environment = match &self.place {
            Place::Embedded(service, _) => Environment::given(cx, service.variables()),
            Place::Nowhere => Environment::replayed(cx),
            Place::Remote(..) => {
                let source = self.config.env.source.as_deref().ok_or_else(|| {
                    Unavailable::new(
                        "the deployment's environment is not known: set `env.source` under [target] \
                         in readiness.toml",
                    )
                })?;
                Environment::from_source(cx, source)?
            }
        };
        Ok(environment.with_aliases(self.config.env.aliases.clone()))
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
        let embedded = self.config.kind == Some(Kind::Embedded) && self.config.address().is_none();
        if embedded {
            return Ok("127.0.0.1".to_owned());
        }
        let http = self.config.http();
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

    /// The names of the labels that records of this deployment carry where logs are collected.
    pub fn log_labels(&self) -> impl Iterator<Item = &str> {
        self.config.log.labels.keys().map(String::as_str)
    }

    /// Where logs are collected, and a way to make the service write one.
    ///
    /// # Errors
    /// [`Unavailable`], with the key to set, where that is not known.
    pub(crate) async fn collector(&self, cx: &Context) -> Result<Collector, Unavailable> {
        let names: Vec<&str> = self.log_labels().collect();
        match &self.place {
            Place::Remote(..) if self.config.kind == Some(Kind::Remote) => {
                let place = self.config.log.aggregator.as_deref().ok_or_else(|| {
                    Unavailable::new(
                        "where logs are collected is not known: set `log.aggregator` under \
                         [target] in readiness.toml to loki:URL or elasticsearch:URL/INDEX, or \
                         attest to it",
                    )
                })?;
                Ok(Collector {
                    client: self.keyed(cx)?,
                    aggregator: Aggregator::at(cx, place, &names)?,
                    patience: Patience::Sleep,
                    _own: None,
                })
            }
            Place::Nowhere => Ok(Collector {
                client: self.keyed(cx)?,
                aggregator: Aggregator::replayed(cx),
                patience: Patience::Sleep,
                _own: None,
            }),
            _ => {
                let own = self.stage().await?;
                let shipped = own.aggregator().await?;
                let place = shipped.as_ref().map_or("", StandIn::base_url);
                Ok(Collector {
                    client: own.client(cx, "enterprise")?,
                    aggregator: Aggregator::at(cx, &format!("loki:{place}"), &names)?,
                    patience: own.patience(),
                    _own: Some((own, shipped)),
                })
            }
        }
    }

    /// The infrastructure plan of the deployment, as `terraform show -json` prints it.
    ///
    /// # Errors
    /// [`Unavailable`], with the key to set, where there is none: a person can still state it.
    pub(crate) fn terraform_plan(&self) -> Result<Value, Unavailable> {
        if self.config.kind == Some(Kind::Embedded) {
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
        match self.config.kind {
            Some(Kind::Embedded) => Guide::copied(&path, &self.config.faults),
            _ => Ok(Guide::Given(path)),
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
            Place::Remote(base, transport) if config.kind == Some(Kind::Remote) => {
                Ok(Stage::deployment(config, base.clone(), transport.clone()))
            }
            Place::Remote(..) => Err(Unavailable::new(
                "the embedded service runs in another process: its stores cannot be stopped and its \
                 clock not moved from here",
            )),
        }
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
                let service = Embedded::start(cx, &config.faults).await?;
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
