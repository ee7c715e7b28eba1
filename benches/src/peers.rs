//! The peers, each as a generated cargo project of `n` trivial tests.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::clock::{Cost, Sink};

/// Who is measured.
#[derive(Debug, Clone, Copy)]
pub enum Peer {
    /// `#[requirement]` on `readiness::main!()`.
    Readiness,
    /// The same without the `async` feature.
    ReadinessSync,
    /// `#[test]`.
    Libtest,
    /// Checks of an observation, each with [`ALTERATIONS`] alterations to be proven on.
    Observing,
    /// Bare libtest-mimic over an `inventory` registry.
    Mimic,
}

impl Peer {
    /// Its name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Peer::Readiness => "readiness",
            Peer::ReadinessSync => "readiness, no async",
            Peer::Observing => "readiness, observing",
            Peer::Libtest => "libtest",
            Peer::Mimic => "libtest-mimic",
        }
    }

    fn slug(self) -> &'static str {
        match self {
            Peer::Readiness => "readiness",
            Peer::ReadinessSync => "readiness-sync",
            Peer::Observing => "observing",
            Peer::Libtest => "libtest",
            Peer::Mimic => "mimic",
        }
    }

    fn manifest(self, root: &Path, n: usize) -> String {
        // TOML's basic strings and Rust's escape alike.
        let runtime = format!("{:?}", root.join("readiness-runtime").display().to_string());
        let (dependencies, harness) = match self {
            Peer::Readiness => (
                format!("readiness = {{ package = \"readiness-runtime\", path = {runtime} }}"),
                false,
            ),
            Peer::ReadinessSync => (
                format!(
                    "readiness = {{ package = \"readiness-runtime\", path = {runtime}, default-features = false }}"
                ),
                false,
            ),
            Peer::Observing => (
                format!(
                    "readiness = {{ package = \"readiness-runtime\", path = {runtime} }}\nserde_json = \"1\""
                ),
                false,
            ),
            Peer::Libtest => (String::new(), true),
            Peer::Mimic => (
                "inventory = \"0.3.25\"\nlibtest-mimic = \"0.8.2\"".to_owned(),
                false,
            ),
        };
        format!(
            "[package]\nname = \"bench-{}-{n}\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
             [dev-dependencies]\n{dependencies}\n\n[[test]]\nname = \"all\"\nharness = {harness}\n\n\
             [profile.dev]\ndebug = false\n\n[workspace]\n",
            self.slug(),
        )
    }

    fn source(self, n: usize) -> String {
        let mut source = String::new();
        match self {
            Peer::Readiness | Peer::ReadinessSync => {
                source.push_str("readiness::main!();\n");
                for i in 0..n {
                    // A trivial check observes nothing, and says that it need not.
                    let _ = writeln!(
                        source,
                        "#[readiness::requirement(\"B-{i:05}\", no_proof = \"trivial\")]\nfn t{i}() {{}}"
                    );
                }
            }
            Peer::Observing => {
                source.push_str(OBSERVING);
                for i in 0..n {
                    let _ = writeln!(
                        source,
                        "#[readiness::requirement(\"B-{i:05}\")]\n\
                         fn t{i}(cx: &Context) -> Result<()> {{ look(cx) }}"
                    );
                }
            }
            Peer::Libtest => {
                for i in 0..n {
                    let _ = writeln!(source, "#[test]\nfn t{i}() {{}}");
                }
            }
            Peer::Mimic => {
                source.push_str(
                    "struct T(&'static str, fn());\ninventory::collect!(T);\nfn main() {\n\
                     let trials = inventory::iter::<T>().map(|t| libtest_mimic::Trial::test(t.0, \
                     move || { (t.1)(); Ok(()) })).collect();\n\
                     libtest_mimic::run(&libtest_mimic::Arguments::from_args(), trials).exit();\n}\n",
                );
                for i in 0..n {
                    let _ = writeln!(
                        source,
                        "fn t{i}() {{}}\ninventory::submit!(T(\"t{i}\", t{i}));"
                    );
                }
            }
        }
        source
    }
}

/// Fine alterations of what the checks of [`Peer::Observing`] read: five of each text, which is
/// dropped, null, emptied, another one and a number.
pub const ALTERATIONS: usize = 20;

/// What those checks do: four texts of a reply of about ten kilobytes.
const OBSERVING: &str = r#"
use readiness::observation::json::Json;
use readiness::{Context, Result, ensure};

readiness::main!();

fn look(cx: &Context) -> Result<()> {
    let reply = cx.observe_now("GET /exploits", || {
        let row = |n: u32| serde_json::json!({"tx_hash": format!("0x{n:064x}"), "amount_usd": n});
        let rows: Vec<_> = (0..100).map(row).collect();
        Ok(Json::new(serde_json::json!({
            "name": "exploits", "status": "healthy", "chain": "ethereum", "order": "newest", "data": rows,
        })))
    })?;
    let texts = [("name", "exploits"), ("status", "healthy"), ("chain", "ethereum"), ("order", "newest")];
    for (key, expected) in texts {
        ensure!(reply.get(key).str()? == expected, "{key} is another");
    }
    Ok(())
}
"#;

/// A generated project.
pub struct Project {
    folder: PathBuf,
    peer: Peer,
}

/// A test binary that was built.
pub struct Binary {
    file: PathBuf,
    folder: PathBuf,
}

impl Binary {
    /// Runs all of its tests.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.file);
        clean(&mut command);
        command
            .current_dir(&self.folder)
            .env("CARGO_MANIFEST_DIR", &self.folder);
        command
    }
}

impl Project {
    /// Writes the project of `n` tests, the same bytes each time.
    pub fn generate(root: &Path, peer: Peer, n: usize) -> Result<Self> {
        let folder = root
            .join("target/benches")
            .join(format!("{}-{n}", peer.slug()));
        fs::create_dir_all(folder.join("src"))?;
        fs::create_dir_all(folder.join("tests"))?;
        write(&folder.join("Cargo.toml"), &peer.manifest(root, n))?;
        write(&folder.join("src/lib.rs"), "")?;
        write(&folder.join("tests/all.rs"), &peer.source(n))?;
        let lock = fs::read_to_string(root.join("Cargo.lock"))?;
        if !folder.join("Cargo.lock").exists() {
            write(&folder.join("Cargo.lock"), &lock)?;
        }
        let mut checklist =
            String::from("# Bench\n\n| ID | Requirement | Status |\n|---|---|---|\n");
        for i in 0..n {
            let _ = writeln!(
                checklist,
                "| B-{i:05} | Something that holds, number {i} | |"
            );
        }
        write(&folder.join("CHECKLIST.md"), &checklist)?;
        Ok(Self { folder, peer })
    }

    fn target(&self) -> PathBuf {
        // One target directory for each peer: its dependencies are built once for all sizes.
        self.folder
            .with_file_name(format!("target-{}", self.peer.slug()))
    }

    fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("cargo");
        clean(&mut command);
        command
            .current_dir(&self.folder)
            .args(arguments)
            .env("CARGO_TARGET_DIR", self.target());
        command
    }

    /// Builds, and finds the binary.
    pub fn test_binary(&self, release: bool) -> Result<Binary> {
        let mut arguments = vec!["test", "--no-run", "--test", "all", "--message-format=json"];
        if release {
            arguments.push("--release");
        }
        let output = self
            .cargo(&arguments)
            .output()
            .context("cannot run cargo")?;
        ensure!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let text = String::from_utf8(output.stdout)?;
        let file = text
            .lines()
            .filter_map(|line| line.split_once("\"executable\":\""))
            .filter_map(|(_, rest)| rest.split_once('"'))
            .map(|(file, _)| PathBuf::from(file))
            .next_back()
            .context("cargo named no executable")?;
        Ok(Binary {
            file,
            folder: self.folder.clone(),
        })
    }

    /// `cargo nextest run`, built already.
    pub fn nextest(&self, release: bool) -> Command {
        let mut command = self.cargo(&["nextest", "run"]);
        if release {
            command.arg("--release");
        }
        command
    }

    /// Builds the tests alone and from nothing, with everything they depend on in place.
    pub fn rebuild(&self, n: usize) -> Result<Cost> {
        Cost::of(self.cargo(&["test", "--no-run"]), Sink::Null)?;
        // Incremental compilation goes with it: a file that did not change would be reused.
        let package = format!("bench-{}-{n}", self.peer.slug());
        Cost::of(self.cargo(&["clean", "--package", &package]), Sink::Null)?;
        Cost::of(self.cargo(&["test", "--no-run"]), Sink::Null)
    }

    /// Builds everything from nothing.
    pub fn clean_build(&self) -> Result<Cost> {
        let target = self
            .folder
            .with_file_name(format!("clean-{}", self.peer.slug()));
        if target.exists() {
            fs::remove_dir_all(&target)?;
        }
        let mut command = self.cargo(&["test", "--no-run"]);
        command.env("CARGO_TARGET_DIR", &target);
        Cost::of(command, Sink::Null)
    }
}

/// Drops what the outer cargo and an outer run tell their children.
fn clean(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let Some(text) = name.to_str() else { continue };
        let ours = text.starts_with("READINESS_") || text.starts_with("NEXTEST_");
        if ours || (text.starts_with("CARGO_") && text != "CARGO_HOME") {
            command.env_remove(&name);
        }
    }
}

/// Writes only what differs: a build that finds nothing new must not rebuild.
fn write(file: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(file).is_ok_and(|old| old == text) {
        return Ok(());
    }
    fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}
