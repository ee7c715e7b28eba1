//! The journal: what happened in a run, one append-only file per process, one JSON object a line.
//!
//! ```text
//! target/readiness/<run>/<process>.jsonl      written by [`writer`], lines are [`record`]s
//! target/readiness/<run>/registered-*.jsonl   the trials of a test target that runs one process per trial
//! target/readiness/<run>/shared/              run-scoped recordings
//! target/readiness/groups/                    lock files of `exclusive`, `shared` and `phase`
//! ```
//!
//! [`merge::MergedRun`] joins any number of files, in any order; nothing that was written before a
//! crash is lost, and what was in flight is known because `started` precedes the body.

pub(crate) mod commit;
pub mod error;
pub mod fault;
pub mod folder;
pub mod import;
pub(crate) mod line;
pub mod merge;
pub mod process;
pub mod reader;
pub mod record;
pub mod resolve;
pub mod run_id;
pub mod time;
pub mod writer;

pub use error::{JournalError, Problem};
pub use fault::RunFault;
pub use merge::{MergedRun, ProcessJournal};
pub use resolve::{Attempt, NotRun, TrialRun, TrialState};

/// The start of `text`, at most `most` bytes of it, cut between characters.
pub(crate) fn bounded(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod testing;

#[cfg(test)]
mod tests {
    #[test]
    fn bounded_cuts_between_characters() {
        assert_eq!(super::bounded("aä", 2), "a");
        assert_eq!(super::bounded("aä", 3), "aä");
        assert_eq!(super::bounded("", 3), "");
        assert_eq!(super::bounded("ä", 0), "");
    }
}
