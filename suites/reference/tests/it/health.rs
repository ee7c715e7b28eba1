//! HLTH-001, 002, 004 and 005.

use readiness_reference::Fault;
use serde_json::json;

use crate::client::{faulty, healthy};

#[tokio::test]
async fn health_tells_the_state_and_the_extent() {
    let target = healthy().await;
    let reply = target.get("/health").await;
    assert_eq!(reply.status, 200);
    let body = reply.json();
    assert_eq!(body["status"], "healthy");
    assert_eq!(body["timestamp"], "2026-03-01T12:00:17.5Z");
    assert!(
        body["version"]
            .as_str()
            .is_some_and(|version| !version.is_empty())
    );
    let total = target.get_as("pro", "/exploits?page_size=1").await.json()["total"].clone();
    assert_eq!(body["database_exploits"], total);
    let sources = body["sources"].as_array().unwrap();
    let active = sources
        .iter()
        .filter(|source| source["active"] == true)
        .count();
    assert_eq!(body["active_sources"], active);
    assert_eq!(body["total_sources"], sources.len());
    assert!(0 < active && active < sources.len());
}

#[tokio::test]
async fn ready_names_the_stores() {
    let reply = healthy().await.get("/ready").await;
    assert_eq!(reply.status, 200);
    assert_eq!(
        reply.json(),
        json!({ "status": "ready", "database": "up", "redis": "up" })
    );
}

#[tokio::test]
async fn faults_of_health_alter_one_field_each() {
    let sound = healthy().await.get("/health").await.json();
    let cases = [
        (Fault::Hlth001StatusDegraded200, "status", json!("degraded")),
        (
            Fault::Hlth001StaleTimestamp,
            "timestamp",
            json!("2026-03-01T11:00:17.5Z"),
        ),
        (Fault::Hlth004Missing, "database_exploits", json!(null)),
        (Fault::Hlth004Zero, "database_exploits", json!(0)),
        (Fault::Hlth004StaleCount, "database_exploits", json!(630)),
        (Fault::Hlth004String, "database_exploits", json!("1260")),
        (Fault::Hlth005Missing, "active_sources", json!(null)),
        (Fault::Hlth005Zero, "active_sources", json!(0)),
        (Fault::Hlth005ExceedsTotal, "active_sources", json!(11)),
    ];
    for (fault, field, value) in cases {
        let mut body = faulty(fault).await.get("/health").await.json();
        assert_eq!(body[field], value, "{fault}");
        assert_ne!(body[field], sound[field], "{fault}");
        body[field] = sound[field].clone();
        assert_eq!(body, sound, "{fault} alters something else, too");
    }
}

#[tokio::test]
async fn faults_of_the_replies_themselves() {
    assert_eq!(
        faulty(Fault::Hlth001Missing)
            .await
            .get("/health")
            .await
            .status,
        404
    );
    assert_eq!(
        faulty(Fault::Hlth002Missing)
            .await
            .get("/ready")
            .await
            .status,
        404
    );
    assert_eq!(
        faulty(Fault::Hlth002Always503)
            .await
            .get("/ready")
            .await
            .status,
        503
    );
    let reply = faulty(Fault::Hlth002FieldMissing).await.get("/ready").await;
    assert_eq!(reply.json(), json!({ "status": "ready", "database": "up" }));
    let reply = faulty(Fault::Hlth001HtmlBody).await.get("/health").await;
    assert_eq!(reply.status, 200);
    assert!(
        reply
            .header("content-type")
            .unwrap()
            .starts_with("text/html")
    );
    assert_eq!(
        faulty(Fault::Hlth001Missing)
            .await
            .get("/ready")
            .await
            .status,
        200
    );
}
