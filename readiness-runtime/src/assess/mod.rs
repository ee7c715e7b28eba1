//! Assessment: what every item of a checklist comes to, from the results of a run, the ledger and
//! what people state. Pure: files, clocks and terminals are the caller's.
//!
//! In order: the trials of an item are combined ([`combine`]); an item without a result keeps what
//! the ledger says of it, as far as that is still fresh ([`carry`]); statements are applied
//! ([`statements`]); then the document's status is written or not ([`write_rules`]). The score and
//! the gate count outcomes, never what stands in the document.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;
use readiness_checklist::{Checklist, IdOrigin, Item, State};
use sha2::{Digest, Sha256};

use crate::config::Config;
use crate::diagnostic::{Code, Diagnostic};
use crate::ledger::{Entry, LedgerState};
use crate::signoff::SignOff;

mod accept;
pub mod carry;
pub mod combine;
mod from_journal;
pub mod gate;
mod input;
mod outcome;
mod plan;
mod score;
pub mod statements;
pub mod write_rules;

pub use accept::NotAccepted;
pub use from_journal::{MissingShard, missing_shards, summarise};
pub use gate::Gate;
pub use input::{RunSummary, Strength, TrialResult, TrialSummary};
pub use outcome::{Outcome, Resolved};
pub use plan::Plan;
pub use score::{Counts, Score};
pub use write_rules::{Action, Standing};

use carry::Present;
use statements::{InForce, Note, Subject};
use write_rules::Known;

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

/// SHA-256 of a requirement's normalised text, in hexadecimal.
pub fn text_hash(item: &Item) -> String {
    hex(Sha256::digest(item.normalized_text().as_bytes()).as_slice())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// An item with the trials bound to it.
struct Slot<'a> {
    item: &'a Item,
    index: usize,
    text: String,
    trials: Vec<usize>,
    collides: bool,
}

/// Items and trials, brought together.
struct Bound<'a> {
    slots: Vec<Slot<'a>>,
    by_id: BTreeMap<&'a str, usize>,
}

impl<'a> Bound<'a> {
    fn new(inputs: &Inputs<'a>) -> Self {
        let mut slots: Vec<Slot<'_>> = Vec::new();
        let mut by_id: BTreeMap<&str, usize> = BTreeMap::new();
        for (index, item) in inputs.checklist.items().iter().enumerate() {
            let known = by_id.get(item.id()).copied();
            let collides = known.is_some() && item.id_origin() == IdOrigin::Derived;
            match known {
                Some(first) if collides => slots[first].collides = true,
                // The same explicit id again is the same item.
                Some(_) => continue,
                None => {
                    by_id.insert(item.id(), slots.len());
                }
            }
            slots.push(Slot {
                item,
                index,
                text: text_hash(item),
                trials: Vec::new(),
                collides,
            });
        }
        for (index, trial) in inputs
            .run
            .iter()
            .flat_map(|run| run.trials.iter().enumerate())
        {
            if let Some(&slot) = by_id.get(trial.id.as_str())
                && !slots[slot].collides
            {
                slots[slot].trials.push(index);
            }
        }
        Self { slots, by_id }
    }

    /// Trials that belong to no item.
    fn unbound(&self, inputs: &Inputs<'_>) -> Vec<Diagnostic> {
        let mut ids: BTreeMap<&str, &TrialSummary> = BTreeMap::new();
        for trial in inputs.run.iter().flat_map(|run| &run.trials) {
            ids.entry(&trial.id).or_insert(trial);
        }
        ids.into_iter()
            .filter_map(|(id, trial)| {
                let from = match trial.source.as_str() {
                    "" => trial.trial.clone(),
                    source => format!("{} ({source})", trial.trial),
                };
                match self.by_id.get(id) {
                    None => {
                        let message = format!("no item has this id; {from} answers to it");
                        Some(
                            Diagnostic::new(Code::ResultIdUnknown, inputs.path, message)
                                .about(id)
                                .hint(nearest_hint(inputs.checklist, id)),
                        )
                    }
                    Some(&slot) if self.slots[slot].collides => {
                        let lines: Vec<_> = self
                            .slots
                            .iter()
                            .filter(|slot| slot.item.id() == id)
                            .map(|slot| slot.item.line().to_string())
                            .collect();
                        let message = format!(
                            "items on lines {} derive this id; {from} is bound to none of them",
                            lines.join(", ")
                        );
                        Some(
                            Diagnostic::new(Code::ResultIdCollision, inputs.path, message)
                                .about(id)
                                .hint("give each an id: <!-- req: … -->"),
                        )
                    }
                    Some(_) => None,
                }
            })
            .collect()
    }
}

/// The nearest ids with their lines, for a hint.
pub fn nearest_hint(checklist: &Checklist, id: &str) -> String {
    let near: Vec<_> = checklist
        .nearest(id)
        .iter()
        .map(|item| format!("{} (line {})", item.id(), item.line()))
        .collect();
    match near.as_slice() {
        [] => "`cargo readiness list` prints the ids".to_owned(),
        near => format!("nearest: {}", near.join(", ")),
    }
}

fn resolve<'a>(
    inputs: &Inputs<'_>,
    slot: &Slot<'_>,
    stated: &InForce<'a>,
) -> (AssessedItem, Vec<Note<'a>>) {
    let entry = inputs.ledger.entry(slot.item.id());
    let state = slot.item.state();
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

/// Digest over the names and digests of an item's checks, in 16 hexadecimal digits: enough to
/// notice a change, which is all it is for.
fn check_digest(slot: &Slot<'_>, run: Option<&RunSummary>) -> Option<String> {
    let run = run?;
    let mut checks: Vec<_> = slot
        .trials
        .iter()
        .filter_map(|&index| run.trials.get(index))
        .map(|trial| (&trial.trial, &trial.digest))
        .collect();
    if checks.is_empty() {
        return None;
    }
    checks.sort();
    let mut hasher = Sha256::new();
    for (trial, digest) in checks {
        hasher.update(trial.as_bytes());
        hasher.update([0]);
        hasher.update(digest.as_bytes());
        hasher.update([0]);
    }
    Some(hex(&hasher.finalize()[..8]))
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

fn ledger_notice(inputs: &Inputs<'_>) -> Option<Diagnostic> {
    let path = inputs.path.with_file_name(crate::ledger::FILE_NAME);
    match inputs.ledger {
        LedgerState::Present(_) => None,
        LedgerState::Broken { line, reason } => {
            let mut found = Diagnostic::new(
                Code::LedgerBroken,
                &path,
                format!("{reason}; every status of the document is taken as claimed"),
            )
            .hint("restore it from version control, or run everything once");
            found.line = *line;
            Some(found)
        }
        LedgerState::Absent => {
            let typed = inputs
                .checklist
                .items()
                .iter()
                .filter(|item| item.state() != State::NotRun)
                .count();
            (typed > 0).then(|| {
                Diagnostic::new(
                    Code::LedgerAbsent,
                    &path,
                    format!("there is none; the statuses of {typed} items are taken as claimed"),
                )
                .hint("a run writes it; commit it beside the checklist")
            })
        }
    }
}

fn claim_notice(inputs: &Inputs<'_>, item: &AssessedItem) -> Option<Diagnostic> {
    let stated = inputs.checklist.items()[item.index].state_text();
    let (code, message) = match item.action {
        Action::UntouchedClaim => (
            Code::StatusClaimed,
            format!("`{stated}` is typed, and nothing stands behind it: not counted"),
        ),
        Action::WriteOverClaim
            if !write_rules::shows(
                item.state,
                inputs.checklist.items()[item.index].shape(),
                item.resolved.outcome.status(),
            ) =>
        {
            (
                Code::StatusDisagrees,
                format!(
                    "`{stated}` was typed; {} is written: {}",
                    item.resolved.outcome.status(),
                    item.resolved.reason.as_deref().unwrap_or("passed")
                ),
            )
        }
        _ => return None,
    };
    let hint = match code {
        Code::StatusClaimed => "tag a check with this id, or attest it",
        _ => "",
    };
    Some(
        Diagnostic::new(code, inputs.path, message)
            .at(item.line)
            .about(&item.id)
            .hint(hint),
    )
}

/// A finding of [`statements::apply`], with its place.
fn about(inputs: &Inputs<'_>, item: &AssessedItem, note: &Note<'_>) -> Diagnostic {
    let table = note.statement.kind.table();
    let (message, hint) = match note.code {
        Code::StatementUnneeded => (
            format!("[[{table}]] changes nothing: {}", note.why),
            "delete it",
        ),
        Code::AttestationContradicted => (
            format!("attested, but a check says {}; the check counts", item.base),
            "put the cause right, or waive it with a reason and an expiry",
        ),
        _ => (
            format!("excluded by [[{table}]], but a check says {}", item.base),
            "look at the failure, or delete the exclusion",
        ),
    };
    Diagnostic::new(note.code, inputs.config.name(), message)
        .at(note.statement.line)
        .about(&item.id)
        .hint(hint)
}

#[cfg(test)]
mod tests;
