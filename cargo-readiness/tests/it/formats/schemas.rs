//! Reports against the schemas of their formats.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::{all, schema};
use crate::place::Place;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn json_is_as_documented_and_nothing_is_undocumented() {
    let schema = json(&read("schemas/report-1.schema.json"));
    let report = json(&all()["readiness.json"]);
    assert_eq!(schema::faults(&schema, &report, true), Vec::<String>::new());
    // Without a run as well.
    let place = Place::new();
    let ran = place.readiness(&["report", "--format", "json"]).exits(0);
    let report = json(&ran.out);
    assert_eq!(schema::faults(&schema, &report, true), Vec::<String>::new());
    assert_eq!(report["run"], Value::Null);
    assert_eq!(report["score"]["words"], "0/5 = 0.00 %");
}

#[test]
fn sarif_holds_to_the_schema_of_its_committee() {
    let schema = json(&read("tests/schemas/sarif-2.1.0.json"));
    let log = json(&all()["readiness.sarif"]);
    assert_eq!(schema::faults(&schema, &log, false), Vec::<String>::new());
    let result = &log["runs"][0]["results"][1];
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "CHECKLIST.md");
    assert_eq!(place["region"]["startLine"], 10);
    assert_eq!(result["ruleIndex"], 1);
}

#[test]
fn junit_holds_to_the_common_schema() {
    let place = super::place();
    place
        .readiness(&["report", "--format", "junit=r.xml"])
        .exits(0);
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas/junit-10.xsd");
    let checked = Command::new("xmllint")
        .args(["--noout", "--nonet", "--schema"])
        .arg(&schema)
        .arg(place.path("r.xml"))
        .output();
    let Some(checked) = super::browser::tool("xmllint", checked) else {
        return;
    };
    let said = String::from_utf8_lossy(&checked.stderr).into_owned();
    assert!(checked.status.success(), "{said}");
}

#[test]
fn the_badge_is_svg() {
    let badge = &all()["readiness.svg"];
    let place = Place::new();
    place.write("badge.svg", badge);
    let checked = Command::new("xmllint")
        .args(["--noout", "--nonet"])
        .arg(place.path("badge.svg"))
        .output();
    if let Some(checked) = super::browser::tool("xmllint", checked) {
        assert!(checked.status.success(), "{checked:?}");
    }
    assert!(badge.contains("25.00 % · not met"));
}
