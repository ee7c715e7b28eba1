//! The same assessment in every format.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{CANARY, HOSTILE, all, expected, place, written};

/// What a format says of the items: status and reason by id.
type Said = BTreeMap<String, (String, Option<String>)>;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn of_json(report: &Value) -> Said {
    let items = report["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| {
            let reason = item["reason"].as_str().map(str::to_owned);
            (text(&item["id"]), (text(&item["status"]), reason))
        })
        .collect()
}

#[test]
fn every_item_comes_to_what_its_results_say() {
    let files = all();
    let report = json(&files["readiness.json"]);
    for ((id, status, outcome, reason), item) in
        expected().iter().zip(report["items"].as_array().unwrap())
    {
        assert_eq!(item["id"], *id);
        assert_eq!(item["status"], *status, "{id}");
        assert_eq!(item["outcome"], *outcome, "{id}");
        if let Some(reason) = reason {
            assert_eq!(item["reason"], reason.as_str(), "{id}");
        }
    }
    assert_eq!(report["items"].as_array().unwrap().len(), 9);
    let roles: Vec<_> = report["sign_offs"].as_array().unwrap().iter().collect();
    assert_eq!(roles.len(), 2, "boxes of a sign-off are no items");
    assert_eq!(
        [&roles[0]["standing"], &roles[1]["standing"]],
        ["unsigned", "claimed"]
    );
    // Of nine, one does not apply; one is proven and one excused.
    assert_eq!(report["score"]["words"], "2/8 = 25.00 %");
    assert_eq!(report["gate"]["decision"], "not-met");
    assert_eq!(
        report["strength"],
        "2 pass (1 proven able to fail, 1 excused from proof, 0 attested), 2 warn (1 vacuous, 1 waived), 1 fail, 3 not verified, 1 not applicable"
    );
}

#[test]
fn the_same_statuses_and_reasons_in_every_format() {
    let files = all();
    let said = of_json(&json(&files["readiness.json"]));
    assert_eq!(of_csv(&files["readiness.csv"]), flat(&said));
    assert_eq!(
        of_sarif(&json(&files["readiness.sarif"])),
        said_with_words(&said)
    );
    assert_eq!(of_junit(&files["readiness.junit.xml"]), junit_words(&said));
    for (id, (status, _)) in &said {
        let row = format!("id=\"r-{id}\"");
        let html = &files["readiness.html"];
        let at = html.find(&row).unwrap();
        let row = html[at..].split("</summary>").next().unwrap();
        let label = match status.as_str() {
            "SKIP" if id == "F-8" => "N/A",
            "SKIP" => "NOT VERIFIED",
            other => other,
        };
        assert!(row.contains(&format!(">{label}<")), "{id}: {row}");
    }
    let html = &files["readiness.html"];
    assert!(html.contains("BACKUP_URL is not set") && html.contains("not offered here"));
    let summary = &files["readiness.md"];
    assert!(
        summary.contains(
            "| WARN | F-3 | It is fast | vacuous&#58; still passes when the reply is 500 |"
        )
    );
}

#[test]
fn the_same_score_counts_and_decision_in_every_format() {
    let files = all();
    for name in [
        "readiness.html",
        "readiness.md",
        "readiness.svg",
        "readiness-badge.json",
    ] {
        assert!(files[name].contains("25.00 %"), "{name}");
    }
    for name in [
        "readiness.html",
        "readiness.md",
        "readiness.svg",
        "readiness-badge.json",
    ] {
        assert!(files[name].contains("not met"), "{name}");
    }
    let report = json(&files["readiness.json"]);
    let sarif = json(&files["readiness.sarif"]);
    let properties = &sarif["runs"][0]["properties"];
    for part in ["score", "counts", "gate", "strength"] {
        assert_eq!(properties[part], report[part], "{part}");
    }
    let junit = &files["readiness.junit.xml"];
    // What neither failed nor is skipped is what the score counts.
    assert!(
        junit.contains("tests=\"9\" skipped=\"6\" failures=\"1\" errors=\"0\""),
        "{junit}"
    );
    assert!(junit.contains("name=\"readiness.score\" value=\"2/8 = 25.00 %\""));
    let counts = &report["counts"];
    assert_eq!(
        [
            &counts["total"],
            &counts["pass"],
            &counts["warn"],
            &counts["fail"],
            &counts["skip"]
        ],
        [9, 2, 2, 1, 4]
    );
    let sections = report["sections"].as_array().unwrap();
    let sum: u64 = sections
        .iter()
        .map(|s| s["counts"]["total"].as_u64().unwrap())
        .sum();
    assert_eq!(sum, 9);
}

#[test]
fn the_same_bytes_for_the_same_assessment() {
    let place = place();
    let first = written(&place);
    assert_eq!(first.len(), 8);
    assert_eq!(written(&place), first);
}

#[test]
fn no_secret_in_any_format() {
    for (name, text) in all() {
        assert!(!text.contains(CANARY), "{name}");
    }
    // The control: what the journal holds does reach the report, all but the secret.
    let files = all();
    assert!(files["readiness.html"].contains("[redacted]"));
    assert!(files["readiness.json"].contains("[redacted]"));
}

#[test]
fn hostile_text_stays_text() {
    let files = all();
    let html = &files["readiness.html"];
    assert!(!html.contains("<img") && !html.contains("<b>it</b>"));
    assert_eq!(html.matches("<script").count(), 1);
    assert!(!files["readiness.svg"].contains("<b>"));
    for line in files["readiness.md"].lines() {
        assert!(!line.starts_with("::error"), "{line}");
    }
    for (name, text) in &files {
        assert!(!text.contains('\u{1b}'), "{name} holds an escape character");
    }
    let mut rows = csv::Reader::from_reader(files["readiness.csv"].as_bytes());
    for row in rows.records() {
        for cell in &row.unwrap() {
            assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
        }
    }
}

fn of_csv(text: &str) -> Said {
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    rows.records()
        .map(|row| {
            let row = row.unwrap();
            let reason = (!row[6].is_empty()).then(|| row[6].to_owned());
            (row[0].to_owned(), (row[3].to_owned(), reason))
        })
        .collect()
}

/// As a cell of a table holds it: one line, and no formula.
fn flat(said: &Said) -> Said {
    let flat = |reason: &String| {
        if reason == HOSTILE {
            format!(
                "'{}",
                HOSTILE.replace('\u{1b}', "").replace(['\r', '\n'], " ")
            )
        } else {
            reason.clone()
        }
    };
    said.iter()
        .map(|(id, (status, reason))| (id.clone(), (status.clone(), reason.as_ref().map(flat))))
        .collect()
}

fn of_sarif(log: &Value) -> Said {
    let results = log["runs"][0]["results"].as_array().unwrap();
    results
        .iter()
        .map(|result| {
            let kind = (text(&result["kind"]), text(&result["level"]));
            let status = match (kind.0.as_str(), kind.1.as_str()) {
                ("fail", "error") => "FAIL",
                ("fail", "warning") => "WARN",
                ("pass", "none") => "PASS",
                ("open" | "notApplicable", "none") => "SKIP",
                other => panic!("{other:?}"),
            };
            let message = text(&result["message"]["text"]);
            (text(&result["ruleId"]), (status.to_owned(), Some(message)))
        })
        .collect()
}

/// A plain pass has to say something there.
fn said_with_words(said: &Said) -> Said {
    said.iter()
        .map(|(id, (status, reason))| {
            let reason = reason.clone().unwrap_or_else(|| "passed".to_owned());
            (id.clone(), (status.clone(), Some(reason)))
        })
        .collect()
}

fn of_junit(text: &str) -> Said {
    let report = quick_junit::Report::deserialize_from_str(text).unwrap();
    let mut said = Said::new();
    for case in report
        .test_suites
        .iter()
        .flat_map(|suite| &suite.test_cases)
    {
        let property = |name: &str| {
            let found = case.properties.iter().find(|p| p.name.as_str() == name);
            found.map(|p| p.value.as_str().to_owned()).unwrap()
        };
        let message = match &case.status {
            quick_junit::TestCaseStatus::Success { .. } => None,
            quick_junit::TestCaseStatus::NonSuccess { message, .. }
            | quick_junit::TestCaseStatus::Skipped { message, .. } => {
                message.as_ref().map(|m| m.as_str().to_owned())
            }
        };
        said.insert(property("requirement"), (property("status"), message));
    }
    said
}

/// A warning is a skip that says which kind of warning it is; a pass has no message.
fn junit_words(said: &Said) -> Said {
    said.iter()
        .map(|(id, (status, reason))| {
            let words = match (id.as_str(), status.as_str()) {
                (_, "PASS") => None,
                ("F-3", _) => reason.as_ref().map(|r| format!("vacuous: {r}")),
                ("F-6", _) => reason.as_ref().map(|r| format!("waived: {r}")),
                _ => reason
                    .as_ref()
                    .map(|r| r.replace('\u{1b}', "\u{fffd}").replace('\r', "")),
            };
            (id.clone(), (status.clone(), words))
        })
        .collect()
}
