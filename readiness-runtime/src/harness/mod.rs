//! Runs the registered checks of a test target under the libtest protocol.
//!
//! [`start::main`] is what `readiness::main!()` calls. It plans the trials ([`plan`]), refuses to
//! start where results could not be trusted, opens the journal ([`opening`]) and hands the trials to
//! the workers of the [`engine`]. For each of them the [`session`] waits for phase and groups,
//! [`attempt`]s the body and records it; the [`printer`] says how it ended. What one process cannot
//! do on stable Rust (stop a blocked thread, tell the output of concurrent trials apart, attribute a
//! panic of a foreign thread) [`isolate`] does with a process per trial.

mod args;
mod attempt;
mod backtrace;
mod engine;
mod groups;
mod isolate;
mod notice;
mod opening;
pub(crate) mod panics;
mod phases;
mod plan;
mod pool;
mod printer;
mod report;
mod serve;
mod session;
mod shard;
mod signals;
pub(crate) mod start;
mod summary;
mod xml;
