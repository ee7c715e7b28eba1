//! One side of a comparison: what a document, a ledger or a run says of its items.

use std::path::Path;

use anyhow::{Context as _, bail};
use readiness::assess::{Standing, write_rules};
use readiness::config::{Config, FILE_NAME};
use readiness::ledger::{self, Ledger, LedgerState};
use readiness_checklist::{Checklist, Options, State};

use super::place::Place;
use crate::cli::SourceOptions;
use crate::compare::{Item, Status};
use crate::documents::{self, Document};
use crate::journals;
use crate::summary::word;
use crate::workspace::Workspace;

/// How every ledger begins.
const LEDGER: &[u8] = b"readiness-lock ";

/// A document, or a ledger, with the files that decide how it is read.
#[derive(Debug, Clone)]
pub(super) struct Files {
    pub(super) document: Place,
    config: Place,
    ledger: Place,
    /// It was not named itself: a revision may be older than it.
    may_be_missing: bool,
}

impl Files {
    /// A file that was named, with what stands beside it.
    pub(super) fn beside(document: Place) -> Self {
        Self {
            config: document.beside(FILE_NAME),
            ledger: document.beside(ledger::FILE_NAME),
            document,
            may_be_missing: false,
        }
    }

    /// A document of the workspace.
    pub(super) fn of(document: &Document) -> Self {
        let located = &document.located;
        let files = Self::beside(Place::Disk(located.path.clone()));
        let config = located.config.path.clone().map(Place::Disk);
        Self {
            config: config.unwrap_or(files.config),
            ..files
        }
    }

    /// The same at a revision.
    pub(super) fn at(&self, rev: &str) -> Self {
        Self {
            document: self.document.at(rev),
            config: self.config.at(rev),
            ledger: self.ledger.at(rev),
            may_be_missing: true,
        }
    }

    /// What the file is, by how it begins.
    pub(super) fn kind(&self) -> anyhow::Result<Kind> {
        Ok(kind(&self.document.read()?))
    }
}

/// What a side can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// What stands in a document.
    Document,
    /// What came out.
    Results,
}

impl Kind {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Document => "a document",
            Self::Results => "a run or a ledger",
        }
    }
}

fn kind(bytes: &[u8]) -> Kind {
    if bytes.starts_with(LEDGER) {
        Kind::Results
    } else {
        Kind::Document
    }
}

/// One side of the comparison.
#[derive(Debug)]
pub(super) struct Side {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// A revision may have no such document yet.
    pub(super) is_there: bool,
    pub(super) items: Vec<Item>,
}

impl Side {
    fn new(name: String, kind: Kind, items: Vec<Item>) -> Self {
        Self {
            name,
            kind,
            is_there: true,
            items,
        }
    }

    /// Its name in a heading.
    pub(super) fn title(&self) -> String {
        let missing = if self.is_there { "" } else { " (not there)" };
        format!("{}{missing}", self.name)
    }
}

/// What a document or a ledger says.
pub(super) fn of_files(files: &Files) -> anyhow::Result<Side> {
    let name = files.document.name();
    if files.may_be_missing && files.document.is_missing() {
        return Ok(Side {
            is_there: false,
            ..Side::new(name, Kind::Document, Vec::new())
        });
    }
    let bytes = files.document.read()?;
    let kind = kind(&bytes);
    let items = match kind {
        Kind::Results => of_ledger(&name, &bytes)?,
        Kind::Document => of_document(files, bytes)?,
    };
    Ok(Side::new(name, kind, items))
}

/// What stands in a document, and who put it there.
fn of_document(files: &Files, bytes: Vec<u8>) -> anyhow::Result<Vec<Item>> {
    let checklist = Checklist::parse_with(bytes, &options(&files.config))
        .with_context(|| format!("failed to read {}", files.document.name()))?;
    let ledger = files.ledger.read();
    let ledger = ledger.map_or(LedgerState::Absent, |bytes| {
        LedgerState::parse(&String::from_utf8_lossy(&bytes))
    });
    let items = checklist.items().iter().map(|item| {
        let state = write_rules::stated(item);
        let standing = write_rules::standing(state, item.shape(), ledger.entry(item.id()));
        Item {
            id: item.id().to_owned(),
            text: Some(item.requirement().to_owned()),
            wording: item.normalized_text().to_owned(),
            section: Some(item.section().to_vec()),
            line: Some(item.line()),
            status: Status {
                word: word(state).to_owned(),
                met: state == State::Pass,
                typed: standing == Standing::Claimed,
            },
        }
    });
    Ok(items.collect())
}

/// The options of a document's configuration; one that cannot be read has none.
fn options(config: &Place) -> Options {
    let text = config.read().ok();
    let text = text.and_then(|bytes| String::from_utf8(bytes).ok());
    let config = text.and_then(|text| Config::parse(Path::new(&config.name()), &text).ok());
    config
        .map(|config| config.checklist_options())
        .unwrap_or_default()
}

fn of_ledger(name: &str, bytes: &[u8]) -> anyhow::Result<Vec<Item>> {
    match LedgerState::parse(&String::from_utf8_lossy(bytes)) {
        LedgerState::Present(ledger) => Ok(from_ledger(&ledger)),
        LedgerState::Broken { line, reason } => {
            let at = line.map_or_else(String::new, |line| format!(":{line}"));
            bail!("{name}{at}: {reason}")
        }
        LedgerState::Absent => bail!("{name} is not there"),
    }
}

fn from_ledger(ledger: &Ledger) -> Vec<Item> {
    let entries = ledger.entries.iter();
    entries
        .map(|(id, entry)| Item {
            id: id.clone(),
            wording: entry.text.clone(),
            status: Status {
                word: entry.outcome.to_string(),
                met: entry.outcome.status() == readiness_checklist::Status::Pass,
                typed: false,
            },
            ..Item::default()
        })
        .collect()
}

/// What a run says of the items of its documents, without what earlier runs left in their ledgers.
pub(super) fn of_run(asked: Option<&str>, workspace: Option<&Workspace>) -> anyhow::Result<Side> {
    let Some(run) = journals::read(asked, workspace)? else {
        bail!("there are no runs yet\n  hint: `cargo readiness run`");
    };
    let source = SourceOptions::default();
    let mut items = Vec::new();
    for mut document in documents::find(&source, Some(&run), workspace)? {
        document.ledger = LedgerState::Absent;
        let assessment = document.assess();
        items.extend(assessment.items.iter().map(|item| Item {
            id: item.id.clone(),
            wording: item.text.clone(),
            line: Some(item.line),
            status: Status {
                word: item.resolved.outcome.to_string(),
                met: item.resolved.outcome.status() == readiness_checklist::Status::Pass,
                typed: false,
            },
            ..Item::default()
        }));
    }
    let name = run.folder.file_name().unwrap_or_default();
    let name = format!("run {}", name.to_string_lossy());
    Ok(Side::new(name, Kind::Results, items))
}
