//! `cargo readiness explain ID`: everything that is known about one requirement, on one page.

use anyhow::bail;
use readiness::assess::{AssessedItem, Assessment, Outcome, gate, nearest_hint};
use readiness::config::Statement;
use readiness::journal::TrialRun;
use readiness::ledger::Entry;

use crate::cli::ExplainOptions;
use crate::codes::Exit;
use crate::commands::prove;
use crate::documents::{self, Document};
use crate::journals::{self, Run};
use crate::summary::{cut, word};
use crate::ui::Ui;
use crate::wording;
use crate::workspace::Workspace;

pub(crate) fn run(options: &ExplainOptions, ui: &mut Ui) -> anyhow::Result<Exit> {
    let workspace = Workspace::load()?;
    let run = journals::read(options.source.run.as_deref(), workspace.as_ref())?;
    let documents = documents::find(&options.source, run.as_ref(), workspace.as_ref())?;
    let mut found = false;
    for document in &documents {
        found |= explain(document, run.as_ref(), &options.id, ui);
    }
    if !found {
        let hints: Vec<_> = documents
            .iter()
            .map(|document| nearest_hint(&document.located.checklist, &options.id))
            .collect();
        bail!(
            "no item has the id `{}`\n  hint: {}",
            options.id,
            hints.join("; ")
        );
    }
    Ok(Exit::Met)
}

fn explain(document: &Document, run: Option<&Run>, id: &str, ui: &mut Ui) -> bool {
    let assessment = document.assess();
    let mut found = false;
    for item in assessment.items.iter().filter(|item| item.id == id) {
        found = true;
        about_item(document, item, ui);
        about_checks(run, item, ui);
        if let Some(entry) = document.ledger.entry(id) {
            ui.line(about_entry(entry));
        }
        for statement in document
            .located
            .config
            .rules
            .statements()
            .filter(|s| s.id == id)
        {
            ui.line(about_statement(statement));
        }
        ui.lines(changed_wording(document, item));
        for finding in assessment
            .diagnostics
            .iter()
            .filter(|d| d.id.as_deref() == Some(id))
        {
            ui.diagnostic(finding);
        }
        ui.lines(gate_rules(document, &assessment, id));
        ui.line(format!("to do: {}", advice(item)));
    }
    found
}

fn about_item(document: &Document, item: &AssessedItem, ui: &mut Ui) {
    let parsed = &document.located.checklist.items()[item.index];
    ui.line(format!("{}  {}", item.id, parsed.requirement()));
    ui.line(format!(
        "  {}:{}  {}",
        document.name(),
        item.line,
        parsed.section().join(" / ")
    ));
    ui.line(format!(
        "outcome: {} ({}){}",
        item.resolved.outcome,
        item.resolved.outcome.status(),
        item.resolved
            .reason
            .as_ref()
            .map_or_else(String::new, |reason| format!(": {reason}"))
    ));
    let standing = match item.standing {
        readiness::assess::Standing::Empty => "nobody claims anything",
        readiness::assess::Standing::Ours => "as we wrote it",
        readiness::assess::Standing::Claimed => "typed by a person, nothing behind it",
    };
    ui.line(format!(
        "document: {} ({standing}; {})",
        word(item.state),
        item.action.as_str()
    ));
    if let Some(test) = parsed.test() {
        ui.line(format!("the author on testing it: {}", cut(test)));
    }
    if let Some(priority) = &item.priority {
        ui.line(format!("priority: {}", cut(priority)));
    }
    ui.line(format!("text: sha256:{}", item.text));
}

fn about_checks(run: Option<&Run>, item: &AssessedItem, ui: &mut Ui) {
    let Some(run) = run else {
        return;
    };
    for trial in run
        .journals
        .trials()
        .values()
        .filter(|trial| trial.id == item.id)
    {
        ui.line(format!("check: {}  {}", trial.trial, trial.source));
        for line in about_trial(trial) {
            ui.line(line);
        }
    }
}

fn about_trial(trial: &TrialRun) -> Vec<String> {
    let Some(finished) = trial.finished() else {
        return vec![format!("  {:?}", trial.state)];
    };
    let outcome = serde_json::to_value(finished.outcome).unwrap_or_default();
    let mut lines = vec![format!(
        "  {} on {}, attempt {}, {} µs{}",
        outcome.as_str().unwrap_or_default(),
        finished.at,
        finished.attempt,
        finished.micros,
        finished
            .reason
            .as_ref()
            .map_or_else(String::new, |reason| format!(": {}", cut(reason)))
    )];
    for part in finished.parts.iter().filter(|part| !part.held) {
        let detail = part.detail.as_deref().unwrap_or_default();
        lines.push(format!("  does not hold: {} {}", part.name, cut(detail)));
    }
    lines.extend(finished.proof.iter().flat_map(prove::survivors));
    for evidence in &finished.evidence {
        lines.push(format!(
            "  saw {}: {}",
            evidence.observation,
            cut(&evidence.value.to_string())
        ));
    }
    lines
}

fn about_entry(entry: &Entry) -> String {
    format!(
        "ledger: {} ({}) of {}{}{}",
        entry.status,
        entry.outcome,
        entry.day,
        entry
            .run
            .as_ref()
            .map_or_else(String::new, |run| format!(", run {run}")),
        entry
            .target
            .as_ref()
            .map_or_else(String::new, |target| format!(", target {target}")),
    )
}

fn about_statement(statement: &Statement) -> String {
    let part = |words: &str, value: Option<String>| {
        value.map_or_else(String::new, |value| format!("{words}{value}"))
    };
    format!(
        "[[{}]] on line {}{}{}{}{}",
        statement.kind.table(),
        statement.line,
        part(", by ", statement.by.clone()),
        part(", made ", statement.on.map(|day| day.to_string())),
        part(", until ", statement.expires.map(|day| day.to_string())),
        part(": ", statement.reason.clone()),
    )
}

/// What changed since the wording that its pass or its latest statement is for.
fn changed_wording(document: &Document, item: &AssessedItem) -> Option<String> {
    let config = &document.located.config;
    let about = config
        .rules
        .statements()
        .filter(|statement| statement.id == item.id);
    let stated = about
        .max_by_key(|statement| statement.on)
        .and_then(|s| s.text.as_deref());
    let pass = document
        .ledger
        .entry(&item.id)
        .map(|entry| entry.text.as_str());
    let old = stated
        .into_iter()
        .chain(pass)
        .find(|text| *text != item.text)?;
    let parsed = &document.located.checklist.items()[item.index];
    let words = wording::difference(document, parsed, old);
    let words = words.unwrap_or_else(|| "the older wording is not in git".to_owned());
    Some(format!("wording since: {words}"))
}

/// The rules of the gate that do not hold because of it.
fn gate_rules(document: &Document, assessment: &Assessment, id: &str) -> Vec<String> {
    let located = &document.located;
    let gate = gate::judge(
        assessment,
        &located.config,
        located.checklist.minimum_score(),
    );
    let closes = |rule: &&gate::Rule| !rule.met && rule.ids.iter().any(|other| other == id);
    let rules = gate.rules.iter().filter(closes);
    rules
        .map(|rule| format!("closes the gate: {}", rule.words))
        .collect()
}

/// What would make it green.
pub(crate) fn advice(item: &AssessedItem) -> String {
    let id = &item.id;
    match item.resolved.outcome {
        Outcome::Passed => "nothing to do".to_owned(),
        Outcome::Attested => {
            "holds until the attestation expires; a check would hold longer".to_owned()
        }
        Outcome::NotApplicable => "out of the score, with its reason".to_owned(),
        Outcome::Failed => {
            "put right what the check found; until then a waiver makes it WARN".to_owned()
        }
        Outcome::Warned => "bring it below the soft limit, or make the check steady".to_owned(),
        Outcome::Vacuous => format!(
            "make the check look at what matters (`cargo readiness prove --explain {id}`), give it a \
             control, or excuse it with no_proof = \"reason\""
        ),
        Outcome::Stale => format!(
            "run its check again; if only the wording changed and it still holds, `cargo readiness ack {id}`"
        ),
        Outcome::Waived => "put right what is waived before the waiver expires".to_owned(),
        Outcome::NotVerified if item.trials.is_empty() => {
            format!("write a check, #[requirement(\"{id}\")], or `cargo readiness attest {id}`")
        }
        Outcome::NotVerified => {
            "give the check what it needs, as its reason says, and run it".to_owned()
        }
    }
}
