//! The limits and what they tell: RT-FREE-002 and RL-001 to RL-005.

use readiness_reference::{Algorithm, Fault, Window};
use serde_json::{Value, json};

use crate::client::{Reply, Target, config, faulty, healthy, start};

#[tokio::test]
async fn every_tier_gets_exactly_its_minute() {
    for algorithm in [Algorithm::Fixed, Algorithm::Sliding, Algorithm::TokenBucket] {
        let target = start(config().algorithm(algorithm)).await;
        for (account, limit) in [("anonymous", 10), ("pro", 35), ("team", 70)] {
            let (served, reply) = target.burst(account, limit + 5).await;
            assert_eq!(
                (served, reply.status),
                (limit, 429),
                "{account}, {algorithm:?}"
            );
        }
    }
    let target = healthy().await;
    assert_eq!(target.burst("enterprise", 1_005).await.0, 1_000);
}

#[tokio::test]
async fn a_refusal_tells_all_about_itself() {
    let target = healthy().await;
    for (account, tier, limit) in [("anonymous", "free", 10), ("pro", "pro", 35)] {
        let (_, reply) = target.burst(account, 100).await;
        assert_eq!(reply.status, 429);
        assert_eq!(reply.header("retry-after"), Some("43"));
        assert_eq!(reply.number("x-ratelimit-limit"), limit);
        assert_eq!(reply.number("x-ratelimit-remaining"), 0);
        assert_eq!(reply.header("x-ratelimit-tier"), Some(tier));
        let now: jiff::Timestamp = crate::client::START.parse().unwrap();
        assert_eq!(reply.number("x-ratelimit-reset"), now.as_second() + 43);
        let mut body = reply.json();
        assert!(
            body["message"]
                .take()
                .as_str()
                .unwrap()
                .contains(&limit.to_string())
        );
        let expected = json!({
            "error": "rate_limit_exceeded", "message": null, "tier": tier, "limit": limit,
            "window": "minute", "retry_after_seconds": 43, "upgrade_url": "/pricing",
        });
        assert_eq!(body, expected);
    }
    let reply = target.get_as("enterprise", "/pricing").await;
    assert_eq!(reply.status, 200);
    assert!(reply.text.contains("2083") && reply.text.contains("unlimited"));
}

#[tokio::test]
async fn what_remains_falls_by_one() {
    let target = healthy().await;
    for used in 1..=10 {
        let path = if used == 5 { "/nowhere" } else { "/chains" };
        let reply = target.get(path).await;
        assert_eq!(reply.number("x-ratelimit-remaining"), 10 - used);
        assert_eq!(reply.number("x-ratelimit-limit"), 10);
    }
    assert_eq!(target.get("/chains").await.status, 429);
    assert_eq!(target.get("/health").await.status, 200, "probes are exempt");
    assert_eq!(
        target.get_as("pro", "/chains").await.status,
        200,
        "keys have their own"
    );
    assert_eq!(
        target
            .get_as("burst.pro", "/chains")
            .await
            .number("x-ratelimit-remaining"),
        34
    );
}

#[tokio::test]
async fn waiting_as_told_is_enough() {
    let target = healthy().await;
    let (_, reply) = target.burst("anonymous", 20).await;
    target.advance(u64::try_from(reply.number("retry-after")).unwrap() - 1);
    assert_eq!(target.get("/chains").await.status, 429);
    target.advance(1);
    assert_eq!(target.get("/chains").await.status, 200);
}

#[tokio::test]
async fn hour_and_day_are_limited_too() {
    let target = healthy().await;
    for minute in 0..10 {
        assert_eq!(target.burst("anonymous", 20).await.0, 10, "minute {minute}");
        target.advance(60);
    }
    let reply = target.get("/chains").await;
    assert_eq!(
        (reply.status, &reply.json()["window"]),
        (429, &json!("hour"))
    );
    assert_eq!(reply.json()["limit"], 100);
    assert!(reply.number("retry-after") > 60);
    target.advance(u64::try_from(reply.number("retry-after")).unwrap());
    assert_eq!(target.get("/chains").await.status, 200);

    target.service.seed_limiter("pro", Window::Day, 49_995);
    let (served, reply) = target.burst("pro", 20).await;
    assert_eq!((served, &reply.json()["window"]), (5, &json!("day")));
    target.service.reset_limiter("pro");
    assert_eq!(target.burst("pro", 50).await.0, 35);
}

#[tokio::test]
async fn a_forged_address_gives_no_new_budget() {
    async fn forged(target: &Target) -> u16 {
        target.burst("anonymous", 20).await;
        target
            .get_with("/chains", &[("x-forwarded-for", "203.0.113.9")])
            .await
            .status
    }
    assert_eq!(forged(&healthy().await).await, 429);
    assert_eq!(
        forged(&faulty(Fault::RtFree002ForwardedForBypass).await).await,
        200
    );
}

#[tokio::test]
async fn faults_of_the_free_minute() {
    for (fault, served) in [
        (Fault::RtFree002LimitTooLow, 9),
        (Fault::RtFree002LimitTooHigh, 11),
        (Fault::RtFree002Missing, 30),
        (Fault::Rl001Missing, 30),
    ] {
        let target = faulty(fault).await;
        assert_eq!(target.burst("anonymous", 30).await.0, served, "{fault}");
        let pro = if fault == Fault::Rl001Missing { 40 } else { 35 };
        assert_eq!(target.burst("pro", 40).await.0, pro, "{fault}");
    }
    let target = faulty(Fault::RtFree002NeverRecovers).await;
    assert_eq!(target.burst("anonymous", 20).await.0, 10);
    target.advance(24 * 60 * 60);
    assert_eq!(target.get("/chains").await.status, 429);
    assert_eq!(target.burst("pro", 40).await.0, 35);
}

/// The refusal of a drained anonymous caller, with the parts that faults alter.
struct Refusal {
    status: u16,
    retry_after: Option<String>,
    headers: [Option<String>; 4],
    body: Value,
}

fn parts(reply: &Reply) -> Refusal {
    let header = |name: &str| reply.header(name).map(str::to_owned);
    Refusal {
        status: reply.status,
        retry_after: header("retry-after"),
        headers: ["limit", "remaining", "reset", "tier"]
            .map(|name| header(&format!("x-ratelimit-{name}"))),
        body: reply.json(),
    }
}

#[tokio::test]
async fn faults_of_the_refusal_alter_one_part_each() {
    use Fault as F;
    let sound = parts(&healthy().await.burst("anonymous", 20).await.1);
    let faults = Fault::all()
        .iter()
        .filter(|fault| fault.id().starts_with("RL-"));
    let silent = [F::Rl001Missing, F::Rl003MissingOnSuccess];
    for &fault in faults.filter(|fault| !silent.contains(fault)) {
        let target = faulty(fault).await;
        let (served, reply) = target.burst("anonymous", 20).await;
        assert_eq!(served, 10, "{fault}");
        let seen = parts(&reply);
        let altered = [
            ("RL-001", seen.status != sound.status),
            ("RL-003", seen.headers != sound.headers),
            (
                "RL-004",
                seen.body["upgrade_url"] != sound.body["upgrade_url"],
            ),
            (
                "RL-005",
                seen.body["tier"] != sound.body["tier"]
                    || seen.body["window"] != sound.body["window"],
            ),
            (
                "RL-002",
                seen.retry_after != sound.retry_after
                    || seen.body["retry_after_seconds"] != sound.body["retry_after_seconds"],
            ),
        ];
        let altered: Vec<&str> = altered
            .iter()
            .filter(|(_, differs)| *differs)
            .map(|(id, _)| *id)
            .collect();
        assert_eq!(altered, [fault.requirement()], "{fault}");
    }
}

#[tokio::test]
async fn faults_of_the_headers_show_on_success() {
    use Fault as F;
    for fault in [F::Rl003Missing, F::Rl003MissingOnSuccess] {
        let reply = faulty(fault).await.get("/chains").await;
        assert!(
            !reply
                .headers
                .keys()
                .any(|name| name.starts_with("x-ratelimit")),
            "{fault}"
        );
    }
    let (_, refusal) = faulty(F::Rl003MissingOnSuccess)
        .await
        .burst("anonymous", 20)
        .await;
    assert_eq!(refusal.number("x-ratelimit-limit"), 10);
    let target = faulty(F::Rl003RemainingStuck).await;
    let first = target.get("/chains").await.number("x-ratelimit-remaining");
    assert_eq!(
        target.get("/chains").await.number("x-ratelimit-remaining"),
        first
    );
}

#[tokio::test]
async fn requests_are_counted_by_caller() {
    let target = healthy().await;
    target.get("/health").await;
    target.burst("anonymous", 12).await;
    target.get_as("pro", "/chains").await;
    target.get_with("/chains", &[("x-api-key", "wrong")]).await;
    target.advance(60);
    target.get("/chains").await;
    let counts = target.service.requests();
    let anonymous = &counts["anonymous"];
    assert_eq!(
        (anonymous.received, anonymous.charged, anonymous.refused),
        (13, 11, 1)
    );
    assert_eq!(anonymous.busiest_minute, 11);
    assert_eq!(counts["pro"].received, 1);
    assert_eq!(
        (counts["invalid"].received, counts["invalid"].charged),
        (1, 0)
    );
}
