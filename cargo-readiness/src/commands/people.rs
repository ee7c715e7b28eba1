//! `attest`, `waive`, `exclude`, `revoke` and `ack`: what people state, kept in `readiness.toml`.
//!
//! Each command shows what it changes in the score before it writes, and writes under a lock from
//! what the file holds at that moment: two people at once lose nothing.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use readiness::assess::{Assessment, nearest_hint, text_hash};
use readiness::config::{Config, FILE_NAME, StatementKind, date};
use readiness::diagnostic::{Code, Severity};
use readiness::document::{DocumentError, WriteLock, write_atomically};

use crate::ask::{Unasked, agreed, answer, can_ask};
use crate::cli::{AttestOptions, ExcludeOptions, Kind, PlaceOptions, RevokeOptions, WaiveOptions};
use crate::codes::Exit;
use crate::documents::{self, Document, shown};
use crate::journals;
use crate::statements::{self, Change, Field};
use crate::ui::Ui;
use crate::workspace::Workspace;

pub(crate) fn attest(options: &AttestOptions, ui: &mut Ui) -> anyhow::Result<Exit> {
    let fields = vec![
        ("by", needed(options.by.as_ref(), "--by", "who attests")?),
        ("on", Field::Day(today())),
        (
            "expires",
            needed(
                options.expires.as_ref(),
                "--expires",
                "until when (YYYY-MM-DD or 90d)",
            )?,
        ),
        ("evidence", Field::maybe(options.evidence.as_ref())),
    ];
    state(
        StatementKind::Attestation,
        &options.id,
        &fields,
        &options.place,
        ui,
    )
}

pub(crate) fn waive(options: &WaiveOptions, ui: &mut Ui) -> anyhow::Result<Exit> {
    let fields = vec![
        (
            "owner",
            needed(options.owner.as_ref(), "--owner", "who answers for it")?,
        ),
        (
            "reason",
            needed(options.reason.as_ref(), "--reason", "why it may be unmet")?,
        ),
        ("on", Field::Day(today())),
        (
            "expires",
            needed(
                options.expires.as_ref(),
                "--expires",
                "until when (YYYY-MM-DD or 90d)",
            )?,
        ),
    ];
    state(
        StatementKind::Waiver,
        &options.id,
        &fields,
        &options.place,
        ui,
    )
}

pub(crate) fn exclude(options: &ExcludeOptions, ui: &mut Ui) -> anyhow::Result<Exit> {
    let fields = vec![
        (
            "reason",
            needed(options.reason.as_ref(), "--reason", "why it does not apply")?,
        ),
        ("by", Field::maybe(options.by.as_ref())),
        ("on", Field::Day(today())),
    ];
    state(
        StatementKind::NotApplicable,
        &options.id,
        &fields,
        &options.place,
        ui,
    )
}

pub(crate) fn revoke(options: &RevokeOptions, ui: &mut Ui) -> anyhow::Result<Exit> {
    let kinds = match options.kind {
        Some(Kind::Attestation) => vec![StatementKind::Attestation],
        Some(Kind::Waiver) => vec![StatementKind::Waiver],
        Some(Kind::NotApplicable) => vec![StatementKind::NotApplicable],
        None => statements::KINDS.to_vec(),
    };
    let change = Change::Remove {
        kinds,
        id: options.id.clone(),
    };
    apply(&options.id, &|_| Ok(change.clone()), &options.place, ui)
}

fn state(
    kind: StatementKind,
    id: &str,
    fields: &[(&'static str, Field)],
    place: &PlaceOptions,
    ui: &mut Ui,
) -> anyhow::Result<Exit> {
    let change = |document: &Document| {
        let mut fields = fields.to_vec();
        fields.insert(0, ("id", Field::Text(id.to_owned())));
        fields.push((
            "text",
            Field::Text(format!("sha256:{}", hash(document, id)?)),
        ));
        Ok(Change::Add { kind, fields })
    };
    apply(id, &change, place, ui)
}

fn today() -> String {
    date::today().to_string()
}

/// The hash of the requirement's text as it stands now.
pub(crate) fn hash(document: &Document, id: &str) -> anyhow::Result<String> {
    let checklist = &document.located.checklist;
    match checklist.item(id) {
        Some(item) => Ok(text_hash(item)),
        None => bail!(
            "no item of {} has the id `{id}`\n  hint: {}",
            document.name(),
            nearest_hint(checklist, id)
        ),
    }
}

/// A value that must be given; on a terminal it is asked for.
fn needed(given: Option<&String>, flag: &str, question: &str) -> anyhow::Result<Field> {
    if let Some(given) = given.filter(|text| !text.trim().is_empty()) {
        return Ok(Field::Text(given.clone()));
    }
    if !can_ask() {
        bail!("{flag} is missing: {question}");
    }
    let answer = answer(&format!("{question}: "))?;
    if answer.is_empty() {
        bail!("{flag} is missing: {question}");
    }
    Ok(Field::Text(answer))
}

/// Shows the effect of a change, then makes it.
fn apply(
    id: &str,
    change: &dyn Fn(&Document) -> anyhow::Result<Change>,
    place: &PlaceOptions,
    ui: &mut Ui,
) -> anyhow::Result<Exit> {
    let document = the_document_of(id, place)?;
    let change = change(&document)?;
    let path = config_path(&document);
    let checklist = document.located.path.clone();
    let old = read_or_new(&path, &document)?;
    let before = document.assess();
    let after = judged(&path, &change.apply(&old, &path)?, document)?;
    show(id, &before, &after, ui);
    refuse_errors(id, &after, ui)?;
    if place.dry_run {
        ui.line("nothing written (--dry-run)");
        return Ok(Exit::Met);
    }
    ui.flush();
    if !agreed(place.yes, Unasked::GoOn, "write it? [y/N] ")? {
        ui.line("nothing written");
        return Ok(Exit::Met);
    }
    write(&checklist, &path, &old, &change)?;
    ui.line(format!("written: {}", shown(&path)));
    Ok(Exit::Met)
}

/// The one document that is meant.
pub(crate) fn the_document(place: &PlaceOptions) -> anyhow::Result<Document> {
    only(documents_of(place)?)
}

/// The one document that is meant by this id, which is unique in the workspace.
pub(crate) fn the_document_of(id: &str, place: &PlaceOptions) -> anyhow::Result<Document> {
    let has = |document: &Document| document.located.checklist.item(id).is_some();
    let documents = documents_of(place)?;
    if documents.iter().any(has) {
        return only(documents.into_iter().filter(has).collect());
    }
    // The latest run may have been about another document.
    let workspace = Workspace::load()?;
    let all = documents::find(&place.source, None, workspace.as_ref())?;
    if all.iter().any(has) {
        return only(all.into_iter().filter(has).collect());
    }
    only(documents)
}

fn documents_of(place: &PlaceOptions) -> anyhow::Result<Vec<Document>> {
    let workspace = Workspace::load()?;
    let run = journals::read(place.source.run.as_deref(), workspace.as_ref())?;
    documents::find(&place.source, run.as_ref(), workspace.as_ref())
}

fn only(mut documents: Vec<Document>) -> anyhow::Result<Document> {
    match (documents.pop(), documents.is_empty()) {
        (Some(document), true) => Ok(document),
        (last, _) => {
            let names: Vec<_> = documents.iter().chain(&last).map(Document::name).collect();
            bail!(
                "several documents could be meant: {}\n  hint: choose one with --checklist",
                names.join(", ")
            )
        }
    }
}

pub(crate) fn config_path(document: &Document) -> PathBuf {
    let beside = document.located.path.with_file_name(FILE_NAME);
    document.located.config.path.clone().unwrap_or(beside)
}

/// What the configuration holds; one that is not there yet would begin by naming its document.
fn read_or_new(path: &Path, document: &Document) -> anyhow::Result<String> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let name = document.located.path.file_name().unwrap_or_default();
            let name = toml_edit::Value::from(name.to_string_lossy().into_owned());
            Ok(format!("checklist = {name}\n"))
        }
        Err(error) => Err(error).with_context(|| format!("failed to read {}", path.display())),
    }
}

/// The document as it would be judged with this configuration.
pub(crate) fn judged(
    path: &Path,
    text: &str,
    mut document: Document,
) -> anyhow::Result<Assessment> {
    document.located.config = Config::parse(path, text).map_err(DocumentError)?;
    Ok(document.assess())
}

pub(crate) fn show(id: &str, before: &Assessment, after: &Assessment, ui: &mut Ui) {
    let outcome = |assessment: &Assessment| {
        let item = assessment.items.iter().find(|item| item.id == id);
        item.map_or_else(
            || "no item".to_owned(),
            |item| {
                format!(
                    "{} ({})",
                    item.resolved.outcome,
                    item.resolved.outcome.status()
                )
            },
        )
    };
    ui.line(format!("{id}: {} -> {}", outcome(before), outcome(after)));
    ui.line(format!("score: {} -> {}", before.score(), after.score()));
}

/// A statement that would be wrong from the start is not written.
fn refuse_errors(id: &str, after: &Assessment, ui: &mut Ui) -> anyhow::Result<()> {
    let about: Vec<_> = after
        .diagnostics
        .iter()
        .filter(|found| found.id.as_deref() == Some(id) && found.code != Code::StatusClaimed)
        .collect();
    for found in &about {
        ui.diagnostic(found);
    }
    let refused = about
        .iter()
        .any(|found| found.severity() == Severity::Error || found.code == Code::StatementExpired);
    if refused {
        bail!("nothing written");
    }
    Ok(())
}

/// Makes the change to what the file holds now, which may be more than what was shown. The lock on
/// the checklist keeps others out even while there is no configuration to lock.
pub(crate) fn write(
    checklist: &Path,
    path: &Path,
    new_file: &str,
    change: &Change,
) -> anyhow::Result<()> {
    let _alone = WriteLock::acquire(checklist)?;
    if !path.exists() {
        write_atomically(path, new_file.as_bytes())?;
    }
    let lock = WriteLock::acquire(path)?;
    let now = std::fs::read_to_string(path)
        .with_context(|| format!("failed to read {}", path.display()))?;
    let text = change.apply(&now, path)?;
    Config::parse(path, &text).map_err(DocumentError)?;
    lock.replace(now.as_bytes(), text.as_bytes())?;
    Ok(())
}
