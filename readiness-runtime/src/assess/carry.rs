//! What the ledger's word is worth today: a result of an earlier run is carried over, and a pass is
//! stale when it is too old, or when the requirement's text, the checks, the target or the
//! configuration changed since.

use jiff::civil::Date;

use super::outcome::{Outcome, Resolved};
use crate::config::date::days_between;
use crate::ledger::Entry;

/// What a pass of the ledger is compared with. What is not known is not compared.
#[derive(Debug, Clone, Copy, Default)]
pub struct Present<'a> {
    /// SHA-256 of the requirement's text.
    pub text: &'a str,
    /// Digest of the checks that are registered now.
    pub check: Option<&'a str>,
    /// Logical name of the target.
    pub target: Option<&'a str>,
    /// Version that the target reported.
    pub version: Option<&'a str>,
    /// Digest of the configuration.
    pub config: Option<&'a str>,
    /// The greatest age of a pass, in days.
    pub max_age: Option<u32>,
}

/// The outcome that an entry stands for today, before statements.
pub fn carried(entry: &Entry, present: &Present<'_>, today: Date) -> Resolved {
    let since = |what: &str| format!("{what} on {}", entry.day);
    match entry.base.unwrap_or(entry.outcome) {
        Outcome::Passed => match staleness(entry, present, today) {
            Some(cause) => Resolved::new(Outcome::Stale, cause),
            None => Resolved::passed(),
        },
        Outcome::Stale => {
            let cause = staleness(entry, present, today)
                .unwrap_or_else(|| format!("the pass of {} went stale", entry.day));
            Resolved::new(Outcome::Stale, cause)
        }
        // A verdict that takes an item out of the denominator has to be as fresh as a pass.
        Outcome::NotApplicable => match staleness(entry, present, today) {
            Some(cause) => Resolved::new(Outcome::NotVerified, cause),
            None => Resolved::new(Outcome::NotApplicable, since("not applicable")),
        },
        Outcome::Failed => Resolved::new(Outcome::Failed, since("failed")),
        Outcome::Warned => Resolved::new(Outcome::Warned, since("warned")),
        Outcome::Vacuous => Resolved::new(Outcome::Vacuous, since("vacuous")),
        // These two are a statement's doing; an entry without a base says nothing by itself.
        Outcome::Waived | Outcome::Attested | Outcome::NotVerified => {
            Resolved::new(Outcome::NotVerified, "no check")
        }
    }
}

/// Why a pass does not count any more; none while it does.
fn staleness(entry: &Entry, present: &Present<'_>, today: Date) -> Option<String> {
    let differs =
        |old: Option<&str>, new: Option<&str>| matches!((old, new), (Some(a), Some(b)) if a != b);
    let day = entry.day;
    if entry.text != present.text {
        return Some(format!(
            "the requirement's text changed since the pass of {day}"
        ));
    }
    if differs(entry.check.as_deref(), present.check) {
        return Some(format!("the check changed since the pass of {day}"));
    }
    if differs(entry.target.as_deref(), present.target) {
        let old = entry.target.as_deref().unwrap_or_default();
        return Some(format!("the pass of {day} is for the target {old}"));
    }
    if differs(entry.version.as_deref(), present.version) {
        let old = entry.version.as_deref().unwrap_or_default();
        return Some(format!(
            "the pass of {day} is for version {old} of the target"
        ));
    }
    if differs(entry.config.as_deref(), present.config) {
        return Some(format!("the configuration changed since the pass of {day}"));
    }
    // Machines may disagree about midnight, not about more: such a pass would never grow old.
    if days_between(day, today) < -1 {
        return Some(format!("the pass is dated {day}, after today, {today}"));
    }
    let limit = present.max_age?;
    (days_between(day, today) > i64::from(limit))
        .then(|| format!("the pass of {day} is older than {limit} days"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::date::parse_day;
    use readiness_checklist::Status;

    fn entry(outcome: Outcome, base: Option<Outcome>) -> Entry {
        Entry {
            status: Status::Pass,
            outcome,
            base,
            run: Some("r-1".to_owned()),
            target: Some("staging".to_owned()),
            version: Some("1.2".to_owned()),
            commit: None,
            day: parse_day("2026-11-20").unwrap(),
            text: "t".to_owned(),
            check: Some("c".to_owned()),
            config: Some("g".to_owned()),
            strength: None,
        }
    }

    const PRESENT: Present<'_> = Present {
        text: "t",
        check: Some("c"),
        target: Some("staging"),
        version: Some("1.2"),
        config: Some("g"),
        max_age: Some(30),
    };

    fn outcome(present: &Present<'_>, today: &str) -> (Outcome, Option<String>) {
        let today = parse_day(today).unwrap();
        let resolved = carried(&entry(Outcome::Passed, None), present, today);
        (resolved.outcome, resolved.reason)
    }

    #[test]
    fn a_pass_is_fresh_up_to_its_limit_and_stale_after() {
        assert_eq!(outcome(&PRESENT, "2026-12-20").0, Outcome::Passed);
        let (after, reason) = outcome(&PRESENT, "2026-12-21");
        assert_eq!(after, Outcome::Stale);
        assert_eq!(
            reason.as_deref(),
            Some("the pass of 2026-11-20 is older than 30 days")
        );
        let unlimited = Present {
            max_age: None,
            ..PRESENT
        };
        assert_eq!(outcome(&unlimited, "2036-12-21").0, Outcome::Passed);
    }

    #[test]
    fn a_pass_is_bound_to_text_check_target_version_and_configuration() {
        let changed = [
            (
                Present {
                    text: "u",
                    ..PRESENT
                },
                "text changed",
            ),
            (
                Present {
                    check: Some("d"),
                    ..PRESENT
                },
                "check changed",
            ),
            (
                Present {
                    target: Some("prod"),
                    ..PRESENT
                },
                "target staging",
            ),
            (
                Present {
                    version: Some("1.3"),
                    ..PRESENT
                },
                "version 1.2",
            ),
            (
                Present {
                    config: Some("h"),
                    ..PRESENT
                },
                "configuration changed",
            ),
        ];
        for (present, words) in changed {
            let (outcome, reason) = outcome(&present, "2026-11-21");
            assert_eq!(outcome, Outcome::Stale, "{words}");
            assert!(reason.unwrap().contains(words), "{words}");
        }
        let unknown = Present {
            check: None,
            target: None,
            version: None,
            config: None,
            ..PRESENT
        };
        assert_eq!(outcome(&unknown, "2026-11-21").0, Outcome::Passed);
    }

    #[test]
    fn what_a_statement_did_is_not_carried() {
        let today = parse_day("2026-11-21").unwrap();
        let carry = |outcome, base| carried(&entry(outcome, base), &PRESENT, today).outcome;
        assert_eq!(
            carry(Outcome::Attested, Some(Outcome::NotVerified)),
            Outcome::NotVerified
        );
        assert_eq!(carry(Outcome::Attested, None), Outcome::NotVerified);
        assert_eq!(
            carry(Outcome::Waived, Some(Outcome::Failed)),
            Outcome::Failed
        );
        assert_eq!(
            carry(Outcome::NotApplicable, Some(Outcome::Passed)),
            Outcome::Passed
        );
        assert_eq!(carry(Outcome::Failed, None), Outcome::Failed);
        assert_eq!(carry(Outcome::Stale, None), Outcome::Stale);
    }
}
