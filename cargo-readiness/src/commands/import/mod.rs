//! `cargo readiness import`: what another tool found out, as results of a run.
//!
//! Each tool's module reads its report and gives a list of results; this one finds the document
//! they are about and the run they are added to (the one that is named, else the latest, else a new
//! one), and has them written as a journal. From there they are merged, assessed and reported like
//! results of checks, marked as imported.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context as _, bail};
use readiness::document::Located;
use readiness::journal::import::{self, ImportedResult, Report};
use readiness::journal::record::{Import, TrialOutcome};
use readiness::journal::{folder, run_id};

use crate::cli::{ImportOptions, ImportTool, SourceOptions};
use crate::codes::Exit;
use crate::documents::{self, shown};
use crate::journals::{self, Run, canonical, checklist_of};
use crate::ui::Ui;
use crate::workspace::Workspace;

mod junit;
mod k6;

pub(crate) fn run(options: &ImportOptions, ui: &mut Ui) -> anyhow::Result<Exit> {
    match &options.tool {
        ImportTool::K6(options) => k6::run(options, ui),
        ImportTool::Junit(options) => junit::run(options, ui),
    }
}

/// The bytes of a report, and when it was written.
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) bytes: Vec<u8>,
    /// Of the file; never later than now.
    pub(super) written: SystemTime,
}

/// Reads a report of at most `most` bytes.
pub(super) fn read(path: &Path, most: u64) -> anyhow::Result<Source> {
    let failed = || format!("failed to read {}", path.display());
    let file = std::fs::File::open(path).with_context(failed)?;
    let now = SystemTime::now();
    let metadata = file.metadata().with_context(failed)?;
    if !metadata.is_file() {
        bail!("{} is not a file", path.display());
    }
    let written = metadata.modified().unwrap_or(now).min(now);
    let mut bytes = Vec::new();
    file.take(most + 1)
        .read_to_end(&mut bytes)
        .with_context(failed)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > most) {
        bail!("{} is larger than {most} bytes", path.display());
    }
    Ok(Source {
        path: path.to_path_buf(),
        bytes,
        written,
    })
}

/// Where results go: the document they are about, and the run.
pub(super) struct Place {
    pub(super) located: Located,
    run: Option<Run>,
    workspace: Option<Workspace>,
}

/// Finds the document and the run. A run about several documents needs `--checklist`.
pub(super) fn place(options: &SourceOptions) -> anyhow::Result<Place> {
    let workspace = Workspace::load()?;
    let run = journals::read(options.run.as_deref(), workspace.as_ref())?;
    let mut found = documents::find(options, run.as_ref(), workspace.as_ref())?;
    if found.len() > 1 {
        let names: Vec<_> = found.iter().map(documents::Document::name).collect();
        bail!(
            "several documents: {}\n  hint: name one with --checklist",
            names.join(", ")
        );
    }
    let document = found.pop().context("no checklist")?;
    Ok(Place {
        located: document.located,
        run,
        workspace,
    })
}

/// Writes the results of each report of `tool` into one run and says what they are.
pub(super) fn write(
    place: &Place,
    tool: &str,
    stands_in: bool,
    reports: Vec<(&Source, Vec<ImportedResult>)>,
    ui: &mut Ui,
) -> anyhow::Result<Exit> {
    let mut digests = Vec::new();
    for (source, results) in &reports {
        if results.is_empty() {
            bail!("{} holds no result", source.path.display());
        }
        unknown(&place.located, results)?;
        digests.push(import::digest(&source.bytes));
    }
    let (folder, run) = target(place, tool, &digests)?;
    for ((source, results), digest) in reports.into_iter().zip(digests) {
        lines(&results, ui);
        let import = Import {
            tool: tool.to_owned(),
            file: file_name(source),
            sha256: digest,
            stands_in,
        };
        add(place, (&folder, &run), import, source, results)?;
    }
    ui.line(format!("added to run {run}"));
    ui.line(format!(
        "next: cargo readiness report --run {}",
        shown(&folder)
    ));
    Ok(Exit::Met)
}

fn file_name(source: &Source) -> String {
    let path = canonical(&source.path);
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

fn add(
    place: &Place,
    (folder, run): (&Path, &str),
    import: Import,
    source: &Source,
    results: Vec<ImportedResult>,
) -> anyhow::Result<()> {
    let path = canonical(&source.path);
    let report = Report {
        import,
        from: path.parent().unwrap_or(Path::new("")).to_path_buf(),
        at: import::at(source.written),
        results,
    };
    let beside = beside(place);
    let into = import::Into {
        folder,
        run,
        beside: beside.as_ref(),
    };
    import::write(&place.located, into, report)?;
    Ok(())
}

/// A process of the run that answers to the same document.
fn beside(place: &Place) -> Option<readiness::journal::record::Header> {
    let path = canonical(&place.located.path);
    let mut headers = place
        .run
        .as_ref()?
        .journals
        .processes()
        .map(readiness::journal::ProcessJournal::header);
    headers.find(|header| checklist_of(header) == path).cloned()
}

/// The run's folder and id: of the run there is, else of a new one that is named after the reports,
/// whatever their order.
fn target(place: &Place, tool: &str, digests: &[String]) -> anyhow::Result<(PathBuf, String)> {
    if let Some(run) = &place.run {
        let ids = run.journals.runs();
        let id = ids.into_iter().next();
        let id = id.or_else(|| run.folder.file_name()?.to_str());
        let id = id.context("the run's folder has no name")?;
        return Ok((run.folder.clone(), id.to_owned()));
    }
    let root = journals::root(place.workspace.as_ref());
    let root = root.context("no target directory for a new run: name a folder with --run")?;
    let id = match std::env::var(run_id::RUN_ID) {
        Ok(id) if !id.is_empty() => {
            run_id::check(run_id::RUN_ID, &id)?;
            id
        }
        _ => {
            let mut sorted = digests.to_vec();
            sorted.sort_unstable();
            let digest = match sorted.as_slice() {
                [one] => one.clone(),
                several => import::digest(several.concat().as_bytes()),
            };
            format!("import-{tool}-{}", &digest[..12])
        }
    };
    Ok((folder::create(&root, &id)?, id))
}

/// Results for items that the document does not have are a mistake of whoever wrote the rules.
fn unknown(located: &Located, results: &[ImportedResult]) -> anyhow::Result<()> {
    let missing = results
        .iter()
        .find(|result| located.checklist.item(&result.id).is_none());
    match missing {
        None => Ok(()),
        Some(result) => bail!(
            "{}: no item of {} has the id `{}`\n  hint: {}",
            result.source,
            shown(&located.path),
            result.id,
            readiness::assess::nearest_hint(&located.checklist, &result.id)
        ),
    }
}

fn lines(results: &[ImportedResult], ui: &mut Ui) {
    let width = results
        .iter()
        .map(|result| result.id.chars().count())
        .max()
        .unwrap_or(0);
    for result in results {
        let word = match result.outcome {
            TrialOutcome::Passed => "PASS",
            TrialOutcome::Warned => "WARN",
            TrialOutcome::Failed => "FAIL",
            TrialOutcome::NotApplicable => "n/a",
            TrialOutcome::Unavailable => "not verified",
        };
        // A reason that begins with the name says it already.
        let reason = result.reason.as_deref();
        let reason = reason.map(|reason| {
            let rest = reason.strip_prefix(&result.name);
            rest.map_or_else(|| format!(": {reason}"), str::to_owned)
        });
        ui.line(format!(
            "{word:12}  {:width$}  {}{}",
            result.id,
            result.name,
            reason.unwrap_or_default()
        ));
    }
}
