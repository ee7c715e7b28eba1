//! `GET /api/v1/account`: the caller's tier, limits and features.

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use super::access;
use crate::faults::Fault;
use crate::identity::Caller;
use crate::service::App;
use crate::tiers::Tier;
use crate::web::reply::{ApiError, json_reply};

pub(super) async fn account(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
) -> Result<Response, ApiError> {
    access::key(&app, &caller)?;
    let tier = caller.tier;
    let custom_integrations = match tier {
        Tier::Enterprise => !app.faults.on(Fault::RtEnt003FlagOff),
        Tier::Team => app.faults.on(Fault::RtEnt003FlagOnForTeam),
        tier => tier.has_custom_integrations(),
    };
    let limits = tier.limits();
    let body = json!({
        "name": caller.name,
        "tier": tier,
        "limits": { "minute": limits.minute, "hour": limits.hour, "day": limits.day },
        "features": {
            "webhooks": tier.webhooks(),
            "watchlists": tier.has_watchlists(),
            "custom_integrations": custom_integrations,
        },
    });
    Ok(json_reply(StatusCode::OK, &body))
}
