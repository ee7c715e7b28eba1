//! SEC-001, SEC-004 and SEC-005: tokens, their end, and bounds on guessing passwords.

use readiness_reference::StoreState;
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Reply, Target, healthy, jwt_parts, resign};

async fn logged_in(target: &Target) -> (String, String) {
    let reply = target.login("ref-user", "a-long-walk-home-1").await;
    assert_eq!(reply.status, 200);
    let body = reply.json();
    let token = |name: &str| body[name].as_str().unwrap().to_owned();
    (token("access_token"), token("refresh_token"))
}

async fn account(target: &Target, token: &str) -> Reply {
    let bearer = format!("Bearer {token}");
    target
        .get_with("/api/v1/account", &[("authorization", &bearer)])
        .await
}

async fn logout(target: &Target, token: &str, body: Option<Value>) -> u16 {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    let body = body.map(|body| body.to_string());
    target
        .send(Method::POST, "/api/v1/auth/logout", &headers, body)
        .await
        .status
}

async fn refresh(target: &Target, token: &str) -> Reply {
    let body = json!({ "refresh_token": token }).to_string();
    target
        .send(Method::POST, "/api/v1/auth/refresh", &[], Some(body))
        .await
}

#[tokio::test]
async fn an_access_token_opens_the_users_tier_for_fifteen_minutes() {
    let target = healthy().await;
    let (access, _) = logged_in(&target).await;
    let (header, claims, _) = jwt_parts(&access);
    assert_eq!(header["alg"], "HS256");
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        900
    );
    assert!(claims["jti"].as_str().is_some_and(|jti| jti.len() > 20));
    let reply = account(&target, &access).await;
    assert_eq!((reply.status, &reply.json()["tier"]), (200, &json!("team")));
    assert_eq!(reply.number("x-ratelimit-limit"), 70);
    target.advance(899);
    assert_eq!(account(&target, &access).await.status, 200);
    target.advance(1);
    assert_eq!(account(&target, &access).await.status, 401);
}

#[tokio::test]
async fn a_forged_token_is_refused() {
    let target = healthy().await;
    let (access, refresh) = logged_in(&target).await;
    let (header, claims, signature) = jwt_parts(&access);
    let mut higher = claims.clone();
    higher["tier"] = json!("enterprise");
    for token in [
        refresh,
        resign(&json!({ "alg": "none" }), &claims, None),
        resign(&header, &claims, None),
        resign(&header, &claims, Some("")),
        resign(&header, &claims, Some("secret")),
        format!("{}{signature}", resign(&header, &higher, None)),
    ] {
        let reply = account(&target, &token).await;
        assert_eq!(reply.status, 401, "{token}");
        assert!(reply.json()["error"].is_string());
    }
    assert_eq!(account(&target, &access).await.status, 200);
}

#[tokio::test]
async fn logging_out_ends_this_token_everywhere_and_no_other() {
    let target = healthy().await;
    let second = target.second().await;
    let (access, renewal) = logged_in(&target).await;
    let (other, _) = logged_in(&target).await;
    assert_eq!(account(&second, &access).await.status, 200);
    let body = json!({ "refresh_token": renewal });
    assert_eq!(logout(&target, &access, Some(body)).await, 204);
    assert_eq!(account(&target, &access).await.status, 401);
    assert_eq!(account(&second, &access).await.status, 401);
    assert_eq!(account(&second, &other).await.status, 200);
    assert_eq!(refresh(&target, &renewal).await.status, 401);
    assert_eq!(logout(&target, "", None).await, 401);

    // While nobody can know whether a token was revoked, none is let in.
    target.service.set_cache(StoreState::Down);
    assert_eq!(account(&target, &access).await.status, 503);
    assert_eq!(account(&target, &other).await.status, 503);
    let key = target.get_as("team", "/api/v1/account").await;
    assert_eq!(key.status, 200, "keys do not need the list");
    target.service.set_cache(StoreState::Up);
    assert_eq!(account(&target, &access).await.status, 401);
    assert_eq!(account(&target, &other).await.status, 200);
}

#[tokio::test]
async fn a_revocation_lives_as_long_as_its_token() {
    let target = healthy().await;
    let (access, _) = logged_in(&target).await;
    target.advance(100);
    assert_eq!(logout(&target, &access, None).await, 204);
    let entries = target.service.cache_entries();
    let revoked: Vec<_> = entries
        .iter()
        .filter(|entry| entry.key.starts_with("kamiyo:revoked:"))
        .collect();
    assert_eq!(revoked.len(), 1);
    assert_eq!(revoked[0].life.map(|life| life.as_secs()), Some(800));
}

#[tokio::test]
async fn a_refresh_token_buys_one_pair() {
    let target = healthy().await;
    let (access, renewal) = logged_in(&target).await;
    let renewed = refresh(&target, &renewal).await;
    assert_eq!(renewed.status, 200);
    let fresh = renewed.json()["access_token"].as_str().unwrap().to_owned();
    assert_ne!(fresh, access);
    assert_eq!(account(&target, &fresh).await.status, 200);
    assert_eq!(refresh(&target, &renewal).await.status, 401);
    assert_eq!(refresh(&target, &access).await.status, 401);
}

#[tokio::test]
async fn guessing_a_password_closes_that_account_for_a_while() {
    let target = healthy().await;
    for attempt in 1..=5 {
        assert_eq!(
            target.login("ref-victim", "wrong").await.status,
            401,
            "{attempt}"
        );
    }
    let closed = target.login("ref-victim", "a-long-walk-home-3").await;
    assert_eq!(closed.status, 429);
    assert_eq!(closed.json()["error"], "too_many_failed_logins");
    let wait = u64::try_from(closed.number("retry-after")).unwrap();
    assert!((1..=900).contains(&wait));
    assert_eq!(
        target.login("ref-other", "a-long-walk-home-2").await.status,
        200
    );
    target.advance(wait - 1);
    assert_eq!(
        target
            .login("ref-victim", "a-long-walk-home-3")
            .await
            .status,
        429
    );
    target.advance(1);
    assert_eq!(
        target
            .login("ref-victim", "a-long-walk-home-3")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_login_that_cannot_be_read_is_refused() {
    let target = healthy().await;
    for body in ["", "{", "[]", r#"{"username":"x"}"#] {
        let path = "/api/v1/auth/token";
        let reply = target
            .send(Method::POST, path, &[], Some(body.to_owned()))
            .await;
        assert_eq!(reply.status, 400, "{body}");
    }
}
