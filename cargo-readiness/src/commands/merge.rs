//! `cargo readiness merge`: one run out of the journals of many machines.
//!
//! Order does not matter, twice is once. A shard that is missing is an error that names it: a lost
//! upload must not look like a smaller suite.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use readiness::assess;
use readiness::document::write_atomically;
use readiness::journal::record::{Record, Registered};
use readiness::journal::{MergedRun, ProcessJournal, reader};

use crate::cli::MergeOptions;
use crate::codes::Exit;
use crate::documents::shown;
use crate::journals::{self, RunPlan};
use crate::ui::Ui;
use crate::workspace::Workspace;

/// Artifacts are often downloaded into a folder per machine; deeper than this is no artifact.
const MOST_DEPTH: usize = 4;

pub(crate) fn run(options: &MergeOptions, ui: &mut Ui) -> anyhow::Result<Exit> {
    let mut journals = MergedRun::default();
    let mut plan = RunPlan::default();
    let mut files = BTreeSet::new();
    for source in &options.sources {
        if !source.exists() {
            bail!("{} does not exist", source.display());
        }
        collect(source, MOST_DEPTH, &mut files)?;
    }
    for file in &files {
        journals.add(reader::read_file(file)?);
        let folder = file.parent().unwrap_or(Path::new(""));
        plan.join(&RunPlan::read(folder));
    }
    if journals.is_empty() {
        bail!("no journal (*.jsonl) in what is to be merged");
    }
    let missing = assess::missing_shards(&journals);
    if !missing.is_empty() {
        let names: Vec<_> = missing.iter().map(ToString::to_string).collect();
        bail!(
            "missing: {}\n  hint: did every machine upload its journals?",
            names.join(", ")
        );
    }
    let output = output(options)?;
    write(&journals, &plan, &output)?;
    ui.line(format!(
        "{} journals of {} processes merged into {}",
        files.len(),
        journals.processes().count(),
        shown(&output)
    ));
    ui.line(format!(
        "next: cargo readiness report --run {}",
        shown(&output)
    ));
    Ok(Exit::Met)
}

/// The journals in a file or folder.
fn collect(path: &Path, depth: usize, files: &mut BTreeSet<PathBuf>) -> anyhow::Result<()> {
    if path.is_file() {
        if path
            .extension()
            .is_some_and(|extension| extension == "jsonl")
        {
            files.insert(journals::canonical(path));
        }
        return Ok(());
    }
    if depth == 0 {
        return Ok(());
    }
    let failed = || format!("failed to read {}", path.display());
    for entry in std::fs::read_dir(path).with_context(failed)? {
        collect(&entry.with_context(failed)?.path(), depth - 1, files)?;
    }
    Ok(())
}

fn output(options: &MergeOptions) -> anyhow::Result<PathBuf> {
    if let Some(output) = &options.output {
        return Ok(output.clone());
    }
    let workspace = Workspace::load()?;
    let root = journals::root(workspace.as_ref());
    let root =
        root.context("no target directory for the merged run: name a folder with --output")?;
    Ok(root.join("merged"))
}

/// Writes one journal per process; what an earlier merge left there goes.
fn write(journals: &MergedRun, plan: &RunPlan, output: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(output)
        .with_context(|| format!("failed to create {}", output.display()))?;
    let mut old = BTreeSet::new();
    collect(output, 1 + 1, &mut old)?;
    let mut written = BTreeSet::new();
    for process in journals.processes() {
        let header = process.header();
        let stem = file_name(&format!("{}.{}", header.run, header.process));
        let mut name = output.join(format!("{stem}.jsonl"));
        let mut copy = 1;
        while written.contains(&name) {
            copy += 1;
            name = output.join(format!("{stem}.{copy}.jsonl"));
        }
        write_atomically(&name, text(process)?.as_bytes())?;
        written.insert(name);
    }
    let written: BTreeSet<_> = written
        .iter()
        .map(|path| journals::canonical(path))
        .collect();
    for path in old.difference(&written) {
        std::fs::remove_file(path)
            .with_context(|| format!("failed to remove {}", path.display()))?;
    }
    plan.write(output)
}

/// A journal in one fixed order, so that the same results are the same bytes.
fn text(process: &ProcessJournal) -> anyhow::Result<String> {
    let mut records = vec![Record::Header(process.header().clone())];
    if !process.registered().is_empty() {
        records.push(Record::Registered(Registered {
            trials: process.registered().values().cloned().collect(),
        }));
    }
    for attempt in process.attempts().values() {
        records.extend(attempt.started.clone().map(Record::Started));
        let finished = attempt.finished.as_deref().cloned();
        records.extend(finished.map(|finished| Record::Finished(Box::new(finished))));
    }
    records.extend(process.interrupted().cloned().map(Record::Interrupted));
    records.extend(process.closed().cloned().map(Record::Closed));
    let mut text = String::new();
    for record in records {
        text.push_str(&serde_json::to_string(&record)?);
        text.push('\n');
    }
    Ok(text)
}

/// A name that is one path component on every system.
fn file_name(text: &str) -> String {
    text.chars()
        .take(200)
        .map(|c| match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '_' | '-' => c,
            _ => '_',
        })
        .collect()
}
