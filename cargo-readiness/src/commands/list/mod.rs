//! `cargo readiness list`: items with what they came to, and the checks that answer to them.
//!
//! In: documents, the latest run and what the test targets register, if they are built. Out: one line
//! an item with what belongs to it below, or JSON ([`mod@print`]). What an item came to is read from the
//! model of the reports, so that a list says the same as they do.

mod print;

use std::collections::BTreeMap;
use std::path::PathBuf;

use readiness::assess::Outcome;
use readiness::describe::{DescribedTrial, Description};
use readiness::document;

use crate::cli::{BuildOptions, ListFormat, ListOptions, SourceOptions};
use crate::codes::Exit;
use crate::documents::{self, Document};
use crate::formats::model::{Item, Report};
use crate::history::History;
use crate::journals::{self, canonical};
use crate::report;
use crate::ui::Ui;
use crate::workspace::{Package, Workspace};
use crate::{describe, execute};

/// One document, with what is to be shown of it.
struct Listed {
    report: Report,
    /// What is registered, by requirement; none where nothing was built.
    registered: Option<BTreeMap<String, Vec<DescribedTrial>>>,
    /// Indices of the items that were asked for.
    shown: Vec<usize>,
}

impl Listed {
    fn new(document: &Document, descriptions: Option<&[Description]>, keep: &Keep) -> Self {
        let judged = report::judge(document);
        let report = judged.view_with(document, &History::default());
        let registered = descriptions.map(|descriptions| {
            let mut by_id: BTreeMap<String, Vec<DescribedTrial>> = BTreeMap::new();
            for trial in descriptions.iter().flat_map(|described| &described.trials) {
                let of = by_id.entry(trial.id.clone()).or_default();
                of.push(trial.clone());
            }
            by_id
        });
        let items = report.items.iter().enumerate();
        let shown = items.filter(|(_, item)| keep.takes(item, &report));
        let shown = shown.map(|(index, _)| index).collect();
        Self {
            report,
            registered,
            shown,
        }
    }

    fn items(&self) -> impl Iterator<Item = &Item> {
        self.shown.iter().map(|&index| &self.report.items[index])
    }
}

pub(crate) fn run(options: &ListOptions, ui: &mut Ui) -> anyhow::Result<Exit> {
    let workspace = Workspace::load()?;
    let run = journals::read(options.run.as_deref(), workspace.as_ref())?;
    let keep = Keep::new(options);
    let source = SourceOptions {
        checklist: options.checklist.clone(),
        ..SourceOptions::default()
    };
    let harness = |workspace: &&Workspace| workspace.packages.iter().any(Package::has_harness);
    let to_build = workspace.as_ref().filter(harness);
    let mut listed = Vec::new();
    if let Some(to_build) = to_build.filter(|_| options.checklist.is_none()) {
        let described = described(to_build, &options.build, ui)?;
        let mut of_run = if described.is_empty() {
            Vec::new()
        } else {
            documents::find(&SourceOptions::default(), run.as_ref(), Some(to_build))?
        };
        for (dir, descriptions) in described {
            let document = of_folder(&dir, &mut of_run, to_build)?;
            listed.push(Listed::new(&document, Some(&descriptions), &keep));
        }
    } else {
        for document in documents::find(&source, run.as_ref(), workspace.as_ref())? {
            listed.push(Listed::new(&document, None, &keep));
        }
    }
    match options.format {
        ListFormat::Text => print::text(&listed, ui),
        ListFormat::Json => print::json(&listed, ui)?,
    }
    Ok(Exit::Met)
}

/// The document of a package: taken from those of the run, with what the run says of it, or without.
fn of_folder(
    dir: &std::path::Path,
    of_run: &mut Vec<Document>,
    workspace: &Workspace,
) -> anyhow::Result<Document> {
    let path = document::find(dir)?.path;
    let own = |document: &Document| canonical(&document.located.path) == canonical(&path);
    if let Some(at) = of_run.iter().position(own) {
        return Ok(of_run.swap_remove(at));
    }
    let source = SourceOptions {
        checklist: Some(path),
        ..SourceOptions::default()
    };
    let mut documents = documents::find(&source, None, Some(workspace))?;
    Ok(documents.remove(0))
}

/// Builds the selected packages of `workspace` and asks each test target what it registers: by document, the
/// folder to find it from and the descriptions that belong to it.
pub(crate) fn described(
    workspace: &Workspace,
    build: &BuildOptions,
    ui: &mut Ui,
) -> anyhow::Result<Vec<(PathBuf, Vec<Description>)>> {
    let packages = workspace.select(&build.packages)?;
    let mut documents: BTreeMap<PathBuf, (PathBuf, Vec<Description>)> = BTreeMap::new();
    for binary in execute::build(workspace, &packages, build)? {
        let Some(description) = describe::describe(&binary)? else {
            ui.progress(format!(
                "note: {} of {} is not a readiness test target: it describes nothing",
                binary.target, binary.package
            ));
            continue;
        };
        let path = canonical(&document::find(&binary.dir)?.path);
        documents
            .entry(path)
            .or_insert_with(|| (binary.dir.clone(), Vec::new()))
            .1
            .push(description);
    }
    Ok(documents.into_values().collect())
}

/// Which items are asked for: each kind of wish has to be met, by any of its values.
struct Keep {
    statuses: Vec<String>,
    strengths: Vec<String>,
    sections: Vec<String>,
    words: Vec<String>,
}

impl Keep {
    fn new(options: &ListOptions) -> Self {
        let small = |texts: &[String]| texts.iter().map(|t| t.to_lowercase()).collect();
        Self {
            statuses: small(&options.status),
            strengths: small(&options.strength),
            sections: small(&options.section),
            words: small(&options.filters),
        }
    }

    fn takes(&self, item: &Item, report: &Report) -> bool {
        let any = |wanted: &[String], is: &dyn Fn(&str) -> bool| {
            wanted.is_empty() || wanted.iter().any(|word| is(word))
        };
        let section = report.sections[item.section].name().to_lowercase();
        let text = format!("{} {}", item.id, item.requirement).to_lowercase();
        any(&self.statuses, &|word| {
            word == item.status.to_lowercase()
                || word == item.outcome.as_str()
                || (word == "claimed" && item.claimed)
        }) && any(&self.strengths, &|word| {
            word == item.strength.unwrap_or("none")
        }) && any(&self.sections, &|word| section.contains(word))
            && any(&self.words, &|word| text.contains(word))
    }
}

/// A status or an outcome, as `--status` takes it.
pub(crate) fn status(text: &str) -> Result<String, String> {
    const STATUSES: [&str; 5] = ["pass", "warn", "fail", "skip", "claimed"];
    let word = text.to_lowercase().replace(' ', "-");
    if STATUSES.contains(&word.as_str()) || Outcome::parse(&word).is_some() {
        return Ok(word);
    }
    let outcomes: Vec<_> = Outcome::ALL
        .iter()
        .map(|outcome| outcome.as_str())
        .collect();
    Err(format!(
        "there are {}, and the outcomes {}",
        STATUSES.join(", "),
        outcomes.join(", ")
    ))
}
