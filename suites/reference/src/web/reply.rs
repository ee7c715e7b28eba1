//! Replies: JSON of one shape for data, `{error, detail}` for everything that went wrong.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// A reply with a JSON body.
pub(crate) fn json_reply(status: StatusCode, body: &Value) -> Response {
    text_reply(status, "application/json", body.to_string())
}

/// A reply with a body of the given type.
pub(crate) fn text_reply(status: StatusCode, kind: &'static str, body: String) -> Response {
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(kind))];
    (status, headers, body).into_response()
}

/// A request that could not be served, for the caller to understand. `detail` may repeat what
/// the caller sent, never what the service knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiError {
    pub status: StatusCode,
    /// A stable word for programs.
    pub error: &'static str,
    /// A sentence for people.
    pub detail: String,
}

impl ApiError {
    pub fn invalid(detail: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::BAD_REQUEST, "invalid_request", detail)
    }

    pub fn unauthorized(detail: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::UNAUTHORIZED, "unauthorized", detail)
    }

    pub fn not_found(detail: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::NOT_FOUND, "not_found", detail)
    }

    pub fn method_not_allowed() -> ApiError {
        let status = StatusCode::METHOD_NOT_ALLOWED;
        ApiError::new(
            status,
            "method_not_allowed",
            "the resource has no such method",
        )
    }

    pub fn new(status: StatusCode, error: &'static str, detail: impl Into<String>) -> ApiError {
        ApiError {
            status,
            error,
            detail: detail.into(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.error, "detail": self.detail });
        let mut reply = json_reply(self.status, &body);
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer realm=\"reference\"");
            reply
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, challenge);
        }
        reply
    }
}
