//! `cargo readiness import junit`: test results of any tool that writes JUnit XML (pytest, Jest, Go,
//! nextest, Maven, …), as results of the items that they are about.
//!
//! A case names its items itself, by a property `requirement` or by an id in its name; else an item
//! names it, in its *Test* cell ([`bind`]). Each case is a result of its own, and the worst wins as
//! with checks. A case that fits no item is counted and left out; if none fits, that is an error.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::SystemTime;

use anyhow::bail;
use readiness::journal::import::{self, ImportedResult};
use readiness::journal::record::{Evidence, TrialOutcome};
use readiness_checklist::Checklist;
use serde_json::json;

use super::{Place, Source};
use crate::cli::ImportJunitOptions;
use crate::codes::Exit;
use crate::documents::shown;
use crate::summary::cut;
use crate::ui::Ui;

mod bind;
mod xml;

use bind::Binder;
use xml::{Case, Ending};

/// No report of a test suite that people look at is larger.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// Characters of a failure's text that are kept as evidence.
const MOST_TEXT: usize = 2_000;

/// Names of either side that an error lists.
const LISTED: usize = 8;

/// One file, read.
struct File {
    source: Source,
    cases: Vec<Case>,
}

pub(crate) fn run(options: &ImportJunitOptions, ui: &mut Ui) -> anyhow::Result<Exit> {
    let mut files = Vec::new();
    for path in &options.files {
        files.push(read(path)?);
    }
    let place = super::place(&options.source)?;
    let binder = Binder::new(&place.located.checklist);
    let mut bound = Vec::new();
    let mut loose: Vec<&Case> = Vec::new();
    for file in &files {
        let mut results = Results::default();
        for case in &file.cases {
            let ids = ids(case, file, &binder, &place)?;
            if ids.is_empty() {
                loose.push(case);
            }
            for id in ids {
                results.add(id, case);
            }
        }
        bound.push(results);
    }
    if bound.iter().all(|results| results.list.is_empty()) {
        bail!(
            "{}",
            nothing_fits(&loose, &binder, &place.located.checklist)
        );
    }
    let mut reports = Vec::new();
    for (file, results) in files.iter().zip(bound) {
        if results.list.is_empty() {
            ui.line(format!(
                "{}: no case fits an item",
                shown(&file.source.path)
            ));
        } else {
            reports.push((&file.source, results.list));
        }
    }
    let exit = super::write(&place, "junit", false, reports, ui)?;
    left_over(&loose, &files, ui);
    Ok(exit)
}

fn read(path: &Path) -> anyhow::Result<File> {
    let mut source = super::read(path, MOST_BYTES)?;
    let report = xml::parse(&source.bytes).map_err(|error| error.context(shown(path)))?;
    // A file that was downloaded or checked out is younger than what it says.
    if let Some(at) = report.at.map(SystemTime::from) {
        source.written = source.written.min(at);
    }
    Ok(File {
        source,
        cases: report.cases,
    })
}

/// The items that a case is about. An id that it states and no item has is a mistake in the test.
fn ids<'a>(
    case: &Case,
    file: &File,
    binder: &Binder<'a>,
    place: &Place,
) -> anyhow::Result<Vec<&'a str>> {
    for stated in &case.requirements {
        let checklist = &place.located.checklist;
        if checklist.item(stated).is_none() {
            bail!(
                "{}: {} says that it is about `{stated}`, and no item of {} has this id\n  hint: {}",
                shown(&file.source.path),
                case.label(),
                shown(&place.located.path),
                readiness::assess::nearest_hint(checklist, stated)
            );
        }
    }
    Ok(binder.items(case))
}

/// Results of one file, with names that are unique for each item.
#[derive(Default)]
struct Results {
    list: Vec<ImportedResult>,
    uses: BTreeMap<(String, String), usize>,
}

impl Results {
    fn add(&mut self, id: &str, case: &Case) {
        let label = case.label();
        let uses = self.uses.entry((id.to_owned(), label.clone()));
        let uses = uses.and_modify(|uses| *uses += 1).or_insert(1);
        let name = match uses {
            1 => label.clone(),
            again => format!("{label} #{again}"),
        };
        let (outcome, reason) = match &case.ending {
            Ending::Passed => (TrialOutcome::Passed, None),
            Ending::Flaky(reason) => (TrialOutcome::Warned, Some(format!("flaky: {reason}"))),
            Ending::Failed(reason) => (TrialOutcome::Failed, Some(reason.clone())),
            Ending::Skipped(reason) => (TrialOutcome::Unavailable, Some(reason.clone())),
        };
        self.list.push(ImportedResult {
            id: id.to_owned(),
            digest: import::digest(label.as_bytes())[..16].to_owned(),
            name,
            outcome,
            reason: reason.map(|reason| format!("{label}: {reason}")),
            micros: case.micros,
            source: case.place(),
            evidence: seen(case),
        });
    }
}

/// The text of a failure, for whoever asks why.
fn seen(case: &Case) -> Vec<Evidence> {
    if case.text.is_empty() {
        return Vec::new();
    }
    let text: String = case.text.chars().take(MOST_TEXT).collect();
    vec![Evidence {
        observation: format!("junit {}", case.label()),
        truncated: text.len() < case.text.len(),
        value: json!({ "text": text }),
        read: Vec::new(),
    }]
}

fn left_over(loose: &[&Case], files: &[File], ui: &mut Ui) {
    let all: usize = files.iter().map(|file| file.cases.len()).sum();
    if !loose.is_empty() {
        ui.line(format!(
            "{} of {all} cases fit no item and are left out, as {}",
            loose.len(),
            cut(&loose[0].label())
        ));
    }
}

/// Both sides, so that the reader sees what would have to be alike.
fn nothing_fits(loose: &[&Case], binder: &Binder<'_>, checklist: &Checklist) -> String {
    let cases = listed(loose.iter().map(|case| case.label()).collect());
    let tests = listed(binder.tests());
    let ids = listed(
        checklist
            .items()
            .iter()
            .map(|item| item.id().to_owned())
            .collect(),
    );
    format!(
        "no test case fits an item\n  cases: {cases}\n  tests that items name: {tests}\n  ids: {ids}\n  \
         hint: name the test in the item's Test cell, as in tests/api/test_x.py::TestClass::test_name, \
         or give the case a property `requirement` with the id, or the id in its name"
    )
}

fn listed(mut names: Vec<String>) -> String {
    names.dedup();
    let more = names.len().saturating_sub(LISTED);
    names.truncate(LISTED);
    match (names.is_empty(), more) {
        (true, _) => "none".to_owned(),
        (false, 0) => names.join(", "),
        (false, more) => format!("{}, and {more} more", names.join(", ")),
    }
}
