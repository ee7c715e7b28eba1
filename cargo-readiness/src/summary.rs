//! An assessment in words: strength first, then what needs attention, reddest first, then what is
//! not verified and why, then the score and the gate. Pure: lines out, printed by [`crate::ui`].
//!
//! ```text
//! suites/kamiyo/CHECKLIST.md: 20 pass (19 proven able to fail, 1 attested), 1 warn, 1 fail, 99 not verified
//! target reference (embedded), run 2026-11-22T10-00-00Z-77
//!
//! FAIL  HDR-002  X-Frame-Options is absent
//! WARN  COR-003  vacuous: still passes when the reply is 500
//!
//! not verified: 99
//!    98  no check
//!        SEC-001, SEC-003, …
//! score 20/121 = 16.52 %
//! ```

use std::collections::BTreeMap;

use readiness::assess::{Action, AssessedItem, Assessment, Gate, Outcome, Standing, Strength};
use readiness_checklist::{Checklist, State};

/// Characters of ids on one line; the rest is counted.
const MOST_IDS: usize = 90;

/// What stands on a line besides ids: its indent, and how many more there are.
const BESIDES_IDS: usize = "       , and 10000 more".len();

/// Longest reason on one line, in characters.
const MOST_REASON: usize = 160;

/// The screen that a summary is to fit on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Screen {
    /// Lines for what is listed item by item.
    pub(crate) rows: usize,
    /// Characters of a line.
    pub(crate) columns: usize,
}

/// What is said of one document, without the gate. On a screen what does not fit is counted, the
/// reddest first; elsewhere everything is listed.
pub(crate) fn lines(
    name: &str,
    checklist: &Checklist,
    assessment: &Assessment,
    screen: Option<Screen>,
) -> Vec<String> {
    let mut lines = vec![format!("{name}: {}", assessment.counts.strength())];
    lines.extend(provenance(assessment));
    let ids = screen.map_or(MOST_IDS, |screen| {
        screen.columns.saturating_sub(BESIDES_IDS).min(MOST_IDS)
    });
    let parts = vec![
        attention(assessment),
        grouped(assessment, Outcome::NotVerified, "not verified", ids),
        grouped(assessment, Outcome::NotApplicable, "not applicable", ids),
        excused(assessment),
        claimed(checklist, assessment),
    ];
    lines.extend(fit(parts, screen));
    lines.push(String::new());
    lines.push(format!(
        "{}, score {}",
        plural(assessment.counts.total(), "item"),
        assessment.score()
    ));
    lines
}

/// The parts that there are, each with a blank line before it. On a screen the first ones get what the
/// later ones do not need to be mentioned at all.
fn fit(mut parts: Vec<Vec<String>>, screen: Option<Screen>) -> Vec<String> {
    /// A blank line, a title, and how much more there is.
    const LEAST: usize = 3;
    parts.retain(|part| !part.is_empty());
    let mut lines = Vec::new();
    let mut rows = screen.map(|screen| screen.rows);
    let count = parts.len();
    for (number, part) in parts.into_iter().enumerate() {
        let later = (count - number - 1) * LEAST;
        let own = rows.map(|rows| rows.saturating_sub(later + 1).max(LEAST - 1));
        let part = fitting(part, own);
        rows = rows.map(|rows| rows.saturating_sub(part.len() + 1));
        lines.push(String::new());
        let columns = screen.map_or(usize::MAX, |screen| screen.columns);
        lines.extend(part.into_iter().map(|line| shortened(line, columns)));
    }
    lines
}

/// The first `most` lines, and how many there are besides.
fn fitting(mut lines: Vec<String>, most: Option<usize>) -> Vec<String> {
    if let Some(most) = most.map(|most| most.max(2))
        && lines.len() > most
    {
        let more = lines.len() - (most - 1);
        lines.truncate(most - 1);
        lines.push(format!(
            "      and {more} more: `cargo readiness report --format html --output report.html`"
        ));
    }
    lines
}

fn shortened(line: String, columns: usize) -> String {
    if line.chars().count() <= columns {
        return line;
    }
    let mut short: String = line.chars().take(columns.saturating_sub(1)).collect();
    short.push('…');
    short
}

fn provenance(assessment: &Assessment) -> Option<String> {
    let run = assessment.run.as_ref()?;
    let target = run.target.as_ref().map_or_else(
        || "no target configured".to_owned(),
        |target| {
            let version = target
                .version
                .as_ref()
                .map_or_else(String::new, |v| format!(", version {v}"));
            format!("target {} ({}{version})", target.name, target.kind)
        },
    );
    let part = if run.partial {
        ", a part of the checks"
    } else {
        ""
    };
    Some(format!("{target}, run {}{part}", run.run))
}

fn attention(assessment: &Assessment) -> Vec<String> {
    let mut items: Vec<_> = assessment
        .items
        .iter()
        .filter(|item| {
            matches!(
                item.resolved.outcome,
                Outcome::Failed
                    | Outcome::Warned
                    | Outcome::Vacuous
                    | Outcome::Stale
                    | Outcome::Waived
            )
        })
        .collect();
    items.sort_by_key(|item| (item.resolved.outcome, item.index));
    let width = items
        .iter()
        .map(|item| item.id.chars().count())
        .max()
        .unwrap_or(0);
    items
        .into_iter()
        .map(|item| {
            format!(
                "{}  {:width$}  {}",
                item.resolved.outcome.status(),
                item.id,
                said(item)
            )
        })
        .collect()
}

/// The reason, with the kind of warning before it.
fn said(item: &AssessedItem) -> String {
    let reason = cut(item.resolved.reason.as_deref().unwrap_or("no reason given"));
    match item.resolved.outcome {
        kind @ (Outcome::Vacuous | Outcome::Stale) => format!("{kind}: {reason}"),
        _ => reason,
    }
}

/// `1 item`, `2 items`.
pub(crate) fn plural(count: impl Into<u64>, noun: &str) -> String {
    match count.into() {
        1 => format!("1 {noun}"),
        count => format!("{count} {noun}s"),
    }
}

/// One line, bounded.
pub(crate) fn cut(text: &str) -> String {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if one_line.chars().count() <= MOST_REASON {
        return one_line;
    }
    let mut short: String = one_line.chars().take(MOST_REASON - 1).collect();
    short.push('…');
    short
}

/// Items of one outcome by reason, the commonest first.
fn grouped(assessment: &Assessment, outcome: Outcome, title: &str, most: usize) -> Vec<String> {
    let mut groups: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let items = assessment
        .items
        .iter()
        .filter(|item| item.resolved.outcome == outcome);
    for item in items {
        let reason = cut(item.resolved.reason.as_deref().unwrap_or("no reason given"));
        groups.entry(reason).or_default().push(&item.id);
    }
    let total: usize = groups.values().map(Vec::len).sum();
    if total == 0 {
        return Vec::new();
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by(|a, b| (b.1.len(), &a.0).cmp(&(a.1.len(), &b.0)));
    let mut lines = vec![format!("{title}: {total}")];
    for (reason, ids) in groups {
        lines.push(format!("{:>5}  {reason}", ids.len()));
        lines.push(format!("       {}", some(&ids, most)));
    }
    lines
}

/// The first few ids and how many more there are.
fn some(ids: &[&str], most: usize) -> String {
    let mut used = 0;
    let fitting = ids.iter().take_while(|id| {
        used += id.chars().count() + 2;
        used <= most
    });
    let shown = fitting.count().max(1).min(ids.len());
    let names = ids[..shown].join(", ");
    match ids.len() - shown {
        0 => names,
        more => format!("{names}, and {more} more"),
    }
}

/// Passes that are excused from proof are listed with their reasons.
fn excused(assessment: &Assessment) -> Vec<String> {
    let mut lines: Vec<_> = assessment
        .items
        .iter()
        .filter_map(|item| match &item.strength {
            Some(Strength::Excused(reason)) => Some(format!("       {}  {}", item.id, cut(reason))),
            _ => None,
        })
        .collect();
    if !lines.is_empty() {
        lines.insert(0, format!("passed, excused from proof: {}", lines.len()));
    }
    lines
}

fn claimed(checklist: &Checklist, assessment: &Assessment) -> Vec<String> {
    let items: Vec<_> = assessment
        .items
        .iter()
        .filter(|item| item.action == Action::UntouchedClaim && item.standing == Standing::Claimed)
        .collect();
    if items.is_empty() {
        return Vec::new();
    }
    let width = items
        .iter()
        .map(|item| item.id.chars().count())
        .max()
        .unwrap_or(0);
    let mut lines = vec![format!(
        "claimed, with nothing behind it, not counted: {}",
        items.len()
    )];
    lines.extend(items.into_iter().map(|item| {
        let requirement = checklist.items()[item.index].requirement();
        format!(
            "       {}  {:width$}  line {}: {}",
            word(item.state),
            item.id,
            item.line,
            cut(requirement)
        )
    }));
    lines
}

/// A state of the document in one word.
pub(crate) fn word(state: State) -> &'static str {
    match state {
        State::Pass => "PASS",
        State::Warn => "WARN",
        State::Fail => "FAIL",
        State::InProgress => "in progress",
        State::NotRun => "not run",
        State::NotApplicable => "n/a",
        State::Unknown => "unknown",
    }
}

/// The gate's decision in words.
pub(crate) fn decision(gate: &Gate) -> &'static str {
    match (gate.demonstration, gate.met) {
        (true, _) => "a demonstration on the embedded target, never a go",
        (false, true) => "met",
        (false, false) => "not met",
    }
}

/// The gate in words, one rule a line.
pub(crate) fn gate(gate: &Gate) -> Vec<String> {
    let mut lines = vec![format!("gate: {}", decision(gate))];
    lines.extend(gate.rules.iter().flat_map(|rule| {
        let mark = if rule.met { "holds" } else { "fails" };
        let ids: Vec<_> = rule.ids.iter().map(String::as_str).collect();
        let ids = if ids.is_empty() {
            String::new()
        } else {
            format!(": {}", some(&ids, MOST_IDS))
        };
        let fix = (!rule.fix.is_empty()).then(|| format!("           to do: {}", rule.fix));
        std::iter::once(format!("  {mark}  {}{ids}", rule.words)).chain(fix)
    }));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(count: usize) -> Vec<String> {
        (0..count).map(|n| n.to_string()).collect()
    }

    fn shown(parts: Vec<Vec<String>>, rows: usize, columns: usize) -> Vec<String> {
        fit(parts, Some(Screen { rows, columns }))
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        assert_eq!(fitting(numbers(30), None), numbers(30));
        assert_eq!(fitting(numbers(30), Some(30)), numbers(30));
        let short = fitting(numbers(30), Some(10));
        assert_eq!(short.len(), 10);
        assert_eq!(short[8], "8");
        assert!(short[9].contains("and 21 more"), "{}", short[9]);
    }

    #[test]
    fn a_screen_shows_something_of_each_part_and_most_of_the_first() {
        let parts = || vec![numbers(30), Vec::new(), numbers(20), numbers(1)];
        let everything = fit(parts(), None);
        assert_eq!(everything.len(), 30 + 20 + 1 + 3);
        for rows in [10, 24, 40] {
            let lines = shown(parts(), rows, 80);
            assert!(lines.len() <= rows, "{rows}: {lines:?}");
            assert_eq!(lines.iter().filter(|line| line.is_empty()).count(), 3);
        }
        let lines = shown(parts(), 24, 80);
        assert_eq!(lines[16], "15");
        assert!(lines[17].contains("and 14 more"), "{lines:?}");
        // Too small for anything is no reason to say nothing.
        assert!(shown(parts(), 0, 80).len() >= 6);
    }

    #[test]
    fn a_narrow_screen_breaks_no_line() {
        let long = vec!["ä".repeat(100), "short".to_owned()];
        let lines = shown(vec![long], 24, 40);
        assert_eq!(lines[1], format!("{}…", "ä".repeat(39)));
        assert_eq!(lines[2], "short");
        let ids = ["OPS-001"; 30];
        assert_eq!(some(&ids, 18), "OPS-001, OPS-001, and 28 more");
        assert!(some(&ids, 3).starts_with("OPS-001, and 29 more"));
    }
}
