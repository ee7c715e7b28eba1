//! One item: from what its trials, the ledger and the statements say to its outcome, and to what
//! happens in the document.

use jiff::civil::Date;

use super::bind::{Slot, check_digest};
use super::carry::{self, Present};
use super::statements::{self, InForce, Note};
use super::write_rules::{self, Known, Standing};
use super::{
    AssessedItem, Inputs, Outcome, Resolved, Strength, TrialResult, TrialSummary, combine,
    configured,
};
use crate::ledger::Entry;

pub(super) fn resolve<'a>(
    inputs: &Inputs<'_>,
    slot: &Slot<'_>,
    stated: &InForce<'a>,
) -> (AssessedItem, Vec<Note<'a>>) {
    let entry = inputs.ledger.entry(slot.item.id());
    let state = write_rules::stated(slot.item);
    let standing = write_rules::standing(state, slot.item.shape(), entry);
    let run = inputs.run;
    let trials: Vec<&TrialSummary> = slot
        .trials
        .iter()
        .filter_map(|&index| run.and_then(|run| run.trials.get(index)))
        .collect();
    let results = results(&trials);
    let check = check_digest(slot, run);
    let present = present(inputs, &slot.text, check.as_deref());
    let earlier = entry
        .filter(|_| standing == Standing::Ours)
        .map(|entry| carry::carried(entry, &present, inputs.today));
    let asked = results
        .iter()
        .any(|result| **result != TrialResult::NotSelected);
    let known_absent = run.is_some_and(|run| run.complete && !run.partial);
    let mut combined = combine::combine(results.iter().copied());
    if run.is_none() {
        // Whether there is a check at all is not known then.
        combined.reason = Some("nothing was run".to_owned());
    }
    let blind = combined.outcome == Outcome::NotVerified;
    let keeps_fresh_pass = run.is_some_and(|run| run.partial)
        && earlier
            .as_ref()
            .is_some_and(|e| e.outcome == Outcome::Passed);
    let keep_earlier = (!asked && !known_absent) || (blind && keeps_fresh_pass);
    let (base, carried) = match earlier {
        Some(earlier) if keep_earlier => (earlier, true),
        _ => (combined, false),
    };
    let (resolved, notes) = statements::apply(&base, stated);
    let known = known(&resolved, entry, asked || known_absent, carried);
    let action = write_rules::action(
        standing,
        known,
        keeps_fresh_pass && resolved.outcome == Outcome::Passed,
    );
    let item = AssessedItem {
        id: slot.item.id().to_owned(),
        index: slot.index,
        line: slot.item.line(),
        section: slot.item.section().to_vec(),
        priority: slot.item.priority().map(str::to_owned),
        state,
        base: base.outcome,
        carried,
        strength: combine::strength(results)
            .filter(|_| !carried && resolved.outcome == Outcome::Passed)
            .or_else(|| carried_strength(entry, carried, resolved.outcome)),
        standing,
        action,
        text: slot.text.clone(),
        check,
        trials: slot.trials.clone(),
        stated_on: decided_on(stated, resolved.outcome, base.outcome),
        resolved,
        collides: slot.collides,
    };
    (item, notes)
}

/// What an item's trials came to. Where another tool's result stands in for checks that could not
/// look, those checks have no say; what they did see keeps it.
fn results<'t>(trials: &[&'t TrialSummary]) -> Vec<&'t TrialResult> {
    let blind = |trial: &&TrialSummary| {
        matches!(
            trial.result,
            TrialResult::NotVerified(_) | TrialResult::NotSelected
        )
    };
    let replaced = trials.iter().any(|trial| trial.stands_in && !blind(trial));
    trials
        .iter()
        .filter(|trial| !(replaced && !trial.stands_in && blind(trial)))
        .map(|trial| &trial.result)
        .collect()
}

/// How much is known of an item, for the second table.
fn known(resolved: &Resolved, entry: Option<&Entry>, tried: bool, carried: bool) -> Known {
    let as_written = entry.is_some_and(|entry| {
        entry.outcome == resolved.outcome && entry.status == resolved.outcome.status()
    });
    match resolved.outcome {
        // What the ledger says already is no news: the row is left as it stands.
        _ if carried && as_written => Known::Nothing,
        // A statement that lapsed takes its status back even where nobody ran anything.
        Outcome::NotVerified if tried || carried => Known::NotVerified,
        Outcome::NotVerified => Known::Nothing,
        _ => Known::Verdict,
    }
}

fn carried_strength(entry: Option<&Entry>, carried: bool, outcome: Outcome) -> Option<Strength> {
    let word = entry
        .filter(|_| carried && outcome == Outcome::Passed)?
        .strength
        .as_deref()?;
    Some(match word {
        "proven" => Strength::Proven,
        "imported" => Strength::Imported("as the ledger says".to_owned()),
        _ => Strength::Excused("as the ledger says".to_owned()),
    })
}

fn decided_on(stated: &InForce<'_>, outcome: Outcome, base: Outcome) -> Option<Date> {
    if outcome == base {
        return None;
    }
    let statement = match outcome {
        Outcome::Attested => stated.attestation,
        Outcome::Waived => stated.waiver,
        Outcome::NotApplicable => stated.exclusion,
        _ => None,
    };
    statement.and_then(|statement| statement.on)
}

fn present<'a>(inputs: &Inputs<'a>, text: &'a str, check: Option<&'a str>) -> Present<'a> {
    let target = inputs.run.and_then(|run| run.target.as_ref());
    Present {
        text,
        check,
        target: target
            .map(|target| target.name.as_str())
            .or_else(|| configured(inputs, "name")),
        version: match target {
            Some(target) => target.version.as_deref(),
            None => configured(inputs, "version"),
        },
        config: inputs.run.and_then(|run| run.config_digest.as_deref()),
        max_age: inputs.config.run.max_age,
    }
}
