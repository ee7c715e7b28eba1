//! DOC-001 to DOC-004: the documentation agrees with the service.

use serde_json::Value;

use crate::client::{Target, healthy};

async fn document(target: &Target) -> Value {
    let reply = target.get_as("enterprise", "/openapi.json").await;
    assert_eq!(reply.status, 200);
    reply.json()
}

#[tokio::test]
async fn every_documented_address_is_there() {
    let target = healthy().await;
    let document = document(&target).await;
    assert_eq!(document["openapi"], "3.1.0");
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.len() >= 15);
    for (path, operations) in paths {
        let plain = !path.contains('{');
        if plain && operations.get("get").is_some() {
            let reply = target.get_as("enterprise", path).await;
            assert_eq!(reply.status, 200, "{path}");
            let documented = &operations["get"]["responses"];
            assert!(documented.get("200").is_some(), "{path}");
        }
    }
    let page = target.get_as("enterprise", "/docs").await;
    assert!(
        page.header("content-type")
            .unwrap()
            .starts_with("text/html")
    );
    assert!(page.text.contains("/openapi.json"));
}

#[tokio::test]
async fn keys_limits_and_errors_are_documented() {
    let target = healthy().await;
    let document = document(&target).await;
    let schemes = &document["components"]["securitySchemes"];
    assert_eq!(schemes["bearer"]["scheme"], "bearer");
    assert_eq!(schemes["apiKey"]["name"], "X-API-Key");
    let webhooks = &document["paths"]["/api/v1/user-webhooks"]["post"];
    assert!(
        webhooks["security"]
            .as_array()
            .is_some_and(|schemes| schemes.len() == 2)
    );
    for status in ["400", "401", "409", "429"] {
        let content = &webhooks["responses"][status]["content"]["application/json"];
        assert_eq!(
            content["schema"]["$ref"], "#/components/schemas/Error",
            "{status}"
        );
    }
    assert_eq!(
        document["components"]["schemas"]["Error"]["required"][0],
        "error"
    );

    let prose = document["info"]["description"].as_str().unwrap();
    let page = target.get_as("enterprise", "/docs").await.text;
    for sentence in [
        "The free tier has 10 requests per minute, 100 requests per hour, 500 requests per day.",
        "The pro tier has 35 requests per minute, 2083 requests per hour, 50000 requests per day.",
        "The team tier has 70 requests per minute, 4167 requests per hour, 100000 requests per day.",
        "The enterprise tier has 1000 requests per minute",
    ] {
        assert!(
            prose.contains(sentence) && page.contains(sentence),
            "{sentence}"
        );
    }
}

#[tokio::test]
async fn metrics_count_requests_by_route() {
    let target = healthy().await;
    let count = async || {
        let text = target.get("/metrics").await.text;
        let name =
            "http_requests_total{method=\"GET\",route=\"/exploits/{tx_hash}\",status=\"404\"}";
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.map_or(0, |count| count.trim().parse::<u64>().unwrap())
    };
    assert_eq!(count().await, 0);
    for name in ["a", "b", "c"] {
        target.get(&format!("/exploits/{name}")).await;
    }
    assert_eq!(count().await, 3);
    let text = target.get("/metrics").await.text;
    let series: Vec<&str> = text
        .lines()
        .filter_map(|line| line.rsplit_once(' ').map(|(name, _)| name))
        .collect();
    let unique: std::collections::BTreeSet<_> = series.iter().collect();
    assert_eq!(unique.len(), series.len(), "no series twice");
    let bucket =
        "http_request_duration_seconds_bucket{route=\"/exploits/{tx_hash}\",le=\"+Inf\"} 3";
    assert!(text.contains(bucket), "{text}");
    if cfg!(target_os = "linux") {
        assert!(text.contains("process_cpu_seconds_total "));
        assert!(text.contains("process_resident_memory_bytes "));
    }
}
