//! A target that means harm: the run ends, its memory stays within a bound, and nothing that it
//! leaves or says is damaged by what the target answered.

mod checks;
mod secrets;
mod service;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use readiness::journal::record::{Finished, ProofStrength, TrialOutcome};
use readiness_checklist::{Checklist, State};

use readiness_driver::{Project, RUN};

use crate::driver::PEAK;

readiness_driver::tests!(
    what_never_ends_is_ended,
    what_comes_at_once_does_no_harm,
    no_secret_is_left_anywhere,
);

/// The most memory that the process of the checks may have, in MiB: proofs, journal and all, with four
/// checks at once. It had 156. A body alone may have 4 MiB, and JSON that is parsed takes up to
/// thirty times its length.
const MOST_MIB: u64 = 256;

/// Ways that only the client's deadline ends.
const ENDLESS: [&str; 4] = ["H1-DRIP-HEAD", "H1-DRIP-BODY", "H1-CONTINUE", "H1-HINTS"];

/// Ways that are no reply: an error of the exchange, nobody's finding.
const BROKEN: [&str; 9] = [
    "H1-HEADS-GIGABYTE",
    "H1-HEAD-ONE",
    "H1-RESET",
    "H1-SHORT",
    "H1-LENGTHS",
    "H1-GARBAGE",
    "H1-SILENCE",
    "H1-HEADER-CONTROLS",
    "H1-HEADER-NAME",
];

fn what_never_ends_is_ended() {
    let ran = Ran::of(&ENDLESS, "timeout_ms = 1000\n", 12);
    for (name, trial) in &ran.trials {
        assert_eq!(trial.outcome, TrialOutcome::Failed, "{name}");
        let reason = trial.reason.as_deref().unwrap_or_default();
        assert!(reason.contains("within 1000 ms"), "{name}: {reason}");
    }
    ran.did_no_harm();
}

fn what_comes_at_once_does_no_harm() {
    let at_once: Vec<&str> = checks::IDS
        .iter()
        .copied()
        .filter(|id| !ENDLESS.contains(id))
        .collect();
    // A deadline that no busy machine reaches: what ends here is ended by a bound.
    let ran = Ran::of(&at_once, "timeout_ms = 120000\n", 4);
    for id in at_once {
        let is_broken = BROKEN.contains(&id);
        for check in ["quotes", "panics", "passes"] {
            let trial = ran.trial(id, check);
            let reason = trial.reason.as_deref().unwrap_or_default();
            let expected = match check {
                "passes" if !is_broken => TrialOutcome::Passed,
                _ => TrialOutcome::Failed,
            };
            assert_eq!(trial.outcome, expected, "{id} {check}: {reason}");
            assert!(
                !is_broken || reason.contains("exchange with"),
                "{id}: {reason}"
            );
            if let Some(proof) = &trial.proof {
                assert_ne!(
                    proof.strength,
                    ProofStrength::Unproven,
                    "{id}: {:?}",
                    proof.reason
                );
            }
        }
    }
    ran.did_no_harm();
}

fn no_secret_is_left_anywhere() {
    let address = service::start();
    let project = Project::aimed_at(&format!("base_url = \"{address}\"\n{}", secrets::TARGET));
    let output = project
        .command(&[&format!("{}::", secrets::ID)])
        .envs(secrets::ENVIRONMENT)
        .output()
        .unwrap();
    let ran = Ran::read(project, output);
    assert_eq!(ran.trials.len(), 3);
    let proof = ran
        .trial(secrets::ID, "passes_over_secrets")
        .proof
        .clone()
        .unwrap();
    assert_eq!(proof.strength, ProofStrength::Proven, "{:?}", proof.reason);

    ran.write_report("CHECKLIST.md", "out.md");
    let explained = ran.readiness(&["prove", "--run", RUN, "--explain", secrets::ID]);
    let listed = ran.readiness(&["prove", "--run", RUN]);
    let mut left = vec![
        ("the document".to_owned(), ran.file("out.md")),
        ("the terminal".to_owned(), both(&ran.output)),
        ("prove".to_owned(), both(&listed)),
        ("prove --explain".to_owned(), both(&explained)),
    ];
    left.extend(files_below(&ran.project.runs()));
    for (place, text) in &left {
        secrets::are_not_in(place, text);
    }
    // Positive control: what stood beside the secrets did come through, and so did their masks.
    for (place, text) in left.iter().filter(|(place, _)| place != "prove") {
        assert!(
            text.contains("echoed"),
            "{place} shows nothing of what was said: {text}"
        );
        assert!(text.contains("[redacted"), "{place} masks nothing");
    }
}

fn files_below(folder: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else if let Ok(text) = fs::read_to_string(&path)
            && !text.is_empty()
        {
            files.push((path.display().to_string(), text));
        }
    }
    files.retain(|(path, _)| {
        Path::new(path)
            .extension()
            .is_some_and(|end| end == "jsonl")
            || path.contains("/shared/")
    });
    files
}

/// A run against the hostile server, and what it left.
struct Ran {
    project: Project,
    output: Output,
    trials: BTreeMap<String, Finished>,
}

impl Ran {
    /// All checks of these requirements.
    fn of(ids: &[&str], target: &str, threads: usize) -> Ran {
        let address = service::start();
        let project = Project::aimed_at(&format!("base_url = \"{address}\"\n{target}"));
        let filters = ids.iter().map(|id| format!("{id}::"));
        let output = project
            .command(&[&format!("--test-threads={threads}")])
            .args(filters)
            .output()
            .unwrap();
        let ran = Ran::read(project, output);
        let said = text(&ran.output.stderr);
        assert_eq!(ran.output.status.code(), Some(101), "{said}");
        assert_eq!(ran.trials.len(), ids.len() * 3, "{said}");
        ran
    }

    fn read(project: Project, output: Output) -> Ran {
        let run = project.journal();
        let trials: BTreeMap<_, _> = run
            .trials()
            .into_iter()
            .filter_map(|(name, trial)| Some((name, trial.finished()?.clone())))
            .collect();
        Ran {
            project,
            output,
            trials,
        }
    }

    fn trial(&self, id: &str, check: &str) -> &Finished {
        let name = |name: &&String| name.starts_with(&format!("{id}::")) && name.ends_with(check);
        let name = self.trials.keys().find(name).unwrap();
        &self.trials[name]
    }

    /// Every place that the target's words could reach.
    fn did_no_harm(&self) {
        self.memory_was_bounded();
        is_plain("the harness", &self.output);
        self.journal_is_whole();
        self.document_is_whole();
        for arguments in [
            &["prove", "--run", RUN][..],
            &["prove", "--run", RUN, "--explain", "H1-JSON"],
            &["prove", "--run", RUN, "--explain", "H1-HEADER"],
            &["gate", "--run", RUN],
        ] {
            is_plain(&arguments.join(" "), &self.readiness(arguments));
        }
    }

    fn memory_was_bounded(&self) {
        let Ok(peak) = fs::read_to_string(self.project.path().join(PEAK)) else {
            println!("skipped: this platform does not tell how much memory a process had");
            return;
        };
        let mib = peak.parse::<u64>().unwrap() / 1024;
        println!("at most {mib} MiB");
        assert!(mib <= MOST_MIB, "the run took {mib} MiB");
    }

    /// Nothing is torn, and nobody's record is longer than records are.
    fn journal_is_whole(&self) {
        let journals = fs::read_dir(self.project.run_folder()).unwrap();
        for path in journals.map(|entry| entry.unwrap().path()) {
            if path
                .extension()
                .is_none_or(|extension| extension != "jsonl")
            {
                continue;
            }
            for (at, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
                let record: Result<serde_json::Value, _> = serde_json::from_str(line);
                assert!(record.is_ok(), "line {at}: {record:?}");
                assert!(
                    line.len() < 512 * 1024,
                    "line {at} has {} bytes",
                    line.len()
                );
            }
        }
    }

    /// The same rows with the same words, each with its status; a second writing changes nothing.
    fn document_is_whole(&self) {
        let original = self.file("CHECKLIST.md");
        self.write_report("CHECKLIST.md", "out.md");
        let written = self.file("out.md");
        assert_eq!(written.lines().count(), original.lines().count());
        for harm in ["<script", "H1-FORGED |", "\n- [x]"] {
            assert!(!written.contains(harm), "{harm} in:\n{written}");
        }
        assert!(has_no_controls(&written), "{written:?}");
        let (before, after) = (parsed(&original), parsed(&written));
        assert_eq!(before.items().len(), after.items().len());
        for (before, after) in before.items().iter().zip(after.items()) {
            assert_eq!(before.id(), after.id());
            assert_eq!(before.requirement(), after.requirement());
            assert_eq!(after.notes(), None, "{} has a note of a person", after.id());
            let ran = self.trials.values().any(|trial| trial.id == after.id());
            let expected = if ran { State::Fail } else { State::NotRun };
            assert_eq!(after.state(), expected, "{}", after.id());
            let row = written.lines().nth(after.line() - 1).unwrap();
            assert_eq!(
                row.matches("<!-- readiness -->").count(),
                usize::from(ran),
                "{row}"
            );
        }
        self.write_report("out.md", "again.md");
        assert_eq!(self.file("again.md"), written);
    }

    fn write_report(&self, checklist: &str, output: &str) {
        let arguments = [
            "report",
            "--run",
            RUN,
            "--checklist",
            checklist,
            "--output",
            output,
        ];
        let ran = self.readiness(&arguments);
        is_plain("report", &ran);
        assert_eq!(ran.status.code(), Some(0), "{}", text(&ran.stderr));
    }

    fn readiness(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(cargo_readiness());
        readiness_tests::step::isolate(&mut command);
        command
            .current_dir(self.project.path())
            .env("READINESS_DIR", self.project.runs())
            .args(arguments)
            .output()
            .unwrap()
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.project.path().join(name)).unwrap()
    }
}

fn parsed(text: &str) -> Checklist {
    let checklist = Checklist::parse(text.as_bytes().to_vec()).unwrap();
    assert!(!checklist.has_file_error(), "{:?}", checklist.diagnostics());
    checklist
}

/// The command, built beside this executable.
fn cargo_readiness() -> PathBuf {
    let executable = std::env::current_exe().unwrap();
    // `<target>/<profile>/deps/<executable>`.
    let target = executable.ancestors().nth(3).map(Path::to_owned);
    readiness_tests::toolchain::cargo_readiness(&target.unwrap())
}

/// A terminal shows it as lines of text, whatever the target answered.
#[track_caller]
fn is_plain(what: &str, output: &Output) {
    for bytes in [&output.stdout, &output.stderr] {
        let text = std::str::from_utf8(bytes).unwrap();
        assert!(has_no_controls(text), "{what} printed {text:?}");
        assert!(text.len() < 4 << 20, "{what} printed {} bytes", text.len());
    }
}

fn both(output: &Output) -> String {
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

fn has_no_controls(text: &str) -> bool {
    text.chars().all(|c| c == '\n' || !c.is_control())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
