//! Bounds, and what is masked before them.

use std::sync::Arc;

use serde_json::json;

use super::*;
use crate::config::Config;
use crate::context::Context;
use crate::observation::json::Json;
use crate::run::{ProveSettings, Run};

fn context() -> (Context, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let config = Config::default();
    let settings = ProveSettings::from_config(&config);
    let redactor = Redactor::default();
    let run = Run::new(
        folder.path().to_owned(),
        "r".into(),
        Arc::new(config),
        redactor,
        settings,
    );
    (Context::for_trial(&run, "t", "T-1"), folder)
}

fn see(cx: &Context, key: &str, value: Value) -> Json {
    cx.observe_now(key, || Ok(Json::new(value))).unwrap()
}

#[test]
fn evidence_shows_what_was_seen_and_read() {
    let (cx, _folder) = context();
    let seen = see(&cx, "GET /", json!({"status": "ok", "token": "abcd"}));
    assert_eq!(seen.get("status").as_str(), Some("ok"));
    assert!(cx.now() > std::time::SystemTime::UNIX_EPOCH);
    let gone = cx.observe_now::<Json>("GET /gone", || {
        Err(crate::Error::other("refused for a@example.com"))
    });
    assert!(gone.is_err());
    let evidence = cx.evidence();
    assert_eq!(evidence.len(), 2, "the clock is no evidence");
    assert_eq!(evidence[0].observation, "json GET / #1");
    assert_eq!(
        evidence[0].value,
        json!({"status": "ok", "token": "[redacted]"})
    );
    assert_eq!(evidence[0].read, [Facet("json:/status".into())]);
    assert!(!evidence[0].truncated);
    assert_eq!(
        evidence[1].value,
        json!({"failed": "refused for [redacted e-mail]"})
    );
}

#[test]
fn everything_is_bounded() {
    let (cx, _folder) = context();
    let long = "é".repeat(100_000);
    see(&cx, &long, json!(long));
    see(&cx, "wide", json!(vec![long.clone(); 1_000]));
    let fields: serde_json::Map<_, _> = (0..1_000)
        .map(|n| (format!("{n}{long}"), json!(n)))
        .collect();
    see(&cx, "object", Value::Object(fields));
    let mut deep = json!(1);
    for _ in 0..100 {
        deep = json!([deep, deep.is_array()]);
    }
    see(&cx, "deep", deep);
    let many = see(&cx, "many reads", json!({}));
    for n in 0..1_000 {
        let _ = many.get(&n.to_string()).exists();
    }
    for _ in 0..500 {
        see(&cx, "again", json!(1));
    }
    let evidence = cx.evidence();
    let (more, kept) = evidence.split_last().unwrap();
    assert_eq!(kept.len(), 64);
    assert_eq!(more.observation, "and 441 more");
    for one in &kept[..4] {
        assert!(one.truncated, "{}", one.observation);
        assert!(
            serde_json::to_vec(&one.value).unwrap().len() <= 8 * 1024,
            "{}",
            one.observation
        );
    }
    assert!(
        kept.iter()
            .all(|one| one.observation.len() < 600 && one.read.len() <= 48)
    );
    assert!(!kept[5].truncated);
    assert!(serde_json::to_vec(&evidence).unwrap().len() < 128 * 1024);
}

/// A secret at the edge of a cut is masked before the cut.
#[test]
fn a_cut_never_leaves_half_a_secret() {
    let (cx, _folder) = context();
    cx.secret("canary-secret-0123456789");
    for at in 480..520 {
        see(
            &cx,
            "edge",
            json!(format!("{}canary-secret-0123456789", "x".repeat(at))),
        );
    }
    let text = serde_json::to_string(&cx.evidence()).unwrap();
    assert!(!text.contains("canary"), "{text}");
}
