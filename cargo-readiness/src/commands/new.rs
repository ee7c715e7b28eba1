//! `cargo readiness new ID`: the skeleton of a check, appended to the package's readiness target.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use readiness::assess::nearest_hint;
use readiness::document;

use crate::cli::NewOptions;
use crate::codes::Exit;
use crate::documents::shown;
use crate::scaffold::Plan;
use crate::scaffold::check::{line_of, skeleton};
use crate::ui::Ui;
use crate::workspace::{Package, Workspace};

pub(crate) fn run(options: &NewOptions, ui: &mut Ui) -> anyhow::Result<Exit> {
    let workspace = Workspace::require()?;
    let named: Vec<String> = options.package.iter().cloned().collect();
    let packages = workspace.select(&named)?;
    let (package, text) = skeleton_for(options, &packages)?;
    let path = match &options.file {
        Some(file) => std::path::absolute(file)?,
        None => package.harness_files.first().cloned().with_context(|| {
            format!(
                "package `{}` has no test target with harness = false",
                package.name
            )
        })?,
    };
    let mut plan = Plan::default();
    plan.edit(&path, |old| Ok(appended(old, &text)))?;
    plan.show(ui);
    ui.flush();
    plan.write(ui)?;
    if options.file.is_some() {
        ui.line("a new file needs its `mod` line in the target's main file");
    }
    Ok(Exit::Met)
}

/// The package whose document has the id, and the skeleton for it.
fn skeleton_for<'a>(
    options: &NewOptions,
    packages: &[&'a Package],
) -> anyhow::Result<(&'a Package, String)> {
    let mut hints = Vec::new();
    for package in packages {
        let located = document::find(&package.dir)?;
        let Some(item) = located.checklist.item(&options.id) else {
            hints.push(format!(
                "{}: {}",
                shown(&located.path),
                nearest_hint(&located.checklist, &options.id)
            ));
            continue;
        };
        if let Some((file, line)) = existing(package, &options.id)
            && !options.another
        {
            bail!(
                "`{}` has a check already: {}:{line}\n  hint: --another adds one more; the worst of an \
                 item's checks counts",
                options.id,
                shown(&file)
            );
        }
        let sources: String = sources(package)
            .filter_map(|file| std::fs::read_to_string(file).ok())
            .collect();
        let name = located.path.file_name().unwrap_or_default();
        return Ok((package, skeleton(item, &name.to_string_lossy(), &sources)));
    }
    bail!(
        "no item has the id `{}`\n  hint: {}",
        options.id,
        hints.join("\n  hint: ")
    )
}

fn existing(package: &Package, id: &str) -> Option<(PathBuf, usize)> {
    sources(package).find_map(|file| {
        let source = std::fs::read_to_string(&file).ok()?;
        let line = line_of(&source, id)?;
        Some((file, line))
    })
}

/// The Rust files of a package's library and tests, two folders deep.
fn sources(package: &Package) -> impl Iterator<Item = PathBuf> {
    let folders = ["src", "tests"].map(|name| package.dir.join(name));
    folders
        .into_iter()
        .flat_map(|folder| rust_files(&folder, 2))
}

fn rust_files(folder: &Path, depth: u8) -> Vec<PathBuf> {
    let mut entries: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    entries.sort();
    let mut files = Vec::new();
    for path in entries {
        if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        } else if depth > 0 && path.is_dir() {
            files.extend(rust_files(&path, depth - 1));
        }
    }
    files
}

fn appended(old: &str, text: &str) -> String {
    let gap = match (old.is_empty(), old.ends_with('\n')) {
        (true, _) => "",
        (false, true) => "\n",
        (false, false) => "\n\n",
    };
    format!("{old}{gap}{text}")
}
