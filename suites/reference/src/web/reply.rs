//! Replies: JSON of one shape for data, `{error, detail}` for everything that went wrong.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::failure::Failure;
use crate::stores::StoreError;

/// A reply with a JSON body.
pub(crate) fn json_reply(status: StatusCode, body: &Value) -> Response {
    text_reply(status, "application/json", body.to_string())
}

/// A reply with a body of the given type.
pub(crate) fn text_reply(status: StatusCode, kind: &'static str, body: String) -> Response {
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(kind))];
    (status, headers, body).into_response()
}

/// Adds to what a reply depends on, in one header.
pub(crate) fn vary(headers: &mut HeaderMap, on: &str) {
    let before = headers
        .get(header::VARY)
        .and_then(|value| value.to_str().ok());
    let all = before.map_or_else(|| on.to_owned(), |before| format!("{before}, {on}"));
    if let Ok(value) = HeaderValue::try_from(all) {
        headers.insert(header::VARY, value);
    }
}

/// A request that could not be served, for the caller to understand. `detail` may repeat what
/// the caller sent, never what the service knows.
///
/// It travels on in the reply's extensions, for the log and for the faults that spoil errors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiError {
    pub status: StatusCode,
    /// A stable word for programs.
    pub error: &'static str,
    /// A sentence for people.
    pub detail: String,
    /// What went wrong inside; the caller learns nothing of it in production.
    pub failure: Option<Arc<Failure>>,
    /// The beginning of a body that could not be read, for the log.
    pub excerpt: Option<String>,
}

/// No credential where one is needed.
pub(crate) const NO_CREDENTIAL: &str = "authentication_required";
/// A credential that is not valid.
pub(crate) const BAD_CREDENTIAL: &str = "invalid_credential";
/// A tier that does not include what is asked for.
pub(crate) const SMALL_TIER: &str = "tier_too_small";
/// A parameter or body that cannot be meant.
pub(crate) const INVALID: &str = "invalid_request";

impl ApiError {
    pub fn new(status: StatusCode, error: &'static str, detail: impl Into<String>) -> ApiError {
        ApiError {
            status,
            error,
            detail: detail.into(),
            failure: None,
            excerpt: None,
        }
    }

    pub fn invalid(detail: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::BAD_REQUEST, INVALID, detail)
    }

    pub fn no_credential() -> ApiError {
        let detail = "this needs a key: `Authorization: Bearer <key>` or `X-API-Key: <key>`";
        ApiError::new(StatusCode::UNAUTHORIZED, NO_CREDENTIAL, detail)
    }

    pub fn bad_credential(detail: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::UNAUTHORIZED, BAD_CREDENTIAL, detail)
    }

    pub fn small_tier(detail: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::FORBIDDEN, SMALL_TIER, detail)
    }

    pub fn not_found(detail: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::NOT_FOUND, "not_found", detail)
    }

    /// Nothing answers at this address.
    pub fn no_route() -> ApiError {
        ApiError::not_found("there is nothing at this address")
    }

    pub fn method_not_allowed() -> ApiError {
        let status = StatusCode::METHOD_NOT_ALLOWED;
        ApiError::new(
            status,
            "method_not_allowed",
            "the resource has no such method",
        )
    }

    /// Something went wrong that is not the caller's doing.
    pub fn internal(failure: Failure) -> ApiError {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        let detail = "something went wrong here; the request id helps us to find out what";
        ApiError {
            failure: Some(Arc::new(failure)),
            ..ApiError::new(status, "internal_error", detail)
        }
    }

    /// A store that is needed does not answer.
    #[track_caller]
    pub fn unavailable(store: &'static str, error: &StoreError) -> ApiError {
        let detail = format!("the {store} cannot be reached at present");
        ApiError {
            failure: Some(Arc::new(Failure::new(
                "StoreError",
                error.to_string(),
                store,
            ))),
            ..ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail)
        }
    }

    /// The body of the reply.
    pub fn body(&self) -> Value {
        json!({ "error": self.error, "detail": self.detail })
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut reply = json_reply(self.status, &self.body());
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer realm=\"reference\"");
            reply
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, challenge);
        }
        reply.extensions_mut().insert(self);
        reply
    }
}
