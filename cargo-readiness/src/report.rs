//! From an assessment to files: which document is written where, and what is said about it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use readiness::assess::{Assessment, Plan, gate};
use readiness::diagnostic::{Code, Diagnostic, Severity};
use readiness::document::{WriteLock, write_atomically};
use readiness::ledger::LedgerState;
use readiness::signoff::role_of_box;
use readiness_checklist::{Checklist, EditKind, Rewrite};

use crate::codes::Exit;
use crate::deliver::Deliveries;
use crate::documents::{Document, shown};
use crate::formats;
use crate::history::{self, History};
use crate::signoff::{self, SignOffs};
use crate::summary;
use crate::ui::Ui;

/// Where a document goes.
#[derive(Debug, Clone)]
pub(crate) enum Destination {
    /// Over the one that was read, with its ledger; a demonstration's beside its run instead.
    InPlace {
        /// The run's folder.
        run: Option<PathBuf>,
    },
    /// To this file, without a ledger.
    File(PathBuf),
    /// Nowhere: only compare.
    Check,
    /// Nowhere.
    Nowhere,
}

/// A document, judged.
#[derive(Debug)]
pub(crate) struct Judged {
    /// What it comes to.
    pub(crate) assessment: Assessment,
    /// The go/no-go.
    pub(crate) gate: gate::Gate,
}

impl Judged {
    /// The same for the report formats, with the history. What cannot be read of that is said, and is
    /// no reason to keep the rest back.
    pub(crate) fn view(&self, document: &Document, ui: &mut Ui) -> formats::model::Report {
        let path = history::path(document);
        let history = history::read(&path).unwrap_or_else(|error| {
            let mut unread = History::default();
            unread.problems.push(error.to_string());
            unread
        });
        for problem in &history.problems {
            ui.progress(format!("warning: {}: {problem}", shown(&path)));
        }
        self.view_with(document, &history)
    }

    /// The same with the history that is given.
    pub(crate) fn view_with(
        &self,
        document: &Document,
        history: &History,
    ) -> formats::model::Report {
        let today = readiness::config::date::today();
        formats::view(document, &self.assessment, &self.gate, history, today)
    }
}

/// Judges a document by its results alone, without its sign-offs, and says nothing.
pub(crate) fn judge(document: &Document) -> Judged {
    let assessment = document.assess();
    let config = &document.located.config;
    let stated = document.located.checklist.minimum_score();
    let gate = gate::judge_results(&assessment, config, stated);
    Judged { assessment, gate }
}

/// Judges documents one after the other, says so, writes them, and delivers what was asked for.
pub(crate) fn each(
    documents: &[Document],
    destination: &Destination,
    deliveries: &Deliveries,
    ui: &mut Ui,
) -> anyhow::Result<Vec<(Judged, Exit)>> {
    let mut judged = Vec::with_capacity(documents.len());
    for (number, document) in documents.iter().enumerate() {
        if number > 0 {
            // One document's lines apart from the next one's.
            ui.line("");
        }
        let (own, exit) = report(document, destination, ui)?;
        ui.lines(summary::gate(&own.gate));
        if !deliveries.is_empty() {
            let view = own.view(document, ui);
            deliveries.write(&view, document.one_of(documents), ui)?;
        }
        judged.push((own, exit));
    }
    Ok(judged)
}

/// Judges a document, says so, and writes it.
pub(crate) fn report(
    document: &Document,
    destination: &Destination,
    ui: &mut Ui,
) -> anyhow::Result<(Judged, Exit)> {
    let mut assessment = document.assess();
    let planned = plan(document, &assessment)?;
    assessment.sign_offs.clone_from(&planned.sign_offs.all);
    let config = &document.located.config;
    let stated = document.located.checklist.minimum_score();
    let mut gate = gate::judge(&assessment, config, stated);
    for line in summary::lines(
        &document.name(),
        &document.located.checklist,
        &assessment,
        ui.screen(),
    ) {
        ui.line(line);
    }
    let found = findings(document, &assessment);
    print(&found, document, &assessment, ui);
    for found in signoff::diagnostics(document, &planned.sign_offs) {
        ui.diagnostic(&found);
    }
    let mut exit = Exit::Met;
    if let Some(rule) = errors_rule(&found) {
        gate.met = false;
        gate.rules.push(rule);
        exit = Exit::Misuse;
    }
    exit = exit.max(write(document, &assessment, &planned, destination, ui)?);
    Ok((Judged { assessment, gate }, exit))
}

/// What is to be written, and the sign-offs of what then stands there.
struct Planned {
    plan: Plan,
    sign_offs: SignOffs,
    /// For the history; none for an assessment without results.
    entry: Option<history::Entry>,
}

fn plan(document: &Document, assessment: &Assessment) -> anyhow::Result<Planned> {
    let mut plan = assessment.plan(&document.ledger);
    let (after, ledger) = afterwards(document, &plan)?;
    // A demonstration is about something else than what was signed: what is on file is held against
    // the committed document, and the copy that a demonstration writes has no box ticked.
    let demonstration = assessment.demonstration;
    let sign_offs = if demonstration {
        signoff::judge(
            document,
            &document.located.checklist,
            &document.ledger,
            None,
        )?
    } else {
        signoff::judge(document, &after, &ledger, None)?
    };
    let entry = history::Entry::new(assessment, || {
        signoff::state(document, &after, &ledger).digest()
    });
    for sign_off in &sign_offs.all {
        if let (Some(text), Some(ticked)) = (&sign_off.text, sign_off.tick()) {
            plan.update
                .sign_offs
                .insert(text.clone(), ticked && !demonstration);
        }
    }
    Ok(Planned {
        plan,
        sign_offs,
        entry,
    })
}

/// Everything that was found, about the document first.
fn findings(document: &Document, assessment: &Assessment) -> Vec<Diagnostic> {
    let mut found = document.located.file_errors();
    found.extend(assessment.diagnostics.iter().cloned());
    found
}

/// Prints what was found, except the claims: the summary lists those.
fn print(found: &[Diagnostic], document: &Document, assessment: &Assessment, ui: &mut Ui) {
    for diagnostic in found.iter().filter(|d| d.code != Code::StatusClaimed) {
        ui.diagnostic(diagnostic);
    }
    for fault in &assessment.faults {
        let fault = Diagnostic::new(Code::RunFailed, &document.located.path, fault.clone());
        ui.diagnostic(&fault);
    }
}

/// What has errors is no go, whatever its score: the rule that says so.
fn errors_rule(found: &[Diagnostic]) -> Option<gate::Rule> {
    let errors = found.iter().filter(|d| d.severity() == Severity::Error);
    let names: BTreeSet<&str> = errors.clone().map(Diagnostic::name).collect();
    if names.is_empty() {
        return None;
    }
    let ids: BTreeSet<String> = errors.filter_map(|error| error.id.clone()).collect();
    let names: Vec<_> = names.into_iter().collect();
    Some(gate::Rule {
        met: false,
        words: format!("errors to be put right first ({})", names.join(", ")),
        ids: ids.into_iter().collect(),
        fix: "each of them comes with a hint".to_owned(),
    })
}

fn write(
    document: &Document,
    assessment: &Assessment,
    planned: &Planned,
    destination: &Destination,
    ui: &mut Ui,
) -> anyhow::Result<Exit> {
    if matches!(destination, Destination::Nowhere) {
        return Ok(Exit::Met);
    }
    if let Some(why) = forbidden(document, assessment) {
        ui.progress(format!("{}: nothing is written: {why}", document.name()));
        return Ok(Exit::Misuse);
    }
    let plan = &planned.plan;
    let rewrite = document.located.checklist.rewrite(&plan.update);
    let exit = not_written(document, &rewrite, ui);
    if rewrite.is_refused() {
        return Ok(Exit::Misuse);
    }
    let path = &document.located.path;
    match destination {
        Destination::Nowhere => {}
        Destination::Check => return Ok(exit.max(compare(document, &rewrite, ui))),
        Destination::File(output) => {
            put(output, &rewrite.bytes)?;
            ui.line(format!("document: {}", written(output, &rewrite)));
        }
        Destination::InPlace { run: Some(run) } if assessment.demonstration => {
            let output = demonstration_path(document, run);
            put(&output, &rewrite.bytes)?;
            ui.line(format!(
                "document: {}; {} stays as it is",
                written(&output, &rewrite),
                document.name()
            ));
        }
        Destination::InPlace { .. } if assessment.demonstration => {
            ui.line(format!("document: {} stays as it is", document.name()));
        }
        Destination::InPlace { .. } => {
            let lock = WriteLock::acquire(path)?;
            let changed = lock.replace(document.located.checklist.bytes(), &rewrite.bytes)?;
            let ledger = document.located.ledger_path();
            if !plan.update.items.is_empty() {
                lock.write_beside(&ledger, plan.ledger.to_text().as_bytes())?;
            }
            record(document, planned, ui);
            if changed {
                ui.line(format!("document: {}", written(path, &rewrite)));
            } else {
                ui.line(format!("document: {} unchanged", document.name()));
            }
        }
    }
    Ok(exit)
}

/// The document and the ledger as a plan leaves them.
pub(crate) fn afterwards(
    document: &Document,
    plan: &Plan,
) -> anyhow::Result<(Checklist, LedgerState)> {
    let checklist = &document.located.checklist;
    if plan.update.items.is_empty() {
        return Ok((checklist.clone(), document.ledger.clone()));
    }
    let bytes = checklist.rewrite(&plan.update).bytes;
    let options = document.located.config.checklist_options();
    let after = Checklist::parse_with(bytes, &options)?;
    Ok((after, LedgerState::Present(plan.ledger.clone())))
}

/// Adds the run to the history. A history that cannot be written is no reason to keep a result back.
fn record(document: &Document, planned: &Planned, ui: &mut Ui) {
    let Some(entry) = &planned.entry else {
        return;
    };
    let path = history::path(document);
    if let Err(error) = history::append(&path, entry) {
        let path = shown(&path);
        ui.progress(format!("warning: the run is not in {path}: {error}"));
    }
}

/// Why nothing of this file may be written.
fn forbidden(document: &Document, assessment: &Assessment) -> Option<&'static str> {
    let unknown = |d: &Diagnostic| matches!(d.code, Code::ResultIdUnknown);
    if document.located.checklist.has_file_error() {
        Some("the document has to be put right first")
    } else if assessment.diagnostics.iter().any(unknown) {
        Some("some results are for ids that it does not have")
    } else {
        None
    }
}

/// Reports results that have no place in the document.
fn not_written(document: &Document, rewrite: &Rewrite, ui: &mut Ui) -> Exit {
    let mut exit = Exit::Met;
    for found in &rewrite.diagnostics {
        if found.severity > readiness_checklist::Severity::Warning {
            let (path, bytes) = (&document.located.path, document.located.checklist.bytes());
            let finding = Diagnostic::of_document(Code::ItemNotWritten, path, bytes, found);
            exit = Exit::Misuse;
            ui.diagnostic(&finding);
        }
    }
    exit
}

/// `--check`: names the rows that are out of date.
fn compare(document: &Document, rewrite: &Rewrite, ui: &mut Ui) -> Exit {
    if rewrite.edits.is_empty() {
        ui.line(format!("document: {} is up to date", document.name()));
        return Exit::Met;
    }
    ui.line(format!("document: {} is out of date", document.name()));
    for line in out_of_date(document, rewrite) {
        ui.line(line);
    }
    Exit::NotMet
}

fn out_of_date(document: &Document, rewrite: &Rewrite) -> Vec<String> {
    let items = document.located.checklist.items();
    rewrite
        .edits
        .iter()
        .map(|edit| {
            if edit.what == EditKind::SignOff {
                let boxes = document.located.checklist.sign_offs();
                let role = boxes.iter().find(|b| b.line() == edit.line());
                let role = role.map_or("", |b| role_of_box(b.text()));
                let word = if edit.text == b" " {
                    "open again"
                } else {
                    "ticked"
                };
                return format!("  line {}: {role}: would be {word}", edit.line());
            }
            // Items are in the order of their lines.
            let upto = items.partition_point(|item| item.line() <= edit.line());
            let id = items[..upto]
                .last()
                .filter(|item| item.line() == edit.line());
            let id = id.map_or_else(String::new, |item| format!("{}: ", item.id()));
            let new = String::from_utf8_lossy(&edit.text);
            format!(
                "  line {}: {id}would read `{}`",
                edit.line(),
                summary::cut(&new)
            )
        })
        .collect()
}

fn written(path: &Path, rewrite: &Rewrite) -> String {
    let places = match rewrite.edits.len() {
        0 => "no change".to_owned(),
        1 => "1 place changed".to_owned(),
        n => format!("{n} places changed"),
    };
    format!("{} ({places})", shown(path))
}

/// A demonstration's document goes beside its journals, in a folder named like the package.
fn demonstration_path(document: &Document, run: &Path) -> PathBuf {
    let package = document.package.as_deref().unwrap_or("checklist");
    let name = document.located.path.file_name().unwrap_or_default();
    run.join(package).join(name)
}

/// Writes a file unless it already holds these bytes.
pub(crate) fn put(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if std::fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("failed to create {}", folder.display()))?;
    }
    write_atomically(path, bytes)?;
    Ok(())
}
