//! The service on real stores: `PostgreSQL` and Redis with TLS and passwords, stopped, paused and
//! started again.
//!
//! Skipped visibly on a machine without the servers, unless `READINESS_REQUIRE_TOOLS=1`.

#![expect(clippy::unwrap_used, reason = "helpers of tests may stop the test")]
#![expect(clippy::print_stdout, reason = "a test that is skipped says so")]

use std::sync::Arc;

use readiness_probes::servers::{
    Outage, PostgresProfile, PostgresServer, RedisProfile, RedisServer,
};
use readiness_reference::servers::{PostgresDatabase, RedisStore};
use readiness_reference::{Clock, Fault, KeyValue as _, RefConfig, RefHandle, RefService};
use serde_json::Value;

/// What a server starts as, or a message that it cannot.
fn started<T>(server: Result<T, impl std::fmt::Display>) -> Option<T> {
    match server {
        Ok(server) => Some(server),
        Err(reason) if std::env::var_os("READINESS_REQUIRE_TOOLS").is_some() => {
            panic!("{reason}")
        }
        Err(reason) => {
            println!("skipped: {reason}");
            None
        }
    }
}

fn postgres() -> Option<PostgresServer> {
    started(PostgresServer::start(
        &PostgresProfile::hardened().without_replica(),
    ))
}

fn redis() -> Option<RedisServer> {
    started(RedisServer::start(&RedisProfile::hardened()))
}

async fn get(service: &RefHandle, path: &str) -> (u16, String) {
    let request = reqwest::Client::new()
        .get(format!("{}{path}", service.base_url()))
        .header("x-api-key", "ref-ent-1");
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn the_rows_come_from_postgres() {
    let Some(server) = postgres() else { return };
    let config = RefConfig::new();
    let memory = RefService::start(config.clone()).await.unwrap();
    let database = PostgresDatabase::new(&server.url(), None).unwrap();
    database.load(&config.exploits()).await.unwrap();
    let service = RefService::start(config.database(Arc::new(database)))
        .await
        .unwrap();

    let path = "/exploits?page_size=500&page=2";
    let (status, body) = get(&service, path).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    let same: Value = serde_json::from_str(&get(&memory, path).await.1).unwrap();
    assert_eq!((status, &body), (200, &same));
    assert_eq!(
        server.sql("SELECT count(*) FROM exploits").unwrap().trim(),
        "1260"
    );
    server
        .sql("DELETE FROM exploits WHERE chain <> 'BSC'")
        .unwrap();
    let (_, body) = get(&service, "/exploits?page_size=1").await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["data"][0]["chain"], "BSC");

    server.stop();
    assert_eq!(get(&service, "/exploits").await.0, 503);
    assert_eq!(get(&service, "/ready").await.0, 503);
    assert_eq!(get(&service, "/health").await.0, 200);
    server.restart().unwrap();
    // The first request may meet a connection that was kept from before.
    while get(&service, "/ready").await.0 != 200 {}
    assert_eq!(get(&service, "/exploits").await.0, 200);
}

#[tokio::test]
async fn the_cache_lives_in_redis() {
    let Some(server) = redis() else { return };
    let store = RedisStore::new(&server.url(), server.ca_file().as_deref()).unwrap();
    let service = RefService::start(RefConfig::new().cache(Arc::new(store)))
        .await
        .unwrap();

    let keys = || server.command(&["KEYS", "kamiyo:cache:*"]).unwrap();
    assert_eq!(keys().lines().count(), 4, "the start has warmed it");
    let before = get(&service, "/stats?days=9").await;
    let key = keys()
        .lines()
        .find(|key| key.contains("9d"))
        .unwrap()
        .to_owned();
    let life: u64 = server
        .command(&["TTL", &key])
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    assert!((200..=300).contains(&life));
    assert_eq!(get(&service, "/stats?days=9").await, before);

    service.set_fault(Fault::Cache003NoExpiry, true);
    get(&service, "/stats?days=11").await;
    let key = keys()
        .lines()
        .find(|key| key.contains("11d"))
        .unwrap()
        .to_owned();
    assert_eq!(server.command(&["TTL", &key]).unwrap().trim(), "-1");

    server.stop();
    assert_eq!(get(&service, "/stats?days=9").await, before);
    assert_eq!(get(&service, "/ready").await.0, 503);
    server.restart().unwrap();
    assert_eq!(get(&service, "/ready").await.0, 200);
    server.pause().unwrap();
    assert_eq!(get(&service, "/ready").await.0, 503);
    assert_eq!(get(&service, "/stats?days=9").await, before);
    server.resume().unwrap();
    assert_eq!(get(&service, "/ready").await.0, 200);
    service.restart().await;
    assert_eq!(keys().lines().count(), 4, "only what a start makes");
}

/// Two deployments of their own but for their cache, as two machines behind one address are.
#[tokio::test(flavor = "multi_thread")]
async fn limits_are_counted_in_redis_by_all_who_share_it() {
    let Some(server) = redis() else { return };
    let clock = Clock::frozen_now();
    let start = async || {
        let store = RedisStore::new(&server.url(), server.ca_file().as_deref()).unwrap();
        let config = RefConfig::new().clock(clock.clone());
        RefService::start(config.cache(Arc::new(store)))
            .await
            .unwrap()
    };
    let (first, second) = (start().await, start().await);
    let client = reqwest::Client::new();
    let ask = async |service: &RefHandle| {
        let request = client
            .get(format!("{}/exploits?page_size=1", service.base_url()))
            .header("x-api-key", "ref-pro-1");
        request.send().await.unwrap().status().as_u16()
    };
    let mut allowed = 0;
    for number in 0..40 {
        let service = if number % 2 == 0 { &first } else { &second };
        allowed += u32::from(ask(service).await == 200);
    }
    assert_eq!(allowed, 35, "the pro tier's minute");
    let counters = server.command(&["KEYS", "kamiyo:limit:key:pro:*"]).unwrap();
    let mut counted = Vec::new();
    for key in counters.lines() {
        assert_ne!(server.command(&["TTL", key]).unwrap().trim(), "-1", "{key}");
        counted.push(server.command(&["GET", key]).unwrap().trim().to_owned());
    }
    assert_eq!(counted, ["35", "35", "35"], "minute, hour and day");

    // Without it each counts on by itself, from where both were.
    server.stop();
    assert_eq!(ask(&first).await, 429);
    assert_eq!(ask(&second).await, 429);
    clock.advance(std::time::Duration::from_secs(60));
    assert_eq!(ask(&first).await, 200);
    server.restart().unwrap();
    assert_eq!(ask(&second).await, 200);
}

#[tokio::test]
async fn a_value_comes_back_as_it_was_set() {
    let Some(server) = redis() else { return };
    let store = RedisStore::new(&server.url(), server.ca_file().as_deref()).unwrap();
    assert_eq!(store.get("nothing").await, Ok(None));
    for value in ["", "a\r\nb", "ü😀", &"x".repeat(100_000)] {
        store.set("p:key", value.to_owned(), None).await.unwrap();
        assert_eq!(store.get("p:key").await, Ok(Some(value.to_owned())));
    }
    for number in 0..1_200 {
        store
            .set(&format!("q:{number}"), String::new(), None)
            .await
            .unwrap();
    }
    store.clear("q:").await.unwrap();
    assert_eq!(server.command(&["KEYS", "q:*"]).unwrap().trim(), "");
    assert_eq!(
        store.get("p:key").await.map(|value| value.is_some()),
        Ok(true)
    );
    let wrong = server.url().replace("rediss://:", "rediss://:x");
    let stranger = RedisStore::new(&wrong, server.ca_file().as_deref()).unwrap();
    assert!(stranger.ping().await.is_err());
}
