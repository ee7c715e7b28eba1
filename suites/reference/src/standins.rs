//! **Stand-ins for what surrounds a deployment**: a log aggregator that answers as Loki does, over the
//! service's own log, and a dashboard server that answers as Grafana does.
//!
//! They exist because neither product is packaged where the suites' other real servers come from. A
//! check that passes against them asks the right questions and reads the answers right; it says
//! nothing about the products. Each listens on loopback and ends with its value.
//!
//! ```text
//! GET /loki/api/v1/query_range?query={service=~".+"} |= "word"
//! GET /api/search?type=dash-db
//! GET /api/dashboards/uid/{uid}
//! ```

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::error::StartError;
use crate::faults::{Fault, FaultSet};
use crate::handle::{RefHandle, any_port, until_stopped};
use crate::service::Service;

/// How long a record takes to the aggregator, by the service's clock.
const ON_THE_WAY: Duration = Duration::from_secs(2);
/// The same where the way is clogged.
const CLOGGED: Duration = Duration::from_secs(600);
/// What the deployment's dashboard is called.
const DASHBOARD: &str = "kamiyo-api";

/// A running stand-in. Dropping it stops it.
#[derive(Debug)]
pub struct StandIn {
    base_url: String,
    stop: watch::Sender<bool>,
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

impl StandIn {
    /// A log aggregator that is shipped the log of a service.
    ///
    /// # Errors
    /// [`StartError::Bind`] when there is no free port.
    pub async fn log_aggregator(service: &RefHandle) -> Result<StandIn, StartError> {
        let routes = Router::new()
            .route("/loki/api/v1/query_range", get(query_range))
            .with_state(service.shared());
        Self::serve(routes).await
    }

    /// A dashboard server with one dashboard about the service, or with what is wrong under a fault of
    /// MON-005.
    ///
    /// # Errors
    /// [`StartError::Bind`] when there is no free port.
    pub async fn dashboards(
        faults: impl IntoIterator<Item = Fault>,
    ) -> Result<StandIn, StartError> {
        let routes = Router::new()
            .route("/api/search", get(search))
            .route("/api/dashboards/uid/{uid}", get(dashboard))
            .with_state(Arc::new(FaultSet::new(faults)));
        Self::serve(routes).await
    }

    async fn serve(routes: Router) -> Result<StandIn, StartError> {
        let address = any_port();
        let bind = |source| StartError::Bind { address, source };
        let listener = TcpListener::bind(address).await.map_err(bind)?;
        let address = listener.local_addr().map_err(bind)?;
        let stop = watch::Sender::new(false);
        let stopped = until_stopped(stop.subscribe());
        let server = axum::serve(listener, routes).with_graceful_shutdown(stopped);
        tokio::spawn(async move { server.await });
        Ok(StandIn {
            base_url: format!("http://{address}"),
            stop,
        })
    }

    /// Scheme, host and port, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }
}

#[derive(Deserialize)]
struct RangeQuery {
    query: String,
}

/// The lines that hold the word of the query, under the labels that the shipper gave them.
async fn query_range(
    State(service): State<Arc<Service>>,
    Query(asked): Query<RangeQuery>,
) -> Response {
    let word = asked
        .query
        .split_once("|= \"")
        .and_then(|(_, rest)| rest.split_once('"'));
    let Some((word, _)) = word else {
        return (StatusCode::BAD_REQUEST, "no filter in the query").into_response();
    };
    let values: Vec<_> = shipped(&service)
        .into_iter()
        .filter(|(_, line)| line.contains(word))
        .map(|(at, line)| json!([at.as_nanosecond().to_string(), line]))
        .collect();
    let name = if service.faults.on(Fault::Mon001WrongLabel) {
        "billing"
    } else {
        "kamiyo"
    };
    let labels = json!({ "service": name, "environment": service.environment.as_str() });
    let streams = if values.is_empty() {
        json!([])
    } else {
        json!([{ "stream": labels, "values": values }])
    };
    let data = json!({ "resultType": "streams", "result": streams });
    Json(json!({ "status": "success", "data": data })).into_response()
}

/// The records that have arrived by now.
fn shipped(service: &Service) -> Vec<(Timestamp, String)> {
    let way = match &service.faults {
        faults if faults.on(Fault::Mon001NotShipped) => return Vec::new(),
        faults if faults.on(Fault::Mon001Late) => CLOGGED,
        _ => ON_THE_WAY,
    };
    let now = service.clock.now();
    let arrived = |line: String| {
        let record: Value = serde_json::from_str(&line).ok()?;
        let written: Timestamp = record["timestamp"].as_str()?.parse().ok()?;
        let age = Duration::try_from(now.duration_since(written)).ok()?;
        (age >= way).then_some((written, line))
    };
    service
        .logs
        .since(0)
        .into_iter()
        .filter_map(arrived)
        .collect()
}

async fn search(State(faults): State<Arc<FaultSet>>) -> Json<Value> {
    if faults.on(Fault::Mon005None) {
        return Json(json!([]));
    }
    Json(json!([{
        "uid": DASHBOARD, "title": "Kamiyo API", "type": "dash-db", "tags": ["kamiyo", "api"],
    }]))
}

async fn dashboard(State(faults): State<Arc<FaultSet>>, Path(uid): Path<String>) -> Response {
    if uid != DASHBOARD || faults.on(Fault::Mon005None) {
        return (
            StatusCode::NOT_FOUND,
            Json(json!({ "message": "not found" })),
        )
            .into_response();
    }
    let prefix = if faults.on(Fault::Mon005DeadSeries) {
        "legacy_"
    } else {
        ""
    };
    let panel =
        |title: &str, expr: String| json!({ "title": title, "targets": [{ "expr": expr }] });
    let panels = if faults.on(Fault::Mon005EmptyDashboard) {
        json!([])
    } else {
        json!([
            panel(
                "Requests",
                format!("sum by (status) (rate({prefix}http_requests_total[5m]))")
            ),
            panel(
                "Latency",
                format!(
                    "histogram_quantile(0.95, sum by (le) \
                 (rate({prefix}http_request_duration_seconds_bucket[5m])))"
                )
            ),
            panel("Memory", format!("{prefix}process_resident_memory_bytes")),
        ])
    };
    Json(json!({ "dashboard": { "uid": uid, "title": "Kamiyo API", "panels": panels } }))
        .into_response()
}
