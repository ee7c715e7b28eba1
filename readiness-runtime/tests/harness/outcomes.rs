//! Every outcome: what the terminal says, what the exit code is, what the journal keeps.

use readiness::journal::record::{ProofStrength, TrialOutcome};
use readiness::journal::{NotRun, TrialState};
use readiness::verdict::Origin;

use crate::new_project;

readiness_driver::tests![
    a_proven_pass,
    a_vacuous_pass_is_ok_with_a_warning,
    a_warning_is_ok_with_a_warning,
    failures_say_why_and_where,
    secrets_are_masked_everywhere,
    skips_have_their_reason,
    ignored_ones_run_on_demand,
    a_blocking_check_times_out_and_is_released,
    an_asynchronous_check_is_cancelled_and_released,
    a_group_of_a_stuck_check_does_not_hang_the_run,
    a_pass_on_a_retry_is_flaky,
    retries_end,
    phases_are_kept,
    a_strange_threads_panic_fails_the_run,
];

fn a_proven_pass() {
    let project = new_project();
    let ran = project.run(&["PASS-"]).code(0);
    assert!(
        ran.line("PASS-1::fixture::limit_is_five")
            .ends_with("... ok")
    );
    ran.says("test result: ok. 2 passed; 0 failed; 0 ignored;");
    ran.says("readiness: 2 passed (2 proven able to fail)");
    for id in ["PASS-1", "PASS-2"] {
        let finished = project.finished(id);
        assert_eq!(finished.outcome, TrialOutcome::Passed);
        assert_eq!(finished.proof.unwrap().strength, ProofStrength::Proven);
        assert_eq!(finished.evidence.len(), 1);
    }
    let journal = project.journal();
    assert_eq!(journal.problems().count(), 0);
    assert_eq!(journal.faults().len(), 0);
    let header = journal.processes().next().unwrap().header();
    assert_eq!(header.target.as_ref().unwrap().name, "staging");
}

fn a_vacuous_pass_is_ok_with_a_warning() {
    let project = new_project();
    let ran = project.run(&["VAC-1"]).code(0);
    assert!(
        ran.line("VAC-1::fixture::looks_at_nothing")
            .ends_with("... ok")
    );
    assert!(
        ran.stderr
            .contains("readiness: warning: VAC-1::fixture::looks_at_nothing: vacuous")
    );
    let proof = project.finished("VAC-1").proof.unwrap();
    assert_eq!(proof.strength, ProofStrength::Vacuous);
}

fn a_warning_is_ok_with_a_warning() {
    let project = new_project();
    let ran = project.run(&["WARN-1"]).code(0);
    assert!(ran.line("WARN-1::fixture::warns").ends_with("... ok"));
    assert!(
        ran.stderr
            .contains("WARN-1::fixture::warns: close to the limit")
    );
    assert_eq!(project.outcome("WARN-1"), TrialOutcome::Warned);
}

fn failures_say_why_and_where() {
    let project = new_project();
    let ran = project.run(&["FAIL-1", "FAIL-2", "FAIL-3"]).code(101);
    ran.says("test result: FAILED. 0 passed; 3 failed;");
    ran.says("expected 429, got 200\n  check: ");
    ran.says("not what was expected\n  at ");
    ran.says("fixture.rs:");
    ran.says("requirement: CHECKLIST.md:");
    let origin = |id| project.finished(id).origin;
    assert_eq!(origin("FAIL-1"), Some(Origin::Verdict));
    assert_eq!(origin("FAIL-2"), Some(Origin::Panic));
    assert_eq!(origin("FAIL-3"), Some(Origin::Error));
    let place = project.finished("FAIL-2").location.unwrap();
    assert!(place.contains("fixture.rs:"), "{place}");
    assert!(
        !ran.stderr.contains("panicked at"),
        "the panic is printed twice: {}",
        ran.stderr
    );
}

fn secrets_are_masked_everywhere() {
    let project = new_project();
    let ran = project.run(&["FAIL-4"]).code(101);
    // The control: the message itself is there, its secret is not.
    ran.says("the password is ");
    let reason = project.finished("FAIL-4").reason.unwrap();
    assert!(reason.starts_with("the password is "), "{reason}");
    for text in [ran.stdout, ran.stderr, reason] {
        assert!(!text.contains("hunter2"), "{text}");
    }
}

fn skips_have_their_reason() {
    let project = new_project();
    let ran = project.run(&["NA-1", "UN-1"]).code(0);
    let line = ran.line("UN-1::fixture::cannot_look");
    assert!(
        line.contains("ignored (not verified: no address is configured: set target.base_url)"),
        "{line}"
    );
    assert!(
        ran.line("NA-1::fixture::does_not_apply")
            .contains("not applicable: no cards")
    );
    ran.says("1 not verified, 1 not applicable");
    assert_eq!(project.outcome("UN-1"), TrialOutcome::Unavailable);
    assert_eq!(project.outcome("NA-1"), TrialOutcome::NotApplicable);
}

fn ignored_ones_run_on_demand() {
    let project = new_project();
    project
        .run(&["IGN-1"])
        .code(0)
        .says("0 passed; 0 failed; 1 ignored;");
    assert!(!project.has("ignored-ran"));
    let reason = NotRun::Ignored("needs hardware".into());
    assert_eq!(project.state("IGN-1"), TrialState::NotRun(reason));
    project
        .run(&["IGN-1", "--include-ignored"])
        .code(0)
        .says("1 passed;");
    assert!(project.has("ignored-ran"));
    let listed = project.run(&["--list", "--ignored"]).code(0);
    assert_eq!(listed.stdout, "IGN-1::fixture::is_ignored: test\n");
    project
        .run(&["--ignored", "IGN-1", "PASS-1"])
        .code(0)
        .says("1 passed;");
}

fn a_blocking_check_times_out_and_is_released() {
    let project = new_project();
    project
        .run(&["HANG-1"])
        .code(101)
        .says("timed out after 50ms");
    assert_eq!(project.finished("HANG-1").origin, Some(Origin::Timeout));
    assert!(project.has("released"));
}

fn an_asynchronous_check_is_cancelled_and_released() {
    let project = new_project();
    project
        .run(&["HANG-2"])
        .code(101)
        .says("timed out after 50ms");
    assert_eq!(project.finished("HANG-2").origin, Some(Origin::Timeout));
    assert!(project.has("released"));
}

fn a_group_of_a_stuck_check_does_not_hang_the_run() {
    let project = new_project();
    let ran = project.run(&["GROUP-"]).code(101);
    ran.says("the group `g` is still held by GROUP-1::fixture::blocks_in_its_group");
    assert_eq!(project.outcome("GROUP-2"), TrialOutcome::Unavailable);
    assert!(!project.has("group-2-ran"));
}

fn a_pass_on_a_retry_is_flaky() {
    let project = new_project();
    let ran = project.run(&["FLAKY-1"]).code(0);
    assert!(
        ran.stderr.contains("flaky: it passed after: not yet"),
        "{}",
        ran.stderr
    );
    let trials = project.journal().trials();
    let trial = trials.values().find(|trial| trial.id == "FLAKY-1").unwrap();
    assert!(trial.flaky().is_some());
    let attempts: Vec<_> = trial.attempts.iter().map(|a| a.attempt).collect();
    assert_eq!(attempts, [1, 2]);
}

fn retries_end() {
    let project = new_project();
    project.run(&["RETRY-1"]).code(101);
    let trials = project.journal().trials();
    let trial = trials.values().find(|trial| trial.id == "RETRY-1").unwrap();
    assert_eq!(trial.attempts.len(), 3);
    assert_eq!(trial.finished().unwrap().outcome, TrialOutcome::Failed);
}

fn phases_are_kept() {
    for threads in ["1", "8"] {
        let project = new_project();
        project.run(&["PHASE-", "--test-threads", threads]).code(0);
        assert_eq!(project.outcome("PHASE-1"), TrialOutcome::Passed);
    }
}

fn a_strange_threads_panic_fails_the_run() {
    let project = new_project();
    let ran = project.run(&["THREAD-1"]).code(101);
    ran.says("1 passed; 0 failed;");
    ran.says("a thread that belongs to no trial panicked");
    assert_eq!(project.outcome("THREAD-1"), TrialOutcome::Passed);
    assert_eq!(project.journal().faults().len(), 1);
    // Alone in its process, the panic is the trial's.
    let isolated = new_project();
    let ran = isolated.run(&["THREAD-1", "--isolate"]).code(101);
    ran.says("0 passed; 1 failed;")
        .says("in a thread of its own");
    assert_eq!(isolated.outcome("THREAD-1"), TrialOutcome::Failed);
    assert_eq!(isolated.journal().faults().len(), 0);
}
