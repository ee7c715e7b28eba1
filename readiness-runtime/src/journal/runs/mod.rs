//! Reading runs: what the command does with journals and a test target does not.
//!
//! [`merge::MergedRun`] joins any number of files, in any order; [`resolve`] says what they mean, trial by
//! trial; [`import`] writes what another tool found out as one more of them.

pub mod fault;
pub mod import;
pub mod merge;
pub mod problem;
pub mod reader;
pub mod resolve;

pub use fault::RunFault;
pub use merge::{MergedRun, ProcessJournal};
pub use problem::Problem;
pub use resolve::{Attempt, NotRun, TrialRun, TrialState};

#[cfg(test)]
pub(in crate::journal) mod testing;
