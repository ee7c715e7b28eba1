//! The Prometheus that scrapes the service: the configured one, or for the embedded target a real one
//! that is started where it is installed, with the rules of this crate.

use readiness::{Context, Resource, Result, Unavailable};
use readiness_probes::prometheus::Prometheus;
use readiness_probes::servers::{PrometheusProfile, PrometheusServer};
use readiness_reference::Fault;

use crate::config::TargetConfig;
use crate::files::Paper;
use crate::target::Target;

/// The job that scrapes the embedded service.
const JOB: &str = "caio";

/// What watches the service; one a run.
#[derive(Debug)]
pub struct Monitoring {
    url: String,
    job: String,
    /// Ends with this value.
    _server: Option<PrometheusServer>,
    is_replayed: bool,
}

impl Monitoring {
    /// Prometheus, to be asked.
    ///
    /// # Errors
    /// Unavailable if no client can be made.
    pub fn prometheus(&self, cx: &Context) -> Result<Prometheus, Unavailable> {
        if self.is_replayed {
            return Ok(Prometheus::replayed(cx, &self.job));
        }
        Prometheus::at(cx, &self.url, &self.job)
    }
}

impl Resource for Monitoring {
    async fn acquire(cx: &Context) -> Result<Self, Unavailable> {
        let config: TargetConfig = cx.target()?;
        if let Some(url) = config.prometheus.url {
            let job = config.prometheus.job.ok_or_else(|| {
                Unavailable::new(
                    "set `prometheus.job` under [target] in readiness.toml to the job that scrapes \
                     the service",
                )
            })?;
            return Ok(Monitoring {
                url,
                job,
                _server: None,
                is_replayed: false,
            });
        }
        let target = cx.run_scope::<Target>().await?;
        let Some(service) = target.embedded() else {
            return Err(Unavailable::new(
                "no Prometheus is known: set `prometheus.url` under [target] in readiness.toml",
            ));
        };
        let address = service
            .address()
            .ok_or_else(|| Unavailable::new("the embedded service has no address"))?;
        let is_scraped = !service.faults().contains(&Fault::CaioRel003NotScraped);
        let job = if is_scraped { JOB } else { "something-else" };
        let profile = PrometheusProfile {
            jobs: vec![(job.to_owned(), address.to_string())],
            rules: target.files(Paper::Rules)?.into_values().collect(),
            ..PrometheusProfile::default()
        };
        // A histogram has no series before the first request; health is not limited.
        target
            .anonymous(cx)
            .request("GET", "/health")
            .label("before monitoring starts")
            .exchange()
            .await
            .map_err(|error| Unavailable::new(format!("the embedded service: {error}")))?;
        let server = tokio::task::spawn_blocking(move || -> Result<_, Unavailable> {
            let server = PrometheusServer::start(&profile)?;
            // The last rule: once it has a value, the service was scraped and all rules evaluated.
            server.wait_for("/api/v1/query?query=caio:http_requests:sum", "\"value\"")?;
            Ok(server)
        })
        .await
        .map_err(|error| Unavailable::new(format!("Prometheus: {error}")))??;
        Ok(Monitoring {
            url: server.url(),
            job: JOB.to_owned(),
            _server: Some(server),
            is_replayed: false,
        })
    }

    fn replay(cx: &Context) -> Option<Self> {
        let config: TargetConfig = cx.target().ok()?;
        Some(Monitoring {
            url: String::new(),
            job: config.prometheus.job.unwrap_or_else(|| JOB.to_owned()),
            _server: None,
            is_replayed: true,
        })
    }
}
