//! Runs the suite as a process of its own and reads its journal. The tests of the other suite include
//! this file, too.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::Mutex;
use std::thread;

use readiness::journal::MergedRun;
use readiness::journal::record::{Finished, ProofStrength, Record, TrialOutcome};
use readiness_probes::servers::PostgresTemplate;
use tempfile::TempDir;

/// Rows about limits themselves, and what is waited for by the minute: runs that share an identity
/// share its limits. The other rows are those that two runs can look at side by side.
pub const LIMITS: [&str; 13] = [
    "RT-FREE-002",
    "RT-FREE-003",
    "RT-FREE-004",
    "RT-PRO-002",
    "RT-PRO-003",
    "RT-PRO-004",
    "RT-TEAM-001",
    "RT-TEAM-002",
    "RT-TEAM-003",
    "RT-ENT-001",
    "RL-",
    "ERR-005",
    "ERR-007",
];

/// What a run of the suite left behind.
pub struct Ran {
    /// What it left in the journal.
    pub journals: MergedRun,
    /// How each trial ended, by name.
    pub trials: BTreeMap<String, Finished>,
    /// What the process said.
    pub output: String,
    /// Its exit code.
    pub code: Option<i32>,
}

/// A run under construction.
pub struct Suite {
    command: Command,
    folder: TempDir,
}

impl Suite {
    /// The suite against an embedded service without a fault, without proving.
    pub fn new() -> Suite {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(crate::PROGRAM);
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if name.starts_with("NEXTEST") || name.starts_with("READINESS_") {
                command.env_remove(name);
            }
        }
        command
            .env("READINESS_DIR", folder.path())
            .env("READINESS_RUN_ID", "matrix")
            .env(
                "READINESS_CONFIG",
                concat!(env!("CARGO_MANIFEST_DIR"), "/readiness.toml"),
            )
            .env("READINESS_PROVE", "off");
        Suite { command, folder }
    }

    /// With a variable of the environment.
    pub fn env(mut self, name: &str, value: &str) -> Suite {
        self.command.env(name, value);
        self
    }

    /// With a fault of the embedded service.
    pub fn fault(self, fault: &str) -> Suite {
        self.env("READINESS_FAULTS", fault)
    }

    /// With embedded databases copied from this one, if there is one.
    pub fn template(self, template: Option<&PostgresTemplate>) -> Suite {
        match template {
            Some(template) => {
                let path = template.path();
                self.env(PostgresTemplate::VARIABLE, &path.display().to_string())
            }
            None => self,
        }
    }

    /// With every pass proven.
    pub fn proving(mut self) -> Suite {
        self.command.env_remove("READINESS_PROVE");
        self
    }

    /// With arguments of the harness.
    pub fn args(mut self, args: &[&str]) -> Suite {
        self.command.args(args);
        self
    }

    /// Starts it; what it says goes to a file, so that nobody has to read along.
    pub fn start(mut self) -> Running {
        let said = self.folder.path().join("said");
        let file = std::fs::File::create(&said).unwrap();
        let child = self
            .command
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap();
        Running {
            child,
            folder: self.folder,
            said,
        }
    }

    pub fn run(mut self) -> Ran {
        let output = self.command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ran {
            journals: readiness::journal::reader::read_folder(&self.folder.path().join("matrix"))
                .unwrap(),
            trials: finished(self.folder.path()),
            output: format!("{}{}", text(&output.stdout), text(&output.stderr)),
            code: output.status.code(),
        }
    }
}

/// A run that goes on.
pub struct Running {
    child: Child,
    folder: TempDir,
    said: PathBuf,
}

impl Running {
    /// Sends it what Ctrl-C sends.
    pub fn interrupt(&self) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &pid]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for its end.
    pub fn wait(mut self) -> Ran {
        let code = self.child.wait().unwrap().code();
        Ran {
            journals: readiness::journal::reader::read_folder(&self.folder.path().join("matrix"))
                .unwrap(),
            trials: finished(self.folder.path()),
            output: std::fs::read_to_string(&self.said).unwrap(),
            code,
        }
    }
}

impl Ran {
    /// The worst outcome of a requirement's trials, in the order of the truth table, with a reason.
    pub fn of(&self, id: &str) -> Option<(Outcome, String)> {
        self.trials
            .values()
            .filter(|trial| trial.id == id)
            .map(|trial| (Outcome::of(trial), trial.reason.clone().unwrap_or_default()))
            .max_by_key(|(outcome, _)| *outcome)
    }

    /// Every requirement with its worst outcome.
    pub fn rows(&self) -> BTreeMap<String, Outcome> {
        let ids = self.trials.values().map(|trial| trial.id.clone());
        ids.filter_map(|id| self.of(&id).map(|(outcome, _)| (id, outcome)))
            .collect()
    }
}

/// An outcome, the worse the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    NotApplicable,
    Pass,
    NotVerified,
    Vacuous,
    Warn,
    Fail,
}

impl Outcome {
    fn of(trial: &Finished) -> Outcome {
        let strength = trial.proof.as_ref().map(|proof| proof.strength);
        match trial.outcome {
            TrialOutcome::Passed => match strength {
                Some(ProofStrength::Vacuous | ProofStrength::Unproven) => Outcome::Vacuous,
                _ => Outcome::Pass,
            },
            TrialOutcome::Warned => Outcome::Warn,
            TrialOutcome::Failed => Outcome::Fail,
            TrialOutcome::NotApplicable => Outcome::NotApplicable,
            TrialOutcome::Unavailable => Outcome::NotVerified,
        }
    }
}

fn finished(folder: &Path) -> BTreeMap<String, Finished> {
    let mut trials = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "jsonl")
            {
                for line in std::fs::read_to_string(path).unwrap().lines() {
                    if let Ok(Record::Finished(trial)) = serde_json::from_str(line) {
                        trials.insert(trial.trial.clone(), *trial);
                    }
                }
            }
        }
    }
    trials
}

/// How many processes of the suite run at a time: one more than there are cores, since they wait now and
/// then, or what `READINESS_WORKERS` says.
pub fn workers() -> usize {
    let said = std::env::var("READINESS_WORKERS").ok();
    said.and_then(|said| said.parse().ok())
        .unwrap_or_else(|| thread::available_parallelism().map_or(2, usize::from) + 1)
}

/// Works through `jobs` on a few threads; the results come in the order of the jobs.
pub fn in_parallel<J: Sync, R: Send>(jobs: &[J], work: impl Fn(&J) -> R + Sync) -> Vec<R> {
    let next = Mutex::new(0..jobs.len());
    let results = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..workers() {
            scope.spawn(|| {
                while let Some(at) = { next.lock().unwrap().next() } {
                    let result = work(&jobs[at]);
                    results.lock().unwrap().push((at, result));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap();
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}
