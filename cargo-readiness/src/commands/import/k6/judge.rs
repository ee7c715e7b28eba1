//! What a summary of k6 comes to under one rule. Pure.
//!
//! In order: a summary that is too old, a metric that is not there and too few samples decide
//! nothing; a threshold that is crossed fails; a run that was shorter or had fewer users than the
//! rule asks, and a demand that a summary cannot show, are warnings; the rest passes.

use readiness::config::import::K6Rule;
use readiness::journal::import::{self, ImportedResult};
use readiness::journal::record::{Evidence, TrialOutcome};
use serde_json::json;

use super::summary::{Metric, Summary};

/// A rate and the two counts behind it may differ by rounding alone.
const SAME_RATE: f64 = 0.001;

/// A run that ends a little early, for want of a whole iteration, is not shortened.
const WHOLE: f64 = 0.99;

/// Judges.
pub(crate) fn judge(
    rule: &K6Rule,
    summary: &Summary,
    stale: Option<&str>,
    config: &str,
) -> ImportedResult {
    let (outcome, reason) = match stale {
        Some(stale) => (TrialOutcome::Unavailable, Some(stale.to_owned())),
        None => decide(rule, summary),
    };
    ImportedResult {
        id: rule.id.clone(),
        name: format!("{} {}", rule.metric, rule.threshold),
        outcome,
        reason,
        micros: micros(summary.seconds),
        digest: import::digest(format!("{:?}", asked(rule)).as_bytes())[..16].to_owned(),
        source: format!("{config}:{}", rule.line),
        evidence: vec![evidence(rule, summary)],
    }
}

/// What the rule asks, without where it stands.
fn asked(rule: &K6Rule) -> impl std::fmt::Debug {
    (
        rule.metric.clone(),
        rule.threshold.to_string(),
        (rule.samples, rule.users, rule.duration, rule.hold),
    )
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates, and a length of time is not negative here"
)]
fn micros(seconds: Option<f64>) -> u64 {
    seconds.map_or(0, |seconds| (seconds * 1e6) as u64)
}

fn evidence(rule: &K6Rule, summary: &Summary) -> Evidence {
    let values = summary
        .metrics
        .get(&rule.metric)
        .map(|metric| &metric.values);
    Evidence {
        observation: format!("k6-summary {} #1", rule.metric),
        value: json!({ "values": values, "seconds": summary.seconds, "users": users(summary) }),
        read: Vec::new(),
        truncated: false,
    }
}

type Decision = (TrialOutcome, Option<String>);

fn decide(rule: &K6Rule, summary: &Summary) -> Decision {
    let blind = |why: String| (TrialOutcome::Unavailable, Some(why));
    let Some(metric) = summary.metrics.get(&rule.metric) else {
        return blind(no_metric(rule, summary));
    };
    let threshold = &rule.threshold;
    let Some(&seen) = metric.values.get(&threshold.of) else {
        return blind(format!(
            "the summary has no {} of {}; add it to summaryTrendStats",
            threshold.of, rule.metric
        ));
    };
    if let Some(why) = contradiction(metric, rule) {
        return (TrialOutcome::Failed, Some(why));
    }
    if seen < 0.0 && rule.metric.starts_with("http_req") {
        return blind(format!("{} of {} is negative", threshold.of, rule.metric));
    }
    let samples = samples(metric, &rule.metric, summary);
    let enough = rule.samples.unwrap_or(1);
    match samples {
        Some(count) if count < enough => {
            return blind(format!("{count} samples; at least {enough} are needed"));
        }
        _ => {}
    }
    if !threshold.comparison.holds(seen, threshold.value) {
        let why = format!("{} is {}, not {}", threshold.of, plain(seen), limit(rule));
        return (TrialOutcome::Failed, Some(why));
    }
    match doubts(rule, summary, samples).as_slice() {
        [] => (TrialOutcome::Passed, None),
        doubts => {
            let why = format!(
                "{} is {}, but {}",
                threshold.of,
                plain(seen),
                doubts.join("; ")
            );
            (TrialOutcome::Warned, Some(why))
        }
    }
}

fn limit(rule: &K6Rule) -> String {
    format!(
        "{} {}",
        rule.threshold.comparison,
        plain(rule.threshold.value)
    )
}

/// At most three decimals, and none that are zero.
fn plain(number: f64) -> String {
    let text = format!("{number:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Why a metric is missing: k6 writes a sub-metric only where the script has a threshold for it.
fn no_metric(rule: &K6Rule, summary: &Summary) -> String {
    match rule.metric.split_once('{') {
        Some((base, tags)) if summary.metrics.contains_key(base) => format!(
            "the summary has {base}, but not for {{{tags}; k6 writes it where the script has a threshold for it"
        ),
        _ => format!("the summary has no {}", rule.metric),
    }
}

/// A summary whose numbers cannot all be true. The counts of `http_req_failed` are the usual trap:
/// there `passes` are the requests that *failed*.
fn contradiction(metric: &Metric, rule: &K6Rule) -> Option<String> {
    let value = |name: &str| metric.values.get(name).copied();
    if let (Some(rate), Some(passes), Some(fails)) =
        (value("rate"), value("passes"), value("fails"))
    {
        let all = passes + fails;
        if all > 0.0 && (rate - passes / all).abs() > SAME_RATE {
            return Some(format!(
                "the summary contradicts itself: rate {}, but {passes} of {all}",
                plain(rate)
            ));
        }
    }
    let own = rule.threshold.to_string();
    let crossed = metric.thresholds.iter().any(|(text, kept)| {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        !kept && text == own
    });
    crossed.then(|| format!("k6 itself reports {own} as crossed"))
}

/// How many samples are behind a metric: its own count, else that of the requests with its tags.
fn samples(metric: &Metric, name: &str, summary: &Summary) -> Option<u64> {
    let value = |name: &str| metric.values.get(name).copied();
    let own = value("count").or_else(|| Some(value("passes")? + value("fails")?));
    let requests = || {
        let tags = name.strip_prefix("http_req_")?;
        let tags = tags.find('{').map_or("", |at| &tags[at..]);
        let requests = summary.metrics.get(&format!("http_reqs{tags}"))?;
        requests.values.get("count").copied()
    };
    // What is neither a rate nor a counter nor of HTTP (a gauge, for one) has no samples to count.
    own.or_else(requests).map(whole)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates; what is negative or no number counts as none"
)]
fn whole(number: f64) -> u64 {
    number as u64
}

/// The most users at once: those that were active, else those that k6 had made.
fn users(summary: &Summary) -> Option<u64> {
    let most = |name: &str| summary.metrics.get(name)?.values.get("max").copied();
    most("vus").or_else(|| most("vus_max")).map(whole)
}

/// What keeps a kept threshold from being a pass.
fn doubts(rule: &K6Rule, summary: &Summary, samples: Option<u64>) -> Vec<String> {
    let mut doubts = Vec::new();
    if let (Some(asked), None) = (rule.samples, samples) {
        doubts.push(format!(
            "the summary does not tell how many samples that is (at least {asked} are asked): \
             add `count` to summaryTrendStats"
        ));
    }
    if let Some(asked) = rule.users {
        match users(summary) {
            Some(users) if users >= asked => {}
            Some(users) => doubts.push(format!("shortened: {users} of {asked} users")),
            None => doubts.push("the summary does not tell how many users there were".to_owned()),
        }
    }
    if let Some(asked) = rule.duration {
        let asked = asked.as_secs_f64();
        match summary.seconds {
            Some(seconds) if seconds >= asked * WHOLE => {}
            Some(seconds) => doubts.push(format!(
                "shortened: {} s of {} s ({} %)",
                plain(seconds),
                plain(asked),
                // Rounded down: a shortened run never reads as a whole one.
                (seconds / asked * 100.0).floor()
            )),
            None => doubts.push("the summary does not tell how long the test ran".to_owned()),
        }
    }
    if let Some(hold) = rule.hold {
        doubts.push(format!(
            "a summary shows the peak, not that it was held for {} s",
            hold.as_secs()
        ));
    }
    doubts
}
