//! The trend of a report and the history of its items, from `readiness.history`.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{CANARY, browser, place, schema, written};
use crate::place::{Place, process};

/// One line of a history, on a target.
fn run(day: &str, run: &str, target: &str, items: &Value, score: (u64, u64)) -> String {
    let line = json!({
        "format": 1, "at": format!("{day}T10:00:00Z"), "run": run, "target": target, "commit": "abc123456789",
        "score": [score.0, score.1], "digest": format!("sha256:{run}"), "items": items,
    });
    format!("{line}\n")
}

fn report(place: &Place) -> Value {
    let ran = place.readiness(&["report", "--format", "json"]).exits(0);
    serde_json::from_str(&ran.out).unwrap()
}

/// A document whose latest run passed A-1 and failed A-2, after three runs that stand in the history.
fn with_history() -> Place {
    let place = Place::new();
    let failed = json!({"failed": ["A-1", "A-2"], "not-verified": ["A-3", "A-4", "A-5"]});
    let fixed = json!({"passed": ["A-1", "A-2"], "not-verified": ["A-3", "A-4", "A-5", "A-9"]});
    let other = json!({"failed": ["A-1", "A-2", "A-3", "A-4", "A-5"]});
    let lines = [
        run("2026-11-02", "r-b", "staging", &fixed, (2, 6)),
        run("2026-11-01", "r-a", "staging", &failed, (0, 5)),
        run("2026-11-03", "r-c", "production", &other, (0, 5)),
    ];
    place.write("readiness.history", lines.concat());
    place.journal(&process(&[("A-1", "proven"), ("A-2", "failed: 500")]));
    place
}

#[test]
fn the_trend_is_of_one_target_and_ends_with_this_report() {
    let place = with_history();
    let before = report(&place);
    let trend = &before["trend"];
    assert_eq!(trend["target"], "staging");
    assert_eq!(trend["minimum"], 6_000);
    assert_eq!(trend["elsewhere"], 1);
    let points = trend["points"].as_array().unwrap();
    let words: Vec<_> = points.iter().map(|p| &p["score"]["words"]).collect();
    assert_eq!(words, ["0/5 = 0.00 %", "2/6 = 33.33 %", "1/5 = 20.00 %"]);
    assert_eq!(points[0]["moved"], json!([]));
    assert_eq!(
        points[2]["moved"],
        json!([
            {"id": "A-2", "from": "passed", "to": "failed"},
            {"id": "A-9", "from": "not-verified", "to": null},
        ])
    );
    assert_eq!(
        [&points[2]["at"], &points[2]["day"]],
        [&Value::Null, &json!("2026-11-20")]
    );
    assert_eq!(
        [&points[2]["fail"], &points[2]["pass"], &points[2]["skip"]],
        [1, 1, 3]
    );
    assert_eq!(
        before["items"][1]["history"],
        json!({"runs": 3, "earlier": 0, "changes": [
            {"day": "2026-11-01", "run": "r-a", "outcome": "failed"},
            {"day": "2026-11-02", "run": "r-b", "outcome": "passed"},
            {"day": "2026-11-20", "run": "r-1", "outcome": "failed"},
        ]})
    );
    // Reported, it is in the history, and no second time in the trend.
    place.readiness(&["report"]).exits(0);
    let after = report(&place);
    let points = after["trend"]["points"].as_array().unwrap();
    assert_eq!(points.len(), 3);
    assert!(points[2]["at"].is_string());
    assert_eq!(points[2]["moved"], before["trend"]["points"][2]["moved"]);
}

#[test]
fn a_demonstration_is_no_part_of_the_trend() {
    let place = with_history();
    std::fs::remove_dir_all(place.path("runs")).unwrap();
    let trials = process(&[("A-1", "proven")]);
    place.journal_of("embedded", "runs/r-1/1-1-a.jsonl", &trials);
    let points = report(&place)["trend"]["points"].clone();
    assert_eq!(points.as_array().unwrap().len(), 2);
    std::fs::remove_file(place.path("readiness.history")).unwrap();
    assert_eq!(report(&place)["trend"]["points"], json!([]));
    let html = place
        .readiness(&["report", "--format", "html"])
        .exits(0)
        .out;
    assert!(!html.contains("trend-name"), "nothing to draw");
}

#[test]
fn a_thousand_runs_are_a_line_and_the_rest_is_counted() {
    let place = Place::new();
    let mut lines = String::new();
    for n in 0..1_010_u64 {
        let items = if n % 7 == 0 {
            json!({"failed": ["A-1"], "passed": ["A-2"]})
        } else {
            json!({"passed": ["A-1", "A-2"]})
        };
        let day = format!(
            "20{:02}-{:02}-{:02}",
            10 + n / 336,
            n / 28 % 12 + 1,
            n % 28 + 1
        );
        let passed = 2 - u64::from(n % 7 == 0);
        write!(
            lines,
            "{}",
            run(&day, &format!("r-{n:04}"), "staging", &items, (passed, 2))
        )
        .unwrap();
    }
    place.write("readiness.history", lines);
    place.journal(&process(&[("A-1", "proven")]));
    let trend = &report(&place)["trend"];
    assert_eq!(trend["points"].as_array().unwrap().len(), 1_000);
    assert_eq!(trend["earlier"], 11);
    place
        .readiness(&["report", "--format", "html=r.html"])
        .exits(0);
    let html = place.read("r.html");
    let drawing = html
        .split("<svg role=\"img\" aria-labelledby")
        .nth(1)
        .unwrap();
    let drawing = drawing.split("</svg>").next().unwrap();
    assert_eq!(
        drawing.matches("<title>").count(),
        1,
        "of many only the last has a dot"
    );
    assert!(drawing.len() < 60_000, "{}", drawing.len());
    assert!(html.contains("11 older runs are not shown."));
    assert!(html.contains("and 950 before them"));
    let Some(page) = browser::opened(&place, "r.html", "") else {
        return;
    };
    assert!(
        page.contains("1000 runs, one"),
        "it is still there after the script ran"
    );
}

#[test]
fn hostile_lines_neither_leak_nor_get_out_of_their_place() {
    let place = place();
    let hostile =
        format!("<img src=x onerror=document.title='owned'>\"'{CANARY}\u{1b}[31m\u{202e}");
    let items = json!({"failed": ["F-1", hostile.clone()], "passed": ["F-2"]});
    let mut line: Value =
        serde_json::from_str(&run("2026-11-01", &hostile, "staging", &items, (1, 3))).unwrap();
    line["commit"] = json!(hostile);
    line["version"] = json!(hostile.repeat(1_000));
    // The target of the fixture's run.
    let mut lines = format!("{line}\n");
    line["run"] = json!("r-later");
    line["items"] = json!({"passed": ["F-1", "F-2"]});
    writeln!(lines, "{line}").unwrap();
    place.write("readiness.history", lines);
    let files = written(&place);
    assert_eq!(written(&place), files, "the same bytes again");
    let html = &files["readiness.html"];
    assert!(
        html.contains("2 runs") || html.contains("3 runs, one"),
        "they are shown"
    );
    assert!(!html.contains("<img"));
    for (name, text) in &files {
        assert!(!text.contains(CANARY), "{name}");
        assert!(!text.contains('\u{1b}'), "{name}");
        assert!(text.len() < 400_000, "{name} has {} bytes", text.len());
    }
    let report: Value = serde_json::from_str(&files["readiness.json"]).unwrap();
    let text = std::fs::read_to_string(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/report-1.schema.json"),
    );
    let schema = serde_json::from_str(&text.unwrap()).unwrap();
    assert_eq!(schema::faults(&schema, &report, true), Vec::<String>::new());
    assert_eq!(report["trend"]["points"].as_array().unwrap().len(), 3);
    let Some(page) = browser::opened(&place, "out/readiness.html", "#r-F-1") else {
        return;
    };
    assert!(!page.contains("<title>owned"), "no script but ours");
}
