//! Who watches the target: the Prometheus, Alertmanager and Grafana that the configuration names, or
//! those that the embedded target brings.
//!
//! The embedded ones are a real Prometheus that scrapes the embedded service and knows a day of
//! uptime probes, a real Alertmanager, and a stand-in for Grafana, which is not packaged as the others
//! are. Each is started by the first check that needs it, and gone with the run.

use std::fmt::Write as _;
use std::net::TcpListener;
use std::time::{SystemTime, UNIX_EPOCH};

use readiness::{Context, Resource, Result, Unavailable};
use readiness_probes::http::{Bounds, Client, Identity, Transport};
use readiness_probes::observability::Grafana;
use readiness_probes::prometheus::{Alertmanager, Prometheus};
use readiness_probes::servers::{
    AlertmanagerServer, PrometheusProfile, PrometheusServer, StaleFront,
};
use readiness_probes::target::{Kind, Service as _};
use readiness_reference::Fault;
use readiness_reference::standins::StandIn;
use tokio::sync::OnceCell;

use crate::config::{GrafanaConfig, TargetConfig};
use crate::embedded::Embedded;
use crate::target::Target;

/// What the embedded Prometheus calls the service.
const JOB: &str = "kamiyo";
/// Seconds between two scrapes: a scrape may be late on a busy machine, and is looked for three times
/// as long.
const INTERVAL_S: u32 = 2;
/// Where alerts of the embedded Alertmanager go. Nobody listens there; none is sent.
const WEBHOOK: &str = "http://127.0.0.1:9/";
/// Minutes of uptime probes, one a minute: a day and an hour.
const WATCHED_MIN: u64 = 25 * 60;
/// The minutes ago in which nobody probed, under the fault `gaps`.
const GAP_MIN: std::ops::Range<u64> = 300..420;

/// The monitors of a run.
#[derive(Debug)]
pub struct Monitors {
    embedded: bool,
    grafana: GrafanaConfig,
    has_prometheus: bool,
    /// The embedded target's own; never under replay.
    own: Option<Own>,
}

#[derive(Debug)]
struct Own {
    // What asks ends before what answers.
    front: Option<StaleFront>,
    alertmanager: OnceCell<AlertmanagerServer>,
    dashboards: OnceCell<StandIn>,
    prometheus: PrometheusServer,
    faults: Vec<Fault>,
    /// A service that nobody asks anything, under the fault of the counter that stands still.
    _idle: Option<Embedded>,
}

impl Monitors {
    /// Whether a Prometheus is known.
    pub fn has_prometheus(&self) -> bool {
        self.has_prometheus
    }

    /// The Prometheus that scrapes the service.
    ///
    /// # Errors
    /// [`Unavailable`] with the key to set.
    pub async fn prometheus(&self, cx: &Context) -> Result<Prometheus, Unavailable> {
        match &self.own {
            Some(own) => {
                let url = match &own.front {
                    Some(front) => front.url(),
                    None => own.prometheus.url(),
                };
                Prometheus::at(cx, &url, JOB)
            }
            None if cx.is_replay() => Ok(Prometheus::replayed(cx, JOB)),
            None => Prometheus::acquire(cx).await,
        }
    }

    /// Where its alerts go.
    ///
    /// # Errors
    /// [`Unavailable`] with the key to set, or if the embedded one does not come up.
    pub async fn alertmanager(&self, cx: &Context) -> Result<Alertmanager, Unavailable> {
        let Some(own) = &self.own else {
            return match Alertmanager::replay(cx).filter(|_| cx.is_replay()) {
                Some(replay) => Ok(replay),
                None => Alertmanager::acquire(cx).await,
            };
        };
        let deaf = own.faults.contains(&Fault::Mon003NullReceiver);
        let started = own
            .alertmanager
            .get_or_try_init(async || AlertmanagerServer::start((!deaf).then_some(WEBHOOK)));
        Alertmanager::at(cx, &started.await?.url())
    }

    /// The dashboards.
    ///
    /// # Errors
    /// [`Unavailable`] with the key to set, or if the stand-in cannot be started.
    pub async fn grafana(&self, cx: &Context) -> Result<Grafana, Unavailable> {
        if let Some(own) = &self.own {
            let started = own.dashboards.get_or_try_init(async || {
                StandIn::dashboards(own.faults.iter().copied())
                    .await
                    .map_err(|error| Unavailable::new(format!("no dashboards: {error}")))
            });
            return Grafana::at(cx, started.await?.base_url(), None);
        }
        if cx.is_replay() {
            return Ok(Grafana::replayed(cx));
        }
        let url = self.grafana.url.as_deref().ok_or_else(|| {
            Unavailable::new("set `grafana.url` under [target] in readiness.toml, or attest to it")
        })?;
        let token = match &self.grafana.token_env {
            Some(variable) => Some(std::env::var(variable).map_err(|_| {
                Unavailable::new(format!(
                    "the environment variable {} is not set (named by `target.grafana.token_env`)",
                    variable.escape_debug()
                ))
            })?),
            None => None,
        };
        Grafana::at(cx, url, token)
    }

    /// A word that the service's dashboards are named or tagged with.
    pub fn dashboard_name(&self) -> &str {
        self.grafana.search.as_deref().unwrap_or("kamiyo")
    }
}

impl Resource for Monitors {
    async fn acquire(cx: &Context) -> Result<Self, Unavailable> {
        let config: TargetConfig = cx.target()?;
        let mut monitors = Monitors::of(&config)?;
        if monitors.embedded {
            let target = cx.run_scope::<Target>().await?;
            monitors.own = Some(start(cx, &target, &config.faults).await?);
        }
        Ok(monitors)
    }

    fn replay(cx: &Context) -> Option<Self> {
        Monitors::of(&cx.target().ok()?).ok()
    }
}

impl Monitors {
    fn of(config: &TargetConfig) -> Result<Monitors, Unavailable> {
        let embedded = config.basics.kind()? == Kind::Embedded && config.prometheus.url.is_none();
        Ok(Monitors {
            embedded,
            grafana: config.grafana.clone(),
            has_prometheus: embedded || config.prometheus.url.is_some(),
            own: None,
        })
    }
}

async fn start(cx: &Context, target: &Target, faults: &[String]) -> Result<Own, Unavailable> {
    let parsed: Vec<Fault> = faults
        .iter()
        .filter_map(|name| Fault::parse(name).ok())
        .collect();
    let has = |fault| parsed.contains(&fault);
    let address = target.address()?;
    // A counter has a series once it has counted something.
    visit(cx, &address).await?;
    let idle = if has(Fault::Mon002FrozenCounter) {
        Some(Embedded::start(cx, &[]).await?)
    } else {
        None
    };
    let scraped = match &idle {
        Some(idle) => {
            visit(cx, &idle.base_url()).await?;
            idle.base_url()
        }
        None if has(Fault::Mon002TargetDown) => nowhere()?,
        None => address.clone(),
    };
    let profile = PrometheusProfile {
        jobs: vec![(JOB.to_owned(), host_and_port(&scraped).to_owned())],
        interval_s: INTERVAL_S,
        dropped: if has(Fault::Mon002NoCpuSeries) {
            vec!["process_cpu_seconds_total".to_owned()]
        } else {
            Vec::new()
        },
        rules: rules(&parsed),
        history: history(&parsed, &address),
        alertmanager: None,
    };
    let prometheus = PrometheusServer::start(&profile)?;
    let up = u8::from(!has(Fault::Mon002TargetDown));
    prometheus.wait_for("/api/v1/query?query=up", &format!(",\"{up}\"]"))?;
    let health = if has(Fault::Mon003RuleError) {
        "err"
    } else {
        "ok"
    };
    prometheus.wait_for(
        "/api/v1/rules?type=alert",
        &format!("\"health\":\"{health}\""),
    )?;
    let front = if has(Fault::Mon002StaleScrape) {
        Some(prometheus.stale()?)
    } else {
        None
    };
    Ok(Own {
        front,
        alertmanager: OnceCell::new(),
        dashboards: OnceCell::new(),
        prometheus,
        faults: parsed,
        _idle: idle,
    })
}

/// A request that costs nobody's budget.
async fn visit(cx: &Context, address: &str) -> Result<(), Unavailable> {
    let transport = Transport::new(Bounds::default())?;
    let client = Client::new(cx, address, &transport, Identity::anonymous());
    let reply = client.request("GET", "/health").exchange().await;
    reply
        .map(drop)
        .map_err(|error| Unavailable::new(format!("there is no service to be scraped: {error}")))
}

/// An address that nobody listens at.
fn nowhere() -> Result<String, Unavailable> {
    let closed = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let closed = closed.map_err(|error| Unavailable::new(format!("no free port: {error}")))?;
    Ok(format!("http://{closed}"))
}

fn host_and_port(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, rest)| rest)
}

/// An alert on errors and one on the uptime probe.
fn rules(faults: &[Fault]) -> String {
    let errors = match faults {
        faults if faults.contains(&Fault::Mon003NoRule) => None,
        // It parses, and fails each time it is evaluated: `0` is no name of a label.
        faults if faults.contains(&Fault::Mon003RuleError) => {
            Some("label_replace(http_requests_total, \"0\", \"\", \"\", \"\") > 1")
        }
        faults if faults.contains(&Fault::Mon003DeadMetric) => {
            Some("rate(legacy_http_errors_total[5m]) > 0.05")
        }
        _ => Some("sum(rate(http_requests_total{status=~\"5..\"}[5m])) > 0.05"),
    };
    let mut yaml = "groups:\n  - name: kamiyo\n    rules:\n".to_owned();
    let alerts = [
        ("HighErrorRate", errors),
        ("Unreachable", Some("probe_success == 0")),
    ];
    for (name, expression) in alerts {
        if let Some(expression) = expression {
            // Writing to a text cannot fail.
            let _ = write!(yaml, "      - alert: {name}\n        expr: {expression}\n");
        }
    }
    yaml
}

/// A day of uptime probes of the service.
fn history(faults: &[Fault], address: &str) -> String {
    if faults.contains(&Fault::Mon004NoProbe) {
        return String::new();
    }
    let instance = if faults.contains(&Fault::Mon004WrongHost) {
        "https://www.kamiyo.example".to_owned()
    } else {
        format!("{address}/health")
    };
    let away = if faults.contains(&Fault::Mon004Gaps) {
        GAP_MIN
    } else {
        0..0
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_or(0, |now| now.as_secs());
    let mut text = "# TYPE probe_success gauge\n".to_owned();
    for minute in (0..WATCHED_MIN)
        .rev()
        .filter(|minute| !away.contains(minute))
    {
        let time = now.saturating_sub(minute * 60);
        let _ = writeln!(text, "probe_success{{instance=\"{instance}\"}} 1 {time}");
    }
    text.push_str("# EOF\n");
    text
}
