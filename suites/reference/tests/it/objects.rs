//! Webhooks, watchlists and the account: RT-FREE-005/006, RT-PRO-005, RT-TEAM-004/005,
//! RT-ENT-002/003, ERR-003/004.

use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Target, healthy};

const WEBHOOKS: &str = "/api/v1/user-webhooks";
const WATCHLISTS: &str = "/api/v1/watchlists";

fn webhook() -> Value {
    json!({ "url": "https://hooks.example/exploits" })
}

async fn total(target: &Target, account: &str, path: &str) -> Value {
    target.get_as(account, path).await.json()["total"].clone()
}

#[tokio::test]
async fn every_tier_gets_exactly_its_webhooks() {
    let target = healthy().await;
    for (account, most) in [("pro", 2), ("team", 5), ("enterprise", 50)] {
        let mut last = String::new();
        for number in 1..=most {
            let reply = target.post_as(account, WEBHOOKS, &webhook()).await;
            assert_eq!(reply.status, 201, "{account} {number}");
            let body = reply.json();
            assert!(
                body["secret"]
                    .as_str()
                    .is_some_and(|secret| secret.len() > 30)
            );
            last = body["id"].as_str().unwrap().to_owned();
        }
        let full = target.post_as(account, WEBHOOKS, &webhook()).await;
        assert_eq!(
            (full.status, &full.json()["error"]),
            (409, &json!("webhook_limit_reached"))
        );
        assert_eq!(total(&target, account, WEBHOOKS).await, most);

        let path = format!("{WEBHOOKS}/{last}");
        let one = target.get_as(account, &path).await;
        assert_eq!((one.status, one.json().get("secret")), (200, None));
        assert!(
            !target
                .get_as(account, WEBHOOKS)
                .await
                .text
                .contains("secret")
        );
        assert_eq!(
            target.get_as("burst.pro", &path).await.status,
            404,
            "it is somebody else's"
        );
        let deleted = target.send_as(account, Method::DELETE, &path, None).await;
        assert_eq!(deleted.status, 204);
        assert_eq!(target.get_as(account, &path).await.status, 404);
        assert_eq!(
            target.post_as(account, WEBHOOKS, &webhook()).await.status,
            201
        );
    }
}

#[tokio::test]
async fn a_webhook_needs_an_https_address() {
    let target = healthy().await;
    for url in [
        "http://hooks.example/x",
        "https://",
        "hooks.example",
        "",
        "javascript:alert(1)",
    ] {
        let reply = target
            .post_as("team", WEBHOOKS, &json!({ "url": url }))
            .await;
        assert_eq!(reply.status, 400, "{url}");
    }
    assert_eq!(total(&target, "team", WEBHOOKS).await, 0);
}

#[tokio::test]
async fn without_a_key_there_is_nothing() {
    let target = healthy().await;
    for path in [WEBHOOKS, WATCHLISTS, "/api/v1/account"] {
        let reply = target.get(path).await;
        assert_eq!(
            (reply.status, &reply.json()["error"]),
            (401, &json!("authentication_required"))
        );
        assert!(reply.header("www-authenticate").is_some());
    }
    for path in [WEBHOOKS, WATCHLISTS] {
        let body = webhook().to_string();
        let reply = target.send(Method::POST, path, &[], Some(body)).await;
        assert_eq!(reply.status, 401);
    }
}

#[tokio::test]
async fn watchlists_begin_with_the_team_tier() {
    let target = healthy().await;
    let wanted = json!({ "name": "mine", "chains": ["Base"], "protocols": ["Curve"] });
    for method in [Method::GET, Method::POST] {
        let reply = target
            .send_as("pro", method, WATCHLISTS, Some(wanted.to_string()))
            .await;
        assert_eq!(
            (reply.status, &reply.json()["error"]),
            (403, &json!("tier_too_small"))
        );
    }
    let created = target.post_as("team", WATCHLISTS, &wanted).await;
    assert_eq!(created.status, 201);
    let created = created.json();
    let path = format!("{WATCHLISTS}/{}", created["id"].as_str().unwrap());
    assert_eq!(created["protocols"], wanted["protocols"]);
    assert_eq!(target.get_as("team", &path).await.json(), created);
    assert_eq!(
        target.get_as("team", WATCHLISTS).await.json()["watchlists"],
        json!([created])
    );
    assert_eq!(
        target.get_as("enterprise", &path).await.status,
        404,
        "it is somebody else's"
    );

    let renamed = json!({ "name": "ours" }).to_string();
    let reply = target
        .send_as("team", Method::PUT, &path, Some(renamed))
        .await;
    assert_eq!((reply.status, &reply.json()["name"]), (200, &json!("ours")));
    assert_eq!(
        target
            .send_as("team", Method::DELETE, &path, None)
            .await
            .status,
        204
    );
    assert_eq!(
        target
            .send_as("team", Method::DELETE, &path, None)
            .await
            .status,
        404
    );
    assert_eq!(
        target
            .post_as("team", WATCHLISTS, &json!({ "name": " " }))
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn the_account_tells_its_features() {
    let target = healthy().await;
    for (account, integrations, watchlists) in [
        ("pro", false, false),
        ("team", false, true),
        ("enterprise", true, true),
    ] {
        let body = target.get_as(account, "/api/v1/account").await.json();
        assert_eq!(body["tier"], account);
        assert_eq!(body["features"]["custom_integrations"], integrations);
        assert_eq!(body["features"]["watchlists"], watchlists);
    }
}

#[tokio::test]
async fn instances_share_what_callers_own() {
    let target = healthy().await;
    let second = target.second().await;
    assert_eq!(
        target
            .post_as("team", WATCHLISTS, &json!({ "name": "mine" }))
            .await
            .status,
        201
    );
    assert_eq!(total(&second, "team", WATCHLISTS).await, 1);
    assert_eq!(target.burst("anonymous", 6).await.0, 6);
    assert_eq!(second.burst("anonymous", 20).await.0, 4, "and the limiter");
}
