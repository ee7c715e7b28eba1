//! The second product: roles, limits, the cache, the audit log, and a start that is refused.

use std::time::Duration;

use readiness_reference::{RefConfig, RefService, StartError, StoreState, members};
use reqwest::Method;
use serde_json::json;

use crate::client::{START, Target, start};

async fn caio() -> Target {
    start(RefConfig::caio().frozen_at(START.parse().unwrap())).await
}

fn key(name: &str) -> String {
    let mut members = members().into_iter();
    members.find(|member| member.name == name).unwrap().api_key
}

async fn status(target: &Target, method: Method, path: &str, who: Option<&str>) -> u16 {
    let key = who.map(key).unwrap_or_default();
    let headers = [("x-api-key", key.as_str())];
    let headers = if who.is_some() { &headers[..] } else { &[] };
    target.send(method, path, headers, None).await.status
}

#[tokio::test]
async fn a_role_may_do_what_those_below_it_may() {
    let target = caio().await;
    let contract = "/api/v1/contracts/base";
    for (method, path, who, expected) in [
        (Method::GET, "/health", None, 200),
        (Method::GET, "/openapi.json", None, 200),
        (Method::GET, contract, None, 401),
        (Method::HEAD, contract, None, 401),
        (Method::PATCH, contract, None, 401),
        (Method::GET, "/api/v1/nothing", None, 401),
        (Method::GET, contract, Some("viewer"), 200),
        (Method::PATCH, contract, Some("viewer"), 405),
        (Method::DELETE, contract, Some("viewer"), 403),
        (Method::POST, "/api/v1/orchestrate", Some("viewer"), 403),
        (Method::POST, "/api/v1/orchestrate", Some("operator"), 400),
        (Method::GET, "/api/v1/audit", Some("operator"), 403),
        (Method::GET, "/api/v1/audit", Some("admin"), 200),
        (Method::DELETE, contract, Some("admin"), 204),
    ] {
        let seen = status(&target, method.clone(), path, who).await;
        assert_eq!(seen, expected, "{method} {path} as {who:?}");
    }
}

#[tokio::test]
async fn sixty_a_minute_for_a_key_and_for_an_address() {
    let target = caio().await;
    for who in [Some("viewer"), None] {
        let path = "/api/v1/services";
        let expected = if who.is_some() { 200 } else { 401 };
        for number in 1..=60 {
            let seen = status(&target, Method::GET, path, who).await;
            assert_eq!(seen, expected, "request {number} as {who:?}");
        }
        assert_eq!(status(&target, Method::GET, path, who).await, 429);
        assert_eq!(status(&target, Method::GET, "/health", who).await, 200);
    }
    target.service.clock().advance(Duration::from_secs(60));
    assert_eq!(
        status(&target, Method::GET, "/api/v1/services", Some("viewer")).await,
        200
    );
}

#[tokio::test]
async fn a_change_is_seen_when_the_kept_copy_has_run_out() {
    let target = caio().await;
    let key = key("admin");
    let headers = [("x-api-key", key.as_str())];
    let path = "/api/v1/contracts/base";
    let version =
        async || target.send(Method::GET, path, &headers, None).await.json()["version"].clone();
    assert_eq!(version().await, 1);
    let terms = json!({ "terms": "changed" });
    let changed = target
        .send(Method::PUT, path, &headers, Some(terms.to_string()))
        .await;
    assert_eq!(changed.status, 200);
    assert_eq!(version().await, 1);
    target.service.clock().advance(Duration::from_secs(299));
    assert_eq!(version().await, 1);
    target.service.clock().advance(Duration::from_secs(1));
    assert_eq!(version().await, 2);

    let audit = target
        .send(Method::GET, "/api/v1/audit", &headers, None)
        .await
        .json();
    assert_eq!(audit["total"], 1);
    let record = &audit["records"][0];
    assert_eq!(record["actor"], "admin");
    assert_eq!(record["action"], "contract.change");
    assert_eq!(record["resource"], "PUT /api/v1/contracts/base");
    assert_eq!(record["outcome"], "done");
}

#[tokio::test]
async fn an_outage_shows_in_its_health() {
    let target = caio().await;
    target.service.set_database(StoreState::Down);
    let reply = target.get("/health").await;
    assert_eq!(reply.status, 503);
    assert_eq!(reply.json()["checks"]["database"], "down");
    target.service.set_database(StoreState::Up);
    assert_eq!(target.get("/health").await.status, 200);
}

#[tokio::test]
async fn logs_are_as_configured() {
    for (format, is_json) in [("json", true), ("text", false)] {
        let target = start(RefConfig::caio().variable("CAIO_LOG_FORMAT", format)).await;
        target.get("/health").await;
        let lines = target.service.logs().since(0);
        assert_eq!(lines.len(), 2);
        assert!(
            lines.iter().all(|line| line.starts_with('{') == is_json),
            "{lines:?}"
        );
    }
}

#[tokio::test]
async fn a_start_with_a_value_that_makes_no_sense_is_refused() {
    let config = RefConfig::caio().variable("CAIO_REGISTRY_SIZE", "many");
    let error = RefService::start(config).await.unwrap_err();
    assert!(
        matches!(
            error,
            StartError::Variable {
                name: "CAIO_REGISTRY_SIZE",
                ..
            }
        ),
        "{error}"
    );
}
