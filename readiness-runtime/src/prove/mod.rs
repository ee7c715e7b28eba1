//! Proof that a pass was able to fail.
//!
//! After a pass the check is run again on what it observed, one observation altered at a time, with
//! nothing leaving the process. It has to notice: its own verdict turns to Fail or Warn, and the
//! alteration is *killed*. A check that notices none of the fine alterations, those of one facet that
//! it read, is *vacuous*.
//!
//! | file | part |
//! |---|---|
//! | `replay` | one run of the check on its recording |
//! | `plan` | which alterations, in which order |
//! | `change` | the altered place beside the original |
//! | `conclude` | what follows from their fates |
//!
//! The verdict of the check is never touched: what proving finds stands beside it.

mod change;
mod conclude;
mod plan;
mod replay;

use std::time::{Duration, Instant};

use crate::context::{Altered, Context};
use crate::harness::panics;
use crate::journal::record::{Fate, MutantRecord, Proof, ProofStrength, Tally};
use crate::observation::{Facet, Strength};
use crate::registry::{Body, Registration};
use crate::verdict::CheckResult;

use change::Originals;
use conclude::Trials;
use plan::Candidate;
use replay::{Ended, replay};

/// All replays of one check together. A check that waits outside of the context is not replayed for
/// as long as all its alterations would take.
const TOTAL_LIMIT: Duration = Duration::from_secs(20);

/// A check that noticed nothing so far gets this many times its budget: an accusation should not
/// hang on which alterations came first.
const PATIENCE: usize = 8;

/// The least number of gross alterations that are tried.
const GROSS: usize = 8;

/// Why a pass of a run without proof is unproven.
pub(crate) const SWITCHED_OFF: &str = "unproven: proof was switched off for this run";

/// Bytes of each text that is written with an alteration; it stands beside many others.
const SHORT: usize = 200;
/// Bytes of the reason of a proof.
const LONG: usize = 4 * 1024;

/// Limit of a negative control where neither its check nor the configuration has one.
const CONTROL_LIMIT: Duration = Duration::from_secs(60);

/// What can be said about the pass that `cx` recorded without running anything again, if that settles
/// it.
pub(crate) fn without_replay(registration: &Registration, cx: &Context) -> Option<Proof> {
    if let Some(reason) = registration.no_proof {
        return Some(without_mutants(ProofStrength::Excused, reason));
    }
    if !cx.run().prove.enabled {
        return Some(without_mutants(ProofStrength::Off, SWITCHED_OFF));
    }
    if cfg!(panic = "abort") {
        let reason = "a replay needs unwinding, and this was built with panic = \"abort\"";
        return Some(without_mutants(ProofStrength::Unproven, reason));
    }
    (registration.control.is_none() && cx.recording().len() == 0).then(observed_nothing)
}

/// Proves the pass that `cx` recorded, on this thread, where [`without_replay`] does not settle it.
pub(crate) fn prove(registration: &Registration, cx: &Context) -> Proof {
    if let Some(proof) = without_replay(registration, cx) {
        return proof;
    }
    let mut proof = by_replay(&registration.body, cx);
    if let Some(control) = &registration.control {
        let configured = cx.run().config.run.timeout;
        let limit = registration.timeout.or(configured).unwrap_or(CONTROL_LIMIT);
        (proof.strength, proof.reason) = by_control(control, cx, limit);
    }
    let redactor = &cx.run().redactor;
    proof.reason = proof.reason.map(|reason| redactor.brief(&reason, LONG));
    proof
}

fn observed_nothing() -> Proof {
    without_mutants(ProofStrength::Vacuous, "it observed nothing")
}

fn without_mutants(strength: ProofStrength, reason: impl Into<String>) -> Proof {
    Proof {
        strength,
        reason: Some(reason.into()),
        fine: Tally::default(),
        gross: Tally::default(),
        mutants: Vec::new(),
    }
}

/// Runs the check, live, on the known-bad resource that its author named. It has to go red.
fn by_control(control: &Body, cx: &Context, limit: Duration) -> (ProofStrength, Option<String>) {
    let bad = Context::for_trial(cx.run(), cx.trial(), cx.requirement());
    let ended = replay::ended(control, &bad, Some(limit));
    // What the control left behind is gone either way; its problems are not the trial's.
    drop(bad.release());
    match ended {
        Ended::Answered(answer) => match fate_of(&answer) {
            Fate::Killed => (ProofStrength::Proven, None),
            Fate::Survived => (
                ProofStrength::Vacuous,
                Some("it passes on its negative control, which is known to be bad".to_owned()),
            ),
            _ => (
                ProofStrength::Unproven,
                Some(format!(
                    "its negative control gave no verdict: {}",
                    words(&answer)
                )),
            ),
        },
        Ended::Diverged(why) => (ProofStrength::Unproven, Some(why)),
    }
}

fn by_replay(body: &Body, cx: &Context) -> Proof {
    let recording = cx.recording();
    let entries = recording.entries();
    if !entries.iter().any(|entry| entry.stored.is_observation()) {
        return observed_nothing();
    }
    if recording.overflowed() {
        let reason = format!(
            "it made more than {} observations, too many to replay",
            entries.len()
        );
        return without_mutants(ProofStrength::Unproven, reason);
    }
    if let Some(reason) = not_replayable(replay(body, cx, None)) {
        return without_mutants(ProofStrength::Unproven, format!("not replayable: {reason}"));
    }
    let settings = &cx.run().prove;
    let plan = match plan::plan(&entries, settings, cx.trial()) {
        Ok(plan) => plan,
        Err(panic) => return operator_panicked(&panic),
    };
    let offered = plan.fine.len();
    let mut trials = Trials::new(Instant::now() + TOTAL_LIMIT);
    let mut originals = Originals::new(&entries);
    for (at, candidate) in plan.fine.into_iter().enumerate() {
        let enough = at >= settings.budget
            && (trials.fine.killed > 0 || at >= settings.budget.saturating_mul(PATIENCE));
        if enough || trials.is_over() {
            break;
        }
        if let Err(panic) = try_one(body, cx, candidate, &mut originals, &mut trials) {
            return operator_panicked(&panic);
        }
    }
    for candidate in plan.gross.into_iter().take(GROSS.max(settings.budget / 4)) {
        if trials.is_over() {
            break;
        }
        if let Err(panic) = try_one(body, cx, candidate, &mut originals, &mut trials) {
            return operator_panicked(&panic);
        }
    }
    trials.conclude(offered)
}

fn operator_panicked(panic: &str) -> Proof {
    let reason = format!("the alterations of an observation cannot be made: {panic}");
    without_mutants(ProofStrength::Unproven, reason)
}

/// Why a check cannot be judged by replays, if it cannot.
fn not_replayable(baseline: Ended) -> Option<String> {
    match baseline {
        Ended::Answered(CheckResult::Passed) => None,
        Ended::Answered(answer) => Some(format!("on its own recording it {}", words(&answer))),
        Ended::Diverged(why) => Some(why),
    }
}

/// Makes one alteration and replays the check on it; the message where its operator panicked.
fn try_one(
    body: &Body,
    cx: &Context,
    candidate: Candidate,
    originals: &mut Originals<'_>,
    trials: &mut Trials,
) -> Result<(), String> {
    let Candidate {
        place,
        observation,
        mutant,
    } = candidate;
    let Some(original) = originals.at(place) else {
        return Ok(());
    };
    let altered = panics::catch_in(true, || (mutant.make)(original));
    let altered = altered.map_err(|panic| panic.message)?;
    let redactor = &cx.run().redactor;
    let (fate, reason) = match &altered {
        Altered::Nothing => (Fate::NotApplied, None),
        altered => match replay(body, cx, Some((place, altered.clone()))) {
            Ended::Diverged(why) => (Fate::Diverged, Some(why)),
            Ended::Answered(answer) => {
                let fate = fate_of(&answer);
                (fate, (fate != Fate::Survived).then(|| words(&answer)))
            }
        },
    };
    trials.add(MutantRecord {
        observation: redactor.brief(&observation, SHORT),
        operator: mutant.operator.to_owned(),
        facet: Facet(redactor.brief(&mutant.facet.0, SHORT)),
        words: redactor.brief(&mutant.words, SHORT),
        strength: mutant.strength,
        fate,
        reason: reason.map(|reason| redactor.brief(&reason, SHORT)),
        change: originals.change(place, &altered, fate, redactor),
    });
    Ok(())
}

/// Only the check's own verdict kills: an error that was passed up would have come from any check.
fn fate_of(answer: &CheckResult) -> Fate {
    match answer {
        CheckResult::Passed => Fate::Survived,
        CheckResult::Warned(_) => Fate::Killed,
        CheckResult::Failed { origin, .. } if origin.is_own() => Fate::Killed,
        CheckResult::Failed { .. }
        | CheckResult::NotApplicable(_)
        | CheckResult::Unavailable(_) => Fate::Errored,
    }
}

fn words(answer: &CheckResult) -> String {
    match answer {
        CheckResult::Passed => "passes".to_owned(),
        CheckResult::Warned(reason) => format!("warns: {reason}"),
        CheckResult::Failed { reason, .. } => format!("fails: {reason}"),
        CheckResult::NotApplicable(reason) => format!("does not apply: {reason}"),
        CheckResult::Unavailable(reason) => format!("could not look: {reason}"),
    }
}

impl Trials {
    fn tally_of(&mut self, strength: Strength) -> &mut Tally {
        match strength {
            Strength::Fine => &mut self.fine,
            Strength::Gross => &mut self.gross,
        }
    }
}

#[cfg(test)]
mod gallery;
#[cfg(test)]
mod tests;
