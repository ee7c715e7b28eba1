//! The matrix: every check is green on a healthy service, and every fault turns its own row red. Which
//! other rows it turns is the full cross, see `cross.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use readiness::registry::Registration;
use readiness_probes::servers::PostgresTemplate;
use readiness_reference::{Carrier, Expected, Fault};

use crate::suite::{Outcome, Ran, Suite, in_parallel};

/// Rows that are not a plain pass on a healthy embedded service, and why.
const EXCEPTIONS: &[(&str, Outcome, &str)] = &[
    ("DPLY-DB-003", Outcome::NotVerified, STATED),
    ("SEC-003", Outcome::NotVerified, UNDECIDED),
    ("PERF-001", Outcome::Warn, SHORTENED),
    ("PERF-002", Outcome::Warn, SHORTENED),
    ("PERF-003", Outcome::Warn, SHORTENED),
    ("PERF-004", Outcome::Warn, SHORTENED),
    ("PERF-005", Outcome::Warn, SHORTENED),
    ("PERF-006", Outcome::Warn, SHORTENED),
    ("PERF-007", Outcome::Warn, SHORTENED),
];

const STATED: &str =
    "a disk's encryption is stated by a person; the check only finds a plan that says otherwise";
const UNDECIDED: &str =
    "a pass takes thousands of rounds on a quiet machine; here are as many as show a defect";
const SHORTENED: &str = "the load test takes seconds instead of ten minutes";

/// The part of all fine mutants that the suite kills at least.
const LEAST_KILLED_PERCENT: u64 = 80;

/// The requirements that have a check, with the names of their trials.
pub fn checked() -> BTreeMap<&'static str, Vec<String>> {
    let mut rows: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for registration in Registration::all() {
        for id in registration.ids {
            rows.entry(id)
                .or_default()
                .push(registration.trial_name(id));
        }
    }
    rows
}

/// The faults that the embedded target can show and that belong to a row with a check. Those of
/// statements are the assessment's.
pub fn faults() -> Vec<Fault> {
    // While a row is written: `READINESS_ROWS=DOC-` shortens the loop to its faults.
    faults_of(&std::env::var("READINESS_ROWS").unwrap_or_default())
}

/// Those of the rows that begin with one of `rows`, which are separated by commas.
pub fn faults_of(rows: &str) -> Vec<Fault> {
    let checked = checked();
    let wanted = rows.split(',');
    Fault::all()
        .iter()
        .copied()
        .filter(|fault| {
            wanted
                .clone()
                .any(|row| fault.requirement().starts_with(row))
        })
        .filter(|fault| fault.carrier() != Carrier::Attestation)
        .filter(|fault| checked.contains_key(fault.requirement()))
        .collect()
}

/// A cluster that the embedded databases of many runs are copied from: making one takes longer than
/// everything else in a row. Without PostgreSQL there is none, and its rows say so themselves.
pub fn template() -> Option<PostgresTemplate> {
    PostgresTemplate::make().ok()
}

/// Whether a row was not looked at because this machine lacks a server, and may lack it.
fn is_excused(row: &str, outcome: Outcome, reason: &str) -> bool {
    let lacks = outcome == Outcome::NotVerified && reason.contains("is not installed");
    let may = std::env::var("READINESS_REQUIRE_TOOLS").is_err();
    if lacks && may {
        eprintln!("skipped: {row}: {reason}");
    }
    lacks && may
}

pub fn expected(fault: Fault) -> Outcome {
    match fault.expected() {
        Expected::Fail => Outcome::Fail,
        Expected::Warn => Outcome::Warn,
        Expected::NotVerified => Outcome::NotVerified,
    }
}

/// How a row ends on a healthy service.
pub fn when_healthy(id: &str) -> Outcome {
    let exception = EXCEPTIONS.iter().find(|(row, ..)| *row == id);
    exception.map_or(Outcome::Pass, |(_, outcome, _)| *outcome)
}

#[test]
fn healthy_is_green_and_every_pass_is_proven() {
    let ran = Suite::new().proving().run();
    let mut wrong = String::new();
    for id in checked().keys() {
        let wanted = when_healthy(id);
        match ran.of(id) {
            Some((outcome, _)) if outcome == wanted => {}
            Some((outcome, reason)) if is_excused(id, outcome, &reason) => {}
            Some((outcome, reason)) if could_not_tell(outcome, &reason) || was_slow(&reason) => {
                let again = alone(id, Suite::new).of(id);
                if again.is_none_or(|(outcome, _)| outcome != wanted) {
                    writeln!(wrong, "{id}: {reason}").unwrap();
                }
            }
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

/// How often a row that could not tell beside the others is asked again, alone.
const AGAIN: usize = 4;

/// Whether a check says of itself that the machine did not let it tell: a load generator that was late
/// does not blame the service, and times that scatter show no difference. On a quieter machine the
/// same seconds decide.
fn could_not_tell(outcome: Outcome, reason: &str) -> bool {
    let says_so = reason.starts_with("undecided: ")
        || reason.contains("its requests were up to")
        || reason.contains("% of the machine")
        || reason.contains("too busy to tell");
    says_so && matches!(outcome, Outcome::Warn | Outcome::NotVerified)
}

/// Whether a reply took longer than its row allows. On a healthy service that is the machine's doing.
fn was_slow(reason: &str) -> bool {
    reason.contains(" ms, ") && reason.ends_with(" are allowed")
}

/// The checks of a row.
fn row(id: &str, suite: Suite) -> Ran {
    let checked = checked();
    let trials: Vec<&str> = checked[id].iter().map(String::as_str).collect();
    suite.args(&["--exact"]).args(&trials).run()
}

/// The checks of a row once everything else has run, again while they cannot tell.
fn alone(id: &str, suite: impl Fn() -> Suite) -> Ran {
    let mut ran = row(id, suite());
    for _ in 1..AGAIN {
        match ran.of(id) {
            Some((outcome, reason)) if could_not_tell(outcome, &reason) => ran = row(id, suite()),
            _ => break,
        }
    }
    ran
}

fn under(fault: Fault, template: Option<&PostgresTemplate>) -> Suite {
    Suite::new().template(template).fault(fault.id())
}

/// The checks of a fault's own row under that fault, again while they cannot tell.
pub fn own_row_alone(fault: Fault, template: Option<&PostgresTemplate>) -> Ran {
    alone(fault.requirement(), || under(fault, template))
}

/// A row that a fault did not turn as it should.
struct Wrong {
    said: String,
    could_not_tell: bool,
}

fn is_wrong(fault: Fault, ran: &Ran) -> Option<Wrong> {
    let row = fault.requirement();
    match ran.of(row) {
        Some((outcome, reason)) if outcome == expected(fault) && !reason.is_empty() => None,
        Some((outcome, reason)) if is_excused(row, outcome, &reason) => None,
        Some((outcome, reason)) => Some(Wrong {
            could_not_tell: could_not_tell(outcome, &reason),
            said: format!("{outcome:?} ({reason})"),
        }),
        None => Some(Wrong {
            could_not_tell: false,
            said: format!("no result\n{}", ran.output),
        }),
    }
}

#[test]
fn each_fault_turns_its_own_row() {
    let faults = faults();
    let template = template();
    let template = template.as_ref();
    let beside_others = in_parallel(&faults, |fault| {
        let ran = row(fault.requirement(), under(*fault, template));
        Some((*fault, is_wrong(*fault, &ran)?))
    });
    let wrong: Vec<String> = beside_others
        .into_iter()
        .flatten()
        .filter_map(|(fault, wrong)| {
            let last = if wrong.could_not_tell {
                is_wrong(fault, &own_row_alone(fault, template))?
            } else {
                wrong
            };
            Some(format!("{fault}: {}", last.said))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        faults.len(),
        wrong.join("\n")
    );
}

#[test]
fn each_checked_row_has_a_fault() {
    let with_fault: BTreeSet<_> = Fault::all()
        .iter()
        .map(|fault| fault.requirement())
        .collect();
    let without: Vec<_> = checked()
        .into_keys()
        .filter(|id| !with_fault.contains(id))
        .collect();
    assert!(without.is_empty(), "{without:?}");
}
