//! `GET /metrics`: the counters of every product (see [`crate::metrics`]), and those of CAIO.

use std::fmt::Write as _;
use std::sync::atomic::Ordering;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::Caio;
use crate::faults::{Fault, FaultSet};
use crate::service::App;
use crate::web::reply::{ApiError, text_reply};

/// The histogram of every product.
const LATENCY: &str = "http_request_duration_seconds";
const REQUESTS: &str = "http_requests_total";

pub(super) async fn metrics(State(app): State<App>) -> Response {
    if app.faults.on(Fault::CaioRel003Missing) {
        return ApiError::no_route().into_response();
    }
    let mut text = app.metrics.render();
    own(&app.caio, &mut text);
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    text_reply(StatusCode::OK, kind, spoilt(&text, &app.faults))
}

/// The series of CAIO. Writing to a String cannot fail.
fn own(caio: &Caio, out: &mut String) {
    let (services, capacity) = caio.registry.occupancy();
    let (hits, misses) = caio.contracts.counts();
    let refused = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
    let _ = write!(
        out,
        "# TYPE caio_registry_services gauge\ncaio_registry_services {services}\n\
         # TYPE caio_registry_capacity gauge\ncaio_registry_capacity {capacity}\n\
         # TYPE caio_contract_cache_requests_total counter\n\
         caio_contract_cache_requests_total{{result=\"hit\"}} {hits}\n\
         caio_contract_cache_requests_total{{result=\"miss\"}} {misses}\n\
         # TYPE caio_auth_failures_total counter\n\
         caio_auth_failures_total{{reason=\"unauthenticated\"}} {}\n\
         caio_auth_failures_total{{reason=\"forbidden\"}} {}\n",
        refused(&caio.refusals.unauthenticated),
        refused(&caio.refusals.forbidden),
    );
}

/// The text as a faulty service shows it.
fn spoilt(text: &str, faults: &FaultSet) -> String {
    let line = |line: &str| -> Option<String> {
        let is_latency = line.contains(LATENCY);
        if is_latency && faults.on(Fault::CaioPerf005NoHistogram) {
            return None;
        }
        if is_latency && faults.on(Fault::CaioPerf005AveragesOnly) {
            let is_bucket = line.contains("_bucket{");
            return (!is_bucket).then(|| line.replace(" histogram", " summary"));
        }
        if line.starts_with(REQUESTS) && faults.on(Fault::CaioRel003FrozenCounter) {
            let series = line.rsplit_once(' ').map_or(line, |(series, _)| series);
            return Some(format!("{series} 0"));
        }
        Some(line.to_owned())
    };
    let mut lines: Vec<String> = text.lines().filter_map(line).collect();
    if faults.on(Fault::CaioRel003InvalidFormat) {
        lines.extend(lines.last().cloned());
    }
    lines.join("\n") + "\n"
}
