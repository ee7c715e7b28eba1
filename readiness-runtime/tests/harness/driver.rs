//! Projects in temporary folders, and this executable as their test target.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use readiness::journal::record::{Finished, TrialOutcome};
use readiness::journal::{MergedRun, TrialState, reader};
use readiness::registry::Registration;

/// Adds functions as tests, by their names.
#[macro_export]
macro_rules! tests {
    ($($name:ident),+ $(,)?) => {
        pub fn tests(all: &mut Vec<libtest_mimic::Trial>) {
            $(all.push(libtest_mimic::Trial::test(
                concat!(module_path!(), "::", stringify!($name)),
                || { $name(); Ok(()) },
            ));)+
        }
    };
}

/// A project with a checklist that has every id of the fixture.
pub struct Project {
    folder: tempfile::TempDir,
}

/// What a process did.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// The run id of every process that does not say otherwise.
pub const RUN: &str = "test-run";

impl Project {
    pub fn new() -> Self {
        let project = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let mut text = String::from("# Fixture\n\n| ID | Requirement | Status |\n|---|---|---|\n");
        let mut ids: Vec<_> = Registration::all().iter().flat_map(|r| r.ids).collect();
        ids.dedup();
        for id in ids {
            let _ = writeln!(text, "| {id} | What {id} says | |");
        }
        project.write("CHECKLIST.md", &text);
        project.write(
            "readiness.toml",
            "checklist = \"CHECKLIST.md\"\n[target]\nkind = \"remote\"\nname = \"staging\"\nlimit = 5\n",
        );
        project
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).unwrap();
    }

    pub fn has(&self, name: &str) -> bool {
        self.path().join(name).exists()
    }

    /// The folder of all runs.
    pub fn runs(&self) -> PathBuf {
        self.path().join("runs")
    }

    /// This executable as a test target of the project, free of the outer run's environment.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if ["NEXTEST", "READINESS_", "RUST_", "TEST_"]
                .iter()
                .any(|p| text.starts_with(p))
            {
                command.env_remove(&name);
            }
        }
        command
            .args(args)
            .env(crate::FIXTURE, self.path())
            .env("READINESS_DIR", self.runs())
            .env("READINESS_RUN_ID", RUN)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        finish(self.command(args))
    }

    /// Everything recorded in a run.
    pub fn journal_of(&self, run: &str) -> MergedRun {
        reader::read_folder(&self.runs().join(run)).unwrap()
    }

    pub fn journal(&self) -> MergedRun {
        self.journal_of(RUN)
    }

    /// How the trial of an id ended.
    pub fn state(&self, id: &str) -> TrialState {
        let trials = self.journal().trials();
        let mut found = trials.values().filter(|trial| trial.id == id);
        let trial = found.next().unwrap_or_else(|| panic!("no trial of {id}"));
        assert!(found.next().is_none(), "several trials of {id}");
        trial.state.clone()
    }

    /// The end of the last attempt of an id's trial.
    pub fn finished(&self, id: &str) -> Finished {
        let trials = self.journal().trials();
        let trial = trials.values().find(|trial| trial.id == id);
        let trial = trial.unwrap_or_else(|| panic!("no trial of {id}"));
        let finished = trial.finished();
        finished.unwrap_or_else(|| panic!("{trial:?}")).clone()
    }

    pub fn outcome(&self, id: &str) -> TrialOutcome {
        self.finished(id).outcome
    }
}

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

    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        let all = format!("{}\n{}", self.stdout, self.stderr);
        assert!(all.contains(text), "nothing says {text:?} in\n{all}");
        self
    }
}
