//! Where reports go.

use super::{FORMATS, place};

#[test]
fn a_single_report_has_stdout_for_itself() {
    let place = place();
    let ran = place.readiness(&["report", "--format", "json"]).exits(0);
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report["format"], "readiness-report");
    assert!(
        ran.err.contains("9 items, score 2/8 = 25.00 %"),
        "{}",
        ran.err
    );
    // The document is for `report` without formats.
    assert_eq!(place.read("CHECKLIST.md"), super::DOCUMENT);
}

#[test]
fn several_reports_have_a_file_each() {
    let place = place();
    place
        .readiness(&[
            "report",
            "--format",
            "html=a/r.html",
            "--format",
            "csv=r.csv,json",
        ])
        .exits(0);
    assert!(place.read("a/r.html").starts_with("<!doctype html>"));
    assert!(place.read("r.csv").starts_with("id,section,"));
    for (arguments, words) in [
        (
            &["--format", "html,json"][..],
            "only one report can go to stdout",
        ),
        (&["--format", "html=x,json=x"], "two reports in one file"),
        (&["--format", "pdf"], "`pdf` is no format; there are html"),
        (&["--format", "json="], "a file is missing"),
        (
            &["--format", "json=x", "--output", "y"],
            "every one has one",
        ),
    ] {
        let arguments: Vec<_> = ["report"].iter().chain(arguments).copied().collect();
        place.readiness(&arguments).exits(2).says(words);
    }
    assert!(!place.path("x").exists());
}

#[test]
fn quiet_means_the_report_alone() {
    let place = place();
    let ran = place
        .readiness(&["report", "--quiet", "--format", FORMATS, "--output", "out"])
        .exits(0);
    // The annotations are for the log of the step, which is stdout.
    assert!(
        ran.out.lines().all(|line| line.starts_with("::")),
        "{}",
        ran.out
    );
    assert_eq!(ran.err, "");
    let ran = place.readiness(&["gate", "-q"]).exits(1);
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("", ""));
}

#[test]
fn a_step_of_github_gets_its_summary_and_annotations() {
    let place = place();
    place.write("summary.md", "# An earlier step\n");
    let summary = place.path("summary.md");
    let place = place.with_env("GITHUB_STEP_SUMMARY", summary.to_str().unwrap());
    let ran = place.readiness(&["report", "--format", "github"]).exits(0);
    let page = place.read("summary.md");
    assert!(page.starts_with("# An earlier step\n## ❌ "), "{page}");
    let annotations: Vec<_> = ran.out.lines().filter(|l| l.starts_with("::")).collect();
    assert!(
        annotations[0].starts_with(
            "::error file=CHECKLIST.md,line=10,title=F-2 FAIL::=cmd() It stops: =1+1 <img"
        ),
        "{annotations:?}"
    );
    assert!(
        annotations.contains(
            &"::warning file=CHECKLIST.md,line=11,title=F-3 WARN::It is fast: vacuous: still passes when the reply is 500"
        ),
        "{annotations:?}"
    );
}
