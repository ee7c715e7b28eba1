//! The score as an exact fraction, and the counts behind it.

use std::collections::BTreeMap;
use std::fmt;

use readiness_checklist::{Percent, Tally};

use super::outcome::Outcome;

/// Passed of applicable. Never rounded up: `114/121 = 94.21 %`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Score {
    /// Items that are passed or attested.
    pub passed: u64,
    /// All items without those that are not applicable.
    pub applicable: u64,
}

impl Score {
    /// Hundredths of a percent, rounded down; none when nothing applies.
    pub fn hundredths(self) -> Option<u64> {
        let exact = (u128::from(self.passed) * 10_000).checked_div(u128::from(self.applicable))?;
        u64::try_from(exact).ok()
    }

    /// Whether the score is at least `minimum`, compared as integers. Nothing applicable never is.
    pub fn reaches(self, minimum: Percent) -> bool {
        self.applicable > 0
            && u128::from(self.passed) * 10_000
                >= u128::from(minimum.hundredths) * u128::from(self.applicable)
    }

    /// How many more passes `minimum` needs.
    pub fn short_of(self, minimum: Percent) -> u64 {
        let needed =
            (u128::from(minimum.hundredths) * u128::from(self.applicable)).div_ceil(10_000);
        u64::try_from(needed.saturating_sub(u128::from(self.passed))).unwrap_or(u64::MAX)
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.passed, self.applicable)?;
        match self.hundredths() {
            Some(h) => write!(f, " = {}.{:02} %", h / 100, h % 100),
            None => f.write_str(" (nothing applicable)"),
        }
    }
}

/// How many items came to what.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct Counts {
    /// Items by outcome.
    pub outcomes: BTreeMap<Outcome, u64>,
    /// Passed items whose every check was proven able to fail.
    pub proven: u64,
    /// Passed items with a check that is excused from proof.
    pub excused: u64,
    /// Passed items that rest on another tool's result.
    pub imported: u64,
    /// Items whose status in the document a person typed.
    pub claimed: u64,
}

impl Counts {
    /// Items with this outcome.
    pub fn of(&self, outcome: Outcome) -> u64 {
        self.outcomes.get(&outcome).copied().unwrap_or(0)
    }

    /// All items.
    pub fn total(&self) -> u64 {
        self.outcomes.values().sum()
    }

    /// The score.
    pub fn score(&self) -> Score {
        let sum = |keep: fn(Outcome) -> bool| {
            let kept = self.outcomes.iter().filter(|(outcome, _)| keep(**outcome));
            kept.map(|(_, count)| count).sum()
        };
        Score {
            passed: sum(Outcome::counts),
            applicable: sum(Outcome::is_applicable),
        }
    }

    /// The counts as the document's score block shows them.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for (outcome, count) in &self.outcomes {
            match outcome.status() {
                readiness_checklist::Status::Pass => tally.pass += count,
                readiness_checklist::Status::Warn => tally.warn += count,
                readiness_checklist::Status::Fail => tally.fail += count,
                readiness_checklist::Status::Skip => tally.skip += count,
            }
        }
        tally.not_applicable = self.of(Outcome::NotApplicable);
        tally
    }

    /// The strength of the assessment in words: `114 pass (101 proven able to fail, 6 attested),
    /// 2 warn, 1 fail, 4 not verified`.
    pub fn strength(&self) -> String {
        let tally = self.tally();
        let mut behind = vec![format!("{} proven able to fail", self.proven)];
        if self.excused > 0 {
            behind.push(format!("{} excused from proof", self.excused));
        }
        if self.imported > 0 {
            behind.push(format!("{} imported and unproven", self.imported));
        }
        behind.push(format!("{} attested", self.of(Outcome::Attested)));
        let mut warn = format!("{} warn", tally.warn);
        let kinds: Vec<_> = [Outcome::Vacuous, Outcome::Stale, Outcome::Waived]
            .into_iter()
            .filter(|kind| self.of(*kind) > 0)
            .map(|kind| format!("{} {kind}", self.of(kind)))
            .collect();
        if !kinds.is_empty() {
            warn = format!("{warn} ({})", kinds.join(", "));
        }
        let mut parts = vec![
            format!("{} pass ({})", tally.pass, behind.join(", ")),
            warn,
            format!("{} fail", tally.fail),
            format!("{} not verified", self.of(Outcome::NotVerified)),
        ];
        if tally.not_applicable > 0 {
            parts.push(format!("{} not applicable", tally.not_applicable));
        }
        parts.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(passed: u64, applicable: u64) -> Score {
        Score { passed, applicable }
    }

    const MINIMUM: Percent = Percent { hundredths: 9500 };

    #[test]
    fn a_score_is_never_rounded_up() {
        assert_eq!(score(114, 121).to_string(), "114/121 = 94.21 %");
        assert_eq!(score(2, 3).to_string(), "2/3 = 66.66 %");
        assert_eq!(
            score(9_999_999, 10_000_000).to_string(),
            "9999999/10000000 = 99.99 %"
        );
        assert_eq!(score(121, 121).to_string(), "121/121 = 100.00 %");
        assert_eq!(score(0, 0).to_string(), "0/0 (nothing applicable)");
    }

    #[test]
    fn the_comparison_is_exact() {
        assert!(!score(114, 121).reaches(MINIMUM));
        assert!(score(115, 121).reaches(MINIMUM));
        assert!(score(19, 20).reaches(MINIMUM));
        assert!(!score(0, 0).reaches(Percent { hundredths: 0 }));
        assert!(score(0, 1).reaches(Percent { hundredths: 0 }));
        assert!(!score(u64::MAX - 1, u64::MAX).reaches(Percent { hundredths: 10_000 }));
        assert_eq!(score(114, 121).short_of(MINIMUM), 1);
        assert_eq!(score(115, 121).short_of(MINIMUM), 0);
    }

    #[test]
    fn what_counts_where() {
        let mut counts = Counts::default();
        for (outcome, count) in Outcome::ALL.into_iter().zip([1, 2, 3, 4, 5, 6, 7, 8, 9]) {
            counts.outcomes.insert(outcome, count);
        }
        counts.proven = 7;
        counts.excused = 1;
        counts.imported = 1;
        // Of 45, 7 do not apply; 8 attested and 9 passed count.
        assert_eq!(counts.score(), score(17, 38));
        let tally = counts.tally();
        assert_eq!((tally.pass, tally.warn, tally.fail), (17, 14, 1));
        assert_eq!((tally.skip, tally.not_applicable), (13, 7));
        assert_eq!(
            counts.strength(),
            "17 pass (7 proven able to fail, 1 excused from proof, 1 imported and unproven, 8 attested), 14 warn (3 vacuous, 4 stale, 5 waived), 1 fail, 6 not verified, 7 not applicable"
        );
    }
}
