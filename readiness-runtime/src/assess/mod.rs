//! Assessment: what every item of a checklist comes to, from the results of a run, the ledger and
//! what people state. Pure: files, clocks and terminals are the caller's.
//!
//! In order: the trials of an item are combined ([`combine`]); an item without a result keeps what
//! the ledger says of it, as far as that is still fresh ([`carry`]); statements are applied
//! ([`statements`]); then the document's status is written or not ([`write_rules`]). The score and
//! the gate count outcomes, never what stands in the document.

use std::path::Path;

use jiff::civil::Date;
use readiness_checklist::{Checklist, State};

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::ledger::LedgerState;
use crate::signoff::SignOff;

mod accept;
mod bind;
pub mod carry;
pub mod combine;
mod from_journal;
pub mod gate;
mod input;
mod notices;
mod outcome;
mod plan;
mod resolve;
mod score;
pub mod statements;
pub mod write_rules;

pub use accept::NotAccepted;
pub use bind::{nearest_hint, text_hash};
pub use from_journal::{MissingShard, missing_shards, summarise};
pub use gate::Gate;
pub use input::{RunSummary, Strength, TrialResult, TrialSummary};
pub use outcome::{Outcome, Resolved};
pub use plan::Plan;
pub use score::{Counts, Score};
pub use write_rules::{Action, Standing};

use bind::Bound;
use notices::{about, claim_notice, ledger_notice};
use resolve::resolve;
use statements::{InForce, Subject};

/// Everything an assessment is made from.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The document.
    pub checklist: &'a Checklist,
    /// Its path, for messages.
    pub path: &'a Path,
    /// Its configuration.
    pub config: &'a Config,
    /// What was written before.
    pub ledger: &'a LedgerState,
    /// The run, if there is one.
    pub run: Option<&'a RunSummary>,
    /// The day of judging, in UTC.
    pub today: Date,
}

/// The resolved outcome of every item of a checklist.
#[derive(Debug, Clone)]
pub struct Assessment {
    /// In document order.
    pub items: Vec<AssessedItem>,
    /// How many came to what.
    pub counts: Counts,
    /// The target is the embedded one.
    pub demonstration: bool,
    /// What fails the run as a whole.
    pub faults: Vec<String>,
    /// Everything to be reported, in the order in which it was found.
    pub diagnostics: Vec<Diagnostic>,
    /// The day that a rewritten document carries: of the latest result, else of the assessment.
    pub day: Date,
    /// The run.
    pub run: Option<RunSummary>,
    /// Who signed off; empty until somebody who can check signatures fills it in.
    pub sign_offs: Vec<SignOff>,
}

/// One item, resolved.
#[derive(Debug, Clone)]
pub struct AssessedItem {
    /// Its id.
    pub id: String,
    /// Index among the checklist's items.
    pub index: usize,
    /// Its line, 1-based.
    pub line: usize,
    /// The headings it stands under, outermost first.
    pub section: Vec<String>,
    /// Its priority or severity, as the document has it.
    pub priority: Option<String>,
    /// What the document says.
    pub state: State,
    /// What it comes to, and why.
    pub resolved: Resolved,
    /// What it came to before statements.
    pub base: Outcome,
    /// Whether the outcome is that of an earlier run, from the ledger.
    pub carried: bool,
    /// What stands behind a pass of this run.
    pub strength: Option<Strength>,
    /// Who put what stands in the document.
    pub standing: Standing,
    /// What happens to it in the document.
    pub action: Action,
    /// SHA-256 of its normalised text, in hexadecimal.
    pub text: String,
    /// Digest of its checks; none without any.
    pub check: Option<String>,
    /// Its trials, as indexes into the run's.
    pub trials: Vec<usize>,
    /// The day of a statement that decided.
    pub stated_on: Option<Date>,
    /// Two items share this derived id: nothing can be bound to either.
    pub collides: bool,
}

impl Assessment {
    /// The score.
    pub fn score(&self) -> Score {
        self.counts.score()
    }

    /// Ids of the items that satisfy `keep`, in document order.
    pub fn ids_where(&self, keep: impl Fn(&AssessedItem) -> bool) -> Vec<String> {
        let kept = self.items.iter().filter(|item| keep(item));
        kept.map(|item| item.id.clone()).collect()
    }

    /// Fine alterations that the checks of this run noticed, of those that were tried.
    pub fn noticed(&self) -> Score {
        let trials = self.run.iter().flat_map(|run| &run.trials);
        trials.fold(Score::default(), |sum, trial| Score {
            passed: sum.passed + trial.noticed.0,
            applicable: sum.applicable + trial.noticed.1,
        })
    }

    /// Whether any trial ran at all.
    pub fn has_results(&self) -> bool {
        self.run.as_ref().is_some_and(|run| {
            run.trials
                .iter()
                .any(|trial| trial.result != TrialResult::NotSelected)
        })
    }
}

/// Assesses a checklist.
pub fn assess(inputs: &Inputs<'_>) -> Assessment {
    let bound = Bound::new(inputs);
    let mut diagnostics = bound.unbound(inputs);
    diagnostics.extend(ledger_notice(inputs));
    let subjects = bound
        .slots
        .iter()
        .map(|slot| {
            let text = slot.text.clone();
            (slot.item.id(), Subject { text })
        })
        .collect();
    let nearest = |id: &str| {
        let near = inputs.checklist.nearest(id);
        near.iter().map(|item| item.id().to_owned()).collect()
    };
    let (stated, found) = statements::in_force(inputs.config, &subjects, nearest, inputs.today);
    diagnostics.extend(found);
    let none = InForce::default();
    let items: Vec<_> = bound
        .slots
        .iter()
        .map(|slot| {
            let stated = stated.get(slot.item.id()).unwrap_or(&none);
            let (item, notes) = resolve(inputs, slot, stated);
            diagnostics.extend(notes.iter().map(|note| about(inputs, &item, note)));
            item
        })
        .collect();
    diagnostics.extend(items.iter().filter_map(|item| claim_notice(inputs, item)));
    Assessment {
        counts: count(&items),
        items,
        demonstration: is_demonstration(inputs),
        faults: inputs.run.map_or_else(Vec::new, |run| run.faults.clone()),
        diagnostics,
        day: latest_day(inputs),
        run: inputs.run.cloned(),
        sign_offs: Vec::new(),
    }
}

fn configured<'a>(inputs: &Inputs<'a>, key: &str) -> Option<&'a str> {
    inputs.config.target.as_ref()?.get(key)?.as_str()
}

fn is_demonstration(inputs: &Inputs<'_>) -> bool {
    let kind = match inputs.run {
        Some(run) => run.target.as_ref().map(|target| target.kind.as_str()),
        None => configured(inputs, "kind"),
    };
    kind == Some("embedded")
}

fn latest_day(inputs: &Inputs<'_>) -> Date {
    inputs
        .run
        .into_iter()
        .flat_map(|run| &run.trials)
        .filter_map(|trial| trial.day)
        .max()
        .unwrap_or(inputs.today)
}

fn count(items: &[AssessedItem]) -> Counts {
    let mut counts = Counts::default();
    for item in items {
        counts.add(item);
    }
    counts
}

impl Counts {
    /// Counts one more item.
    pub fn add(&mut self, item: &AssessedItem) {
        *self.outcomes.entry(item.resolved.outcome).or_default() += 1;
        self.claimed += u64::from(item.action == Action::UntouchedClaim);
        match item.strength {
            Some(Strength::Proven) => self.proven += 1,
            Some(Strength::Excused(_)) => self.excused += 1,
            Some(Strength::Imported(_)) => self.imported += 1,
            None => {}
        }
    }
}

#[cfg(test)]
mod tests;
