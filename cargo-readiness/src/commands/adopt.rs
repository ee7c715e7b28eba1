//! `cargo readiness adopt`: ids for the items of a document that has none.
//!
//! An id that is derived from the words of an item changes with them. Adopting writes it down, in a
//! comment that is invisible when rendered: `<!-- req: security/backups-are-tested -->`. What would
//! change is shown as a diff first; `--yes` writes it, and nothing but these comments is ever written.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::bail;
use readiness::diagnostic::{Code, Diagnostic};
use readiness::document::{Located, WriteLock};
use readiness_checklist::{IdOrigin, Rewrite};

use crate::cli::{AdoptOptions, SourceOptions};
use crate::codes::Exit;
use crate::documents::{self, shown};
use crate::summary::plural;
use crate::ui::Ui;
use crate::unified::{Header, unified_in_place};
use crate::workspace::Workspace;

pub(crate) fn run(options: &AdoptOptions, ui: &mut Ui) -> anyhow::Result<Exit> {
    let workspace = Workspace::load()?;
    let source = SourceOptions {
        checklist: options.checklist.clone(),
        config: options.config.clone(),
        run: None,
    };
    let documents = documents::find(&source, None, workspace.as_ref())?;
    let names = names(&options.ids)?;
    if !names.is_empty() && documents.len() > 1 {
        bail!("--id names a line, but of which document?\n  hint: choose one with --checklist");
    }
    let mut exit = Exit::Met;
    for document in &documents {
        exit = exit.max(adopt(&document.located, &names, options.yes, ui)?);
    }
    Ok(exit)
}

/// `LINE=ID`, taken apart.
fn names(given: &[String]) -> anyhow::Result<BTreeMap<usize, String>> {
    let mut names = BTreeMap::new();
    for text in given {
        let parts = text.split_once('=');
        let Some((line, id)) = parts.and_then(|(line, id)| Some((line.trim().parse().ok()?, id)))
        else {
            bail!("--id {text}: not a line and an id\n  hint: --id 12=SEC-001");
        };
        if names.insert(line, id.trim().to_owned()).is_some() {
            bail!("--id names line {line} twice");
        }
    }
    Ok(names)
}

fn adopt(
    located: &Located,
    names: &BTreeMap<usize, String>,
    write: bool,
    ui: &mut Ui,
) -> anyhow::Result<Exit> {
    let name = shown(&located.path);
    let file_errors = located.file_errors();
    if !file_errors.is_empty() {
        for found in &file_errors {
            ui.diagnostic(found);
        }
        ui.progress(format!(
            "{name}: nothing is written: it has to be put right first"
        ));
        return Ok(Exit::Misuse);
    }
    unused(located, names)?;
    let adoption = located.checklist.adopt(names);
    let old = located.checklist.bytes();
    let path = in_patch(&located.path);
    let header = Header {
        old: &format!("a/{path}"),
        new: &format!("b/{path}"),
        // As is usual.
        context: 3,
    };
    ui.raw(&unified_in_place(&header, old, &adoption.bytes));
    let refused = refused(located, &adoption, ui);
    let markers = adoption.edits.len();
    if markers == 0 {
        let rest = if refused == 0 {
            "every item has an id of its own"
        } else {
            "no marker could be written"
        };
        ui.progress(format!("{name}: {rest}"));
    } else if write {
        WriteLock::acquire(&located.path)?.replace(old, &adoption.bytes)?;
        ui.progress(format!(
            "{name}: {} written",
            plural(markers as u64, "marker")
        ));
    } else {
        ui.progress(format!(
            "{name}: {} to write; nothing is written without --yes",
            plural(markers as u64, "marker")
        ));
    }
    Ok(if refused == 0 {
        Exit::Met
    } else {
        Exit::Misuse
    })
}

/// Names for lines that have no item, or one that has an id.
fn unused(located: &Located, names: &BTreeMap<usize, String>) -> anyhow::Result<()> {
    let items = located.checklist.items();
    for (line, id) in names {
        match items.iter().find(|item| item.line() == *line) {
            None => bail!(
                "--id {line}={id}: no item stands on line {line}\n  hint: `cargo readiness list` \
                 prints the lines"
            ),
            Some(item) if item.id_origin() != IdOrigin::Derived => bail!(
                "--id {line}={id}: the item on line {line} has an id, {}\n  hint: change it where \
                 it stands",
                item.id()
            ),
            Some(_) => {}
        }
    }
    Ok(())
}

/// Says which items got no marker, a collision once with all its lines. How many they are.
fn refused(located: &Located, adoption: &Rewrite, ui: &mut Ui) -> usize {
    let mut said = BTreeSet::new();
    for found in &adoption.diagnostics {
        if said.insert((&found.id, &found.message)) {
            let bytes = located.checklist.bytes();
            let mut finding =
                Diagnostic::of_document(Code::ItemNotWritten, &located.path, bytes, found);
            // Another id helps only where the id is what is wrong.
            if found.hint.starts_with("choose an id") {
                finding.hint = format!("{}: --id {}=…", found.hint, found.line).into();
            }
            ui.diagnostic(&finding.with_lines(others(adoption, found)));
        }
    }
    adoption.diagnostics.len()
}

/// The other lines that were refused for the same reason.
fn others(adoption: &Rewrite, found: &readiness_checklist::Diagnostic) -> Vec<usize> {
    let same = |other: &&readiness_checklist::Diagnostic| {
        other.id == found.id && other.message == found.message && other.line != found.line
    };
    let lines = adoption.diagnostics.iter().filter(same);
    lines.map(|other| other.line).collect()
}

/// A path as it stands in a patch: with `/`, and without a root.
fn in_patch(path: &Path) -> String {
    let name = shown(path).replace('\\', "/");
    name.trim_start_matches("./")
        .trim_start_matches('/')
        .to_owned()
}
