//! PERF: one load test for all rows, judged row by row.
//!
//! ```text
//! users  0 ─ramp─ 50 ─warm-up─ 50 ─ramp─ 100 ─hold─ 100 ─ramp─ 200 ─hold─ 200 ─ramp─ 0
//! minutes     1          1          1         2          1         3          1
//! ```
//!
//! The holds of 100 and 200 users are the checklist's; the ramps are this suite's. A shortened test
//! goes through the same stages in less time, and is a warning at best.

use std::sync::Arc;
use std::time::Duration;

use readiness::{Context, Result, Unavailable, Verdict, requirement};
use readiness_probes::load::k6::{self, K6Plan};
use readiness_probes::load::{self, Credential, Endpoint, LoadRun, Plan, judge};
use readiness_probes::worst;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::config::LoadMode;
use crate::target::{Site, Target};

const EXPLOITS: &str = "/exploits";
const FILTERED: &str = "/exploits, filtered";
const STATS: &str = "/stats";
const CHAINS: &str = "/chains";

/// Users of the two holds.
const MANY: usize = 100;
const MOST: usize = 200;

/// Requests a minute that an identity of the load test may send: the enterprise tier's.
const PER_MINUTE: u32 = 1_000;

/// What a request is taken to last when identities are counted.
const LATENCY: Duration = Duration::from_millis(150);

/// The part of its time that a shortened test takes, and the part of that which ramps take.
const SHORT: f64 = 0.015;
const SHORT_RAMPS: f64 = 0.3;

/// The greatest part of requests that may fail, and the least that must succeed.
const ERRORS: f64 = 0.05;
const SUCCESSES: f64 = 0.95;

#[requirement("PERF-001", exclusive = "load", phase = "load", timeout = "20m")]
async fn a_hundred_users(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    judge::held(&measured(&cx, &target).await?, MANY)
}

#[requirement("PERF-002", exclusive = "load", phase = "load", timeout = "20m")]
async fn two_hundred_users(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    judge::held(&measured(&cx, &target).await?, MOST)
}

#[requirement("PERF-003", exclusive = "load", phase = "load", timeout = "20m")]
async fn everything_is_quick(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let run = measured(&cx, &target).await?;
    let each = [EXPLOITS, FILTERED, STATS, CHAINS].map(Some);
    all(std::iter::once(None)
        .chain(each)
        .map(|endpoint| judge::percentile_below(&run, endpoint, 800)))
}

#[requirement("PERF-004", exclusive = "load", phase = "load", timeout = "20m")]
async fn the_list_is_quick(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let run = measured(&cx, &target).await?;
    all([EXPLOITS, FILTERED].map(|endpoint| judge::percentile_below(&run, Some(endpoint), 500)))
}

#[requirement("PERF-005", exclusive = "load", phase = "load", timeout = "20m")]
async fn the_totals_are_quick(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let run = measured(&cx, &target).await?;
    all([
        judge::percentile_below(&run, Some(STATS), 300),
        judge::several_states(&run, STATS),
    ])
}

#[requirement("PERF-006", exclusive = "load", phase = "load", timeout = "20m")]
async fn few_requests_fail(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    judge::errors_below(&measured(&cx, &target).await?, ERRORS)
}

#[requirement("PERF-007", exclusive = "load", phase = "load", timeout = "20m")]
async fn most_requests_succeed(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    judge::successes_above(&measured(&cx, &target).await?, SUCCESSES)
}

/// A failure of any part wins over a part that nothing can be said about.
fn all(parts: impl IntoIterator<Item = Result<Verdict>>) -> Result<Verdict> {
    let mut verdicts = Vec::new();
    let mut unknown = None;
    for part in parts {
        match part {
            Ok(verdict @ Verdict::Fail(_)) => return Ok(verdict),
            Ok(verdict) => verdicts.push(verdict),
            Err(error) => unknown = unknown.or(Some(error)),
        }
    }
    unknown.map_or_else(|| Ok(worst(verdicts)), Err)
}

/// The one load test of a run.
async fn measured(cx: &Context, target: &Target) -> Result<LoadRun> {
    cx.once("load test", async |cx: Context| {
        LoadRun::observe(&cx, "all rows", || async {
            if let Some(points) = target.k6_points()? {
                return Ok(k6::read(points, &of_k6())?);
            }
            let site = target.under_load(&cx).await?;
            load::run(&site.base, &plan(&site)?).await
        })
        .await
    })
    .await
}

/// What a k6 script has to tell apart by its tag `endpoint`, and how long it has to hold its users.
fn of_k6() -> K6Plan {
    let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
    K6Plan {
        endpoints: vec![
            (EXPLOITS, "exploits"),
            (STATS, "stats"),
            (CHAINS, "chains"),
            (FILTERED, "filtered"),
        ],
        holds: vec![(MANY, minutes(2)), (MOST, minutes(3))],
        timeout: Duration::from_secs(10),
    }
}

/// What is sent. Too few identities would measure their limit, so then nothing is.
fn plan(site: &Site) -> Result<Plan, Unavailable> {
    let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
    let mut plan = Plan::new([
        Endpoint::get(EXPLOITS, "/exploits", 1).expecting(is_full_list),
        Endpoint::get(STATS, "/stats?days=7", 1)
            .expecting(is_totals)
            .telling_states_by("x-cache"),
        Endpoint::get(CHAINS, "/chains", 1).expecting(is_chains),
        Endpoint::get(FILTERED, "/exploits?chain=Ethereum&min_amount=1000", 1).expecting(is_list),
    ])
    .ramp(50, minutes(1))
    .warm_up(50, minutes(1))
    .ramp(MANY, minutes(1))
    .hold(MANY, minutes(2))
    .ramp(MOST, minutes(1))
    .hold(MOST, minutes(3))
    .ramp(0, minutes(1));
    plan.timeout =
        Duration::from_millis(site.config.timeout_ms.unwrap_or(10_000).clamp(100, 60_000));
    if site.config.mode == LoadMode::Short {
        let scale = site
            .config
            .duration_scale
            .unwrap_or(SHORT)
            .clamp(0.001, 1.0);
        plan = plan.shortened(scale, scale * SHORT_RAMPS);
    }
    let needed = plan.credentials_needed(PER_MINUTE, LATENCY);
    if site.keys.len() < needed {
        return Err(Unavailable::new(format!(
            "{} identities may send load, {needed} are needed for {MOST} users: name them in \
             `load.identities` under [target] in readiness.toml",
            site.keys.len()
        )));
    }
    plan.credentials = site
        .keys
        .iter()
        .map(|key| Credential {
            header: "x-api-key".to_owned(),
            value: key.clone(),
        })
        .collect();
    Ok(plan)
}

/// A page of the list, as far as it is looked into under load.
#[derive(Deserialize)]
struct List {
    data: Vec<IgnoredAny>,
    #[serde(rename = "total")]
    _total: u64,
    #[serde(rename = "has_more")]
    _has_more: bool,
}

fn is_list(body: &[u8]) -> bool {
    serde_json::from_slice::<List>(body).is_ok()
}

fn is_full_list(body: &[u8]) -> bool {
    serde_json::from_slice::<List>(body).is_ok_and(|list| !list.data.is_empty())
}

#[derive(Deserialize)]
struct Totals {
    #[serde(rename = "total_exploits")]
    _total_exploits: u64,
    #[serde(rename = "total_loss_usd")]
    _total_loss_usd: f64,
    #[serde(rename = "period_days")]
    _period_days: u64,
}

fn is_totals(body: &[u8]) -> bool {
    serde_json::from_slice::<Totals>(body).is_ok()
}

#[derive(Deserialize)]
struct Chains {
    chains: Vec<IgnoredAny>,
}

fn is_chains(body: &[u8]) -> bool {
    serde_json::from_slice::<Chains>(body).is_ok_and(|listed| !listed.chains.is_empty())
}
