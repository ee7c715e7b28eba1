//! `POST /api/v1/orchestrate`: runs a service under a contract. Here the run is only recorded.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::faults::Fault;
use crate::service::App;
use crate::web::body;
use crate::web::reply::{ApiError, json_reply};

/// What a slow service takes longer.
const SLOWNESS: Duration = Duration::from_millis(700);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    service: String,
    #[serde(default)]
    input: Value,
}

pub(super) async fn run(State(app): State<App>, body: Bytes) -> Result<Response, ApiError> {
    let wanted: Wanted = body::read(&body)?;
    if !app.caio.registry.knows(&wanted.service) {
        return Err(ApiError::not_found("there is no service of this name"));
    }
    if app.faults.on(Fault::CaioPerf005Breached) {
        tokio::time::sleep(SLOWNESS).await;
    }
    let body = json!({
        "trace_id": app.next_id("trace"),
        "service": wanted.service,
        "outcome": "completed",
        "output": wanted.input,
    });
    Ok(json_reply(StatusCode::OK, &body))
}
