//! What an assessment changes: the update of the document and the new ledger.

use readiness_checklist::{ItemUpdate, Update};

use super::{Action, AssessedItem, Assessment, Outcome, Standing};
use crate::ledger::{Entry, Ledger, LedgerState};

/// The document's update and the ledger that goes with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// For [`readiness_checklist::Checklist::rewrite`]; empty when nothing is known.
    pub update: Update,
    /// What the ledger says afterwards.
    pub ledger: Ledger,
}

impl Assessment {
    /// What to write. Without anything known the update is empty and the ledger as it was: not one
    /// byte changes.
    pub fn plan(&self, ledger: &LedgerState) -> Plan {
        let old = match ledger {
            LedgerState::Present(ledger) => ledger.clone(),
            LedgerState::Absent | LedgerState::Broken { .. } => Ledger::default(),
        };
        let writes = self.items.iter().any(|item| item.action.writes());
        let known = self
            .items
            .iter()
            .any(|item| !item.carried && item.resolved.outcome != Outcome::NotVerified);
        if !writes && !known {
            return Plan {
                update: Update::default(),
                ledger: old,
            };
        }
        let written = self
            .items
            .iter()
            .filter(|item| item.action.writes() && !item.collides);
        let update = Update {
            // All at once: a map that grows result by result is half empty.
            items: written.map(|item| (item.id.clone(), shown(item))).collect(),
            tally: Some(self.counts.tally()),
            today: Some(self.day.to_string()),
            ..Update::default()
        };
        let entry = |item: &AssessedItem| {
            let entry = self.entry(item, old.entries.get(&item.id))?;
            Some((item.id.clone(), entry))
        };
        let ledger = Ledger {
            entries: self.items.iter().filter_map(entry).collect(),
        };
        Plan { update, ledger }
    }

    /// The ledger's line for an item; none for one that we did not write.
    fn entry(&self, item: &AssessedItem, old: Option<&Entry>) -> Option<Entry> {
        let old = old.filter(|_| item.standing == Standing::Ours);
        if !item.action.writes() || item.collides {
            return old.cloned();
        }
        let outcome = item.resolved.outcome;
        let base = (item.base != outcome).then_some(item.base);
        // An earlier result keeps its provenance; only what it comes to today is new.
        if let (Some(old), true) = (old, item.carried) {
            return Some(Entry {
                status: outcome.status(),
                outcome,
                base,
                ..old.clone()
            });
        }
        let run = self.run.as_ref().filter(|_| !item.trials.is_empty());
        let target = run.and_then(|run| run.target.as_ref());
        let ended = |&index: &usize| run.and_then(|run| run.trials.get(index)?.day);
        let day = item
            .trials
            .iter()
            .filter_map(ended)
            .max()
            .or(item.stated_on);
        Some(Entry {
            status: outcome.status(),
            outcome,
            base,
            run: run.map(|run| run.run.clone()),
            target: target.map(|target| target.name.clone()),
            version: target.and_then(|target| target.version.clone()),
            commit: run.and_then(|run| run.commit.clone()),
            day: day.unwrap_or(self.day),
            text: item.text.clone(),
            check: item.check.clone(),
            config: run.and_then(|run| run.config_digest.clone()),
            strength: item.strength.as_ref().map(|s| s.as_str().to_owned()),
        })
    }
}

/// What the document shows for an item.
fn shown(item: &AssessedItem) -> ItemUpdate {
    ItemUpdate {
        status: item.resolved.outcome.status(),
        reason: note(item),
    }
}

/// The reason as it stands in the document. The outcomes that share a status are told apart by
/// their first words.
fn note(item: &AssessedItem) -> Option<String> {
    let reason = item.resolved.reason.as_deref().unwrap_or_default();
    let words = match item.resolved.outcome {
        Outcome::Passed | Outcome::Attested => return None,
        Outcome::Failed | Outcome::Warned => reason.to_owned(),
        Outcome::Waived if reason.starts_with("waived") => reason.to_owned(),
        other => format!("{other}: {reason}"),
    };
    (!words.trim().is_empty()).then_some(words)
}

impl Action {
    /// In words, for listings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Untouched => "untouched",
            Self::UntouchedClaim => "claimed",
            Self::Write | Self::WriteOverClaim => "written",
        }
    }
}
