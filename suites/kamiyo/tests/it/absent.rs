//! Nobody at the configured address, and targets that lack what a row needs.

use std::net::TcpListener;

use crate::suite::{Outcome, Suite};

/// An address at which nobody listens.
fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// Rows that look at files, not at the server.
const LOCAL: [&str; 1] = ["DOC-006"];

#[test]
fn without_a_server_every_row_is_not_verified_with_the_reason() {
    let address = nowhere();
    let ran = Suite::new()
        .env("READINESS_KIND", "remote")
        .env("READINESS_BASE_URL", &address)
        .env("KAMIYO_PRO_API_KEY", "a-key-for-nobody")
        .run();
    assert!(!ran.trials.is_empty(), "{}", ran.output);
    for (name, trial) in &ran.trials {
        if LOCAL.contains(&trial.id.as_str()) {
            continue;
        }
        let outcome = ran.of(&trial.id).unwrap().0;
        assert_eq!(outcome, Outcome::NotVerified, "{name}: {:?}", trial.reason);
        let reason = trial.reason.as_deref().unwrap_or("");
        assert!(
            !reason.is_empty() && !reason.contains("panicked"),
            "{name}: {reason}"
        );
        assert!(reason.contains("target"), "{name}: {reason}");
    }
    assert_ne!(ran.code, Some(101), "{}", ran.output);
    assert!(!ran.output.contains("panicked"), "{}", ran.output);
    assert!(!ran.output.contains("a-key-for-nobody"), "{}", ran.output);
}

#[test]
fn a_remote_target_without_keys_names_what_to_set() {
    let ran = Suite::new()
        .env("READINESS_KIND", "remote")
        .env("READINESS_BASE_URL", &nowhere())
        .args(&["DATA-"])
        .run();
    assert!(!ran.trials.is_empty(), "{}", ran.output);
    for trial in ran.trials.values() {
        let reason = trial.reason.as_deref().unwrap_or("");
        assert!(
            reason.contains("KAMIYO_PRO_API_KEY"),
            "{}: {reason}",
            trial.trial
        );
    }
}
