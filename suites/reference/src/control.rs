//! The control listener: what a [`RefHandle`](crate::RefHandle) offers, for another process.
//!
//! It listens at a port of its own on the loopback interface, behind a path that cannot be
//! guessed, and only when the configuration asks for it. The product's listener has none of this.
//!
//! | request | does |
//! |---|---|
//! | `GET /clock` | the service's time, and whether it stands still |
//! | `POST /clock` `{"advance_ms": 60000}` or `{"set": "2026-03-01T12:00:00Z"}` | moves it |
//! | `GET /faults`, `POST /faults` `{"id": "HDR-001/missing", "on": true}` | the switches |
//! | `GET /requests` | counts by caller |
//! | `GET /logs?since=0` | log lines since a mark, and the next mark |
//! | `GET /environment`, `GET /identities` | the env file; keys and users |
//! | `POST /limiter` `{"caller": "pro", "window": "day", "used": 49995}` | without `window`: reset |
//! | `POST /stores` `{"database": "down"}` or `{"cache": "paused"}` | plays an outage |
//! | `POST /fail-next` `{"word": "nonce-1"}` | arms an internal error |
//! | `POST /restart` | empties and warms the cache |

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::environment;
use crate::faults::Fault;
use crate::handle::{limiter_key, restart};
use crate::identity;
use crate::service::App;
use crate::stores::StoreState;
use crate::tiers::Window;
use crate::web::body;
use crate::web::reply::ApiError;

/// The routes, below the path that cannot be guessed.
pub(crate) fn router(app: App, secret: &str) -> Router {
    let routes = Router::new()
        .route("/clock", get(clock).post(set_clock))
        .route("/faults", get(faults).post(set_fault))
        .route("/requests", get(requests))
        .route("/logs", get(logs))
        .route("/environment", get(variables))
        .route("/identities", get(identities))
        .route("/limiter", post(set_limiter))
        .route("/stores", post(set_stores))
        .route("/fail-next", post(fail_next))
        .route("/restart", post(restart_now));
    Router::new()
        .nest(&format!("/{secret}"), routes)
        .with_state(app)
}

async fn clock(State(app): State<App>) -> Json<Value> {
    Json(json!({ "now": app.clock.now(), "virtual": app.clock.is_virtual() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetClock {
    #[serde(default)]
    advance_ms: u64,
    set: Option<Timestamp>,
}

async fn set_clock(State(app): State<App>, body: Bytes) -> Result<Response, ApiError> {
    let wanted: SetClock = body::read(&body)?;
    if let Some(to) = wanted.set {
        app.clock.set(to);
    }
    app.clock.advance(Duration::from_millis(wanted.advance_ms));
    Ok(clock(State(app)).await.into_response())
}

async fn faults(State(app): State<App>) -> Json<Value> {
    let active: Vec<&str> = app.faults.active().into_iter().map(Fault::id).collect();
    Json(json!({ "active": active }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetFault {
    id: String,
    on: bool,
}

async fn set_fault(State(app): State<App>, body: Bytes) -> Result<Response, ApiError> {
    let wanted: SetFault = body::read(&body)?;
    let fault = Fault::parse(&wanted.id).map_err(|error| ApiError::invalid(error.to_string()))?;
    app.faults.set(fault, wanted.on);
    Ok(faults(State(app)).await.into_response())
}

async fn requests(State(app): State<App>) -> Json<Value> {
    let counts: BTreeMap<String, Value> = app
        .requests
        .snapshot()
        .into_iter()
        .map(|(caller, counts)| {
            let counts = json!({
                "received": counts.received,
                "charged": counts.charged,
                "refused": counts.refused,
                "busiest_minute": counts.busiest_minute,
            });
            (caller, counts)
        })
        .collect();
    Json(json!(counts))
}

#[derive(Deserialize)]
struct Since {
    #[serde(default)]
    since: u64,
}

async fn logs(State(app): State<App>, Query(from): Query<Since>) -> Json<Value> {
    let mark = app.logs.mark();
    Json(json!({ "lines": app.logs.since(from.since), "mark": mark }))
}

async fn variables(State(app): State<App>) -> Json<Value> {
    Json(json!(environment::variables(&app)))
}

async fn identities() -> Json<Value> {
    let account = |account: identity::Account| json!({ "name": account.name, "tier": account.tier, "api_key": account.api_key });
    let user = |user: identity::User| {
        json!({
            "name": user.name,
            "tier": user.tier,
            "username": user.username,
            "password": user.password,
        })
    };
    let accounts: Vec<Value> = identity::accounts().into_iter().map(account).collect();
    let users: Vec<Value> = identity::users().into_iter().map(user).collect();
    Json(json!({ "accounts": accounts, "users": users }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetLimiter {
    caller: String,
    window: Option<String>,
    #[serde(default)]
    used: u32,
}

async fn set_limiter(State(app): State<App>, body: Bytes) -> Result<StatusCode, ApiError> {
    let wanted: SetLimiter = body::read(&body)?;
    let key = limiter_key(&wanted.caller);
    let Some(name) = wanted.window else {
        app.limiter.reset(&key);
        return Ok(StatusCode::NO_CONTENT);
    };
    let window = Window::ALL
        .into_iter()
        .find(|window| window.as_str() == name);
    let window = window.ok_or_else(|| ApiError::invalid("window is minute, hour or day"))?;
    app.limiter.seed(&key, window, wanted.used, app.clock.now());
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetStores {
    database: Option<StoreState>,
    cache: Option<StoreState>,
}

async fn set_stores(State(app): State<App>, body: Bytes) -> Result<StatusCode, ApiError> {
    let wanted: SetStores = body::read(&body)?;
    if let Some(state) = wanted.database {
        app.memory_database.set_state(state);
    }
    if let Some(state) = wanted.cache {
        app.memory_store.set_state(state);
    }
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FailNext {
    word: String,
}

async fn fail_next(State(app): State<App>, body: Bytes) -> Result<StatusCode, ApiError> {
    let wanted: FailNext = body::read(&body)?;
    if wanted.word.is_empty() {
        return Err(ApiError::invalid("an empty word is in every request"));
    }
    app.triggers.arm(&wanted.word);
    Ok(StatusCode::NO_CONTENT)
}

async fn restart_now(State(app): State<App>) -> StatusCode {
    restart(&app).await;
    StatusCode::NO_CONTENT
}
