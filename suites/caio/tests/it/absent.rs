//! Nobody at the configured address, and targets that lack what a row needs.

use std::net::TcpListener;

use crate::suite::{Outcome, Suite};

/// An address at which nobody listens.
pub fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[test]
fn without_a_server_every_row_is_not_verified_with_the_reason() {
    let ran = Suite::new()
        .env("READINESS_KIND", "remote")
        .env("READINESS_BASE_URL", &nowhere())
        .env("CAIO_ADMIN_API_KEY", "a-key-for-nobody")
        .env("CAIO_VIEWER_API_KEY", "another-key-for-nobody")
        .run();
    assert_eq!(ran.trials.len(), 25, "{}", ran.output);
    for (name, trial) in &ran.trials {
        let (outcome, _) = ran.of(&trial.id).unwrap();
        let reason = trial.reason.as_deref().unwrap_or("");
        assert_eq!(outcome, Outcome::NotVerified, "{name}: {reason}");
        assert!(
            !reason.is_empty() && !reason.contains("panicked"),
            "{name}: {reason}"
        );
        assert!(reason.contains("target"), "{name}: {reason}");
    }
    assert_ne!(ran.code, Some(101), "{}", ran.output);
    assert!(!ran.output.contains("key-for-nobody"), "{}", ran.output);
}

#[test]
fn a_remote_target_without_keys_names_what_to_set() {
    let ran = Suite::new()
        .env("READINESS_KIND", "remote")
        .env("READINESS_BASE_URL", &nowhere())
        .args(&["CAIO-SEC-005", "CAIO-SEC-007"])
        .run();
    assert_eq!(ran.trials.len(), 2, "{}", ran.output);
    for trial in ran.trials.values() {
        let reason = trial.reason.as_deref().unwrap_or("");
        assert!(reason.contains("_API_KEY"), "{}: {reason}", trial.trial);
    }
}
