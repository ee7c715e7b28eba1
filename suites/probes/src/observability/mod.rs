//! **Logs in one place, and something to look at**: whether what a service logs can be found in a log
//! aggregator, and whether a dashboard shows it.
//!
//! ```ignore
//! #[requirement("MON-001")]
//! async fn logs_are_collected(cx: Context, api: Client) -> Result<Verdict> {
//!     let word = cx.nonce();
//!     api.get(&format!("/missing/{word}")).await?;
//!     let aggregator = Aggregator::at(&cx, "loki:http://127.0.0.1:3100", &["service"])?;
//!     let found = aggregator.find(&word, &Patience::Sleep).await?;
//!     observability::collected(&found, &[("service", "api")])
//! }
//! ```
//!
//! | look | judgement | says |
//! |---|---|---|
//! | [`Aggregator::find`] | [`collected`] | a record arrives, once, under the right labels |
//! | [`Grafana::dashboards`] | [`shown`] | a dashboard has panels, and one shows a latency percentile |
//!
//! Whether the series that a dashboard reads exist is Prometheus' to say:
//! [`Prometheus::series`](crate::prometheus::Prometheus::series) with [`metrics_of`].

mod aggregator;
mod grafana;

use serde_json::Value;

use crate::seen::{Change, Kind, Seen};

pub use aggregator::{Aggregator, collected};
pub use grafana::{Grafana, metrics_of, shown};

/// The kind of [`Outlook`].
#[derive(Debug, Clone)]
pub struct Watching;

/// What an aggregator or a dashboard server answered.
pub type Outlook = Seen<Watching>;

impl Kind for Watching {
    const KIND: &'static str = "observability";

    fn changes(name: &str, value: &Value) -> Vec<Change> {
        match (name, value) {
            ("count", Value::Number(number)) if number.as_i64() == Some(1) => {
                vec![Change::new("not-found", 0), Change::new("found-twice", 2)]
            }
            _ => Vec::new(),
        }
    }
}

/// For a query string.
fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}
