use std::ffi::OsString;

use super::*;
use crate::registry::{Body, Phase};
use crate::verdict::CheckResult;

const CHECK: Registration = crate::expansion::registration(
    &["A-1"],
    "suite::limits",
    "is_429",
    "suite",
    "0.1.0",
    "/suite",
    "src/limits.rs",
    7,
    1,
    "d1",
    Body::Sync(|_| CheckResult::Passed),
);

/// Registrations live as long as the process; so do those of a test.
fn registered(make: impl FnOnce(&mut Registration)) -> &'static Registration {
    let mut registration = CHECK;
    make(&mut registration);
    Box::leak(Box::new(registration))
}

fn args(line: &[&str]) -> Args {
    let line = std::iter::once("suite").chain(line.iter().copied());
    Args::parse_from(line.map(OsString::from)).unwrap()
}

fn checklist() -> Checklist {
    let text = "| ID | Requirement | Status |\n|--|--|--|\n| A-1 | a | |\n| A-2 | b | |\n";
    Checklist::parse(text.as_bytes().to_vec()).unwrap()
}

fn codes(trials: &[Trial]) -> Vec<(Code, Option<usize>)> {
    let faults = faults(trials, &checklist(), Path::new("CHECKLIST.md"));
    faults
        .iter()
        .map(|fault| (fault.code, fault.line))
        .collect()
}

#[test]
fn one_trial_per_requirement_and_case() {
    let both = registered(|r| {
        r.ids = &["A-1", "A-2"];
        r.case = Some(2);
    });
    let trials = trials(vec![both]);
    let names: Vec<_> = trials.iter().map(|t| t.name.as_str()).collect();
    assert_eq!(
        names,
        ["A-1::limits::is_429::case-2", "A-2::limits::is_429::case-2"]
    );
    assert_eq!(trials[0].source(), "src/limits.rs:7");
    assert_eq!(codes(&trials), []);
}

#[test]
fn nothing_registered_is_a_fault_with_the_way_out() {
    let faults = faults(&[], &checklist(), Path::new("CHECKLIST.md"));
    assert_eq!(faults[0].code, Code::NothingRegistered);
    assert!(
        faults[0].hint.contains("use my_checks as _;"),
        "{}",
        faults[0].hint
    );
}

#[test]
fn unknown_ids_and_duplicates_are_named_with_their_places() {
    let unknown = registered(|r| {
        r.ids = &["A-11"];
        r.line = 30;
    });
    let again = registered(|r| r.line = 40);
    let trials = trials(vec![registered(|_| ()), unknown, again]);
    let expected = [
        (Code::ResultIdUnknown, Some(30)),
        (Code::CheckDuplicate, Some(40)),
    ];
    assert_eq!(codes(&trials), expected);
    let faults = faults(&trials, &checklist(), Path::new("CHECKLIST.md"));
    assert!(
        faults[0].hint.contains("A-1 (line 3)"),
        "{}",
        faults[0].hint
    );
    assert!(
        faults[1].message.contains("src/limits.rs:7"),
        "{}",
        faults[1].message
    );
}

#[test]
fn shards_are_cut_before_filters() {
    let ids: [&'static [&'static str]; 4] = [&["A-1"], &["A-2"], &["B-1"], &["B-2"]];
    let make = || trials(ids.map(|ids| registered(|r| r.ids = ids)).to_vec());
    let selected = |line: &[&str], shard: &str| -> Vec<&str> {
        let mut trials = make();
        let sharding = Sharding::read(|name| (name == "READINESS_SHARD").then(|| shard.into()));
        select(&mut trials, &args(line), &sharding.unwrap());
        trials
            .into_iter()
            .filter(|t| t.selected)
            .map(|t| t.id)
            .collect()
    };
    assert_eq!(selected(&[], "1/2"), ["A-1", "B-1"]);
    assert_eq!(selected(&[], "2/2"), ["A-2", "B-2"]);
    // The same trial is in the same shard whatever else is selected.
    assert_eq!(selected(&["B-"], "1/2"), ["B-1"]);
    assert_eq!(selected(&["B-"], "2/2"), ["B-2"]);
}

#[test]
fn only_ignored_ones_with_ignored() {
    let ignored = registered(|r| {
        r.ids = &["A-2"];
        r.ignore = Some("slow");
    });
    let mut trials = trials(vec![registered(|_| ()), ignored]);
    let none = Sharding::default();
    assert_eq!(select(&mut trials, &args(&["--ignored"]), &none), 1);
    assert!(trials[1].selected && trials[1].info(true).ignored.is_some());
    assert_eq!(trials[1].info(false).ignored, None);
    assert_eq!(select(&mut trials, &args(&[]), &none), 2);
}

#[test]
fn order_is_by_phase_and_keeps_groups_apart_when_crowded() {
    let probe = |exclusive| registered(move |r| r.exclusive = exclusive);
    let load = registered(|r| r.phase = Phase::Load);
    let mut few = trials(vec![load, probe(Some("a")), probe(None)]);
    order(&mut few);
    let seen: Vec<_> = few
        .iter()
        .map(|t| (t.registration.phase, t.wanted.len()))
        .collect();
    assert_eq!(
        seen,
        [(Phase::Probe, 1), (Phase::Probe, 0), (Phase::Load, 0)]
    );

    let mut many: Vec<_> = std::iter::repeat_n(probe(Some("a")), MOST_WAITING).collect();
    many.extend([probe(Some("b")), probe(Some("b")), probe(None)]);
    let mut many = trials(many);
    order(&mut many);
    let groups: Vec<_> = many
        .iter()
        .take(5)
        .map(|t| t.wanted.first().map(|w| w.0))
        .collect();
    assert_eq!(groups, [None, Some("a"), Some("b"), Some("a"), Some("b")]);
}
