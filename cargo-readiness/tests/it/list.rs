//! `list`: what items came to and who answers to them, filtered, as text and as JSON.

use serde_json::{Value, json};

use crate::place::{Place, process};

const DOCUMENT: &str = "\
# Shop

## Säle

| ID | Requirement | Test | Status |
|----|-------------|------|--------|
| A-1 | It starts | `a::starts` | ⏸️ |
| A-2 | It stops | | ⏸️ |

## Rest

| ID | Requirement | Owner | Status |
|----|-------------|-------|--------|
| A-3 | It is fast \u{1b}[31m | ops | ⏸️ |
| A-4 | It is documented | | ✅ |
| A-5 | It is backed up | | ⏸️ |
";

fn place() -> Place {
    let place = Place::new();
    place.write("CHECKLIST.md", DOCUMENT);
    place.journal(&process(&[
        ("A-1", "proven"),
        ("A-2", "failed: 500 instead of 200"),
        ("A-3", "vacuous"),
    ]));
    place
}

fn ids(place: &Place, arguments: &[&str]) -> Vec<String> {
    let all: Vec<_> = ["list", "--format", "json"]
        .iter()
        .chain(arguments)
        .copied()
        .collect();
    let list: Value = serde_json::from_str(&place.readiness(&all).exits(0).out).unwrap();
    let items = list["documents"][0]["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn every_item_with_its_status_strength_section_checks_and_test() {
    insta::assert_snapshot!(place().readiness(&["list"]).exits(0).out);
}

#[test]
fn without_a_run_nothing_is_verified() {
    let place = Place::new();
    let ran = place
        .readiness(&["list", "--checklist", "CHECKLIST.md"])
        .exits(0);
    assert!(
        ran.out.starts_with("CHECKLIST.md: 5 items; no run yet\n"),
        "{}",
        ran.out
    );
    assert_eq!(ran.out.matches("  not verified").count(), 5, "{}", ran.out);
    assert!(
        ran.out
            .contains("the document says PASS, and nothing stands behind it")
    );
}

#[test]
fn filters_are_all_met() {
    let place = place();
    assert_eq!(ids(&place, &[]), ["A-1", "A-2", "A-3", "A-4", "A-5"]);
    assert_eq!(ids(&place, &["--status", "fail,WARN"]), ["A-2", "A-3"]);
    assert_eq!(ids(&place, &["--status", "vacuous"]), ["A-3"]);
    assert_eq!(ids(&place, &["--status", "claimed"]), ["A-4"]);
    assert_eq!(ids(&place, &["--strength", "proven"]), ["A-1"]);
    assert_eq!(ids(&place, &["--section", "SÄLE"]), ["A-1", "A-2"]);
    assert_eq!(
        ids(&place, &["--section", "rest", "it IS b", "a-4"]),
        ["A-4", "A-5"]
    );
    assert!(ids(&place, &["--section", "rest", "--status", "fail"]).is_empty());
    let ran = place.readiness(&["list", "--status", "fail"]).exits(0);
    assert!(
        ran.out
            .starts_with("CHECKLIST.md: 1 of 5 items; target staging, run r-1\n")
    );
    place
        .readiness(&["list", "--status", "green"])
        .exits(2)
        .says("there are pass, warn, fail, skip, claimed, and the outcomes failed");
}

#[test]
fn json_has_what_the_text_says() {
    let place = place();
    let ran = place.readiness(&["list", "--format", "json"]).exits(0);
    let list: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        [&list["format"], &list["version"]],
        [&json!("readiness-list"), &json!(1)]
    );
    let document = &list["documents"][0];
    assert_eq!(document["total"], 5);
    assert_eq!(
        document["items"][1],
        json!({
            "id": "A-2", "requirement": "It stops", "section": ["Säle"], "line": 8,
            "status": "FAIL", "outcome": "failed", "reason": "500 instead of 200",
            "strength": null, "stated": "not run", "claimed": false,
            "test": null, "owner": null, "priority": null,
            "checks": [{"trial": "A-2::it", "source": "src/lib.rs:7", "result": "failed", "excused": null}],
        })
    );
    assert_eq!(document["items"][2]["owner"], "ops");
    assert!(!ran.out.contains('\u{1b}'));
}
