//! `GET /metrics`: processor time, memory, and requests by route and status, as Prometheus text
//! (exposition format 0.0.4).
//!
//! ```text
//! # TYPE http_requests_total counter
//! http_requests_total{method="GET",route="/exploits",status="200"} 12
//! ```

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Upper bounds of the latency buckets, in seconds. They hold the thresholds of the PERF rows:
/// 0.3, 0.5 and 0.8.
const BOUNDS: [f64; 12] = [
    0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.5, 3.0,
];

/// The counters of a service.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    requests: Mutex<BTreeMap<Series, u64>>,
    latency: Mutex<BTreeMap<String, Histogram>>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Series {
    route: String,
    method: String,
    status: u16,
}

#[derive(Clone, Debug, Default)]
struct Histogram {
    /// Requests up to each bound; the last is for those above all.
    counts: [u64; BOUNDS.len() + 1],
    sum: f64,
}

impl Metrics {
    /// Counts a request. `route` is the pattern, not the address, so that there are few.
    pub fn count(&self, route: &str, method: &str, status: u16, took: Duration) {
        let series = Series {
            route: route.to_owned(),
            method: method.to_owned(),
            status,
        };
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        *requests.entry(series).or_default() += 1;
        drop(requests);

        let seconds = took.as_secs_f64();
        let bucket = BOUNDS.iter().position(|&bound| seconds <= bound);
        let mut latency = self.latency.lock().unwrap_or_else(PoisonError::into_inner);
        let histogram = latency.entry(route.to_owned()).or_default();
        histogram.counts[bucket.unwrap_or(BOUNDS.len())] += 1;
        histogram.sum += seconds;
    }

    /// All series as text.
    pub fn render(&self) -> String {
        let mut out = String::new();
        process(&mut out);
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        head(
            &mut out,
            "http_requests_total",
            "counter",
            "Requests that were answered.",
        );
        for (
            Series {
                route,
                method,
                status,
            },
            count,
        ) in requests.iter()
        {
            let _ = writeln!(
                out,
                "http_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}} \
                 {count}"
            );
        }
        drop(requests);
        let name = "http_request_duration_seconds";
        head(&mut out, name, "histogram", "Time from request to reply.");
        let latency = self.latency.lock().unwrap_or_else(PoisonError::into_inner);
        for (route, histogram) in latency.iter() {
            histogram.render(&mut out, name, route);
        }
        out
    }
}

impl Histogram {
    fn render(&self, out: &mut String, name: &str, route: &str) {
        let mut total = 0;
        let bounds = BOUNDS
            .iter()
            .map(ToString::to_string)
            .chain(["+Inf".to_owned()]);
        for (bound, count) in bounds.zip(self.counts) {
            total += count;
            let _ = writeln!(
                out,
                "{name}_bucket{{route=\"{route}\",le=\"{bound}\"}} {total}"
            );
        }
        let _ = writeln!(out, "{name}_sum{{route=\"{route}\"}} {}", self.sum);
        let _ = writeln!(out, "{name}_count{{route=\"{route}\"}} {total}");
    }
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

/// What the system knows about the process; only Linux tells it by a file.
fn process(out: &mut String) {
    if let Some(seconds) = processor_seconds() {
        let name = "process_cpu_seconds_total";
        head(out, name, "counter", "Processor time of the process.");
        let _ = writeln!(out, "{name} {seconds}");
    }
    if let Some(bytes) = resident_bytes() {
        let name = "process_resident_memory_bytes";
        head(out, name, "gauge", "Memory of the process.");
        let _ = writeln!(out, "{name} {bytes}");
    }
}

/// Ticks of the processor a second in `/proc`, which Linux fixes at 100 for programs.
const TICKS: f64 = 100.0;

fn processor_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name in parentheses may hold spaces; fields are counted after it. See proc(5).
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / TICKS)
}

fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1_024)
}
