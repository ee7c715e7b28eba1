//! CAIO-REL-003 and CAIO-PERF-005: the service exposes metrics, Prometheus has them, and the latency
//! in them is what callers see.

use std::sync::Arc;
use std::time::{Duration, Instant};

use readiness::observation::json::Json;
use readiness::{Context, Error, Result, Verdict, requirement};
use readiness_probes::http::{Client, HttpReply};
use readiness_probes::prometheus::{Exposition, Histogram, alerting, counted, present, scraped};
use readiness_probes::{about, worst};
use serde_json::{Value, json};

use crate::monitoring::Monitoring;
use crate::target::Target;

const METRICS: &str = "/metrics";
const REQUESTS_TOTAL: &str = "http_requests_total";
const LATENCY: &str = "http_request_duration_seconds";
/// Not limited, so it costs nobody's budget.
const HEALTH: &str = "/health";
/// Requests that a counter has to show.
const A_FEW: u32 = 5;

/// The text is sound, and counts our requests.
#[requirement("CAIO-REL-003")]
async fn exposed(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let client = target.anonymous(&cx);
    let first = client
        .request("GET", METRICS)
        .label("before")
        .send()
        .await?;
    for number in 0..A_FEW {
        client.get(&format!("{HEALTH}?probe={number}")).await?;
    }
    let second = client.request("GET", METRICS).label("after").send().await?;
    let (before, after) = match (parsed(&first), parsed(&second)) {
        (Ok(before), Ok(after)) => (before, after),
        (Err(verdict), _) | (_, Err(verdict)) => return Ok(verdict),
    };
    if after.kind(REQUESTS_TOTAL) != Some("counter") {
        return Ok(Verdict::Fail(format!(
            "{REQUESTS_TOTAL} is not declared as a counter"
        )));
    }
    let grown =
        after.sum(REQUESTS_TOTAL).unwrap_or(0.0) - before.sum(REQUESTS_TOTAL).unwrap_or(0.0);
    Ok(if grown >= f64::from(A_FEW) {
        Verdict::Pass
    } else {
        Verdict::Fail(format!(
            "{REQUESTS_TOTAL} grew by {grown} while {A_FEW} requests were answered"
        ))
    })
}

fn parsed(reply: &HttpReply) -> Result<Exposition, Verdict> {
    if reply.status() != 200 {
        let status = reply.status();
        return Err(Verdict::Fail(format!(
            "{METRICS} is answered with {status}"
        )));
    }
    Exposition::parse(reply.text())
        .map_err(|error| Verdict::Fail(format!("{METRICS} is no Prometheus text: {error}")))
}

/// Prometheus has the service as a target, its series, and sees them grow.
#[requirement("CAIO-REL-003", timeout = "200s")]
async fn scraped_by_prometheus(
    cx: Context,
    target: Arc<Target>,
    monitoring: Arc<Monitoring>,
) -> Result<Verdict> {
    let prometheus = monitoring.prometheus(&cx)?;
    let up = scraped(&prometheus.targets().await?)?;
    if !matches!(up, Verdict::Pass) {
        return Ok(up);
    }
    let there = present(&prometheus.series(&[REQUESTS_TOTAL]).await?)?;
    if !matches!(there, Verdict::Pass) {
        return Ok(there);
    }
    let client = target.anonymous(&cx);
    let growth = prometheus
        .growth(REQUESTS_TOTAL, A_FEW, async {
            for _ in 0..A_FEW {
                client.request("GET", HEALTH).exchange().await?;
            }
            Ok(())
        })
        .await?;
    counted(&growth)
}

/// Alerting rules for P95 and P99, with thresholds, which work.
#[requirement("CAIO-PERF-005")]
async fn latency_is_watched(cx: Context, monitoring: Arc<Monitoring>) -> Result<Verdict> {
    let rules = monitoring.prometheus(&cx)?.rules().await?;
    Ok(worst([
        about("P95", alerting(&rules, "p95")?),
        about("P99", alerting(&rules, "p99")?),
    ]))
}

/// Requests that percentiles are computed from: ten beyond the P99.
const SAMPLES: usize = 1_000;
/// Requests under way at once.
const AT_ONCE: usize = 50;
/// What the embedded service is slowed down by, so that the latency is known and the time that the
/// requests wait for this machine is small against it.
const KNOWN: Duration = Duration::from_millis(120);
/// How often it is measured if the two disagree: a machine that stands still for a moment delays
/// callers, not the service.
const ATTEMPTS: usize = 3;
/// How a reason puts it that the two disagree.
const APART: &str = "callers measure";
const ORCHESTRATE: &str = "/api/v1/orchestrate";

/// The percentiles of the exposed histogram agree with those that callers measure, within a bucket,
/// and meet the objectives.
#[requirement("CAIO-PERF-005", phase = "load", exclusive = "load", timeout = "300s")]
async fn latency_is_measured(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let slo = |name: &str| {
        let setting = cx.setting(&format!("slo.{name}"));
        setting
            .as_f64()
            .filter(|seconds| *seconds > 0.0)
            .ok_or_else(|| {
                Error::unavailable(format!(
                    "no objective is known: set `slo.{name}` under [target] in readiness.toml"
                ))
            })
    };
    let objectives = [("P95", 0.95, slo("p95_s")?), ("P99", 0.99, slo("p99_s")?)];
    let seen: Json = cx
        .observe("latency of 1,000 orchestrations", || async {
            let load = Load::of(&cx, &target).await?;
            let mut seen = load.measured().await?;
            for _ in 1..ATTEMPTS {
                let verdict = agrees(&Json::new(seen.clone()), &objectives);
                if !matches!(verdict, Ok(Verdict::Fail(reason)) if reason.contains(APART)) {
                    break;
                }
                seen = load.measured().await?;
            }
            Ok(Json::new(seen))
        })
        .await?;
    agrees(&seen, &objectives)
}

/// Whether what was measured agrees and meets the objectives.
fn agrees(seen: &Json, objectives: &[(&str, f64, f64)]) -> Result<Verdict> {
    let failed = seen.get("failed").i64()?;
    if failed > 0 {
        return Ok(Verdict::Fail(format!(
            "{failed} of {SAMPLES} requests failed"
        )));
    }
    let buckets = seen.get("buckets").items()?;
    if buckets.is_empty() {
        return Ok(Verdict::Fail(format!(
            "{METRICS} has no histogram {LATENCY}"
        )));
    }
    let pairs = buckets.iter().map(|bucket| {
        // JSON has no infinity.
        let bound = bucket.get("le").as_f64().unwrap_or(f64::INFINITY);
        Ok((bound, bucket.get("count").f64()?))
    });
    let histogram = Histogram::from_buckets(pairs.collect::<Result<Vec<_>>>()?)
        .ok_or_else(|| Error::finding("the buckets of the histogram contradict each other"))?;
    let least = u32::try_from(SAMPLES).map_or(f64::MAX, f64::from);
    if histogram.count() < least {
        return Ok(Verdict::Fail(format!(
            "the histogram counted {} of {SAMPLES} requests",
            histogram.count()
        )));
    }
    let mut verdicts = Vec::new();
    for (name, q, objective) in objectives {
        let own = seen.get("own").get(name).f64()?;
        let Some(quantile) = histogram.quantile(*q) else {
            return Ok(Verdict::Fail("the histogram is empty".to_owned()));
        };
        let bounds: Vec<f64> = histogram.bounds().collect();
        let bucket = |value: f64| bounds.iter().position(|bound| value <= *bound).unwrap_or(0);
        let apart = bucket(own).abs_diff(bucket(quantile.upper));
        if apart > 1 {
            verdicts.push(Verdict::Fail(format!(
                "{name} is between {} and {} s in the histogram, {APART} {own:.3} s",
                quantile.lower, quantile.upper
            )));
        }
        if quantile.lower >= *objective {
            verdicts.push(Verdict::Fail(format!(
                "{name} is above {} s, the objective is {objective} s",
                quantile.lower
            )));
        }
    }
    verdicts.push(Verdict::Pass);
    Ok(worst(verdicts))
}

/// Those who send the load, and where.
struct Load {
    clients: Vec<Client>,
    own: Option<crate::own::Own>,
    metrics: Client,
    /// Requests of one client a minute.
    each: usize,
}

impl Load {
    /// On a service of its own for the embedded target; on a deployment by as many identities as the
    /// limit makes necessary.
    async fn of(cx: &Context, target: &Target) -> Result<Load> {
        target.allows_disruption()?;
        let each = usize::try_from(target.promised()?).unwrap_or(usize::MAX);
        let needed = SAMPLES.div_ceil(each);
        let names: Vec<String> = (1..=needed).map(|n| format!("load.{n}")).collect();
        if let Some(own) = target.own().await? {
            own.slow(ORCHESTRATE, KNOWN);
            let clients = names.iter().map(|name| own.client(cx, name));
            return Ok(Load {
                clients: clients.collect::<Result<_, _>>()?,
                metrics: own.client(cx, readiness_probes::http::ANONYMOUS)?,
                own: Some(own),
                each,
            });
        }
        if let Some(missing) = names.iter().find(|name| !target.has(name)) {
            return Err(Error::unavailable(format!(
                "{SAMPLES} requests need {needed} identities with {each} a minute each: set \
                 `identities.{missing}.api_key_env` under [target] in readiness.toml"
            )));
        }
        let clients = names.iter().map(|name| target.client(cx, name));
        Ok(Load {
            clients: clients.collect::<Result<_, _>>()?,
            metrics: target.anonymous(cx),
            own: None,
            each,
        })
    }

    /// Sends the requests and compares the histogram before and after.
    async fn measured(&self) -> Result<Value> {
        let before = self.histogram().await?;
        let (mut times, mut failed) = (Vec::with_capacity(SAMPLES), 0);
        let mut sent = 0;
        while sent < SAMPLES {
            if let Some(own) = &self.own {
                // Each round is in a minute of its own, so that no limit is in the way.
                own.wait(Duration::from_secs(60)).await;
            }
            let round = AT_ONCE.min(SAMPLES - sent);
            let requests = (0..round).map(|at| self.one(sent + at));
            for outcome in crate::alerts::all(requests).await {
                match outcome? {
                    Some(seconds) => times.push(seconds),
                    None => failed += 1,
                }
            }
            sent += round;
        }
        let after = self.histogram().await?;
        let grown = match (&before, &after) {
            (Some(before), Some(after)) => after.since(before),
            // The route had no series before the first request.
            (None, after) => after.clone(),
            (Some(_), None) => None,
        };
        Ok(json!({
            "requests": SAMPLES,
            "failed": failed,
            "own": { "P95": percentile(&mut times, 95), "P99": percentile(&mut times, 99) },
            "buckets": grown.map(|histogram| buckets(&histogram)).unwrap_or_default(),
        }))
    }

    /// One orchestration: how long it took, `None` if it failed.
    async fn one(&self, number: usize) -> Result<Option<f64>> {
        let client = &self.clients[(number / self.each.min(AT_ONCE)) % self.clients.len()];
        let body = json!({ "service": "billing", "input": { "number": number } });
        let started = Instant::now();
        let reply = client
            .request("POST", ORCHESTRATE)
            .json(&body)
            .exchange()
            .await?;
        let took = started.elapsed().as_secs_f64();
        Ok((reply.status() == 200).then_some(took))
    }

    /// The latency of orchestrations as exposed, if it is.
    async fn histogram(&self) -> Result<Option<Histogram>> {
        let reply = self.metrics.request("GET", METRICS).exchange().await?;
        let Ok(exposition) = Exposition::parse(reply.text()) else {
            return Ok(None);
        };
        Ok(exposition.histogram(LATENCY, &[("route", ORCHESTRATE)]))
    }
}

/// The least time that so many percent do not exceed.
fn percentile(times: &mut [f64], percent: usize) -> Option<f64> {
    times.sort_by(f64::total_cmp);
    let rank = (times.len() * percent).div_ceil(100);
    times.get(rank.checked_sub(1)?).copied()
}

/// The buckets with their cumulative counts; the last one, which has no bound, with null.
fn buckets(histogram: &Histogram) -> Vec<Value> {
    let pairs = histogram.bounds().zip(histogram.counts());
    pairs
        .map(|(bound, count)| {
            let bound = bound.is_finite().then_some(bound);
            json!({ "le": bound, "count": count })
        })
        .collect()
}
