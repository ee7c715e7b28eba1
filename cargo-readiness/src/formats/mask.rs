//! The last net for secrets before a report leaves the process: what came from runs and people is
//! masked once, in the model, so that no format can forget it.
//!
//! Journals are masked when they are written; this catches what only the reporting machine knows to
//! be secret, and statements, which no journal carries. The document's own text is left as it is: it
//! is what its author published, and the trend is masked where names are cut ([`super::trend`]): half a
//! secret would pass here.

use readiness::Redactor;
use readiness::journal::record::{Evidence, MutantRecord, Proof};

use super::model::{Check, Report, StatementView};

/// Masks everything in a report that is not the document's own.
pub(super) fn report(report: &mut Report, redactor: &Redactor) {
    let text = |text: &mut String| *text = redactor.text(text);
    for fault in report.run.iter_mut().flat_map(|run| &mut run.faults) {
        text(fault);
    }
    for rule in &mut report.gate.rules {
        text(&mut rule.words);
        text(&mut rule.fix);
    }
    for finding in &mut report.findings {
        text(&mut finding.message);
        text(&mut finding.hint);
    }
    for item in &mut report.items {
        item.reason.iter_mut().for_each(text);
        for statement in &mut item.statements {
            of_statement(statement, redactor);
        }
        for check in &mut item.checks {
            of_check(check, redactor);
        }
    }
}

fn of_statement(statement: &mut StatementView, redactor: &Redactor) {
    // Who made it is an address more often than not, and meant to be read.
    let parts = [&mut statement.reason, &mut statement.evidence];
    for text in parts.into_iter().flatten() {
        *text = redactor.text(text);
    }
}

fn of_check(check: &mut Check, redactor: &Redactor) {
    let text = |text: &mut String| *text = redactor.text(text);
    check.reason.iter_mut().for_each(text);
    for attempt in &mut check.attempts {
        attempt.reason.iter_mut().for_each(text);
    }
    for part in &mut check.parts {
        text(&mut part.name);
        part.detail.iter_mut().for_each(text);
    }
    if let Some(proof) = &mut check.proof {
        of_proof(proof, redactor);
    }
    for evidence in &mut check.evidence {
        of_evidence(evidence, redactor);
    }
}

fn of_proof(proof: &mut Proof, redactor: &Redactor) {
    let text = |text: &mut String| *text = redactor.text(text);
    proof.reason.iter_mut().for_each(text);
    for mutant in &mut proof.mutants {
        let MutantRecord {
            observation,
            words,
            reason,
            change,
            ..
        } = mutant;
        text(observation);
        text(words);
        reason.iter_mut().for_each(text);
        if let Some(change) = change {
            change.was.iter_mut().for_each(text);
            change.now.iter_mut().for_each(text);
        }
    }
}

fn of_evidence(evidence: &mut Evidence, redactor: &Redactor) {
    evidence.observation = redactor.text(&evidence.observation);
    evidence.value = redactor.json(std::mem::take(&mut evidence.value));
}
