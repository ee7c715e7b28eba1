//! Which run a process belongs to, what it selects, how it lists, how runs are split and joined.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};

use readiness::journal::record::TrialOutcome;
use readiness::journal::{NotRun, TrialState, folder};
use readiness::registry::Registration;
use readiness_driver::{Project, RUN, finish};

use crate::new_project;

readiness_driver::tests![
    listing_is_pure,
    several_filters_and_counts,
    formats_and_quiet,
    thread_counts_of_zero_and_one,
    as_many_as_wait_run_at_once,
    a_slow_check_delays_nobodys_line,
    one_process_per_trial_gives_one_result,
    attempts_of_nextest_are_attempts_of_one_trial,
    groups_hold_between_many_processes,
    a_group_is_free_when_its_process_dies,
    an_exact_name_that_matches_nothing,
    a_nested_run_is_a_run_of_its_own,
    shards_partition_and_join,
    bazel_shards,
    a_process_of_its_own_run,
    the_registry_describes_itself,
    help_is_help,
    a_closed_pipe_is_no_crash,
];

fn names() -> Vec<String> {
    let all = Registration::all();
    let names = all
        .iter()
        .flat_map(|r| r.ids.iter().map(|id| r.trial_name(id)));
    names.collect()
}

fn listing_is_pure() {
    let project = new_project();
    let ran = project.run(&["--list", "--format", "terse"]).code(0);
    let listed: BTreeSet<_> = ran.stdout.lines().map(str::to_owned).collect();
    let expected = names().into_iter().map(|name| format!("{name}: test"));
    assert_eq!(listed, expected.collect());
    assert_eq!(ran.stderr, "");
    // A listing is no run.
    assert!(!project.runs().exists());
}

fn several_filters_and_counts() {
    let project = new_project();
    let ran = project
        .run(&["PASS-1", "WARN-", "--skip", "PASS-2"])
        .code(0);
    let left_out = names().len() - 2;
    ran.says(&format!(
        "2 passed; 0 failed; 0 ignored; 0 measured; {left_out} filtered out"
    ));
    assert_eq!(
        project.state("PASS-2"),
        TrialState::NotRun(NotRun::NotSelected)
    );
    project
        .run(&["NOTHING-LIKE-IT"])
        .code(0)
        .says("running 0 tests");
}

fn formats_and_quiet() {
    let project = new_project();
    let json = project
        .run(&["PASS-1", "--format", "json", "-Z", "unstable-options"])
        .code(0);
    for line in json.stdout.lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
    assert_eq!(json.stdout.lines().count(), 4);
    let quiet = project.run(&["PASS-", "-q"]).code(0);
    assert!(quiet.stdout.contains(".."), "{}", quiet.stdout);
    let log = project.path().join("log.txt");
    let ran = project
        .run(&["PASS-1", "--logfile", log.to_str().unwrap()])
        .code(0);
    assert_eq!(ran.stdout, "");
    assert!(
        std::fs::read_to_string(log)
            .unwrap()
            .contains("test result: ok. 1 passed")
    );
    project
        .run(&["PASS-1", "--logfile", "/no/such/folder/log"])
        .code(2)
        .says("--logfile /no/such/folder/log");
}

fn thread_counts_of_zero_and_one() {
    let project = new_project();
    project
        .run(&["PASS-", "--test-threads", "0"])
        .code(0)
        .says("2 passed");
    project
        .run(&["PASS-", "--test-threads=1"])
        .code(0)
        .says("2 passed");
    let mut command = project.command(&["PASS-"]);
    command.env("RUST_TEST_THREADS", "1");
    finish(command).code(0).says("2 passed");
}

/// Checks wait for a network: how many run at once does not depend on the number of cores.
fn as_many_as_wait_run_at_once() {
    let project = new_project();
    // Each waits for all the others: with one fewer at once none of them would ever end.
    project.run(&["MEET-"]).code(0).says("32 passed");
}

fn a_slow_check_delays_nobodys_line() {
    let project = new_project();
    let mut child = project
        .command(&["DELAY-1", "PASS-1", "PASS-2"])
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut read_test = || {
        let mut lines = lines.by_ref().map(Result::unwrap);
        lines.find(|line| line.starts_with("test ")).unwrap()
    };
    // It ends when it is told, and that is after these.
    let quick = [read_test(), read_test()];
    assert!(quick.iter().all(|line| line.contains("PASS-")), "{quick:?}");
    let ended = |id: &str| {
        project
            .journal()
            .trials()
            .values()
            .any(|t| t.id == id && t.finished().is_some())
    };
    assert!(ended("PASS-1") && ended("PASS-2") && !ended("DELAY-1"));
    project.write("go-on", "");
    assert!(read_test().contains("DELAY-1"));
    assert!(child.wait().unwrap().success());
}

fn nextest(project: &Project, args: &[&str]) -> std::process::Command {
    let mut command = project.command(args);
    command
        .env_remove("READINESS_RUN_ID")
        .env("NEXTEST_EXECUTION_MODE", "process-per-test")
        .env("NEXTEST_RUN_ID", RUN);
    command
}

fn one_process_per_trial_gives_one_result() {
    let (one, many) = (new_project(), new_project());
    one.run(&["PASS-", "WARN-1", "UN-1"]).code(0);
    for name in names()
        .iter()
        .filter(|n| n.starts_with("PASS-") || n.starts_with("WARN-1") || n.starts_with("UN-1"))
    {
        let ran = finish(nextest(&many, &["--exact", name, "--nocapture"])).code(0);
        ran.says("running 1 test");
    }
    let states = |project: &Project| -> Vec<_> {
        let trials = project.journal().trials();
        trials
            .into_values()
            .map(|trial| {
                (
                    trial.trial.clone(),
                    trial.finished().map(|f| f.outcome),
                    trial.state,
                )
            })
            .collect()
    };
    assert_eq!(states(&one), states(&many));
    // Linear in size: four processes of one trial each and one list of all.
    let journal = many.journal();
    let sizes: BTreeSet<_> = journal.processes().map(|p| p.registered().len()).collect();
    assert_eq!(sizes, BTreeSet::from([1, names().len()]));
    assert_eq!(journal.faults().len(), 0);
    assert_eq!(journal.processes().count(), 5);
}

fn attempts_of_nextest_are_attempts_of_one_trial() {
    let project = new_project();
    let name = "FAIL-1::fixture::fails";
    for attempt in ["1", "2"] {
        let mut command = nextest(&project, &["--exact", name, "--nocapture"]);
        command.env("NEXTEST_ATTEMPT", attempt);
        finish(command).code(101);
    }
    let trials = project.journal().trials();
    let attempts = &trials[name].attempts;
    assert_eq!(attempts.len(), 2);
    assert!(attempts[0].attempt < attempts[1].attempt);
    assert_eq!(project.outcome("FAIL-1"), TrialOutcome::Failed);
}

fn groups_hold_between_many_processes() {
    let project = new_project();
    let names: Vec<_> = names()
        .into_iter()
        .filter(|name| name.starts_with("MANY-"))
        .collect();
    let start = |name: &String| {
        let mut command = nextest(&project, &["--exact", name, "--nocapture"]);
        command.spawn().unwrap()
    };
    // Several rounds at once, each trial in a process of its own.
    let mut children: Vec<_> = (0..4).flat_map(|_| names.iter().map(start)).collect();
    assert_eq!(children.len(), 12);
    for child in &mut children {
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
    // And the threads of one process.
    project.run(&["MANY-"]).code(0).says("3 passed");
}

fn a_group_is_free_when_its_process_dies() {
    let project = new_project();
    let mut holder = project.command(&["DIES-1"]).spawn().unwrap();
    while !project.has("waiting") {
        std::thread::yield_now();
        assert!(holder.try_wait().unwrap().is_none(), "it ended early");
    }
    let mut next = project.command(&["DIES-2"]);
    next.env("READINESS_RUN_ID", "next");
    let mut next = next.spawn().unwrap();
    // It says that it waits, and for what.
    let mut said = std::io::BufReader::new(next.stderr.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut said, &mut line).unwrap();
    assert!(
        line.contains("DIES-2") && line.contains("waits for `dies`"),
        "{line}"
    );
    holder.kill().unwrap();
    holder.wait().unwrap();
    assert_eq!(next.wait().unwrap().code(), Some(0));
    let trials = project.journal_of("next").trials();
    let passed = trials.values().find(|trial| trial.id == "DIES-2").unwrap();
    assert_eq!(passed.finished().unwrap().outcome, TrialOutcome::Passed);
}

fn an_exact_name_that_matches_nothing() {
    let project = new_project();
    // Other binaries of the same `cargo test` may have it.
    project.run(&["--exact", "PASS-9::gone"]).code(0);
    // nextest asks the one binary that listed it.
    finish(nextest(
        &project,
        &["--exact", "PASS-9::gone", "--nocapture"],
    ))
    .code(2)
    .says("no trial is named PASS-9::gone");
}

fn a_nested_run_is_a_run_of_its_own() {
    let project = new_project();
    project.run(&["NEST-1"]).code(0);
    let journal = project.journal();
    assert_eq!(journal.processes().count(), 1);
    assert_eq!(
        project.state("PASS-1"),
        TrialState::NotRun(NotRun::NotSelected)
    );
    let runs = folder::runs(&project.runs());
    assert_eq!(runs.len(), 2, "{runs:?}");
    let nested = runs.iter().find(|run| run.run != RUN).unwrap();
    let trials = project.journal_of(&nested.run).trials();
    let passed = trials.values().find(|trial| trial.id == "PASS-1").unwrap();
    assert_eq!(passed.finished().unwrap().outcome, TrialOutcome::Passed);
}

const SPLIT: [&str; 6] = ["PASS-", "WARN-", "NA-", "UN-", "VAC-", "PHASE-"];

fn shards_partition_and_join() {
    let whole = new_project();
    whole.run(&SPLIT).code(0);
    let split = new_project();
    let mut ran = 0;
    for shard in ["3/3", "1/3", "2/3"] {
        let mut command = split.command(&SPLIT);
        // Any shard may have the burst without the write before it.
        split.write("written", "");
        command
            .env("READINESS_SHARD", shard)
            .env("READINESS_RUN_ID", shard.replace('/', "of"));
        finish(command).code(0);
        ran += 1;
    }
    assert_eq!(ran, 3);
    let parts = ["1of3", "2of3", "3of3"].map(|run| split.journal_of(run));
    let [a, b, c] = parts;
    let joined = a.clone().merge(b.clone()).merge(c.clone());
    assert_eq!(joined, c.merge(a).merge(b));
    assert_eq!(joined.shards(), BTreeSet::from([(1, 3), (2, 3), (3, 3)]));
    let outcomes = |run: &readiness::journal::MergedRun| -> Vec<_> {
        let trials = run.trials();
        let outcomes = trials.into_values().map(|trial| {
            let attempts = trial.attempts.len();
            (
                trial.trial.clone(),
                trial.finished().map(|f| f.outcome),
                attempts,
            )
        });
        outcomes.collect()
    };
    assert_eq!(outcomes(&joined), outcomes(&whole.journal()));
    let mut command = split.command(&[]);
    command.env("READINESS_SHARD", "4/3");
    finish(command).code(2).says("READINESS_SHARD is \"4/3\"");
}

fn bazel_shards() {
    let project = new_project();
    let status = project.path().join("status");
    let xml = project.path().join("out.xml");
    for index in ["0", "1"] {
        let mut command = project.command(&[]);
        command
            .env("TEST_TOTAL_SHARDS", "2")
            .env("TEST_SHARD_INDEX", index)
            .env("TEST_SHARD_STATUS_FILE", &status)
            .env("TESTBRIDGE_TEST_ONLY", "PASS-")
            .env("XML_OUTPUT_FILE", &xml);
        finish(command).code(0);
        assert!(
            std::fs::read_to_string(&xml)
                .unwrap()
                .contains("<testsuite ")
        );
    }
    assert!(status.exists());
    for id in ["PASS-1", "PASS-2"] {
        assert_eq!(project.outcome(id), TrialOutcome::Passed);
    }
    let ran = project
        .journal()
        .trials()
        .values()
        .map(|t| t.attempts.len())
        .sum::<usize>();
    assert_eq!(ran, 2);
}

fn a_process_of_its_own_run() {
    let project = new_project();
    for _ in 0..2 {
        let mut command = project.command(&["PASS-1"]);
        command.env_remove("READINESS_RUN_ID");
        finish(command).code(0);
    }
    // This driver is not cargo: each process is a run, none overwrites another.
    assert_eq!(folder::runs(&project.runs()).len(), 2);
    let mut command = project.command(&["PASS-1"]);
    command.env("READINESS_RUN_ID", "../escape");
    finish(command)
        .code(2)
        .says("READINESS_RUN_ID")
        .says("run-id-invalid");
}

fn the_registry_describes_itself() {
    let project = new_project();
    let ran = project.run(&["--readiness-describe"]).code(0);
    let object: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let trials = object["trials"].as_array().unwrap();
    assert_eq!(trials.len(), names().len());
    let first = trials.iter().find(|trial| trial["id"] == "IGN-1").unwrap();
    assert_eq!(first["trial"], "IGN-1::fixture::is_ignored");
    assert_eq!(first["ignored"], "needs hardware");
}

fn help_is_help() {
    let project = new_project();
    let ran = project.run(&["--help"]).code(0);
    assert!(
        ran.stdout.contains("--isolate") && ran.stderr.is_empty(),
        "{ran:?}"
    );
    project
        .run(&["--no-such-flag"])
        .code(2)
        .says("--no-such-flag");
    project
        .run(&["--shuffle"])
        .code(2)
        .says("--shuffle is not supported");
}

fn a_closed_pipe_is_no_crash() {
    let project = new_project();
    let mut child = project
        .command(&["PASS-", "FAIL-1", "--test-threads", "1"])
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut said).unwrap();
    let code = child.wait().unwrap().code();
    assert!(matches!(code, Some(0 | 101)), "{code:?}: {said}");
    assert!(!said.contains("panicked"), "{said}");
}
