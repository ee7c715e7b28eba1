//! Errors on their way out: the request id, detail for developers, and the faults of the ERR
//! rows, which spoil an error that was sound until here.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::reply::{
    ApiError, BAD_CREDENTIAL, INVALID, NO_CREDENTIAL, SMALL_TIER, json_reply, text_reply,
};
use crate::config::Environment;
use crate::faults::{Fault, FaultSet};
use crate::service::Service;

/// Finishes a reply that is an [`ApiError`]; leaves all others alone.
pub(crate) fn finish(service: &Service, path: &str, request_id: &str, reply: Response) -> Response {
    let reply = in_our_form(reply);
    let Some(error) = reply.extensions().get::<ApiError>().cloned() else {
        return reply;
    };
    let faults = &service.faults;
    let sound = with_status(faults, path, &error, reply);
    let Some(mut body) = body(service, &error, request_id, sound.status()) else {
        return sound;
    };
    if faults.on(Fault::Err007MissingOn404) && sound.status() == StatusCode::NOT_FOUND {
        remove(&mut body, "error");
    }
    if faults.on(Fault::Err007ObjectError) {
        body["error"] = json!({ "code": error.error });
    }
    replace(&sound, &error, faults, &body)
}

/// Refusals of the framework, such as a body that is too large, are plain text; everybody else's
/// are JSON.
fn in_our_form(reply: Response) -> Response {
    let status = reply.status();
    let kind = reply.headers().get(header::CONTENT_TYPE);
    let is_text = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !is_text || !(status.is_client_error() || status.is_server_error()) {
        return reply;
    }
    let detail = match status {
        StatusCode::PAYLOAD_TOO_LARGE => "the body is too large",
        _ => "the request cannot be read",
    };
    let mut ours = ApiError::new(status, INVALID, detail).into_response();
    for (name, value) in reply.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            ours.headers_mut().insert(name.clone(), value.clone());
        }
    }
    ours
}

/// The reply with the status that it should have, or that a fault gives it.
fn with_status(faults: &FaultSet, path: &str, error: &ApiError, mut reply: Response) -> Response {
    let is_protected = path.starts_with("/api/v1/") && !path.starts_with("/api/v1/auth/");
    let altered: &[(Fault, StatusCode)] = match error.error {
        NO_CREDENTIAL | BAD_CREDENTIAL if is_protected => &[
            (Fault::Err003403Instead, StatusCode::FORBIDDEN),
            (Fault::Err003Redirect, StatusCode::FOUND),
            (Fault::Err003500, StatusCode::INTERNAL_SERVER_ERROR),
        ],
        SMALL_TIER => &[
            (Fault::Err004401Instead, StatusCode::UNAUTHORIZED),
            (Fault::Err004404Instead, StatusCode::NOT_FOUND),
        ],
        INVALID => &[
            (Fault::Err002500, StatusCode::INTERNAL_SERVER_ERROR),
            (Fault::Err002422, StatusCode::UNPROCESSABLE_ENTITY),
        ],
        _ => &[],
    };
    if let Some(status) = faults.first(altered) {
        *reply.status_mut() = status;
        if status == StatusCode::FOUND {
            let login = HeaderValue::from_static("/login");
            reply.headers_mut().insert(header::LOCATION, login);
        }
    }
    reply
}

/// The body, if it differs from what the error has already written.
fn body(
    service: &Service,
    error: &ApiError,
    request_id: &str,
    status: StatusCode,
) -> Option<Value> {
    let faults = &service.faults;
    let mut body = error.body();
    if status.is_server_error() {
        body["request_id"] = json!(request_id);
        let development = service.environment == Environment::Development;
        if let Some(failure) = &error.failure
            && (development || faults.on(Fault::Err008TraceIn500))
        {
            body["detail"] = json!(failure.message);
            body["trace"] = json!(failure.trace());
        }
        return Some(body);
    }
    if status == StatusCode::BAD_REQUEST && faults.on(Fault::Err008SqlIn400) {
        body["detail"] = json!(format!(
            "{}: SELECT tx_hash, chain FROM exploits WHERE chain = $1 ORDER BY timestamp DESC",
            error.detail
        ));
    } else if status == StatusCode::NOT_FOUND && faults.on(Fault::Err008PathIn404) {
        body["detail"] = json!(format!("{} ({}:{})", error.detail, file!(), line!()));
    } else if !faults.on(Fault::Err007MissingOn404)
        && !faults.on(Fault::Err007ObjectError)
        && !faults.on(Fault::Err007Html)
    {
        return None;
    }
    Some(body)
}

/// The reply with another body, its headers kept.
fn replace(sound: &Response, error: &ApiError, faults: &FaultSet, body: &Value) -> Response {
    let status = sound.status();
    let mut reply = if faults.on(Fault::Err007Html) {
        let page = format!("<!doctype html><title>{status}</title><h1>{status}</h1>");
        text_reply(status, "text/html; charset=utf-8", page)
    } else {
        json_reply(status, body)
    };
    for (name, value) in sound.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            reply.headers_mut().insert(name.clone(), value.clone());
        }
    }
    reply.extensions_mut().insert(error.clone());
    reply
}

/// What an unknown transaction gets; ERR-001 spoils this one alone.
pub(crate) fn unknown_transaction(faults: &FaultSet) -> Response {
    if faults.on(Fault::Err001200Empty) {
        return json_reply(StatusCode::OK, &json!({}));
    }
    if faults.on(Fault::Err001Html404) {
        let page = "<!doctype html><title>Not found</title><h1>Not found</h1>".to_owned();
        return text_reply(StatusCode::NOT_FOUND, "text/html; charset=utf-8", page);
    }
    let mut error = ApiError::not_found("there is no exploit with this transaction");
    if faults.on(Fault::Err001500) {
        error.status = StatusCode::INTERNAL_SERVER_ERROR;
    }
    error.into_response()
}

/// Takes a field out of an object.
pub(crate) fn remove(body: &mut Value, field: &str) {
    if let Some(fields) = body.as_object_mut() {
        fields.remove(field);
    }
}
