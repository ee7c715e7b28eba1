//! JUnit XML, for every CI that shows test results.
//!
//! ```xml
//! <testsuites name="Shop" tests="5" failures="1" errors="0">
//!   <testsuite name="Shop" tests="5" disabled="0" errors="0" failures="1">
//!     <testcase name="A-2 It stops" classname="Shop" time="0.000">
//!       <properties><property name="requirement" value="A-2"/>…</properties>
//!       <failure message="it runs on" type="failed">…</failure>
//! ```
//!
//! One case per requirement, one suite per section. JUnit knows neither a warning nor *not verified*:
//! both are skips that say so, because neither is a pass. So what is neither failed nor skipped is
//! exactly what the score counts. Faults of the run as a whole are errors of a suite `run`.

use std::time::Duration;

use anyhow::Context as _;
use quick_junit::{NonSuccessKind, Property, TestCase, TestCaseStatus, TestSuite};

use super::escape::text;
use super::model::{Check, Item, Report};

pub(crate) fn render(report: &Report) -> anyhow::Result<Vec<u8>> {
    let mut xml = quick_junit::Report::new(&*text(&report.title));
    let mut suites: Vec<_> = report
        .sections
        .iter()
        .map(|section| TestSuite::new(&*text(&section.name())))
        .collect();
    for item in &report.items {
        let mut case = case(item);
        case.set_classname(&*suites[item.section].name);
        suites[item.section].add_test_case(case);
    }
    if let Some(first) = suites.first_mut() {
        for (name, value) in about(report) {
            first.add_property(Property::new(name, &*text(&value)));
        }
    }
    suites.extend(faults(report));
    xml.add_test_suites(suites);
    let mut bytes = Vec::new();
    xml.serialize(&mut bytes)
        .context("failed to write the XML")?;
    Ok(bytes)
}

/// What the assessment as a whole comes to, as properties of the first suite: the format has no
/// other place for them.
fn about(report: &Report) -> Vec<(&'static str, String)> {
    let mut about = vec![
        ("readiness.score", report.score.words.clone()),
        ("readiness.gate", report.gate.words.clone()),
        ("readiness.strength", report.strength.clone()),
        ("readiness.document", report.document.clone()),
        ("readiness.day", report.day.clone()),
    ];
    if let Some(run) = &report.run {
        about.push(("readiness.run", run.id.clone()));
        about.extend(run.target.clone().map(|name| ("readiness.target", name)));
        about.extend(
            run.commit
                .clone()
                .map(|commit| ("readiness.commit", commit)),
        );
    }
    about
}

fn case(item: &Item) -> TestCase {
    let name = format!("{} {}", item.id, item.requirement);
    let mut case = TestCase::new(&*text(&name), status(item));
    case.set_time(Duration::from_micros(item.checks.iter().map(micros).sum()));
    let mut properties = vec![
        ("requirement", item.id.clone()),
        ("status", item.status.to_owned()),
        ("outcome", item.outcome.as_str().to_owned()),
        ("line", item.line.to_string()),
    ];
    let strength = item.strength.map(str::to_owned);
    properties.extend(strength.map(|strength| ("strength", strength)));
    properties.extend(item.checks.iter().map(|c| ("check", c.trial.clone())));
    for (name, value) in properties {
        case.add_property(Property::new(name, &*text(&value)));
    }
    case
}

/// Time of the last attempt.
fn micros(check: &Check) -> u64 {
    let last = check.attempts.last().and_then(|attempt| attempt.micros);
    last.unwrap_or(0)
}

fn status(item: &Item) -> TestCaseStatus {
    let mut status = match item.status {
        "PASS" => return TestCaseStatus::success(),
        "FAIL" => TestCaseStatus::non_success(NonSuccessKind::Failure),
        _ => TestCaseStatus::skipped(),
    };
    let message = match item.status {
        "WARN" => format!("{}: {}", item.outcome, item.why()),
        _ => item.why().to_owned(),
    };
    status.set_message(&*text(&message));
    status.set_type(item.outcome.as_str());
    let said: Vec<_> = item
        .checks
        .iter()
        .filter_map(|check| Some(format!("{}: {}", check.trial, check.reason.as_ref()?)))
        .collect();
    if !said.is_empty() {
        status.set_description(&*text(&said.join("\n")));
    }
    status
}

fn faults(report: &Report) -> Option<TestSuite> {
    let faults = &report.run.as_ref()?.faults;
    let mut suite = TestSuite::new("run");
    for fault in faults {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(&*text(fault)).set_type("run-failed");
        let mut case = TestCase::new("the run itself", status);
        case.set_classname("run");
        suite.add_test_case(case);
    }
    (!faults.is_empty()).then_some(suite)
}
