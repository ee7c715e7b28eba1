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
        attestation: config.attestation.first(),
        ..none.clone()
    };
    let waived = InForce {
        waiver: config.waiver.first(),
        ..none.clone()
    };
    let excluded = InForce {
        exclusion: config.not_applicable.first(),
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
    assert_eq!(apply(&failed, &excluded).1, [Code::ExclusionContradicted]);
    assert_eq!(apply(&failed, &attested).1, [Code::AttestationContradicted]);
    assert_eq!(
        apply(&Resolved::passed(), &waived).1,
        [Code::StatementUnneeded]
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
