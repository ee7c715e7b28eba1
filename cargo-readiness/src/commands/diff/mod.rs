//! `cargo readiness diff`: what changed between two revisions of a document, or between two runs.
//!
//! A side is a file, `REV:PATH` as git has it, a revision alone, a ledger, or a run by its id or folder.
//! Revisions of documents are compared with each other, runs and ledgers with each other: a document
//! says what stands in it, a run what came out. A side that is left out, and a revision alone, stand for
//! every document of the workspace, one after the other.

mod place;
mod side;
mod text;

use std::path::{Path, PathBuf};

use anyhow::bail;

use crate::cli::{DiffFormat, DiffOptions, SourceOptions};
use crate::codes::Exit;
use crate::compare::{Changes, compare};
use crate::documents::{self, Document};
use crate::journals::{self, canonical};
use crate::ui::Ui;
use crate::workspace::Workspace;

use place::{Place, is_revision};
use side::{Files, Kind, Side};

/// What the sides that are left out are compared with.
const LAST_COMMIT: &str = "HEAD";

pub(crate) fn run(options: &DiffOptions, ui: &mut Ui) -> anyhow::Result<Exit> {
    let workspace = Workspace::load()?;
    let workspace = workspace.as_ref();
    let named = |name: &Option<String>| name.as_deref().map(|name| named(name, workspace));
    let (old, new) = (named(&options.old), named(&options.new));
    let mut exit = Exit::Met;
    for (number, pair) in pairs(old.transpose()?, new.transpose()?, workspace)?
        .into_iter()
        .enumerate()
    {
        match compared(pair, workspace) {
            Ok(compared) => compared.print(options.format, number > 0, ui),
            // What is wrong with one document is no reason to keep the others back.
            Err(error) => {
                ui.error(&error);
                exit = Exit::Misuse;
            }
        }
    }
    Ok(exit)
}

/// A side before it is read.
#[derive(Debug, Clone)]
enum Named {
    /// A document or a ledger, wherever it stands.
    Files(Box<Files>),
    /// A commit, a branch or a tag: of which document is still to be said.
    Revision(String),
    /// A run, by what it was called; the latest if it was not.
    Run(Option<String>),
}

impl Named {
    fn files(files: Files) -> Self {
        Self::Files(Box::new(files))
    }
}

type Pair = (Named, Named);

/// What a name stands for.
fn named(name: &str, workspace: Option<&Workspace>) -> anyhow::Result<Named> {
    let path = PathBuf::from(name);
    if path.is_file() {
        return Ok(Named::files(Files::beside(Place::Disk(path))));
    }
    if !path.exists()
        && let Some((rev, path)) = name.split_once(':')
    {
        return Ok(Named::files(Files::beside(Place::in_git("", rev, path))));
    }
    let is_run = journals::exists(name, workspace);
    if !is_run && is_revision(Path::new(""), name) {
        return Ok(Named::Revision(name.to_owned()));
    }
    if !is_run && name.contains(['.', '/']) {
        bail!(
            "`{name}` is no file, no revision and no run\n  hint: a side is a document, REV:PATH, a \
             revision, a ledger or a run"
        );
    }
    // One that stands for nothing is refused with the runs that there are.
    Ok(Named::Run(Some(name.to_owned())))
}

/// What is compared with what.
fn pairs(
    old: Option<Named>,
    new: Option<Named>,
    workspace: Option<&Workspace>,
) -> anyhow::Result<Vec<Pair>> {
    use Named::{Files as File, Revision, Run};
    Ok(match (old, new) {
        (None, _) => each(LAST_COMMIT, None, workspace)?,
        (Some(Revision(old)), None) => each(&old, None, workspace)?,
        (Some(Revision(old)), Some(Revision(new))) => each(&old, Some(&new), workspace)?,
        (Some(Revision(old)), Some(File(new))) => vec![(Named::files(new.at(&old)), File(new))],
        (Some(File(old)), Some(Revision(new))) => {
            vec![(File(old.clone()), Named::files(old.at(&new)))]
        }
        (Some(File(old)), None) if old.kind()? == Kind::Document => {
            vec![with_the_present(*old, workspace)?]
        }
        (Some(old), None) => vec![(old, Run(None))],
        (Some(old), Some(new)) => vec![(old, new)],
    })
}

/// Every document of the workspace at two revisions, or at one and as it stands.
fn each(old: &str, new: Option<&str>, workspace: Option<&Workspace>) -> anyhow::Result<Vec<Pair>> {
    let documents = present(workspace)?;
    let known = |document: &Document| {
        let path = canonical(&document.located.path);
        is_revision(path.parent().unwrap_or(Path::new("")), old)
    };
    if !documents.iter().any(known) {
        bail!(
            "git has no {old} here, so there is nothing to compare with\n  hint: commit first, or name \
             two files, as in `cargo readiness diff old.md CHECKLIST.md`"
        );
    }
    let pairs = documents.iter().map(|document| {
        let files = Files::of(document);
        let then = files.at(old);
        let now = new.map_or(files.clone(), |new| files.at(new));
        (Named::files(then), Named::files(now))
    });
    Ok(pairs.collect())
}

/// One document that was named, and what it is compared with: the same file as it stands, else the
/// workspace's document. A file that is no revision of another is compared with the last commit.
fn with_the_present(old: Files, workspace: Option<&Workspace>) -> anyhow::Result<Pair> {
    let file = old.document.on_disk().filter(|path| path.is_file());
    let path = file.as_deref().map(canonical);
    let same = |one: &&Document| Some(canonical(&one.located.path)) == path;
    // Without a document of the workspace, the file that was named is the one that is meant.
    let documents = match (present(workspace), &file) {
        (Ok(documents), _) => documents,
        (Err(_), Some(_)) => Vec::new(),
        (Err(error), None) => return Err(error),
    };
    let is_revision = matches!(old.document, Place::Git { .. });
    let now = match (documents.iter().find(same), file, documents.as_slice()) {
        (Some(document), _, _) => Files::of(document),
        (None, Some(path), others) if is_revision || others.len() != 1 => {
            Files::beside(Place::Disk(path))
        }
        (None, _, [only]) => return Ok((Named::files(old), Named::files(Files::of(only)))),
        (None, _, several) => {
            let names: Vec<_> = several.iter().map(Document::name).collect();
            bail!(
                "{} could be compared with several documents: {}\n  hint: name both sides",
                old.document.name(),
                names.join(", ")
            )
        }
    };
    let old = if is_revision {
        old
    } else {
        now.at(LAST_COMMIT)
    };
    Ok((Named::files(old), Named::files(now)))
}

/// The documents of the workspace.
fn present(workspace: Option<&Workspace>) -> anyhow::Result<Vec<Document>> {
    documents::find(&SourceOptions::default(), None, workspace)
}

/// Two sides, and what changed between them.
struct Compared {
    old: Side,
    new: Side,
    changes: Changes,
}

fn compared((old, new): Pair, workspace: Option<&Workspace>) -> anyhow::Result<Compared> {
    let (old, new) = (read(old, workspace)?, read(new, workspace)?);
    if !old.is_there && !new.is_there {
        bail!("neither {} nor {} is there", old.name, new.name);
    }
    let both = old.is_there && new.is_there;
    if both && old.kind != new.kind {
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
    Ok(Compared { old, new, changes })
}

impl Compared {
    fn print(&self, format: DiffFormat, follows: bool, ui: &mut Ui) {
        let Self { old, new, changes } = self;
        match format {
            DiffFormat::Json => ui.line(serde_json::json!({
                "old": old.is_there.then_some(&old.name),
                "new": new.is_there.then_some(&new.name),
                "changes": changes,
            })),
            DiffFormat::Text => {
                if follows {
                    ui.line("");
                }
                ui.line(format!("{} -> {}", old.title(), new.title()));
                ui.lines(text::lines(changes, old, new));
            }
        }
    }
}

fn read(side: Named, workspace: Option<&Workspace>) -> anyhow::Result<Side> {
    match side {
        Named::Files(files) => side::of_files(&files),
        Named::Run(asked) => side::of_run(asked.as_deref(), workspace),
        Named::Revision(rev) => bail!(
            "{rev} is a revision, and runs are in none\n  hint: compare two runs or ledgers, such as \
             {rev}:./readiness.lock"
        ),
    }
}
