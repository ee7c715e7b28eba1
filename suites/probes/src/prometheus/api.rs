//! Prometheus' own interface.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::Timestamp;
use readiness::{Context, Error, Resource, Result, Unavailable};
use serde::Deserialize;
use serde_json::{Value, json};

use super::rules::is_alerting;
use super::{Expression, PromAnswer};
use crate::http::{Bounds, Client, Identity, Transport};

/// Deadline of one query.
const TIMEOUT: Duration = Duration::from_secs(15);
/// Entries of a list that are kept.
const MAX_LIST: usize = 200;
/// Longest wait for a counter to be scraped twice.
const MAX_WAIT: Duration = Duration::from_secs(150);
/// Characters of a text that are kept.
const SHOWN: usize = 1_000;

/// Seconds of a window in which a probe must have been: MON-004's five minutes.
const WINDOW_S: i64 = 300;

/// `[target.prometheus]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct PrometheusTarget {
    /// Scheme, host and port, without a slash at the end.
    pub url: Option<String>,
    /// The job that scrapes the service.
    pub job: Option<String>,
}

/// The part of `[target]` that concerns Prometheus.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Target {
    prometheus: PrometheusTarget,
}

/// A Prometheus server that is asked. As a resource it is the one of `prometheus.url`.
#[derive(Debug, Clone)]
pub struct Prometheus {
    client: Client,
    job: String,
}

impl Prometheus {
    /// The server at `url`, and the job that scrapes the service.
    ///
    /// # Errors
    /// [`Unavailable`] if no client can be made.
    pub fn at(cx: &Context, url: &str, job: &str) -> Result<Prometheus, Unavailable> {
        let bounds = Bounds {
            timeout: TIMEOUT,
            ..Bounds::default()
        };
        let transport = Transport::new(bounds)?;
        let client = Client::new(
            cx,
            url.trim_end_matches('/'),
            &transport,
            Identity::anonymous(),
        );
        Ok(Prometheus {
            client,
            job: job.to_owned(),
        })
    }

    /// The same under replay: it serves recordings and has no way out.
    pub fn replayed(cx: &Context, job: &str) -> Prometheus {
        Prometheus {
            client: Client::replayed(cx, "prometheus"),
            job: job.to_owned(),
        }
    }

    /// The targets of the job: `instance`, `health`, `error`, `age_s` of the last scrape by the
    /// server's clock, `interval_s`.
    ///
    /// # Errors
    /// Unavailable if Prometheus cannot be reached.
    pub async fn targets(&self) -> Result<PromAnswer> {
        self.observe("targets", async || {
            let data = self.data("/api/v1/targets?state=active").await?;
            let now = self.scalar("time()").await?.unwrap_or_default();
            let all = data["activeTargets"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let of_job = all
                .iter()
                .filter(|target| target["labels"]["job"] == self.job.as_str());
            let seen = of_job.take(MAX_LIST).map(|target| {
                let last: Option<Timestamp> = target["lastScrape"]
                    .as_str()
                    .and_then(|time| time.parse().ok());
                let interval = target["scrapeInterval"].as_str().and_then(seconds);
                json!({
                    "instance": short(&target["labels"]["instance"]),
                    "health": target["health"],
                    "error": short(&target["lastError"]),
                    "age_s": last.map(|last| age(now, last)),
                    "interval_s": interval,
                })
            });
            Ok(Value::from(seen.collect::<Vec<_>>()))
        })
        .await
    }

    /// How many series each expression has: a list of `what` and `count`.
    ///
    /// # Errors
    /// Unavailable if Prometheus cannot be reached.
    pub async fn series(&self, expressions: &[&str]) -> Result<PromAnswer> {
        self.observe(&format!("series {}", expressions.join(", ")), async || {
            let mut seen = Vec::new();
            for what in expressions {
                let count = self
                    .scalar(&format!("count({what})"))
                    .await?
                    .unwrap_or_default();
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "a count of series is small"
                )]
                let count = count as i64;
                seen.push(json!({"what": what, "count": count}));
            }
            Ok(Value::from(seen))
        })
        .await
    }

    /// A counter before and after `load`, which sends `requests` requests. After it the counter is
    /// read until it has grown by so many, or two more scrapes have come in: `before`, `after`,
    /// `requests`.
    ///
    /// # Errors
    /// Unavailable if Prometheus cannot be reached or the counter has no series; else what `load`
    /// says.
    pub async fn growth<F>(&self, counter: &str, requests: u32, load: F) -> Result<PromAnswer>
    where
        F: Future<Output = Result<()>>,
    {
        self.observe(&format!("growth of {counter}"), async || {
            let sum = format!("sum({counter})");
            let scrapes = format!("max(count_over_time({counter}[1h]))");
            let before = self.scalar(&sum).await?.ok_or_else(|| {
                Error::unavailable(format!("there is no series of {counter} to see growing"))
            })?;
            load.await?;
            let seen = self.scalar(&scrapes).await?.unwrap_or_default();
            let waiting = async {
                loop {
                    let after = self.scalar(&sum).await?.unwrap_or_default();
                    let more = self.scalar(&scrapes).await?.unwrap_or_default() - seen;
                    if after - before >= f64::from(requests) || more > 2.0 {
                        return Ok::<f64, Error>(after);
                    }
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            };
            let after = match tokio::time::timeout(MAX_WAIT, waiting).await {
                Ok(after) => after?,
                Err(_) => self.scalar(&sum).await?.unwrap_or_default(),
            };
            Ok(json!({"before": before, "after": after, "requests": requests}))
        })
        .await
    }

    /// The alerting rules: `name`, `query`, `health`, `error`, `dead` (metrics of the query that
    /// have had no series for a day).
    ///
    /// # Errors
    /// Unavailable if Prometheus cannot be reached.
    pub async fn rules(&self) -> Result<PromAnswer> {
        self.observe("rules", async || {
            let mut seen = Vec::new();
            for rule in self.alerting_rules().await? {
                let query = short(&rule["query"]);
                let mut dead = Vec::new();
                for metric in Expression::scan(&query).metrics() {
                    let alive = format!("count(last_over_time({metric}[1d]))");
                    if self.scalar(&alive).await?.unwrap_or_default() < 1.0 {
                        dead.push(metric.to_owned());
                    }
                }
                seen.push(json!({
                    "name": short(&rule["name"]),
                    "query": query,
                    "health": rule["health"],
                    "error": short(&rule["lastError"]),
                    "dead": dead,
                }));
            }
            Ok(Value::from(seen))
        })
        .await
    }

    /// What a blackbox probe of `host` found: `series`, `now` (the least of them), `windows` of five
    /// minutes in the last `hours` and `covered` (with a sample), `rules` that read the probe.
    ///
    /// # Errors
    /// Unavailable if Prometheus cannot be reached.
    pub async fn uptime(&self, host: &str, hours: u16) -> Result<PromAnswer> {
        self.observe(&format!("uptime of {host}"), async || {
            let probe = format!(
                "probe_success{{instance=~\"(.*[./@])?{}([:/].*)?\"}}",
                pattern(host)
            );
            let series = self
                .scalar(&format!("count({probe})"))
                .await?
                .unwrap_or_default();
            let now = self.scalar(&format!("min({probe})")).await?;
            let end = self.scalar("time()").await?.unwrap_or_default();
            let windows = i64::from(hours) * 3600 / WINDOW_S;
            #[expect(clippy::cast_possible_truncation, reason = "a second of this century")]
            let end = end as i64;
            // Each step ends a window, the first one a window after the beginning.
            let start = end - (windows - 1) * WINDOW_S;
            let query = format!("count_over_time({probe}[{WINDOW_S}s])");
            let data = self
                .data(&format!(
                    "/api/v1/query_range?query={}&start={start}&end={end}&step={WINDOW_S}",
                    encoded(&query)
                ))
                .await?;
            let all = data["result"].as_array().cloned().unwrap_or_default();
            let covered = all
                .iter()
                .filter_map(|one| Some(one["values"].as_array()?.len()));
            let rules = self.alerting_rules().await?;
            let reading = rules
                .iter()
                .filter(|rule| short(&rule["query"]).contains("probe_success"));
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a count of series is small"
            )]
            let series = series as i64;
            Ok(json!({
                "host": host,
                "series": series,
                "now": now,
                "windows": windows,
                "covered": covered.min().unwrap_or(0),
                "window_s": WINDOW_S,
                "rules": reading.count(),
            }))
        })
        .await
    }

    async fn alerting_rules(&self) -> Result<Vec<Value>> {
        let data = self.data("/api/v1/rules?type=alert").await?;
        let groups = data["groups"].as_array().cloned().unwrap_or_default();
        let rules = groups
            .iter()
            .filter_map(|group| group["rules"].as_array())
            .flatten();
        Ok(rules
            .filter(|rule| is_alerting(rule))
            .take(MAX_LIST)
            .cloned()
            .collect())
    }

    /// The value of an expression that has one; `None` if it has none.
    async fn scalar(&self, expression: &str) -> Result<Option<f64>> {
        let data = self
            .data(&format!("/api/v1/query?query={}", encoded(expression)))
            .await?;
        let result = &data["result"];
        // A scalar is a pair itself, a vector a list of series with one.
        let value = if data["resultType"] == "scalar" {
            &result[1]
        } else {
            &result[0]["value"][1]
        };
        Ok(value
            .as_str()
            .and_then(|value| value.parse().ok())
            .filter(|value: &f64| !value.is_nan()))
    }

    /// The `data` of a successful answer.
    async fn data(&self, path: &str) -> Result<Value> {
        let reply = self.client.request("GET", path).exchange().await?;
        let body: Value = serde_json::from_str(reply.text()).map_err(|_| {
            Error::unavailable(format!(
                "what answers at `prometheus.url` is no Prometheus: status {}, no JSON",
                reply.status()
            ))
        })?;
        if body["status"] != "success" {
            let error = short(&body["error"]);
            return Err(Error::other(format!(
                "Prometheus refuses the query: {}",
                error.escape_debug()
            )));
        }
        Ok(body["data"].clone())
    }

    async fn observe(
        &self,
        what: &str,
        look: impl AsyncFnOnce() -> Result<Value>,
    ) -> Result<PromAnswer> {
        let cx = self.client.context();
        cx.observe(what, || async { Ok(PromAnswer::new(look().await?)) })
            .await
    }
}

impl Resource for Prometheus {
    async fn acquire(cx: &Context) -> Result<Self, Unavailable> {
        let target: Target = cx.target()?;
        let url = target.prometheus.url.ok_or_else(|| {
            Unavailable::new("set `prometheus.url` under [target] in readiness.toml")
        })?;
        let job = target.prometheus.job.ok_or_else(|| {
            Unavailable::new(
                "set `prometheus.job` under [target] in readiness.toml to the job that scrapes the \
                 service",
            )
        })?;
        Self::at(cx, &url, &job)
    }

    fn replay(cx: &Context) -> Option<Self> {
        let target: Target = cx.target().ok()?;
        Some(Self::replayed(
            cx,
            &target.prometheus.job.unwrap_or_default(),
        ))
    }
}

/// A text of theirs, bounded.
fn short(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_default()
        .chars()
        .take(SHOWN)
        .collect()
}

/// `15s`, `1m30s`, `500ms`.
fn seconds(text: &str) -> Option<f64> {
    let mut total = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(digits);
        let unit = after
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(unit);
        let factor = match unit {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3_600.0,
            "d" => 86_400.0,
            _ => return None,
        };
        total += number.parse::<f64>().ok()? * factor;
        rest = after;
    }
    (!text.is_empty()).then_some(total)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds of this century are exact"
)]
fn age(now: f64, then: Timestamp) -> f64 {
    (now - then.as_millisecond() as f64 / 1_000.0).max(0.0)
}

/// A host inside of a regular expression inside of a quoted text.
fn pattern(host: &str) -> String {
    host.chars().fold(String::new(), |mut pattern, c| {
        if c.is_ascii_alphanumeric() || c == '-' {
            pattern.push(c);
        } else if !c.is_control() && c != '"' && c != '\\' {
            pattern.push_str("\\\\");
            pattern.push(c);
        }
        pattern
    })
}

/// For a query string.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, expected) in [
            ("15s", 15.0),
            ("1m30s", 90.0),
            ("500ms", 0.5),
            ("1h", 3_600.0),
        ] {
            assert_eq!(seconds(text), Some(expected), "{text}");
        }
        for text in ["", "15", "s", "1x"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn texts_in_queries_mean_themselves() {
        assert_eq!(pattern("a.b-c\"}"), "a\\\\.b-c\\\\}");
        assert_eq!(
            encoded("a{b=\"c\"} + é"),
            "a%7Bb%3D%22c%22%7D%20%2B%20%C3%A9"
        );
    }
}
