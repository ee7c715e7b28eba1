//! The way of a request through the service, the same for every route:
//!
//! preflight? → credential → limiter → route, and back: limiter headers → CORS → security
//! headers → `Date`. Each step has a module of its own; [`pipeline`] is where they meet.

pub(crate) mod cors;
pub(crate) mod params;
pub(crate) mod rate_limit;
pub(crate) mod reply;
pub(crate) mod security_headers;

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use self::reply::ApiError;
use crate::faults::Fault;
use crate::identity::{Caller, Credential};
use crate::requests::Outcome;
use crate::service::{App, Service};

/// Wraps every route, and what no route matches.
pub(crate) async fn pipeline(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let is_preflight = cors::is_preflight(&request);
    let mut reply = if is_preflight {
        cors::preflight(&app, request.headers())
    } else {
        answer(&app, peer, request, next).await
    };
    cors::grant(&app, origin.as_ref(), is_preflight, &mut reply);
    security_headers::apply(&mut reply, app.environment, &app.faults);
    date(&app, reply.headers_mut());
    reply
}

/// The reply of the route, or the refusal before it.
async fn answer(app: &App, peer: SocketAddr, mut request: Request, next: Next) -> Response {
    let caller = match authenticate(app, peer, request.headers()) {
        Ok(caller) => caller,
        Err(error) => {
            app.requests
                .count("invalid", Outcome::Unauthorized, app.clock.now());
            return error.into_response();
        }
    };
    if !rate_limit::is_limited(request.uri().path()) {
        app.requests
            .count(&caller.name, Outcome::Exempt, app.clock.now());
        request.extensions_mut().insert(caller);
        return next.run(request).await;
    }
    let ticket = rate_limit::take(app, &caller);
    let outcome = if ticket.is_allowed() {
        Outcome::Charged
    } else {
        Outcome::Refused
    };
    app.requests.count(&caller.name, outcome, app.clock.now());
    let mut reply = if ticket.is_allowed() {
        request.extensions_mut().insert(caller);
        next.run(request).await
    } else {
        ticket.refusal(&app.faults)
    };
    ticket.write_headers(reply.headers_mut(), &app.faults);
    reply
}

fn authenticate(
    service: &Service,
    peer: SocketAddr,
    headers: &HeaderMap,
) -> Result<Caller, ApiError> {
    match Credential::of(headers) {
        Credential::Absent => Ok(Caller::anonymous(&address(service, peer, headers))),
        Credential::Bearer(key) | Credential::ApiKey(key) => service
            .directory
            .by_key(&key)
            .map(Caller::account)
            .ok_or_else(|| ApiError::unauthorized("the key is not valid")),
        Credential::Malformed => Err(ApiError::unauthorized(
            "send a key as `Authorization: Bearer <key>` or `X-API-Key: <key>`",
        )),
    }
}

/// The address that an anonymous caller is limited by: the peer's. What a caller says about
/// itself in `X-Forwarded-For` is not believed, since no proxy stands before this service.
fn address(service: &Service, peer: SocketAddr, headers: &HeaderMap) -> String {
    let claimed = headers
        .get("x-forwarded-for")
        .and_then(|value| value.to_str().ok());
    match claimed {
        Some(claimed) if service.faults.on(Fault::RtFree002ForwardedForBypass) => {
            claimed.to_owned()
        }
        _ => peer.ip().to_string(),
    }
}

/// `Date` by the service's clock; the HTTP server would otherwise write the system's.
fn date(service: &Service, headers: &mut HeaderMap) {
    let now = service
        .clock
        .now()
        .strftime("%a, %d %b %Y %H:%M:%S GMT")
        .to_string();
    if let Ok(value) = HeaderValue::try_from(now) {
        headers.insert(header::DATE, value);
    }
}
