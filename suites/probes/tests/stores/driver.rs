//! Servers that may be absent, and this executable as a test target that looks at them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use readiness::Unavailable;
use readiness::journal::reader;
use readiness::journal::record::{Finished, ProofStrength, TrialOutcome};
use readiness::registry::Registration;

/// Names the folder of a project, and makes this process its test target.
pub const FOLDER: &str = "STORE_CHECKS";

/// The file that [`leave_peak`] writes.
pub const PEAK: &str = "peak-kib";

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

/// The server, or nothing and a line that says why: the test has nothing to look at then.
#[track_caller]
pub fn available<T>(server: Result<T, Unavailable>) -> Option<T> {
    match server {
        Ok(server) => Some(server),
        Err(error) if is_required() => panic!("READINESS_REQUIRE_TOOLS=1, and {error}"),
        Err(error) if error.reason().contains("is not installed") => {
            println!("skipped: {error}");
            None
        }
        // Installed and broken is never a reason to pass.
        Err(error) => panic!("{error}"),
    }
}

fn is_required() -> bool {
    std::env::var("READINESS_REQUIRE_TOOLS").is_ok_and(|value| value == "1")
}

/// One check against one target.
pub struct Look {
    id: String,
    target: String,
    env: Vec<(String, String)>,
}

impl Look {
    /// The check of a requirement.
    pub fn at(id: &str) -> Look {
        Look {
            id: id.to_owned(),
            target: String::new(),
            env: Vec::new(),
        }
    }

    /// With a key of `[target]`, as TOML.
    pub fn target(mut self, line: &str) -> Look {
        self.target.push_str(line);
        self.target.push('\n');
        self
    }

    /// With a variable of the environment.
    pub fn env(mut self, name: &str, value: &str) -> Look {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Runs it, with proving, and says how it ended.
    #[track_caller]
    pub fn run(self) -> Seen {
        let project = Project::new(&self.target);
        let output = project
            .command()
            .arg(format!("{}::", self.id))
            .envs(self.env)
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
        Seen {
            finished: finished(&project.run(), &self.id, &said),
            said,
        }
    }
}

/// A folder with a checklist of all checks of this executable, as its test target.
pub struct Project(tempfile::TempDir);

impl Project {
    /// With these lines below `[target]`.
    pub fn new(target: &str) -> Project {
        let project = Project(tempfile::tempdir().unwrap());
        let write = |name: &str, text: String| std::fs::write(project.path(name), text).unwrap();
        write("CHECKLIST.md", checklist());
        write(
            "readiness.toml",
            format!(
                "checklist = \"CHECKLIST.md\"\n[target]\nkind = \"remote\"\nname = \"test\"\n{target}"
            ),
        );
        project
    }

    /// Where something of it is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The folder of its one run.
    pub fn run(&self) -> PathBuf {
        self.path("runs").join("look")
    }

    /// This executable as its test target.
    pub fn command(&self) -> Command {
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
            .env(FOLDER, self.0.path())
            .env("READINESS_DIR", self.path("runs"))
            .env("READINESS_RUN_ID", "look")
            .stdin(Stdio::null());
        command
    }
}

/// Leaves the most memory that this process had at once, in kibibytes, in the project's folder.
/// Where the platform has no `/proc`, nothing.
pub fn leave_peak(folder: &Path) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    if let Some(peak) = peak.and_then(|peak| peak.split_whitespace().next()) {
        std::fs::write(folder.join(PEAK), peak).unwrap();
    }
}

fn checklist() -> String {
    let mut text =
        String::from("# Stores\n\n| ID | Requirement | Status | Notes |\n|---|---|---|---|\n");
    let registrations = Registration::all();
    let ids: BTreeSet<_> = registrations.iter().flat_map(|all| all.ids).collect();
    for id in ids {
        let _ = writeln!(text, "| {id} | What {id} says | | |");
    }
    text
}

#[track_caller]
fn finished(run: &Path, id: &str, said: &str) -> Finished {
    let trials = reader::read_folder(run)
        .unwrap_or_else(|e| panic!("{e}\n{said}"))
        .trials();
    let trial = trials.values().find(|trial| trial.id == id);
    let trial = trial.unwrap_or_else(|| panic!("no trial of {id}\n{said}"));
    trial
        .finished()
        .unwrap_or_else(|| panic!("{trial:?}\n{said}"))
        .clone()
}

/// How a check ended.
pub struct Seen {
    finished: Finished,
    said: String,
}

impl Seen {
    fn reason(&self) -> &str {
        self.finished.reason.as_deref().unwrap_or_default()
    }

    /// It passed, and an alteration of what it saw would have turned it red.
    #[track_caller]
    pub fn is_proven(&self) -> &Seen {
        assert_eq!(self.finished.outcome, TrialOutcome::Passed, "{}", self.said);
        let proof = self.finished.proof.as_ref().unwrap();
        let survivors: Vec<_> = proof
            .mutants
            .iter()
            .map(|mutant| format!("{:?} {}", mutant.fate, mutant.words))
            .collect();
        assert_eq!(
            proof.strength,
            ProofStrength::Proven,
            "{:?}: {survivors:#?}",
            proof.reason
        );
        if std::env::var_os("SHOW_PROOF").is_some() {
            println!("{} {:?} {survivors:#?}", self.finished.id, proof.fine);
        }
        self
    }

    /// It failed by its own verdict, with these words in the reason.
    #[track_caller]
    pub fn fails(&self, words: &str) {
        self.ended(TrialOutcome::Failed, words);
    }

    /// It warned.
    #[track_caller]
    pub fn warns(&self, words: &str) {
        self.ended(TrialOutcome::Warned, words);
    }

    /// It could not look.
    #[track_caller]
    pub fn is_not_verified(&self, words: &str) {
        self.ended(TrialOutcome::Unavailable, words);
    }

    /// Nothing that it left or said holds this text.
    #[track_caller]
    pub fn never_shows(&self, secret: &str) -> &Seen {
        let record = serde_json::to_string(&self.finished).unwrap();
        assert!(!record.contains(secret), "the journal holds {secret}");
        assert!(!self.said.contains(secret), "it said {secret}");
        self
    }

    #[track_caller]
    fn ended(&self, outcome: TrialOutcome, words: &str) {
        assert_eq!(self.finished.outcome, outcome, "{}", self.said);
        assert!(
            self.reason().contains(words),
            "not about {words:?}: {}",
            self.reason()
        );
    }
}
