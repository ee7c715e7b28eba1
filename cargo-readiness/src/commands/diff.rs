//! `cargo readiness diff`: what changed between two revisions of a document, or between two runs.
//!
//! A side is a file, `REV:PATH` as git has it, a ledger, or a run by its id or folder. Revisions of
//! documents are compared with each other, runs and ledgers with each other: a document says what
//! stands in it, a run what came out.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};
use readiness::assess::{Standing, write_rules};
use readiness::config::{Config, FILE_NAME};
use readiness::document::MAX_BYTES;
use readiness::ledger::{self, Ledger, LedgerState};
use readiness_checklist::{Checklist, Options, State};

use crate::cli::{DiffFormat, DiffOptions, SourceOptions};
use crate::codes::Exit;
use crate::compare::{
    Changes, Item, Moved, Op, Piece, Reworded, Single, Status, Turn, Turned, compare,
};
use crate::documents::{self, Document, shown};
use crate::journals;
use crate::summary::{cut, word};
use crate::ui::Ui;
use crate::workspace::Workspace;

pub(crate) fn run(options: &DiffOptions, ui: &mut Ui) -> anyhow::Result<Exit> {
    let workspace = Workspace::load()?;
    let (old, new) = sides(options, workspace.as_ref())?;
    if old.kind != new.kind {
        bail!(
            "{} is {}, {} is {}: a document says what stands in it, a run what came out\n  hint: \
             compare two revisions of the document, or two runs or ledgers",
            old.name,
            old.kind.words(),
            new.name,
            new.kind.words()
        );
    }
    let changes = compare(&old.items, &new.items);
    match options.format {
        DiffFormat::Json => ui.line(serde_json::json!({
            "old": old.name,
            "new": new.name,
            "changes": changes,
        })),
        DiffFormat::Text => {
            ui.line(format!("{} -> {}", old.name, new.name));
            for line in lines(&changes, &old, &new) {
                ui.line(line);
            }
        }
    }
    Ok(Exit::Met)
}

/// One side of the comparison.
struct Side {
    name: String,
    kind: Kind,
    items: Vec<Item>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Document,
    Results,
}

impl Kind {
    fn words(self) -> &'static str {
        match self {
            Self::Document => "a document",
            Self::Results => "a run or a ledger",
        }
    }
}

/// Both sides: what is not given is the last commit, and what there is now.
fn sides(options: &DiffOptions, workspace: Option<&Workspace>) -> anyhow::Result<(Side, Side)> {
    let old = match &options.old {
        Some(name) => side(name, workspace)?,
        None => committed(&the_document(workspace)?)?,
    };
    let new = match (&options.new, old.kind) {
        (Some(name), _) => side(name, workspace)?,
        (None, Kind::Document) => on_disk(&the_document(workspace)?.located.path)?,
        (None, Kind::Results) => of_run(None, workspace)?,
    };
    Ok((old, new))
}

/// The one document of the workspace.
fn the_document(workspace: Option<&Workspace>) -> anyhow::Result<Document> {
    let mut found = documents::find(&SourceOptions::default(), None, workspace)?;
    match (found.pop(), found.is_empty()) {
        (Some(document), true) => Ok(document),
        (last, _) => {
            let names: Vec<_> = found.iter().chain(&last).map(Document::name).collect();
            bail!(
                "several documents could be meant: {}\n  hint: name both sides, as in `cargo \
                 readiness diff HEAD:./CHECKLIST.md CHECKLIST.md`",
                names.join(", ")
            )
        }
    }
}

/// The document as the last commit has it.
fn committed(document: &Document) -> anyhow::Result<Side> {
    let path = &document.located.path;
    let folder = path.parent().unwrap_or(Path::new(""));
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let place = Place::Git {
        folder: folder.to_path_buf(),
        rev: "HEAD".to_owned(),
        path: format!("./{file}"),
    };
    of_document(&place)
}

/// A side by its name.
fn side(name: &str, workspace: Option<&Workspace>) -> anyhow::Result<Side> {
    let path = Path::new(name);
    if path.is_file() {
        return on_disk(path);
    }
    if !path.exists()
        && let Some((rev, path)) = name.split_once(':')
    {
        return of_document(&Place::Git {
            folder: PathBuf::new(),
            rev: rev.to_owned(),
            path: path.to_owned(),
        });
    }
    of_run(Some(name), workspace)
}

fn on_disk(path: &Path) -> anyhow::Result<Side> {
    let place = Place::Disk(path.to_path_buf());
    let bytes = place.read()?;
    if bytes.starts_with(b"readiness-lock ") {
        return of_ledger(&place, &bytes);
    }
    of_document(&place)
}

/// Where a revision of a file stands.
enum Place {
    Disk(PathBuf),
    Git {
        /// Where git is asked; paths that begin with `./` are relative to it.
        folder: PathBuf,
        rev: String,
        path: String,
    },
}

impl Place {
    fn name(&self) -> String {
        match self {
            Self::Disk(path) => shown(path),
            Self::Git { rev, path, .. } => format!("{rev}:{path}"),
        }
    }

    /// Another file of the same folder and revision.
    fn beside(&self, file: &str) -> Self {
        match self {
            Self::Disk(path) => Self::Disk(path.with_file_name(file)),
            Self::Git { folder, rev, path } => {
                let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
                let slash = if parent.is_empty() { "" } else { "/" };
                Self::Git {
                    folder: folder.clone(),
                    rev: rev.clone(),
                    path: format!("{parent}{slash}{file}"),
                }
            }
        }
    }

    fn read(&self) -> anyhow::Result<Vec<u8>> {
        let bytes = match self {
            Self::Disk(path) => {
                std::fs::read(path).with_context(|| format!("failed to read {}", path.display()))?
            }
            Self::Git { folder, rev, path } => blob(folder, rev, path)?,
        };
        if bytes.len() as u64 > MAX_BYTES {
            bail!("{} is larger than {MAX_BYTES} bytes", self.name());
        }
        Ok(bytes)
    }
}

/// A file's bytes as git keeps them, without what a pager or a filter would make of them.
fn blob(folder: &Path, rev: &str, path: &str) -> anyhow::Result<Vec<u8>> {
    if rev.is_empty() || rev.starts_with('-') {
        bail!("`{rev}` is no revision\n  hint: REV:PATH, as in HEAD~1:CHECKLIST.md");
    }
    let mut git = Command::new("git");
    if !folder.as_os_str().is_empty() {
        git.current_dir(folder);
    }
    let output = git
        .args(["cat-file", "blob", &format!("{rev}:{path}")])
        .output()
        .context("failed to start git")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.trim().trim_start_matches("fatal: ").to_owned();
        bail!("git has no {rev}:{path}: {said}\n  hint: `{rev}:./NAME` is relative to this folder");
    }
    Ok(output.stdout)
}

/// What stands in a document, and who put it there.
fn of_document(place: &Place) -> anyhow::Result<Side> {
    let checklist = Checklist::parse_with(place.read()?, &options(place))
        .with_context(|| format!("failed to read {}", place.name()))?;
    let ledger = place.beside(ledger::FILE_NAME).read();
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
    Ok(Side {
        name: place.name(),
        kind: Kind::Document,
        items: items.collect(),
    })
}

/// The options of the configuration beside a document; one that cannot be read has none.
fn options(place: &Place) -> Options {
    let beside = place.beside(FILE_NAME);
    let text = beside
        .read()
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let config = text.and_then(|text| Config::parse(Path::new(&beside.name()), &text).ok());
    config
        .map(|config| config.checklist_options())
        .unwrap_or_default()
}

fn of_ledger(place: &Place, bytes: &[u8]) -> anyhow::Result<Side> {
    match LedgerState::parse(&String::from_utf8_lossy(bytes)) {
        LedgerState::Present(ledger) => Ok(Side {
            name: place.name(),
            kind: Kind::Results,
            items: from_ledger(&ledger),
        }),
        LedgerState::Broken { line, reason } => {
            let at = line.map_or_else(String::new, |line| format!(":{line}"));
            bail!("{}{at}: {reason}", place.name())
        }
        LedgerState::Absent => bail!("{} is not there", place.name()),
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
fn of_run(asked: Option<&str>, workspace: Option<&Workspace>) -> anyhow::Result<Side> {
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
    Ok(Side {
        name: format!("run {}", name.to_string_lossy()),
        kind: Kind::Results,
        items,
    })
}

/// The changes for people.
fn lines(changes: &Changes, old: &Side, new: &Side) -> Vec<String> {
    if changes.is_empty() {
        return vec![format!("no change in {} items", new.items.len())];
    }
    let mut lines = Vec::new();
    section(&mut lines, "added", &changes.added, single);
    section(&mut lines, "removed", &changes.removed, single);
    section(&mut lines, "reworded", &changes.reworded, reworded);
    section(&mut lines, "renamed", &changes.renamed, |one| {
        format!("{} -> {}{}", one.old_id, one.id, at(one.line))
    });
    section(&mut lines, "moved", &changes.moved, moved);
    for (title, turn) in [
        ("statuses gained", Turn::Gained),
        ("statuses lost", Turn::Lost),
        ("other statuses", Turn::Changed),
    ] {
        let turned: Vec<_> = changes
            .statuses
            .iter()
            .filter(|one| one.change == turn)
            .collect();
        section(&mut lines, title, &turned, |one| self::turned(one));
    }
    let met = |side: &Side| side.items.iter().filter(|item| item.status.met).count();
    lines.push(String::new());
    lines.push(format!(
        "{} of {} -> {} of {} pass",
        met(old),
        old.items.len(),
        met(new),
        new.items.len()
    ));
    lines
}

fn section<T>(lines: &mut Vec<String>, title: &str, list: &[T], line: impl Fn(&T) -> String) {
    if list.is_empty() {
        return;
    }
    lines.push(String::new());
    lines.push(format!("{title}: {}", list.len()));
    lines.extend(list.iter().map(|one| format!("  {}", line(one))));
}

fn at(line: Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!("  line {line}"))
}

fn single(one: &Single) -> String {
    let text = one
        .text
        .as_deref()
        .map_or_else(String::new, |text| format!(": {}", cut(text)));
    format!("{}  {}{}{text}", one.id, status(&one.status), at(one.line))
}

fn reworded(one: &Reworded) -> String {
    let was = one
        .old_id
        .as_ref()
        .map_or_else(String::new, |id| format!(" (was {id})"));
    let words = if one.words.is_empty() {
        "its text changed".to_owned()
    } else {
        one.words.iter().map(piece).collect::<Vec<_>>().join(" ")
    };
    format!("{}{was}{}: {words}", one.id, at(one.line))
}

/// As `git diff --word-diff` marks them.
fn piece(piece: &Piece) -> String {
    match piece.op {
        Op::Keep => cut(&piece.text),
        Op::Delete => format!("[-{}-]", cut(&piece.text)),
        Op::Insert => format!("{{+{}+}}", cut(&piece.text)),
    }
}

fn moved(one: &Moved) -> String {
    let section = |names: &[String]| names.join(" / ");
    let line = |line: Option<usize>| line.map_or_else(|| "?".to_owned(), |line| line.to_string());
    let lines = format!("line {} -> {}", line(one.from.line), line(one.to.line));
    if one.from.section == one.to.section {
        return format!("{}  {lines}", one.id);
    }
    format!(
        "{}  {lines}, from \"{}\" to \"{}\"",
        one.id,
        section(&one.from.section),
        section(&one.to.section)
    )
}

fn turned(one: &Turned) -> String {
    format!(
        "{}  {} -> {}{}",
        one.id,
        status(&one.old),
        status(&one.new),
        at(one.line)
    )
}

fn status(status: &Status) -> String {
    let typed = if status.typed { " (typed)" } else { "" };
    format!("{}{typed}", status.word)
}
