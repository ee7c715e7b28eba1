//! Runs the registered checks of a test target under the libtest protocol.

pub(crate) mod panics;
