//! Processes that die, and what is left of their results.

use std::io::Read;
use std::process::Stdio;

use readiness::journal::record::TrialOutcome;
use readiness::journal::{NotRun, RunFault, TrialState};

use readiness_driver::{Project, finish};

use crate::new_project;

readiness_driver::tests![
    a_death_with_one_in_flight_is_its_failure,
    a_death_with_several_in_flight_names_no_culprit,
    isolation_attributes_every_crash,
    isolation_stops_what_blocks,
    isolated_results_are_those_of_one_process,
    isolated_output_is_shown_with_its_trial_only,
    an_interrupt_is_recorded,
    children_end_with_their_parent,
    a_full_disk_fails_loudly,
];

/// Every way to die, with whether the exit code is a success.
const CRASHES: [(&str, &str); 4] = [
    ("CRASH-1", "aborts"),
    ("CRASH-2", "overflows_its_stack"),
    ("CRASH-3", "exits_with_zero"),
    ("CRASH-4", "is_killed"),
];

fn a_death_with_one_in_flight_is_its_failure() {
    for (id, _) in CRASHES {
        let project = new_project();
        // One at a time: the pass is over when the crash comes, the warning never begins.
        let ran = project.run(&["PASS-1", id, "WARN-1", "--test-threads", "1"]);
        assert_ne!(ran.code, Some(101), "{ran:?}");
        let order_puts_the_crash_first = TrialState::NotRun(NotRun::ProcessDied);
        assert_eq!(project.state(id), TrialState::Died, "{id}");
        assert_eq!(project.state("PASS-1"), order_puts_the_crash_first);
        assert_eq!(
            project.state("WARN-1"),
            TrialState::NotRun(NotRun::ProcessDied)
        );
        // What finished before a crash stays.
        project.run(&["PASS-1"]).code(0);
        assert_eq!(project.outcome("PASS-1"), TrialOutcome::Passed);
    }
}

fn a_death_with_several_in_flight_names_no_culprit() {
    let project = new_project();
    project.run(&["CRASH-5", "CRASH-6", "--test-threads", "2"]);
    for id in ["CRASH-5", "CRASH-6"] {
        assert!(
            matches!(project.state(id), TrialState::DiedAmong { .. }),
            "{id}"
        );
    }
    let faults = project.journal().faults();
    assert!(
        matches!(faults.first(), Some(RunFault::DiedWithSeveral { trials, .. }) if trials.len() == 2)
    );
    // Run again in processes of their own, the culprit is known, and the fault is explained.
    project.write("no-crash", "");
    project.run(&["CRASH-5", "CRASH-6", "--isolate"]).code(101);
    assert_eq!(project.outcome("CRASH-5"), TrialOutcome::Failed);
    assert_eq!(project.outcome("CRASH-6"), TrialOutcome::Passed);
    assert_eq!(project.journal().faults().len(), 0);
}

fn isolation_attributes_every_crash() {
    let project = new_project();
    let ids: Vec<&str> = CRASHES.iter().map(|(id, _)| *id).collect();
    let args = [ids.as_slice(), &["PASS-1", "--isolate"]].concat();
    let ran = project.run(&args).code(101);
    ran.says("1 passed; 4 failed;");
    for (id, function) in CRASHES {
        assert!(
            ran.line(&format!("{id}::fixture::{function}"))
                .ends_with("FAILED")
        );
        assert_eq!(project.outcome(id), TrialOutcome::Failed);
        let reason = project.finished(id).reason.unwrap();
        assert!(
            reason.starts_with("the process of this trial died: "),
            "{reason}"
        );
    }
    ran.says("it exited with code 0 before the check returned; that is no pass");
    assert_eq!(project.outcome("PASS-1"), TrialOutcome::Passed);
    assert_eq!(project.journal().faults().len(), 0);
}

fn isolation_stops_what_blocks() {
    let project = new_project();
    project
        .run(&["GROUP-", "--isolate"])
        .code(101)
        .says("timed out after 50ms");
    // The stuck process is gone, and with it its hold on the group.
    assert_eq!(project.outcome("GROUP-2"), TrialOutcome::Passed);
}

fn isolated_results_are_those_of_one_process() {
    const FILTERS: [&str; 8] = [
        "PASS-", "VAC-", "WARN-", "FAIL-", "NA-", "UN-", "FLAKY-", "RETRY-",
    ];
    let (one, many) = (new_project(), new_project());
    one.run(&FILTERS).code(101);
    let isolated = [FILTERS.as_slice(), &["--isolate"]].concat();
    many.run(&isolated).code(101).says("proven able to fail");
    let seen = |project: &Project| -> Vec<_> {
        let trials = project.journal().trials();
        let seen = trials.into_values().map(|trial| {
            let last = trial.finished().cloned();
            (
                trial.trial.clone(),
                trial.flaky().is_some(),
                trial.attempts.iter().map(|a| a.attempt).collect::<Vec<_>>(),
                last.map(|f| (f.outcome, f.reason, f.origin, f.proof, f.location)),
            )
        });
        seen.collect()
    };
    assert_eq!(seen(&one), seen(&many));
}

fn isolated_output_is_shown_with_its_trial_only() {
    let project = new_project();
    let ran = project.run(&["PRINT-1", "PASS-1", "--isolate"]).code(101);
    assert_eq!(ran.stdout.matches("noise on stdout").count(), 1);
    assert_eq!(ran.stdout.matches("noise on stderr").count(), 1);
    assert!(!ran.stderr.contains("noise"), "{}", ran.stderr);
    let reason = project.finished("PRINT-1").reason.unwrap();
    assert_eq!(reason, "quiet reason");
}

fn an_interrupt_is_recorded() {
    for isolate in [false, true] {
        let project = new_project();
        let mut command = project.command(&["INT-1", "PASS-1", "--test-threads", "1"]);
        if isolate {
            command.arg("--isolate");
        }
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        while !project.has("waiting") {
            std::thread::yield_now();
            assert!(child.try_wait().unwrap().is_none(), "it ended early");
        }
        let pid = child.id().to_string();
        let sent = std::process::Command::new("kill")
            .args(["-INT", &pid])
            .status();
        assert!(sent.unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(130));
        let mut said = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        assert!(said.contains("interrupted"), "{said}");
        // In one process the release is over before the exit; a child's may come a moment later.
        assert!(isolate || project.has("released"));
        assert!(
            matches!(project.state("INT-1"), TrialState::Interrupted { .. }),
            "{isolate}"
        );
        assert_eq!(
            project.state("PASS-1"),
            TrialState::NotRun(NotRun::Interrupted)
        );
        let faults = project.journal().faults();
        assert!(matches!(faults.first(), Some(RunFault::Interrupted { .. })));
    }
}

fn children_end_with_their_parent() {
    let project = new_project();
    let mut command = project.command(&["INT-1", "--isolate"]);
    // The child shares this pipe: its end is the end of both processes.
    let mut parent = command.arg("--nocapture").spawn().unwrap();
    while !project.has("waiting") {
        std::thread::yield_now();
        assert!(parent.try_wait().unwrap().is_none(), "it ended early");
    }
    parent.kill().unwrap();
    parent.wait().unwrap();
    let mut said = String::new();
    parent
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert!(matches!(
        project.state("INT-1"),
        TrialState::Interrupted { signal } if signal.contains("parent")
    ));
}

fn a_full_disk_fails_loudly() {
    // A limit on the size of files stands for a full disk: writes beyond it fail. 16 KiB hold the list
    // of what is registered, and not the reason of FULL-1 behind it.
    let project = new_project();
    let exe = std::env::current_exe().unwrap();
    let command = project.command(&[]);
    let mut shell = std::process::Command::new("sh");
    shell.arg("-c").arg(format!(
        "trap '' XFSZ; ulimit -f 32; exec '{}' PASS-1 FULL-1 PASS-2 --test-threads 1",
        exe.display()
    ));
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let ran = finish(shell).code(101);
    ran.says("the journal cannot be written");
    ran.says("journal-write");
    // Whatever was whole before stays readable.
    let journal = project.journal();
    assert_eq!(journal.processes().count(), 1);
}
