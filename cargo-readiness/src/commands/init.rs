//! `cargo readiness init`: a checklist, a test target and a CI workflow for a cargo workspace.
//!
//! Shows each change as a diff before it writes. What is there already stays: run twice, the second
//! time does nothing.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use readiness::config::FILE_NAME;
use readiness::diagnostic::Code;
use readiness::document;
use readiness_checklist::Checklist;

use crate::ask::{Unasked, agreed};
use crate::cli::{Ci, InitOptions};
use crate::codes::Exit;
use crate::documents::shown;
use crate::scaffold::{Plan, manifest, starter};
use crate::ui::Ui;
use crate::workspace::{Package, Workspace};

/// Where GitHub looks for workflows.
const WORKFLOW: &str = ".github/workflows/readiness.yml";
/// The starter checklist's file name; one that is found without being named.
const CHECKLIST: &str = "CHECKLIST.md";

pub(crate) fn run(options: &InitOptions, ui: &mut Ui) -> anyhow::Result<Exit> {
    let workspace = Workspace::require()?;
    let package = the_package(&workspace, options.package.as_deref())?;
    let plan = plan(&workspace, package, options)?;
    if plan.is_empty() {
        ui.line(format!("{} is set up already: nothing to do", package.name));
        return Ok(Exit::Met);
    }
    plan.show(ui);
    ui.flush();
    if options.dry_run {
        ui.line("nothing written (--dry-run)");
        return Ok(Exit::Met);
    }
    if !agreed(options.yes, Unasked::Refuse, "write it? [y/N] ")? {
        ui.line("nothing written");
        return Ok(Exit::Met);
    }
    plan.write(ui)?;
    ui.line("next: cargo readiness run");
    Ok(Exit::Met)
}

/// The package that gets the test target: the one that is named, the one we stand in, or the only one.
fn the_package<'a>(workspace: &'a Workspace, wanted: Option<&str>) -> anyhow::Result<&'a Package> {
    let packages = &workspace.packages;
    if let Some(name) = wanted {
        let found = packages.iter().find(|package| package.name == name);
        return found.with_context(|| {
            let names = packages.iter().map(|package| package.name.as_str());
            format!(
                "no package `{name}` in the workspace\n  hint: it has {}",
                names.collect::<Vec<_>>().join(", ")
            )
        });
    }
    let here = std::env::current_dir().context("failed to find the current directory")?;
    let around = packages
        .iter()
        .filter(|package| here.starts_with(&package.dir))
        .max_by_key(|package| package.dir.components().count());
    match (around, packages.as_slice()) {
        (Some(package), _) | (None, [package]) => Ok(package),
        (None, []) => bail!(
            "the workspace has no package that the checks could go into\n  hint: cargo new readiness-checks"
        ),
        (None, several) => {
            let names: Vec<_> = several
                .iter()
                .map(|package| package.name.as_str())
                .collect();
            bail!(
                "the checks could go into any of several packages\n  hint: choose one with --package: {}",
                names.join(", ")
            )
        }
    }
}

fn plan(workspace: &Workspace, package: &Package, options: &InitOptions) -> anyhow::Result<Plan> {
    let mut plan = Plan::default();
    let path = match &options.checklist {
        Some(path) => std::path::absolute(path)?,
        None => existing(package)?.unwrap_or_else(|| workspace.root.join(CHECKLIST)),
    };
    let is_new = !path.exists();
    if is_new && options.checklist.is_some() {
        bail!(
            "there is no {}\n  hint: leave --checklist out for a starter, {CHECKLIST}",
            shown(&path)
        );
    }
    let bytes = if is_new {
        plan.create(&path, starter::CHECKLIST)?;
        starter::CHECKLIST.as_bytes().to_vec()
    } else {
        std::fs::read(&path).with_context(|| format!("failed to read {}", shown(&path)))?
    };
    let checklist =
        Checklist::parse(bytes).with_context(|| format!("failed to read {}", shown(&path)))?;
    if checklist.items().is_empty() {
        bail!(
            "{} has no items: no table row with a status and no task box\n  hint: cargo readiness check \
             --checklist {0}",
            shown(&path)
        );
    }
    let file_name = file_name(&path);
    plan.create(
        &path.with_file_name(FILE_NAME),
        &starter::configuration(&file_name, &checklist),
    )?;
    if !package.has_harness() {
        add_target(
            &mut plan,
            package,
            &checklist,
            is_new.then_some(starter::CHECKS),
            &file_name,
        )?;
    }
    if options.ci == Ci::Github {
        plan.create(&workspace.root.join(WORKFLOW), starter::WORKFLOW)?;
    }
    Ok(plan)
}

fn add_target(
    plan: &mut Plan,
    package: &Package,
    checklist: &Checklist,
    checks: Option<&str>,
    document: &str,
) -> anyhow::Result<()> {
    let manifest = package.dir.join("Cargo.toml");
    let dependency = manifest::Dependency::of_this_command();
    plan.edit(&manifest, |text| {
        manifest::with_target(text, &manifest, &dependency)
    })?;
    let checks = checks.map_or_else(|| starter::target(checklist, document), str::to_owned);
    let path = package
        .dir
        .join("tests")
        .join(format!("{}.rs", manifest::TARGET));
    plan.create(&path, &checks)
}

/// The checklist that a package has already.
fn existing(package: &Package) -> anyhow::Result<Option<PathBuf>> {
    match document::find(&package.dir) {
        Ok(located) => Ok(Some(located.path)),
        Err(error)
            if error
                .0
                .iter()
                .all(|found| found.code == Code::ChecklistNotFound) =>
        {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
