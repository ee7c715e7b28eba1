//! CACHE-001 to CACHE-004: our own cache and what others may cache.

use crate::client::healthy;

#[tokio::test]
async fn totals_come_from_the_cache_the_second_time() {
    let target = healthy().await;
    let first = target.get_as("pro", "/stats?days=90").await;
    let second = target.get_as("pro", "/stats?days=90").await;
    assert_eq!(first.header("x-cache"), Some("MISS"));
    assert_eq!(second.header("x-cache"), Some("HIT"));
    assert_eq!(first.text, second.text);
    target.advance(300);
    let later = target.get_as("pro", "/stats?days=90").await;
    assert_eq!(later.header("x-cache"), Some("MISS"));
    assert_ne!(
        target.get("/stats?days=90").await.text,
        later.text,
        "the free tier has its own"
    );
}

#[tokio::test]
async fn entries_expire_and_a_start_makes_them() {
    let target = healthy().await;
    let cached = || {
        let entries = target.service.cache_entries();
        assert!(
            entries
                .iter()
                .all(|entry| entry.key.starts_with("kamiyo:cache:"))
        );
        entries
    };
    assert_eq!(cached().len(), 4, "made before the first request");
    let life = |entry: &readiness_reference::CacheEntry| entry.life.map(|life| life.as_secs());
    assert!(cached().iter().all(|entry| life(entry) == Some(300)));
    target.advance(100);
    assert!(cached().iter().all(|entry| life(entry) == Some(200)));
    target.advance(200);
    assert!(cached().is_empty());
    target.service.restart().await;
    assert_eq!(cached().len(), 4);
}

#[tokio::test]
async fn replies_say_who_may_keep_them() {
    let target = healthy().await;
    for path in ["/exploits", "/stats", "/chains"] {
        let free = target.get(path).await;
        assert!(
            free.header("cache-control")
                .unwrap()
                .starts_with("public, max-age="),
            "{path}"
        );
        let keyed = target.get_as("pro", path).await;
        assert!(
            keyed
                .header("cache-control")
                .unwrap()
                .starts_with("private, max-age="),
            "{path}"
        );
        for reply in [&free, &keyed] {
            let vary = reply.header("vary").unwrap();
            assert!(
                vary.contains("X-API-Key") && vary.contains("Origin"),
                "{vary}"
            );
        }
        let etag = keyed.header("etag").unwrap();
        let key = target.key("pro");
        let headers = [("x-api-key", key.as_str()), ("if-none-match", etag)];
        let again = target.get_with(path, &headers).await;
        assert_eq!((again.status, again.text.as_str()), (304, ""), "{path}");
    }
    assert_eq!(
        target
            .get_as("pro", "/exploits?page=0")
            .await
            .header("cache-control"),
        None
    );
}
