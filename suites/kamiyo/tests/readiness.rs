//! The harness of the suite: `cargo test -p readiness-kamiyo --test readiness`.

// Linked for its registrations.
use readiness_kamiyo as _;

readiness::main!();
