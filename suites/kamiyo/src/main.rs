//! The suite as a program, for machines without cargo: the same arguments as the test target takes.

// Linked for its registrations.
use readiness_kamiyo as _;

readiness::main!();
