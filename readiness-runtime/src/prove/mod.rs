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
//! | `trials` | all replays of one check, within their budget |
//! | `masked` | the texts that are written with them |
//! | `change` | the altered place beside the original |
//! | `conclude` | what follows from their fates |
//!
//! The verdict of the check is never touched: what proving finds stands beside it.

mod change;
mod conclude;
mod masked;
mod plan;
mod replay;
mod trials;

use std::time::Duration;

use crate::context::Context;
use crate::harness::panics;
use crate::journal::record::{Fate, Proof, ProofStrength, Tally};
use crate::registry::{Body, Registration};
use crate::verdict::CheckResult;

use replay::Ended;

/// Why a pass of a run without proof is unproven.
pub(crate) const SWITCHED_OFF: &str = "unproven: proof was switched off for this run";

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
    if panics::aborts_here() {
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
    let mut proof = trials::by_replay(&registration.body, cx);
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

#[cfg(test)]
mod gallery;
#[cfg(test)]
mod tests;
