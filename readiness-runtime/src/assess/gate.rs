//! The go/no-go on an assessment: integers compared, no failure, and the configured rules. Every
//! rule that does not hold says what would make it hold.

use std::collections::BTreeMap;

use readiness_checklist::Percent;

use super::outcome::Outcome;
use super::score::Score;
use super::{AssessedItem, Assessment};
use crate::config::{Config, Deny, PartRule};

/// The decision, rule by rule.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Gate {
    /// Whether it is a go.
    pub met: bool,
    /// The target is the embedded one: whatever the rules say, this is no go.
    pub demonstration: bool,
    /// Every rule, with what it found.
    pub rules: Vec<Rule>,
}

/// One rule of the gate.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Rule {
    /// Whether it holds.
    pub met: bool,
    /// What it compared, in words.
    pub words: String,
    /// The items it found, by id; for sign-offs the roles.
    pub ids: Vec<String>,
    /// What would make it hold; empty for one that does.
    pub fix: String,
}

impl Rule {
    fn holds(words: String) -> Self {
        Self {
            met: true,
            words,
            ids: Vec::new(),
            fix: String::new(),
        }
    }

    fn fails(words: String, ids: Vec<String>, fix: impl Into<String>) -> Self {
        Self {
            met: false,
            words,
            ids,
            fix: fix.into(),
        }
    }
}

/// When neither the configuration nor the document names a minimum, nothing less than everything
/// will do: a gate must not be open because nobody said how far.
const DEFAULT_MINIMUM: Percent = Percent { hundredths: 10_000 };

/// The score that is asked for: the configured one, else `stated`, the document's own, else all of it.
pub fn minimum(config: &Config, stated: Option<Percent>) -> Percent {
    config
        .rules
        .gate
        .minimum
        .or(stated)
        .unwrap_or(DEFAULT_MINIMUM)
}

/// Judges an assessment. `stated` is the minimum that the document itself demands.
pub fn judge(assessment: &Assessment, config: &Config, stated: Option<Percent>) -> Gate {
    let mut gate = judge_results(assessment, config, stated);
    let patterns = &config.rules.gate.sign_offs;
    let rules = patterns
        .iter()
        .map(|pattern| sign_off_rule(assessment, pattern));
    gate.rules.extend(rules);
    gate.met &= gate.rules.iter().all(|rule| rule.met);
    gate
}

/// As [`judge`], whoever has signed off or not: what people sign.
pub fn judge_results(assessment: &Assessment, config: &Config, stated: Option<Percent>) -> Gate {
    let proof = config.prove.minimum;
    let minimum = minimum(config, stated);
    let config = &config.rules.gate;
    let origin = match (config.minimum, stated) {
        (Some(_), _) => "configured",
        (None, Some(_)) => "the document's own",
        (None, None) => "no minimum is stated",
    };
    let all: Vec<_> = assessment.items.iter().collect();
    let mut rules = vec![score_rule(&all, minimum, origin)];
    let mut denied = vec![Deny::Fail];
    let more = config.deny.iter().filter(|deny| **deny != Deny::Fail);
    denied.extend(more);
    rules.extend(denied.into_iter().map(|deny| deny_rule(&all, deny)));
    let required = config.require.iter();
    rules.extend(required.map(|pattern| require_rule(assessment, pattern)));
    let parts = config.parts.iter();
    rules.extend(parts.flat_map(|part| part_rules(assessment, part)));
    rules.extend(proof.map(|minimum| proof_rule(assessment, minimum)));
    if !assessment.faults.is_empty() {
        let words = format!("the run itself failed: {}", assessment.faults.join("; "));
        rules.push(Rule::fails(words, Vec::new(), "run again"));
    }
    Gate {
        met: !assessment.demonstration && rules.iter().all(|rule| rule.met),
        demonstration: assessment.demonstration,
        rules,
    }
}

fn score(items: &[&AssessedItem]) -> Score {
    let of = |keep: fn(Outcome) -> bool| {
        let kept = items.iter().filter(|item| keep(item.resolved.outcome));
        kept.count() as u64
    };
    Score {
        passed: of(Outcome::counts),
        applicable: of(Outcome::is_applicable),
    }
}

fn score_rule(items: &[&AssessedItem], minimum: Percent, origin: &str) -> Rule {
    let score = score(items);
    let met = score.reaches(minimum);
    if score.applicable == 0 {
        let fix = "a checklist of which nothing applies is no go";
        return Rule::fails("no item is applicable".to_owned(), Vec::new(), fix);
    }
    // Whole percentages are compared as people write them; others in hundredths.
    let (scale, wanted) = match minimum.hundredths {
        whole if whole % 100 == 0 => (100, whole / 100),
        exact => (10_000, exact),
    };
    let needed = score.short_of(minimum);
    let words = format!(
        "score {score}: {}·{scale} {} {wanted}·{} ({minimum} {origin}){}",
        score.passed,
        if met { "≥" } else { "<" },
        score.applicable,
        if met {
            String::new()
        } else {
            format!(", {needed} more needed")
        },
    );
    if met {
        return Rule::holds(words);
    }
    let fix = format!("let {needed} of these pass: {}", open(items));
    Rule::fails(words, Vec::new(), fix)
}

/// What is not passed, by outcome: `3 failed, 4 not verified`.
fn open(items: &[&AssessedItem]) -> String {
    let mut counts: BTreeMap<Outcome, usize> = BTreeMap::new();
    for item in items {
        let outcome = item.resolved.outcome;
        if outcome.is_applicable() && !outcome.counts() {
            *counts.entry(outcome).or_default() += 1;
        }
    }
    let words: Vec<_> = counts
        .iter()
        .map(|(outcome, n)| format!("{n} {outcome}"))
        .collect();
    words.join(", ")
}

/// `[prove] minimum`: the share of tried alterations that the run's checks noticed.
fn proof_rule(assessment: &Assessment, minimum: Percent) -> Rule {
    let noticed = assessment.noticed();
    let words = match noticed.applicable {
        0 => format!("no alteration was tried, {minimum} are to be noticed"),
        _ => format!("alterations noticed {noticed}, {minimum} are demanded"),
    };
    if noticed.reaches(minimum) {
        return Rule::holds(words);
    }
    let fix = "`cargo readiness prove` shows what the checks did not notice";
    Rule::fails(words, Vec::new(), fix)
}

fn deny_rule(items: &[&AssessedItem], deny: Deny) -> Rule {
    let (outcome, fix) = match deny {
        Deny::Fail => (
            Outcome::Failed,
            "put right what the checks found, or waive it for now with a reason",
        ),
        Deny::Warn => (
            Outcome::Warned,
            "bring it below its soft limit, or make the check steady",
        ),
        Deny::NotVerified => (
            Outcome::NotVerified,
            "write or run a check, attest it, or exclude it with a reason",
        ),
        Deny::Vacuous => (
            Outcome::Vacuous,
            "`cargo readiness prove` shows what the check does not look at",
        ),
        Deny::Stale => (Outcome::Stale, "run its check again"),
        Deny::Waived => (Outcome::Waived, "put right what is waived"),
    };
    let ids: Vec<_> = items
        .iter()
        .filter(|item| item.resolved.outcome == outcome)
        .map(|item| item.id.clone())
        .collect();
    match ids.len() {
        0 => Rule::holds(format!("no item is {outcome}")),
        n => Rule::fails(format!("{n} {outcome}"), ids, fix),
    }
}

fn require_rule(assessment: &Assessment, pattern: &str) -> Rule {
    let items: Vec<_> = assessment
        .items
        .iter()
        .filter(|item| matches(pattern, &item.id))
        .collect();
    let is_open = |item: &&&AssessedItem| {
        let outcome = item.resolved.outcome;
        outcome.is_applicable() && !outcome.counts()
    };
    let ids: Vec<_> = items
        .iter()
        .filter(is_open)
        .map(|item| item.id.clone())
        .collect();
    match (items.len(), ids.len()) {
        (0, _) => Rule::fails(
            format!("`{pattern}` is required and matches no item"),
            ids,
            "`cargo readiness list` prints the ids",
        ),
        (total, 0) => Rule::holds(format!("`{pattern}` is required: {total} items, none open")),
        (total, n) => Rule::fails(
            format!("`{pattern}` is required: {n} of {total} items open"),
            ids,
            format!("each has to pass or be attested: {}", open(&items)),
        ),
    }
}

/// `[[gate.part]]`: its minimum and its denied outcomes, on the items it is about.
fn part_rules(assessment: &Assessment, part: &PartRule) -> Vec<Rule> {
    let name = part_name(part);
    let items: Vec<_> = assessment
        .items
        .iter()
        .filter(|item| is_part(part, item))
        .collect();
    if items.is_empty() {
        let fix = "`cargo readiness explain ID` shows an item's section and priority";
        let words = format!("{name}: no item is of this part");
        return vec![Rule::fails(words, Vec::new(), fix)];
    }
    let score = part
        .minimum
        .map(|minimum| score_rule(&items, minimum, "of this part"));
    let denied = part.deny.iter().map(|deny| deny_rule(&items, *deny));
    let mut rules: Vec<_> = score.into_iter().chain(denied).collect();
    for rule in &mut rules {
        rule.words = format!("{name}: {}", rule.words);
    }
    rules
}

fn part_name(part: &PartRule) -> String {
    let named = |word: &str, list: &[String]| {
        (!list.is_empty()).then(|| format!("{word} {}", list.join(" or ")))
    };
    let limits = [
        named("section", &part.section),
        named("priority", &part.priority),
        named("id", &part.id),
    ];
    limits.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn is_part(part: &PartRule, item: &AssessedItem) -> bool {
    let section = part.section.is_empty()
        || item.section.iter().any(|heading| {
            let heading = heading.to_lowercase();
            // Numbers and symbols before the words of a heading are its decoration.
            let bare = heading.trim_start_matches(|c: char| !c.is_alphabetic());
            part.section.iter().any(|pattern| {
                let pattern = pattern.to_lowercase();
                matches(&pattern, &heading) || matches(&pattern, bare)
            })
        });
    let priority = part.priority.is_empty()
        || item.priority.as_ref().is_some_and(|priority| {
            let priority = priority.to_lowercase();
            let words = || priority.split(|c: char| !c.is_alphanumeric());
            part.priority
                .iter()
                .map(|wanted| wanted.to_lowercase())
                .any(|wanted| wanted == priority || words().any(|word| word == wanted))
        });
    let id = part.id.is_empty() || part.id.iter().any(|pattern| matches(pattern, &item.id));
    section && priority && id
}

/// `[gate] sign_offs`: a valid signature for each role that the pattern stands for.
fn sign_off_rule(assessment: &Assessment, pattern: &str) -> Rule {
    let asked: Vec<_> = assessment
        .sign_offs
        .iter()
        .filter(|sign_off| matches(pattern, &sign_off.role))
        .collect();
    let ids: Vec<_> = asked
        .iter()
        .filter(|sign_off| !sign_off.holds())
        .map(|sign_off| sign_off.role.clone())
        .collect();
    match (asked.len(), ids.len()) {
        (0, _) => Rule::fails(
            format!("`{pattern}` is to sign off, and there is no such box"),
            ids,
            "add the box to a sign-off section of the document",
        ),
        (n, 0) => Rule::holds(format!("`{pattern}` signed off: {n} of {n}")),
        (n, open) => Rule::fails(
            format!("`{pattern}` is to sign off: {open} of {n} open"),
            ids,
            "`cargo readiness sign ROLE`, when all else is as it should be",
        ),
    }
}

/// Whether a pattern, in which a trailing `*` stands for any rest, stands for a name.
pub fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

#[cfg(test)]
#[path = "gate_tests.rs"]
mod tests;
