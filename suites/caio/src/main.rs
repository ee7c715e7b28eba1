//! The suite as a program, for machines without cargo: the same arguments as the test target takes.

// Linked for its registrations.
use readiness_caio as _;

readiness::main!();
