//! What caches between the service and its callers may keep: replies of data routes carry
//! `Cache-Control`, `Vary` and an `ETag`, and a caller that still has the same gets 304.

use std::fmt::Write as _;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::reply::vary;
use crate::faults::{Fault, FaultSet};
use crate::identity::Caller;
use crate::stores::Lookup;

/// A body that may be cached, with what our own cache had.
pub(crate) struct Cacheable {
    pub body: String,
    pub lookup: Option<Lookup>,
    /// How long it may be kept, in seconds.
    pub seconds: u32,
}

impl Cacheable {
    /// A body that our own cache is not asked for.
    pub fn fresh(body: &Value, seconds: u32) -> Cacheable {
        Cacheable {
            body: body.to_string(),
            lookup: None,
            seconds,
        }
    }

    /// The reply to a caller, or 304 if it has the same already.
    pub fn reply(self, caller: &Caller, asked: &HeaderMap, faults: &FaultSet) -> Response {
        let etag = etag(&self.body);
        let known = asked
            .get(header::IF_NONE_MATCH)
            .is_some_and(|known| *known == etag);
        let mut reply = if known && !faults.on(Fault::Cache004EtagNever304) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let json = [(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json"),
            )];
            (StatusCode::OK, json, Bytes::from(self.body)).into_response()
        };
        let headers = reply.headers_mut();
        headers.insert(header::ETAG, etag);
        if let Some(lookup) = self.lookup {
            let name = HeaderName::from_static("x-cache");
            headers.insert(name, HeaderValue::from_static(lookup.as_str()));
        }
        control(headers, caller, self.seconds, faults);
        reply
    }
}

/// Replies to a key are for its holder alone; those without one differ by credential.
fn control(headers: &mut HeaderMap, caller: &Caller, seconds: u32, faults: &FaultSet) {
    if faults.on(Fault::Cache004Missing) {
        return;
    }
    let shared = caller.is_anonymous() || faults.on(Fault::Cache004SharedCacheableWithKey);
    let scope = if shared { "public" } else { "private" };
    if let Ok(value) = HeaderValue::try_from(format!("{scope}, max-age={seconds}")) {
        headers.insert(header::CACHE_CONTROL, value);
    }
    if !faults.on(Fault::Cache004SharedCacheableWithKey) {
        vary(headers, "Authorization, X-API-Key");
    }
}

fn etag(body: &str) -> HeaderValue {
    let digest = Sha256::digest(body.as_bytes());
    let mut hex = String::with_capacity(32);
    for byte in digest.iter().take(16) {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    HeaderValue::try_from(format!("\"{hex}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}
