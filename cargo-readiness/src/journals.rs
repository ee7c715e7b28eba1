//! The journals of one run: where they are, and which document each part of them is about.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use readiness::diagnostic::{Code, Diagnostic};
use readiness::journal::record::Header;
use readiness::journal::{MergedRun, folder, reader};

use crate::workspace::Workspace;

/// A run, read.
#[derive(Debug)]
pub(crate) struct Run {
    /// Its folder.
    pub(crate) folder: PathBuf,
    /// What its journals say.
    pub(crate) journals: MergedRun,
    /// What is known of how it was started.
    pub(crate) plan: RunPlan,
}

/// `plan.json` in a run's folder, written by `cargo readiness run`: which documents had every one
/// of their test targets run, without filters. Only then does the absence of a check mean anything.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct RunPlan {
    /// Paths of checklists.
    #[serde(default)]
    pub(crate) complete: Vec<PathBuf>,
}

const PLAN: &str = "plan.json";

impl RunPlan {
    /// Leaves the plan in a run's folder.
    pub(crate) fn write(&self, run: &Path) -> anyhow::Result<()> {
        let text = serde_json::to_string(self)?;
        let path = run.join(PLAN);
        std::fs::write(&path, text).with_context(|| format!("failed to write {}", path.display()))
    }

    /// Adds what another part of the same run knows.
    pub(crate) fn join(&mut self, other: &Self) {
        self.complete.extend(other.complete.iter().cloned());
        self.complete.sort();
        self.complete.dedup();
    }

    /// A plan that cannot be read says nothing, which is the careful answer.
    pub(crate) fn read(run: &Path) -> Self {
        let text = std::fs::read_to_string(run.join(PLAN)).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }
}

/// The folder that holds all runs: `READINESS_DIR`, else the workspace's target directory, else
/// `CARGO_TARGET_DIR`.
pub(crate) fn root(workspace: Option<&Workspace>) -> Option<PathBuf> {
    if let Some(dir) = std::env::var_os(folder::DIR).filter(|dir| !dir.is_empty()) {
        return Some(PathBuf::from(dir));
    }
    if let Some(workspace) = workspace {
        return Some(folder::root_of(&workspace.target));
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").filter(|dir| !dir.is_empty())?;
    Some(folder::root_of(Path::new(&target)))
}

/// Reads the run that was asked for, else the latest one, else none.
pub(crate) fn read(
    asked: Option<&str>,
    workspace: Option<&Workspace>,
) -> anyhow::Result<Option<Run>> {
    let Some(folder) = find(asked, workspace)? else {
        return Ok(None);
    };
    read_folder(folder).map(Some)
}

/// Reads the journals in a folder.
pub(crate) fn read_folder(folder: PathBuf) -> anyhow::Result<Run> {
    let journals = reader::read_folder(&folder)?;
    Ok(Run {
        plan: RunPlan::read(&folder),
        folder,
        journals,
    })
}

fn find(asked: Option<&str>, workspace: Option<&Workspace>) -> anyhow::Result<Option<PathBuf>> {
    let root = root(workspace);
    let Some(asked) = asked else {
        return Ok(root.and_then(|root| latest(&root, workspace)));
    };
    if let Some(folder) = called(asked, root.as_deref()) {
        return Ok(Some(folder));
    }
    let known: Vec<_> = root.as_deref().map(folder::runs).unwrap_or_default();
    let known: Vec<_> = known.into_iter().take(5).map(|run| run.run).collect();
    let hint = match known.as_slice() {
        [] => "there are no runs yet: `cargo readiness run`".to_owned(),
        known => format!("the latest runs: {}", known.join(", ")),
    };
    bail!("no run and no folder is called `{asked}`\n  hint: {hint}")
}

/// The run that was written last. Where several workspaces build into one target directory, that is one of
/// this workspace: what came out elsewhere says nothing of the documents here.
fn latest(root: &Path, workspace: Option<&Workspace>) -> Option<PathBuf> {
    let here = match workspace {
        Some(workspace) => canonical(&workspace.root),
        None => canonical(Path::new(".")),
    };
    let named = std::env::var_os(folder::DIR).is_some_and(|dir| !dir.is_empty());
    let own = named || canonical(root).starts_with(&here);
    let mut runs = folder::runs(root).into_iter().map(|run| run.path);
    runs.find(|run| own || is_of(run, &here, workspace))
}

/// Whether a run is about packages below `here` or of the workspace, or about a package of this name from
/// another machine. One that cannot be read is not passed over in silence.
fn is_of(run: &Path, here: &Path, workspace: Option<&Workspace>) -> bool {
    let Ok(journals) = reader::read_folder(run) else {
        return true;
    };
    let packages = || {
        workspace
            .into_iter()
            .flat_map(|workspace| &workspace.packages)
    };
    let ours = |header: &Header| {
        let dir = Path::new(&header.manifest_dir);
        if !dir.exists() {
            return packages().any(|package| package.name == header.package);
        }
        let dir = canonical(dir);
        dir.starts_with(here) || packages().any(|package| canonical(&package.dir) == dir)
    };
    let mut processes = journals.processes().peekable();
    processes.peek().is_none() || processes.any(|process| ours(process.header()))
}

/// The folder of a run that is named by it, or by its id.
fn called(asked: &str, root: Option<&Path>) -> Option<PathBuf> {
    let as_folder = PathBuf::from(asked);
    let by_id = root.map(|root| root.join(asked));
    [Some(as_folder), by_id]
        .into_iter()
        .flatten()
        .find(|candidate| candidate.is_dir())
}

/// Whether there is a run of this name.
pub(crate) fn exists(asked: &str, workspace: Option<&Workspace>) -> bool {
    called(asked, root(workspace).as_deref()).is_some()
}

impl Run {
    /// What could not be read.
    pub(crate) fn problems(&self) -> Vec<Diagnostic> {
        let problem = |problem: &readiness::journal::Problem| {
            let mut found = Diagnostic::new(
                Code::JournalProblem,
                &self.folder.join(&problem.file),
                format!("{}: {problem}", problem.kind.code()),
            );
            found.line = (problem.line > 0).then_some(problem.line);
            found
        };
        self.journals.problems().map(problem).collect()
    }

    /// The parts of the run by the checklist that they name, as [`checklist_of`] has it.
    pub(crate) fn by_checklist(&self) -> BTreeMap<PathBuf, MergedRun> {
        let mut parts = BTreeMap::new();
        for process in self.journals.processes() {
            let path = checklist_of(process.header());
            parts
                .entry(path.clone())
                .or_insert_with(|| self.journals.only(|header| checklist_of(header) == path));
        }
        parts
    }
}

/// The checklist that a process answers to: absolute, links resolved where the file is there.
pub(crate) fn checklist_of(header: &Header) -> PathBuf {
    canonical(&Path::new(&header.manifest_dir).join(&header.checklist))
}

/// Absolute, links resolved where the file is there.
pub(crate) fn canonical(path: &Path) -> PathBuf {
    std::fs::canonicalize(path)
        .or_else(|_| std::path::absolute(path))
        .unwrap_or_else(|_| path.to_path_buf())
}
