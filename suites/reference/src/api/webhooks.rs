//! `/api/v1/user-webhooks`: addresses that are told about new exploits. The secret that signs
//! the calls is shown once, when a webhook is created.

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::access;
use crate::account::{Full, Kind};
use crate::faults::{Fault, FaultSet};
use crate::identity::Caller;
use crate::service::App;
use crate::tiers::Tier;
use crate::web::body;
use crate::web::errors::remove;
use crate::web::failure::Failure;
use crate::web::reply::{ApiError, json_reply};

/// The longest address, in bytes.
const LONGEST: usize = 2_000;

#[derive(Deserialize)]
struct Wanted {
    url: String,
    #[serde(default)]
    chains: Vec<String>,
}

pub(super) async fn list(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
) -> Result<Response, ApiError> {
    access::webhooks(&app, &caller, &Method::GET)?;
    let mut webhooks = app.objects.list(&caller.name, Kind::Webhook);
    for webhook in &mut webhooks {
        hide_secret(webhook, &app.faults);
    }
    let body = json!({ "webhooks": webhooks, "total": webhooks.len() });
    Ok(json_reply(StatusCode::OK, &body))
}

pub(super) async fn create(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    body: Bytes,
) -> Result<Response, ApiError> {
    access::webhooks(&app, &caller, &Method::POST)?;
    let wanted: Wanted = body::read(&body)?;
    check_url(&wanted.url)?;
    let id = app.next_id("wh");
    let webhook = json!({
        "id": id,
        "url": wanted.url,
        "chains": wanted.chains,
        "created_at": app.clock.now(),
        "secret": app.next_id("whsec").replacen("whsec-", "whsec_", 1),
    });
    let most = most(&caller, &app.faults);
    let forever = caller.tier == Tier::Pro && app.faults.on(Fault::RtPro005DeleteKeepsSlot);
    let kept = (id.as_str(), webhook.clone());
    let created = app
        .objects
        .create(&caller.name, Kind::Webhook, kept, most, forever);
    created.map_err(|Full| full(&caller, &app.faults))?;
    Ok(json_reply(StatusCode::CREATED, &webhook))
}

/// How many webhooks the caller may have; `None` is no limit.
fn most(caller: &Caller, faults: &FaultSet) -> Option<usize> {
    let most = caller.tier.webhooks();
    let altered: &[(Fault, Option<usize>)] = match caller.tier {
        // Only a fault lets an anonymous caller come this far.
        Tier::Free => return Some(1),
        Tier::Pro => &[
            (Fault::RtPro005LimitTooLow, Some(1)),
            (Fault::RtPro005LimitTooHigh, Some(3)),
            (Fault::RtPro005Refused, Some(0)),
        ],
        Tier::Team => &[
            (Fault::RtTeam004LimitTooLow, Some(4)),
            (Fault::RtTeam004LimitTooHigh, Some(6)),
            (Fault::RtTeam004Refused, Some(0)),
        ],
        Tier::Enterprise => &[
            (Fault::RtEnt002LimitTooLow, Some(49)),
            (Fault::RtEnt002NoUpperBound, None),
        ],
    };
    faults.first(altered).unwrap_or(Some(most))
}

fn full(caller: &Caller, faults: &FaultSet) -> ApiError {
    if caller.tier == Tier::Enterprise && faults.on(Fault::RtEnt002ErrorAtLimit) {
        let failure = Failure::new("ShelfError", "no place for another webhook", "full");
        return ApiError::internal(failure);
    }
    let detail = format!(
        "the {} tier includes {} webhooks; delete one first",
        caller.tier,
        caller.tier.webhooks()
    );
    ApiError::new(StatusCode::CONFLICT, "webhook_limit_reached", detail)
}

fn check_url(url: &str) -> Result<(), ApiError> {
    let parsed: Option<Uri> = url.parse().ok();
    let has_host = |uri: &Uri| uri.host().is_some_and(|host| !host.is_empty());
    let is_https = |uri: &Uri| uri.scheme_str() == Some("https");
    if url.len() <= LONGEST && parsed.is_some_and(|uri| is_https(&uri) && has_host(&uri)) {
        return Ok(());
    }
    Err(ApiError::invalid(
        "url must be an https address with a host",
    ))
}

pub(super) async fn get(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    access::webhooks(&app, &caller, &Method::GET)?;
    let found = app.objects.get(&caller.name, Kind::Webhook, &id);
    let mut webhook = found.ok_or_else(unknown)?;
    hide_secret(&mut webhook, &app.faults);
    Ok(json_reply(StatusCode::OK, &webhook))
}

pub(super) async fn delete(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    access::webhooks(&app, &caller, &Method::DELETE)?;
    if !app.objects.delete(&caller.name, Kind::Webhook, &id) {
        return Err(unknown());
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn hide_secret(webhook: &mut Value, faults: &FaultSet) {
    if !faults.on(Fault::RtPro005SecretListed) {
        remove(webhook, "secret");
    }
}

fn unknown() -> ApiError {
    ApiError::not_found("there is no such webhook among yours")
}
