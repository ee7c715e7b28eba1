//! The log: PCI-001 to PCI-008, LOG-001 to LOG-006, ERR-006 and ERR-008.

use readiness_reference::{Environment, markers};
use reqwest::Method;
use serde_json::Value;

use crate::client::{Target, config, healthy, start};

fn records(target: &Target, mark: u64) -> Vec<Value> {
    let lines = target.service.logs().since(mark);
    lines
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test]
async fn each_request_is_one_record() {
    let target = healthy().await;
    let mark = target.service.logs().mark();
    target.get_as("pro", "/exploits?chain=Base").await;
    target.get_as("pro", "/exploits/nonce-404").await;
    target
        .send(
            Method::POST,
            "/api/v1/watchlists",
            &[],
            Some("{}".to_owned()),
        )
        .await;
    let reply = target.get_with("/chains", &[("x-api-key", "wrong")]).await;
    let records = records(&target, mark);
    let field = |name: &str| -> Vec<Value> { records.iter().map(|r| r[name].clone()).collect() };
    assert_eq!(field("method"), ["GET", "GET", "POST", "GET"]);
    assert_eq!(
        field("path"),
        [
            "/exploits",
            "/exploits/nonce-404",
            "/api/v1/watchlists",
            "/chains"
        ]
    );
    assert_eq!(field("status"), [200, 404, 401, 401]);
    assert_eq!(field("level"), ["INFO", "WARNING", "WARNING", "WARNING"]);
    assert_eq!(field("query")[0], "chain=Base");
    assert_eq!(
        records[3]["request_id"],
        reply.header("x-request-id").unwrap()
    );
    for record in &records {
        assert_eq!(record["timestamp"], "2026-03-01T12:00:17.500000Z");
        for name in ["message", "logger", "module", "function"] {
            assert!(
                record[name].as_str().is_some_and(|text| !text.is_empty()),
                "{name}"
            );
        }
        assert!(record["line"].as_u64().is_some_and(|line| line > 0));
        assert!(record["duration_ms"].as_f64().is_some());
    }
}

#[tokio::test]
async fn secrets_are_redacted_in_every_channel() {
    let target = healthy().await;
    let mark = target.service.logs().mark();
    let card = "4242424242424242";
    let key = target.key("team");
    target
        .get_as("team", &format!("/exploits?n=nonce-1&card={card}"))
        .await;
    target
        .get_as("team", &format!("/exploits/nonce-2%20{card}"))
        .await;
    let agent = format!("nonce-3 {card} ann@example.com");
    target
        .get_with("/chains", &[("x-api-key", &key), ("user-agent", &agent)])
        .await;
    let body = format!("{{\"n\": \"nonce-4\", \"card\": \"{card}\", \"cvc\": \"123\", oops");
    let headers = [("x-api-key", key.as_str())];
    target
        .send(Method::POST, "/api/v1/watchlists", &headers, Some(body))
        .await;

    let lines = target.service.logs().since(mark);
    assert_eq!(lines.len(), 4);
    for (number, line) in lines.iter().enumerate() {
        assert!(line.contains(&format!("nonce-{}", number + 1)), "{line}");
        assert!(line.contains(markers::CARD), "{line}");
        assert!(!line.contains(card) && !line.contains(&key), "{line}");
    }
    assert!(lines[2].contains(markers::EMAIL) && lines[3].contains(markers::CVV));
}

#[tokio::test]
async fn an_internal_error_is_logged_in_full_and_not_shown() {
    let target = healthy().await;
    let mark = target.service.logs().mark();
    target.service.fail_next("nonce-500");
    let path = "/exploits?q=nonce-500&card=4242424242424242";
    let reply = target.get_as("pro", path).await;
    assert_eq!(reply.status, 500);
    let body = reply.json();
    assert_eq!(body["error"], "internal_error");
    assert_eq!(body["request_id"], reply.header("x-request-id").unwrap());
    for hidden in ["DecodeError", ".rs", "4242", "trigger"] {
        assert!(!reply.text.contains(hidden), "{}", reply.text);
    }

    let records = records(&target, mark);
    let [record] = records.as_slice() else {
        panic!("{records:?}")
    };
    assert_eq!(
        (&record["level"], &record["path"]),
        (&"ERROR".into(), &"/exploits".into())
    );
    assert_eq!(record["request_id"], body["request_id"]);
    let exception = &record["exception"];
    assert_eq!(exception["type"], "DecodeError");
    assert!(
        exception["message"]
            .as_str()
            .unwrap()
            .contains(markers::CARD)
    );
    assert!(exception["cause"].as_str().unwrap().contains(markers::CARD));
    let trace = exception["trace"].as_array().unwrap();
    assert!(trace.len() >= 2);
    for frame in trace {
        assert!(frame["file"].as_str().unwrap().contains("src") && frame["line"].is_u64());
    }
    assert!(!record.to_string().contains("4242424242424242"));
    assert_eq!(
        target.get_as("pro", path).await.status,
        200,
        "once is enough"
    );
}

#[tokio::test]
async fn a_developer_sees_the_trace() {
    let target = start(config().environment(Environment::Development)).await;
    target.service.fail_next("nonce-500");
    let reply = target.get_as("pro", "/exploits?q=nonce-500").await;
    assert!(
        reply.json()["trace"]
            .as_str()
            .unwrap()
            .contains("DecodeError")
    );
}

#[tokio::test]
async fn the_start_is_logged_with_a_warm_cache() {
    let records = records(&healthy().await, 0);
    assert!(records[0]["message"].as_str().unwrap().contains("started"));
    assert_eq!(
        (&records[1]["logger"], &records[1]["count"]),
        (&"kamiyo.cache".into(), &4.into())
    );
}

#[tokio::test]
async fn the_log_can_go_to_a_file() {
    let path = std::env::temp_dir().join(format!("readiness-reference-{}.log", std::process::id()));
    let target = start(config().log_file(&path)).await;
    target.get("/exploits/nonce-file").await;
    let lines = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(
        lines.lines().collect::<Vec<_>>(),
        target.service.logs().since(0)
    );
    assert!(lines.contains("nonce-file"));
}
