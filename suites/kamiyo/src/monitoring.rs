//! MON: whether somebody would see it. Logs in one place, metrics that count, alerts that reach
//! somebody, a probe from outside, a dashboard.

use std::sync::Arc;

use readiness::{Context, Error, Result, Verdict, requirement};
use readiness_probes::http::{Client, HttpReply};
use readiness_probes::observability;
use readiness_probes::prometheus::{self, Exposition};
use readiness_probes::{about, worst};

use crate::monitors::Monitors;
use crate::shared::CHEAP;
use crate::target::Target;

/// Requests that a counter has to have counted.
const REQUESTS: u32 = 5;
/// What a process exposes unless `[target.prometheus]` names other series: the names of Prometheus'
/// own client libraries.
const SERIES: [(&str, &str); 3] = [
    ("prometheus.cpu", "process_cpu_seconds_total"),
    ("prometheus.memory", "process_resident_memory_bytes"),
    ("prometheus.requests", "http_requests_total"),
];
/// What alerts on errors are about.
const ERRORS: &str = "error";
/// Hours that an uptime probe must have been without gaps.
const WATCHED_H: u16 = 24;

/// One request that nobody else sends, looked up where the logs are collected.
#[requirement("MON-001", timeout = "240s")]
async fn logs_are_collected(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let collector = target.collector(&cx).await?;
    let labels = expected_labels(&cx, &target)?;
    let word = cx.nonce();
    collector
        .client
        .request("GET", &format!("/exploits/rdy-{word}"))
        .send()
        .await?;
    let found = collector
        .aggregator
        .find(&word, &collector.patience)
        .await?;
    let labels: Vec<_> = labels
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    observability::collected(&found, &labels)
}

/// `log.labels`, each read as a setting: they decide the verdict.
fn expected_labels(cx: &Context, target: &Target) -> Result<Vec<(String, String)>> {
    let names = target.log_labels();
    names
        .map(|name| {
            let setting = cx.setting(&format!("log.labels.{name}"));
            Ok((name.to_owned(), setting.require_str()?.to_owned()))
        })
        .collect()
}

/// Scraped lately, with processor, memory and requests, and the requests are ours too.
#[requirement(
    "MON-002",
    shared = "burst.enterprise",
    phase = "aside",
    timeout = "300s"
)]
async fn metrics_are_collected(
    cx: Context,
    target: Arc<Target>,
    monitors: Arc<Monitors>,
) -> Result<Verdict> {
    let names: Vec<_> = SERIES
        .iter()
        .map(|(key, usual)| cx.setting(key).as_str().unwrap_or(usual).to_owned())
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let client = target.keyed(&cx)?;
    if !monitors.has_prometheus() {
        // A counter has a series once it has counted something.
        client.get(CHEAP).await?;
        let exposed = exposed(&client.get("/metrics").await?, &names);
        let unseen = "nobody was seen to scrape it: set `prometheus.url` under [target]";
        return Ok(worst([exposed, Verdict::Warn(unseen.to_owned())]));
    }
    let prometheus = monitors.prometheus(&cx).await?;
    let there = worst([
        prometheus::scraped(&prometheus.targets().await?)?,
        prometheus::present(&prometheus.series(&names).await?)?,
    ]);
    if there != Verdict::Pass {
        return Ok(there);
    }
    let counter = names.last().copied().unwrap_or_default();
    let load = Box::pin(visits(client));
    prometheus::counted(&prometheus.growth(counter, REQUESTS, load).await?)
}

async fn visits(client: Client) -> Result<()> {
    for _ in 0..REQUESTS {
        client.request("GET", CHEAP).exchange().await?;
    }
    Ok(())
}

/// Half of the row: the service has something to be scraped.
fn exposed(reply: &HttpReply, names: &[&str]) -> Verdict {
    if reply.status() != 200 {
        return Verdict::Fail(format!("/metrics is answered with {}", reply.status()));
    }
    match Exposition::parse(reply.text()) {
        Err(error) => Verdict::Fail(format!("/metrics is no exposition: {error}")),
        Ok(exposition) => worst(names.iter().map(|name| match exposition.sum(name) {
            Some(_) => Verdict::Pass,
            None => Verdict::Fail(format!("/metrics has no {name}")),
        })),
    }
}

#[requirement("MON-003", phase = "aside", timeout = "120s")]
async fn errors_wake_somebody(cx: Context, monitors: Arc<Monitors>) -> Result<Verdict> {
    let rules = monitors.prometheus(&cx).await?.rules().await?;
    let routing = monitors.alertmanager(&cx).await?.routing().await?;
    Ok(worst([
        prometheus::alerting(&rules, ERRORS)?,
        prometheus::notified(&routing)?,
    ]))
}

#[requirement("MON-004", phase = "aside", timeout = "120s")]
async fn it_is_watched(
    cx: Context,
    target: Arc<Target>,
    monitors: Arc<Monitors>,
) -> Result<Verdict> {
    let host = target.host()?;
    let prometheus = monitors.prometheus(&cx).await?;
    prometheus::watched(&prometheus.uptime(&host, WATCHED_H).await?)
}

/// A dashboard with a latency percentile, all of whose series exist.
#[requirement("MON-005", phase = "aside", timeout = "120s")]
async fn dashboards_show_it(cx: Context, monitors: Arc<Monitors>) -> Result<Verdict> {
    let name = monitors.dashboard_name();
    let seen = monitors.grafana(&cx).await?.dashboards(name).await?;
    let shown = observability::shown(&seen, name)?;
    if shown != Verdict::Pass {
        return Ok(shown);
    }
    if !monitors.has_prometheus() {
        return Err(Error::unavailable(
            "whether the panels have data is not known: set `prometheus.url` under [target] in \
             readiness.toml",
        ));
    }
    let metrics = observability::metrics_of(&seen);
    let metrics: Vec<&str> = metrics.iter().map(String::as_str).collect();
    let series = monitors.prometheus(&cx).await?.series(&metrics).await?;
    Ok(about("a panel", prometheus::present(&series)?))
}
