//! `cargo readiness list`: items and the checks that answer to them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use readiness::describe::{DescribedTrial, Description};
use readiness::document::{self, Located};

use crate::cli::{BuildOptions, ListOptions, SourceOptions};
use crate::codes::Exit;
use crate::documents::{self, shown};
use crate::journals::canonical;
use crate::summary::{cut, plural, word};
use crate::ui::Ui;
use crate::workspace::Workspace;
use crate::{describe, execute};

pub(crate) fn run(options: &ListOptions, ui: &mut Ui) -> anyhow::Result<Exit> {
    if let Some(path) = &options.checklist {
        let source = SourceOptions {
            checklist: Some(path.clone()),
            ..SourceOptions::default()
        };
        for document in documents::find(&source, None, None)? {
            list(&document.located, &[], ui);
        }
        return Ok(Exit::Met);
    }
    for (dir, descriptions) in described(&options.build, ui)? {
        list(&document::find(&dir)?, &descriptions, ui);
    }
    Ok(Exit::Met)
}

/// Builds the selected packages and asks each test target what it registers: by document, the
/// folder to find it from and the descriptions that belong to it.
pub(crate) fn described(
    build: &BuildOptions,
    ui: &mut Ui,
) -> anyhow::Result<Vec<(PathBuf, Vec<Description>)>> {
    let workspace = Workspace::require()?;
    let packages = workspace.select(&build.packages)?;
    let mut documents: BTreeMap<PathBuf, (PathBuf, Vec<Description>)> = BTreeMap::new();
    for binary in execute::build(&workspace, &packages, build)? {
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

fn list(located: &Located, descriptions: &[Description], ui: &mut Ui) {
    let mut checks: BTreeMap<&str, Vec<&DescribedTrial>> = BTreeMap::new();
    for trial in descriptions
        .iter()
        .flat_map(|description| &description.trials)
    {
        checks.entry(&trial.id).or_default().push(trial);
    }
    let items = located.checklist.items();
    let width = items
        .iter()
        .map(|item| item.id().chars().count())
        .max()
        .unwrap_or(0);
    let count = plural(items.len() as u64, "item");
    ui.line(format!("{}: {count}", shown(&located.path)));
    let mut section: &[String] = &[];
    for item in items {
        if item.section() != section {
            section = item.section();
            ui.line(format!("\n{}", section.join(" / ")).trim_start());
        }
        ui.line(format!(
            "  {:width$}  {:<11}  line {:<5} {}",
            item.id(),
            word(item.state()),
            item.line(),
            cut(item.requirement())
        ));
        for trial in checks.get(item.id()).into_iter().flatten() {
            let excused = trial
                .no_proof
                .as_deref()
                .map_or_else(String::new, |reason| {
                    format!("  excused from proof: {reason}")
                });
            ui.line(format!(
                "  {:width$}    {}  {}{excused}",
                "", trial.trial, trial.source
            ));
        }
    }
}
