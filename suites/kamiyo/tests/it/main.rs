//! Tests of the suite itself: its document, and each of its checks under its own faults.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "helpers of tests are tests, too"
)]

/// The suite as a program.
const PROGRAM: &str = env!("CARGO_BIN_EXE_readiness-kamiyo");

mod absent;
mod budget;
mod cross;
mod document;
mod matrix;
mod remote;
mod shared_target;
mod strangers;
mod suite;
