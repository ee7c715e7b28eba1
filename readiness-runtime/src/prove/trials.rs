//! All replays of one check: the baseline, then one alteration at a time, within a budget.

use std::time::{Duration, Instant};

use super::change::Originals;
use super::conclude::Tried;
use super::masked::Masked;
use super::plan::{self, Candidate, Plan};
use super::replay::{Ended, replay};
use super::{fate_of, observed_nothing, without_mutants, words};
use crate::context::{Altered, Context};
use crate::harness::panics;
use crate::journal::record::{Fate, MutantRecord, Proof, ProofStrength};
use crate::observation::Facet;
use crate::registry::Body;
use crate::verdict::CheckResult;

/// All replays of one check together. A check that waits outside of the context is not replayed for
/// as long as all its alterations would take.
const TOTAL_LIMIT: Duration = Duration::from_secs(20);

/// A check that noticed nothing so far gets this many times its budget: an accusation should not
/// hang on which alterations came first.
const PATIENCE: usize = 8;

/// The least number of gross alterations that are tried.
const GROSS: usize = 8;

/// What is proven by replays of `body` on what `cx` recorded.
pub(super) fn by_replay(body: &Body, cx: &Context) -> Proof {
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
    let trials = Trials {
        body,
        cx,
        originals: Originals::new(&entries),
        masked: Masked::new(&cx.run().redactor),
        tried: Tried::new(Instant::now() + TOTAL_LIMIT),
    };
    let plan = plan::plan(&entries, &cx.run().prove, cx.trial());
    plan.and_then(|plan| trials.run(plan))
        .unwrap_or_else(|panic| {
            let reason = format!("the alterations of an observation cannot be made: {panic}");
            without_mutants(ProofStrength::Unproven, reason)
        })
}

/// Why a check cannot be judged by replays, if it cannot.
fn not_replayable(baseline: Ended) -> Option<String> {
    match baseline {
        Ended::Answered(CheckResult::Passed) => None,
        Ended::Answered(answer) => Some(format!("on its own recording it {}", words(&answer))),
        Ended::Diverged(why) => Some(why),
    }
}

/// The replays of one check.
struct Trials<'a> {
    body: &'a Body,
    cx: &'a Context,
    originals: Originals<'a>,
    masked: Masked<'a>,
    tried: Tried,
}

impl Trials<'_> {
    /// Goes through a plan; the message where an operator panicked.
    fn run(mut self, plan: Plan) -> Result<Proof, String> {
        let budget = self.cx.run().prove.budget;
        let offered = plan.fine.len();
        for (at, candidate) in plan.fine.into_iter().enumerate() {
            let noticed = self.tried.fine.killed > 0;
            let enough = at >= budget && (noticed || at >= budget.saturating_mul(PATIENCE));
            if enough || self.tried.is_over() {
                break;
            }
            self.alter(candidate)?;
        }
        for candidate in plan.gross.into_iter().take(GROSS.max(budget / 4)) {
            if self.tried.is_over() {
                break;
            }
            self.alter(candidate)?;
        }
        Ok(self.tried.conclude(offered))
    }

    /// Makes one alteration and replays the check on it; the message where its operator panicked.
    fn alter(&mut self, candidate: Candidate) -> Result<(), String> {
        let Candidate {
            place,
            observation,
            mutant,
        } = candidate;
        let Some(original) = self.originals.at(place) else {
            return Ok(());
        };
        let altered = panics::catch_in(true, || (mutant.make)(original));
        let altered = altered.map_err(|panic| panic.message)?;
        let (fate, reason) = self.fate(place, &altered);
        let record = MutantRecord {
            observation: self.masked.again(&observation),
            operator: mutant.operator.to_owned(),
            facet: Facet(self.masked.again(&mutant.facet.0)),
            words: self.masked.once(&mutant.words),
            strength: mutant.strength,
            fate,
            reason: reason.map(|reason| self.masked.again(&reason)),
            change: self
                .originals
                .change(place, &altered, fate, &self.cx.run().redactor),
        };
        self.tried.add(record);
        Ok(())
    }

    /// What became of an alteration, and why, unless it survived.
    fn fate(&self, place: usize, altered: &Altered) -> (Fate, Option<String>) {
        if matches!(altered, Altered::Nothing) {
            return (Fate::NotApplied, None);
        }
        match replay(self.body, self.cx, Some((place, altered.clone()))) {
            Ended::Diverged(why) => (Fate::Diverged, Some(why)),
            Ended::Answered(answer) => {
                let fate = fate_of(&answer);
                (fate, (fate != Fate::Survived).then(|| words(&answer)))
            }
        }
    }
}
