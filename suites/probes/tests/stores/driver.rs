//! Servers that may be absent, and checks that look at them.

use std::path::Path;

use readiness::Unavailable;
use readiness::journal::record::{Finished, ProofStrength, TrialOutcome};
use readiness_driver::{Project, finish};

/// The file that [`leave_peak`] writes.
pub const PEAK: &str = "peak-kib";

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
        let project = Project::aimed_at(&self.target);
        let mut command = project.command(&[&format!("{}::", self.id)]);
        command.envs(self.env);
        let ran = finish(command);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        let trials = project.journal().trials();
        let finished = trials.values().find(|trial| trial.id == self.id);
        let finished = finished.and_then(|trial| trial.finished()).cloned();
        Seen {
            finished: finished.unwrap_or_else(|| panic!("{} did not end\n{said}", self.id)),
            said,
        }
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
