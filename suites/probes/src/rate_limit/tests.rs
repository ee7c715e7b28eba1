use std::collections::BTreeSet;
use std::sync::Arc;

use readiness::Verdict;
use readiness::error::Class;
use readiness::observation::{Facet, Observation, Reads};

use super::*;
use crate::http::HttpReply;

const LIMIT: u32 = 3;
/// 2026-03-01 12:00:20 UTC, 40 s before the minute ends.
const DATE: &str = "Sun, 01 Mar 2026 12:00:20 GMT";
const RESET: u64 = 1_772_366_460;

fn reply(status: u16, headers: &[(&str, &str)], body: &str) -> HttpReply {
    let headers = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    HttpReply::new(status, headers, String::new()).with_body(body.as_bytes(), false)
}

fn allowed(left: u32) -> HttpReply {
    let (limit, left, reset) = (LIMIT.to_string(), left.to_string(), RESET.to_string());
    reply(
        200,
        &[
            ("date", DATE),
            ("x-ratelimit-limit", &limit),
            ("x-ratelimit-remaining", &left),
            ("x-ratelimit-reset", &reset),
            ("x-ratelimit-tier", "free"),
        ],
        "",
    )
}

fn refusal_body() -> String {
    r#"{"error":"rate_limit_exceeded","message":"wait","tier":"free","window":"minute","retry_after_seconds":40,"upgrade_url":"/pricing"}"#.to_owned()
}

fn refused_with(retry_after: &str, body: &str) -> HttpReply {
    let (limit, reset) = (LIMIT.to_string(), RESET.to_string());
    reply(
        429,
        &[
            ("date", DATE),
            ("x-ratelimit-limit", &limit),
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", &reset),
            ("x-ratelimit-tier", "free"),
            ("retry-after", retry_after),
        ],
        body,
    )
}

fn refused() -> HttpReply {
    refused_with("40", &refusal_body())
}

fn burst_of(shots: Vec<HttpReply>) -> Burst {
    let mut burst = Burst {
        identity: "anonymous".to_owned(),
        shots: Arc::new(shots),
        forged: Some(refused()),
        after: vec![allowed(2)],
        elapsed_us: 5_000,
        reads: Reads::default(),
    };
    burst.attach(Reads::default());
    burst
}

fn good() -> Burst {
    burst_of(vec![
        allowed(2),
        allowed(1),
        allowed(0),
        refused(),
        refused(),
    ])
}

fn is_fail(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Fail(_))
}

#[test]
fn exactly_the_limit_is_allowed() {
    let judge = |burst: &Burst| exactly(burst, LIMIT, Window::Minute, Algorithm::Window);
    assert_eq!(judge(&good()), Verdict::Pass);
    assert!(is_fail(&judge(&burst_of(vec![
        allowed(2),
        allowed(1),
        refused(),
        refused()
    ]))));
    let more = vec![allowed(2), allowed(1), allowed(0), allowed(0), refused()];
    assert!(is_fail(&judge(&burst_of(more.clone()))));
    assert!(
        is_fail(&judge(&burst_of(vec![allowed(2), allowed(1), allowed(0)]))),
        "none refused"
    );
    // 3 a minute refill one in 20 s: what took 5 ms refills less than one, which is rounded up.
    assert_eq!(
        exactly(
            &burst_of(more),
            LIMIT,
            Window::Minute,
            Algorithm::TokenBucket
        ),
        Verdict::Pass
    );
}

#[test]
fn a_refusal_is_a_429_for_the_window() {
    let judge = |refusal| {
        let shots = vec![allowed(2), allowed(1), allowed(0), refusal];
        exactly(&burst_of(shots), LIMIT, Window::Minute, Algorithm::Window)
    };
    assert!(is_fail(&judge(reply(403, &[], &refusal_body()))));
    assert!(is_fail(&judge(refused_with(
        "40",
        &refusal_body().replace("minute", "hour")
    ))));
    assert!(is_fail(&judge(refused_with("40", "slow down"))));
}

#[test]
fn recovery_and_forgery() {
    assert_eq!(recovers(&good()), Verdict::Pass);
    assert_eq!(forged_address_changes_nothing(&good()), Verdict::Pass);
    let mut stuck = good();
    stuck.after = vec![refused(), refused()];
    assert!(is_fail(&recovers(&stuck)));
    let mut fooled = good();
    fooled.forged = Some(allowed(2));
    assert!(is_fail(&forged_address_changes_nothing(&fooled)));
    let mut never = good();
    (never.forged, never.after) = (None, Vec::new());
    assert!(is_fail(&recovers(&never)) && is_fail(&forged_address_changes_nothing(&never)));
}

#[test]
fn retry_after_is_a_number_that_agrees_and_suffices() {
    let judge = |refusal| retry_after(&burst_of(vec![allowed(0), refusal])).unwrap();
    assert_eq!(judge(refused()), Verdict::Pass);
    assert_eq!(
        judge(refused_with("41", &refusal_body())),
        Verdict::Pass,
        "rounding"
    );
    for (value, body) in [
        ("soon", refusal_body()),
        ("0", refusal_body().replace("40", "0")),
        ("61", refusal_body().replace("40", "61")),
        ("40", refusal_body().replace("40", "70")),
        ("20", refusal_body().replace("40", "20")),
        ("40", "{}".to_owned()),
    ] {
        assert!(
            is_fail(&judge(refused_with(value, &body))),
            "{value} {body}"
        );
    }
    let mut too_short = good();
    too_short.after = vec![refused(), allowed(2)];
    assert!(is_fail(&retry_after(&too_short).unwrap()));
}

#[test]
fn headers_tell_the_truth_on_every_reply() {
    let judge = |burst: &Burst| headers(burst, LIMIT, "free");
    assert_eq!(judge(&good()), Verdict::Pass);
    assert!(is_fail(&headers(&good(), LIMIT + 1, "free")));
    assert!(is_fail(&headers(&good(), LIMIT, "pro")));
    assert!(
        is_fail(&judge(&burst_of(vec![allowed(2), allowed(2), refused()]))),
        "stuck"
    );
    assert!(
        is_fail(&judge(&burst_of(vec![allowed(2), reply(200, &[], "")]))),
        "missing"
    );
    assert!(is_fail(&judge(&burst_of(vec![
        allowed(2),
        allowed(1),
        reply(429, &[], "")
    ]))));
}

#[test]
fn a_reset_may_be_a_distance() {
    let near = |mut shot: HttpReply| {
        for (name, value) in shot.headers.to_mut() {
            if name == "x-ratelimit-reset" {
                "40".clone_into(value);
            }
        }
        shot
    };
    let burst = burst_of(vec![near(allowed(1)), near(allowed(0)), near(refused())]);
    assert_eq!(headers(&burst, LIMIT, "free"), Verdict::Pass);
}

#[test]
fn an_upgrade_address_is_one() {
    let judge = |url: &str| {
        let body = refusal_body().replace("\"/pricing\"", url);
        upgrade_url(
            &burst_of(vec![allowed(0), refused_with("40", &body)]),
            false,
        )
    };
    assert_eq!(judge("\"/pricing\"").unwrap().as_deref(), Some("/pricing"));
    assert!(judge("\"https://a.example/plans\"").is_ok());
    for bad in [
        "\"\"",
        "null",
        "7",
        "\"http://a.example\"",
        "\"//a.example\"",
        "\"https://\"",
    ] {
        assert_eq!(judge(bad).unwrap_err().class(), Class::Finding, "{bad}");
    }
}

#[test]
fn tier_info_is_complete() {
    let judge = |body: &str| tier_info(&burst_of(vec![refused_with("40", body)]), "free").unwrap();
    assert_eq!(judge(&refusal_body()), Verdict::Pass);
    for (from, to) in [
        ("rate_limit_exceeded", "slow_down"),
        ("\"free\"", "\"pro\""),
        ("minute", "second"),
        ("\"wait\"", "\" \""),
    ] {
        assert!(is_fail(&judge(&refusal_body().replace(from, to))), "{to}");
    }
}

#[test]
fn a_window_that_is_used_up_stays_so() {
    let late = burst_of(vec![allowed(0), refused(), allowed(0)]);
    assert!(is_fail(&refusals_are_429(&late, Algorithm::Window)));
    assert_eq!(
        refusals_are_429(&late, Algorithm::TokenBucket),
        Verdict::Pass
    );
}

#[test]
fn without_a_429_there_is_nothing_to_look_at() {
    let open = burst_of(vec![allowed(2), allowed(1)]);
    assert!(is_fail(&refusals_are_429(&open, Algorithm::Window)));
    assert_eq!(retry_after(&open).unwrap_err().class(), Class::Unavailable);
    assert_eq!(
        tier_info(&open, "free").unwrap_err().class(),
        Class::Unavailable
    );
}

#[test]
fn every_mutant_of_a_burst_differs_and_none_of_its_readers_is_blind() {
    type Passes = fn(&Burst) -> bool;
    let judgements: [(&str, Passes); 6] = [
        ("exactly", |b| {
            exactly(b, LIMIT, Window::Minute, Algorithm::Window) == Verdict::Pass
        }),
        ("recovers", |b| recovers(b) == Verdict::Pass),
        ("forged", |b| {
            forged_address_changes_nothing(b) == Verdict::Pass
        }),
        ("retry-after", |b| {
            retry_after(b).is_ok_and(|v| v == Verdict::Pass)
        }),
        ("headers", |b| headers(b, LIMIT, "free") == Verdict::Pass),
        ("tier", |b| {
            tier_info(b, "free").is_ok_and(|v| v == Verdict::Pass)
        }),
    ];
    for (name, passes) in judgements {
        let mut burst = good();
        let reads = Reads::listening();
        burst.attach(reads.clone());
        assert!(passes(&burst), "{name}");
        let facets: BTreeSet<Facet> = reads.facets();
        let mut killed = 0;
        for mutant in burst.mutants(&facets) {
            let what = format!("{name}: {} of {}", mutant.operator, mutant.facet);
            let Some(mut altered) = mutant.apply(&burst) else {
                continue;
            };
            assert!(!altered.same(&burst), "{what}");
            altered.attach(Reads::default());
            killed += usize::from(!passes(&altered));
        }
        assert!(killed > 0, "{name} passes whatever the burst looks like");
    }
}

#[test]
fn a_burst_survives_being_stored() {
    let text = serde_json::to_string(&good()).unwrap();
    let back: Burst = serde_json::from_str(&text).unwrap();
    assert!(good().same(&back));
}
