//! The faults of the PERF rows: a service that is slow, stalls, or answers with rubbish under
//! load. Latency is real time, since that is what a load test measures.

use std::net::SocketAddr;
use std::time::Duration;

use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::failure::Failure;
use super::reply::{ApiError, json_reply};
use crate::faults::{Fault, FaultSet};
use crate::service::App;

/// Five times the slackest limit: a machine that is busy with other tests does not blur it.
const SLOW: Duration = Duration::from_secs(4);
const STALL: Duration = Duration::from_secs(4);
const FOREVER: Duration = Duration::from_secs(15);

/// Makes the request wait, and answers in place of its route where a fault says so.
pub(crate) async fn under_load(app: &App, peer: SocketAddr, uri: &Uri) -> Option<Response> {
    let faults = &app.faults;
    let wait = slowness(faults, uri)
        .max(stall(app, peer))
        .max(app.slowness.of(uri.path()));
    if let Some(wait) = wait {
        tokio::time::sleep(wait).await;
    }
    if !is_measured(uri.path()) {
        return None;
    }
    let rubbish = [
        (Fault::Perf006Errors8Percent, Rubbish::Error),
        (Fault::Perf006Timeouts8Percent, Rubbish::Silence),
        (Fault::Perf007WrongContent, Rubbish::OtherContent),
        (Fault::Perf007Empty200Bodies, Rubbish::Nothing),
    ];
    let rubbish = faults.first(&rubbish)?;
    if !app.memory.is_one_of_eight_percent() {
        return None;
    }
    match rubbish {
        Rubbish::Error => {
            let failure = Failure::new("Overload", "the request was dropped", "under_load");
            Some(ApiError::internal(failure).into_response())
        }
        Rubbish::Silence => {
            tokio::time::sleep(FOREVER).await;
            None
        }
        Rubbish::OtherContent => Some(json_reply(StatusCode::OK, &json!({ "message": "welcome" }))),
        Rubbish::Nothing => Some(StatusCode::OK.into_response()),
    }
}

#[derive(Clone, Copy)]
enum Rubbish {
    Error,
    Silence,
    OtherContent,
    Nothing,
}

/// The routes that the load profile calls.
fn is_measured(path: &str) -> bool {
    matches!(path, "/exploits" | "/stats" | "/chains")
}

fn slowness(faults: &FaultSet, uri: &Uri) -> Option<Duration> {
    let path = uri.path();
    let filtered = uri.query().is_some_and(|query| {
        ["chain=", "min_amount=", "protocol="]
            .iter()
            .any(|name| query.contains(name))
    });
    let slow = [
        (Fault::Perf003SlowAll, is_measured(path)),
        (Fault::Perf003SlowOneEndpoint, path == "/chains"),
        (Fault::Perf004SlowExploits, path == "/exploits"),
        (Fault::Perf004SlowFiltered, path == "/exploits" && filtered),
        (Fault::Perf005SlowStats, path == "/stats"),
        (Fault::Perf005CacheOffSlow, path == "/stats"),
    ];
    slow.into_iter()
        .find(|&(fault, concerned)| concerned && faults.on(fault))
        .map(|_| SLOW)
}

/// A service that stalls when too many connections are in use.
fn stall(app: &App, peer: SocketAddr) -> Option<Duration> {
    let most = [
        (Fault::Perf001StallsAt100, 100),
        (Fault::Perf002StallsAt200, 200),
    ];
    let most = app.faults.first(&most)?;
    (app.memory.connections_in_use(peer) >= most).then_some(STALL)
}
