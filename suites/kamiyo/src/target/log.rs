//! The service's log, what makes it write, and where it is collected.

use readiness::{Context, Result, Unavailable};
use readiness_probes::http::Client;
use readiness_probes::logs::Tap;
use readiness_probes::observability::Aggregator;
use readiness_probes::rate_limit::Patience;
use readiness_probes::target::Kind;
use readiness_reference::standins::StandIn;

use super::{Place, Target};
use crate::stage::Stage;

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

impl Target {
    /// The service's log.
    ///
    /// # Errors
    /// Unavailable, with the key to set, where it cannot be read.
    pub fn log(&self) -> Result<Tap, Unavailable> {
        let log = &self.config.log;
        self.place.log(log.source.as_deref(), log.lag_s)
    }

    /// Whether the log is known to be this service's, whatever is found in it.
    pub fn log_is_own(&self) -> bool {
        self.config.basics.is_embedded()
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

    /// The names of the labels that records of this deployment carry where logs are collected.
    pub fn log_labels(&self) -> impl Iterator<Item = &str> {
        self.config.log.labels.keys().map(String::as_str)
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

    /// Where logs are collected, and a way to make the service write one.
    ///
    /// # Errors
    /// [`Unavailable`], with the key to set, where that is not known.
    pub(crate) async fn collector(&self, cx: &Context) -> Result<Collector, Unavailable> {
        let names: Vec<&str> = self.log_labels().collect();
        match &self.place {
            Place::Remote(..) if self.config.basics.kind == Some(Kind::Remote) => {
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
}
