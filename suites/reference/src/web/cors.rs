//! Cross-origin access: an allow-list of exact https origins, echoed with `Vary: Origin`.
//!
//! Preflights are answered here, before the limiter, and cost the caller nothing.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::reply::{ApiError, vary};
use crate::faults::{Fault, FaultSet};
use crate::service::Service;

const METHODS: &str = "GET, POST, PUT, DELETE, OPTIONS";
const HEADERS: &str = "Authorization, X-API-Key, Content-Type";
const EXPOSED: &str = "X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, \
                       X-RateLimit-Tier, Retry-After, X-Request-Id";

/// Whether a request asks for leave to send another one.
pub(crate) fn is_preflight(request: &Request) -> bool {
    request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ORIGIN)
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// The answer to a preflight; [`grant`] adds the leave itself.
pub(crate) fn preflight(service: &Service, headers: &HeaderMap) -> Response {
    let origin = headers.get(header::ORIGIN);
    if allowance(service, origin, true).is_none() {
        let detail = "the origin may not use this service";
        return ApiError::new(StatusCode::FORBIDDEN, "origin_not_allowed", detail).into_response();
    }
    let fixed = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    (StatusCode::NO_CONTENT, fixed).into_response()
}

/// Tells the browser whether the origin may read the reply.
pub(crate) fn grant(
    service: &Service,
    origin: Option<&HeaderValue>,
    preflight: bool,
    reply: &mut Response,
) {
    let headers = reply.headers_mut();
    if !service.faults.on(Fault::Cor002VaryMissing) {
        vary(headers, "Origin");
    }
    if let Some(allowed) = allowance(service, origin, preflight) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        let yes = HeaderValue::from_static("true");
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, yes);
        let exposed = HeaderValue::from_static(EXPOSED);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
}

/// What `Access-Control-Allow-Origin` says to an origin, if anything.
fn allowance(
    service: &Service,
    origin: Option<&HeaderValue>,
    preflight: bool,
) -> Option<HeaderValue> {
    let origin = origin?;
    let text = origin.to_str().ok()?;
    if service.faults.on(Fault::Cor003Wildcard) || service.faults.on(Fault::CaioSec005Wildcard) {
        return Some(HeaderValue::from_static("*"));
    }
    let listed = service.origins.iter().any(|allowed| allowed == text);
    let granted = if listed {
        !service.faults.on(Fault::Cor002AllowedRefused)
            && !service.faults.on(Fault::CaioSec005AllowedRefused)
    } else {
        wrongly_granted(&service.faults, &service.origins, text, preflight)
    };
    granted.then(|| origin.clone())
}

/// The origins that a faulty service lets in.
fn wrongly_granted(faults: &FaultSet, allowed: &[String], origin: &str, preflight: bool) -> bool {
    let host = |origin: &str| origin.split_once("://").map(|(_, host)| host.to_owned());
    let twin = |allowed: &String| host(allowed) == host(origin) && origin.starts_with("http:");
    let suffix = |allowed: &String| host(allowed).is_some_and(|host| origin.ends_with(&host));
    faults.on(Fault::Cor003ReflectsAny)
        || faults.on(Fault::Cor002ForeignEchoed) && preflight && origin != "null"
        || faults.on(Fault::Cor003NullAllowed) && origin == "null"
        || faults.on(Fault::CaioSec005NullAllowed) && origin == "null"
        || faults.on(Fault::CaioSec005ForeignEchoed) && origin.starts_with("https:")
        || faults.on(Fault::Cor001HttpOriginAllowed) && allowed.iter().any(twin)
        || faults.on(Fault::Cor003SuffixMatch)
            && origin.starts_with("https:")
            && allowed.iter().any(suffix)
}
