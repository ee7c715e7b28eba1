//! Who may use what: routes that need a key, and those that need a tier.

use axum::http::Method;

use crate::faults::Fault;
use crate::identity::Caller;
use crate::service::Service;
use crate::tiers::Tier;
use crate::web::reply::ApiError;

/// Refuses callers without a credential.
pub(super) fn key(service: &Service, caller: &Caller) -> Result<(), ApiError> {
    if caller.is_anonymous() && !service.faults.on(Fault::Err003Allowed) {
        return Err(ApiError::no_credential());
    }
    Ok(())
}

/// Refuses callers who have no webhooks.
pub(super) fn webhooks(
    service: &Service,
    caller: &Caller,
    method: &Method,
) -> Result<(), ApiError> {
    let open = match *method {
        Method::GET => Fault::RtFree005ReadAllowed,
        _ => Fault::RtFree005CreateAllowed,
    };
    if caller.is_anonymous() && service.faults.on(open) {
        return Ok(());
    }
    key(service, caller)
}

/// Refuses callers who have no watchlists.
pub(super) fn watchlists(
    service: &Service,
    caller: &Caller,
    method: &Method,
) -> Result<(), ApiError> {
    let faults = &service.faults;
    let open = match *method {
        Method::GET => Fault::RtFree006ReadAllowed,
        _ => Fault::RtFree006CreateAllowed,
    };
    if caller.is_anonymous() && faults.on(open) {
        return Ok(());
    }
    key(service, caller)?;
    let pro_is_let_in = faults.on(Fault::RtTeam005ProAllowed)
        || faults.on(Fault::Err004Allowed)
        || faults.on(Fault::Err004PostAllowed) && *method == Method::POST;
    let team_is_kept_out = faults.on(Fault::RtTeam005Refused) && caller.tier == Tier::Team;
    let included = caller.tier.has_watchlists() && !team_is_kept_out;
    if included || caller.is_anonymous() || caller.tier == Tier::Pro && pro_is_let_in {
        return Ok(());
    }
    Err(ApiError::small_tier("watchlists begin with the team tier"))
}
