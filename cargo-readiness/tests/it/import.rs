//! Reports of other tools as results of a run.

use crate::place::{Place, process};

/// What is asked of the summaries below.
const RULES: &str = r#"
checklist = "CHECKLIST.md"

[target]
kind = "remote"
name = "staging"

[[import.k6]]
id = "A-1"
metric = "http_req_duration"
threshold = "p(95)<800"
samples = 1000
users = 200
duration = "10m"

[[import.k6]]
id = "A-2"
metric = "http_req_duration{endpoint:list}"
threshold = "p(95)<500"
samples = 1000

[[import.k6]]
id = "A-3"
metric = "http_req_failed"
threshold = "rate<0.05"
samples = 2000

[[import.k6]]
id = "A-5"
metric = "vus"
threshold = "max>=200"
hold = "3m"
"#;

/// What `--summary-export` writes: a threshold is `true` when it was crossed.
const EXPORTED: &str = r#"{
  "metrics": {
    "http_req_duration": {"avg": 88.1, "max": 912.4, "med": 71.2, "min": 3.1, "p(90)": 201.5, "p(95)": 312.25,
      "thresholds": {"p(95)<800": false}},
    "http_req_duration{endpoint:list}": {"avg": 97.0, "max": 640.0, "med": 80.0, "min": 5.0, "p(90)": 240.0, "p(95)": 420.5,
      "thresholds": {"p(95)<500": false}},
    "http_req_failed": {"passes": 120, "fails": 59880, "value": 0.002, "thresholds": {"rate<0.05": false}},
    "http_reqs": {"count": 60000, "rate": 99.5},
    "http_reqs{endpoint:list}": {"count": 30000, "rate": 49.75},
    "iterations": {"count": 15000, "rate": 24.9},
    "vus": {"max": 200, "min": 1, "value": 3},
    "vus_max": {"max": 200, "min": 200, "value": 200},
    "checks": {"passes": 59880, "fails": 120, "value": 0.998}
  },
  "root_group": {"name": "", "path": "", "id": "d41d8cd98f00b204e9800998ecf8427e", "groups": {}, "checks": {}}
}"#;

/// What `handleSummary()` is given: a threshold is `ok` when it was kept.
const HANDLED: &str = r#"{
  "root_group": {"name": "", "path": "", "id": "d41d8cd98f00b204e9800998ecf8427e", "groups": [], "checks": []},
  "options": {"summaryTrendStats": ["avg", "min", "med", "max", "p(90)", "p(95)"], "summaryTimeUnit": "", "noColor": false},
  "state": {"isStdOutTTY": false, "isStdErrTTY": false, "testRunDurationMs": 602500.75},
  "metrics": {
    "http_req_duration": {"type": "trend", "contains": "time",
      "values": {"avg": 88.1, "min": 3.1, "med": 71.2, "max": 912.4, "p(90)": 201.5, "p(95)": 312.25},
      "thresholds": {"p(95)<800": {"ok": true}}},
    "http_req_duration{endpoint:list}": {"type": "trend", "contains": "time",
      "values": {"avg": 97.0, "min": 5.0, "med": 80.0, "max": 640.0, "p(90)": 240.0, "p(95)": 420.5, "count": 30000},
      "thresholds": {"p(95) < 500": {"ok": true}}},
    "http_req_failed": {"type": "rate", "contains": "default",
      "values": {"rate": 0.002, "passes": 120, "fails": 59880}, "thresholds": {"rate<0.05": {"ok": true}}},
    "http_reqs": {"type": "counter", "contains": "default", "values": {"count": 60000, "rate": 99.5}},
    "vus": {"type": "gauge", "contains": "default", "values": {"value": 3, "min": 1, "max": 200}}
  }
}"#;

fn place(summary: &str) -> Place {
    let place = Place::new();
    place.write("readiness.toml", RULES);
    place.write("summary.json", summary);
    place
}

/// The lines of an import, without where it went.
fn import(place: &Place) -> String {
    let ran = place.readiness(&["import", "k6", "summary.json"]).exits(0);
    let (lines, _) = ran.out.split_once("added to").unwrap();
    lines.to_owned()
}

#[test]
fn both_shapes_of_a_summary_say_the_same() {
    let said = import(&place(EXPORTED));
    assert_eq!(said, import(&place(HANDLED)));
    insta::assert_snapshot!(said, @r"
    PASS          A-1  http_req_duration p(95)<800
    PASS          A-2  http_req_duration{endpoint:list} p(95)<500
    PASS          A-3  http_req_failed rate<0.05
    WARN          A-5  vus max>=200: max is 200, but a summary shows the peak, not that it was held for 180 s
    ");
}

#[test]
fn imported_results_are_reported_as_such_and_no_proof_is_claimed() {
    let place = place(HANDLED);
    import(&place);
    place
        .readiness(&["report"])
        .exits(0)
        .says("3 pass (0 proven able to fail, 3 imported and unproven, 0 attested), 1 warn");
    assert!(
        place
            .read("CHECKLIST.md")
            .contains("| A-1 | It starts | ✅ |")
    );
    assert!(place.read("readiness.lock").contains("imported"));
    // The same summary again replaces what it said, and the document stays as it is.
    let before = place.read("CHECKLIST.md");
    import(&place);
    place.readiness(&["report"]).exits(0);
    assert_eq!(place.read("CHECKLIST.md"), before);
    assert_eq!(std::fs::read_dir(place.path("runs")).unwrap().count(), 1);
}

/// Each alteration of a good summary, and what becomes of one line.
#[test]
fn what_is_wrong_with_a_summary_is_said() {
    for (what, with, expected) in [
        (
            "312.25",
            "900.5",
            "FAIL          A-1  http_req_duration p(95)<800: p(95) is 900.5, not < 800",
        ),
        (
            "602500.75",
            "12050",
            "WARN          A-1  http_req_duration p(95)<800: p(95) is 312.25, but shortened: 12.05 s of 600 s (2 %)",
        ),
        (
            "\"max\": 200",
            "\"max\": 150",
            "WARN          A-1  http_req_duration p(95)<800: p(95) is 312.25, but shortened: 150 of 200 users",
        ),
        (
            "\"max\": 200",
            "\"max\": 150",
            "FAIL          A-5  vus max>=200: max is 150, not >= 200",
        ),
        (
            "\"count\": 60000",
            "\"count\": 999",
            "not verified  A-1  http_req_duration p(95)<800: 999 samples; at least 1000 are needed",
        ),
        (
            "\"count\": 60000",
            "\"count\": 0",
            "not verified  A-1  http_req_duration p(95)<800: 0 samples",
        ),
        (
            "endpoint:list",
            "endpoint:other",
            "not verified  A-2  http_req_duration{endpoint:list} p(95)<500: the summary has http_req_duration, but not for {endpoint:list}",
        ),
        (
            ", \"count\": 30000",
            "",
            "WARN          A-2  http_req_duration{endpoint:list} p(95)<500: p(95) is 420.5, but the summary does not tell how many samples",
        ),
        (
            "\"p(95)\": 420.5",
            "\"p(99)\": 420.5",
            "not verified  A-2  http_req_duration{endpoint:list} p(95)<500: the summary has no p(95) of",
        ),
        (
            "\"rate\": 0.002",
            "\"rate\": 0.2",
            "FAIL          A-3  http_req_failed rate<0.05: the summary contradicts itself: rate 0.2, but 120 of 60000",
        ),
        (
            "\"passes\": 120, \"fails\": 59880",
            "\"passes\": 59880, \"fails\": 120",
            "FAIL          A-3  http_req_failed rate<0.05: the summary contradicts itself",
        ),
        (
            "{\"p(95)<800\": {\"ok\": true}}",
            "{\"p(95)<800\": {\"ok\": false}}",
            "FAIL          A-1  http_req_duration p(95)<800: k6 itself reports p(95)<800 as crossed",
        ),
        (
            "312.25",
            "-1",
            "not verified  A-1  http_req_duration p(95)<800: p(95) of http_req_duration is negative",
        ),
    ] {
        assert!(HANDLED.contains(what), "{what}");
        let said = import(&place(&HANDLED.replace(what, with)));
        assert!(said.contains(expected), "{what} -> {with}: {said}");
    }
}

#[test]
fn a_summary_stands_in_for_a_check_that_could_not_look_and_for_no_other() {
    let place = place(HANDLED);
    place.journal(&process(&[
        ("A-1", "unavailable: no load allowed"),
        ("A-2", "failed: slow"),
        ("A-3", "warned: shortened"),
    ]));
    import(&place);
    let ran = place.readiness(&["report", "--check"]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.out, ran.err);
    place
        .readiness(&["explain", "A-1"])
        .exits(0)
        .says("outcome: passed");
    place
        .readiness(&["explain", "A-2"])
        .exits(0)
        .says("outcome: failed");
    place
        .readiness(&["explain", "A-3"])
        .exits(0)
        .says("outcome: warned");
}

#[test]
fn an_import_is_merged_like_any_journal() {
    let place = place(HANDLED);
    import(&place);
    place
        .readiness(&["merge", "runs", "--output", "m"])
        .exits(0);
    place
        .readiness(&["report", "--run", "m", "--output", "out.md"])
        .exits(0)
        .says("3 imported and unproven");
}

#[test]
fn an_old_summary_says_nothing_about_today() {
    let place = place(HANDLED);
    let file = std::fs::File::options()
        .write(true)
        .open(place.path("summary.json"))
        .unwrap();
    let days = std::time::Duration::from_secs(24 * 60 * 60);
    file.set_modified(std::time::SystemTime::now() - 40 * days)
        .unwrap();
    let said = import(&place);
    assert!(said.contains("not verified  A-1"), "{said}");
    assert!(said.contains("the summary is 40 days old"), "{said}");
}

#[test]
fn what_is_no_summary_is_refused() {
    for (summary, why) in [
        ("", "it is no JSON"),
        ("[]", "no `metrics`"),
        ("{\"metrics\": []}", "no `metrics`"),
        ("{\"metrics\": {\"a\": 1}}", "`a` is no metric"),
        (
            "{\"metrics\": {\"a\": {\"avg\": \"1\"}}}",
            "`avg` is no number",
        ),
        (
            "{\"metrics\": {\"a\": {\"values\": {}}, \"b\": {\"avg\": 1}}}",
            "only some of its metrics",
        ),
        ("{\"metrics\": {\"a\": {\"avg\": 1e999}}}", "it is no JSON"),
    ] {
        place(summary)
            .readiness(&["import", "k6", "summary.json"])
            .exits(2)
            .says(why);
    }
    let deep = format!("{{\"metrics\": {}", "[".repeat(100_000));
    place(&deep)
        .readiness(&["import", "k6", "summary.json"])
        .exits(2)
        .says("it is no JSON");
}

#[test]
fn rules_without_an_item_and_no_rules_are_errors() {
    let no_item = place(HANDLED);
    no_item.write("readiness.toml", RULES.replace("\"A-5\"", "\"A-6\""));
    no_item
        .readiness(&["import", "k6", "summary.json"])
        .exits(2)
        .says("has the id `A-6`")
        .says("readiness.toml:28");
    let no_rules = place(HANDLED);
    no_rules.write("readiness.toml", "checklist = \"CHECKLIST.md\"\n");
    no_rules
        .readiness(&["import", "k6", "summary.json"])
        .exits(2)
        .says("no [[import.k6]]");
}
