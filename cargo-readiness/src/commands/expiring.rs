//! `cargo readiness expiring`: statements that end soon, or have ended, for CI.

use anyhow::bail;
use readiness::config::{Statement, date};

use crate::cli::ExpiringOptions;
use crate::codes::Exit;
use crate::documents::{self, shown};
use crate::ui::Ui;
use crate::workspace::Workspace;

pub(crate) fn run(options: &ExpiringOptions, ui: &mut Ui) -> anyhow::Result<Exit> {
    let Some(within) = readiness::config::parse_days(&options.within) else {
        bail!("--within takes a number of days, as in 14d");
    };
    let today = date::today();
    let limit = date::days_after(today, within);
    let workspace = Workspace::load()?;
    let mut exit = Exit::Met;
    for document in documents::find(&options.source, None, workspace.as_ref())? {
        let config = &document.located.config;
        let mut ending: Vec<&Statement> = config
            .rules
            .statements()
            .filter(|statement| is_latest(statement, config.rules.statements()))
            .filter(|statement| matches!((statement.expires, limit), (Some(last), Some(limit)) if last <= limit))
            .collect();
        ending.sort_by_key(|statement| (statement.expires, statement.id.clone()));
        for statement in &ending {
            ui.line(told(statement, config.name(), today));
        }
        if ending.is_empty() {
            ui.line(format!(
                "{}: nothing ends within {within} days",
                document.name()
            ));
        } else {
            exit = Exit::NotMet;
        }
    }
    Ok(exit)
}

/// Earlier statements of the same kind about the same requirement are history.
fn is_latest<'a>(statement: &Statement, mut all: impl Iterator<Item = &'a Statement>) -> bool {
    all.all(|other| {
        (other.kind, &other.id) != (statement.kind, &statement.id) || other.on <= statement.on
    })
}

fn told(statement: &Statement, config: &std::path::Path, today: date::Day) -> String {
    let last = statement
        .expires
        .map(|last| last.to_string())
        .unwrap_or_default();
    let days = statement
        .expires
        .map_or(0, |last| date::days_between(today, last));
    let when = match days {
        ..0 => format!("ended on {last}"),
        0 => format!("ends today, {last}"),
        1 => format!("ends tomorrow, {last}"),
        days => format!("ends in {days} days, {last}"),
    };
    format!(
        "{}:{}: {}: [[{}]] {when}{}",
        shown(config),
        statement.line,
        statement.id,
        statement.kind.table(),
        statement
            .by
            .as_ref()
            .map_or_else(String::new, |by| format!(" ({by})")),
    )
}
