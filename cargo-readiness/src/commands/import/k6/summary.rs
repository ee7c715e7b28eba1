//! The end-of-test summary of k6 in the two shapes that it is written in.
//!
//! ```json
//! {"metrics": {"http_req_duration": {"avg": 1.5, "p(95)": 2.5, "thresholds": {"p(95)<500": false}}}, "root_group": {}}
//! {"metrics": {"http_req_duration": {"type": "trend", "contains": "time", "values": {"avg": 1.5, "p(95)": 2.5},
//!   "thresholds": {"p(95)<500": {"ok": true}}}}, "root_group": {}, "options": {}, "state": {"testRunDurationMs": 600000}}
//! ```
//!
//! The first is what `--summary-export` writes: values beside the thresholds, `value` for the rate of
//! a rate, and `true` for a threshold that was *crossed*. The second is what `handleSummary()` is
//! given: `rate`, and `ok` for a threshold that was *kept*. Both come out as one [`Summary`].

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use serde_json::{Map, Value};

/// More metrics are no summary that a person can have asked for.
const MOST_METRICS: usize = 10_000;

/// A summary.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Summary {
    /// By name, with tags where it is a sub-metric.
    pub(crate) metrics: BTreeMap<String, Metric>,
    /// How long the test ran, in seconds; none where nothing tells.
    pub(crate) seconds: Option<f64>,
}

/// One metric.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Metric {
    /// Aggregations by k6's name: `avg`, `p(95)`, `rate`, `count`, `passes`.
    pub(crate) values: BTreeMap<String, f64>,
    /// The script's own thresholds, and whether each was kept.
    pub(crate) thresholds: BTreeMap<String, bool>,
}

/// Reads a summary. What is neither shape is refused rather than guessed at.
pub(crate) fn parse(bytes: &[u8]) -> anyhow::Result<Summary> {
    let value: Value = serde_json::from_slice(bytes).context("it is no JSON")?;
    let hint = "as `k6 run --summary-export FILE` writes it, or JSON.stringify(data) in handleSummary(data)";
    let Some(metrics) = value.get("metrics").and_then(Value::as_object) else {
        bail!("it is no summary of k6: no `metrics`\n  hint: {hint}");
    };
    if metrics.len() > MOST_METRICS {
        bail!("it has more than {MOST_METRICS} metrics");
    }
    let nested = metrics
        .values()
        .filter(|metric| metric.get("values").is_some());
    let nested = nested.count();
    if nested != 0 && nested != metrics.len() {
        bail!("it is no summary of k6: only some of its metrics have `values`\n  hint: {hint}");
    }
    let mut summary = Summary::default();
    for (name, metric) in metrics {
        let metric = metric
            .as_object()
            .with_context(|| format!("`{name}` is no metric"))?;
        let read = if nested == 0 { exported } else { handled };
        let metric = read(metric).with_context(|| format!("metric `{name}`"))?;
        summary.metrics.insert(name.clone(), metric);
    }
    summary.seconds = seconds(&value, &summary.metrics);
    Ok(summary)
}

/// A metric of `--summary-export`.
fn exported(metric: &Map<String, Value>) -> anyhow::Result<Metric> {
    let mut read = Metric::default();
    for (name, value) in metric {
        if name == "thresholds" {
            let crossed = value.as_object().context("`thresholds` is no object")?;
            for (threshold, crossed) in crossed {
                let crossed = crossed.as_bool();
                let crossed = crossed.context("a threshold is neither true nor false")?;
                read.thresholds.insert(threshold.clone(), !crossed);
            }
        } else {
            read.values.insert(name.clone(), number(name, value)?);
        }
    }
    let is_rate = read.values.contains_key("passes") && read.values.contains_key("fails");
    if let (true, Some(rate)) = (is_rate, read.values.remove("value")) {
        read.values.insert("rate".to_owned(), rate);
    }
    Ok(read)
}

/// A metric of `handleSummary()`.
fn handled(metric: &Map<String, Value>) -> anyhow::Result<Metric> {
    let mut read = Metric::default();
    let values = metric.get("values").and_then(Value::as_object);
    for (name, value) in values.context("`values` is no object")? {
        read.values.insert(name.clone(), number(name, value)?);
    }
    let thresholds = metric.get("thresholds").and_then(Value::as_object);
    for (threshold, state) in thresholds.into_iter().flatten() {
        let kept = state.get("ok").and_then(Value::as_bool);
        let kept = kept.context("a threshold without `ok`")?;
        read.thresholds.insert(threshold.clone(), kept);
    }
    Ok(read)
}

fn number(name: &str, value: &Value) -> anyhow::Result<f64> {
    value
        .as_f64()
        .with_context(|| format!("`{name}` is no number"))
}

/// The length of the test: stated, else from a counter, whose rate is its count by the second.
fn seconds(value: &Value, metrics: &BTreeMap<String, Metric>) -> Option<f64> {
    let stated = value
        .pointer("/state/testRunDurationMs")
        .and_then(Value::as_f64);
    if let Some(stated) = stated {
        return (stated > 0.0).then_some(stated / 1000.0);
    }
    ["iterations", "http_reqs"].into_iter().find_map(|name| {
        let values = &metrics.get(name)?.values;
        let (count, rate) = (*values.get("count")?, *values.get("rate")?);
        (count > 0.0 && rate > 0.0).then_some(count / rate)
    })
}
