//! The real command on temporary folders with journals written by hand.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail it")]

mod adopt;
mod check;
mod codes;
mod diff;
mod formats;
mod full_disk;
mod gate;
mod history;
mod import;
mod import_junit;
mod init;
mod journals;
mod list;
mod merge;
mod people;
mod place;
mod prove;
mod release;
mod report;
mod seeds;
mod sign;
mod writing;
