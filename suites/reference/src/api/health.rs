//! `GET /health`: is the process well? `GET /ready`: may it be sent traffic?

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::data::SOURCES;
use crate::faults::{Fault, FaultSet};
use crate::service::App;
use crate::web::errors::remove;
use crate::web::reply::{ApiError, json_reply, text_reply};

const HOUR: Duration = Duration::from_secs(60 * 60);
/// More than the two seconds within which the checklist wants an answer. Real time, since that
/// is what a probe measures.
const SLOW: Duration = Duration::from_millis(2_500);
/// More than the ten seconds within which a service must say that it is not ready.
const HANG: Duration = Duration::from_secs(15);

/// The state of the process, with what it has to offer. It answers whatever the stores do.
pub(super) async fn health(State(app): State<App>) -> Response {
    let faults = &app.faults;
    if faults.on(Fault::Hlth001Missing) {
        return ApiError::no_route().into_response();
    }
    if faults.on(Fault::Hlth001Slow) {
        tokio::time::sleep(SLOW).await;
    }
    if faults.on(Fault::Hlth001HtmlBody) {
        let page = "<!doctype html><title>Health</title><p>All is well.</p>".to_owned();
        return text_reply(StatusCode::OK, "text/html; charset=utf-8", page);
    }
    json_reply(StatusCode::OK, &health_body(&app).await)
}

async fn health_body(app: &App) -> Value {
    let faults = &app.faults;
    let now = app.clock.now();
    let timestamp = if faults.on(Fault::Hlth001StaleTimestamp) {
        now.checked_sub(HOUR).unwrap_or(Timestamp::MIN)
    } else {
        now
    };
    let degraded = faults.on(Fault::Hlth001StatusDegraded200);
    let sources = SOURCES.map(|(name, active)| json!({ "name": name, "active": active }));
    let mut body = json!({
        "status": if degraded { "degraded" } else { "healthy" },
        "timestamp": timestamp,
        "version": env!("CARGO_PKG_VERSION"),
        "database_exploits": exploit_count(app).await,
        "active_sources": active_sources(faults),
        "total_sources": SOURCES.len(),
        "sources": sources,
    });
    let missing = [
        (Fault::Hlth004Missing, "database_exploits"),
        (Fault::Hlth005Missing, "active_sources"),
    ];
    for (fault, field) in missing {
        if faults.on(fault) {
            remove(&mut body, field);
        }
    }
    body
}

/// How many exploits the database has; `null` when it cannot be asked.
async fn exploit_count(app: &App) -> Value {
    let Ok(rows) = app.database.exploits().await else {
        return Value::Null;
    };
    let count = rows.len();
    match count {
        _ if app.faults.on(Fault::Hlth004Zero) => json!(0),
        _ if app.faults.on(Fault::Hlth004StaleCount) => json!(count / 2),
        _ if app.faults.on(Fault::Hlth004String) => json!(count.to_string()),
        _ => json!(count),
    }
}

fn active_sources(faults: &FaultSet) -> usize {
    let altered = [
        (Fault::Hlth005Zero, 0),
        (Fault::Hlth005ExceedsTotal, SOURCES.len() + 3),
    ];
    let active = SOURCES.iter().filter(|(_, active)| *active).count();
    faults.first(&altered).unwrap_or(active)
}

/// Whether the stores that the service needs can be reached.
pub(super) async fn ready(State(app): State<App>) -> Response {
    let faults = &app.faults;
    if faults.on(Fault::Hlth002Missing) {
        return ApiError::no_route().into_response();
    }
    let (database, cache) = tokio::join!(app.database.ping(), app.cache.ping());
    let (database, cache) = (database.is_ok(), cache.is_ok());
    if !(database && cache) && faults.on(Fault::Hlth003Hangs) {
        tokio::time::sleep(HANG).await;
    }
    if !database && faults.on(Fault::Hlth003Crash) {
        app.stop.send_replace(true);
    }
    let shown_cache = cache && !faults.on(Fault::Cache001ReadySaysDown);
    let mut body = json!({
        "status": "ready",
        "database": up_or_down(database),
        "redis": up_or_down(shown_cache),
    });
    if faults.on(Fault::Hlth002FieldMissing) {
        remove(&mut body, "redis");
    }
    if is_ready(&app, database, cache) {
        return json_reply(StatusCode::OK, &body);
    }
    body["status"] = json!("not_ready");
    json_reply(StatusCode::SERVICE_UNAVAILABLE, &body)
}

fn is_ready(app: &App, database: bool, cache: bool) -> bool {
    let faults = &app.faults;
    if !(database && cache) {
        app.memory.was_not_ready.store(true, Ordering::Relaxed);
    }
    let was_not_ready = app.memory.was_not_ready.load(Ordering::Relaxed);
    if faults.on(Fault::Hlth002Always503) || faults.on(Fault::Hlth003NeverRecovers) && was_not_ready
    {
        return false;
    }
    if faults.on(Fault::Hlth003Always200) {
        return true;
    }
    database && (cache || faults.on(Fault::Hlth003RedisIgnored))
}

fn up_or_down(up: bool) -> &'static str {
    if up { "up" } else { "down" }
}
