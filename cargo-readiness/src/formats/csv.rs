//! One line per item, for spreadsheets (RFC 4180, UTF-8, a line of headings first).
//!
//! ```text
//! id,section,requirement,status,outcome,strength,reason,line,owner,checks
//! A-2,Shop,It stops,FAIL,failed,,it runs on,8,,stopping::it
//! ```
//!
//! A cell that begins like a formula gets an apostrophe before it: the text may come from a target.

use anyhow::Context as _;

use super::escape::cell;
use super::model::{Item, Report};

const HEADINGS: [&str; 11] = [
    "id",
    "section",
    "requirement",
    "status",
    "outcome",
    "strength",
    "reason",
    "document",
    "line",
    "owner",
    "checks",
];

pub(crate) fn render(report: &Report) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    writer.write_record(HEADINGS)?;
    for item in &report.items {
        writer.write_record(line(report, item).iter().map(|text| cell(text)))?;
    }
    writer.into_inner().context("failed to write the table")
}

fn line(report: &Report, item: &Item) -> [String; 11] {
    let checks: Vec<_> = item.checks.iter().map(|c| c.trial.as_str()).collect();
    [
        item.id.clone(),
        report.sections[item.section].name(),
        item.requirement.clone(),
        item.status.to_owned(),
        item.outcome.as_str().to_owned(),
        item.strength.unwrap_or_default().to_owned(),
        item.reason.clone().unwrap_or_default(),
        report.document.clone(),
        item.line.to_string(),
        item.owner.clone().unwrap_or_default(),
        checks.join(" "),
    ]
}
