use std::path::Path;

use super::*;
use crate::config::date::parse_day;

const TEXT: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

fn config(text: &str) -> Config {
    Config::parse(Path::new("readiness.toml"), text).unwrap()
}

fn attestation(on: &str, expires: &str) -> String {
    format!(
        "[[attestation]]\nid = \"A-1\"\nby = \"ann\"\non = {on}\nexpires = {expires}\ntext = \"sha256:{TEXT}\"\n"
    )
}

fn judge(config: &Config, today: &str) -> (bool, Vec<&'static str>) {
    let subjects = BTreeMap::from([(
        "A-1",
        Subject {
            text: TEXT.to_owned(),
        },
    )]);
    let (all, found) = in_force(
        config,
        &subjects,
        |_| vec!["A-1".to_owned()],
        parse_day(today).unwrap(),
    );
    let counts = all.get("A-1").is_some_and(|s| !s.is_empty());
    (counts, found.iter().map(|d| d.code.as_str()).collect())
}

/// Outcome of the checks, and what it comes to with an attestation, a waiver, an exclusion.
const TABLE: &[(Outcome, Outcome, Outcome, Outcome)] = {
    use Outcome::{
        Attested, Failed, NotApplicable, NotVerified, Passed, Stale, Vacuous, Waived, Warned,
    };
    &[
        (Failed, Failed, Waived, NotApplicable),
        (Warned, Warned, Waived, NotApplicable),
        (Vacuous, Vacuous, Vacuous, NotApplicable),
        (Stale, Stale, Stale, NotApplicable),
        (NotVerified, Attested, NotVerified, NotApplicable),
        (NotApplicable, NotApplicable, NotApplicable, NotApplicable),
        (Passed, Passed, Passed, NotApplicable),
    ]
};

#[test]
fn every_cell_of_the_table() {
    let config = config(&format!(
        "{}[[waiver]]\nid = \"A-1\"\nowner = \"o\"\nreason = \"r\"\non = 2026-01-01\nexpires = \"9d\"\n[[not-applicable]]\nid = \"A-1\"\nreason = \"not sold\"\n",
        attestation("2026-01-01", "2026-01-31")
    ));
    let none = InForce::default();
    let attested = InForce {
        attestation: config.rules.attestation.first(),
        ..none.clone()
    };
    let waived = InForce {
        waiver: config.rules.waiver.first(),
        ..none.clone()
    };
    let excluded = InForce {
        exclusion: config.rules.not_applicable.first(),
        ..none.clone()
    };
    for &(base, with_attestation, with_waiver, with_exclusion) in TABLE {
        let base = Resolved::new(base, "because");
        let outcome = |statements| apply(&base, statements).0.outcome;
        assert_eq!(outcome(&none), base.outcome);
        assert_eq!(outcome(&attested), with_attestation, "{base:?} attested");
        assert_eq!(outcome(&waived), with_waiver, "{base:?} waived");
        assert_eq!(outcome(&excluded), with_exclusion, "{base:?} excluded");
    }
    let failed = Resolved::new(Outcome::Failed, "500");
    let codes = |base: &Resolved, statements: &InForce<'_>| -> Vec<_> {
        let notes = apply(base, statements).1;
        notes.iter().map(|note| (note.code, note.why)).collect()
    };
    let (unneeded, absent) = (
        Code::StatementUnneeded,
        Resolved::new(Outcome::NotApplicable, "not sold"),
    );
    assert_eq!(
        codes(&failed, &excluded),
        [(Code::ExclusionContradicted, "")]
    );
    assert_eq!(
        codes(&failed, &attested),
        [(Code::AttestationContradicted, "")]
    );
    assert_eq!(codes(&failed, &waived), []);
    assert_eq!(
        codes(&Resolved::passed(), &waived),
        [(unneeded, "a check passes")]
    );
    assert_eq!(
        codes(&Resolved::passed(), &attested),
        [(unneeded, "a check passes")]
    );
    let why = "a check says that it does not apply";
    assert_eq!(codes(&absent, &attested), [(unneeded, why)]);
    assert_eq!(codes(&absent, &waived), [(unneeded, why)]);
    let all = InForce {
        attestation: config.rules.attestation.first(),
        waiver: config.rules.waiver.first(),
        ..excluded.clone()
    };
    let why = "the item is excluded";
    assert_eq!(
        codes(&Resolved::passed(), &all),
        [(unneeded, why), (unneeded, why)]
    );
    assert_eq!(
        apply(&failed, &waived).0.reason.as_deref(),
        Some("waived by o until 2026-01-10: r; failed: 500")
    );
}

#[test]
fn a_statement_counts_on_its_first_and_its_last_day_and_not_outside() {
    let config = config(&attestation("2026-02-27", "2026-03-01"));
    assert_eq!(
        judge(&config, "2026-02-26"),
        (false, vec!["statement-future"])
    );
    assert_eq!(judge(&config, "2026-02-27"), (true, vec![]));
    assert_eq!(judge(&config, "2026-03-01"), (true, vec![]));
    assert_eq!(
        judge(&config, "2026-03-02"),
        (false, vec!["statement-expired"])
    );
}

#[test]
fn the_latest_wins_even_when_it_is_the_shorter_one() {
    let both = config(&format!(
        "{}{}",
        attestation("2026-02-01", "2026-02-10"),
        attestation("2026-01-01", "2026-12-31")
    ));
    assert_eq!(judge(&both, "2026-02-05"), (true, vec![]));
    assert_eq!(
        judge(&both, "2026-02-11"),
        (false, vec!["statement-expired"])
    );
    assert_eq!(judge(&both, "2026-01-31"), (true, vec!["statement-future"]));
}

#[test]
fn two_of_one_day_are_an_error_and_neither_counts() {
    let both = config(&attestation("2026-02-01", "2026-02-10").repeat(2));
    assert_eq!(judge(&both, "2026-02-05"), (false, vec!["statement-tied"]));
}

#[test]
fn an_attestation_is_for_one_text() {
    let other = attestation("2026-02-01", "2026-02-10").replace("aaaa", "bbbb");
    assert_eq!(
        judge(&config(&other), "2026-02-05"),
        (false, vec!["statement-text-changed"])
    );
    let none: String = other
        .lines()
        .filter(|l| !l.starts_with("text"))
        .collect::<Vec<_>>()
        .join("\n");
    assert_eq!(
        judge(&config(&none), "2026-02-05"),
        (false, vec!["attestation-text-missing"])
    );
}

#[test]
fn an_unknown_id_is_named_with_the_nearest() {
    let config = config("[[not-applicable]]\nid = \"A-2\"\nreason = \"r\"\n");
    assert_eq!(
        judge(&config, "2026-01-01"),
        (false, vec!["statement-id-unknown"])
    );
}

#[test]
fn what_lapsed_is_the_reason_of_not_verified() {
    let lapsed = InForce {
        lapsed: Some("the attestation expired on 2026-03-01".to_owned()),
        ..InForce::default()
    };
    let base = Resolved::new(Outcome::NotVerified, "no check");
    assert_eq!(
        apply(&base, &lapsed).0.reason.as_deref(),
        Some("the attestation expired on 2026-03-01")
    );
}

/// Made on, holds until, judged at this moment: does it count? Every edge of the calendar and of the
/// clock, as the moment is written in the time zone of whoever judges.
const MOMENTS: &[(&str, &str, &str, bool)] = &[
    // One second before and after, in UTC.
    ("2026-11-20", "2026-11-22", "2026-11-19T23:59:59Z", false),
    ("2026-11-20", "2026-11-22", "2026-11-20T00:00:00Z", true),
    ("2026-11-20", "2026-11-22", "2026-11-22T23:59:59Z", true),
    (
        "2026-11-20",
        "2026-11-22",
        "2026-11-22T23:59:59.999999999Z",
        true,
    ),
    ("2026-11-20", "2026-11-22", "2026-11-23T00:00:00Z", false),
    // The same moments on other clocks.
    (
        "2026-11-20",
        "2026-11-22",
        "2026-11-20T13:59:59+14:00",
        false,
    ),
    (
        "2026-11-20",
        "2026-11-22",
        "2026-11-20T14:00:00+14:00",
        true,
    ),
    (
        "2026-11-20",
        "2026-11-22",
        "2026-11-23T13:59:59+14:00",
        true,
    ),
    (
        "2026-11-20",
        "2026-11-22",
        "2026-11-23T14:00:00+14:00",
        false,
    ),
    (
        "2026-11-20",
        "2026-11-22",
        "2026-11-22T11:59:59-12:00",
        true,
    ),
    (
        "2026-11-20",
        "2026-11-22",
        "2026-11-22T12:00:00-12:00",
        false,
    ),
    (
        "2026-11-20",
        "2026-11-22",
        "2026-11-23T05:29:59+05:30",
        true,
    ),
    (
        "2026-11-20",
        "2026-11-22",
        "2026-11-23T05:30:00+05:30",
        false,
    ),
    // A day.
    ("2026-11-20", "2026-11-20", "2026-11-20T12:00:00Z", true),
    ("2026-11-20", "2026-11-20", "2026-11-21T00:00:00Z", false),
    // Ends of months and years.
    ("2026-11-30", "\"1d\"", "2026-12-01T23:59:59Z", true),
    ("2026-11-30", "\"1d\"", "2026-12-02T00:00:00Z", false),
    ("2026-12-31", "\"1d\"", "2027-01-01T23:59:59Z", true),
    ("2026-12-31", "\"1d\"", "2027-01-02T00:00:00Z", false),
    ("2026-01-31", "\"30d\"", "2026-03-02T23:59:59Z", true),
    ("2026-01-31", "\"30d\"", "2026-03-03T00:00:00Z", false),
    // Leap days.
    ("2028-02-28", "\"1d\"", "2028-02-29T23:59:59Z", true),
    ("2028-02-28", "\"1d\"", "2028-03-01T00:00:00Z", false),
    ("2027-02-28", "\"1d\"", "2027-03-01T23:59:59Z", true),
    ("2028-02-29", "2028-02-29", "2028-02-29T23:59:59Z", true),
    ("2028-02-29", "\"365d\"", "2029-02-28T23:59:59Z", true),
    ("2028-02-29", "\"365d\"", "2029-03-01T00:00:00Z", false),
    ("2100-02-28", "\"1d\"", "2100-03-01T23:59:59Z", true),
    // A minute of 61 seconds belongs to its day.
    ("2016-12-30", "2016-12-31", "2016-12-31T23:59:60Z", true),
    // Clocks that are set forward or back.
    (
        "2026-03-28",
        "2026-03-29",
        "2026-03-30T01:59:59+02:00",
        true,
    ),
    (
        "2026-03-28",
        "2026-03-29",
        "2026-03-30T02:00:00+02:00",
        false,
    ),
    (
        "2026-10-24",
        "2026-10-25",
        "2026-10-26T00:59:59+01:00",
        true,
    ),
    (
        "2026-10-24",
        "2026-10-25",
        "2026-10-26T01:00:00+01:00",
        false,
    ),
    // The ends of the calendar.
    ("9999-12-30", "9999-12-30", "9999-12-30T12:00:00Z", true),
    ("0001-01-01", "0001-01-02", "0001-01-02T00:00:00Z", true),
];

#[test]
fn every_edge_of_the_calendar_and_the_clock() {
    for &(on, expires, moment, counts) in MOMENTS {
        let config = config(&attestation(on, expires));
        let today = crate::config::date::day_of(moment).unwrap();
        assert_eq!(
            judge(&config, &today.to_string()).0,
            counts,
            "{on} to {expires} at {moment}"
        );
    }
}

/// As [`MOMENTS`], for the age of a pass: made on this day, at most so old, judged then.
const AGES: &[(&str, u32, &str, bool)] = &[
    ("2026-11-20", 1, "2026-11-21T23:59:59Z", true),
    ("2026-11-20", 1, "2026-11-22T00:00:00Z", false),
    ("2026-11-20", 1, "2026-11-22T13:59:59+14:00", true),
    ("2026-11-20", 1, "2026-11-21T12:00:00-12:00", false),
    ("2026-01-31", 28, "2026-02-28T23:59:59Z", true),
    ("2026-01-31", 28, "2026-03-01T00:00:00Z", false),
    ("2028-02-01", 28, "2028-02-29T23:59:59Z", true),
    ("2028-02-01", 28, "2028-03-01T00:00:00Z", false),
    ("2026-12-31", 1, "2027-01-01T23:59:59Z", true),
    ("2026-12-31", 1, "2027-01-02T00:00:00Z", false),
    // Two machines may disagree about midnight; no pass is of a day after tomorrow.
    ("2026-11-20", 1, "2026-11-19T23:59:59Z", true),
    ("2026-11-20", 1, "2026-11-18T23:59:59Z", false),
];

#[test]
fn the_age_of_a_pass_is_counted_in_days_of_utc() {
    use crate::assess::carry::{Present, carried};
    use crate::ledger::LedgerState;

    for &(day, limit, moment, fresh) in AGES {
        let line = format!("A-1\tstatus=PASS\toutcome=passed\tday={day}\ttext=sha256:{TEXT}");
        let ledger = LedgerState::parse(&format!("readiness-lock 1\n{line}\n"));
        let present = Present {
            text: TEXT,
            max_age: Some(limit),
            ..Present::default()
        };
        let today = crate::config::date::day_of(moment).unwrap();
        let outcome = carried(ledger.entry("A-1").unwrap(), &present, today).outcome;
        let wanted = if fresh {
            Outcome::Passed
        } else {
            Outcome::Stale
        };
        assert_eq!(outcome, wanted, "{day}, {limit} days, at {moment}");
    }
}
