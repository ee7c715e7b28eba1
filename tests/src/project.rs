//! A cargo project made for one test.
//!
//! It lives under the target directory, at a path that is the same every time: its binaries replace
//! those of the last run, and after a failure it is there to look at. It shares the target directory
//! of this workspace, so dependencies are built once, and takes its `Cargo.lock` from it, so that
//! nothing is resolved over the network.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::document;
use crate::normal::Normal;
use crate::step::{Step, isolate};

/// The commit that results name.
const HEAD: &str = "0123456789abcdef0123456789abcdef01234567\n";

/// What `cargo new` writes; a workspace of its own, because it lies inside of ours.
const NEW: &str = "[package]\nname = \"NAME\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n\n[workspace]\n";

/// As in the workspace, so that what both build is built once.
const PROFILES: &str = r#"[profile.dev]
debug = "line-tables-only"

[profile.dev.package."*"]
debug = false

[profile.test]
debug = "line-tables-only"

"#;

/// A generated project.
#[derive(Debug)]
pub struct Project {
    folder: PathBuf,
    target: PathBuf,
    /// The readiness target that was built last.
    harness: Option<PathBuf>,
}

impl Project {
    /// An empty package called `name`, in a fresh folder. `scratch` is the test's
    /// `CARGO_TARGET_TMPDIR`.
    ///
    /// # Panics
    /// If the folder cannot be made: then there is nothing to test with.
    pub fn new(scratch: &str, name: &str) -> Self {
        let scratch = Path::new(scratch);
        let project = Self {
            folder: scratch.join("e2e").join(name),
            target: scratch.parent().unwrap_or(scratch).to_owned(),
            harness: None,
        };
        gone(fs::remove_dir_all(&project.folder));
        project.write("Cargo.toml", manifest(name, ""));
        project.write("src/lib.rs", "");
        // A repository of its own: results name a commit, and it should not be ours.
        project.write(".git/HEAD", HEAD);
        let lock = fs::read_to_string(workspace().join("Cargo.lock")).expect("our own Cargo.lock");
        project.write("Cargo.lock", &lock);
        project
    }

    /// What `cargo new --lib NAME` makes, in a fresh folder: a project that knows nothing of us.
    ///
    /// Profiles and lock file are those of this workspace all the same, so that dependencies are
    /// built once and nothing is resolved over the network.
    ///
    /// # Panics
    /// If it cannot be made.
    pub fn untouched(scratch: &str, name: &str) -> Self {
        let project = Self::new(scratch, &format!("untouched/{name}"));
        gone(fs::remove_dir_all(&project.folder));
        let parent = project.folder.parent().expect("a folder for it");
        fs::create_dir_all(parent.join(".cargo")).expect("a folder for cargo's configuration");
        fs::write(parent.join(".cargo/config.toml"), PROFILES).expect("cargo's configuration");
        // Not by cargo itself: under the target folder it would make the package a member of this
        // workspace, and change our manifest.
        project.write("Cargo.toml", NEW.replace("NAME", name));
        project.write("src/lib.rs", "");
        project.write(".git/HEAD", HEAD);
        let lock = fs::read_to_string(workspace().join("Cargo.lock")).expect("our own Cargo.lock");
        project.write("Cargo.lock", &lock);
        project
    }

    /// A package with one readiness target, `tests/readiness.rs`, of these checks.
    #[must_use]
    pub fn with_checks(self, checks: &str) -> Self {
        self.target_of_checks("readiness", checks)
    }

    /// A project with a document and a deployment of which `there` is set, and with these checks.
    pub fn of_checks(scratch: &str, name: &str, checklist: &str, checks: &str) -> Self {
        Self::new(scratch, name)
            .with("CHECKLIST.md", checklist)
            .with(
                "readiness.toml",
                "[target]\nkind = \"remote\"\nname = \"here\"\nthere = true\n",
            )
            .with_checks(checks)
    }

    /// Adds a readiness target with a name of its own.
    ///
    /// # Panics
    /// If the manifest cannot be read back.
    #[must_use]
    pub fn target_of_checks(self, name: &str, checks: &str) -> Self {
        let manifest = self.read("Cargo.toml");
        let target = format!("[[test]]\nname = \"{name}\"\nharness = false\n");
        self.write("Cargo.toml", format!("{manifest}\n{target}"));
        self.write(&format!("tests/{name}.rs"), checks);
        self
    }

    /// Adds a file.
    #[must_use]
    pub fn with(self, path: &str, text: impl AsRef<[u8]>) -> Self {
        self.write(path, text);
        self
    }

    /// Writes a file of the project.
    ///
    /// # Panics
    /// If it cannot be written.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        let parent = path.parent().expect("a path inside of the project");
        fs::create_dir_all(parent).expect("a folder of the project");
        fs::write(path, text).expect("a file of the project");
    }

    /// Back to before the first run: no runs, no ledger, and these files as they were.
    ///
    /// # Panics
    /// If the remains of earlier runs cannot be removed.
    pub fn reset(&self, files: &[(&str, &str)]) {
        gone(fs::remove_dir_all(self.runs()));
        gone(fs::remove_file(self.path("readiness.lock")));
        gone(fs::remove_file(self.path("readiness.history")));
        for (path, text) in files {
            self.write(path, text);
        }
    }

    /// Reads a file of the project.
    ///
    /// # Panics
    /// If it is not there, or not UTF-8.
    pub fn read(&self, path: &str) -> String {
        let path = self.path(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Reads a file of the project that may be missing.
    pub fn bytes(&self, path: &str) -> Option<Vec<u8>> {
        fs::read(self.path(path)).ok()
    }

    /// Where something of the project is.
    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    /// Where runs are recorded.
    pub fn runs(&self) -> PathBuf {
        self.path("runs")
    }

    /// What the journals of all runs say so far, one after the other, and nothing of what is shared.
    pub fn journal(&self) -> String {
        let journals = self.journals("runs").into_iter();
        journals
            .filter_map(|file| fs::read_to_string(file).ok())
            .collect()
    }

    /// The journals of all runs below a folder of the project.
    pub fn journals(&self, folder: &str) -> Vec<PathBuf> {
        let entries = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten();
        entries(&self.path(folder))
            .flat_map(|run| entries(&run.path()))
            .map(|file| file.path())
            .filter(|file| file.extension().is_some_and(|end| end == "jsonl"))
            .collect()
    }

    /// `cargo` with these arguments, in the project.
    pub fn cargo(&self, arguments: &[&str]) -> Step<'_> {
        self.step("cargo", arguments)
    }

    /// `cargo test` of the readiness target, with these arguments for the harness.
    pub fn cargo_test(&self, arguments: &[&str]) -> Step<'_> {
        let mut all = vec!["test", "--quiet", "--offline", "--no-fail-fast", "--"];
        all.extend(arguments);
        self.step("cargo", &all)
    }

    /// Builds the readiness targets, so that what comes next prints nothing about it.
    ///
    /// # Panics
    /// If they do not build.
    #[must_use]
    pub fn built(self) -> Self {
        self.built_by(&["test", "--no-run"], &[])
    }

    /// As [`built`](Self::built), by another command of cargo; `flags` are what it hands to the compiler.
    ///
    /// # Panics
    /// If they do not build.
    #[must_use]
    pub fn built_by(mut self, build: &[&str], flags: &[&str]) -> Self {
        let quietly = [
            "--quiet",
            "--offline",
            "--message-format=json-render-diagnostics",
            "--",
        ];
        let all = [build, &quietly, flags].concat();
        let mut command = self.cargo(&all).into_command();
        let output = command.output().expect("cargo starts");
        let messages = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "it does not build: {errors}");
        self.harness = messages.lines().find_map(executable);
        self
    }

    /// The readiness target itself, as it was built: its own exit code, and no second build.
    ///
    /// # Panics
    /// Before [`built`](Self::built).
    pub fn harness(&self, arguments: &[&str]) -> Step<'_> {
        let program = self.harness.as_ref().expect("the project was built");
        self.step(&program.display().to_string(), arguments)
    }

    /// `cargo nextest run` with these arguments.
    pub fn nextest(&self, arguments: &[&str]) -> Step<'_> {
        let mut all = vec![
            "nextest",
            "run",
            "--offline",
            "--cargo-quiet",
            "--no-fail-fast",
        ];
        all.extend(arguments);
        self.step("cargo", &all)
    }

    /// `cargo readiness` with these arguments: the command as built from this workspace.
    pub fn readiness(&self, arguments: &[&str]) -> Step<'_> {
        let mut all = vec!["readiness"];
        all.extend(arguments);
        let program = crate::toolchain::cargo_readiness(&self.target);
        self.step(&program.display().to_string(), &all)
    }

    /// The statuses of the document after a report, [in one word](document::word).
    ///
    /// # Panics
    /// If there is no document.
    pub fn reported(&self) -> String {
        self.readiness(&["report"]).run();
        document::word(&self.read("CHECKLIST.md"))
    }

    /// Any program, in the project.
    pub fn step(&self, program: &str, arguments: &[&str]) -> Step<'_> {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.folder);
        isolate(&mut command);
        command
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_TERM_COLOR", "never")
            .env("CARGO_NET_OFFLINE", "true")
            .env("NO_COLOR", "1")
            .env("READINESS_DIR", self.runs());
        Step {
            project: self,
            command,
        }
    }

    /// What has to be taken out of the output of this project's commands.
    pub fn normal(&self) -> Normal {
        Normal::new()
            .path(&self.folder, "[project]")
            .path(&self.target, "[target]")
            .path(&workspace(), "[workspace]")
    }
}

/// The executable that one of cargo's messages is about.
fn executable(message: &str) -> Option<PathBuf> {
    let (_, rest) = message.split_once("\"executable\":\"")?;
    let (path, _) = rest.split_once('"')?;
    Some(PathBuf::from(path))
}

/// Something was removed, or was not there.
fn gone(removal: io::Result<()>) {
    if let Err(error) = removal {
        assert!(
            error.kind() == io::ErrorKind::NotFound,
            "cannot remove it: {error}"
        );
    }
}

/// The manifest of a generated package; `more` is appended to its dependencies.
pub fn manifest(name: &str, more: &str) -> String {
    let runtime = workspace().join("readiness-runtime");
    format!(
        r#"[package]
name = "{name}"
version = "0.1.0"
edition = "2024"

[workspace]

# Its tests are those of the readiness targets.
[lib]
test = false
doctest = false

{PROFILES}[dev-dependencies]
readiness = {{ package = "readiness-runtime", path = "{}" }}
{more}"#,
        runtime.display()
    )
}

/// The root of this workspace.
pub fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}
