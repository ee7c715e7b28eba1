//! The control listener, which another process uses in place of the handle.

use readiness_reference::Fault;
use serde_json::json;

use crate::client::{config, healthy, start};

#[tokio::test]
async fn another_process_can_do_what_the_handle_does() {
    let target = start(config().with_control()).await;
    target.burst("anonymous", 20).await;
    let moved = target
        .control("/clock", Some(&json!({ "advance_ms": 60_000 })))
        .await;
    assert_eq!(
        moved.json(),
        json!({ "now": "2026-03-01T12:01:17.5Z", "virtual": true })
    );
    assert_eq!(target.get("/chains").await.status, 200);

    let on = json!({ "id": "HLTH-001/missing", "on": true });
    assert_eq!(target.control("/faults", Some(&on)).await.status, 200);
    assert_eq!(target.service.faults(), [Fault::Hlth001Missing]);
    let typo = target
        .control(
            "/faults",
            Some(&json!({ "id": "HLTH-001/mising", "on": true })),
        )
        .await;
    assert_eq!(typo.status, 400);
    assert!(
        typo.json()["detail"]
            .as_str()
            .unwrap()
            .contains("did you mean HLTH-001/missing")
    );

    let used = json!({ "caller": "pro", "window": "day", "used": 50_000 });
    assert_eq!(target.control("/limiter", Some(&used)).await.status, 204);
    assert_eq!(
        target.get_as("pro", "/chains").await.json()["window"],
        "day"
    );
    assert_eq!(
        target
            .control("/limiter", Some(&json!({ "caller": "pro" })))
            .await
            .status,
        204
    );
    assert_eq!(target.get_as("pro", "/chains").await.status, 200);

    assert_eq!(
        target
            .control("/stores", Some(&json!({ "database": "down" })))
            .await
            .status,
        204
    );
    assert_eq!(target.get("/ready").await.status, 503);
    assert_eq!(
        target
            .control("/stores", Some(&json!({ "database": "up" })))
            .await
            .status,
        204
    );
    let armed = target
        .control("/fail-next", Some(&json!({ "word": "nonce-1" })))
        .await;
    assert_eq!(armed.status, 204);
    assert_eq!(
        target.get_as("pro", "/exploits?q=nonce-1").await.status,
        500
    );
    assert_eq!(
        target.control("/restart", Some(&json!({}))).await.status,
        204
    );

    assert_eq!(
        target.control("/requests", None).await.json()["pro"]["received"],
        3
    );
    let logs = target.control("/logs", None).await.json();
    let mark = logs["mark"].as_u64().unwrap();
    assert_eq!(logs["lines"].as_array().unwrap().len() as u64, mark);
    let later = target
        .control(&format!("/logs?since={mark}"), None)
        .await
        .json();
    assert_eq!(later["lines"], json!([]));
    let environment = target.control("/environment", None).await.json();
    assert_eq!(environment, json!(target.service.environment()));
    let identities = target.control("/identities", None).await.json();
    assert_eq!(identities["accounts"][0]["api_key"], "ref-pro-1");
}

#[tokio::test]
async fn the_product_has_no_control_routes() {
    assert_eq!(healthy().await.service.control_url(), None);
    let target = start(config().with_control()).await;
    let secret = target
        .service
        .control_url()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned();
    for path in ["/clock".to_owned(), format!("/{secret}/clock")] {
        assert_eq!(target.get(&path).await.status, 404);
    }
}
