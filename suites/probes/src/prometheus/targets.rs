//! Whether the service is scraped, exposes what it must, and counts.

use readiness::{Result, Verdict};
use serde_json::Value;

use super::PromAnswer;
use crate::seen::{amount, count};

/// Intervals that may pass since the last scrape: one that runs, one that failed.
const INTERVALS: f64 = 3.0;

/// Whether every target of the job is up and was scraped lately: a list with `instance`, `health`,
/// `error`, `age_s` and `interval_s`.
///
/// # Errors
/// A finding if a fact is missing.
pub fn scraped(targets: &PromAnswer) -> Result<Verdict> {
    let targets = targets.items()?;
    if targets.is_empty() {
        return Ok(Verdict::Fail(
            "Prometheus has no target for the job".to_owned(),
        ));
    }
    for target in &targets {
        let instance = target.get("instance");
        let instance = instance
            .peek()
            .and_then(Value::as_str)
            .unwrap_or("?")
            .escape_debug();
        let health = target.get("health");
        let health = health.str()?;
        if health != "up" {
            let error = target.get("error");
            let error = error.peek().and_then(Value::as_str).unwrap_or_default();
            return Ok(Verdict::Fail(format!(
                "the target {instance} is {}: {}",
                health.escape_debug(),
                error.escape_debug()
            )));
        }
        let age = amount(&target.get("age_s"))?;
        let interval = amount(&target.get("interval_s"))?;
        if age > INTERVALS * interval {
            return Ok(Verdict::Fail(format!(
                "the target {instance} was scraped {age:.0} s ago, it should be each {interval:.0} s"
            )));
        }
    }
    Ok(Verdict::Pass)
}

/// Whether each expression that was asked for has a series: a list with `what` and `count`.
///
/// # Errors
/// A finding if a fact is missing.
pub fn present(series: &PromAnswer) -> Result<Verdict> {
    let series = series.items()?;
    if series.is_empty() {
        return Ok(Verdict::Fail("no series was asked for".to_owned()));
    }
    for one in &series {
        let what = one.get("what");
        let what = what
            .peek()
            .and_then(Value::as_str)
            .unwrap_or("?")
            .escape_debug();
        if count(&one.get("count"))? == 0 {
            return Ok(Verdict::Fail(format!("there is no series of {what}")));
        }
    }
    Ok(Verdict::Pass)
}

/// Whether a counter grew by at least as many as were sent: `before`, `after`, `requests`.
///
/// # Errors
/// A finding if a fact is missing.
pub fn counted(growth: &PromAnswer) -> Result<Verdict> {
    let before = amount(&growth.get("before"))?;
    let after = amount(&growth.get("after"))?;
    let requests = amount(&growth.get("requests"))?;
    if requests < 1.0 {
        return Ok(Verdict::Fail(
            "no request was sent to be counted".to_owned(),
        ));
    }
    let grown = after - before;
    Ok(if grown >= requests {
        Verdict::Pass
    } else {
        Verdict::Fail(format!(
            "the counter grew by {grown} from {before} while {requests} requests were answered"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn fails(verdict: Result<Verdict>, words: &str) {
        let Verdict::Fail(reason) = verdict.unwrap() else {
            panic!("not a failure: {words}")
        };
        assert!(reason.contains(words), "{reason}");
    }

    fn target(health: &str, age_s: f64) -> PromAnswer {
        PromAnswer::new(json!([{
            "instance": "a:80", "health": health, "error": "refused", "age_s": age_s,
            "interval_s": 15.0,
        }]))
    }

    #[test]
    fn targets() {
        assert_eq!(scraped(&target("up", 45.0)).unwrap(), Verdict::Pass);
        fails(scraped(&target("up", 45.1)), "45 s ago");
        fails(scraped(&target("down", 1.0)), "a:80 is down: refused");
        fails(scraped(&PromAnswer::new(json!([]))), "no target");
    }

    #[test]
    fn series_and_counters() {
        let series = |count: i64| PromAnswer::new(json!([{"what": "cpu", "count": count}]));
        assert_eq!(present(&series(1)).unwrap(), Verdict::Pass);
        fails(present(&series(0)), "no series of cpu");
        let growth =
            |after: f64| PromAnswer::new(json!({"before": 10.0, "after": after, "requests": 5}));
        assert_eq!(counted(&growth(15.0)).unwrap(), Verdict::Pass);
        fails(counted(&growth(10.0)), "grew by 0 from 10 while 5 requests");
    }
}
