//! `/api/v1/user-webhooks`: addresses that are told about new exploits. The secret that signs
//! the calls is shown once, when a webhook is created.

use axum::body::Bytes;
use axum::http::{Method, StatusCode, Uri};
use serde::Deserialize;
use serde_json::{Value, json};

use super::access;
use super::shelf::Shelf;
use crate::account::Kind;
use crate::faults::{Fault, FaultSet};
use crate::identity::Caller;
use crate::service::{App, Service};
use crate::tiers::Tier;
use crate::web::body;
use crate::web::errors::remove;
use crate::web::failure::Failure;
use crate::web::reply::ApiError;

/// The longest address, in bytes.
const LONGEST: usize = 2_000;

#[derive(Deserialize)]
struct Wanted {
    url: String,
    #[serde(default)]
    chains: Vec<String>,
}

/// Webhooks.
pub(super) struct Webhook;

impl Shelf for Webhook {
    const KIND: Kind = Kind::Webhook;
    const NAME: &'static str = "webhook";
    const ID: &'static str = "wh";

    fn admit(service: &Service, caller: &Caller, method: &Method) -> Result<(), ApiError> {
        access::webhooks(service, caller, method)
    }

    fn read(app: &App, id: &str, body: &Bytes) -> Result<Value, ApiError> {
        let wanted: Wanted = body::read(body)?;
        check_url(&wanted.url)?;
        Ok(json!({
            "id": id,
            "url": wanted.url,
            "chains": wanted.chains,
            "created_at": app.clock.now(),
            "secret": app.next_id("whsec").replacen("whsec-", "whsec_", 1),
        }))
    }

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

    fn show(webhook: &mut Value, faults: &FaultSet) {
        if !faults.on(Fault::RtPro005SecretListed) {
            remove(webhook, "secret");
        }
    }

    fn counts_for_ever(caller: &Caller, faults: &FaultSet) -> bool {
        caller.tier == Tier::Pro && faults.on(Fault::RtPro005DeleteKeepsSlot)
    }
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
