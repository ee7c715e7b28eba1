//! A command in a generated project, free of what the tests themselves run in.

use std::process::Command;

use crate::{Project, Ran};

/// Prefixes of variables that change what cargo, a runner or the harness does. The tests run inside
/// of cargo themselves, perhaps inside of nextest, and none of that is the project's business.
const INHERITED: [&str; 10] = [
    "CARGO_",
    "NEXTEST",
    "READINESS_",
    "TEST_",
    "TESTBRIDGE_",
    "XML_",
    "INSTA_",
    "GITHUB_",
    "RUST_",
    "TRYBUILD",
];

/// A command that is about to run.
#[derive(Debug)]
#[must_use]
pub struct Step<'a> {
    pub(crate) project: &'a Project,
    pub(crate) command: Command,
}

impl Step<'_> {
    /// With a variable of its environment.
    pub fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Without a variable that would otherwise be set.
    pub fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// In a folder inside of the project.
    pub fn inside(mut self, folder: &str) -> Self {
        self.command.current_dir(self.project.path(folder));
        self
    }

    /// The command itself, to be started by hand.
    pub fn into_command(self) -> Command {
        self.command
    }

    /// Runs it to its end.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn run(mut self) -> Ran {
        let output = self
            .command
            .output()
            .unwrap_or_else(|error| panic!("cannot start {:?}: {error}", self.command));
        Ran::new(&output, &self.project.normal())
    }
}

/// Takes out of a child's environment what belongs to the tests themselves.
pub fn isolate(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let Some(text) = name.to_str() else { continue };
        let inherited = INHERITED.iter().any(|prefix| text.starts_with(prefix));
        if inherited && text != "CARGO_HOME" {
            command.env_remove(name);
        }
    }
}
