//! The real command on temporary folders with journals written by hand.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail it")]

mod codes;
mod gate;
mod import;
mod journals;
mod merge;
mod people;
mod place;
mod report;
mod seeds;
mod sign;
