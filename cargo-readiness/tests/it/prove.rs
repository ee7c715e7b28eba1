//! What each passing check noticed: the table, one part of it, and one check in full.

use crate::place::{Place, finished, process};

/// A check of a header: one fine alteration noticed, one not, one gross noticed, one operator broken.
const PROOF: &str = r#""proof":{"strength":"proven","fine":{"killed":1,"survived":1,"diverged":1},"gross":{"killed":1,"survived":0,"diverged":0},"mutants":[
{"observation":"http GET / #1","operator":"header-planted","facet":"header x-frame-options","words":"nothing changes","strength":"fine","fate":"not-applied"},
{"observation":"http GET / #1","operator":"header-emptied","facet":"header x-frame-options","words":"x-frame-options is empty","strength":"fine","fate":"survived","change":{"at":"/headers/0/1","was":"\"DENY\"","now":"\"\""}},
{"observation":"http GET / #1","operator":"server-error","facet":"everything","words":"the server answers with 500","strength":"gross","fate":"killed","reason":"fails: the status is 500"},
{"observation":"http GET / #1","operator":"header-dropped","facet":"header x-frame-options","words":"x-frame-options is missing","strength":"fine","fate":"killed","reason":"fails: it is missing","change":{"at":"/headers","was":"[[\"x-frame-options\",\"DENY\"]]","now":"[]"}},
{"observation":"http GET / #1","operator":"status-4xx","facet":"status","words":"the status is 404","strength":"fine","fate":"diverged","reason":"`http GET /login #1` was not recorded"}]},
"evidence":[{"observation":"http GET / #1","value":{"status":200},"read":["header x-frame-options"]}]"#;

/// A run of four checks: one with a proof in full, one vacuous, one excused, one without proof.
fn place() -> Place {
    let place = Place::new();
    let ends = [
        ("A-1", "excused"),
        ("A-2", "proven"),
        ("A-3", "vacuous"),
        ("A-4", "proven"),
    ];
    let full = PROOF.replace('\n', "");
    let off =
        r#""proof":{"strength":"off","reason":"unproven: proof was switched off for this run"}"#;
    let plain = r#""proof":{"strength":"proven"}"#;
    let mut lines = process(&ends);
    for (id, proof) in [("A-2", full.as_str()), ("A-4", off)] {
        let short = finished(id, "proven");
        assert!(short.contains(plain));
        let line = lines.iter_mut().find(|line| **line == short).unwrap();
        *line = short.replace(plain, proof);
    }
    place.journal(&lines);
    place
}

#[test]
fn the_weakest_checks_come_first_and_a_filter_leaves_some() {
    let place = place();
    let ran = place.readiness(&["prove"]).exits(0);
    let lines: Vec<_> = ran.out.lines().collect();
    let begins: Vec<_> = lines
        .iter()
        .map(|line| &line[..4.min(line.len())])
        .collect();
    assert_eq!(begins, ["chec", "A-3:", "A-4:", "A-1:", "A-2:", "4 ch"]);
    assert!(
        lines[1].contains("vacuous") && lines[1].contains("still passes when the reply is 500")
    );
    assert!(lines[2].contains("off") && lines[2].contains("proof was switched off for this run"));
    assert!(lines[3].contains("excused") && lines[3].contains("a person looks"));
    // Of those that got a verdict; a survivor is a hint.
    assert!(lines[4].contains("proven    1/2      1/1      when x-frame-options is empty"));
    assert_eq!(
        lines[5],
        "4 checks passed, 1 proven able to fail; fine alterations noticed: 1/2 = 50.00 %"
    );
    let some = place.readiness(&["prove", "A-2"]).exits(0);
    assert_eq!(some.out.lines().count(), 3, "{}", some.out);
    assert!(
        some.says("A-2::it")
            .out
            .contains("1 checks passed, 1 proven")
    );
}

#[test]
fn one_check_is_explained_with_what_it_saw_beside_what_it_was_shown() {
    let ran = place().readiness(&["prove", "--explain", "A-2"]).exits(0);
    assert_eq!(
        ran.out,
        "\
A-2::it
  on http GET / #1
    as it was: {\"status\":200}
    could not be applied when nothing changes
    NOT noticed when x-frame-options is empty
      /headers/0/1: \"DENY\" -> \"\"
    noticed when x-frame-options is missing: fails: it is missing
      /headers: [[\"x-frame-options\",\"DENY\"]] -> []
    left the recording when the status is 404: `http GET /login #1` was not recorded
    noticed (gross) when the server answers with 500: fails: the status is 500
"
    );
    place()
        .readiness(&["prove", "--explain", "A-3"])
        .exits(0)
        .says("vacuous: still passes when the reply is 500")
        .says("no alteration was tried");
    place()
        .readiness(&["prove", "--explain", "A-5"])
        .exits(2)
        .says("no check for `A-5` ended in this run");
}

#[test]
fn a_run_can_be_asked_to_notice_more_than_it_did() {
    let place = place();
    place.write(
        "readiness.toml",
        "[gate]\nminimum = 20\n[prove]\nminimum = 50\n",
    );
    place
        .readiness(&["gate"])
        .exits(0)
        .says("alterations noticed 1/2 = 50.00 %, 50% are demanded");
    place.write(
        "readiness.toml",
        "[gate]\nminimum = 20\n[prove]\nminimum = 51\n",
    );
    place
        .readiness(&["gate"])
        .exits(1)
        .says("alterations noticed 1/2 = 50.00 %, 51% are demanded")
        .says("`cargo readiness prove` shows what the checks did not notice");
}

#[test]
fn a_pass_without_proof_and_an_excuse_are_visible_in_the_report() {
    let place = place();
    place
        .readiness(&["report", "--output", "out.md"])
        .says("1 proven able to fail, 1 excused from proof");
    let written = place.read("out.md");
    assert!(
        written.contains("proof was switched off for this run"),
        "{written}"
    );
    place
        .readiness(&["explain", "A-1"])
        .exits(0)
        .says("a person looks");
}
