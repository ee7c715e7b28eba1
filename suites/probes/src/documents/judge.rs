//! What documents must hold.

use readiness::observation::json::Json;
use readiness::{Result, Verdict};
use serde_json::Value;

use super::{Papers, Plan};
use crate::seen::{amount, count};

/// Runbooks of a service at least: one each for being slow, being down and being attacked.
const LEAST_RUNBOOKS: usize = 3;
/// Words that are not yet a document.
const FEW_WORDS: i64 = 20;
/// Steps that are not yet a procedure.
const LEAST_STEPS: i64 = 3;

#[expect(clippy::unnecessary_wraps, reason = "it is what a judgement returns")]
fn fail(reason: impl Into<String>) -> Result<Verdict> {
    Ok(Verdict::Fail(reason.into()))
}

fn shown(place: &Json) -> String {
    let text = place.peek().and_then(Value::as_str).unwrap_or("?");
    text.escape_debug().to_string()
}

/// What every plan needs: to exist, to say what it is about, objectives, steps.
fn common(plan: &Plan, what: &str, words: &[&str]) -> Result<Option<Verdict>> {
    let missing = |reason: String| Ok(Some(Verdict::Fail(reason)));
    if !plan.get("exists").bool()? {
        return missing(format!("there is no {what}"));
    }
    for word in words {
        if !plan.get("mentions").get(word).bool()? {
            return missing(format!("the {what} does not mention {word}"));
        }
    }
    for (field, name) in [("rpo_min", "recovery point"), ("rto_min", "recovery time")] {
        if plan
            .get(field)
            .as_f64()
            .is_none_or(|minutes| minutes <= 0.0)
        {
            return missing(format!("the {what} states no {name} objective"));
        }
    }
    let steps = count(&plan.get("steps"))?;
    if steps < LEAST_STEPS {
        return missing(format!(
            "the {what} has {steps} numbered steps, {LEAST_STEPS} are the least of a procedure"
        ));
    }
    Ok(None)
}

/// What is wrong with the age of a plan's last test, at most `max_days`.
fn test_fault(plan: &Plan, what: &str, max_days: i64) -> Option<Verdict> {
    let days = plan.get("tested_days_ago");
    match days.as_i64() {
        Some(days) if (0..=max_days).contains(&days) => None,
        Some(days) => Some(Verdict::Fail(format!(
            "the {what} was tested {days} days ago, at most {max_days} are allowed"
        ))),
        None => Some(Verdict::Fail(format!("the {what} was never tested"))),
    }
}

/// Whether a backup plan covers `scope`, has a schedule, steps to restore and objectives, and was
/// tested in the last `max_days`.
///
/// # Errors
/// A finding if a fact is missing.
pub fn backup_plan(plan: &Plan, scope: &[&str], max_days: i64) -> Result<Verdict> {
    let what = "backup plan";
    if let Some(verdict) = common(plan, what, scope)? {
        return Ok(verdict);
    }
    if !plan.get("schedule").bool()? {
        return fail("the backup plan has no schedule");
    }
    Ok(test_fault(plan, what, max_days).unwrap_or(Verdict::Pass))
}

/// Whether a recovery plan has objectives and steps, and was tested in the last `max_days` within its
/// objectives. A plan that does not speak of tests at all is a warning: the record may be elsewhere.
///
/// # Errors
/// A finding if a fact is missing.
pub fn recovery_plan(plan: &Plan, max_days: i64) -> Result<Verdict> {
    let what = "recovery plan";
    if let Some(verdict) = common(plan, what, &[])? {
        return Ok(verdict);
    }
    if !plan.get("tested").bool()? {
        return Ok(Verdict::Warn(
            "the recovery plan holds no record of a test".to_owned(),
        ));
    }
    if let Some(verdict) = test_fault(plan, what, max_days) {
        return Ok(verdict);
    }
    for (measured, promised, name) in [
        ("measured_rpo_min", "rpo_min", "RPO"),
        ("measured_rto_min", "rto_min", "RTO"),
    ] {
        let promised = amount(&plan.get(promised))?;
        let measured = plan.get(measured);
        let measured = match measured.as_f64() {
            Some(_) => Some(amount(&measured)?),
            None => None,
        };
        match measured {
            None => return fail(format!("the test of the recovery plan measured no {name}")),
            Some(measured) if measured > promised => {
                return fail(format!(
                    "the test measured an {name} of {measured} min, the plan promises {promised}"
                ));
            }
            Some(_) => {}
        }
    }
    Ok(Verdict::Pass)
}

/// Whether there are three runbooks, each with symptom, diagnosis, mitigation and escalation.
///
/// # Errors
/// A finding if a fact is missing.
pub fn usable_runbooks(runbooks: &Papers) -> Result<Verdict> {
    let all = runbooks.items()?;
    if all.len() < LEAST_RUNBOOKS {
        return fail(format!(
            "there are {} runbooks, {LEAST_RUNBOOKS} are the least",
            all.len()
        ));
    }
    for runbook in &all {
        let name = shown(&runbook.get("name"));
        let words = count(&runbook.get("words"))?;
        if words < FEW_WORDS {
            return fail(format!("the runbook {name} has {words} words"));
        }
        for part in ["symptom", "diagnosis", "mitigation", "escalation"] {
            if !runbook.get(part).bool()? {
                return fail(format!("the runbook {name} has no part about {part}"));
            }
        }
    }
    Ok(Verdict::Pass)
}

/// Whether there are references, and each leads to a document with something in it.
///
/// # Errors
/// A finding if a fact is missing.
pub fn resolving(references: &Papers) -> Result<Verdict> {
    let all = references.items()?;
    if all.is_empty() {
        return fail("no document leads to one");
    }
    for reference in &all {
        let (from, target) = (
            shown(&reference.get("from")),
            shown(&reference.get("target")),
        );
        if !reference.get("exists").bool()? {
            return fail(format!("{from} leads to {target}, which is not there"));
        }
        if count(&reference.get("words"))? == 0 {
            return fail(format!("{from} leads to {target}, which is empty"));
        }
    }
    Ok(Verdict::Pass)
}
