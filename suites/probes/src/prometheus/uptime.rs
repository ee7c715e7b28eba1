//! Whether the service is probed from outside, without gaps, and somebody is told.

use readiness::{Result, Verdict};
use serde_json::Value;

use super::PromAnswer;
use crate::seen::{amount, count};

/// Whether `probe_success` of the host is 1 now and has a sample in each window of the past:
/// `host`, `series`, `now`, `windows` and `covered` (of them), `window_s`, `rules` (alerting rules
/// that read it).
///
/// # Errors
/// A finding if a fact is missing.
pub fn watched(uptime: &PromAnswer) -> Result<Verdict> {
    let host = uptime.get("host");
    let host = host
        .peek()
        .and_then(Value::as_str)
        .unwrap_or("the host")
        .escape_debug();
    if count(&uptime.get("series"))? == 0 {
        return Ok(Verdict::Fail(format!(
            "nothing probes {host}: there is no probe_success of it"
        )));
    }
    let now = amount(&uptime.get("now"))?;
    if (now - 1.0).abs() > f64::EPSILON {
        return Ok(Verdict::Fail(format!(
            "the probe of {host} fails now (probe_success {now})"
        )));
    }
    let (windows, covered) = (
        count(&uptime.get("windows"))?,
        count(&uptime.get("covered"))?,
    );
    if windows == 0 || covered != windows {
        let window = uptime.get("window_s");
        let minutes = window.peek().and_then(Value::as_f64).unwrap_or_default() / 60.0;
        return Ok(Verdict::Fail(format!(
            "{host} was probed in {covered} of the last {windows} windows of {minutes:.0} min"
        )));
    }
    if count(&uptime.get("rules"))? == 0 {
        return Ok(Verdict::Fail(format!(
            "{host} is probed, and no alerting rule looks at it"
        )));
    }
    Ok(Verdict::Pass)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_fault_names_what_was_seen() {
        let judged = |change: Value| {
            let mut facts = json!({
                "host": "a.io", "series": 1, "now": 1.0, "windows": 288, "covered": 288,
                "window_s": 300, "rules": 1,
            });
            for (name, value) in change.as_object().unwrap() {
                facts[name] = value.clone();
            }
            watched(&PromAnswer::new(facts)).unwrap()
        };
        assert_eq!(judged(json!({})), Verdict::Pass);
        for (change, words) in [
            (json!({"series": 0, "now": null}), "nothing probes a.io"),
            (json!({"now": 0.0}), "fails now"),
            (
                json!({"covered": 287}),
                "287 of the last 288 windows of 5 min",
            ),
            (json!({"rules": 0}), "no alerting rule"),
        ] {
            let Verdict::Fail(reason) = judged(change) else {
                panic!("{words}")
            };
            assert!(reason.contains(words), "{reason}");
        }
    }
}
