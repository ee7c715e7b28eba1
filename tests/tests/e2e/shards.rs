//! Runs that are split, over machines or by a runner: the parts, merged in any order, are one run, and a
//! part that is missing is named.

use std::fs;
use std::path::PathBuf;

use crate::five::{self, CHECKLIST};
use readiness_tests::{Project, Ran, toolchain};

/// The document that the whole run gives.
fn whole(project: &Project) -> String {
    project.cargo_test(&[]).run().exits(101);
    project.readiness(&["report"]).run().exits(0);
    let whole = project.read("CHECKLIST.md");
    assert_ne!(whole, CHECKLIST);
    whole
}

/// The document after reporting these journals, put into a folder in this order.
fn merged<'a>(project: &Project, journals: impl Iterator<Item = &'a PathBuf>) -> String {
    project.reset(&[("CHECKLIST.md", CHECKLIST)]);
    let folder = project.path("merged");
    drop(fs::remove_dir_all(&folder));
    fs::create_dir(&folder).expect("a folder");
    for (n, journal) in journals.enumerate() {
        fs::copy(journal, folder.join(format!("{n}.jsonl"))).expect("a copy");
    }
    project
        .readiness(&["report", "--run", "merged"])
        .run()
        .exits(0);
    project.read("CHECKLIST.md")
}

/// Merges these folders, and nothing that was merged before.
fn merge(project: &Project, parts: &[&str]) -> Ran {
    drop(fs::remove_dir_all(project.path("joined")));
    let merge = [&["merge", "--output", "joined"], parts].concat();
    project.readiness(&merge).run()
}

/// What `report` writes of the merge, and what it says.
fn report(project: &Project) -> (String, Ran) {
    project.reset(&[("CHECKLIST.md", CHECKLIST)]);
    let report = ["report", "--run", "joined"];
    let said = project.readiness(&report).run().exits(0);
    (project.read("CHECKLIST.md"), said)
}

/// What `report` writes of these folders, merged, and what it says.
fn joined(project: &Project, parts: &[&str]) -> (String, Ran) {
    merge(project, parts).exits(0);
    report(project)
}

#[test]
fn three_shards_in_any_order_are_one_run() {
    let project = five::project("shards").built();
    let whole = whole(&project);

    let mut shards = Vec::new();
    for shard in 1..=3 {
        let folder = format!("shard-{shard}");
        project
            .cargo_test(&[])
            .env("READINESS_SHARD", format!("{shard}/3"))
            .env("READINESS_RUN_ID", "one-run")
            .env("READINESS_DIR", project.path(&folder))
            .run();
        shards.extend(project.journals(&folder));
    }
    assert_eq!(shards.len(), 3);
    for [a, b, c] in [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ] {
        let order = [&shards[a], &shards[b], &shards[c]];
        assert_eq!(merged(&project, order.into_iter()), whole, "{a} {b} {c}");
    }
    let ran = merge(&project, &["shard-3", "shard-1", "shard-2"]).exits(0);
    insta::assert_snapshot!("merge", ran);
    assert_eq!(report(&project).0, whole);
    let gate = project
        .readiness(&["gate", "--run", "joined"])
        .run()
        .exits(1);
    insta::assert_snapshot!("gate-of-the-merge", gate);

    let ran = merge(&project, &["shard-3", "shard-1"]);
    assert_ne!(ran.code, Some(0), "a shard is missing\n{ran}");
    insta::assert_snapshot!("merge-without-a-shard", ran);

    let twice = shards.iter().chain(&shards);
    assert_eq!(
        merged(&project, twice),
        whole,
        "the same journals twice are once"
    );
}

#[test]
fn three_partitions_of_nextest_are_one_run() {
    if !toolchain::nextest() {
        eprintln!("skipped: cargo-nextest is not installed");
        return;
    }
    let project = five::project("partitions").built();
    let whole = whole(&project);
    let folders = ["part-3", "part-1", "part-2"];
    for folder in folders {
        let part = format!("count:{}/3", &folder[5..]);
        project
            .nextest(&["--partition", &part])
            .env("READINESS_RUN_ID", "one-run")
            .env("READINESS_DIR", project.path(folder))
            .run();
    }
    assert_eq!(joined(&project, &folders).0, whole);
    // Nextest tells nobody how it divides: what a missing part would have run is not verified.
    let (document, said) = joined(&project, &folders[..2]);
    assert_ne!(document, whole);
    assert!(said.stdout.contains("not verified"), "{said}");
}

/// Each process lists, and runs, what is in its shard: nextest sees no more, and the journals name it.
#[test]
fn shards_of_our_own_under_nextest_are_named_when_one_is_missing() {
    if !toolchain::nextest() {
        eprintln!("skipped: cargo-nextest is not installed");
        return;
    }
    let project = five::project("shards-under-nextest").built();
    let whole = whole(&project);
    let folders = ["shard-2", "shard-3", "shard-1"];
    let mut trials = 0;
    for folder in folders {
        let ran = project
            .nextest(&[])
            .env("READINESS_SHARD", format!("{}/3", &folder[6..]))
            .env("READINESS_RUN_ID", "one-run")
            .env("READINESS_DIR", project.path(folder))
            .run();
        trials += started(&ran);
    }
    assert_eq!(trials, 7, "each trial is in one shard");
    assert_eq!(joined(&project, &folders).0, whole);

    let ran = merge(&project, &["shard-2", "shard-1"]).exits(2);
    assert!(ran.stderr.contains("missing: shard 3 of 3"), "{ran}");
}

/// How many tests nextest started.
fn started(ran: &Ran) -> usize {
    let (before, _) = ran.stderr.split_once(" tests run").expect("a summary");
    let (_, count) = before.rsplit_once(' ').expect("a number of tests");
    count.parse().expect("a number")
}

/// A `JUnit` file without how long its cases took.
fn without_times(xml: &str) -> String {
    let mut pieces = xml.split(" time=\"");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (time, rest) = piece.split_once('"').expect("the end of a time");
        assert!(time.parse::<f64>().is_ok(), "{time}");
        out.push_str(" time=\"[time]\"");
        out.push_str(rest);
    }
    out
}

/// Bazel's protocol, as its test setup speaks it to a runner.
#[test]
fn shards_of_bazel_are_one_run() {
    let project = five::project("bazel").built();
    let whole = whole(&project);
    let mut folders = Vec::new();
    for index in 0..3 {
        let folder = format!("bazel-{index}");
        let status = project.path(&format!("{folder}-status"));
        let xml = format!("{folder}.xml");
        let ran = project
            .harness(&["--test-threads=1"])
            .env("TEST_TOTAL_SHARDS", "3")
            .env("TEST_SHARD_INDEX", index.to_string())
            .env("TEST_SHARD_STATUS_FILE", &status)
            .env("XML_OUTPUT_FILE", project.path(&xml))
            .env("READINESS_RUN_ID", "one-run")
            .env("READINESS_DIR", project.path(&folder))
            .run();
        // Without it Bazel takes a runner for one that knows no shards, and fails the test.
        assert!(status.exists(), "{ran}");
        if index == 0 {
            insta::assert_snapshot!("bazel", ran);
            insta::assert_snapshot!("bazel-xml", without_times(&project.read(&xml)));
        }
        folders.push(folder);
    }
    let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
    assert_eq!(joined(&project, &folders).0, whole);

    // `bazel test --test_filter=PAY`
    let ran = project
        .harness(&[])
        .env("TESTBRIDGE_TEST_ONLY", "PAY")
        .run()
        .exits(0);
    assert!(ran.stdout.contains("running 1 test"), "{ran}");

    let ran = merge(&project, &["bazel-0", "bazel-2"]).exits(2);
    assert!(ran.stderr.contains("missing: shard 2 of 3"), "{ran}");
}
