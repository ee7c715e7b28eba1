//! The harness of the suite: `cargo test -p readiness-caio --test readiness`.

// Linked for its registrations.
use readiness_caio as _;

readiness::main!();
