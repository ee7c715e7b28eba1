use super::*;
use crate::http::HttpReply;

fn with(name: &str, values: &[&str]) -> HttpReply {
    let headers = values
        .iter()
        .map(|value| (name.to_owned(), (*value).to_owned()))
        .collect();
    HttpReply::new(200, headers, "http://127.0.0.1/".to_owned())
}

fn class(verdict: &Verdict) -> char {
    match verdict {
        Verdict::Pass => 'p',
        Verdict::Warn(_) => 'w',
        Verdict::Fail(_) => 'f',
        Verdict::NotApplicable(_) => 'n',
    }
}

/// Every value with the class of its verdict.
fn table(name: &str, rule: fn(&HttpReply) -> Verdict, rows: &[(&str, char)]) {
    assert_eq!(class(&rule(&with(name, &[]))), 'f', "{name} missing");
    for (value, expected) in rows {
        let verdict = rule(&with(name, &[value]));
        assert_eq!(
            class(&verdict),
            *expected,
            "{name}: {value} gave {verdict:?}"
        );
    }
}

#[test]
fn content_type_options_is_nosniff_alone() {
    let rows = [
        ("nosniff", 'p'),
        ("sniff", 'f'),
        ("", 'f'),
        ("nosniff, nosniff", 'f'),
    ];
    table("x-content-type-options", content_type_options, &rows);
}

#[test]
fn frame_options_by_strength() {
    let rows = [
        ("DENY", 'p'),
        ("SAMEORIGIN", 'w'),
        ("ALLOW-FROM https://a.example", 'f'),
    ];
    table("x-frame-options", frame_options, &rows);
}

#[test]
fn xss_protection_ignores_spacing() {
    let rows = [
        ("1; mode=block", 'p'),
        ("1;mode=block", 'p'),
        ("0", 'w'),
        ("1", 'f'),
    ];
    table("x-xss-protection", xss_protection, &rows);
}

#[test]
fn strict_transport_security_by_age() {
    let rows = [
        ("max-age=31536000; includeSubDomains", 'p'),
        ("max-age=\"63072000\"; includeSubDomains; preload", 'p'),
        ("max-age=31536000", 'w'),
        ("max-age=15552000; includeSubDomains", 'w'),
        ("max-age=15551999; includeSubDomains", 'f'),
        ("max-age=0", 'f'),
        ("includeSubDomains", 'f'),
        ("max-age=31536000; max-age=0", 'f'),
        ("max-age=soon", 'f'),
    ];
    table(
        "strict-transport-security",
        strict_transport_security,
        &rows,
    );
}

#[test]
fn referrer_policy_takes_the_last_known_token() {
    let rows = [
        ("no-referrer", 'p'),
        ("unsafe-url, strict-origin", 'p'),
        ("strict-origin, future-policy", 'p'),
        ("origin", 'w'),
        ("unsafe-url", 'f'),
        ("", 'f'),
        ("whatever", 'f'),
    ];
    table("referrer-policy", referrer_policy, &rows);
}

#[test]
fn permissions_policy_switches_the_three_off() {
    let rows = [
        ("camera=(), microphone=(), geolocation=()", 'p'),
        ("camera=(), microphone=(), geolocation=(self)", 'f'),
        ("camera=(), microphone=(), geolocation=(), usb=*", 'f'),
        ("camera=(), microphone=()", 'f'),
        ("camera 'none'", 'f'),
        ("", 'f'),
    ];
    table("permissions-policy", permissions_policy, &rows);
}

#[test]
fn two_different_values_are_a_failure_whatever_they_are() {
    let twice = with("x-frame-options", &["DENY", "SAMEORIGIN"]);
    assert_eq!(
        frame_options(&twice),
        Verdict::Fail("x-frame-options is there twice, as `DENY` and as `SAMEORIGIN`".to_owned())
    );
    assert_eq!(
        frame_options(&with("x-frame-options", &["DENY", "DENY"])),
        Verdict::Pass
    );
}

#[test]
fn a_hostile_value_is_bounded_and_escaped_in_the_reason() {
    let long = format!("\u{1b}[31m{}", "x".repeat(10_000));
    let Verdict::Fail(reason) = frame_options(&with("x-frame-options", &[&long])) else {
        panic!("expected a failure");
    };
    assert!(reason.len() < 200 && !reason.contains('\u{1b}'), "{reason}");
}

#[test]
fn cache_control_says_how_long() {
    let rows = [
        ("public, max-age=60", 'p'),
        ("private, max-age=3600", 'p'),
        ("no-store", 'p'),
        ("private", 'p'),
        ("public, max-age=86400", 'f'),
        ("public, max-age=0", 'f'),
        ("public", 'f'),
        ("", 'f'),
    ];
    table("cache-control", cacheable, &rows);
}

#[test]
fn a_reply_to_a_key_is_not_for_others() {
    let judge = |control: &str, vary: &str| {
        let headers = [("cache-control", control), ("vary", vary)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let reply = HttpReply::new(200, headers.into(), String::new());
        class(&not_shared(&reply, &["authorization", "x-api-key"]))
    };
    assert_eq!(judge("private, max-age=60", ""), 'p');
    assert_eq!(
        judge("public, max-age=60", "Origin, Authorization, X-API-Key"),
        'p'
    );
    assert_eq!(judge("public, max-age=60", "Authorization"), 'f');
    assert_eq!(judge("public, max-age=60", "Origin"), 'f');
}
