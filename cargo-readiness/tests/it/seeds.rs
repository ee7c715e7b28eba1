//! The two documents that the project began with, through the whole command.
//!
//! They lie beside the project where it is developed; elsewhere these tests say that they skip.

use std::path::Path;

use crate::place::{Place, process};

#[expect(clippy::print_stderr, reason = "a test that skips says so")]
pub fn seed(name: &str) -> Option<Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/checklists")
        .join(name);
    match std::fs::read(&path) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            let required = std::env::var("READINESS_REQUIRE_SHARED").is_ok_and(|v| v == "1");
            assert!(!required, "{}: {error}", path.display());
            eprintln!("skipped: {} is not here ({error})", path.display());
            None
        }
    }
}

/// The lines that differ, `(before, after)`; `None` stands for a line that is not there.
fn changes(before: &str, after: &str) -> Vec<(Option<String>, Option<String>)> {
    let (old, new): (Vec<_>, Vec<_>) = (before.lines().collect(), after.lines().collect());
    let mut changes = Vec::new();
    let mut at = 0;
    for line in &new {
        if old.get(at) == Some(line) {
            at += 1;
        } else if line.contains("<!-- readiness -->") && line.trim_start().starts_with("- ") {
            changes.push((None, Some((*line).to_owned())));
        } else {
            changes.push((
                old.get(at).map(ToString::to_string),
                Some((*line).to_owned()),
            ));
            at += 1;
        }
    }
    changes.extend(
        old[at..]
            .iter()
            .map(|line| (Some((*line).to_string()), None)),
    );
    changes
}

/// Reports to another file, twice: the second time from what the first wrote.
fn report_twice(place: &Place) -> String {
    place.readiness(&["report", "--output", "once.md"]).exits(0);
    let once = place.read("once.md");
    place.write("CHECKLIST.md", &once);
    place
        .readiness(&["report", "--output", "twice.md"])
        .exits(0);
    assert_eq!(
        place.read("twice.md"),
        once,
        "applied twice is applied once"
    );
    once
}

#[test]
fn the_table_document_changes_in_its_own_spelling_and_counts_right() {
    let Some(bytes) = seed("kamiyo.md") else {
        return;
    };
    let before = String::from_utf8(bytes).unwrap();
    let place = Place::new();
    place.write("CHECKLIST.md", &before);
    place.journal(&process(&[
        ("HDR-001", "proven"),
        ("HDR-002", "failed: x-frame-options is missing"),
        ("RL-001", "vacuous"),
        ("DATA-001", "unavailable: nothing answers"),
    ]));
    let after = report_twice(&place);
    let changes = changes(&before, &after);
    let (dates, rest): (Vec<_>, Vec<_>) = changes
        .iter()
        .map(|(_, after)| after.as_deref().unwrap_or("(gone)"))
        .partition(|line| line.starts_with("**Last Updated:** 20"));
    assert_eq!(dates.len(), 1);
    assert_eq!(
        rest,
        [
            "**Overall Readiness Score:** 0.8% (1 of 121)",
            "| HDR-001 | X-Content-Type-Options: nosniff | `tests/monitoring/validate_logs.py::test_api_logging` | ‚úÖ | |",
            "| HDR-002 | X-Frame-Options: DENY | `tests/monitoring/validate_logs.py::test_api_logging` | ‚ùå | <!-- readiness --> x-frame-options is missing |",
            "| RL-001 | HTTP 429 on rate limit | `tests/api/tier_enforcement.test.py::TestRateLimiting::test_rate_limit_response_format` | ‚ö†Ô∏è | <!-- readiness --> vacuous: still passes when the reply is 500 |",
            "- ‚ö†Ô∏è WARN: 1",
            "- ‚ùå FAIL: 1",
            "- ‚è∏Ô∏è SKIP: 118 (awaiting test results)",
            "**Score: 0.8%** (1 of 121)",
        ]
    );
}

#[test]
fn the_untested_table_document_is_counted_and_left_alone() {
    let Some(bytes) = seed("kamiyo.md") else {
        return;
    };
    let place = Place::new();
    place.write("CHECKLIST.md", &bytes);
    place
        .readiness(&["report"])
        .exits(0)
        .says("121 items, score 0/121 = 0.00 %")
        .says("claimed, with nothing behind it, not counted: 1")
        .says("PASS  DOC-006");
    assert_eq!(std::fs::read(place.path("CHECKLIST.md")).unwrap(), bytes);
    assert!(!place.path("readiness.lock").exists());
}

#[test]
fn the_document_of_boxes_gets_ticks_and_status_bullets() {
    let Some(bytes) = seed("caio.md") else { return };
    let before = String::from_utf8(bytes).unwrap();
    let place = Place::new();
    place.write("CHECKLIST.md", &before);
    place.write(
        "readiness.toml",
        "[ids]\n\"security-hardening/tls-ssl-termination-configured-ingress-or\" = \"CAIO-SEC-002\"\n",
    );
    place.journal(&process(&[
        ("CAIO-SEC-002", "failed: TLS 1.0 is accepted"),
        (
            "performance-hardening/horizontal-scaling-strategy-defined-replicas-autoscaling",
            "proven",
        ),
    ]));
    let after = report_twice(&place);
    assert_eq!(
        changes(&before, &after),
        [
            (
                None,
                Some("  - **Status:** FAIL <!-- readiness --> TLS 1.0 is accepted".to_owned())
            ),
            (
                Some(
                    "- [ ] Horizontal scaling strategy defined (replicas, autoscaling).".to_owned()
                ),
                Some(
                    "- [x] Horizontal scaling strategy defined (replicas, autoscaling).".to_owned()
                )
            ),
        ]
    );
}
