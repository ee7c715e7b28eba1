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

/// As many characters of ids as fit on a line of most terminals; the rest is counted.
const MOST_IDS: usize = 90;

/// Longest reason on one line, in characters.
const MOST_REASON: usize = 160;

/// What is said of one document, without the gate. With `most`, at most so many items are listed one
/// by one; the rest is counted.
pub(crate) fn lines(
    name: &str,
    checklist: &Checklist,
    assessment: &Assessment,
    most: Option<usize>,
) -> Vec<String> {
    let mut lines = vec![format!("{name}: {}", assessment.counts.strength())];
    lines.extend(provenance(assessment));
    lines.extend(section(fitting(attention(assessment), most)));
    lines.extend(section(not_verified(assessment)));
    lines.extend(section(not_applicable(assessment)));
    lines.extend(section(fitting(excused(assessment), most)));
    lines.extend(section(fitting(claimed(checklist, assessment), most)));
    lines.push(String::new());
    lines.push(format!(
        "{}, score {}",
        plural(assessment.counts.total(), "item"),
        assessment.score()
    ));
    lines
}

/// The first `most` lines, and how many there are besides.
fn fitting(mut lines: Vec<String>, most: Option<usize>) -> Vec<String> {
    if let Some(most) = most.map(|most| most.max(4))
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

/// A blank line before whatever there is.
fn section(lines: Vec<String>) -> Vec<String> {
    if lines.is_empty() {
        return lines;
    }
    let blank = std::iter::once(String::new());
    blank.chain(lines).collect()
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

fn not_verified(assessment: &Assessment) -> Vec<String> {
    grouped(assessment, Outcome::NotVerified, "not verified")
}

fn not_applicable(assessment: &Assessment) -> Vec<String> {
    grouped(assessment, Outcome::NotApplicable, "not applicable")
}

/// Items of one outcome by reason, the commonest first.
fn grouped(assessment: &Assessment, outcome: Outcome, title: &str) -> Vec<String> {
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
        lines.push(format!("       {}", some(&ids)));
    }
    lines
}

/// The first few ids and how many more there are.
fn some(ids: &[&str]) -> String {
    let mut used = 0;
    let fitting = ids.iter().take_while(|id| {
        used += id.chars().count() + 2;
        used <= MOST_IDS
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
            format!(": {}", some(&ids))
        };
        let fix = (!rule.fix.is_empty()).then(|| format!("           to do: {}", rule.fix));
        std::iter::once(format!("  {mark}  {}{ids}", rule.words)).chain(fix)
    }));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_counted() {
        let lines: Vec<_> = (0..30).map(|n| n.to_string()).collect();
        assert_eq!(fitting(lines.clone(), None), lines);
        assert_eq!(fitting(lines.clone(), Some(30)), lines);
        let short = fitting(lines, Some(10));
        assert_eq!(short.len(), 10);
        assert_eq!(short[8], "8");
        assert!(short[9].contains("and 21 more"), "{}", short[9]);
    }
}
