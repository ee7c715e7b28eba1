//! The text format that services expose, read strictly.
//!
//! ```
//! use readiness_probes::prometheus::Exposition;
//!
//! let text = "# TYPE requests_total counter\nrequests_total{path=\"/stats\"} 3\n";
//! let exposition = Exposition::parse(text)?;
//! assert_eq!(exposition.sum("requests_total"), Some(3.0));
//! # Ok::<(), readiness_probes::prometheus::ExpositionError>(())
//! ```
//!
//! Refused is what Prometheus refuses or drops: a line that is none, a name that is none, a type that
//! follows its samples or comes twice, the same series twice.

use std::collections::{BTreeMap, BTreeSet};

use super::histogram::Histogram;

/// Bytes of a text at most.
const MAX_TEXT: usize = 16 << 20;
/// Bytes of a message's excerpt.
const SHOWN: usize = 60;

/// One sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Name, with the suffix of a histogram's or summary's part.
    pub name: String,
    /// Labels by name.
    pub labels: BTreeMap<String, String>,
    /// The value; it may be infinite or not a number.
    pub value: f64,
    /// Milliseconds since 1970, where the text says so.
    pub timestamp_ms: Option<i64>,
}

/// What a service exposes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Exposition {
    types: BTreeMap<String, String>,
    samples: Vec<Sample>,
}

/// Why a text is no exposition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpositionError {
    /// From 1.
    pub line: usize,
    /// In words, with an excerpt of the line.
    pub reason: String,
}

impl std::fmt::Display for ExpositionError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

impl std::error::Error for ExpositionError {}

impl Exposition {
    /// Reads a text.
    ///
    /// # Errors
    /// The first line that is wrong.
    pub fn parse(text: &str) -> Result<Exposition, ExpositionError> {
        if text.len() > MAX_TEXT {
            return Err(ExpositionError {
                line: 1,
                reason: "the text is longer than 16 MiB".to_owned(),
            });
        }
        let mut exposition = Exposition::default();
        let mut series = BTreeSet::new();
        let mut sampled = BTreeSet::new();
        for (at, line) in text.lines().enumerate() {
            let wrong = |what: &str| {
                let excerpt = readiness::quote(line, SHOWN);
                ExpositionError {
                    line: at + 1,
                    reason: format!("{what}: `{excerpt}`"),
                }
            };
            let line = line.trim();
            if line.is_empty() {
                continue;
            }
            if let Some(comment) = line.strip_prefix('#') {
                exposition.comment(comment, &sampled).map_err(wrong)?;
                continue;
            }
            let sample = sample(line).map_err(wrong)?;
            if !series.insert((sample.name.clone(), sample.labels.clone())) {
                return Err(wrong("the same series twice"));
            }
            sampled.insert(exposition.family(&sample.name).to_owned());
            exposition.samples.push(sample);
        }
        Ok(exposition)
    }

    fn comment(&mut self, comment: &str, sampled: &BTreeSet<String>) -> Result<(), &'static str> {
        let mut words = comment.split_whitespace();
        if words.next() != Some("TYPE") {
            return Ok(());
        }
        let (Some(name), Some(kind), None) = (words.next(), words.next(), words.next()) else {
            return Err("a TYPE line has a name and a type");
        };
        if !is_name(name) {
            return Err("no name of a metric");
        }
        if !matches!(
            kind,
            "counter" | "gauge" | "histogram" | "summary" | "untyped" | "unknown"
        ) {
            return Err("no type of a metric");
        }
        if sampled.contains(name) {
            return Err("a type after its samples");
        }
        if self
            .types
            .insert(name.to_owned(), kind.to_owned())
            .is_some()
        {
            return Err("a second type for the same metric");
        }
        Ok(())
    }

    /// The metric that a sample belongs to: parts of a histogram or summary carry a suffix.
    fn family<'a>(&self, name: &'a str) -> &'a str {
        ["_bucket", "_sum", "_count"]
            .into_iter()
            .filter_map(|suffix| name.strip_suffix(suffix))
            .find(|base| {
                self.types
                    .get(*base)
                    .is_some_and(|kind| kind == "histogram" || kind == "summary")
            })
            .unwrap_or(name)
    }

    /// The type of a metric, if a TYPE line gives it one.
    pub fn kind(&self, metric: &str) -> Option<&str> {
        self.types.get(metric).map(String::as_str)
    }

    /// All samples, in the order of the text.
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// The samples of one name.
    pub fn of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Sample> {
        self.samples
            .iter()
            .filter(move |sample| sample.name == name)
    }

    /// The sum over all series of one name; `None` if there is none.
    pub fn sum(&self, name: &str) -> Option<f64> {
        let mut values = self.of(name).map(|sample| sample.value).peekable();
        values.peek()?;
        Some(values.sum())
    }

    /// The histogram of one name, over all of its series whose labels hold `labels`.
    pub fn histogram(&self, name: &str, labels: &[(&str, &str)]) -> Option<Histogram> {
        let bucket = format!("{name}_bucket");
        let buckets = self
            .of(&bucket)
            .filter(|sample| {
                labels
                    .iter()
                    .all(|(label, value)| sample.labels.get(*label).is_some_and(|v| v == value))
            })
            .filter_map(|sample| Some((number(sample.labels.get("le")?)?, sample.value)));
        Histogram::from_buckets(buckets)
    }
}

fn is_name(name: &str) -> bool {
    let is_start = |b: u8| b.is_ascii_alphabetic() || b == b'_' || b == b':';
    name.bytes().next().is_some_and(is_start)
        && name.bytes().all(|b| is_start(b) || b.is_ascii_digit())
}

fn number(text: &str) -> Option<f64> {
    match text {
        "+Inf" | "Inf" => Some(f64::INFINITY),
        "-Inf" => Some(f64::NEG_INFINITY),
        "NaN" => Some(f64::NAN),
        // Rust would take `infinity` and `nan` as well, the format does not.
        _ if text
            .bytes()
            .any(|b| b.is_ascii_alphabetic() && !matches!(b, b'e' | b'E')) =>
        {
            None
        }
        _ => text.parse().ok(),
    }
}

/// `name{label="value",…} value timestamp`
fn sample(line: &str) -> Result<Sample, &'static str> {
    let end = line
        .find(|c: char| c == '{' || c.is_whitespace())
        .ok_or("a sample without a value")?;
    let (name, mut rest) = line.split_at(end);
    if !is_name(name) {
        return Err("no name of a metric");
    }
    let mut labels = BTreeMap::new();
    if let Some(inside) = rest.trim_start().strip_prefix('{') {
        rest = read_labels(inside, &mut labels)?;
    }
    let mut words = rest.split_whitespace();
    let value = words
        .next()
        .and_then(number)
        .ok_or("a sample without a value")?;
    let timestamp_ms = match words.next() {
        None => None,
        Some(word) => Some(word.parse().map_err(|_| "a timestamp that is no number")?),
    };
    if words.next().is_some() {
        return Err("something after the timestamp");
    }
    Ok(Sample {
        name: name.to_owned(),
        labels,
        value,
        timestamp_ms,
    })
}

/// Reads up to the closing brace and returns what follows it.
fn read_labels<'a>(
    mut rest: &'a str,
    labels: &mut BTreeMap<String, String>,
) -> Result<&'a str, &'static str> {
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix('}') {
            return Ok(after);
        }
        let (name, after) = rest.split_once('=').ok_or("labels without an end")?;
        let name = name.trim();
        if !is_name(name) || name.contains(':') {
            return Err("no name of a label");
        }
        let quoted = after
            .trim_start()
            .strip_prefix('"')
            .ok_or("a label without quotes")?;
        let (value, after) = unquoted(quoted)?;
        if labels.insert(name.to_owned(), value).is_some() {
            return Err("the same label twice");
        }
        rest = after.trim_start();
        match rest.strip_prefix(',') {
            Some(after) => rest = after,
            None if rest.starts_with('}') => {}
            None => return Err("labels without a comma"),
        }
    }
}

fn unquoted(text: &str) -> Result<(String, &str), &'static str> {
    let mut value = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => return Ok((value, chars.as_str())),
            '\\' => match chars.next() {
                Some('n') => value.push('\n'),
                Some(c @ ('"' | '\\')) => value.push(c),
                _ => return Err("an unknown escape in a label"),
            },
            c => value.push(c),
        }
    }
    Err("a label without an end")
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact in binary")]
mod tests {
    use super::*;

    #[test]
    fn samples_are_read() {
        let text = "# HELP x An x.\n# TYPE x gauge\nx 1\nx{a=\"b\\\"\\n\",c=\"\",} -2.5e3 1700\n\n\
                    y{} +Inf\nz NaN\n";
        let exposition = Exposition::parse(text).unwrap();
        assert_eq!(exposition.kind("x"), Some("gauge"));
        assert_eq!(exposition.sum("x"), Some(-2499.0));
        assert_eq!(exposition.sum("nothing"), None);
        let second = &exposition.samples()[1];
        assert_eq!(second.labels["a"], "b\"\n");
        assert_eq!((second.value, second.timestamp_ms), (-2500.0, Some(1700)));
        assert!(exposition.sum("z").unwrap().is_nan());
    }

    #[test]
    fn wrong_lines_are_named() {
        for (text, line, words) in [
            ("x 1\nx 2\n", 2, "the same series twice"),
            ("x 1\n# TYPE x counter\n", 2, "a type after its samples"),
            ("# TYPE x counter\n# TYPE x counter\n", 2, "a second type"),
            ("# TYPE x thing\n", 1, "no type"),
            ("# TYPE x\n", 1, "a name and a type"),
            (
                "# TYPE h histogram\nh_bucket{le=\"1\"} 1\n# TYPE h histogram\n",
                3,
                "after its samples",
            ),
            ("<html>\n", 1, "without a value"),
            ("1x 2\n", 1, "no name"),
            ("x\n", 1, "without a value"),
            ("x one\n", 1, "without a value"),
            ("x infinity\n", 1, "without a value"),
            ("x 1 2 3\n", 1, "after the timestamp"),
            ("x{a=\"b} 1\n", 1, "without an end"),
            ("x{a=b} 1\n", 1, "without quotes"),
            ("x{a=\"b\",a=\"c\"} 1\n", 1, "label twice"),
            ("x{a=\"b\" c=\"d\"} 1\n", 1, "without a comma"),
        ] {
            let error = Exposition::parse(text).unwrap_err();
            assert_eq!(error.line, line, "{text}");
            assert!(error.reason.contains(words), "{error}");
        }
    }

    #[test]
    fn a_histogram_is_put_together() {
        let text = "h_bucket{p=\"a\",le=\"0.1\"} 5\nh_bucket{p=\"a\",le=\"+Inf\"} 10\n\
                    h_bucket{p=\"b\",le=\"0.1\"} 1\nh_bucket{p=\"b\",le=\"+Inf\"} 1\n";
        let exposition = Exposition::parse(text).unwrap();
        assert_eq!(exposition.histogram("h", &[]).unwrap().count(), 11.0);
        assert_eq!(
            exposition.histogram("h", &[("p", "b")]).unwrap().count(),
            1.0
        );
        assert!(exposition.histogram("h", &[("p", "c")]).is_none());
    }
}
