//! A list as text and as JSON.
//!
//! ```text
//! CHECKLIST.md: 2 of 121 items; target staging, run 2026-11-22T10-00-00Z-77
//!
//! Security / Headers
//!   PASS  HDR-001  proven    It denies sniffing  (line 14)
//!         HDR-001::headers::sniffing  tests/readiness.rs:8
//!   SKIP  HDR-003            It pins  (line 16)
//!         not verified: no check
//!         the author on testing it: `headers::pins`
//! ```

use anyhow::Context as _;
use readiness::describe::DescribedTrial;
use serde_json::{Value, json};

use super::Listed;
use crate::formats::model::{Item, Report};
use crate::summary::{cut, plural};
use crate::ui::Ui;

/// Version of the JSON list. A field that goes or changes its meaning makes a new one.
const VERSION: u32 = 1;

pub(super) fn text(listed: &[Listed], ui: &mut Ui) {
    for (number, list) in listed.iter().enumerate() {
        if number > 0 {
            ui.line("");
        }
        ui.line(head(list));
        let width = list.items().map(|item| item.id.chars().count()).max();
        let mut section = None;
        for item in list.items() {
            if section != Some(item.section) {
                section = Some(item.section);
                ui.line("");
                ui.line(list.report.sections[item.section].name());
            }
            ui.line(row(item, width.unwrap_or(0)));
            for line in below(item, list) {
                ui.line(format!("        {line}"));
            }
        }
    }
}

fn head(list: &Listed) -> String {
    let all = list.report.items.len();
    let count = match list.shown.len() {
        shown if shown == all => plural(all as u64, "item"),
        shown => format!("{shown} of {}", plural(all as u64, "item")),
    };
    format!(
        "{}: {count}; {}",
        list.report.document,
        provenance(&list.report)
    )
}

fn provenance(report: &Report) -> String {
    match &report.run {
        None => "no run yet".to_owned(),
        Some(run) => match &run.target {
            Some(target) => format!("target {target}, run {}", run.id),
            None => format!("run {}", run.id),
        },
    }
}

fn row(item: &Item, width: usize) -> String {
    format!(
        "  {:<4}  {:width$}  {:<8}  {}  (line {})",
        item.status,
        item.id,
        item.strength.unwrap_or_default(),
        cut(&item.requirement),
        item.line
    )
}

/// Why, who answers to it, and what its author says of testing it.
fn below(item: &Item, list: &Listed) -> Vec<String> {
    let mut lines = Vec::new();
    if item.status != "PASS" {
        lines.push(cut(&match &item.reason {
            Some(reason) => format!("{}: {reason}", item.outcome),
            None => item.outcome.to_string(),
        }));
    }
    if item.claimed {
        lines.push(format!(
            "the document says {}, and nothing stands behind it",
            item.stated
        ));
    }
    for check in checks(item, list) {
        let excused = check.excused.map_or_else(String::new, |why| {
            format!("  excused from proof: {}", cut(why))
        });
        lines.push(format!("{}  {}{excused}", check.trial, check.source));
    }
    if let Some(test) = &item.test {
        lines.push(format!("the author on testing it: {}", cut(test)));
    }
    lines
}

/// A check of an item, registered or of the run.
struct Answers<'a> {
    trial: &'a str,
    source: &'a str,
    excused: Option<&'a str>,
    /// What it came to in the run.
    result: Option<&'static str>,
}

/// The checks that are registered, where that was asked; else, those of the run. What is imported is
/// in the run alone.
fn checks<'a>(item: &'a Item, list: &'a Listed) -> Vec<Answers<'a>> {
    let of_run = |trial: &str| item.checks.iter().find(|check| check.trial == trial);
    let registered: &[DescribedTrial] = list
        .registered
        .as_ref()
        .and_then(|registered| registered.get(&item.id))
        .map_or(&[], Vec::as_slice);
    let mut checks: Vec<_> = registered
        .iter()
        .map(|trial| Answers {
            trial: &trial.trial,
            source: &trial.source,
            excused: trial.no_proof.as_deref(),
            result: of_run(&trial.trial).map(|check| check.result),
        })
        .collect();
    let known = |trial: &str| registered.iter().any(|known| known.trial == trial);
    let rest = item.checks.iter().filter(|check| !known(&check.trial));
    checks.extend(rest.map(|check| Answers {
        trial: &check.trial,
        source: &check.source,
        excused: None,
        result: Some(check.result),
    }));
    checks
}

pub(super) fn json(listed: &[Listed], ui: &mut Ui) -> anyhow::Result<()> {
    let documents: Vec<_> = listed.iter().map(document).collect();
    let list = json!({"format": "readiness-list", "version": VERSION, "documents": documents});
    let mut bytes = serde_json::to_vec_pretty(&list).context("failed to write the list")?;
    bytes.push(b'\n');
    ui.raw(&bytes);
    Ok(())
}

fn document(list: &Listed) -> Value {
    let report = &list.report;
    json!({
        "document": report.document,
        "title": report.title,
        "run": report.run.as_ref().map(|run| &run.id),
        "target": report.run.as_ref().and_then(|run| run.target.as_ref()),
        "total": report.items.len(),
        "items": list.items().map(|item| entry(item, list)).collect::<Vec<_>>(),
    })
}

fn entry(item: &Item, list: &Listed) -> Value {
    let checks = checks(item, list);
    let checks = checks.iter().map(|check| {
        json!({
            "trial": check.trial, "source": check.source, "result": check.result,
            "excused": check.excused,
        })
    });
    json!({
        "id": item.id, "requirement": item.requirement,
        "section": list.report.sections[item.section].path, "line": item.line,
        "status": item.status, "outcome": item.outcome, "reason": item.reason,
        "strength": item.strength, "stated": item.stated, "claimed": item.claimed,
        "test": item.test, "owner": item.owner, "priority": item.priority,
        "checks": checks.collect::<Vec<_>>(),
    })
}
