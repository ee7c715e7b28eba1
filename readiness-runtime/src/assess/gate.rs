//! The go/no-go on an assessment: integers compared, no failure, and the configured rules.

use readiness_checklist::Percent;

use super::Assessment;
use super::outcome::Outcome;
use crate::config::{Config, Deny};

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
    /// The items it found, by id.
    pub ids: Vec<String>,
}

/// When neither the configuration nor the document names a minimum, nothing less than everything
/// will do: a gate must not be open because nobody said how far.
const DEFAULT_MINIMUM: Percent = Percent { hundredths: 10_000 };

/// Judges an assessment. `stated` is the minimum that the document itself demands.
pub fn judge(assessment: &Assessment, config: &Config, stated: Option<Percent>) -> Gate {
    let mut gate = judge_results(assessment, config, stated);
    let patterns = &config.gate.sign_offs;
    gate.rules.extend(
        patterns
            .iter()
            .map(|pattern| sign_off_rule(assessment, pattern)),
    );
    gate.met &= gate.rules.iter().all(|rule| rule.met);
    gate
}

/// As [`judge`], whoever has signed off or not: what people sign.
pub fn judge_results(assessment: &Assessment, config: &Config, stated: Option<Percent>) -> Gate {
    let proof = config.prove.minimum;
    let config = &config.gate;
    let minimum = config.minimum.or(stated).unwrap_or(DEFAULT_MINIMUM);
    let origin = match (config.minimum, stated) {
        (Some(_), _) => "configured",
        (None, Some(_)) => "the document's own",
        (None, None) => "no minimum is stated",
    };
    let mut rules = vec![score_rule(assessment, minimum, origin)];
    let mut denied = vec![Deny::Fail];
    denied.extend(
        config
            .deny
            .iter()
            .copied()
            .filter(|deny| *deny != Deny::Fail),
    );
    rules.extend(denied.into_iter().map(|deny| deny_rule(assessment, deny)));
    rules.extend(
        config
            .require
            .iter()
            .map(|pattern| require_rule(assessment, pattern)),
    );
    rules.extend(proof.map(|minimum| proof_rule(assessment, minimum)));
    if !assessment.faults.is_empty() {
        rules.push(Rule {
            met: false,
            words: format!("the run itself failed: {}", assessment.faults.join("; ")),
            ids: Vec::new(),
        });
    }
    Gate {
        met: !assessment.demonstration && rules.iter().all(|rule| rule.met),
        demonstration: assessment.demonstration,
        rules,
    }
}

fn score_rule(assessment: &Assessment, minimum: Percent, origin: &str) -> Rule {
    let score = assessment.score();
    let met = score.reaches(minimum);
    let words = if score.applicable == 0 {
        "no item is applicable".to_owned()
    } else {
        // Whole percentages are compared as people write them; others in hundredths.
        let (scale, wanted) = match minimum.hundredths {
            whole if whole % 100 == 0 => (100, whole / 100),
            exact => (10_000, exact),
        };
        let needed = if met {
            String::new()
        } else {
            format!(", {} more needed", score.short_of(minimum))
        };
        format!(
            "score {score}: {}·{scale} {} {wanted}·{} ({minimum} {origin}){needed}",
            score.passed,
            if met { "≥" } else { "<" },
            score.applicable,
        )
    };
    Rule {
        met,
        words,
        ids: Vec::new(),
    }
}

/// `[prove] minimum`: the share of tried alterations that the run's checks noticed.
fn proof_rule(assessment: &Assessment, minimum: Percent) -> Rule {
    let noticed = assessment.noticed();
    Rule {
        met: noticed.reaches(minimum),
        words: match noticed.applicable {
            0 => format!("no alteration was tried, {minimum} are to be noticed"),
            _ => format!("alterations noticed {noticed}, {minimum} are demanded"),
        },
        ids: Vec::new(),
    }
}

fn deny_rule(assessment: &Assessment, deny: Deny) -> Rule {
    let outcome = match deny {
        Deny::Fail => Outcome::Failed,
        Deny::Warn => Outcome::Warned,
        Deny::NotVerified => Outcome::NotVerified,
        Deny::Vacuous => Outcome::Vacuous,
        Deny::Stale => Outcome::Stale,
        Deny::Waived => Outcome::Waived,
    };
    let ids = assessment.ids_where(|item| item.resolved.outcome == outcome);
    Rule {
        met: ids.is_empty(),
        words: match ids.len() {
            0 => format!("no item is {outcome}"),
            n => format!("{n} {outcome}"),
        },
        ids,
    }
}

/// `[gate] sign_offs`: a valid signature for each role that the pattern stands for.
fn sign_off_rule(assessment: &Assessment, pattern: &str) -> Rule {
    let asked: Vec<_> = assessment
        .sign_offs
        .iter()
        .filter(|sign_off| matches(pattern, &sign_off.role))
        .collect();
    let open: Vec<_> = asked.iter().filter(|sign_off| !sign_off.holds()).collect();
    Rule {
        met: !asked.is_empty() && open.is_empty(),
        words: match (asked.len(), open.len()) {
            (0, _) => format!("`{pattern}` is to sign off, and there is no such box"),
            (n, 0) => format!("`{pattern}` signed off: {n} of {n}"),
            (n, open) => format!("`{pattern}` is to sign off: {open} of {n} open"),
        },
        ids: open.iter().map(|sign_off| sign_off.role.clone()).collect(),
    }
}

/// Whether a pattern, in which a trailing `*` stands for any rest, stands for a name.
pub fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

fn require_rule(assessment: &Assessment, pattern: &str) -> Rule {
    let total = assessment
        .ids_where(|item| matches(pattern, &item.id))
        .len();
    let ids = assessment.ids_where(|item| {
        matches(pattern, &item.id)
            && !item.resolved.outcome.counts()
            && item.resolved.outcome.is_applicable()
    });
    Rule {
        met: total > 0 && ids.is_empty(),
        words: match (total, ids.len()) {
            (0, _) => format!("`{pattern}` is required and matches no item"),
            (_, 0) => format!("`{pattern}` is required: {total} items, none open"),
            (_, n) => format!("`{pattern}` is required: {n} of {total} items open"),
        },
        ids,
    }
}

#[cfg(test)]
#[path = "gate_tests.rs"]
mod tests;
