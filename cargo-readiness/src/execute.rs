//! Building the test targets that hold checks, and running them.

use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use cargo_metadata::Message;
use readiness::journal::folder;
use readiness::journal::run_id::RUN_ID;

use crate::cli::BuildOptions;
use crate::describe;
use crate::progress::Progress;
use crate::services::Services;
use crate::ui::Ui;
use crate::workspace::{Package, Workspace, cargo};

/// How often is looked whether a test process has ended.
const BETWEEN_LOOKS: Duration = Duration::from_millis(40);

/// A built test target.
#[derive(Debug, Clone)]
pub(crate) struct Binary {
    /// Its package.
    pub(crate) package: String,
    /// The folder of the package, where cargo starts tests.
    pub(crate) dir: PathBuf,
    /// The target's name.
    pub(crate) target: String,
    /// The executable.
    pub(crate) path: PathBuf,
}

/// Builds the harnesses of these packages. Cargo's own output goes to stderr as it comes.
pub(crate) fn build(
    workspace: &Workspace,
    packages: &[&Package],
    options: &BuildOptions,
) -> anyhow::Result<Vec<Binary>> {
    let mut command = Command::new(cargo());
    command
        .current_dir(&workspace.root)
        .args([
            "test",
            "--no-run",
            "--message-format=json-render-diagnostics",
        ])
        .args(options.cargo_flags());
    for package in packages {
        command.args(["--package", &package.name]);
    }
    let mut targets: Vec<_> = packages.iter().flat_map(|p| &p.harnesses).collect();
    targets.sort();
    targets.dedup();
    for target in targets {
        command.args(["--test", target]);
    }
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("failed to start cargo")?;
    let mut binaries = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        for message in Message::parse_stream(BufReader::new(stdout)) {
            let message = message.context("failed to read cargo's messages")?;
            if let Message::CompilerArtifact(artifact) = message {
                binaries.extend(binary(packages, &artifact));
            }
        }
    }
    let status = child.wait().context("failed to wait for cargo")?;
    if !status.success() {
        bail!("the test targets could not be built ({status})");
    }
    binaries.sort_by(|a, b| (&a.package, &a.target).cmp(&(&b.package, &b.target)));
    if binaries.is_empty() {
        bail!("cargo built no test target with harness = false");
    }
    Ok(binaries)
}

fn binary(packages: &[&Package], artifact: &cargo_metadata::Artifact) -> Option<Binary> {
    let path = artifact.executable.as_ref()?;
    let dir = artifact.manifest_path.parent()?;
    let package = packages
        .iter()
        .find(|package| package.dir == dir.as_std_path())?;
    (artifact.target.is_test() && package.harnesses.contains(&artifact.target.name)).then(|| {
        Binary {
            package: package.name.clone(),
            dir: package.dir.clone(),
            target: artifact.target.name.clone(),
            path: path.clone().into_std_path_buf(),
        }
    })
}

/// How a test target ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Every check that ran passed, warned or was not verified.
    Passed,
    /// A check failed.
    Failed,
    /// It refused to start: usage, configuration or document error.
    Refused,
    /// It died.
    Died,
}

impl Binary {
    /// The command that cargo would run.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command
            .current_dir(&self.dir)
            .env("CARGO_MANIFEST_DIR", &self.dir)
            .env("CARGO_PKG_NAME", &self.package)
            .stdin(Stdio::null());
        command
    }

    /// Runs it as part of a run. What it prints is progress, unless only errors are wanted.
    pub(crate) fn run(
        &self,
        root: &Path,
        run: &str,
        arguments: &[String],
        services: &Services,
        ui: &mut Ui,
    ) -> anyhow::Result<Ended> {
        let output = if ui.is_quiet() {
            Stdio::null()
        } else {
            Stdio::from(std::io::stderr())
        };
        let folder = root.join(run);
        // What it waits for is worth a look, not an error.
        let description = describe::describe(self).ok().flatten();
        let mut progress = Progress::new(&folder, description);
        let failed = || format!("failed to start {}", self.path.display());
        let mut child = self
            .command()
            .envs(&services.environment)
            .env(RUN_ID, run)
            .env(folder::DIR, root)
            .args(arguments)
            .stdout(output)
            .spawn()
            .with_context(failed)?;
        let status = loop {
            if let Some(status) = child.try_wait().with_context(failed)? {
                break status;
            }
            std::thread::sleep(BETWEEN_LOOKS);
            progress.tick(ui);
        };
        Ok(match status.code() {
            Some(0) => Ended::Passed,
            Some(101) => Ended::Failed,
            Some(2) => Ended::Refused,
            _ => Ended::Died,
        })
    }
}

/// Announces and runs all binaries; a failure in one never keeps the others from running.
pub(crate) fn run_all(
    binaries: &[Binary],
    root: &Path,
    run: &str,
    arguments: &[String],
    services: &Services,
    ui: &mut Ui,
) -> anyhow::Result<Vec<Ended>> {
    let mut ends = Vec::new();
    for binary in binaries {
        ui.progress(format!("running {} of {}", binary.target, binary.package));
        ends.push(binary.run(root, run, arguments, services, ui)?);
    }
    Ok(ends)
}
