//! The journal: what happened in a run, one append-only file per process, one JSON object a line.
//!
//! ```text
//! target/readiness/<run>/<process>.jsonl      written by [`writer`], lines are [`record`]s
//! target/readiness/<run>/registered-*.jsonl   the trials of a test target that runs one process per trial
//! target/readiness/<run>/shared/              run-scoped recordings
//! target/readiness/groups/                    lock files of `exclusive`, `shared` and `phase`
//! ```
//!
//! Nothing that was written before a crash is lost, and what was in flight is known because `started`
//! precedes the body. A test target writes; runs are read, joined and resolved by the command (`runs`).

pub(crate) mod commit;
pub mod error;
pub mod folder;
pub(crate) mod line;
pub mod lines;
pub mod process;
pub mod record;
pub mod run_id;
pub mod time;
pub mod writer;

pub use error::JournalError;

#[cfg(feature = "assess")]
mod runs;
#[cfg(feature = "assess")]
pub use runs::{
    Attempt, MergedRun, NotRun, Problem, ProcessJournal, RunFault, TrialRun, TrialState, fault,
    import, merge, problem, reader, resolve,
};

/// The start of `text`, at most `most` bytes of it, cut between characters.
pub(crate) fn bounded(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

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
