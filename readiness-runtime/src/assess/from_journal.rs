//! From joined journals to what an assessment needs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::input::{RunSummary, Strength, TrialResult, TrialSummary};
use crate::config::date::day_of;
use crate::journal::record::{Finished, Proof, ProofStrength, Target, TrialOutcome};
use crate::journal::resolve::FlakyCause;
use crate::journal::{MergedRun, NotRun, TrialRun, TrialState};
use crate::prove::SWITCHED_OFF;

/// Sums up a run that concerns one checklist. `complete` says that every test target with checks
/// for it is known to have taken part.
pub fn summarise(run: &MergedRun, complete: bool) -> RunSummary {
    let trials = run.trials();
    let cut_short = trials.values().any(|trial| {
        matches!(
            trial.state,
            TrialState::NotRun(NotRun::NotSelected | NotRun::Interrupted | NotRun::ProcessDied)
        )
    });
    let partial = cut_short || !missing_shards(run).is_empty();
    let mut faults: Vec<String> = run.faults().iter().map(ToString::to_string).collect();
    let targets: BTreeSet<(String, String)> = targets(run).map(|t| (t.name, t.kind)).collect();
    if targets.len() > 1 {
        let names: Vec<_> = targets
            .iter()
            .map(|(name, kind)| format!("{name} ({kind})"))
            .collect();
        faults.push(format!(
            "results of several targets for one checklist: {}",
            names.join(", ")
        ));
    }
    RunSummary {
        run: run.runs().into_iter().collect::<Vec<_>>().join("+"),
        target: targets_first(run),
        commit: the_one(
            run.processes()
                .map(|process| process.header().commit.clone()),
        ),
        config_digest: the_one(
            run.processes()
                .map(|process| process.header().config_digest.clone()),
        ),
        trials: trials
            .values()
            .map(|trial| TrialSummary {
                trial: trial.trial.clone(),
                id: trial.id.clone(),
                digest: trial.digest.clone(),
                source: trial.source.clone(),
                day: trial.attempts.last().and_then(|attempt| {
                    let finished = attempt.finished.as_ref()?;
                    day_of(&finished.at)
                }),
                result: result(trial, partial),
                noticed: noticed(trial),
                stands_in: stands_in(run, trial),
            })
            .collect(),
        partial,
        complete,
        faults,
    }
}

/// A shard that left no journal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MissingShard {
    /// The package whose test targets were sharded.
    pub package: String,
    /// From 1.
    pub index: u32,
    /// How many there are.
    pub total: u32,
}

impl fmt::Display for MissingShard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "shard {} of {} of {}",
            self.index, self.total, self.package
        )
    }
}

/// No plan has more shards; a journal that says so is not asked for them one by one.
const MOST_SHARDS: u32 = 10_000;

/// The shards that a sharded run still lacks, package by package. Different totals cannot be told
/// from a mistake: then every shard of the largest is asked for.
pub fn missing_shards(run: &MergedRun) -> BTreeSet<MissingShard> {
    let mut present: BTreeMap<&str, BTreeSet<(u32, u32)>> = BTreeMap::new();
    for process in run.processes() {
        let header = process.header();
        if let Some(shard) = header.shard {
            present.entry(&header.package).or_default().insert(shard);
        }
    }
    let mut missing = BTreeSet::new();
    for (package, shards) in present {
        let total = shards.iter().map(|(_, total)| *total).max().unwrap_or(0);
        let absent =
            (1..=total.min(MOST_SHARDS)).filter(|&index| !shards.contains(&(index, total)));
        missing.extend(absent.map(|index| MissingShard {
            package: package.to_owned(),
            index,
            total,
        }));
    }
    missing
}

fn targets(run: &MergedRun) -> impl Iterator<Item = Target> {
    run.processes()
        .filter_map(|process| process.header().target.clone())
}

/// The target; of several processes the report of a version is worth more than its absence.
fn targets_first(run: &MergedRun) -> Option<Target> {
    targets(run).max_by(|a, b| (&a.version, &b.name).cmp(&(&b.version, &a.name)))
}

/// The value that all agree on.
fn the_one(values: impl Iterator<Item = Option<String>>) -> Option<String> {
    let mut distinct: BTreeSet<_> = values.flatten().collect();
    match distinct.len() {
        1 => distinct.pop_first(),
        _ => None,
    }
}

fn result(trial: &TrialRun, partial: bool) -> TrialResult {
    match &trial.state {
        TrialState::Finished => match trial.finished() {
            Some(finished) => finished_result(trial, finished),
            None => TrialResult::NotVerified("its end was not recorded".to_owned()),
        },
        TrialState::Died => TrialResult::Failed(
            "the test process died while this trial alone was in flight".to_owned(),
        ),
        TrialState::DiedAmong { others } => TrialResult::NotVerified(format!(
            "the test process died with {} trials in flight",
            others.len() + 1
        )),
        TrialState::Interrupted { signal } => {
            TrialResult::NotVerified(format!("interrupted ({signal})"))
        }
        TrialState::NotRun(NotRun::NotSelected) => TrialResult::NotSelected,
        // Whether a filter or the attribute left it out cannot be told in a partial run.
        TrialState::NotRun(NotRun::Ignored(_)) if partial => TrialResult::NotSelected,
        TrialState::NotRun(cause) => TrialResult::NotVerified(cause.to_string()),
    }
}

fn finished_result(trial: &TrialRun, finished: &Finished) -> TrialResult {
    let reason = || {
        finished
            .reason
            .clone()
            .unwrap_or_else(|| "no reason given".to_owned())
    };
    match finished.outcome {
        TrialOutcome::Passed => match trial.flaky() {
            Some(cause) => TrialResult::Warned(flaky(finished.attempt, cause)),
            None => proven(finished.proof.as_ref()),
        },
        TrialOutcome::Warned => TrialResult::Warned(reason()),
        TrialOutcome::Failed => TrialResult::Failed(match &finished.location {
            Some(location) => format!("{} ({location})", reason()),
            None => reason(),
        }),
        TrialOutcome::NotApplicable => TrialResult::NotApplicable(reason()),
        TrialOutcome::Unavailable => TrialResult::NotVerified(reason()),
    }
}

/// Whether its last attempt was imported from a tool that stands in for checks.
fn stands_in(run: &MergedRun, trial: &TrialRun) -> bool {
    let last = trial.attempts.last().map(|attempt| &attempt.process);
    run.processes().any(|process| {
        let header = process.header();
        let stands_in = header
            .import
            .as_ref()
            .is_some_and(|import| import.stands_in);
        stands_in && last.is_some_and(|(run, name)| (run, name) == (&header.run, &header.process))
    })
}

fn noticed(trial: &TrialRun) -> (u64, u64) {
    let proof = trial
        .finished()
        .and_then(|finished| finished.proof.as_ref());
    proof.map_or((0, 0), |proof| {
        let killed = u64::from(proof.fine.killed);
        (killed, killed + u64::from(proof.fine.survived))
    })
}

fn flaky(attempt: u32, cause: FlakyCause<'_>) -> String {
    let before = match cause {
        FlakyCause::Failed(finished) => finished.reason.as_deref().unwrap_or("a failure"),
        FlakyCause::Died => "its process died",
    };
    format!("flaky: passed on attempt {attempt}, after: {before}")
}

fn proven(proof: Option<&Proof>) -> TrialResult {
    let Some(proof) = proof else {
        return TrialResult::Vacuous("no proof was recorded".to_owned());
    };
    let reason = |default: &str| proof.reason.clone().unwrap_or_else(|| default.to_owned());
    match proof.strength {
        ProofStrength::Proven => TrialResult::Passed(Strength::Proven),
        ProofStrength::Excused => {
            TrialResult::Passed(Strength::Excused(reason("excused from proof")))
        }
        ProofStrength::Vacuous => {
            TrialResult::Vacuous(reason("no alteration of what it read changed its verdict"))
        }
        ProofStrength::Unproven => {
            TrialResult::Vacuous(reason("it cannot be replayed, and no reason is declared"))
        }
        ProofStrength::Imported => {
            TrialResult::Passed(Strength::Imported(reason("from another tool")))
        }
        ProofStrength::Off => TrialResult::Vacuous(reason(SWITCHED_OFF)),
    }
}

#[cfg(test)]
#[path = "from_journal_tests.rs"]
mod tests;
