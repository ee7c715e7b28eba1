use super::*;
use serde_json::json;

#[expect(
    clippy::needless_pass_by_value,
    reason = "a literal reads better at the call"
)]
fn session(change: Value) -> TlsSession {
    let mut facts = json!({
        "shaken": true, "version": "TLSv1.3", "trusted": true, "distrust": null, "days_left": 30.0,
    });
    for (name, value) in change.as_object().unwrap() {
        facts[name] = value.clone();
    }
    TlsSession::new(facts)
}

#[test]
fn a_sound_session_passes() {
    assert_eq!(judge(&session(json!({}))).unwrap(), Verdict::Pass);
    assert_eq!(
        judge(&session(json!({"version": "TLSv1.2", "days_left": 14.0}))).unwrap(),
        Verdict::Pass
    );
}

#[test]
fn each_fault_is_named_with_what_was_seen() {
    for (change, words) in [
        (json!({"version": "TLSv1.1"}), "TLSv1.1"),
        (json!({"days_left": -2.4}), "expired 2 days ago"),
        (json!({"days_left": 13.9}), "expires in 13.9 days"),
        (
            json!({"trusted": false, "distrust": "UnknownIssuer"}),
            "UnknownIssuer",
        ),
        (
            json!({"shaken": false, "problem": "protocol version"}),
            "protocol version",
        ),
    ] {
        let Verdict::Fail(reason) = judge(&session(change)).unwrap() else {
            panic!("{words}")
        };
        assert!(reason.contains(words), "{reason}");
    }
}

#[test]
fn a_certificate_without_an_end_is_a_finding() {
    let error = judge(&session(json!({"days_left": null}))).unwrap_err();
    assert_eq!(error.class(), readiness::error::Class::Finding);
}
