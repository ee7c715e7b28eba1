//! `GET /stats` and `GET /chains`: totals over what the caller may see.

use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use serde_json::{Value, json};

use crate::data::{self, Exploit, visible};
use crate::identity::Caller;
use crate::service::App;
use crate::web::params::Params;
use crate::web::reply::{ApiError, json_reply};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Totals of the last `days` days, 7 unless asked otherwise.
pub(super) async fn stats(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    uri: Uri,
) -> Result<Response, ApiError> {
    let days = Params::of(&uri)?.number("days", 1..=365, 7_u32)?;
    let now = app.clock.now();
    let since = now.checked_sub(DAY * days).unwrap_or(now);
    let rows: Vec<&Exploit> = visible(&app.exploits, now, caller.tier.data_delay())
        .filter(|row| row.timestamp >= since)
        .collect();
    let total: f64 = rows.iter().map(|row| row.amount_usd).sum();
    let body = json!({
        "total_exploits": rows.len(),
        "total_loss_usd": cents(total),
        "largest_loss_usd": rows.iter().map(|row| row.amount_usd).fold(0.0, f64::max),
        "chains_affected": data::chains(rows.iter().copied()).len(),
        "period_days": days,
    });
    Ok(json_reply(StatusCode::OK, &body))
}

/// A sum of cents in binary fractions is off by a few billionths; nobody wants to read those.
fn cents(amount: f64) -> f64 {
    (amount * 100.0).round() / 100.0
}

/// How many exploits each chain has.
pub(super) async fn chains(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
) -> Response {
    let rows = visible(&app.exploits, app.clock.now(), caller.tier.data_delay());
    let chains: Vec<Value> = data::chains(rows)
        .into_iter()
        .map(|(chain, count)| json!({ "chain": chain, "exploit_count": count }))
        .collect();
    let body = json!({ "total_chains": chains.len(), "chains": chains });
    json_reply(StatusCode::OK, &body)
}
