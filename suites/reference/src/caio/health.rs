//! `GET /health`: whether CAIO and what it stands on are well, for load balancers and for the
//! platform's probes. 503 while a store cannot be reached.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use crate::faults::Fault;
use crate::service::App;
use crate::web::reply::json_reply;

pub(super) async fn health(State(app): State<App>) -> Response {
    let (database, cache) = tokio::join!(app.database.ping(), app.cache.ping());
    let pretends = app.faults.on(Fault::CaioRel001AlwaysOk);
    let (database, cache) = (database.is_ok() || pretends, cache.is_ok() || pretends);
    let word = |up| if up { "up" } else { "down" };
    let well = database && cache;
    let body = json!({
        "status": if well { "ok" } else { "degraded" },
        "checks": { "database": word(database), "cache": word(cache) },
        "version": env!("CARGO_PKG_VERSION"),
        "timestamp": app.clock.now(),
    });
    let status = if well {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    json_reply(status, &body)
}
