//! For GitHub Actions: a summary of the step in markdown, and annotations at the lines of the
//! document.
//!
//! ```text
//! ::error file=CHECKLIST.md,line=8,title=A-2 FAIL::It stops: it runs on
//! ```
//!
//! GitHub shows ten annotations of a kind per step and takes 1 MiB of summary: both are kept to,
//! and what is left out is counted.

use std::fmt::Write as _;

use readiness::diagnostic::Severity;

use super::escape::{command_message, command_property, markdown};
use super::model::{Decision, Finding, Item, Report};
use crate::summary::cut;

/// What GitHub shows of each kind.
const MOST_ANNOTATIONS: usize = 10;

/// Rows of one table; with reasons cut to a line this stays far below 1 MiB.
const MOST_ROWS: usize = 500;

/// The step's summary.
pub(crate) fn summary(report: &Report) -> Vec<u8> {
    let mut page = String::new();
    let sign = match report.gate.decision {
        Decision::Met => "✅",
        Decision::NotMet => "❌",
        Decision::Demonstration => "⏸️",
    };
    let title = markdown(&report.title);
    // Writing to a string cannot fail, here and below.
    let _ = writeln!(page, "## {sign} {title}: {}\n", report.gate.words);
    let _ = writeln!(page, "**Score {}**\n", report.score.words);
    let _ = writeln!(page, "{}\n", markdown(&report.strength));
    if let Some(run) = &report.run {
        let target = run.target.as_deref().unwrap_or("no target configured");
        let part = if run.partial {
            ", a part of the checks"
        } else {
            ""
        };
        let _ = writeln!(
            page,
            "Target {}, run {}{part}\n",
            markdown(target),
            markdown(&run.id)
        );
        for fault in &run.faults {
            let _ = writeln!(page, "- the run itself failed: {}", markdown(&cut(fault)));
        }
    }
    rules(report, &mut page);
    items(report, &mut page);
    sections(report, &mut page);
    page.into_bytes()
}

fn rules(report: &Report, page: &mut String) {
    page.push_str("| | Gate |\n|---|---|\n");
    for rule in &report.gate.rules {
        let sign = if rule.met { "✅ holds" } else { "❌ fails" };
        let _ = writeln!(page, "| {sign} | {} |", markdown(&rule.words));
    }
    page.push('\n');
}

fn items(report: &Report, page: &mut String) {
    let attention = report.attention();
    if attention.is_empty() {
        return;
    }
    page.push_str("| Status | Id | Requirement | Reason |\n|---|---|---|---|\n");
    for item in attention.iter().take(MOST_ROWS) {
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} |",
            item.status,
            markdown(&item.id),
            markdown(&cut(&item.requirement)),
            markdown(&cut(&said(item)))
        );
    }
    if attention.len() > MOST_ROWS {
        let _ = writeln!(page, "\n… and {} more", attention.len() - MOST_ROWS);
    }
    page.push('\n');
}

fn sections(report: &Report, page: &mut String) {
    page.push_str(
        "<details><summary>Sections</summary>\n\n| Section | Score | Pass | Warn | Fail | Not verified | Not applicable |\n|---|--:|--:|--:|--:|--:|--:|\n",
    );
    for section in report.sections.iter().take(MOST_ROWS) {
        let counts = &section.counts;
        let of = |outcome: &str| counts.outcomes.get(outcome).copied().unwrap_or(0);
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} | {} |",
            markdown(&cut(&section.name())),
            section.score.words,
            counts.pass,
            counts.warn,
            counts.fail,
            of("not-verified"),
            of("not-applicable"),
        );
    }
    page.push_str("\n</details>\n");
}

/// The annotations, one a line: failures as errors, warnings as warnings, then what else was found.
pub(crate) fn annotations(report: &Report) -> Vec<u8> {
    let mut errors = Vec::new();
    let mut warnings = Vec::new();
    for item in report.attention() {
        let line = command(report, item);
        if item.status == "FAIL" {
            errors.push(format!("::error {line}"));
        } else {
            warnings.push(format!("::warning {line}"));
        }
    }
    for finding in &report.findings {
        match finding.severity {
            Severity::Error => errors.push(format!("::error {}", found(finding))),
            Severity::Warning => warnings.push(format!("::warning {}", found(finding))),
            Severity::Note => {}
        }
    }
    let mut page = String::new();
    for (mut lines, word) in [(errors, "error"), (warnings, "warning")] {
        if lines.len() > MOST_ANNOTATIONS {
            let left = lines.len() - (MOST_ANNOTATIONS - 1);
            lines.truncate(MOST_ANNOTATIONS - 1);
            lines.push(format!(
                "::{word} title=readiness::and {left} more of this kind"
            ));
        }
        for line in lines {
            page.push_str(&line);
            page.push('\n');
        }
    }
    page.into_bytes()
}

fn command(report: &Report, item: &Item) -> String {
    format!(
        "file={},line={},title={}::{}",
        command_property(&report.document),
        item.line,
        command_property(&format!("{} {}", item.id, item.status)),
        command_message(&cut(&format!("{}: {}", item.requirement, said(item))))
    )
}

fn found(finding: &Finding) -> String {
    let line = finding
        .line
        .map_or_else(String::new, |line| format!(",line={line}"));
    let hint = match finding.hint.as_str() {
        "" => String::new(),
        hint => format!("\nhint: {hint}"),
    };
    let about = finding
        .id
        .as_ref()
        .map_or_else(String::new, |id| format!("{id}: "));
    format!(
        "file={}{line},title={}::{}",
        command_property(&finding.path),
        command_property(finding.code),
        command_message(&format!("{about}{}{hint}", finding.message))
    )
}

/// The reason with the kind of warning before it.
fn said(item: &Item) -> String {
    use readiness::assess::Outcome;
    match item.outcome {
        kind @ (Outcome::Vacuous | Outcome::Stale | Outcome::Waived) => {
            format!("{kind}: {}", item.why())
        }
        _ => item.why().to_owned(),
    }
}
