//! HDR-001 to HDR-006.

use readiness_reference::{Environment, Fault, Window};
use reqwest::Method;

use crate::client::{self, Target, faulty, healthy};

const EXPECTED: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("x-xss-protection", "1; mode=block"),
    (
        "strict-transport-security",
        "max-age=31536000; includeSubDomains",
    ),
    ("referrer-policy", "strict-origin-when-cross-origin"),
    (
        "permissions-policy",
        "camera=(), microphone=(), geolocation=()",
    ),
];

/// A reply of each kind, by its status.
async fn sample(target: &Target) -> Vec<client::Reply> {
    let mut replies = vec![
        target.get("/exploits?page_size=1").await,
        target.get("/health").await,
        target.get("/nowhere").await,
        target.get("/exploits?page=0").await,
        target
            .get_with("/exploits", &[("x-api-key", "wrong")])
            .await,
        target.send(Method::POST, "/exploits", &[], None).await,
    ];
    replies.push(target.burst("anonymous", 20).await.1);
    let status: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
    assert_eq!(status, [200, 200, 404, 400, 401, 405, 429]);
    replies
}

#[tokio::test]
async fn every_reply_carries_them() {
    for reply in sample(&healthy().await).await {
        for (name, value) in EXPECTED {
            assert_eq!(reply.header(name), Some(value), "on {}", reply.status);
        }
    }
}

#[tokio::test]
async fn every_error_has_a_word_and_a_sentence() {
    for reply in sample(&healthy().await).await {
        if reply.status >= 400 {
            let body = reply.json();
            assert!(
                body["error"]
                    .as_str()
                    .is_some_and(|error| !error.is_empty())
            );
            let sentence = if reply.status == 429 {
                "message"
            } else {
                "detail"
            };
            assert!(
                body[sentence].as_str().is_some_and(|text| text.len() > 10),
                "{body}"
            );
        }
    }
}

#[tokio::test]
async fn strict_transport_security_is_for_production() {
    let target = client::start(client::config().environment(Environment::Development)).await;
    let reply = target.get("/health").await;
    assert_eq!(reply.header("strict-transport-security"), None);
    assert_eq!(reply.header("x-frame-options"), Some("DENY"));
}

#[tokio::test]
async fn each_fault_alters_its_own_header_alone() {
    let faults = Fault::all()
        .iter()
        .filter(|fault| fault.id().starts_with("HDR-"));
    let mut seen = 0;
    for &fault in faults {
        let target = faulty(fault).await;
        target.service.seed_limiter("pro", Window::Minute, 35);
        for reply in [
            target.get("/health").await,
            target.get("/nowhere").await,
            target.get_as("pro", "/chains").await,
        ] {
            let altered: Vec<&str> = EXPECTED
                .iter()
                .filter(|(name, value)| reply.header(name) != Some(value))
                .map(|(name, _)| *name)
                .collect();
            let own = EXPECTED[fault.requirement()[4..].parse::<usize>().unwrap() - 1].0;
            let concerns = match fault.variant() {
                "missing-on-errors" => reply.status >= 400,
                "missing-on-429" => reply.status == 429,
                _ => true,
            };
            let expected: &[&str] = if concerns { &[own] } else { &[] };
            assert_eq!(altered, expected, "{fault} on {}", reply.status);
        }
        seen += 1;
    }
    assert_eq!(seen, 17);
}

#[tokio::test]
async fn the_date_is_the_services_own() {
    let target = healthy().await;
    let reply = target.get("/health").await;
    assert_eq!(reply.header("date"), Some("Sun, 01 Mar 2026 12:00:17 GMT"));
    target.advance(24 * 60 * 60);
    let reply = target.get("/health").await;
    assert_eq!(reply.header("date"), Some("Mon, 02 Mar 2026 12:00:17 GMT"));
}
