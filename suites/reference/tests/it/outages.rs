//! Stores that are down or hang: HLTH-003, CACHE-001, CACHE-005, DB-004.

use readiness_reference::{Fault, StoreState};
use serde_json::json;

use crate::client::{config, healthy, start};

#[tokio::test]
async fn ready_follows_the_stores_and_health_does_not() {
    let target = healthy().await;
    let service = &target.service;
    for state in [StoreState::Down, StoreState::Paused] {
        service.set_database(state);
        let ready = target.get("/ready").await;
        assert_eq!(ready.status, 503);
        let expected = json!({ "status": "not_ready", "database": "down", "redis": "up" });
        assert_eq!(ready.json(), expected);
        assert_eq!(target.get("/health").await.status, 200);
        assert_eq!(target.get_as("pro", "/exploits").await.status, 503);
        service.set_database(StoreState::Up);
        assert_eq!(target.get("/ready").await.status, 200);
        assert_eq!(target.get_as("pro", "/exploits").await.status, 200);
    }
    service.set_cache(StoreState::Down);
    let ready = target.get("/ready").await;
    assert_eq!(
        (ready.status, &ready.json()["redis"]),
        (503, &json!("down"))
    );
    service.set_cache(StoreState::Up);
    assert_eq!(target.get("/ready").await.status, 200);
}

#[tokio::test]
async fn without_the_cache_the_answers_are_the_same() {
    let target = healthy().await;
    let before = target.get_as("pro", "/stats").await;
    assert_eq!(
        before.header("x-cache"),
        Some("HIT"),
        "the start has warmed it"
    );
    let list = target.get_as("pro", "/exploits").await;
    for state in [StoreState::Down, StoreState::Paused] {
        target.service.set_cache(state);
        let without = target.get_as("pro", "/stats").await;
        assert_eq!(
            (without.status, without.header("x-cache")),
            (200, Some("BYPASS"))
        );
        assert_eq!(without.text, before.text);
        assert_eq!(target.get_as("pro", "/exploits").await.text, list.text);
    }
    assert_eq!(
        target.burst("anonymous", 20).await.0,
        10,
        "and the limiter still limits"
    );
    target.service.set_cache(StoreState::Up);
    assert_eq!(
        target.get_as("pro", "/stats").await.header("x-cache"),
        Some("HIT")
    );
}

#[tokio::test]
async fn connections_are_kept() {
    let target = healthy().await;
    for _ in 0..20 {
        target.get_as("enterprise", "/exploits?page_size=1").await;
    }
    assert_eq!(target.service.connections_opened(), 1);

    let target = start(config().fault(Fault::Db004ConnectPerRequest)).await;
    let before = target.service.connections_opened();
    for _ in 0..20 {
        target.get_as("enterprise", "/exploits?page_size=1").await;
    }
    assert_eq!(target.service.connections_opened() - before, 20);
}

#[tokio::test]
async fn a_service_that_crashes_is_gone() {
    let target = start(config().fault(Fault::Hlth003Crash)).await;
    let second = target.second().await;
    target.service.set_database(StoreState::Down);
    target.get("/ready").await;
    let address = target.service.base_url();
    target.service.stop().await;
    let address = address.strip_prefix("http://").unwrap();
    assert!(std::net::TcpStream::connect(address).is_err());
    assert_eq!(
        second.get("/health").await.status,
        200,
        "the other instance lives"
    );
}
