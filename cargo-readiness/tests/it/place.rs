//! A temporary folder with a checklist, a configuration and a journal, and the command run in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub const CHECKLIST: &str = "\
# Shop

Minimum Required Score: 60%

| ID | Requirement | Status | Notes |
|----|-------------|--------|-------|
| A-1 | It starts | ⏸️ | |
| A-2 | It stops | ⏸️ | by hand |
| A-3 | It is fast | ⏸️ | |
| A-4 | It is documented | ✅ | |
| A-5 | It is backed up | ⏸️ | |
";

/// A folder of its own.
pub struct Place {
    root: tempfile::TempDir,
    environment: Vec<(String, String)>,
}

/// What the command did.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Place {
    pub fn new() -> Self {
        let place = Self {
            root: tempfile::tempdir().unwrap(),
            environment: Vec::new(),
        };
        place.write("CHECKLIST.md", CHECKLIST);
        place
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub fn root(&self) -> &Path {
        self.root.path()
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// A journal of a remote target in `runs/r-1`, without its header line's format being wrong.
    pub fn journal(&self, lines: &[String]) {
        self.journal_of("remote", "runs/r-1/1-1-a.jsonl", lines);
    }

    pub fn journal_of(&self, kind: &str, name: &str, lines: &[String]) {
        let header = format!(
            r#"{{"record":"header","format":1,"run":"r-1","process":"{name}","package":"shop","manifest_dir":"{}","checklist":"{}","target":{{"name":"staging","kind":"{kind}"}},"at":"2026-11-20T10:00:00.000000Z","commit":"abc123"}}"#,
            self.root().display(),
            self.path("CHECKLIST.md").display(),
        );
        self.write(name, format!("{header}\n{}", lines.concat()));
    }

    /// Runs the command in the folder; runs are looked for in `runs`.
    pub fn readiness(&self, arguments: &[&str]) -> Ran {
        self.readiness_with(arguments, &[])
    }

    /// The same with more in the environment. The home folder is the place itself: nobody's own
    /// keys and settings have a say.
    pub fn readiness_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
        self.command(arguments, environment).into()
    }

    /// The same in a folder below.
    pub fn readiness_in(
        &self,
        folder: &str,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Ran {
        self.command_in(&self.path(folder), arguments, environment)
            .into()
    }

    /// The command has this variable from here on.
    pub fn with_env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// git, with an identity and no settings but ours.
    #[track_caller]
    pub fn git(&self, arguments: &[&str]) {
        let identity = [
            "user.name=a",
            "user.email=a@example.com",
            "commit.gpgsign=false",
        ];
        let output = Command::new("git")
            .args(identity.iter().flat_map(|setting| ["-c", setting]))
            .args(arguments)
            .current_dir(self.root())
            .env("HOME", self.root())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "git {arguments:?}: {told}");
    }

    fn command(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
        self.command_in(self.root(), arguments, environment)
    }

    fn command_in(
        &self,
        folder: &Path,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-readiness"));
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            let ours = ["READINESS_", "NEXTEST", "GITHUB_"];
            if ours.iter().any(|prefix| text.starts_with(prefix)) {
                command.env_remove(&name);
            }
        }
        command
            .current_dir(folder)
            .env("READINESS_DIR", self.path("runs"))
            .env("HOME", self.root())
            .env("GIT_CONFIG_GLOBAL", self.path(".gitconfig"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env_remove("SSH_AUTH_SOCK")
            .envs(environment.iter().copied())
            .envs(self.environment.iter().cloned())
            .args(arguments)
            .output()
            .unwrap()
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Ran {
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.out, self.err);
        self
    }

    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        let all = format!("{}{}", self.out, self.err);
        assert!(all.contains(text), "`{text}` not in:\n{all}");
        self
    }
}

/// The lines of a whole process: these trials registered, run and ended, then closed.
pub fn process(trials: &[(&str, &str)]) -> Vec<String> {
    let names: Vec<_> = trials.iter().map(|(id, _)| *id).collect();
    let mut lines = vec![registered(&names, &[])];
    for (id, end) in trials {
        lines.push(started(id));
        lines.push(finished(id, end));
    }
    lines.push("{\"record\":\"closed\",\"at\":\"2026-11-20T10:00:09.000000Z\"}\n".to_owned());
    lines
}

pub fn registered(selected: &[&str], left_out: &[&str]) -> String {
    let info = |id: &&str, selected: bool| {
        format!(
            r#"{{"trial":"{id}::it","id":"{id}","selected":{selected},"digest":"d-{id}","source":"src/lib.rs:7"}}"#
        )
    };
    let trials: Vec<_> = selected
        .iter()
        .map(|id| info(id, true))
        .chain(left_out.iter().map(|id| info(id, false)))
        .collect();
    format!(
        "{{\"record\":\"registered\",\"trials\":[{}]}}\n",
        trials.join(",")
    )
}

pub fn started(id: &str) -> String {
    format!(
        "{{\"record\":\"started\",\"trial\":\"{id}::it\",\"attempt\":1,\"at\":\"2026-11-20T10:00:01.000000Z\"}}\n"
    )
}

/// How a trial ended, as in `proven` or `failed: 500`.
pub fn finished(id: &str, end: &str) -> String {
    let (word, reason) = end.split_once(": ").unwrap_or((end, ""));
    let (outcome, proof) = match word {
        "proven" => ("passed", r#","proof":{"strength":"proven"}"#),
        "vacuous" => (
            "passed",
            r#","proof":{"strength":"vacuous","reason":"still passes when the reply is 500"}"#,
        ),
        "excused" => (
            "passed",
            r#","proof":{"strength":"excused","reason":"a person looks"}"#,
        ),
        "unproven" => ("passed", ""),
        other => (other, ""),
    };
    let reason = if reason.is_empty() {
        String::new()
    } else {
        format!(r#","reason":"{reason}""#)
    };
    format!(
        "{{\"record\":\"finished\",\"trial\":\"{id}::it\",\"id\":\"{id}\",\"attempt\":1,\"outcome\":\"{outcome}\"{reason},\"at\":\"2026-11-20T10:00:02.000000Z\",\"micros\":5,\"digest\":\"d-{id}\"{proof}}}\n"
    )
}
