//! Shards on several machines.

use crate::place::{Place, finished, process, registered, started};

const ALL: [&str; 3] = ["A-1", "A-2", "A-3"];

/// A shard's journal: it knows all trials, runs one and passes.
fn shard(place: &Place, index: usize, total: usize) -> String {
    let name = format!("in/{index}/{index}-7-s.jsonl");
    let mine = ALL[index - 1];
    let others: Vec<_> = ALL.iter().copied().filter(|id| *id != mine).collect();
    let lines = [
        registered(&[mine], &others),
        started(mine),
        finished(mine, "proven"),
        "{\"record\":\"closed\",\"at\":\"2026-11-20T10:00:09.000000Z\"}\n".to_owned(),
    ];
    place.journal_of("remote", &name, &lines);
    let sharded = place.read(&name).replacen(
        "\"commit\"",
        &format!("\"shard\":[{index},{total}],\"commit\""),
        1,
    );
    place.write(&name, sharded);
    name
}

/// The merged folder, file by file.
fn bytes(place: &Place, folder: &str) -> Vec<(String, String)> {
    let mut files: Vec<_> = std::fs::read_dir(place.path(folder))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .map(|name| (name.clone(), place.read(&format!("{folder}/{name}"))))
        .collect();
    files.sort();
    files
}

#[test]
fn any_order_and_any_number_of_times_gives_the_same_bytes() {
    let place = Place::new();
    let names: Vec<_> = (1..=3).map(|index| shard(&place, index, 3)).collect();
    let merge = |sources: &[&str], output: &str| {
        let mut arguments = vec!["merge", "--output", output];
        arguments.extend(sources);
        place.readiness(&arguments).exits(0);
        bytes(&place, output)
    };
    let [a, b, c] = [&*names[0], &*names[1], &*names[2]];
    let one = merge(&[a, b, c], "m1");
    assert_eq!(one.len(), 4);
    assert_eq!(merge(&[c, a, b], "m2"), one);
    assert_eq!(merge(&["in", b, "in/3"], "m3"), one);
    assert_eq!(merge(&["m1", "in"], "m1"), one);
}

#[test]
fn the_merge_is_judged_as_the_whole_run() {
    let place = Place::new();
    for index in 1..=3 {
        shard(&place, index, 3);
    }
    place.readiness(&["merge", "in", "--output", "m"]).exits(0);
    place
        .readiness(&["gate", "--run", "m"])
        .exits(0)
        .says("score 3/5 = 60.00 %");
    // One shard alone is a part, and says so.
    place
        .readiness(&["gate", "--run", "in/1"])
        .exits(1)
        .says("a part of the checks");
}

#[test]
fn a_missing_shard_is_an_error_that_names_it() {
    let place = Place::new();
    shard(&place, 1, 3);
    shard(&place, 3, 3);
    place
        .readiness(&["merge", "in", "--output", "m"])
        .exits(2)
        .says("missing: shard 2 of 3 of shop");
    assert!(!place.path("m").exists());
}

#[test]
fn nothing_to_merge_is_an_error() {
    let place = Place::new();
    std::fs::create_dir(place.path("empty")).unwrap();
    place
        .readiness(&["merge", "empty", "--output", "m"])
        .exits(2)
        .says("no journal");
    place
        .readiness(&["merge", "gone", "--output", "m"])
        .exits(2)
        .says("gone does not exist");
}

#[test]
fn a_damaged_copy_beside_a_whole_one_loses_nothing() {
    let place = Place::new();
    let whole = shard(&place, 1, 1);
    let text = place.read(&whole);
    let cut = text.len() - 20;
    place.write("in/copy/1-7-s.jsonl", &text[..cut]);
    place.readiness(&["merge", "in", "--output", "m"]).exits(0);
    place
        .readiness(&["merge", &whole, "--output", "n"])
        .exits(0);
    assert_eq!(bytes(&place, "m"), bytes(&place, "n"));
}

#[test]
fn one_page_about_one_requirement_and_its_proof() {
    let place = Place::new();
    place.journal(&process(&[("A-1", "proven"), ("A-3", "vacuous")]));
    place
        .readiness(&["explain", "A-3"])
        .exits(0)
        .says("outcome: vacuous (WARN): still passes when the reply is 500")
        .says("CHECKLIST.md:9")
        .says("check: A-3::it  src/lib.rs:7");
    place
        .readiness(&["explain", "A-33"])
        .exits(2)
        .says("no item has the id `A-33`")
        .says("A-3 (line 9)");
    place
        .readiness(&["prove"])
        .exits(0)
        .says("vacuous")
        .says("2 checks passed, 1 proven able to fail");
    place.readiness(&["prove", "--explain", "A-9"]).exits(2);
}
