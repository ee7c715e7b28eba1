//! The documents that a command works on, each with its configuration, its ledger and what the run
//! says about it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::bail;
use readiness::assess::{self, Assessment, Inputs, RunSummary};
use readiness::config::{Config, FILE_NAME};
use readiness::diagnostic::{Code, Diagnostic};
use readiness::document::{self, Located};
use readiness::journal::MergedRun;
use readiness::ledger::LedgerState;
use readiness_checklist::{IdOrigin, Item};

use crate::cli::SourceOptions;
use crate::journals::{Run, canonical};
use crate::workspace::Workspace;

/// One document and all that is known about it.
#[derive(Debug)]
pub(crate) struct Document {
    /// The checklist and its configuration.
    pub(crate) located: Located,
    /// The ledger beside it.
    pub(crate) ledger: LedgerState,
    /// What the run says about it.
    pub(crate) summary: Option<RunSummary>,
    /// The journals that say so: what the checks saw is in there.
    pub(crate) journals: Option<MergedRun>,
    /// The package that answered to it, for names of folders.
    pub(crate) package: Option<String>,
    /// Requirements whose typed status gives way to ours.
    pub(crate) accepted: Vec<String>,
}

impl Document {
    fn new(located: Located, part: Option<(&MergedRun, bool)>) -> Self {
        Self {
            ledger: LedgerState::read(&located.ledger_path()),
            summary: part.map(|(part, complete)| assess::summarise(part, complete)),
            journals: part.map(|(part, _)| part.clone()),
            package: part.and_then(|(part, _)| {
                let process = part.processes().next()?;
                Some(process.header().package.clone())
            }),
            accepted: Vec::new(),
            located,
        }
    }

    /// Judges it as of today, in UTC.
    pub(crate) fn assess(&self) -> Assessment {
        let mut assessment = assess::assess(&Inputs {
            checklist: &self.located.checklist,
            path: &self.located.path,
            config: &self.located.config,
            ledger: &self.ledger,
            run: self.summary.as_ref(),
            today: readiness::config::date::today(),
        });
        for id in &self.accepted {
            // Whether there is something to accept was asked before.
            let _ = assessment.accept(id);
        }
        assessment
    }

    /// Ids that a check or a statement binds to this document.
    fn bound(&self) -> BTreeSet<&str> {
        let trials = self.summary.iter().flat_map(|run| &run.trials);
        let trials = trials.map(|trial| trial.id.as_str());
        let statements = self.located.config.rules.statements();
        trials
            .chain(statements.map(|statement| statement.id.as_str()))
            .collect()
    }

    /// What tells it from the others, if there are others: its package, else its folder.
    pub(crate) fn one_of(&self, all: &[Document]) -> Option<&str> {
        let folder = || self.located.path.parent()?.file_name()?.to_str();
        let own = self.package.as_deref().or_else(folder);
        (all.len() > 1).then_some(own.unwrap_or("checklist"))
    }

    /// Its name for people: relative to where we stand, where that is shorter.
    pub(crate) fn name(&self) -> String {
        shown(&self.located.path)
    }
}

/// A path relative to where we stand, where it lies below.
pub(crate) fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    match path.strip_prefix(&here) {
        Ok(relative) if relative.as_os_str().is_empty() => ".".to_owned(),
        Ok(relative) => relative.display().to_string(),
        Err(_) => path.display().to_string(),
    }
}

/// Finds the documents that are asked for, or that the run is about.
pub(crate) fn find(
    options: &SourceOptions,
    run: Option<&Run>,
    workspace: Option<&Workspace>,
) -> anyhow::Result<Vec<Document>> {
    if let Some(checklist) = &options.checklist {
        return one(checklist, options.config.as_deref(), run, workspace).map(|one| vec![one]);
    }
    let parts = run.map(Run::by_checklist).unwrap_or_default();
    let documents: Vec<Document> = if let (Some(run), false) = (run, parts.is_empty()) {
        let documents = parts.iter().map(|(path, part)| {
            let located = locate(path, part, options.config.as_deref(), workspace)?;
            let complete = is_complete(run, &located.path);
            Ok(Document::new(located, Some((part, complete))))
        });
        documents.collect::<anyhow::Result<_>>()?
    } else {
        without_run(options.config.as_deref(), workspace)?
            .into_iter()
            .map(|located| Document::new(located, None))
            .collect()
    };
    let sides: Vec<_> = documents
        .iter()
        .map(|document| (&document.located, document.bound()))
        .collect();
    let twice = in_two_documents(&sides);
    if twice.is_empty() {
        Ok(documents)
    } else {
        Err(document::DocumentError(twice).into())
    }
}

/// Ids that items of two documents have. The documents of a workspace share one registry of checks,
/// so such an id names neither. Ids that are derived from the same words count only once something is
/// bound to them: until then nobody uses them.
pub(crate) fn in_two_documents(documents: &[(&Located, BTreeSet<&str>)]) -> Vec<Diagnostic> {
    let mut first: BTreeMap<&str, (usize, &Item)> = BTreeMap::new();
    let mut found = Vec::new();
    let mut said = BTreeSet::new();
    let is_bound = |id: &str| documents.iter().any(|(_, bound)| bound.contains(id));
    for (number, (located, _)) in documents.iter().enumerate() {
        for item in located.checklist.items() {
            let &mut (other, earlier) = first.entry(item.id()).or_insert((number, item));
            let derived = [earlier, item]
                .iter()
                .all(|item| item.id_origin() == IdOrigin::Derived);
            if other == number
                || derived && !is_bound(item.id())
                || !said.insert((number, item.id()))
            {
                continue;
            }
            let message = format!(
                "{}:{} has an item with this id too: a check could answer to either",
                shown(&documents[other].0.path),
                earlier.line()
            );
            found.push(
                Diagnostic::new(Code::IdInTwoDocuments, &located.path, message)
                    .at(item.line())
                    .about(item.id())
                    .hint("rename one of them; an id is unique in the workspace"),
            );
        }
    }
    found
}

fn is_complete(run: &Run, path: &Path) -> bool {
    let path = canonical(path);
    run.plan
        .complete
        .iter()
        .any(|complete| canonical(complete) == path)
}

/// A document that was named, with those parts of the run that are about it: all that name it, else
/// all whose ids it has. Results whose ids it lacks altogether are about another document.
fn one(
    path: &Path,
    config: Option<&Path>,
    run: Option<&Run>,
    workspace: Option<&Workspace>,
) -> anyhow::Result<Document> {
    let parts = run.map(Run::by_checklist).unwrap_or_default();
    let wanted = canonical(path);
    if let (Some(run), Some(part)) = (run, parts.get(&wanted)) {
        let located = open(path, config, Some((part, workspace)))?;
        let complete = is_complete(run, &wanted);
        return Ok(Document::new(located, Some((part, complete))));
    }
    let mut about = MergedRun::default();
    let mut located = open(path, config, None)?;
    for (other, part) in &parts {
        // A copy of a suite's document is read with the suite's configuration: its ids may be there.
        let configured = match config {
            None if located.config.path.is_none() => open(path, None, Some((part, workspace)))?,
            _ => located.clone(),
        };
        let ids: BTreeSet<String> = part
            .registered()
            .into_values()
            .map(|info| info.id)
            .collect();
        let known = ids
            .iter()
            .filter(|id| configured.checklist.item(id).is_some());
        if known.count() > 0 {
            located = configured;
            about.add(part.clone());
        } else if parts.len() == 1 {
            bail!(
                "the run is about another document, {}: none of its {} ids is in {}",
                other.display(),
                ids.len(),
                path.display()
            );
        }
    }
    let found = !about.is_empty();
    Ok(Document::new(located, found.then_some((&about, false))))
}

/// Opens a document that was named: with the configuration that was named, else with the one beside
/// it if that one is about it, else with that of the package whose results are used.
fn open(
    path: &Path,
    config: Option<&Path>,
    part: Option<(&MergedRun, Option<&Workspace>)>,
) -> anyhow::Result<Located> {
    if let Some(config) = config {
        let config = Config::load(config).map_err(document::DocumentError)?;
        return Ok(document::open(config, path.to_path_buf())?);
    }
    let beside = path.with_file_name(FILE_NAME);
    if beside.is_file() {
        let config = Config::load(&beside).map_err(document::DocumentError)?;
        let about = config
            .checklist
            .as_ref()
            .map(|name| beside.with_file_name(name));
        if about.is_none_or(|about| canonical(&about) == canonical(path)) {
            return Ok(document::open(config, path.to_path_buf())?);
        }
    }
    let suite = part.and_then(|(part, workspace)| {
        let dirs = manifest_dirs(part, workspace);
        dirs.iter().find_map(|dir| document::find(dir).ok())
    });
    let config = suite.map(|suite| suite.config).unwrap_or_default();
    Ok(document::open(config, path.to_path_buf())?)
}

/// The document of a part of a run, on this machine: journals may come from another one.
fn locate(
    path: &Path,
    part: &MergedRun,
    config: Option<&Path>,
    workspace: Option<&Workspace>,
) -> anyhow::Result<Located> {
    if path.is_file() {
        return open(path, config, Some((part, workspace)));
    }
    let here = std::env::current_dir().unwrap_or_default();
    let mut dirs = manifest_dirs(part, workspace);
    dirs.push(here);
    for dir in &dirs {
        if let Ok(located) = document::find(dir)
            && located.path.file_name() == path.file_name()
        {
            return Ok(located);
        }
    }
    bail!(
        "the run is about {}, which is not on this machine\n  hint: name it with --checklist",
        path.display()
    )
}

/// Where the packages of a part are: as the journals say, else by name in this workspace.
fn manifest_dirs(part: &MergedRun, workspace: Option<&Workspace>) -> Vec<PathBuf> {
    let mut dirs = Vec::new();
    for process in part.processes() {
        let header = process.header();
        dirs.push(PathBuf::from(&header.manifest_dir));
        let packages = workspace.into_iter().flat_map(|w| &w.packages);
        dirs.extend(
            packages
                .filter(|package| package.name == header.package)
                .map(|package| package.dir.clone()),
        );
    }
    dirs.retain(|dir| dir.is_dir());
    dirs.dedup();
    dirs
}

/// The documents of the workspace's packages, else the one where we stand.
fn without_run(
    config: Option<&Path>,
    workspace: Option<&Workspace>,
) -> anyhow::Result<Vec<Located>> {
    if let Some(config) = config {
        return Ok(vec![document::from_config(config)?]);
    }
    let here = std::env::current_dir()?;
    let dirs = match workspace.map(|workspace| workspace.select(&[])) {
        Some(Ok(packages)) => packages.iter().map(|package| package.dir.clone()).collect(),
        // Without a package that has checks there may still be a document to count.
        Some(Err(_)) | None => vec![here],
    };
    let mut found: Vec<Located> = Vec::new();
    for dir in dirs {
        let located = document::find(&dir)?;
        if found
            .iter()
            .all(|other| canonical(&other.path) != canonical(&located.path))
        {
            found.push(located);
        }
    }
    Ok(found)
}
