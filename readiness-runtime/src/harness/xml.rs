//! The `JUnit` file that Bazel asks its test runners for with `XML_OUTPUT_FILE`.
//!
//! ```xml
//! <testsuite name="kamiyo" tests="2" failures="1" skipped="1">
//!   <testcase name="limits::is_429" classname="RT-1" time="0.250000"><failure message="…">…</failure></testcase>
//! ```

use std::path::Path;
use std::time::Duration;

use super::report::Answer;

/// A trial's answer.
#[derive(Debug, Clone)]
pub(crate) struct CaseResult {
    pub(crate) name: String,
    pub(crate) took: Duration,
    pub(crate) answer: Answer,
}

/// Writes the file.
///
/// # Errors
/// The system's.
pub(crate) fn write(path: &Path, package: &str, results: &[CaseResult]) -> std::io::Result<()> {
    std::fs::write(path, text(package, results))
}

fn text(package: &str, results: &[CaseResult]) -> String {
    let failed = |r: &&CaseResult| matches!(r.answer, Answer::Failed(_));
    let skipped =
        |r: &&CaseResult| matches!(r.answer, Answer::NotVerified(_) | Answer::NotApplicable(_));
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"{}\" tests=\"{}\" \
         failures=\"{}\" skipped=\"{}\">\n",
        escape(package),
        results.len(),
        results.iter().filter(failed).count(),
        results.iter().filter(skipped).count()
    );
    for result in results {
        text.push_str(&case(result));
    }
    text.push_str("</testsuite>\n");
    text
}

fn case(result: &CaseResult) -> String {
    let (id, name) = result.name.split_once("::").unwrap_or(("", &result.name));
    let inside = match &result.answer {
        Answer::Passed => String::new(),
        Answer::Warned(reason) => format!("<system-err>{}</system-err>", escape(reason)),
        Answer::Failed(reason) => {
            let first = reason.lines().next().unwrap_or_default();
            let (first, all) = (escape(first), escape(reason));
            format!("<failure message=\"{first}\">{all}</failure>")
        }
        Answer::NotVerified(reason) => skipped("not verified", reason),
        Answer::NotApplicable(reason) => skipped("not applicable", reason),
    };
    format!(
        "  <testcase name=\"{}\" classname=\"{}\" time=\"{:.6}\">{inside}</testcase>\n",
        escape(name),
        escape(id),
        result.took.as_secs_f64()
    )
}

fn skipped(what: &str, reason: &str) -> String {
    format!("<skipped message=\"{what}: {}\"/>", escape(reason))
}

/// Text for an element or a quoted attribute. Characters that XML 1.0 cannot hold are replaced.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' | '\r' => out.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer() {
        let answers = [
            Answer::Passed,
            Answer::Warned("soft".into()),
            Answer::Failed("a < \"b\"\n\u{1b}[31m & more".into()),
            Answer::NotVerified("no address".into()),
            Answer::NotApplicable("no cards".into()),
        ];
        let results: Vec<_> = answers
            .into_iter()
            .map(|answer| CaseResult {
                name: "RT-1::limits::is_429".into(),
                took: Duration::from_millis(250),
                answer,
            })
            .collect();
        let case = "  <testcase name=\"limits::is_429\" classname=\"RT-1\" time=\"0.250000\">";
        let expected = [
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(),
            "<testsuite name=\"my &amp; suite\" tests=\"5\" failures=\"1\" skipped=\"2\">\n".into(),
            format!("{case}</testcase>\n"),
            format!("{case}<system-err>soft</system-err></testcase>\n"),
            format!(
                "{case}<failure message=\"a &lt; &quot;b&quot;\">a &lt; &quot;b&quot;&#10;\u{fffd}[31m \
                 &amp; more</failure></testcase>\n"
            ),
            format!("{case}<skipped message=\"not verified: no address\"/></testcase>\n"),
            format!("{case}<skipped message=\"not applicable: no cards\"/></testcase>\n"),
            "</testsuite>\n".into(),
        ];
        assert_eq!(text("my & suite", &results), expected.concat());
    }
}
