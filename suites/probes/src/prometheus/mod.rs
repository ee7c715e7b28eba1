//! **Metrics and alerts**: the text that a service exposes, what Prometheus makes of it, and
//! whether anybody is told.
//!
//! ```ignore
//! #[requirement("MON-003")]
//! async fn errors_wake_somebody(prometheus: Prometheus) -> Result<Verdict> {
//!     prometheus::alerting(&prometheus.rules().await?, "error")
//! }
//! ```
//!
//! | look | judgement | says |
//! |---|---|---|
//! | `Prometheus::targets` | [`scraped`] | the service is scraped, lately |
//! | `Prometheus::series` | [`present`] | series exist |
//! | `Prometheus::growth` | [`counted`] | a counter counts our requests |
//! | `Prometheus::rules` | [`alerting`] | an alerting rule works and can fire |
//! | `Alertmanager::routing` | [`notified`] | alerts go somewhere |
//! | `Prometheus::uptime` | [`watched`] | the service is probed from outside, without gaps |
//!
//! [`Exposition`] reads the text format itself, [`Histogram`] estimates quantiles from buckets with
//! the error that the buckets leave. The looks need the feature `http`; everything else is pure.

#[cfg(feature = "http")]
mod alertmanager;
#[cfg(feature = "http")]
mod api;
mod expression;
mod histogram;
mod rules;
mod targets;
mod text;
mod uptime;

use serde_json::Value;

use crate::seen::{Change, Kind, Seen};

#[cfg(feature = "http")]
pub use alertmanager::Alertmanager;
#[cfg(feature = "http")]
pub use api::{Prometheus, PrometheusTarget};
pub use expression::Expression;
pub use histogram::{Histogram, Quantile};
pub use rules::{alerting, notified};
pub use targets::{counted, present, scraped};
pub use text::{Exposition, ExpositionError, Sample};
pub use uptime::watched;

/// The kind of [`PromAnswer`].
#[derive(Debug, Clone)]
pub struct Prom;

/// What Prometheus or Alertmanager answered.
pub type PromAnswer = Seen<Prom>;

impl Kind for Prom {
    const KIND: &'static str = "prometheus";

    fn changes(name: &str, value: &Value) -> Vec<Change> {
        match (name, value) {
            ("health", Value::String(text)) => match text.as_str() {
                "up" => vec![Change::new("target-down", "down")],
                "ok" => vec![Change::new("rule-error", "err")],
                _ => Vec::new(),
            },
            ("after" | "now" | "count" | "covered", Value::Number(number))
                if number.as_f64() != Some(0.0) =>
            {
                vec![Change::new("zeroed", 0)]
            }
            ("age_s", Value::Number(_)) => vec![Change::new("aged", 100_000.0)],
            _ => Vec::new(),
        }
    }
}
