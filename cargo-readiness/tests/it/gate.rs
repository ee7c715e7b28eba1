//! The decision.

use crate::place::{CHECKLIST, Place, process};

#[test]
fn met_at_the_documents_own_minimum_and_not_a_pass_below() {
    let place = Place::new();
    place.journal(&process(&[
        ("A-1", "proven"),
        ("A-2", "proven"),
        ("A-3", "excused"),
    ]));
    place
        .readiness(&["gate"])
        .exits(0)
        .says("gate: met")
        .says("score 3/5 = 60.00 %: 3·100 ≥ 60·5 (60% the document's own)")
        .says("passed, excused from proof: 1");
    place.journal(&process(&[
        ("A-1", "proven"),
        ("A-2", "proven"),
        ("A-3", "unproven"),
    ]));
    place
        .readiness(&["gate"])
        .exits(1)
        .says("gate: not met")
        .says("2·100 < 60·5 (60% the document's own), 1 more needed");
    assert_eq!(place.read("CHECKLIST.md"), CHECKLIST);
}

#[test]
fn one_failure_is_no_go_and_denied_outcomes_are() {
    let place = Place::new();
    place.write("readiness.toml", "[gate]\nminimum = 20\n");
    place.journal(&process(&[("A-1", "proven"), ("A-2", "failed: no")]));
    place.readiness(&["gate"]).exits(1).says("1 failed: A-2");
    place.journal(&process(&[("A-1", "proven"), ("A-2", "warned: slow")]));
    place.readiness(&["gate"]).exits(0);
    place.write(
        "readiness.toml",
        "[gate]\nminimum = 20\ndeny = [\"warn\"]\n",
    );
    place.readiness(&["gate"]).exits(1).says("1 warned: A-2");
}

#[test]
fn a_demonstration_is_never_met() {
    let place = Place::new();
    let all = ["A-1", "A-2", "A-3", "A-4", "A-5"].map(|id| (id, "proven"));
    place.journal_of("embedded", "runs/r-1/1-1-a.jsonl", &process(&all));
    place.readiness(&["gate"]).exits(1).says("never a go");
    place.journal(&process(&all));
    place
        .readiness(&["gate"])
        .exits(0)
        .says("score 5/5 = 100.00 %");
}

#[test]
fn a_wrong_configuration_is_an_error_with_its_line() {
    let place = Place::new();
    place.write("readiness.toml", "[gate]\nminimun = 20\n");
    place
        .readiness(&["gate"])
        .exits(2)
        .says("error[config-unknown-key]")
        .says("readiness.toml:2: unknown key `minimun` in [gate]")
        .says("did you mean `minimum`?");
}

#[test]
fn an_unknown_run_is_an_error_that_names_the_known() {
    let place = Place::new();
    place.journal(&process(&[("A-1", "proven")]));
    place
        .readiness(&["gate", "--run", "r-9"])
        .exits(2)
        .says("the latest runs: r-1");
}
