//! From an assessment, with the journals, the configuration and the ledger behind it, to the plain
//! data that every format reads ([`super::model`]).
//!
//! Paths become relative to the root of the repository, so that two machines write the same bytes.
//! Nothing here looks at a clock: the day of judging is the caller's. Secrets that this machine knows
//! are masked before any format sees them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use readiness::Redactor;
use readiness::assess::{
    Action, AssessedItem, Assessment, Counts, Gate, Outcome, TrialResult, TrialSummary, gate,
};
use readiness::config::Statement;
use readiness::diagnostic::{Code, Diagnostic};
use readiness::journal::{Attempt, TrialRun};
use readiness::ledger::Entry;
use readiness::signoff::{SignOff, Standing};
use readiness_checklist::Status;

use super::mask;
use super::model::{
    AttemptView, Check, CountsView, Decision, Finding, GateView, Item, LedgerView, Report,
    RuleView, RunView, Section, SignOffView, StatementView, VERSION,
};
use super::trend;
use crate::commands::explain::advice;
use crate::documents::Document;
use crate::history::History;
use crate::summary;

/// Collects what is known of a document.
pub(crate) fn view(
    document: &Document,
    assessment: &Assessment,
    gate: &Gate,
    history: &History,
    today: Date,
) -> Report {
    let root = root_of(&document.located.path);
    let checklist = &document.located.checklist;
    let shown = relative(&root, &document.located.path);
    let (sections, mut items) = items(document, assessment, today);
    let redactor = Redactor::of_environment(&document.located.config.prove.redact);
    let minimum = gate::minimum(&document.located.config, checklist.minimum_score());
    let (trend, mut histories) = trend::collect(history, assessment, minimum, &redactor);
    for item in &mut items {
        item.history = histories.remove(&item.id);
    }
    let mut report = Report {
        format: "readiness-report",
        version: VERSION,
        title: checklist.title().unwrap_or(&shown).to_owned(),
        document: shown,
        day: assessment.day.to_string(),
        run: run(assessment),
        strength: assessment.counts.strength(),
        counts: counts(&assessment.counts),
        score: assessment.score().into(),
        gate: decision(gate),
        trend,
        alterations: assessment.noticed().into(),
        sections,
        items,
        sign_offs: assessment.sign_offs.iter().map(sign_off).collect(),
        findings: findings(document, assessment, &root),
    };
    mask::report(&mut report, &redactor);
    report
}

/// The nearest folder above that is a repository, else the folder of the document.
fn root_of(document: &Path) -> PathBuf {
    let path = crate::journals::canonical(document);
    let repository = path.ancestors().skip(1).find(|dir| {
        // A file in a linked worktree, a folder elsewhere.
        dir.join(".git").exists()
    });
    let folder = path.parent().unwrap_or(Path::new(""));
    repository.unwrap_or(folder).to_path_buf()
}

fn relative(root: &Path, path: &Path) -> String {
    let absolute = crate::journals::canonical(path);
    let below = absolute.strip_prefix(root).unwrap_or(&absolute);
    let parts: Vec<_> = below
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    parts.join("/")
}

fn run(assessment: &Assessment) -> Option<RunView> {
    let run = assessment.run.as_ref()?;
    let target = run.target.as_ref();
    Some(RunView {
        id: run.run.clone(),
        target: target.map(|target| target.name.clone()),
        target_kind: target.map(|target| target.kind.clone()),
        target_version: target.and_then(|target| target.version.clone()),
        commit: run.commit.clone(),
        partial: run.partial,
        faults: assessment.faults.clone(),
    })
}

fn counts(counts: &Counts) -> CountsView {
    let tally = counts.tally();
    let strengths = [
        ("proven", counts.proven),
        ("excused", counts.excused),
        ("imported", counts.imported),
    ];
    CountsView {
        total: counts.total(),
        pass: tally.pass,
        warn: tally.warn,
        fail: tally.fail,
        skip: tally.skip,
        outcomes: Outcome::ALL
            .into_iter()
            .map(|outcome| (outcome.as_str(), counts.of(outcome)))
            .collect(),
        strengths: strengths.into_iter().collect(),
        claimed: counts.claimed,
    }
}

fn decision(gate: &Gate) -> GateView {
    let decision = match (gate.demonstration, gate.met) {
        (true, _) => Decision::Demonstration,
        (false, true) => Decision::Met,
        (false, false) => Decision::NotMet,
    };
    GateView {
        decision,
        words: summary::decision(gate).to_owned(),
        rules: gate
            .rules
            .iter()
            .map(|rule| RuleView {
                met: rule.met,
                words: rule.words.clone(),
                ids: rule.ids.clone(),
                fix: rule.fix.clone(),
            })
            .collect(),
    }
}

fn items(document: &Document, assessment: &Assessment, today: Date) -> (Vec<Section>, Vec<Item>) {
    let checklist = &document.located.checklist;
    let trials = document
        .journals
        .as_ref()
        .map(readiness::journal::MergedRun::trials)
        .unwrap_or_default();
    let mut statements: BTreeMap<&str, Vec<StatementView>> = BTreeMap::new();
    for statement in document.located.config.rules.statements() {
        let of = statements.entry(statement.id.as_str()).or_default();
        of.push(stated(statement, today));
    }
    let mut places: BTreeMap<&[String], usize> = BTreeMap::new();
    let mut sections: Vec<(Vec<String>, Counts)> = Vec::new();
    let mut items = Vec::with_capacity(assessment.items.len());
    for assessed in &assessment.items {
        let path = checklist.items()[assessed.index].section();
        let section = *places.entry(path).or_insert_with(|| {
            sections.push((path.to_vec(), Counts::default()));
            sections.len() - 1
        });
        sections[section].1.add(assessed);
        let mut item = item(document, assessment, assessed, &trials);
        item.section = section;
        item.statements = statements
            .get(item.id.as_str())
            .cloned()
            .unwrap_or_default();
        items.push(item);
    }
    let sections = sections.into_iter().map(|(path, sum)| Section {
        path,
        score: sum.score().into(),
        counts: counts(&sum),
    });
    (sections.collect(), items)
}

fn item(
    document: &Document,
    assessment: &Assessment,
    assessed: &AssessedItem,
    trials: &BTreeMap<String, TrialRun>,
) -> Item {
    let parsed = &document.located.checklist.items()[assessed.index];
    let own = |text: Option<&str>| text.map(str::to_owned).filter(|text| !text.is_empty());
    let outcome = assessed.resolved.outcome;
    let strength = match (outcome, &assessed.strength) {
        (Outcome::Attested, _) => Some("attested"),
        (_, strength) => strength.as_ref().map(readiness::assess::Strength::as_str),
    };
    let run = assessment.run.as_ref();
    Item {
        id: assessed.id.clone(),
        requirement: parsed.requirement().to_owned(),
        section: 0,
        line: assessed.line,
        status: word(outcome.status()),
        outcome,
        base: assessed.base,
        reason: assessed.resolved.reason.clone(),
        strength,
        carried: assessed.carried,
        claimed: assessed.action == Action::UntouchedClaim,
        stated: summary::word(assessed.state),
        text: assessed.text.clone(),
        test: own(parsed.test()),
        notes: own(parsed.notes()),
        owner: own(parsed.owner()),
        priority: own(parsed.priority()),
        advice: advice(assessed),
        checks: assessed
            .trials
            .iter()
            .filter_map(|&index| run.and_then(|run| run.trials.get(index)))
            .map(|summed| check(summed, trials.get(&summed.trial)))
            .collect(),
        statements: Vec::new(),
        history: None,
        ledger: document.ledger.entry(&assessed.id).map(written),
    }
}

fn check(summed: &TrialSummary, trial: Option<&TrialRun>) -> Check {
    let (result, reason) = said(&summed.result);
    let finished = trial.and_then(TrialRun::finished);
    Check {
        trial: summed.trial.clone(),
        source: summed.source.clone(),
        result,
        reason: reason.map(str::to_owned),
        attempts: trial
            .iter()
            .flat_map(|trial| &trial.attempts)
            .map(attempt)
            .collect(),
        parts: finished.map_or_else(Vec::new, |finished| finished.parts.clone()),
        proof: finished.and_then(|finished| finished.proof.clone()),
        evidence: finished.map_or_else(Vec::new, |finished| finished.evidence.clone()),
    }
}

fn said(result: &TrialResult) -> (&'static str, Option<&str>) {
    match result {
        TrialResult::Failed(reason) => ("failed", Some(reason)),
        TrialResult::Warned(reason) => ("warned", Some(reason)),
        TrialResult::Vacuous(reason) => ("vacuous", Some(reason)),
        TrialResult::Passed(_) => ("passed", None),
        TrialResult::NotApplicable(reason) => ("not-applicable", Some(reason)),
        TrialResult::NotVerified(reason) => ("not-verified", Some(reason)),
        TrialResult::NotSelected => ("not-selected", None),
    }
}

fn attempt(attempt: &Attempt) -> AttemptView {
    let finished = attempt.finished.as_deref();
    let outcome = finished.and_then(|finished| {
        let word = serde_json::to_value(finished.outcome).ok()?;
        word.as_str().map(str::to_owned)
    });
    AttemptView {
        attempt: attempt.attempt,
        outcome: outcome.unwrap_or_else(|| "unfinished".to_owned()),
        reason: finished.and_then(|finished| finished.reason.clone()),
        at: finished.map(|finished| finished.at.clone()),
        micros: finished.map(|finished| finished.micros),
    }
}

fn stated(statement: &Statement, today: Date) -> StatementView {
    StatementView {
        kind: statement.kind,
        by: statement.by.clone(),
        on: statement.on.map(|day| day.to_string()),
        expires: statement.expires.map(|day| day.to_string()),
        reason: statement.reason.clone(),
        evidence: statement.evidence.clone(),
        in_date: statement.in_date(today),
        line: statement.line,
    }
}

fn written(entry: &Entry) -> LedgerView {
    LedgerView {
        status: word(entry.status),
        outcome: entry.outcome,
        day: entry.day.to_string(),
        run: entry.run.clone(),
        target: entry.target.clone(),
        commit: entry.commit.clone(),
    }
}

fn sign_off(sign_off: &SignOff) -> SignOffView {
    let (standing, signer, at, reasons) = match &sign_off.standing {
        Standing::Unsigned if sign_off.is_claimed() => ("claimed", None, None, Vec::new()),
        Standing::Unsigned => ("unsigned", None, None, Vec::new()),
        Standing::Holds { signer, at, .. } => ("holds", Some(signer), Some(at), Vec::new()),
        Standing::Changed {
            signer,
            at,
            changes,
        } => ("changed", Some(signer), Some(at), changes.clone()),
        Standing::Refused { why } => ("refused", None, None, vec![why.clone()]),
    };
    SignOffView {
        role: sign_off.role.clone(),
        standing,
        signer: signer.cloned(),
        at: at.cloned(),
        reasons,
        line: sign_off.line,
    }
}

fn word(status: Status) -> &'static str {
    status.as_str()
}

/// Everything that was found, the file's own faults first. What is said of a run as a whole is with
/// the run.
fn findings(document: &Document, assessment: &Assessment, root: &Path) -> Vec<Finding> {
    let own = document.located.file_errors();
    let all = own.iter().chain(&assessment.diagnostics);
    all.map(|found| finding(found, root)).collect()
}

fn finding(found: &Diagnostic, root: &Path) -> Finding {
    let code: Code = found.code;
    Finding {
        code: code.as_str(),
        description: code.description(),
        severity: found.severity(),
        path: relative(root, &found.path),
        line: found.line,
        id: found.id.clone(),
        message: found.message.clone(),
        hint: found.hint.to_string(),
    }
}
