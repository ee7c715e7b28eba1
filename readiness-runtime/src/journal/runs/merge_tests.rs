use proptest::prelude::*;

use super::super::testing::{closed, finished, info, interrupted, read, started, text};
use super::*;
use crate::journal::record::TrialOutcome;

/// One process's journal out of few names, so that processes, trials and attempts collide.
fn journals() -> impl Strategy<Value = MergedRun> {
    let outcome = prop_oneof![
        Just(TrialOutcome::Passed),
        Just(TrialOutcome::Failed),
        Just(TrialOutcome::Unavailable)
    ];
    let trial = prop_oneof![Just("A-1::f"), Just("B-2::g")];
    let record = prop_oneof![
        (trial.clone(), 1..3_u32, 0..4_u32).prop_map(|(t, a, s)| started(t, a, s)),
        (trial, 1..3_u32, 0..4_u32, outcome).prop_map(|(t, a, s, o)| finished(t, a, s, o)),
        Just(closed()),
        Just(interrupted()),
    ];
    (
        prop_oneof![Just("p"), Just("q"), Just("s")],
        any::<bool>(),
        prop::collection::vec(record, 0..5),
        any::<bool>(),
    )
        .prop_map(|(process, selected, records, torn)| {
            let mut trial = info("A-1::f");
            trial.selected = selected;
            let mut text = text(process, &[trial], &records);
            if torn {
                text.truncate(text.len() - 3);
            }
            read(text.as_bytes())
        })
}

proptest! {
    #[test]
    fn join_is_commutative_associative_and_idempotent(
        a in journals(), b in journals(), c in journals()
    ) {
        let merge = |x: &MergedRun, y: &MergedRun| x.clone().merge(y.clone());
        prop_assert_eq!(merge(&a, &b), merge(&b, &a));
        prop_assert_eq!(merge(&merge(&a, &b), &c), merge(&a, &merge(&b, &c)));
        prop_assert_eq!(merge(&a, &a), a.clone());
        prop_assert_eq!(merge(&a, &MergedRun::default()), a.clone());
        // What the join means follows from the join alone.
        let (left, right) = (merge(&merge(&a, &b), &c), merge(&c, &merge(&b, &a)));
        prop_assert_eq!(left.trials(), right.trials());
        prop_assert_eq!(left.faults(), right.faults());
    }
}

#[test]
fn a_truncated_copy_adds_nothing() {
    let records = [
        started("A-1::f", 1, 1),
        finished("A-1::f", 1, 1, TrialOutcome::Passed),
        closed(),
    ];
    let whole = read(text("p", &[info("A-1::f")], &records).as_bytes());
    let early = read(text("p", &[info("A-1::f")], &records[..1]).as_bytes());
    assert_eq!(early.merge(whole.clone()), whole);
}

#[test]
fn contradicting_copies_are_reported() {
    let one = |outcome| {
        let records = [finished("A-1::f", 1, 1, outcome)];
        read(text("p", &[], &records).as_bytes())
    };
    let run = one(TrialOutcome::Passed).merge(one(TrialOutcome::Failed));
    let kinds: Vec<_> = run.problems().map(|p| p.kind).collect();
    assert_eq!(kinds, [ProblemKind::Contradiction]);
}

#[test]
fn selected_anywhere_is_selected() {
    let listed = TrialInfo {
        selected: false,
        ..info("A-1::f")
    };
    let run = read(text("p", &[listed], &[]).as_bytes())
        .merge(read(text("q", &[info("A-1::f")], &[]).as_bytes()));
    assert!(run.registered()["A-1::f"].selected);
    assert_eq!(run.runs().into_iter().collect::<Vec<_>>(), ["r"]);
}
