//! Tests of the suite itself: its document, and each of its checks under its own faults.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "helpers of tests are tests, too"
)]

/// The suite as a program.
const PROGRAM: &str = env!("CARGO_BIN_EXE_readiness-caio");

mod absent;
mod document;
mod matrix;
mod statements;
#[expect(dead_code, reason = "the other suite uses more of it")]
#[path = "../../../kamiyo/tests/it/suite.rs"]
mod suite;
