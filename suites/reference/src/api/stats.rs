//! `GET /stats` and `GET /chains`: totals over what the caller may see, from the cache when it
//! has them. [`warm`] fills the cache before the first request.

use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde_json::{Value, json};

use super::view::{self, View};
use crate::data::{self, Ranked, visible};
use crate::faults::Fault;
use crate::identity::{self, Caller};
use crate::logs::{Level, Record, site};
use crate::service::App;
use crate::web::caching::Cacheable;
use crate::web::params::Params;
use crate::web::reply::ApiError;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long totals are kept, in seconds: within the hour that CACHE-004 allows, and short enough
/// that nobody misses a new row for long.
const KEPT: u32 = 300;

/// The period that is asked for most, and taken when none is asked for.
const USUAL_DAYS: u32 = 7;

/// What is counted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Totals {
    Stats { days: u32 },
    Chains,
}

/// Totals of the last `days` days.
pub(super) async fn stats(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, ApiError> {
    let days = Params::of(&uri, &app.faults)?.number("days", 1..=365, USUAL_DAYS)?;
    let totals = cached(&app, &caller, Totals::Stats { days }).await?;
    Ok(totals.reply(&caller, &headers, &app.faults))
}

/// How many exploits each chain has.
pub(super) async fn chains(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let totals = cached(&app, &caller, Totals::Chains).await?;
    Ok(totals.reply(&caller, &headers, &app.faults))
}

async fn cached(app: &App, caller: &Caller, totals: Totals) -> Result<Cacheable, ApiError> {
    let delay = view::delay(app, caller, View::Totals);
    let key = totals.key(app, delay);
    let (lookup, found) = app.cache.get(&key).await;
    let body = if let Some(body) = found {
        body
    } else {
        let body = totals.count(app, caller, delay).await?.to_string();
        let life = Duration::from_secs(KEPT.into());
        app.cache.put(&key, body.clone(), life).await;
        body
    };
    Ok(Cacheable {
        body,
        lookup: Some(lookup),
        seconds: KEPT,
    })
}

impl Totals {
    /// The cache's key. It holds the period of the service's clock, so that an entry does not
    /// outlive its time in a store with a clock of its own.
    fn key(self, app: &App, delay: Duration) -> String {
        let period = app.clock.now().as_second().div_euclid(KEPT.into());
        let hours = delay.as_secs() / 3_600;
        match self {
            Totals::Stats { days } => format!("stats:{days}d:delay-{hours}h:{period}"),
            Totals::Chains => format!("chains:delay-{hours}h:{period}"),
        }
    }

    async fn count(self, app: &App, caller: &Caller, delay: Duration) -> Result<Value, ApiError> {
        let rows = view::rows(app, caller, View::Totals).await?;
        let now = app.clock.now();
        let seen = visible(&rows, now, delay);
        Ok(match self {
            Totals::Chains => chain_counts(seen),
            Totals::Stats { days } => {
                let since = now.checked_sub(DAY * days).unwrap_or(now);
                period(seen.filter(|(_, row)| row.timestamp >= since), days)
            }
        })
    }
}

fn period<'a>(rows: impl Iterator<Item = Ranked<'a>>, days: u32) -> Value {
    let rows: Vec<Ranked<'a>> = rows.collect();
    let total: f64 = rows.iter().map(|(_, row)| row.amount_usd).sum();
    json!({
        "total_exploits": rows.len(),
        "total_loss_usd": cents(total),
        "largest_loss_usd": rows.iter().map(|(_, row)| row.amount_usd).fold(0.0, f64::max),
        "chains_affected": data::chains(rows.iter().copied()).len(),
        "period_days": days,
    })
}

/// A sum of cents in binary fractions is off by a few billionths; nobody wants to read those.
fn cents(amount: f64) -> f64 {
    (amount * 100.0).round() / 100.0
}

fn chain_counts<'a>(rows: impl Iterator<Item = Ranked<'a>>) -> Value {
    let chains: Vec<Value> = data::chains(rows)
        .into_iter()
        .map(|(chain, count)| json!({ "chain": chain, "exploit_count": count }))
        .collect();
    json!({ "total_chains": chains.len(), "chains": chains })
}

/// Fills the cache with what is asked for most, by callers with and without a key, and logs how
/// many entries that were.
pub(crate) async fn warm(app: &App) {
    let anonymous = Caller::anonymous("warming");
    let keyed = identity::accounts()
        .into_iter()
        .next()
        .map(|account| Caller::account(&account));
    let mut entries = 0;
    for caller in [Some(anonymous), keyed].into_iter().flatten() {
        for totals in [Totals::Stats { days: USUAL_DAYS }, Totals::Chains] {
            let delay = view::delay(app, &caller, View::Totals);
            if let Ok(body) = totals.count(app, &caller, delay).await {
                let life = Duration::from_secs(KEPT.into());
                let kept = app
                    .cache
                    .put(&totals.key(app, delay), body.to_string(), life)
                    .await;
                entries += u32::from(kept);
            }
        }
    }
    log_warming(app, entries);
}

fn log_warming(app: &App, entries: u32) {
    let message = format!("cache warmed with {entries} entries");
    let record = Record::new(Level::Info, "kamiyo.cache", message, site!("warm"));
    app.log(record.with("count", entries));
}

/// What happens to the cache at a start.
pub(crate) async fn warm_at_start(app: &App) {
    use std::sync::atomic::Ordering;

    if app.faults.on(Fault::Cache002Missing) {
        return;
    }
    if app.faults.on(Fault::Cache002LogsOnlyZero) {
        log_warming(app, 0);
        return;
    }
    if app.faults.on(Fault::Cache002WarmsAfterFirstRequest) {
        app.memory.to_be_warmed.store(true, Ordering::Relaxed);
        return;
    }
    warm(app).await;
}
