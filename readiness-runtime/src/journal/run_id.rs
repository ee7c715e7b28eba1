//! Which run a process belongs to.
//!
//! In this order: `READINESS_RUN_ID`, nextest's `NEXTEST_RUN_ID`, the parent cargo process (its id
//! and start time, shared by all test binaries of one `cargo test`), else this process alone.
//!
//! Environment variables are inherited by everything a check starts. A `cargo test` that runs
//! *inside* a check must not write into the outer run, so an inherited id is passed over when one
//! of this process's ancestors already writes a journal of that run.

use std::hash::{BuildHasher, RandomState};
use std::path::Path;

use super::error::JournalError;
use super::process::{self, Process};

/// The variable that names the run.
pub const RUN_ID: &str = "READINESS_RUN_ID";
const NEXTEST_RUN_ID: &str = "NEXTEST_RUN_ID";

/// Longest accepted id, in bytes: it is the name of a folder.
const MAX: usize = 100;

/// Where an id may come from.
#[derive(Debug)]
pub struct Sources<'a> {
    /// `READINESS_RUN_ID`.
    pub explicit: Option<String>,
    /// `NEXTEST_RUN_ID`.
    pub nextest: Option<String>,
    /// A runner started this very process for its run, so nothing is inherited from further away.
    pub addressed: bool,
    /// The parent first, then its parent, and so on.
    pub ancestors: &'a [Process],
    /// This process.
    pub own: &'a Process,
}

impl Sources<'_> {
    /// The id of this process's run; `root` is the folder that holds the runs' folders.
    ///
    /// # Errors
    /// [`JournalError::RunId`] for an id that cannot name a folder.
    pub fn choose(&self, root: &Path) -> Result<String, JournalError> {
        for (variable, value) in [(RUN_ID, &self.explicit), (NEXTEST_RUN_ID, &self.nextest)] {
            let Some(id) = value.as_ref().filter(|id| !id.is_empty()) else {
                continue;
            };
            check(variable, id)?;
            if self.addressed || !self.nested_in(&root.join(id)) {
                return Ok(id.clone());
            }
        }
        match self.ancestors.first() {
            Some(parent) if parent.is_cargo() => {
                Ok(format!("cargo-{}-{}", parent.pid, parent.started))
            }
            _ => Ok(format!("self-{}-{}", self.own.pid, self.own.started)),
        }
    }

    /// Whether an ancestor of this process writes a journal in `run`.
    fn nested_in(&self, run: &Path) -> bool {
        let Ok(entries) = std::fs::read_dir(run) else {
            return false;
        };
        let prefixes: Vec<String> = self.ancestors.iter().map(prefix).collect();
        entries.flatten().any(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            prefixes.iter().any(|prefix| name.starts_with(prefix))
        })
    }
}

/// Whether `id` can name a run and its folder on every platform.
///
/// # Errors
/// [`JournalError::RunId`], naming `variable`.
pub fn check(variable: &str, id: &str) -> Result<(), JournalError> {
    let allowed = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'_' | b'-');
    if id.is_empty() || id.len() > MAX || id.starts_with('.') || !id.bytes().all(allowed) {
        return Err(JournalError::RunId {
            variable: variable.to_owned(),
            id: super::bounded(id, MAX).to_owned(),
        });
    }
    Ok(())
}

/// How the journals of a process begin; see [`process_name`].
fn prefix(process: &Process) -> String {
    format!("{}-{}-", process.pid, process.started)
}

/// A name for this process's journal that no other process of the run has, on any machine.
pub fn process_name(own: &Process) -> String {
    let chance = RandomState::new().hash_one(own.pid);
    with_token(own, &format!("{:08x}", chance >> 32))
}

/// As [`process_name`], with the last part chosen by whoever wants to find the journal.
pub fn with_token(own: &Process, token: &str) -> String {
    format!("{}{token}", prefix(own))
}

/// The run of this process, by its environment and its ancestors. `exact` is the one trial that it
/// was asked for, if it was: nextest names it in the environment too, which tells its own processes
/// from nested ones without looking through a folder of as many journals as there are trials.
///
/// # Errors
/// As [`Sources::choose`].
pub fn of_this_process(
    root: &Path,
    own: &Process,
    exact: Option<&str>,
) -> Result<String, JournalError> {
    let ancestors = process::ancestors();
    let asked_for = std::env::var("NEXTEST_TEST_NAME").ok();
    Sources {
        explicit: std::env::var(RUN_ID).ok(),
        nextest: std::env::var(NEXTEST_RUN_ID).ok(),
        addressed: exact.is_some() && asked_for.as_deref() == exact,
        ancestors: &ancestors,
        own,
    }
    .choose(root)
}

/// Takes everything out of `command`'s environment that would tie a nested run to this one: the run,
/// its folder, its configuration and shard, and what nextest says about this process.
///
/// A nested run finds out by itself that it is one where it can look at its ancestors; a check that
/// starts cargo or another test runner is clearer with this, and portable.
///
/// ```
/// use std::process::Command;
///
/// let mut cargo = Command::new("cargo");
/// readiness::journal::run_id::detach(&mut cargo).arg("test");
/// ```
pub fn detach(command: &mut std::process::Command) -> &mut std::process::Command {
    let own = [
        RUN_ID,
        super::folder::DIR,
        "READINESS_CONFIG",
        "READINESS_SHARD",
    ];
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if own.contains(&&*text) || text.starts_with("NEXTEST") {
            command.env_remove(&name);
        }
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(pid: u32, name: &str) -> Process {
        Process {
            pid,
            started: u64::from(pid) * 10,
            name: name.to_owned(),
        }
    }

    fn choose(
        explicit: Option<&str>,
        nextest: Option<&str>,
        ancestors: &[Process],
        root: &Path,
    ) -> String {
        Sources {
            explicit: explicit.map(str::to_owned),
            nextest: nextest.map(str::to_owned),
            addressed: false,
            ancestors,
            own: &process(9, "suite"),
        }
        .choose(root)
        .unwrap()
    }

    #[test]
    fn order_of_sources() {
        let root = tempfile::tempdir().unwrap();
        let cargo = [process(5, "cargo"), process(2, "bash")];
        let bash = [process(2, "bash")];
        assert_eq!(choose(Some("a"), Some("b"), &cargo, root.path()), "a");
        assert_eq!(choose(Some(""), Some("b"), &cargo, root.path()), "b");
        assert_eq!(choose(None, None, &cargo, root.path()), "cargo-5-50");
        assert_eq!(choose(None, None, &bash, root.path()), "self-9-90");
        assert_eq!(choose(None, None, &[], root.path()), "self-9-90");
    }

    #[test]
    fn a_nested_run_does_not_inherit() {
        let root = tempfile::tempdir().unwrap();
        let run = root.path().join("outer");
        std::fs::create_dir(&run).unwrap();
        // The outer harness is process 4, started at 40; the nested cargo (5) runs below it.
        std::fs::write(run.join("4-40-deadbeef.jsonl"), "").unwrap();
        let ancestors = [
            process(5, "cargo"),
            process(4, "suite"),
            process(3, "cargo"),
        ];
        assert_eq!(
            choose(Some("outer"), Some("outer"), &ancestors, root.path()),
            "cargo-5-50"
        );
        // nextest started this process for the outer run, whatever else its ancestors do.
        let addressed = Sources {
            explicit: None,
            nextest: Some("outer".into()),
            addressed: true,
            ancestors: &ancestors,
            own: &process(9, "suite"),
        };
        assert_eq!(addressed.choose(root.path()).unwrap(), "outer");
        // A sibling of the same run (not an ancestor) is no reason to leave it, nor is another
        // process that has the same id at another time.
        let sibling = [process(3, "cargo")];
        assert_eq!(choose(Some("outer"), None, &sibling, root.path()), "outer");
        let reused = [Process {
            started: 41,
            ..process(4, "bash")
        }];
        assert_eq!(choose(Some("outer"), None, &reused, root.path()), "outer");
    }

    #[test]
    fn hostile_ids_are_refused() {
        for id in ["..", ".hidden", "a/b", "a b", "a\0b", "ä", &"x".repeat(101)] {
            let error = check(RUN_ID, id).unwrap_err();
            assert_eq!(error.code(), "run-id-invalid");
            assert!(error.to_string().contains(RUN_ID));
        }
        check(RUN_ID, &"x".repeat(100)).unwrap();
        check(RUN_ID, "gh-1234_5.6").unwrap();
    }

    #[test]
    fn names_of_one_process_differ() {
        let own = process(9, "suite");
        let (a, b) = (process_name(&own), process_name(&own));
        assert!(a.starts_with("9-90-"), "{a}");
        assert_ne!(a, b);
    }
}
