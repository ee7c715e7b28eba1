//! `cargo readiness ack ID`: what was stated, or passed, for an older wording of a requirement still
//! holds for the one of now. One requirement at a time, with what changed before one's eyes.

use anyhow::bail;
use readiness::assess::Outcome;
use readiness::config::Config;
use readiness::document::{WriteLock, write_atomically};
use readiness::ledger::{Entry, Ledger, LedgerState};

use crate::ask::{Unasked, agreed};
use crate::cli::AckOptions;
use crate::codes::Exit;
use crate::commands::people;
use crate::documents::{Document, shown};
use crate::statements::Change;
use crate::ui::Ui;
use crate::wording;

/// What is for another wording.
struct Behind {
    /// The hash of the latest one.
    old: String,
    /// Statements in the configuration.
    stated: bool,
    /// A pass in the ledger.
    passed: bool,
}

pub(crate) fn run(options: &AckOptions, ui: &mut Ui) -> anyhow::Result<Exit> {
    let id = &options.id;
    let document = people::the_document_of(id, &options.place)?;
    let new = people::hash(&document, id)?;
    let Some(behind) = behind(&document, id, &new) else {
        bail!("nothing that is stated or passed for `{id}` is for another wording");
    };
    let path = people::config_path(&document);
    let change = Change::SetText {
        id: id.clone(),
        text: new.clone(),
    };
    if let Some(item) = document.located.checklist.item(id) {
        let words = wording::difference(&document, item, &behind.old);
        let known = words.is_some();
        ui.line(format!(
            "{id}: {}",
            words.as_deref().unwrap_or(item.normalized_text())
        ));
        if !known {
            ui.line("  (the older wording is not in the document's history in git)");
        }
    }
    let before = document.assess();
    let (checklist, ledger_path) = (
        document.located.path.clone(),
        document.located.ledger_path(),
    );
    let mut renewed = document;
    if behind.passed {
        renewed.ledger = LedgerState::Present(with_text(&renewed.ledger, id, &new));
    }
    if behind.stated {
        let text = change.apply(&std::fs::read_to_string(&path)?, &path)?;
        renewed.located.config =
            Config::parse(&path, &text).map_err(readiness::document::DocumentError)?;
    }
    people::show(id, &before, &renewed.assess(), ui);
    if options.place.dry_run {
        ui.line("nothing written (--dry-run)");
        return Ok(Exit::Met);
    }
    ui.flush();
    if !agreed(
        options.place.yes,
        Unasked::GoOn,
        "does it still hold? [y/N] ",
    )? {
        ui.line("nothing written");
        return Ok(Exit::Met);
    }
    if behind.passed {
        let _alone = WriteLock::acquire(&checklist)?;
        let ledger = with_text(&LedgerState::read(&ledger_path), id, &new);
        write_atomically(&ledger_path, ledger.to_text().as_bytes())?;
        ui.line(format!("written: {}", shown(&ledger_path)));
    }
    if behind.stated {
        people::write(&checklist, &path, "", &change)?;
        ui.line(format!("written: {}", shown(&path)));
    }
    Ok(Exit::Met)
}

fn behind(document: &Document, id: &str, new: &str) -> Option<Behind> {
    let about = || {
        document
            .located
            .config
            .rules
            .statements()
            .filter(|s| s.id == id)
    };
    // An attestation that does not say which text it is for is given one as well.
    let stated = about().any(|statement| match &statement.text {
        Some(text) => text != new,
        None => statement.kind == readiness::config::StatementKind::Attestation,
    });
    let entry = document
        .ledger
        .entry(id)
        .filter(|entry| entry.text != new && is_pass(entry));
    let latest = about()
        .filter(|statement| statement.text.as_deref().is_some_and(|text| text != new))
        .max_by_key(|statement| statement.on)
        .and_then(|statement| statement.text.clone());
    let old = latest
        .or_else(|| entry.map(|entry| entry.text.clone()))
        .unwrap_or_default();
    (stated || entry.is_some()).then_some(Behind {
        old,
        stated,
        passed: entry.is_some(),
    })
}

/// A pass of a check, whatever statements made of it since. An attestation's entry follows the
/// attestation.
fn is_pass(entry: &Entry) -> bool {
    matches!(
        entry.base.unwrap_or(entry.outcome),
        Outcome::Passed | Outcome::Stale
    )
}

fn with_text(ledger: &LedgerState, id: &str, text: &str) -> Ledger {
    let mut ledger = match ledger {
        LedgerState::Present(ledger) => ledger.clone(),
        LedgerState::Absent | LedgerState::Broken { .. } => Ledger::default(),
    };
    if let Some(entry) = ledger.entries.get_mut(id) {
        text.clone_into(&mut entry.text);
        // Whatever else made it stale, its age or its target, is found again by itself.
        let was_stale = |outcome: Outcome| outcome == Outcome::Stale;
        if entry.base.is_some_and(was_stale) {
            entry.base = Some(Outcome::Passed);
        } else if was_stale(entry.outcome) {
            entry.outcome = Outcome::Passed;
        }
    }
    ledger
}
