//! Keys and tiers at the door.

use crate::client::healthy;

#[tokio::test]
async fn a_key_works_in_either_header_and_names_its_tier() {
    let target = healthy().await;
    for account in target.service.accounts() {
        let bearer = format!("Bearer {}", account.api_key);
        for header in [
            ("authorization", bearer.as_str()),
            ("x-api-key", &account.api_key),
        ] {
            let reply = target.get_with("/chains", &[header]).await;
            assert_eq!(reply.status, 200, "{}", account.name);
            assert_eq!(
                reply.header("x-ratelimit-tier"),
                Some(account.tier.as_str())
            );
        }
    }
    let reply = target.get("/chains").await;
    assert_eq!(
        (reply.status, reply.header("x-ratelimit-tier")),
        (200, Some("free"))
    );
}

#[tokio::test]
async fn a_wrong_key_is_refused_not_taken_for_anonymous() {
    let target = healthy().await;
    for key in ["unknown", "ref-pro", "REF-PRO-1", ""] {
        let bearer = format!("Bearer {key}");
        for header in [("authorization", bearer.as_str()), ("x-api-key", key)] {
            let reply = target.get_with("/chains", &[header]).await;
            assert_eq!(reply.status, 401, "{header:?}");
            assert!(
                reply
                    .header("www-authenticate")
                    .unwrap()
                    .starts_with("Bearer")
            );
            assert_eq!(reply.json()["error"], "invalid_credential");
        }
    }
    let reply = target.get("/chains?api_key=ref-pro-1").await;
    assert_eq!(
        reply.header("x-ratelimit-tier"),
        Some("free"),
        "not from the query"
    );
}
