//! The HTML report in a real browser: it opens, its script runs and nothing else does, its filters and
//! links work, and it stays usable with thousands of items.

use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::json;

use super::{line, place};
use crate::place::Place;

/// What a tool said; `None`, visibly, where it is not installed and need not be.
#[expect(clippy::print_stderr, reason = "a test that skips says so")]
pub fn tool(name: &str, ran: io::Result<Output>) -> Option<Output> {
    match ran {
        Ok(output) => Some(output),
        Err(error) => {
            let required = std::env::var("READINESS_REQUIRE_TOOLS").is_ok_and(|v| v == "1");
            assert!(!required, "{name}: {error}");
            eprintln!("skipped: {name} cannot be started ({error})");
            None
        }
    }
}

/// The page as the browser has it after its script ran.
pub fn opened(place: &Place, file: &str, query: &str) -> Option<String> {
    let profile = tempfile::tempdir().unwrap();
    let url = format!("file://{}{query}", place.path(file).display());
    let ran = Command::new("chromium")
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
        ])
        .args([
            "--no-first-run",
            "--disable-extensions",
            "--virtual-time-budget=2000",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(["--dump-dom", &url])
        .output();
    let ran = tool("chromium", ran)?;
    let page = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(
        page.contains("</html>"),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    Some(page)
}

fn title(page: &str) -> &str {
    let title = page.split("<title>").nth(1).unwrap();
    title.split("</title>").next().unwrap()
}

#[test]
fn it_opens_its_script_runs_and_no_other_does() {
    let place = place();
    place
        .readiness(&["report", "--format", "html=r.html"])
        .exits(0);
    let Some(page) = opened(&place, "r.html", "#r-F-2") else {
        return;
    };
    // A script or a handler of the fixture would have put `owned` there.
    assert_eq!(title(&page), "Shop &amp; Söhne: readiness");
    assert!(page.contains("<output id=\"shown\" aria-live=\"polite\">9 items</output>"));
    let row = page.split("id=\"r-F-2\"").nth(1).unwrap();
    let row = row.split('>').next().unwrap();
    assert!(row.contains("open"), "the link opens its item: {row}");
    assert_eq!(page.matches("<script").count(), 1);
    assert!(!page.contains("<img"));
}

#[test]
fn the_policy_stops_even_what_is_not_escaped() {
    let place = place();
    place
        .readiness(&["report", "--format", "html=r.html"])
        .exits(0);
    let injected = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"></body>";
    let page = place.read("r.html").replace("</body>", injected);
    place.write("r.html", page);
    let Some(page) = opened(&place, "r.html", "") else {
        return;
    };
    assert_eq!(page.matches("<script").count(), 2, "it is in the page");
    assert!(title(&page).ends_with(": readiness"), "and did not run");
}

#[test]
fn filters_show_what_they_say() {
    let place = place();
    place
        .readiness(&["report", "--format", "html=r.html"])
        .exits(0);
    for (query, shown) in [
        ("?status=fail&status=warn", "3 of 9 items"),
        ("?q=it%20IS", "6 of 9 items"),
        ("?strength=excused", "1 of 9 items"),
    ] {
        let Some(page) = opened(&place, "r.html", query) else {
            return;
        };
        let output = page.split("aria-live=\"polite\">").nth(1).unwrap();
        assert_eq!(output.split("</output>").next().unwrap(), shown, "{query}");
    }
}

#[test]
fn ten_thousand_items_open() {
    let place = Place::new();
    large(&place, 10_000);
    place
        .readiness(&["report", "--quiet", "--format", "html=r.html"])
        .exits(0);
    let Some(page) = opened(&place, "r.html", "?q=number%20777") else {
        return;
    };
    // 777, 7770 to 7779, and 1777 to 9777 but for 7777, which is among the former.
    let output = page.split("aria-live=\"polite\">").nth(1).unwrap();
    assert_eq!(
        output.split("</output>").next().unwrap(),
        "19 of 10000 items"
    );
}

/// A document of `count` items, each with a result and evidence.
fn large(place: &Place, count: usize) {
    let mut document = String::from("# Large\n\n| ID | Requirement | Status |\n|--|--|--|\n");
    let mut lines = String::new();
    let id = |n: usize| format!("L-{n}");
    let infos: Vec<_> = (0..count)
        .map(|n| json!({"trial": format!("{}::it", id(n)), "id": id(n), "selected": true, "digest": "d", "source": "a.rs:1"}))
        .collect();
    lines.push_str(&line(&json!({"record": "registered", "trials": infos})));
    for n in 0..count {
        writeln!(document, "| {} | It is number {n} | ⏸️ |", id(n)).unwrap();
        lines.push_str(&line(&json!({
            "record": "finished", "trial": format!("{}::it", id(n)), "id": id(n), "attempt": 1, "outcome": "passed",
            "at": "2026-11-20T10:00:02.000000Z", "micros": 5, "digest": "d", "proof": {"strength": "proven"},
            "evidence": [{"observation": "http GET / #1", "value": {"status": 200, "headers": [["a", "b"]], "body": "x".repeat(200)}}],
        })));
    }
    place.write("CHECKLIST.md", document);
    place.journal(&[lines]);
    assert!(Path::new(&place.path("CHECKLIST.md")).exists());
}
