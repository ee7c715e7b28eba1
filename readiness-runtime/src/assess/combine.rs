//! The first table: what the trials of one item come to together.
//!
//! Worst wins, in the order failed, warned, vacuous, passed. *Not applicable* only if every trial
//! says so. *Not verified* if any part did not run and none failed.

use super::input::{Strength, TrialResult};
use super::outcome::{Outcome, Resolved};

/// The outcome of an item from its trials alone.
pub fn combine<'a>(trials: impl IntoIterator<Item = &'a TrialResult>) -> Resolved {
    let trials: Vec<_> = trials.into_iter().collect();
    let outcome = worst(&trials);
    let reasons: Vec<&str> = trials
        .iter()
        .filter(|trial| kind(trial) == outcome)
        .filter_map(|trial| reason(trial))
        .collect();
    let reason = match (outcome, reasons.as_slice()) {
        (Outcome::Passed, _) => None,
        (_, []) => Some("no check".to_owned()),
        (_, [one]) => Some((*one).to_owned()),
        (_, [first, rest @ ..]) if rest.iter().all(|other| other == first) => {
            Some((*first).to_owned())
        }
        (_, [first, ..]) => Some(format!(
            "{} of {} checks: {first}",
            reasons.len(),
            trials.len()
        )),
    };
    Resolved { outcome, reason }
}

fn worst(trials: &[&TrialResult]) -> Outcome {
    let any = |outcome| trials.iter().any(|trial| kind(trial) == outcome);
    let order = [
        Outcome::Failed,
        Outcome::NotVerified,
        Outcome::Warned,
        Outcome::Vacuous,
        Outcome::Passed,
        Outcome::NotApplicable,
    ];
    order
        .into_iter()
        .find(|outcome| any(*outcome))
        .unwrap_or(Outcome::NotVerified)
}

fn kind(trial: &TrialResult) -> Outcome {
    match trial {
        TrialResult::Failed(_) => Outcome::Failed,
        TrialResult::Warned(_) => Outcome::Warned,
        TrialResult::Vacuous(_) => Outcome::Vacuous,
        TrialResult::Passed(_) => Outcome::Passed,
        TrialResult::NotApplicable(_) => Outcome::NotApplicable,
        TrialResult::NotVerified(_) | TrialResult::NotSelected => Outcome::NotVerified,
    }
}

fn reason(trial: &TrialResult) -> Option<&str> {
    match trial {
        TrialResult::Failed(reason)
        | TrialResult::Warned(reason)
        | TrialResult::Vacuous(reason)
        | TrialResult::NotApplicable(reason)
        | TrialResult::NotVerified(reason) => Some(reason),
        TrialResult::NotSelected => Some("not selected in this run"),
        TrialResult::Passed(_) => None,
    }
}

/// What stands behind an item whose trials passed: the weakest of them.
pub fn strength<'a>(trials: impl IntoIterator<Item = &'a TrialResult>) -> Option<Strength> {
    trials
        .into_iter()
        .filter_map(|trial| match trial {
            TrialResult::Passed(strength) => Some(strength),
            _ => None,
        })
        .min()
        .cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(word: &str) -> TrialResult {
        let reason = || word.to_owned();
        match word {
            "fail" => TrialResult::Failed(reason()),
            "warn" => TrialResult::Warned(reason()),
            "vacuous" => TrialResult::Vacuous(reason()),
            "pass" => TrialResult::Passed(Strength::Proven),
            "na" => TrialResult::NotApplicable(reason()),
            "blind" => TrialResult::NotVerified(reason()),
            "left out" => TrialResult::NotSelected,
            other => panic!("{other}"),
        }
    }

    /// Every pair of results, in both orders, and what the two come to.
    const PAIRS: &[(&str, &str, Outcome)] = &[
        ("fail", "fail", Outcome::Failed),
        ("fail", "warn", Outcome::Failed),
        ("fail", "vacuous", Outcome::Failed),
        ("fail", "pass", Outcome::Failed),
        ("fail", "na", Outcome::Failed),
        ("fail", "blind", Outcome::Failed),
        ("fail", "left out", Outcome::Failed),
        ("warn", "warn", Outcome::Warned),
        ("warn", "vacuous", Outcome::Warned),
        ("warn", "pass", Outcome::Warned),
        ("warn", "na", Outcome::Warned),
        ("warn", "blind", Outcome::NotVerified),
        ("warn", "left out", Outcome::NotVerified),
        ("vacuous", "vacuous", Outcome::Vacuous),
        ("vacuous", "pass", Outcome::Vacuous),
        ("vacuous", "na", Outcome::Vacuous),
        ("vacuous", "blind", Outcome::NotVerified),
        ("vacuous", "left out", Outcome::NotVerified),
        ("pass", "pass", Outcome::Passed),
        ("pass", "na", Outcome::Passed),
        ("pass", "blind", Outcome::NotVerified),
        ("pass", "left out", Outcome::NotVerified),
        ("na", "na", Outcome::NotApplicable),
        ("na", "blind", Outcome::NotVerified),
        ("na", "left out", Outcome::NotVerified),
        ("blind", "blind", Outcome::NotVerified),
        ("blind", "left out", Outcome::NotVerified),
        ("left out", "left out", Outcome::NotVerified),
    ];

    #[test]
    fn every_pair_of_results_combines_as_the_table_says() {
        for &(a, b, expected) in PAIRS {
            for pair in [[result(a), result(b)], [result(b), result(a)]] {
                assert_eq!(combine(&pair).outcome, expected, "{a} + {b}");
            }
        }
    }

    #[test]
    fn one_result_is_itself() {
        for (word, expected) in [
            ("fail", Outcome::Failed),
            ("warn", Outcome::Warned),
            ("vacuous", Outcome::Vacuous),
            ("pass", Outcome::Passed),
            ("na", Outcome::NotApplicable),
            ("blind", Outcome::NotVerified),
            ("left out", Outcome::NotVerified),
        ] {
            assert_eq!(combine(&[result(word)]).outcome, expected, "{word}");
        }
    }

    #[test]
    fn no_trial_is_not_verified_and_says_so() {
        assert_eq!(
            combine(&[]),
            Resolved::new(Outcome::NotVerified, "no check")
        );
    }

    #[test]
    fn the_reason_is_that_of_the_worst() {
        let failed = |reason: &str| TrialResult::Failed(reason.to_owned());
        let reason = |trials: &[TrialResult]| combine(trials).reason;
        assert_eq!(
            reason(&[result("warn"), failed("a"), result("pass"), failed("b")]).as_deref(),
            Some("2 of 4 checks: a")
        );
        assert_eq!(reason(&[failed("a"), failed("a")]).as_deref(), Some("a"));
        assert_eq!(reason(&[result("pass"), result("na")]), None);
    }

    #[test]
    fn a_pass_is_as_strong_as_its_weakest_part() {
        let excused = TrialResult::Passed(Strength::Excused("cannot be recorded".to_owned()));
        assert_eq!(
            strength(&[result("pass"), excused]),
            Some(Strength::Excused("cannot be recorded".to_owned()))
        );
        assert_eq!(strength(&[result("pass")]), Some(Strength::Proven));
        assert_eq!(strength(&[result("na")]), None);
    }
}
