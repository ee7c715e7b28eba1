//! The way of a request through the service, the same for every route and both products, which have
//! a door each (credential, limiter):
//!
//! preflight? → credential → limiter → route, and back: limiter headers → error detail → CORS →
//! security headers → `Date` → log and metrics. Each step has a module of its own; [`pipeline`]
//! is where they meet.

pub(crate) mod access_log;
pub(crate) mod body;
pub(crate) mod caching;
pub(crate) mod cors;
pub(crate) mod errors;
pub(crate) mod failure;
pub(crate) mod params;
pub(crate) mod rate_limit;
pub(crate) mod reply;
pub(crate) mod security_headers;
pub(crate) mod strain;
pub(crate) mod trigger;

use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::time::Instant;

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use self::access_log::Arrival;
use self::reply::ApiError;
use crate::auth::{jwt, user_of};
use crate::caio;
use crate::config::Product;
use crate::faults::{Fault, FaultSet};
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
    let started = Instant::now();
    let arrival = Arrival::of(&app, &request);
    let method = request.method().clone();
    let matched = request.extensions().get::<MatchedPath>();
    let route = matched.map_or("unmatched", MatchedPath::as_str).to_owned();
    let origin = request.headers().get(header::ORIGIN).cloned();
    let is_preflight = cors::is_preflight(&request);

    let reply = if is_preflight {
        cors::preflight(&app, request.headers())
    } else {
        match app.product {
            Product::Kamiyo => answer(&app, peer, &arrival, request, next).await,
            Product::Caio => caio::door::answer(&app, peer, &arrival, request, next).await,
        }
    };
    let mut reply = errors::finish(&app, &arrival.path, &arrival.request_id, reply);
    cors::grant(&app, origin.as_ref(), is_preflight, &mut reply);
    security_headers::apply(&mut reply, app.environment, &app.faults);
    date_and_id(&app, &arrival.request_id, reply.headers_mut());

    let took = started.elapsed();
    app.metrics
        .count(&route, common_name(&method), reply.status().as_u16(), took);
    access_log::record(&app, arrival, &reply, took);
    warm_too_late(&app).await;
    reply
}

/// The reply of the route, or the refusal before it.
async fn answer(
    app: &App,
    peer: SocketAddr,
    arrival: &Arrival,
    mut request: Request,
    next: Next,
) -> Response {
    let address = ClientAddress::of(peer, request.headers());
    let query = request.uri().query();
    let caller = match authenticate(app, &address, request.headers(), query).await {
        Ok(caller) => caller,
        Err(error) => {
            app.requests
                .count("invalid", Outcome::Unauthorized, app.clock.now());
            return error.into_response();
        }
    };
    let path = request.uri().path().to_owned();
    let presented = request.headers().contains_key("x-api-key");
    request.extensions_mut().insert(caller.clone());
    request.extensions_mut().insert(address);
    if !rate_limit::is_limited(&path) {
        app.requests
            .count(&caller.name, Outcome::Exempt, app.clock.now());
        return served(app, peer, arrival, request, next).await;
    }
    let is_data = !path.starts_with("/api/");
    if caller.is_anonymous() && is_data && app.faults.on(Fault::Sec002AnonymousRefused) {
        return ApiError::no_credential().into_response();
    }
    let ticket = rate_limit::take(app, &caller, peer, presented).await;
    let outcome = if ticket.is_allowed() {
        Outcome::Charged
    } else {
        Outcome::Refused
    };
    app.requests.count(&caller.name, outcome, app.clock.now());
    let mut reply = if ticket.is_allowed() {
        served(app, peer, arrival, request, next).await
    } else {
        ticket.refusal(&app.faults)
    };
    ticket.write_headers(reply.headers_mut(), &app.faults);
    reply
}

/// The reply of the route, unless the service is under a strain or made to fail.
pub(crate) async fn served(
    app: &App,
    peer: SocketAddr,
    arrival: &Arrival,
    request: Request,
    next: Next,
) -> Response {
    if let Some(reply) = strain::under_load(app, peer, request.uri()).await {
        return reply;
    }
    match arrival.pull_trigger(&app.triggers) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

/// Who a request is from.
async fn authenticate(
    app: &App,
    address: &ClientAddress,
    headers: &HeaderMap,
    query: Option<&str>,
) -> Result<Caller, ApiError> {
    let faults = &app.faults;
    let anonymous = || Ok(Caller::anonymous(address.for_limits(faults)));
    let credential = match Credential::of(headers) {
        Credential::Absent if faults.on(Fault::Sec002QueryKeyAccepted) => {
            Credential::in_query(query)
        }
        credential => credential,
    };
    match credential {
        Credential::Absent => anonymous(),
        Credential::Bearer(_) if faults.on(Fault::Sec002BearerIgnored) => anonymous(),
        Credential::ApiKey(_) if faults.on(Fault::Sec002XApiKeyIgnored) => anonymous(),
        Credential::Bearer(token) if jwt::looks_like_one(&token) => {
            let (user, claims) = user_of(app, &token).await?;
            Ok(Caller::user(user, claims))
        }
        Credential::Bearer(key) | Credential::ApiKey(key) => {
            let known = app.directory.by_key(&key, faults);
            match known {
                Some(account) => Ok(Caller::account(account)),
                None if faults.on(Fault::Sec002InvalidAsAnonymous) => anonymous(),
                None if faults.on(Fault::Sec002UnknownKeyAccepted) => {
                    let pro = app.directory.by_key("ref-pro-1", faults);
                    pro.map(Caller::account).ok_or_else(ApiError::no_credential)
                }
                None => Err(ApiError::bad_credential("the key is not valid")),
            }
        }
        Credential::Malformed => Err(ApiError::bad_credential(
            "send a key as `Authorization: Bearer <key>` or `X-API-Key: <key>`",
        )),
    }
}

/// Where a request comes from: the peer. What a caller says about itself in `X-Forwarded-For`
/// is not believed, since no proxy stands before this service.
#[derive(Clone, Debug)]
pub(crate) struct ClientAddress {
    peer: String,
    claimed: Option<String>,
}

impl ClientAddress {
    fn of(peer: SocketAddr, headers: &HeaderMap) -> ClientAddress {
        let claimed = headers
            .get("x-forwarded-for")
            .and_then(|value| value.to_str().ok());
        ClientAddress {
            peer: peer.ip().to_string(),
            claimed: claimed.map(str::to_owned),
        }
    }

    /// What the limiter counts anonymous callers by.
    pub fn for_limits(&self, faults: &FaultSet) -> &str {
        self.believed(faults.on(Fault::RtFree002ForwardedForBypass))
    }

    /// What failed logins are counted by.
    pub fn for_logins(&self, faults: &FaultSet) -> &str {
        self.believed(faults.on(Fault::Sec004SpoofedForwardedForResets))
    }

    fn believed(&self, gullible: bool) -> &str {
        self.claimed
            .as_deref()
            .filter(|_| gullible)
            .unwrap_or(&self.peer)
    }
}

/// `Date` by the service's clock, since the HTTP server would otherwise write the system's; and
/// the id that the log has for this request.
fn date_and_id(service: &Service, request_id: &str, headers: &mut HeaderMap) {
    let now = service
        .clock
        .now()
        .strftime("%a, %d %b %Y %H:%M:%S GMT")
        .to_string();
    if let Ok(value) = HeaderValue::try_from(now) {
        headers.insert(header::DATE, value);
    }
    if let Ok(value) = HeaderValue::try_from(request_id) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
}

/// The method as a label; a caller may invent methods, but not labels.
fn common_name(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "OTHER",
    }
}

/// The fault of warming the cache when the first request has been served.
async fn warm_too_late(app: &App) {
    if app.memory.to_be_warmed.swap(false, Ordering::Relaxed) {
        crate::api::warm(app).await;
    }
}
