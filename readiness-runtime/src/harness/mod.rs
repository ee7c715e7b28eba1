//! Runs the registered checks of a test target under the libtest protocol.

mod args;
mod groups;
mod notice;
pub(crate) mod panics;
mod pool;
mod shard;
