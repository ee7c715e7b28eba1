//! Objectives for latency, and the alerts when they are missed: `GET /api/v1/slo/alerts`.
//!
//! ```json
//! {"alerts":[{"slo":"latency-p95","state":"firing","since":"2026-03-01T12:03:00Z","value":0.71,
//!             "threshold":0.5}]}
//! ```
//!
//! Each objective is listed, with `ok` while it is met. What counts is the last five minutes of the
//! service's clock, once they hold a few requests.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::faults::{Fault, FaultSet};
use crate::service::App;
use crate::web::reply::json_reply;

/// What is looked at.
const WINDOW: SignedDuration = SignedDuration::from_mins(5);
/// Requests that decide nothing yet.
const FEW: usize = 5;
/// Requests that are remembered at most.
const MOST: usize = 100_000;

/// Name, percentile, seconds allowed. The checklist states no number; these are the service's own.
const OBJECTIVES: [(&str, usize, f64); 2] = [("latency-p95", 95, 0.5), ("latency-p99", 99, 0.8)];

/// What was measured, and since when each objective is missed.
#[derive(Debug, Default)]
pub(crate) struct Objectives(Mutex<Measured>);

#[derive(Debug, Default)]
struct Measured {
    requests: VecDeque<(Timestamp, f64)>,
    missed: [Option<(Timestamp, f64)>; OBJECTIVES.len()],
}

impl Objectives {
    /// Counts a request.
    pub fn observe(&self, now: Timestamp, took: Duration) {
        let mut measured = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if measured.requests.len() == MOST {
            measured.requests.pop_front();
        }
        measured.requests.push_back((now, took.as_secs_f64()));
    }

    fn alerts(&self, now: Timestamp, faults: &FaultSet) -> Vec<Value> {
        let mut measured = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let begins = now.checked_sub(WINDOW).unwrap_or(Timestamp::MIN);
        while measured
            .requests
            .front()
            .is_some_and(|(at, _)| *at <= begins)
        {
            measured.requests.pop_front();
        }
        let mut sorted: Vec<f64> = measured.requests.iter().map(|(_, took)| *took).collect();
        sorted.sort_by(f64::total_cmp);
        let each = OBJECTIVES.iter().zip(measured.missed.iter_mut());
        each.map(|((slo, percent, threshold), missed)| {
            let value = percentile(&sorted, *percent);
            let is_missed = value.is_some_and(|value| value > *threshold);
            if is_missed && !faults.on(Fault::CaioRel004NeverFires) {
                let since = missed.map_or(now, |(since, _)| since);
                *missed = value.map(|value| (since, value));
            } else if !faults.on(Fault::CaioRel004NeverClears) {
                *missed = None;
            }
            if faults.on(Fault::CaioRel004AlwaysFires) {
                *missed = Some((begins, 2.0 * threshold));
            }
            json!({
                "slo": slo,
                "state": if missed.is_some() { "firing" } else { "ok" },
                "since": missed.map(|(since, _)| since),
                "value": missed.map_or(value, |(_, value)| Some(value)),
                "threshold": threshold,
            })
        })
        .collect()
    }
}

/// The least value that so many percent do not exceed; none of few.
fn percentile(sorted: &[f64], percent: usize) -> Option<f64> {
    if sorted.len() < FEW {
        return None;
    }
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied()
}

pub(super) async fn alerts(State(app): State<App>) -> Response {
    let alerts = app.caio.objectives.alerts(app.clock.now(), &app.faults);
    json_reply(StatusCode::OK, &json!({ "alerts": alerts }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states(objectives: &Objectives, now: Timestamp) -> Vec<String> {
        let alerts = objectives.alerts(now, &FaultSet::default());
        let state = |alert: &Value| alert["state"].as_str().unwrap().to_owned();
        alerts.iter().map(state).collect()
    }

    #[test]
    fn an_alert_fires_for_as_long_as_the_window_holds_the_breach() {
        let objectives = Objectives::default();
        let noon: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        assert_eq!(states(&objectives, noon), ["ok", "ok"]);
        for _ in 0..4 {
            objectives.observe(noon, Duration::from_millis(700));
        }
        assert_eq!(states(&objectives, noon), ["ok", "ok"], "too few");
        objectives.observe(noon, Duration::from_millis(700));
        assert_eq!(states(&objectives, noon), ["firing", "ok"]);
        let later = noon + SignedDuration::from_secs(299);
        assert_eq!(states(&objectives, later), ["firing", "ok"]);
        let later = noon + SignedDuration::from_secs(300);
        assert_eq!(states(&objectives, later), ["ok", "ok"]);
    }

    #[test]
    fn a_percentile_is_a_measured_value() {
        let values: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!(percentile(&values, 95), Some(95.0));
        assert_eq!(percentile(&values[..20], 95), Some(19.0));
        assert_eq!(percentile(&values[..4], 95), None);
    }
}
