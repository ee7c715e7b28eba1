use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use readiness::Verdict;
use readiness::observation::log_lines::LogLines;
use serde_json::{Value, json};

use super::canary::{Canaries, Canary, base64, encoded, redacted};
use super::records::{Expected, error_record, levelled, requests, structured, timed, traced};
use super::{detect, records};

const AT: &str = "2026-03-01T12:00:00Z";

fn record(change: impl FnOnce(&mut Value)) -> String {
    let mut record = json!({ "timestamp": AT, "level": "INFO", "message": "GET /a 200",
        "logger": "access", "module": "m", "function": "f", "line": 1, "method": "GET",
        "path": "/a", "status": 200, "query": "n1" });
    change(&mut record);
    record.to_string()
}

fn log(lines: &[String]) -> LogLines {
    LogLines::new(lines.to_vec())
}

fn is_fail(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Fail(_))
}

#[test]
fn records_are_structured() {
    assert_eq!(structured(&log(&[record(|_| ())])).unwrap(), Verdict::Pass);
    assert!(is_fail(
        &structured(&log(&[record(|r| r["level"] = json!(""))])).unwrap()
    ));
    let placeless = log(&[record(|r| {
        drop(r.as_object_mut().unwrap().remove("module"));
    })]);
    assert!(matches!(structured(&placeless).unwrap(), Verdict::Warn(_)));
    assert!(structured(&log(&["GET /a 200".to_owned()])).is_err());
}

#[test]
fn records_are_timed() {
    let now = SystemTime::from(AT.parse::<Timestamp>().unwrap());
    let judge = |lines: &[String]| timed(&log(lines), "n1", now, Duration::from_secs(60)).unwrap();
    let at = |text: &str| record(|r| r["timestamp"] = json!(text));
    assert_eq!(judge(&[record(|_| ())]), Verdict::Pass);
    assert!(matches!(
        judge(&[at("2026-03-01T12:00:00")]),
        Verdict::Warn(_)
    ));
    assert!(is_fail(&judge(&[at("noon")])));
    assert!(
        is_fail(&judge(&[at("2026-03-01T09:00:00Z")])),
        "wrong clock"
    );
    assert!(
        is_fail(&judge(&[record(|_| ()), at("2026-03-01T11:59:30Z")])),
        "order"
    );
}

#[test]
fn records_are_levelled() {
    let judge = |level: &str| {
        levelled(
            &log(&[record(|r| r["level"] = json!(level))]),
            "n2",
            Some("n1"),
        )
        .unwrap()
    };
    assert_eq!(judge("ERROR"), Verdict::Pass);
    assert!(is_fail(&judge("INFO")), "a failure that is no error");
    assert!(is_fail(&judge("NOTE")));
    let missing = log(&[record(|r| r["level"] = json!("ERROR"))]);
    assert!(matches!(
        levelled(&missing, "n1", None).unwrap(),
        Verdict::Warn(_)
    ));
}

#[test]
fn an_error_has_its_trace_in_one_record() {
    let frame = json!({ "file": "a.rs", "line": 3 });
    let with = |exception: Value| log(&[record(|r| r["exception"] = exception)]);
    let good = json!({ "type": "E", "trace": [frame, frame] });
    assert_eq!(traced(&with(good.clone()), "n1"), Verdict::Pass);
    assert!(is_fail(&traced(
        &with(json!({ "type": "E", "trace": [frame] })),
        "n1"
    )));
    assert!(is_fail(&traced(
        &with(json!({ "type": "", "trace": [frame, frame] })),
        "n1"
    )));
    assert!(is_fail(&traced(&log(&[record(|_| ())]), "n1")));
    let split = record(|r| r["exception"] = good);
    assert!(is_fail(&traced(&log(&[split.clone(), split]), "n1")));
}

#[test]
fn a_request_is_one_record() {
    let expected = [Expected {
        word: "n1".to_owned(),
        method: "GET",
        path: "/a".to_owned(),
        status: 200,
    }];
    let judge = |lines: &[String]| requests(&log(lines), &expected);
    assert_eq!(judge(&[record(|_| ())]), Verdict::Pass);
    assert!(is_fail(&judge(&[])), "missing");
    assert!(is_fail(&judge(&[record(|_| ()), record(|_| ())])), "twice");
    assert!(is_fail(&judge(&[record(|r| r["status"] = json!(500))])));
    assert!(is_fail(&judge(&[record(|r| r["path"] = json!("/b"))])));
}

#[test]
fn an_error_record_has_the_id_that_was_told() {
    let request = Expected {
        word: "n1".to_owned(),
        method: "GET",
        path: "/a".to_owned(),
        status: 500,
    };
    let error = |r: &mut Value| {
        r["level"] = json!("ERROR");
        r["exception"] = json!({});
        r["request_id"] = json!("r1");
    };
    let judge = |line: String, told| records::error_record(&log(&[line]), &request, told);
    assert_eq!(judge(record(error), Some("r1")), Verdict::Pass);
    assert!(matches!(judge(record(error), Some("r2")), Verdict::Warn(_)));
    assert!(is_fail(&judge(record(|_| ()), Some("r1"))));
    assert!(is_fail(&error_record(&log(&[]), &request, None)));
}

fn cards() -> Canaries {
    Canaries {
        class: "card number",
        values: vec![
            Canary::plain("4242424242424242", "[CARD_REDACTED]"),
            Canary::plain("4222222222222", "[CARD_REDACTED]").lenient(),
        ],
        controls: vec!["4242424242424241"],
    }
}

fn judge(line: &str) -> Verdict {
    let sent = [("query", "n1".to_owned()), ("path", "n2".to_owned())];
    redacted(&log(&[line.to_owned()]), &cards(), &sent).unwrap()
}

#[test]
fn canaries_are_redacted_and_controls_are_not() {
    assert_eq!(
        judge("n1 [CARD_REDACTED] [CARD_REDACTED] 4242424242424241"),
        Verdict::Pass
    );
    assert!(is_fail(&judge(
        "n1 4242424242424242 [CARD_REDACTED] [CARD_REDACTED] 4242424242424241"
    )));
    assert!(
        is_fail(&judge("n1 [CARD_REDACTED] [CARD_REDACTED] [CARD_REDACTED]")),
        "too much"
    );
    assert!(
        matches!(judge("n1 4242424242424241"), Verdict::Warn(_)),
        "dropped"
    );
    let lenient = judge("n1 [CARD_REDACTED] [CARD_REDACTED] 4222222222222 4242424242424241");
    assert!(matches!(lenient, Verdict::Warn(_)), "{lenient:?}");
}

#[test]
fn encoded_canaries_are_found() {
    let hidden = base64(b"4242424242424242");
    assert_eq!(hidden, "NDI0MjQyNDI0MjQyNDI0Mg");
    assert!(is_fail(&judge(&format!(
        "n1 {hidden} [CARD_REDACTED] [CARD_REDACTED] 4242424242424241"
    ))));
    assert_eq!(encoded("a b\"ä"), "a%20b%22%C3%A4");
}

#[test]
fn a_log_without_our_requests_says_nothing() {
    let sent = [("query", "n1".to_owned())];
    let error = redacted(&log(&["something else".to_owned()]), &cards(), &sent).unwrap_err();
    assert_eq!(error.class(), readiness::error::Class::Unavailable);
}

#[test]
fn detectors_find_their_samples_and_nothing_in_plain_records() {
    assert_eq!(detect::proven(), Verdict::Pass);
    let plain = record(|r| {
        r["request_id"] = json!("req-0190b7c1-7a3e-7d1c-8a55-1b2c3d4e5f60");
        r["tx"] = json!("0x12ab4242424242424242cdef");
        r["duration_ms"] = json!(0.412_345_678_901_2);
        r["amount"] = json!(1_250_000.5);
    });
    assert_eq!(
        detect::clean(&log(&[plain]), &["sesame-key".to_owned()]),
        Verdict::Pass
    );
    let leaky = log(&["key sesame-key used".to_owned()]);
    assert!(is_fail(&detect::clean(&leaky, &["sesame-key".to_owned()])));
}
