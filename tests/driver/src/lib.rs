//! A test executable that is both sides.
//!
//! Started by cargo it is the *driver*: its tests start the same executable again, as the test target
//! of a project in a temporary folder, and look at what comes out and at what is in the journal.
//! Started that way, with [`PROJECT`] set, it runs the checks that are linked into it.
//!
//! ```text
//! readiness_driver::tests!(a_check_that_hangs_is_failed);      in each module, its tests
//!
//! fn main() -> ExitCode {
//!     if let Some(target) = readiness_driver::target("fixture") {
//!         return target.code;
//!     }
//!     readiness_driver::drive(&[crashes::tests, outcomes::tests])
//! }
//! ```
//!
//! The project's checklist has a row for every id that is registered. A process of it inherits nothing
//! of the runner that the driver runs in.

#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a panic is how a test fails"
)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use libtest_mimic::{Arguments, Trial};
use readiness::__private::Site;
use readiness::journal::record::{Finished, TrialOutcome};
use readiness::journal::{MergedRun, TrialState, reader};
use readiness::registry::Registration;

#[doc(hidden)]
pub use libtest_mimic;

/// Names the folder of a project, and makes this process its test target.
pub const PROJECT: &str = "DRIVEN_PROJECT";

/// The run id of every process that does not say otherwise.
pub const RUN: &str = "test-run";

/// What a process of a project must not inherit, by how it begins.
const INHERITED: [&str; 4] = ["NEXTEST", "READINESS_", "RUST_", "TEST_"];

/// Makes `tests`, which adds functions as trials by their names.
#[macro_export]
macro_rules! tests {
    ($($name:ident),+ $(,)?) => {
        /// Adds the tests of this module.
        pub fn tests(all: &mut Vec<$crate::libtest_mimic::Trial>) {
            $(all.push($crate::libtest_mimic::Trial::test(
                concat!(module_path!(), "::", stringify!($name)),
                || { $name(); Ok(()) },
            ));)+
        }
    };
}

/// What this process came to as a test target.
#[derive(Debug)]
pub struct Target {
    /// The project's folder.
    pub folder: PathBuf,
    /// What the process exits with.
    pub code: ExitCode,
}

/// Runs this process as the test target that it was started as; none for the driver.
pub fn target(package: &'static str) -> Option<Target> {
    let folder = project()?;
    let code = readiness::__private::main(Site {
        manifest_dir: folder
            .clone()
            .into_os_string()
            .into_string()
            .unwrap()
            .leak(),
        package,
        tmp_dir: None,
        aborts: cfg!(panic = "abort"),
    });
    Some(Target { folder, code })
}

/// The folder of the project whose test target this process is.
pub fn project() -> Option<PathBuf> {
    std::env::var_os(PROJECT).map(PathBuf::from)
}

/// Runs the driver's own tests.
pub fn drive(modules: &[fn(&mut Vec<Trial>)]) -> ExitCode {
    let mut tests = Vec::new();
    for add in modules {
        add(&mut tests);
    }
    libtest_mimic::run(&Arguments::from_args(), tests).exit_code()
}

/// A folder with a checklist of every registered id, and this executable as its test target.
#[derive(Debug)]
pub struct Project(tempfile::TempDir);

impl Project {
    /// Of a remote target, with these lines below `[target]`.
    pub fn aimed_at(target: &str) -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        let mut checklist =
            String::from("# Fixture\n\n| ID | Requirement | Status | Notes |\n|---|---|---|---|\n");
        let ids: BTreeSet<_> = Registration::all().iter().flat_map(|all| all.ids).collect();
        for id in ids {
            let _ = writeln!(checklist, "| {id} | What {id} says | | |");
        }
        project.write("CHECKLIST.md", &checklist);
        let head = "checklist = \"CHECKLIST.md\"\n[target]\nkind = \"remote\"\nname = \"staging\"";
        project.write("readiness.toml", &format!("{head}\n{target}"));
        project
    }

    /// Its folder.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Puts a file into it.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).unwrap();
    }

    /// Whether there is such a file.
    pub fn has(&self, name: &str) -> bool {
        self.path().join(name).exists()
    }

    /// The folder of all runs.
    pub fn runs(&self) -> PathBuf {
        self.path().join("runs")
    }

    /// The folder of the run that [`RUN`] names.
    pub fn run_folder(&self) -> PathBuf {
        self.runs().join(RUN)
    }

    /// This executable as a test target of the project, free of the outer run's environment.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if INHERITED.iter().any(|prefix| text.starts_with(prefix)) {
                command.env_remove(&name);
            }
        }
        command
            .args(args)
            .env(PROJECT, self.path())
            .env("READINESS_DIR", self.runs())
            .env("READINESS_RUN_ID", RUN)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs it to its end.
    pub fn run(&self, args: &[&str]) -> Ran {
        finish(self.command(args))
    }

    /// Everything recorded in a run.
    pub fn journal_of(&self, run: &str) -> MergedRun {
        reader::read_folder(&self.runs().join(run)).unwrap()
    }

    /// Everything recorded in the run that [`RUN`] names.
    pub fn journal(&self) -> MergedRun {
        self.journal_of(RUN)
    }

    /// How the one trial of an id ended.
    #[track_caller]
    pub fn state(&self, id: &str) -> TrialState {
        let trials = self.journal().trials();
        let mut found = trials.values().filter(|trial| trial.id == id);
        let trial = found.next().unwrap_or_else(|| panic!("no trial of {id}"));
        assert!(found.next().is_none(), "several trials of {id}");
        trial.state.clone()
    }

    /// The end of the last attempt of an id's trial.
    #[track_caller]
    pub fn finished(&self, id: &str) -> Finished {
        let trials = self.journal().trials();
        let trial = trials.values().find(|trial| trial.id == id);
        let trial = trial.unwrap_or_else(|| panic!("no trial of {id}"));
        let finished = trial.finished();
        finished.unwrap_or_else(|| panic!("{trial:?}")).clone()
    }

    /// What the last attempt of an id's trial came to.
    #[track_caller]
    pub fn outcome(&self, id: &str) -> TrialOutcome {
        self.finished(id).outcome
    }
}

/// What a process did.
#[derive(Debug)]
pub struct Ran {
    /// None when a signal ended it.
    pub code: Option<i32>,
    /// What it wrote.
    pub stdout: String,
    /// What it said.
    pub stderr: String,
}

/// Runs a command to its end; it was made by [`Project::command`].
pub fn finish(mut command: Command) -> Ran {
    let output = command.output().unwrap();
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Ran {
    /// Asserts the exit code and shows everything if it is another.
    #[track_caller]
    #[expect(
        clippy::return_self_not_must_use,
        reason = "asserting is what it is for"
    )]
    pub fn code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// The line of stdout about a trial.
    #[track_caller]
    pub fn line(&self, trial: &str) -> &str {
        let begin = format!("test {trial} ");
        let mut lines = self.stdout.lines().filter(|line| line.starts_with(&begin));
        lines
            .next()
            .unwrap_or_else(|| panic!("no line of {trial} in\n{}", self.stdout))
    }

    /// Asserts that it said so, on either stream.
    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        let all = format!("{}\n{}", self.stdout, self.stderr);
        assert!(all.contains(text), "nothing says {text:?} in\n{all}");
        self
    }
}
