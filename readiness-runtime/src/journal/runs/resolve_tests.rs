use super::super::testing::*;
use super::*;
use crate::journal::record::{Header, Record, TrialOutcome};

const A: &str = "A-1::f";
const B: &str = "B-2::g";
const C: &str = "C-3::h";

fn passed(trial: &str, attempt: u32, second: u32) -> Record {
    finished(trial, attempt, second, TrialOutcome::Passed)
}

fn failed(trial: &str, attempt: u32, second: u32) -> Record {
    finished(trial, attempt, second, TrialOutcome::Failed)
}

#[test]
fn one_in_flight_at_a_death_failed() {
    let run = journal(
        "p",
        &[A, B],
        &[started(A, 1, 1), passed(A, 1, 1), started(B, 1, 2)],
    );
    let trials = run.trials();
    assert_eq!(trials[A].state, TrialState::Finished);
    assert_eq!(trials[A].finished().unwrap().outcome, TrialOutcome::Passed);
    assert_eq!(trials[B].state, TrialState::Died);
    assert!(trials[B].finished().is_none());
    assert_eq!(run.faults().len(), 0);
}

#[test]
fn several_in_flight_are_not_verified_and_fail_the_run() {
    let run = journal(
        "p",
        &[A, B, C],
        &[
            started(A, 1, 1),
            started(B, 1, 2),
            started(C, 1, 2),
            passed(C, 1, 3),
        ],
    );
    let trials = run.trials();
    let among = |other: &str| TrialState::DiedAmong {
        others: vec![other.into()],
    };
    assert_eq!(trials[A].state, among(B));
    assert_eq!(trials[B].state, among(A));
    assert_eq!(trials[C].state, TrialState::Finished);
    let expected = RunFault::DiedWithSeveral {
        process: "p".into(),
        trials: vec![A.into(), B.into()],
    };
    assert_eq!(run.faults().into_iter().collect::<Vec<_>>(), [expected]);
}

#[test]
fn a_rerun_of_the_suspects_names_the_culprit() {
    let crash = journal("p", &[A, B], &[started(A, 1, 1), started(B, 1, 2)]);
    let again_a = journal("q", &[A], &[started(A, 1, 5), passed(A, 1, 5), closed()]);
    let again_b = journal("s", &[B], &[started(B, 1, 6)]);
    // As long as one of them did not run again, the run is not explained.
    assert_eq!(crash.clone().merge(again_a.clone()).faults().len(), 1);
    let run = crash.merge(again_a).merge(again_b);
    let trials = run.trials();
    assert_eq!(trials[A].state, TrialState::Finished);
    assert_eq!(trials[B].state, TrialState::Died);
    assert_eq!(run.faults().len(), 0);
    // That it was in flight with another when its process died does not make A flaky.
    assert_eq!(trials[A].flaky(), None);
}

#[test]
fn an_interrupt_leaves_what_was_in_flight_not_verified() {
    let run = journal("p", &[A, B], &[started(A, 1, 1), interrupted()]);
    let trials = run.trials();
    let signal = "interrupt".to_owned();
    assert_eq!(trials[A].state, TrialState::Interrupted { signal });
    assert_eq!(trials[B].state, TrialState::NotRun(NotRun::Interrupted));
    assert!(matches!(
        run.faults().first(),
        Some(RunFault::Interrupted { .. })
    ));
}

#[test]
fn a_signal_that_only_the_parent_could_record() {
    let child = journal("child", &[A], &[started(A, 1, 1)]);
    let mut signal = interrupted();
    if let Record::Interrupted(record) = &mut signal {
        record.trials.push(A.into());
    }
    let run = child.merge(journal("parent", &[A], &[signal]));
    assert!(matches!(
        run.trials()[A].state,
        TrialState::Interrupted { .. }
    ));
}

#[test]
fn a_report_ends_the_attempt_of_its_own_process_only() {
    // A crash among several, then both again, isolated: the first attempts stay as they were.
    let crash = journal("p", &[A, B], &[started(A, 1, 1), started(B, 1, 1)]);
    let child_a = journal("a", &[A], &[started(A, 1, 5)]);
    let child_b = journal("b", &[B], &[started(B, 1, 6), passed(B, 1, 6), closed()]);
    let parent = journal("parent", &[A, B], &[reported(A, 1, 5, "a"), closed()]);
    let run = crash.merge(child_a).merge(child_b).merge(parent);
    let trials = run.trials();
    assert_eq!(trials[A].finished().unwrap().outcome, TrialOutcome::Failed);
    assert_eq!(trials[A].attempts.len(), 2);
    assert_eq!(trials[B].finished().unwrap().outcome, TrialOutcome::Passed);
    assert_eq!(trials[B].flaky(), None);
    assert_eq!(run.faults().len(), 0);
}

#[test]
fn the_parent_of_an_isolated_trial_reports_its_crash() {
    let child = journal("child", &[A], &[started(A, 1, 1)]);
    let parent = journal("parent", &[A], &[reported(A, 1, 1, "child"), closed()]);
    let run = child.merge(parent);
    let trials = run.trials();
    assert_eq!(trials[A].state, TrialState::Finished);
    assert_eq!(trials[A].finished().unwrap().outcome, TrialOutcome::Failed);
    assert_eq!(trials[A].attempts.len(), 1);
    assert_eq!(run.faults().len(), 0);
}

#[test]
fn a_pass_after_a_failure_is_flaky_and_the_last_attempt_counts() {
    let retried = journal(
        "p",
        &[A, B],
        &[
            started(A, 1, 1),
            failed(A, 1, 1),
            started(A, 2, 2),
            passed(A, 2, 2),
            started(B, 1, 3),
            failed(B, 1, 3),
            started(B, 2, 4),
            failed(B, 2, 4),
            closed(),
        ],
    );
    let trials = retried.trials();
    assert!(matches!(trials[A].flaky(), Some(FlakyCause::Failed(f)) if f.attempt == 1));
    assert_eq!(trials[A].attempts.len(), 2);
    assert_eq!(trials[B].flaky(), None);
    assert_eq!(trials[B].finished().unwrap().outcome, TrialOutcome::Failed);

    // Under nextest each attempt is a process: the first one may have died.
    let died = journal("p", &[A], &[started(A, 1, 1)]);
    let again = journal("q", &[A], &[started(A, 2, 2), passed(A, 2, 2), closed()]);
    assert_eq!(
        died.merge(again).trials()[A].flaky(),
        Some(FlakyCause::Died)
    );
}

#[test]
fn why_a_trial_did_not_run() {
    let mut ignored = info(A);
    ignored.ignored = Some("needs hardware".into());
    let mut other = info(B);
    other.selected = false;
    let run = read(text("p", &[ignored, other, info(C)], &[]).as_bytes());
    let trials = run.trials();
    let not_run = |name: &str| match &trials[name].state {
        TrialState::NotRun(why) => why.clone(),
        state => panic!("{name}: {state:?}"),
    };
    assert_eq!(not_run(A), NotRun::Ignored("needs hardware".into()));
    assert_eq!(not_run(B), NotRun::NotSelected);
    assert_eq!(not_run(C), NotRun::ProcessDied);
    assert!(matches!(
        run.faults().first(),
        Some(RunFault::NotClosed { .. })
    ));
}

#[test]
fn a_list_of_what_exists_is_no_fault() {
    let mut listed = info(A);
    listed.selected = false;
    let run = read(text("registered-1", &[listed], &[]).as_bytes());
    assert_eq!(run.faults().len(), 0);
    assert_eq!(
        run.trials()[A].state,
        TrialState::NotRun(NotRun::NotSelected)
    );
}

#[test]
fn unattributed_panics_fail_the_run() {
    let mut end = closed();
    if let Record::Closed(closed) = &mut end {
        closed.unattributed.push("boom at src/a.rs:1:1".into());
    }
    let run = journal("p", &[A], &[started(A, 1, 1), passed(A, 1, 1), end]);
    assert!(matches!(
        run.faults().first(),
        Some(RunFault::UnattributedPanic { panic, .. }) if panic.contains("src/a.rs:1:1")
    ));
}

#[test]
fn shards_are_known() {
    let of = |process: &str, shard| {
        let header = Header {
            shard,
            ..header(process)
        };
        let line = serde_json::to_string(&Record::Header(header)).unwrap();
        read(line.as_bytes())
    };
    let run = of("p", Some((1, 3)))
        .merge(of("q", Some((3, 3))))
        .merge(of("s", None));
    assert_eq!(
        run.shards().into_iter().collect::<Vec<_>>(),
        [(1, 3), (3, 3)]
    );
}
