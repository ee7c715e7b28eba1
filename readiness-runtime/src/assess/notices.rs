//! What an assessment says besides its outcomes: about the ledger, about statuses that somebody typed,
//! and about statements of people.

use std::borrow::Cow;

use readiness_checklist::State;

use super::statements::Note;
use super::write_rules::{self, Action};
use super::{AssessedItem, Inputs};
use crate::diagnostic::{Code, Diagnostic};
use crate::ledger::LedgerState;

/// The most characters of a document that a message quotes.
const LONGEST_QUOTE: usize = 80;

pub(super) fn ledger_notice(inputs: &Inputs<'_>) -> Option<Diagnostic> {
    let path = inputs.path.with_file_name(crate::ledger::FILE_NAME);
    match inputs.ledger {
        LedgerState::Present(_) => None,
        LedgerState::Broken { line, reason } => {
            let mut found = Diagnostic::new(
                Code::LedgerBroken,
                &path,
                format!("{reason}; every status of the document is taken as claimed"),
            )
            .hint("restore it from version control, or run everything once");
            found.line = *line;
            Some(found)
        }
        LedgerState::Absent => {
            let typed = inputs
                .checklist
                .items()
                .iter()
                .filter(|item| write_rules::stated(item) != State::NotRun)
                .count();
            (typed > 0).then(|| {
                Diagnostic::new(
                    Code::LedgerAbsent,
                    &path,
                    match typed {
                        1 => "there is no ledger; the status of 1 item is taken as claimed"
                            .to_owned(),
                        n => format!(
                            "there is no ledger; the statuses of {n} items are taken as claimed"
                        ),
                    },
                )
                .hint("a run writes it; commit it beside the checklist")
            })
        }
    }
}

/// A text of the document as a message quotes it: cells may hold megabytes.
fn quoted(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(LONGEST_QUOTE) {
        Some((at, _)) => format!("{}…", &text[..at]).into(),
        None => text.into(),
    }
}

pub(super) fn claim_notice(inputs: &Inputs<'_>, item: &AssessedItem) -> Option<Diagnostic> {
    let stated = quoted(inputs.checklist.items()[item.index].state_text());
    let (code, message) = match item.action {
        // What says nothing that is known is reported as that.
        Action::UntouchedClaim if item.state == State::Unknown => return None,
        Action::UntouchedClaim => (
            Code::StatusClaimed,
            format!("`{stated}` is typed, and nothing stands behind it: not counted"),
        ),
        Action::WriteOverClaim
            if !write_rules::shows(
                item.state,
                inputs.checklist.items()[item.index].shape(),
                item.resolved.outcome.status(),
            ) =>
        {
            (
                Code::StatusDisagrees,
                format!(
                    "`{stated}` was typed; {} is written: {}",
                    item.resolved.outcome.status(),
                    item.resolved.reason.as_deref().unwrap_or("passed")
                ),
            )
        }
        _ => return None,
    };
    let hint = match code {
        Code::StatusClaimed => "tag a check with this id, or attest it",
        _ => "",
    };
    Some(
        Diagnostic::new(code, inputs.path, message)
            .at(item.line)
            .about(&item.id)
            .hint(hint),
    )
}

/// A finding of [`statements::apply`], with its place.
pub(super) fn about(inputs: &Inputs<'_>, item: &AssessedItem, note: &Note<'_>) -> Diagnostic {
    let table = note.statement.kind.table();
    let (message, hint) = match note.code {
        Code::StatementUnneeded => (
            format!("[[{table}]] changes nothing: {}", note.why),
            "delete it",
        ),
        Code::AttestationContradicted => (
            format!("attested, but a check says {}; the check counts", item.base),
            "put the cause right, or waive it with a reason and an expiry",
        ),
        _ => (
            format!("excluded by [[{table}]], but a check says {}", item.base),
            "look at the failure, or delete the exclusion",
        ),
    };
    Diagnostic::new(note.code, inputs.config.name(), message)
        .at(note.statement.line)
        .about(&item.id)
        .hint(hint)
}
