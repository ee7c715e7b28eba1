use super::*;
use crate::tiers::Tier;

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

fn after(start: Timestamp, seconds: i64) -> Timestamp {
    Timestamp::from_microsecond(start.as_microsecond() + seconds * MICROS).unwrap()
}

/// Takes until refused; the number allowed and the refusal.
fn drain(limiter: &Limiter, limits: &Limits, now: Timestamp) -> (u32, Decision) {
    let mut allowed = 0;
    loop {
        let decision = limiter.take("me", limits, now);
        if !decision.allowed {
            return (allowed, decision);
        }
        allowed += 1;
        assert!(allowed < 2_000, "no limit");
    }
}

#[test]
fn every_algorithm_allows_exactly_the_limit_at_a_standstill() {
    let now = at("2026-03-01T12:00:17.5Z");
    for algorithm in [Algorithm::Fixed, Algorithm::Sliding, Algorithm::TokenBucket] {
        for (tier, minute) in [
            (Tier::Free, 10),
            (Tier::Pro, 35),
            (Tier::Team, 70),
            (Tier::Enterprise, 1_000),
        ] {
            let limiter = Limiter::new(algorithm);
            let (allowed, refusal) = drain(&limiter, &tier.limits(), now);
            assert_eq!(allowed, minute, "{algorithm:?} {tier}");
            assert_eq!(refusal.window, Window::Minute);
            assert_eq!(refusal.used, minute);
            let wait = refusal.seconds_to_reset(now);
            assert!((1..=60).contains(&wait), "{algorithm:?}: {wait}");
            // The stated wait is enough.
            assert!(limiter.take("me", &tier.limits(), after(now, wait)).allowed);
            assert!(limiter.take("somebody else", &tier.limits(), now).allowed);
        }
    }
}

#[test]
fn fixed_windows_end_on_the_minute_the_hour_and_the_day() {
    let limits = Tier::Free.limits();
    let limiter = Limiter::new(Algorithm::Fixed);
    let now = at("2026-03-01T12:00:17.5Z");
    let (_, refusal) = drain(&limiter, &limits, now);
    assert_eq!(refusal.reset, at("2026-03-01T12:01:00Z"));
    assert_eq!(refusal.seconds_to_reset(now), 43);

    limiter.seed("me", Window::Hour, 100, now);
    let refusal = limiter.take("me", &limits, now);
    assert_eq!(
        (refusal.window, refusal.reset),
        (Window::Hour, at("2026-03-01T13:00:00Z"))
    );

    limiter.seed("me", Window::Day, 500, now);
    let refusal = limiter.take("me", &limits, now);
    assert_eq!(
        (refusal.window, refusal.reset),
        (Window::Day, at("2026-03-02T00:00:00Z"))
    );
    assert!(
        limiter
            .take("me", &limits, at("2026-03-02T00:00:00Z"))
            .allowed
    );
}

#[test]
fn a_refused_request_is_charged_to_no_window() {
    let limits = Tier::Free.limits();
    let limiter = Limiter::new(Algorithm::Fixed);
    let start = at("2026-03-01T12:00:00Z");
    let mut allowed = 0;
    for minute in 0..11 {
        for _ in 0..13 {
            let decision = limiter.take("me", &limits, after(start, minute * 60));
            allowed += u32::from(decision.allowed);
        }
    }
    assert_eq!(allowed, 100, "ten minutes of ten, then the hour is used up");
}

#[test]
fn a_sliding_window_counts_the_last_minute() {
    let limits = Tier::Free.limits();
    let limiter = Limiter::new(Algorithm::Sliding);
    let start = at("2026-03-01T12:00:50Z");
    for second in 0..10 {
        assert!(limiter.take("me", &limits, after(start, second)).allowed);
    }
    // Another minute by the wall clock, but not 60 seconds after the first request.
    let refusal = limiter.take("me", &limits, after(start, 15));
    assert!(!refusal.allowed);
    assert_eq!(refusal.reset, after(start, 60));
    assert!(limiter.take("me", &limits, after(start, 60)).allowed);
    assert!(!limiter.take("me", &limits, after(start, 60)).allowed);
}

#[test]
fn a_bucket_refills_evenly() {
    let limits = Tier::Free.limits();
    let limiter = Limiter::new(Algorithm::TokenBucket);
    let start = at("2026-03-01T12:00:00Z");
    let (allowed, refusal) = drain(&limiter, &limits, start);
    assert_eq!(allowed, 10);
    assert_eq!(
        refusal.seconds_to_reset(start),
        6,
        "one of ten a minute is back after 6 s"
    );
    let (allowed, _) = drain(&limiter, &limits, after(start, 30));
    assert_eq!(allowed, 5);
}

#[test]
fn a_seeded_day_leaves_what_is_left() {
    let limits = Tier::Pro.limits();
    let now = at("2026-03-01T12:00:00Z");
    for algorithm in [Algorithm::Fixed, Algorithm::Sliding, Algorithm::TokenBucket] {
        let limiter = Limiter::new(algorithm);
        limiter.seed("me", Window::Day, 49_995, now);
        let (allowed, refusal) = drain(&limiter, &limits, now);
        assert_eq!((allowed, refusal.window), (5, Window::Day), "{algorithm:?}");
        limiter.reset("me");
        assert_eq!(drain(&limiter, &limits, now).0, 35);
    }
}

#[test]
fn a_clock_set_back_does_not_panic() {
    let limits = Tier::Free.limits();
    for algorithm in [Algorithm::Fixed, Algorithm::Sliding, Algorithm::TokenBucket] {
        let limiter = Limiter::new(algorithm);
        limiter.take("me", &limits, at("2026-03-01T12:00:00Z"));
        limiter.take("me", &limits, at("1969-12-31T23:59:59Z"));
        limiter.take("me", &limits, Timestamp::MIN);
        limiter.take("me", &limits, Timestamp::MAX);
    }
}
