//! Test results of other tools, bound to items.

use crate::place::{Place, process};
use crate::seeds::seed;

const DOCUMENT: &str = "\
# Shop

| ID | Requirement | Test | Status | Notes |
|----|-------------|------|--------|-------|
| LIM-001 | 429 over the limit | `tests/api/limits.test.py::TestLimits::test_429` | ⏸️ | |
| LIM-002 | Limits as a whole | `tests/api/limits.test.py::TestLimits` | ⏸️ | |
| LIM-003 | Everything in the file | `tests/api/limits.test.py` | ⏸️ | |
| HDR-001 | Headers | | ⏸️ | |
| HDR-002 | More headers | | ⏸️ | |
| DOC-001 | Documentation | Manual: read it | ⏸️ | |
| GO-001 | Retry | TestRetryAfter | ⏸️ | |
";

/// As pytest writes it.
const PYTEST: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<testsuites name="pytest tests"><testsuite name="pytest" errors="0" failures="1" skipped="1" tests="5" time="0.6" timestamp="2026-11-20T10:00:00.000000+00:00" hostname="h">
<testcase classname="tests.api.limits.test.TestLimits" name="test_429" time="0.101"/>
<testcase classname="tests.api.limits.test.TestLimits" name="test_headers[pro]" time="0.002"><failure message="AssertionError: assert &apos;x&apos; in {}&#10;more">def test_headers():
&gt;   assert 1 &lt; 0 &amp;&amp; &quot;x&quot;
E   AssertionError</failure></testcase>
<testcase classname="tests.api.limits.test" name="test_alone" time="0.1"/>
<testcase classname="tests.other" name="test_else" time="0.1"><properties><property name="requirement" value="HDR-001"/></properties></testcase>
<testcase classname="tests.other" name="test_hdr_002_more" time="0.1"><skipped type="pytest.skip" message="no server">x.py:3: no server</skipped></testcase>
<testcase classname="tests.other" name="test_nobody_asked_for" time="0.1"/>
</testsuite></testsuites>"#;

fn place() -> Place {
    let place = Place::new();
    place.write("CHECKLIST.md", DOCUMENT);
    place
}

#[test]
fn each_case_finds_its_items_and_the_worst_wins() {
    let place = place();
    place.write("pytest.xml", PYTEST);
    place
        .readiness(&["import", "junit", "pytest.xml"])
        .exits(0)
        .says("1 of 6 cases fit no item and are left out, as tests.other::test_nobody_asked_for");
    place
        .readiness(&["report"])
        .exits(0)
        .says("2 pass (0 proven able to fail, 2 imported and unproven, 0 attested), 0 warn, 2 fail, 3 not verified")
        .says("FAIL  LIM-002  tests.api.limits.test.TestLimits::test_headers[pro]: AssertionError: assert 'x' in {}")
        .says("FAIL  LIM-003")
        .says("tests.other::test_hdr_002_more: no server");
    let document = place.read("CHECKLIST.md");
    assert!(document.contains("| LIM-001 | 429 over the limit | `tests/api/limits.test.py::TestLimits::test_429` | ✅ |"), "{document}");
    assert!(document.contains("| DOC-001 | Documentation | Manual: read it | ⏸️ | |"));
    place
        .readiness(&["explain", "LIM-002"])
        .exits(0)
        .says("assert 1 < 0 && \\\"x\\\"");
}

#[test]
fn other_dialects_and_several_files_join_one_run_and_its_checks() {
    let place = place();
    place.journal(&process(&[
        ("HDR-001", "failed: 500"),
        ("DOC-001", "proven"),
    ]));
    place.write(
        "go.xml",
        r#"<testsuites><testsuite name="example.com/shop" tests="2"><properties><property name="go.version" value="1"/></properties>
        <testcase classname="example.com/shop" name="TestRetryAfter" time="1,000.5"/><testcase classname="example.com/shop" name="TestRetryAfter/minute" time="0"/></testsuite></testsuites>"#,
    );
    place.write(
        "jest.xml",
        r#"<testsuites name="jest tests"><testsuite name="headers"><testcase classname="headers HDR-001 nosniff" name="headers HDR-001 nosniff" time="0.1"/>
        <testcase classname="headers" name="HDR-002: a title" time="0.1"><flakyFailure message="timeout" type="T">later</flakyFailure></testcase></testsuite></testsuites>"#,
    );
    place
        .readiness(&["import", "junit", "go.xml", "jest.xml", "--run", "r-1"])
        .exits(0);
    place
        .readiness(&["report", "--run", "r-1"])
        .exits(0)
        .says("2 pass (1 proven able to fail, 1 imported and unproven, 0 attested), 1 warn, 1 fail, 3 not verified")
        .says("FAIL  HDR-001  500")
        .says("WARN  HDR-002  headers::HDR-002: a title: flaky: timeout");
    // The same reports again change nothing.
    let before = place.read("CHECKLIST.md");
    place
        .readiness(&["import", "junit", "jest.xml", "go.xml", "--run", "r-1"])
        .exits(0);
    place.readiness(&["report", "--run", "r-1"]).exits(0);
    assert_eq!(place.read("CHECKLIST.md"), before);
}

#[test]
fn nothing_that_fits_is_an_error_with_both_sides() {
    let place = place();
    place.write(
        "r.xml",
        r#"<testsuite name="s"><testcase classname="a.b" name="test_c"/></testsuite>"#,
    );
    place
        .readiness(&["import", "junit", "r.xml"])
        .exits(2)
        .says("no test case fits an item")
        .says("cases: a.b::test_c")
        .says("tests/api/limits.test.py::TestLimits::test_429")
        .says("ids: LIM-001, LIM-002");
    place.write(
        "r.xml",
        r#"<testsuite name="s"><testcase classname="a.b" name="test_c"><properties><property name="requirement" value="LIM-01"/></properties></testcase></testsuite>"#,
    );
    place
        .readiness(&["import", "junit", "r.xml"])
        .exits(2)
        .says("a.b::test_c says that it is about `LIM-01`")
        .says("nearest: LIM-001");
    assert!(!place.path("runs").exists(), "nothing was written");
}

#[test]
fn hostile_xml_is_refused() {
    let place = place();
    let case = r#"<testcase classname="tests.api.limits.test" name="x"/>"#;
    let deep = format!(
        "{}{}",
        "<testsuite name=\"s\">".repeat(70),
        "</testsuite>".repeat(70)
    );
    let attributes: Vec<_> = (0..100).map(|n| format!("a{n}=\"\"")).collect();
    let attributes = attributes.join(" ");
    for (xml, words) in [
        (
            format!("<!DOCTYPE x [<!ENTITY a \"b\">]><testsuite name=\"s\">{case}</testsuite>"),
            "a document type is not read",
        ),
        (
            "<testsuite name=\"s\"><testcase name=\"LIM-001\"><failure>&xxe;</failure></testcase></testsuite>".to_owned(),
            "the entity `xxe` is not read",
        ),
        (
            "<testsuite name=\"s\"><testcase name=\"LIM-001 &xxe;\"/></testsuite>".to_owned(),
            "the attribute `name` cannot be read",
        ),
        (deep, "nested deeper than 64"),
        (format!("<testsuite name=\"s\" {attributes}>{case}</testsuite>"), "more than 64 attributes"),
        (format!("<testsuite name=\"s\">{case}"), "it was cut off"),
        (format!("<testsuite name=\"s\">{case}</other>"), "not well-formed"),
        ("{}".to_owned(), "not a report of tests"),
        ("<html><body/></html>".to_owned(), "not a report of tests"),
    ] {
        place.write("r.xml", &xml);
        place
            .readiness(&["import", "junit", "r.xml"])
            .exits(2)
            .says(words);
    }
}

#[test]
fn the_table_document_is_filled_from_results_of_pytest() {
    let Some(bytes) = seed("kamiyo.md") else {
        return;
    };
    let place = Place::new();
    place.write("CHECKLIST.md", &bytes);
    place.write("pytest.xml", KAMIYO);
    place
        .readiness(&["import", "junit", "pytest.xml"])
        .exits(0)
        .says("next: cargo readiness report");
    place.readiness(&["report", "--output", "out.md"]).exits(0);
    let before = String::from_utf8(bytes).unwrap();
    let after = place.read("out.md");
    let changed = |status: &str| {
        let rows = after.lines().zip(before.lines());
        rows.filter(|(new, old)| new != old && new.starts_with("| ") && new.contains(status))
            .count()
    };
    // Eight rows name the redaction test, six the logging test, four the reply over the limit. One
    // names the test that failed, and one its class, of which the worst counts.
    assert_eq!(changed("‚úÖ"), 8 + 4 + 6);
    assert_eq!(changed("‚ùå"), 1 + 1);
}

/// As the project's pytest would write it, run in its root.
const KAMIYO: &str = r#"<testsuites><testsuite name="pytest" tests="4">
<testcase classname="tests.monitoring.validate_logs" name="test_pci_redaction" time="0.1"/>
<testcase classname="tests.monitoring.validate_logs" name="test_api_logging" time="0.1"/>
<testcase classname="tests.api.tier_enforcement.test.TestRateLimiting" name="test_rate_limit_response_format" time="0.1"/>
<testcase classname="tests.api.tier_enforcement.test.TestRateLimiting" name="test_rate_limit_headers_present" time="0.1"><failure message="no Retry-After"/></testcase>
</testsuite></testsuites>"#;

/// A file of one case.
fn one(name: &str) -> String {
    format!("<testsuite><testcase classname=\"c\" name=\"{name}\"/></testsuite>")
}

#[test]
fn files_of_one_command_are_one_run_in_any_order() {
    let mut documents = Vec::new();
    for files in [["a.xml", "b.xml"], ["b.xml", "a.xml"]] {
        let place = place();
        place.write("a.xml", one("HDR-001 is there"));
        place.write("b.xml", one("HDR-002 is there"));
        let arguments = ["import", "junit", files[0], files[1]];
        let ran = place.readiness(&arguments).exits(0);
        assert_eq!(ran.out.matches("added to run ").count(), 1, "{}", ran.out);
        assert_eq!(ran.out.matches("\nPASS").count() + 1, 2, "{}", ran.out);
        assert_eq!(std::fs::read_dir(place.path("runs")).unwrap().count(), 1);
        let report = place.readiness(&["report"]).exits(0);
        documents.push((place.read("CHECKLIST.md"), report.out));
        // Again the same: nothing new.
        place.readiness(&arguments).exits(0);
        place.readiness(&["report"]).exits(0).says("2 imported");
    }
    assert_eq!(documents[0], documents[1]);
    assert!(documents[0].0.contains("| HDR-001 | Headers | | ✅ |"));
    assert!(documents[0].0.contains("| HDR-002 | More headers | | ✅ |"));
}

#[test]
fn an_endless_attribute_is_refused_and_a_long_one_is_cut() {
    let place = place();
    place.write(
        "endless.xml",
        one(&format!("HDR-001 {}", "x".repeat(2 << 20))),
    );
    place
        .readiness(&["import", "junit", "endless.xml"])
        .exits(2)
        .says("the attribute `name` is longer than 1048576 bytes");
    place.write("long.xml", one(&format!("HDR-001 {}", "ä".repeat(100_000))));
    let ran = place.readiness(&["import", "junit", "long.xml"]).exits(0);
    assert!(ran.out.len() < 100_000, "{}", ran.out.len());
    assert!(!place.path("runs").join("endless").exists());
}
