//! What follows from the fates of the alterations.

use std::time::Instant;

use crate::journal::record::{Fate, MutantRecord, Proof, ProofStrength, Tally};
use crate::observation::Strength;

/// Alterations that are written with the record.
const MAX_RECORDS: usize = 128;
/// Alterations named in a sentence: so many fine ones, and one gross one.
const NAMED: usize = 3;

/// What was tried so far.
pub(super) struct Tried {
    pub(super) fine: Tally,
    pub(super) gross: Tally,
    records: Vec<MutantRecord>,
    /// Of operators that changed nothing.
    not_applied: Vec<String>,
    until: Instant,
    ran_out: bool,
}

impl Tried {
    pub(super) fn new(until: Instant) -> Self {
        Self {
            fine: Tally::default(),
            gross: Tally::default(),
            records: Vec::new(),
            not_applied: Vec::new(),
            until,
            ran_out: false,
        }
    }

    /// Whether the time for this check is over.
    pub(super) fn is_over(&mut self) -> bool {
        self.ran_out |= Instant::now() > self.until;
        self.ran_out
    }

    pub(super) fn add(&mut self, record: MutantRecord) {
        let tally = self.tally_of(record.strength);
        match record.fate {
            Fate::Killed => tally.killed += 1,
            Fate::Survived => tally.survived += 1,
            Fate::Diverged | Fate::Errored => tally.diverged += 1,
            Fate::NotApplied => {
                let name = format!("`{}` of {}", record.operator, record.observation);
                self.not_applied.push(name);
            }
        }
        self.records.push(record);
    }

    /// The proof, of `offered` fine alterations.
    pub(super) fn conclude(mut self, offered: usize) -> Proof {
        let (strength, reason) = self.judge(offered);
        self.records.sort_by_key(|record| match record.fate {
            Fate::NotApplied => 0,
            Fate::Survived => 1,
            Fate::Killed => 2,
            Fate::Diverged | Fate::Errored => 3,
        });
        self.records.truncate(MAX_RECORDS);
        Proof {
            strength,
            reason,
            fine: self.fine,
            gross: self.gross,
            mutants: self.records,
        }
    }

    fn tally_of(&mut self, strength: Strength) -> &mut Tally {
        match strength {
            Strength::Fine => &mut self.fine,
            Strength::Gross => &mut self.gross,
        }
    }

    fn judge(&self, offered: usize) -> (ProofStrength, Option<String>) {
        let Tally {
            killed,
            survived,
            diverged,
        } = self.fine;
        let notes = self.notes(offered);
        if killed > 0 {
            return (ProofStrength::Proven, notes);
        }
        let (strength, mut reason) = if survived > 0 {
            (ProofStrength::Vacuous, self.sentence())
        } else if diverged > 0 {
            (ProofStrength::Unproven, self.why_unproven())
        } else if self.not_applied.is_empty() {
            let reason = "it read nothing of what it observed that could be altered";
            (ProofStrength::Vacuous, reason.to_owned())
        } else {
            (
                ProofStrength::Unproven,
                "no alteration could be applied".to_owned(),
            )
        };
        if let Some(notes) = notes {
            reason.push_str("; ");
            reason.push_str(&notes);
        }
        (strength, Some(reason))
    }

    /// "still passes when the reply is 404, when data is empty and 3 others".
    fn sentence(&self) -> String {
        let survivors = |strength| {
            let survived = self
                .records
                .iter()
                .filter(move |record| record.fate == Fate::Survived && record.strength == strength);
            let mut words: Vec<&str> = Vec::new();
            for record in survived {
                if !words.contains(&record.words.as_str()) {
                    words.push(&record.words);
                }
            }
            words
        };
        let (fine, gross) = (survivors(Strength::Fine), survivors(Strength::Gross));
        let named: Vec<_> = fine
            .iter()
            .take(NAMED)
            .chain(gross.iter().take(1))
            .collect();
        let mut sentence = String::from("still passes");
        for (at, words) in named.iter().enumerate() {
            sentence.push_str(if at == 0 { " when " } else { ", when " });
            sentence.push_str(words);
        }
        let others = fine.len() + gross.len() - named.len();
        if others > 0 {
            sentence = format!("{sentence}, and {others} more");
        }
        sentence
    }

    /// Every alteration led away from the recording, or to an error that was passed up.
    fn why_unproven(&self) -> String {
        let first = self.records.iter().find(|record| {
            record.strength == Strength::Fine
                && matches!(record.fate, Fate::Diverged | Fate::Errored)
        });
        let (words, reason) = first.map_or(("", ""), |record| {
            (
                record.words.as_str(),
                record.reason.as_deref().unwrap_or(""),
            )
        });
        format!("no alteration got a verdict: when {words}, {reason}")
    }

    /// What a reader of the proof has to know besides.
    fn notes(&self, offered: usize) -> Option<String> {
        let mut notes = Vec::new();
        if let Some(first) = self.not_applied.first() {
            let count = self.not_applied.len();
            notes.push(format!(
                "{count} alterations changed nothing, an error of their operator: {first}"
            ));
        }
        if self.ran_out {
            let tried = self
                .records
                .iter()
                .filter(|r| r.strength == Strength::Fine)
                .count();
            notes.push(format!(
                "out of time after {tried} of {offered} alterations"
            ));
        }
        (!notes.is_empty()).then(|| notes.join("; "))
    }
}
