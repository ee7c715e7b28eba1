//! The matrix: every check is green on a healthy target, and every fault turns its own row red.
//!
//! The second test runs the whole suite under each fault, so it also knows which other rows a fault
//! turns: `collateral.txt` beside this file, reviewed, has those. `READINESS_BLESS=1` writes it anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use readiness::registry::Registration;
use readiness_reference::{Carrier, Expected, Fault, Product};

use crate::suite::{Outcome, Ran, Suite, in_parallel};

/// The part of all fine mutants that the suite kills at least.
const LEAST_KILLED_PERCENT: u64 = 80;

/// Trials that start a Prometheus or send hundreds of requests: dear, so they run for the faults of
/// their own rows alone.
const DEAR: [&str; 6] = [
    "CAIO-REL-003::metrics::scraped_by_prometheus",
    "CAIO-REL-004::alerts::rules_exist",
    "CAIO-REL-004::alerts::fire_and_clear",
    "CAIO-PERF-005::metrics::latency_is_measured",
    "CAIO-PERF-005::metrics::latency_is_watched",
    "CAIO-SEC-006::limits::exactly_as_promised",
];

/// Rows that look at the service alone, which no fault of a file can turn.
const OF_THE_SERVICE: [&str; 7] = [
    "CAIO-SEC-001",
    "CAIO-SEC-005",
    "CAIO-SEC-007",
    "CAIO-REL-002",
    "CAIO-REL-003",
    "CAIO-PERF-003",
    "CAIO-PERF-004",
];

/// Rows with a trial that needs a Prometheus.
const WATCHED: [&str; 3] = ["CAIO-REL-003", "CAIO-REL-004", "CAIO-PERF-005"];

/// Whether there is a Prometheus to be started. Without one its rows are not verified.
fn has_prometheus() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|folder| folder.join("prometheus").is_file());
    assert!(
        found || std::env::var_os("READINESS_REQUIRE_TOOLS").is_none(),
        "READINESS_REQUIRE_TOOLS=1, and prometheus is not installed"
    );
    if !found {
        eprintln!("skipped: prometheus is not installed; its trials are not verified");
    }
    found
}

/// The requirements that have a check.
fn checked() -> BTreeSet<&'static str> {
    Registration::all()
        .into_iter()
        .flat_map(|registration| registration.ids.iter().copied())
        .collect()
}

/// The faults that the suite's target can show.
fn faults() -> Vec<Fault> {
    // While a row is written: `READINESS_ROWS=CAIO-SEC-` shortens the loop to its faults.
    let rows = std::env::var("READINESS_ROWS").unwrap_or_default();
    let all = Fault::all().iter().copied();
    all.filter(|fault| fault.product() == Product::Caio)
        .filter(|fault| fault.carrier() != Carrier::Attestation)
        .filter(|fault| fault.requirement().starts_with(&rows))
        .collect()
}

fn expected(fault: Fault) -> Outcome {
    match fault.expected() {
        Expected::Fail => Outcome::Fail,
        Expected::Warn => Outcome::Warn,
        Expected::NotVerified => Outcome::NotVerified,
    }
}

#[test]
fn healthy_is_green_and_every_pass_is_proven() {
    let ran = Suite::new().proving().run();
    let has_prometheus = has_prometheus();
    let mut wrong = String::new();
    for id in checked() {
        let wanted = if WATCHED.contains(&id) && !has_prometheus {
            Outcome::NotVerified
        } else {
            Outcome::Pass
        };
        match ran.of(id) {
            Some((outcome, _)) if outcome == wanted => {}
            Some((outcome, reason)) => {
                writeln!(wrong, "{id} is {outcome:?}, not {wanted:?}: {reason}").unwrap();
            }
            None => writeln!(wrong, "{id} left no result").unwrap(),
        }
    }
    assert!(wrong.is_empty(), "{wrong}\n{}", ran.output);
    let tallies = ran
        .trials
        .values()
        .filter_map(|trial| trial.proof.as_ref())
        .map(|proof| proof.fine);
    let (killed, survived) = tallies.fold((0_u64, 0_u64), |(killed, survived), tally| {
        (
            killed + u64::from(tally.killed),
            survived + u64::from(tally.survived),
        )
    });
    println!("fine mutants: {killed} killed, {survived} survived");
    assert!(killed * 100 >= LEAST_KILLED_PERCENT * (killed + survived));
}

/// The suite under a fault: all of it but what is dear or cannot be concerned.
fn under(fault: Fault) -> Ran {
    let is_of_a_file = fault.carrier() == Carrier::Fixture;
    let of_the_service = OF_THE_SERVICE.into_iter().filter(|_| is_of_a_file);
    let unconcerned = DEAR.into_iter().chain(of_the_service);
    let args: Vec<&str> = unconcerned
        .filter(|trial| !trial.starts_with(fault.requirement()))
        .flat_map(|trial| ["--skip", trial])
        .collect();
    Suite::new().fault(fault.id()).args(&args).run()
}

#[test]
fn each_fault_turns_its_own_row_and_what_was_reviewed() {
    let has_prometheus = has_prometheus();
    let faults: Vec<Fault> = faults()
        .into_iter()
        .filter(|fault| has_prometheus || fault.carrier() != Carrier::Monitoring)
        .collect();
    let seen = in_parallel(&faults, |fault| {
        let ran = under(*fault);
        let row = fault.requirement();
        let wrong = match ran.of(row) {
            Some((outcome, reason)) if outcome == expected(*fault) && !reason.is_empty() => None,
            Some((outcome, reason)) => Some(format!("{fault}: {outcome:?} ({reason})")),
            None => Some(format!("{fault}: no result\n{}", ran.output)),
        };
        let healthy = |(id, outcome): &(String, Outcome)| {
            let is_green = matches!(outcome, Outcome::Pass | Outcome::NotApplicable);
            is_green || WATCHED.contains(&id.as_str()) && !has_prometheus
        };
        let others = ran.rows().into_iter().filter(|(id, _)| id != row);
        let mut line = format!("{fault}:");
        for (id, outcome) in others.filter(|row| !healthy(row)) {
            write!(line, " {id}={outcome:?}").unwrap();
        }
        (wrong, line)
    });
    let wrong: Vec<&String> = seen
        .iter()
        .filter_map(|(wrong, _)| wrong.as_ref())
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{wrong:#?}",
        wrong.len(),
        faults.len()
    );

    let turned: Vec<&str> = seen
        .iter()
        .map(|(_, line)| line.as_str())
        .filter(|line| !line.ends_with(':'))
        .collect();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/collateral.txt");
    if std::env::var_os("READINESS_BLESS").is_some() {
        std::fs::write(path, turned.join("\n") + "\n").unwrap();
    }
    let reviewed = std::fs::read_to_string(path).unwrap();
    let reviewed: Vec<&str> = reviewed
        .lines()
        .filter(|line| {
            faults
                .iter()
                .any(|fault| line.starts_with(&format!("{fault}:")))
        })
        .collect();
    assert_eq!(
        turned, reviewed,
        "a fault turns other rows than were reviewed"
    );
}

#[test]
fn each_row_has_a_fault_and_each_fault_a_row() {
    let rows: BTreeSet<&str> = Fault::all()
        .iter()
        .filter(|fault| fault.product() == Product::Caio)
        .map(|fault| fault.requirement())
        .collect();
    assert_eq!(rows.len(), 24);
    let unchecked: Vec<&str> = rows.difference(&checked()).copied().collect();
    assert_eq!(
        unchecked,
        ["CAIO-OPS-003", "CAIO-OPS-004"],
        "what only people know"
    );
    assert!(checked().is_subset(&rows));
    let names: BTreeMap<String, &str> = Registration::all()
        .iter()
        .flat_map(|registration| {
            registration
                .ids
                .iter()
                .map(|id| (registration.trial_name(id), *id))
        })
        .collect();
    for dear in DEAR {
        assert!(names.contains_key(dear), "{dear} is no trial");
    }
}

/// Opt-outs from proof, each with its reason: none.
#[test]
fn no_check_is_excused_from_proof() {
    let excused: Vec<&str> = Registration::all()
        .iter()
        .filter(|registration| registration.no_proof.is_some())
        .map(|registration| registration.function)
        .collect();
    assert_eq!(excused, Vec::<&str>::new());
}
