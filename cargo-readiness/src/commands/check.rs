//! `cargo readiness check`: documents against registered checks and statements.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use readiness::assess::{self, Inputs, nearest_hint};
use readiness::describe::{DescribedTrial, Description};
use readiness::diagnostic::{Code, Diagnostic, Severity};
use readiness::document::{self, DocumentError, Located};
use readiness::ledger::LedgerState;
use readiness_checklist::IdOrigin;

use crate::cli::{CheckOptions, MessageFormat};
use crate::codes::Exit;
use crate::commands::list::described;
use crate::documents::shown;
use crate::journals::canonical;
use crate::summary::{cut, plural};
use crate::ui::{Findings, Ui};
use crate::workspace::Workspace;

pub(crate) fn run(options: &CheckOptions, ui: &mut Ui) -> anyhow::Result<Exit> {
    match options.format {
        Some(MessageFormat::Human) => ui.show_findings(Findings::full()),
        Some(MessageFormat::Short) => ui.show_findings(Findings::Short),
        Some(MessageFormat::Json) | None => {}
    }
    let json = options.format == Some(MessageFormat::Json);
    let mut exit = Exit::Met;
    let documents = match documents(options, ui) {
        Ok(documents) => documents,
        // What cannot be read is a finding like any other.
        Err(error) if json => return unreadable(error, ui),
        Err(error) => return Err(error),
    };
    let mut twice = crate::documents::in_two_documents(&bound(&documents));
    for (located, descriptions) in documents {
        let mut findings = findings(&located, descriptions.as_deref());
        findings.extend(twice.extract_if(.., |found| found.path == located.path));
        let worst = findings.iter().map(Diagnostic::severity).max();
        // Whoever asks for a format gets all there is of it.
        let most = if options.format.is_none() && ui.shows_sources() {
            MOST_ALIKE
        } else {
            usize::MAX
        };
        let (shown, more) = folded(&findings, most);
        for finding in shown {
            if json {
                ui.json_finding(finding);
            } else {
                ui.diagnostic(finding);
            }
        }
        for line in more {
            ui.progress(line);
        }
        if !json {
            ui.line(summary(&located, descriptions.as_deref(), &findings));
        }
        let bad = match worst {
            Some(Severity::Error) => true,
            Some(Severity::Warning) => options.strict,
            _ => false,
        };
        if bad {
            exit = Exit::Misuse;
        }
    }
    Ok(exit)
}

/// Of the findings that a document may have for each of its items, so many are shown with their lines on a
/// terminal: a checklist that is new here has hundreds of them, and what else is wrong would drown.
const MOST_ALIKE: usize = 5;

/// What is shown, and a line for the rest of each kind.
fn folded(findings: &[Diagnostic], most: usize) -> (Vec<&Diagnostic>, Vec<String>) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let shown = findings.iter().filter(|found| {
        let many = matches!(found.code, Code::StatusClaimed | Code::ItemUncovered);
        let count = counts.entry(found.name()).or_default();
        *count += usize::from(many);
        *count <= most
    });
    let shown = shown.collect();
    let more = counts.iter().filter(|(_, count)| **count > most);
    let more = more.map(|(name, count)| {
        let more = count - most;
        format!("{more} more of {name}; --format short lists them all")
    });
    (shown, more.collect())
}

/// A document or a configuration that cannot be read, for programs.
fn unreadable(error: anyhow::Error, ui: &mut Ui) -> anyhow::Result<Exit> {
    let DocumentError(findings) = error.downcast()?;
    for finding in &findings {
        ui.json_finding(finding);
    }
    Ok(Exit::Misuse)
}

/// Each document with the ids that its checks and statements name.
fn bound(documents: &[Described]) -> Vec<(&Located, BTreeSet<&str>)> {
    documents
        .iter()
        .map(|(located, descriptions)| {
            let trials = descriptions.iter().flatten().flat_map(|d| &d.trials);
            let statements = located.config.rules.statements().map(|s| s.id.as_str());
            (
                located,
                trials
                    .map(|trial| trial.id.as_str())
                    .chain(statements)
                    .collect(),
            )
        })
        .collect()
}

type Described = (Located, Option<Vec<Description>>);

/// Documents with the descriptions of the test targets that answer to them.
fn documents(options: &CheckOptions, ui: &mut Ui) -> anyhow::Result<Vec<Described>> {
    if let Some(path) = &options.checklist {
        let source = crate::cli::SourceOptions {
            checklist: Some(path.clone()),
            ..Default::default()
        };
        let found = crate::documents::find(&source, None, None)?;
        return Ok(found.into_iter().map(|one| (one.located, None)).collect());
    }
    let mut documents = Vec::new();
    for (dir, descriptions) in described(&Workspace::require()?, &options.build, ui)? {
        documents.push((document::find(&dir)?, Some(descriptions)));
    }
    Ok(documents)
}

fn findings(located: &Located, descriptions: Option<&[Description]>) -> Vec<Diagnostic> {
    let mut found: Vec<_> = document_findings(located);
    found.extend(statement_findings(located));
    found.extend(unused_ids(located));
    if let Some(descriptions) = descriptions {
        let trials: Vec<_> = descriptions.iter().flat_map(|d| &d.trials).collect();
        let checked: BTreeSet<&str> = trials.iter().map(|trial| trial.id.as_str()).collect();
        claims_with_a_check(&checked, &mut found);
        found.extend(orphans(located, &trials));
        found.extend(duplicates(located, &trials));
        unwritable(located, &checked, &mut found);
        let uncovered = uncovered(located, checked);
        let uncovered = unless_claimed(uncovered, &mut found);
        found.extend(uncovered);
    }
    found.sort_by(|a, b| (&a.path, a.line, a.code).cmp(&(&b.path, b.line, b.code)));
    found
}

/// The document's own faults: those that forbid writing are errors, the rest is doubtful.
fn document_findings(located: &Located) -> Vec<Diagnostic> {
    let forbids = readiness_checklist::Severity::FileError;
    located
        .checklist
        .diagnostics()
        .iter()
        .map(|found| {
            let code = if found.severity == forbids {
                Code::ChecklistDamaged
            } else {
                Code::ChecklistDoubtful
            };
            Diagnostic::of_document(code, &located.path, located.checklist.bytes(), found)
        })
        .collect()
}

/// What an assessment without any run says of statements, claims and the ledger.
fn statement_findings(located: &Located) -> Vec<Diagnostic> {
    let assessment = assess::assess(&Inputs {
        checklist: &located.checklist,
        path: &located.path,
        config: &located.config,
        ledger: &LedgerState::read(&located.ledger_path()),
        run: None,
        today: readiness::config::date::today(),
    });
    assessment.diagnostics
}

/// `[ids]` that name no item: the text they were derived from is gone.
fn unused_ids(located: &Located) -> Vec<Diagnostic> {
    let items = located.checklist.items();
    located
        .config
        .ids
        .iter()
        .filter(|(_, id)| items.iter().all(|item| item.id() != id.as_str()))
        .map(|(derived, id)| {
            let message = format!("[ids] \"{derived}\" names no item");
            Diagnostic::new(Code::ResultIdUnknown, located.config.name(), message)
                .about(id)
                .hint("the item's text or section changed; `cargo readiness list` prints what it derives now")
        })
        .collect()
}

/// Checks that answer to an id that no item has.
fn orphans(located: &Located, trials: &[&DescribedTrial]) -> Vec<Diagnostic> {
    trials
        .iter()
        .filter(|trial| located.checklist.item(&trial.id).is_none())
        .map(|trial| {
            let (path, line) = place(&trial.source);
            let message = format!(
                "no item of {} has this id; {} answers to it",
                shown(&located.path),
                trial.trial
            );
            let mut found = Diagnostic::new(Code::ResultIdUnknown, Path::new(path), message)
                .about(&trial.id)
                .hint(nearest_hint(&located.checklist, &trial.id));
            found.line = line;
            found
        })
        .collect()
}

/// `file:line`, taken apart.
fn place(source: &str) -> (&str, Option<usize>) {
    match source.rsplit_once(':') {
        Some((path, line)) => (path, line.parse().ok()),
        None => (source, None),
    }
}

fn duplicates(located: &Located, trials: &[&DescribedTrial]) -> Vec<Diagnostic> {
    let mut names: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for trial in trials {
        names.entry(&trial.trial).or_default().push(&trial.source);
    }
    names
        .into_iter()
        .filter(|(_, sources)| sources.len() > 1)
        .map(|(name, sources)| {
            let (path, line) = place(sources[0]);
            let message = format!(
                "{} checks are called {name} ({}): the result of one would pass for the other's",
                sources.len(),
                sources.join(", ")
            );
            let path = if path.is_empty() {
                located.path.as_path()
            } else {
                Path::new(path)
            };
            let mut found = Diagnostic::new(Code::CheckDuplicate, path, message)
                .hint("rename one of the functions");
            found.line = line;
            found
        })
        .collect()
}

/// Items that a check is bound to and whose status cannot be written: what is doubtful elsewhere is an
/// error here, before the run and not after it.
fn unwritable(located: &Located, checked: &BTreeSet<&str>, found: &mut Vec<Diagnostic>) {
    let (path, bytes) = (&located.path, located.checklist.bytes());
    let mut errors = Vec::new();
    for item in located.checklist.items() {
        let Some(why) = item.read_only().filter(|_| checked.contains(item.id())) else {
            continue;
        };
        let mut error = Diagnostic::of_document(Code::ItemNotWritten, path, bytes, why);
        error.line = Some(item.line());
        error.id = Some(item.id().to_owned());
        errors.push(error);
    }
    let places: BTreeSet<_> = errors
        .iter()
        .map(|error| (error.name(), error.line))
        .collect();
    found.retain(|other| {
        other.code != Code::ChecklistDoubtful || !places.contains(&(other.name(), other.line))
    });
    found.extend(errors);
}

/// What a claim needs that a check answers to is no other check: it has to run.
fn claims_with_a_check(checked: &BTreeSet<&str>, found: &mut [Diagnostic]) {
    for claim in found.iter_mut().filter(|f| f.code == Code::StatusClaimed) {
        if claim.id.as_deref().is_some_and(|id| checked.contains(id)) {
            claim.hint =
                "a check answers to it, and what it says counts: `cargo readiness run`".into();
        }
    }
}

/// A typed status with nothing behind it says already that nothing stands for its item: such an item is
/// reported once, with how it is put right.
fn unless_claimed(uncovered: Vec<Diagnostic>, found: &mut [Diagnostic]) -> Vec<Diagnostic> {
    let claims = found.iter_mut().filter(|f| f.code == Code::StatusClaimed);
    let mut claims: BTreeMap<Option<String>, Vec<&mut Diagnostic>> =
        claims.fold(BTreeMap::new(), |mut by_id, claim| {
            by_id.entry(claim.id.clone()).or_default().push(claim);
            by_id
        });
    let mut rest = Vec::new();
    for one in uncovered {
        match claims.get_mut(&one.id) {
            Some(claims) => claims
                .iter_mut()
                .for_each(|claim| claim.hint.clone_from(&one.hint)),
            None => rest.push(one),
        }
    }
    rest
}

fn uncovered<'a>(located: &'a Located, mut covered: BTreeSet<&'a str>) -> Vec<Diagnostic> {
    covered.extend(
        located
            .config
            .rules
            .statements()
            .map(|statement| statement.id.as_str()),
    );
    let mut seen = BTreeSet::new();
    located
        .checklist
        .items()
        .iter()
        .filter(|item| !covered.contains(item.id()) && seen.insert(item.id()))
        .map(|item| {
            let hint = match item.id_origin() {
                IdOrigin::Derived => {
                    "tag a check with this id, or attest it; the id changes with the text"
                }
                _ => "tag a check with this id, or attest it",
            };
            Diagnostic::new(
                Code::ItemUncovered,
                &located.path,
                format!("nothing stands for it: {}", cut(item.requirement())),
            )
            .at(item.line())
            .about(item.id())
            .hint(hint)
        })
        .collect()
}

fn summary(
    located: &Located,
    descriptions: Option<&[Description]>,
    findings: &[Diagnostic],
) -> String {
    let count = |severity| findings.iter().filter(|f| f.severity() == severity).count() as u64;
    let items: BTreeSet<_> = located
        .checklist
        .items()
        .iter()
        .map(readiness_checklist::Item::id)
        .collect();
    let coverage = descriptions.map_or_else(String::new, |descriptions| {
        let ids: BTreeSet<_> = descriptions
            .iter()
            .flat_map(|d| &d.trials)
            .map(|trial| trial.id.as_str())
            .filter(|id| items.contains(id))
            .collect();
        let trials: usize = descriptions.iter().map(|d| d.trials.len()).sum();
        let trials = plural(trials as u64, "trial");
        format!(", {} with a check ({trials})", ids.len())
    });
    format!(
        "{}: {}{coverage}; {}, {}",
        shown(&canonical(&located.path)),
        plural(located.checklist.items().len() as u64, "item"),
        plural(count(Severity::Error), "error"),
        plural(count(Severity::Warning), "warning"),
    )
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
