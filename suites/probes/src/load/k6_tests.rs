//! Points as k6 writes them, made up: users who think for a second and services that answer in 20 ms.

use std::fmt::Write as _;

use readiness::Verdict;

use super::super::judge;
use super::*;

const START: i64 = 1_772_366_400;

/// A run: seconds and users of each step, and how the `n`th request is answered: status, milliseconds.
fn run(steps: &[(u32, u32)], answer: impl Fn(u32) -> (u16, u32)) -> String {
    let mut text =
        String::from("{\"metric\":\"vus\",\"type\":\"Metric\",\"data\":{\"type\":\"gauge\"}}\n");
    let (mut second, mut number) = (0, 0);
    for (length, users) in steps {
        for _ in 0..*length {
            let time = Timestamp::from_second(START + i64::from(second)).unwrap();
            let point = |text: &mut String, metric: &str, value: u32, tags: &str| {
                writeln!(
                    text,
                    r#"{{"metric":"{metric}","type":"Point","data":{{"time":"{time}","value":{value},"tags":{tags}}}}}"#
                )
                .unwrap();
            };
            point(&mut text, "vus", *users, "null");
            for _ in 0..*users {
                let (status, took) = answer(number);
                let endpoint = ["exploits", "stats"][number as usize % 2];
                let tags = format!(r#"{{"endpoint":"{endpoint}","status":"{status}"}}"#);
                point(&mut text, "http_req_duration", took, &tags);
                number += 1;
            }
            second += 1;
        }
    }
    text
}

fn plan() -> K6Plan {
    K6Plan {
        endpoints: vec![("/exploits", "exploits"), ("/stats", "stats")],
        holds: vec![
            (100, Duration::from_secs(30)),
            (200, Duration::from_secs(40)),
        ],
        timeout: Duration::from_secs(10),
    }
}

fn read_text(text: &str) -> Result<LoadRun, Unavailable> {
    read(text.as_bytes(), &plan())
}

const WHOLE: [(u32, u32); 5] = [(20, 50), (5, 75), (32, 100), (5, 150), (42, 200)];

fn is_fail(verdict: &Verdict, words: &str) {
    assert!(
        matches!(verdict, Verdict::Fail(why) if why.contains(words)),
        "{verdict:?}"
    );
}

#[test]
fn a_whole_run_passes_each_judgement() {
    let seen = read_text(&run(&WHOLE, |_| (200, 20))).unwrap();
    assert_eq!(judge::held(&seen, 100).unwrap(), Verdict::Pass);
    assert_eq!(judge::held(&seen, 200).unwrap(), Verdict::Pass);
    let quick = judge::percentile_below(&seen, Some("/stats"), 300);
    assert_eq!(quick.unwrap(), Verdict::Pass);
    assert_eq!(judge::errors_below(&seen, 0.05).unwrap(), Verdict::Pass);
    assert_eq!(judge::successes_above(&seen, 0.95).unwrap(), Verdict::Pass);
}

#[test]
fn a_hold_that_is_short_or_was_never_reached_fails() {
    let short = [(20, 50), (12, 100), (5, 150), (42, 200)];
    let seen = read_text(&run(&short, |_| (200, 20))).unwrap();
    is_fail(&judge::held(&seen, 100).unwrap(), "held for 11");
    let few = [(20, 50), (32, 100), (42, 150)];
    let seen = read_text(&run(&few, |_| (200, 20))).unwrap();
    is_fail(&judge::held(&seen, 200).unwrap(), "never");
}

#[test]
fn what_is_slow_or_wrong_fails() {
    let slow = |n: u32| {
        if n.is_multiple_of(10) {
            (200, 900)
        } else {
            (200, 20)
        }
    };
    let seen = read_text(&run(&WHOLE, slow)).unwrap();
    // Every tenth request is one of the first endpoint.
    let slow = judge::percentile_below(&seen, Some("/exploits"), 500).unwrap();
    is_fail(&slow, "the limit is 500 ms");
    let stats = judge::percentile_below(&seen, Some("/stats"), 300).unwrap();
    assert_eq!(stats, Verdict::Pass);
    let broken = |n: u32| {
        if n.is_multiple_of(10) {
            (500, 20)
        } else {
            (200, 20)
        }
    };
    let seen = read_text(&run(&WHOLE, broken)).unwrap();
    is_fail(&judge::errors_below(&seen, 0.05).unwrap(), "server errors");
    let limited = |n: u32| {
        if n.is_multiple_of(10) {
            (429, 20)
        } else {
            (200, 20)
        }
    };
    let seen = read_text(&run(&WHOLE, limited)).unwrap();
    assert!(
        judge::errors_below(&seen, 0.05).is_err(),
        "the limiter was measured"
    );
}

#[test]
fn a_failed_check_is_no_success() {
    let mut text = run(&WHOLE, |_| (200, 20));
    for second in 25..55 {
        let time = Timestamp::from_second(START + second).unwrap();
        for _ in 0..50 {
            writeln!(
                text,
                r#"{{"metric":"checks","type":"Point","data":{{"time":"{time}","value":0,"tags":{{"check":"has rows"}}}}}}"#
            )
            .unwrap();
        }
    }
    let seen = read_text(&text).unwrap();
    is_fail(
        &judge::successes_above(&seen, 0.95).unwrap(),
        "with other content",
    );
}

#[test]
fn what_is_not_k6_is_refused_with_its_line() {
    let refused = |text: &str| read_text(text).unwrap_err().to_string();
    assert!(refused("{\"metric\":").contains("line 1"));
    assert!(refused("").contains("no requests"));
    assert!(refused("\n\nhello").contains("line 3"));
}
