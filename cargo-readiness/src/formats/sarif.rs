//! SARIF 2.1.0, for code scanning: each requirement is a rule, each item a result at its line of
//! the document.
//!
//! | outcome | kind | level |
//! |---|---|---|
//! | failed | `fail` | `error` |
//! | warned, vacuous, stale, waived | `fail` | `warning` |
//! | not verified | `open` | `none` |
//! | not applicable | `notApplicable` | `none` |
//! | passed, attested | `pass` | `none` |
//!
//! What else was found (an unknown id, a claimed status, …) is a notification of the invocation. The
//! fingerprint of a result is the hash of the requirement's text, so that a moved row is the same.

use std::collections::BTreeMap;

use anyhow::Context as _;
use readiness::diagnostic::Severity;
use serde_json::{Value, json};

use super::escape::uri_path;
use super::model::{Finding, Item, Report};

/// The schema that the file says it follows.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(crate) fn render(report: &Report) -> anyhow::Result<Vec<u8>> {
    let notifications: BTreeMap<&str, &Finding> = report
        .findings
        .iter()
        .map(|finding| (finding.code, finding))
        .collect();
    let ids = rule_ids(report);
    let named = || report.items.iter().zip(&ids);
    let rules: Vec<_> = named().map(|(item, id)| rule(report, item, id)).collect();
    let results: Vec<_> = (named().enumerate())
        .map(|(index, (item, id))| result(report, index, item, id))
        .collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "readiness",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
                "notifications": notifications.values().map(|f| descriptor(f)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [invocation(report)],
            "results": results,
            "properties": properties(report),
        }],
    });
    let mut bytes = serde_json::to_vec_pretty(&log).context("failed to write the log")?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn properties(report: &Report) -> Value {
    let run = report.run.as_ref();
    json!({
        "title": report.title,
        "strength": report.strength,
        "score": report.score,
        "counts": report.counts,
        "gate": report.gate,
        "run": run.map(|run| &run.id),
        "target": run.and_then(|run| run.target.as_ref()),
        "commit": run.and_then(|run| run.commit.as_ref()),
    })
}

/// The name of each item's rule: its id. Two derived ids may be the same; such rules are told apart
/// by their lines.
fn rule_ids(report: &Report) -> Vec<String> {
    let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
    for item in &report.items {
        *uses.entry(&item.id).or_default() += 1;
    }
    let name = |item: &Item| match uses.get(item.id.as_str()) {
        Some(1) => item.id.clone(),
        _ => format!("{}/{}", item.id, item.line),
    };
    report.items.iter().map(name).collect()
}

fn rule(report: &Report, item: &Item, id: &str) -> Value {
    json!({
        "id": id,
        "shortDescription": { "text": filled(&item.requirement) },
        "properties": { "section": report.sections[item.section].name() },
    })
}

fn result(report: &Report, index: usize, item: &Item, id: &str) -> Value {
    let (kind, level) = match item.status {
        "FAIL" => ("fail", "error"),
        "WARN" => ("fail", "warning"),
        "PASS" => ("pass", "none"),
        _ if item.outcome.is_applicable() => ("open", "none"),
        _ => ("notApplicable", "none"),
    };
    json!({
        "ruleId": id,
        "ruleIndex": index,
        "kind": kind,
        "level": level,
        "message": { "text": item.why() },
        "locations": [location(&report.document, Some(item.line))],
        "partialFingerprints": { "requirementText/v1": item.text },
        "properties": {
            "requirement": item.id,
            "status": item.status,
            "outcome": item.outcome,
            "strength": item.strength,
            "checks": item.checks.iter().map(|check| &check.trial).collect::<Vec<_>>(),
        },
    })
}

/// A path outside the repository stays absolute; all others hang on the root of the sources.
fn location(path: &str, line: Option<usize>) -> Value {
    let artifact = match path.strip_prefix('/') {
        Some(_) => json!({ "uri": format!("file://{}", uri_path(path)) }),
        None => json!({ "uri": uri_path(path), "uriBaseId": "%SRCROOT%" }),
    };
    match line {
        Some(line) => json!({ "physicalLocation": {
            "artifactLocation": artifact,
            "region": { "startLine": line.max(1) },
        }}),
        None => json!({ "physicalLocation": { "artifactLocation": artifact } }),
    }
}

fn invocation(report: &Report) -> Value {
    let faults = report.run.iter().flat_map(|run| &run.faults);
    let mut notifications: Vec<_> = faults
        .map(|fault| json!({ "level": "error", "message": { "text": filled(fault) } }))
        .collect();
    let failed = !notifications.is_empty()
        || (report.findings.iter()).any(|finding| finding.severity == Severity::Error);
    notifications.extend(report.findings.iter().map(notification));
    json!({
        "executionSuccessful": !failed,
        "toolExecutionNotifications": notifications,
    })
}

fn descriptor(finding: &Finding) -> Value {
    json!({ "id": finding.code, "shortDescription": { "text": finding.description } })
}

fn notification(finding: &Finding) -> Value {
    let about = finding
        .id
        .as_ref()
        .map_or_else(String::new, |id| format!("{id}: "));
    let hint = match finding.hint.as_str() {
        "" => String::new(),
        hint => format!("\n{hint}"),
    };
    json!({
        "descriptor": { "id": finding.code },
        "level": match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        },
        "message": { "text": format!("{about}{}{hint}", finding.message) },
        "locations": [location(&finding.path, finding.line)],
    })
}

/// A message must not be empty.
fn filled(text: &str) -> &str {
    if text.is_empty() { "(no text)" } else { text }
}
