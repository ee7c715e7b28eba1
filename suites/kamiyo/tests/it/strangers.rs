//! Services that are not what the checklist is about: the suite runs to its end, and a stranger can
//! read from each reason what was missing.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use crate::suite::{Outcome, Ran, Suite};

/// A server that answers each request with the bytes that `answer` gives for its request line.
fn serve(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let answer = Arc::new(answer);
    // It ends with the test process.
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            thread::spawn(move || converse(stream, &*answer));
        }
    });
    address
}

/// Requests and answers, one connection for each.
fn converse(mut stream: TcpStream, answer: &dyn Fn(&str) -> Vec<u8>) {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut buffer) {
            Ok(read) if read > 0 => request.extend_from_slice(&buffer[..read]),
            _ => return,
        }
    }
    let text = String::from_utf8_lossy(&request);
    let _ = stream.write_all(&answer(text.lines().next().unwrap_or("")));
}

fn reply(status: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn against(address: &str) -> Ran {
    Suite::new()
        .env("READINESS_KIND", "remote")
        .env("READINESS_BASE_URL", address)
        .env("READINESS_NAME", "stranger")
        .run()
}

/// Rows by outcome and reason: what a stranger reads.
fn told(ran: &Ran, address: &str) -> String {
    let mut by_reason: BTreeMap<(String, String), Vec<&str>> = BTreeMap::new();
    for trial in ran.trials.values() {
        let (outcome, reason) = ran.of(&trial.id).unwrap();
        let reason = reason.replace(address, "TARGET");
        let ids = by_reason
            .entry((format!("{outcome:?}"), reason))
            .or_default();
        if !ids.contains(&trial.id.as_str()) {
            ids.push(&trial.id);
        }
    }
    let mut text = String::new();
    for ((outcome, reason), ids) in by_reason {
        writeln!(text, "{outcome}: {reason}\n    {}", ids.join(" ")).unwrap();
    }
    text
}

/// Everything ran, said why, and nothing broke on the way.
fn is_orderly(ran: &Ran) {
    assert!(!ran.trials.is_empty(), "{}", ran.output);
    assert!(!ran.output.contains("panicked"), "{}", ran.output);
    for trial in ran.trials.values() {
        let (outcome, reason) = ran.of(&trial.id).unwrap();
        assert!(
            outcome == Outcome::Pass || !reason.trim().is_empty(),
            "{} says nothing",
            trial.trial
        );
    }
}

#[test]
fn a_service_with_nothing_but_a_health_page() {
    let address = serve(|line| match line.split(' ').nth(1) {
        Some("/health") => reply("200 OK", "{\"status\":\"ok\"}"),
        _ => reply("404 Not Found", "{\"error\":\"not found\"}"),
    });
    let ran = against(&address);
    is_orderly(&ran);
    insta::assert_snapshot!("health_alone", told(&ran, &address));
}

#[test]
fn a_service_that_talks_nonsense() {
    let address = serve(|_| b"\x00\xff\x1b[31m<script>|`\r\n\r\n".repeat(50));
    let ran = against(&address);
    is_orderly(&ran);
    // Nothing was seen, so nothing passes but what is about files.
    let passed: Vec<_> = ran
        .rows()
        .into_iter()
        .filter(|(_, outcome)| *outcome == Outcome::Pass)
        .map(|(id, _)| id)
        .collect();
    assert_eq!(passed, ["DOC-006"], "{}", told(&ran, &address));
    assert!(!ran.output.contains('\x1b'), "{}", ran.output);
}
