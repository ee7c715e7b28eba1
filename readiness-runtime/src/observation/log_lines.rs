//! Kind `log`: lines of a log, and the JSON records among them.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::json::{Alteration, Json, alterations};
use super::{Altered, Facet, Mutant, Observation, Reads};
use crate::error::{Error, Result};

/// Lines of a log, in order.
///
/// ```
/// # use readiness::{Result, ensure};
/// # use readiness::observation::log_lines::LogLines;
/// fn card_is_masked(logs: &LogLines, nonce: &str) -> Result<()> {
///     // Positive control: the request that carried the card is in this log.
///     ensure!(logs.contains(nonce), "the request is not in the log");
///     ensure!(logs.lacks("4111111111111111"), "the card number is in the log");
///     Ok(())
/// }
/// # assert!(card_is_masked(&LogLines::new(["n1 paid with ****"]), "n1").is_ok());
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "Vec<String>", into = "Vec<String>")]
pub struct LogLines {
    /// Each shared with the alterations that keep it: a log may be large.
    lines: Arc<[Arc<Line>]>,
    reads: Reads,
}

/// A line, parsed as a record at most once, however often a replay asks.
#[derive(Debug)]
struct Line {
    text: Box<str>,
    record: OnceLock<Option<Arc<Value>>>,
}

impl Line {
    fn new(text: impl Into<Box<str>>) -> Arc<Self> {
        Arc::new(Self {
            text: text.into(),
            record: OnceLock::new(),
        })
    }

    fn contains(&self, needle: &str) -> bool {
        self.text.contains(needle)
    }

    /// This line with its record altered.
    fn altered(&self, alteration: &Alteration) -> Option<Arc<Self>> {
        let record = alteration.apply_below(self.record()?);
        Some(Arc::new(Self {
            text: record.to_string().into_boxed_str(),
            record: OnceLock::from(Some(Arc::new(record))),
        }))
    }

    fn is_no_record(&self, at: usize) -> Error {
        let parsed: Result<Value, _> = serde_json::from_str(&self.text);
        let why = parsed.err().map(|error| format!(": {error}"));
        let why = why.unwrap_or_default();
        Error::finding(format!("line {} of the log is not JSON{why}", at + 1))
    }

    fn record(&self) -> Option<&Arc<Value>> {
        let parse = || serde_json::from_str(&self.text).ok().map(Arc::new);
        self.record.get_or_init(parse).as_ref()
    }
}

impl From<Vec<String>> for LogLines {
    fn from(lines: Vec<String>) -> Self {
        Self::new(lines)
    }
}

impl From<LogLines> for Vec<String> {
    fn from(log: LogLines) -> Self {
        log.lines.iter().map(|line| line.text.to_string()).collect()
    }
}

const LINES: &str = "lines";
const COUNT: &str = "count";
/// Before the text that was searched for.
const CONTAINS: &str = "contains ";
/// Before the text that must not be there.
const LACKS: &str = "lacks ";
/// Of a record, by the position of its line: `record 12:/level`.
const RECORD: &str = "record";

/// One line of each class of secret, for a check that scans for them. The values are the usual
/// published examples; nobody's.
const PLANTS: [(&str, &str); 9] = [
    (
        "a card number is logged",
        "card 4111 1111 1111 1111 charged",
    ),
    ("a card verification value is logged", "cvv=123"),
    ("a social security number is logged", "ssn 123-45-6789"),
    ("a password is logged", "login password=hunter2hunter2"),
    (
        "a bearer token is logged",
        "Authorization: Bearer 0123456789abcdef0123456789abcdef",
    ),
    (
        "a JWT is logged",
        "token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLW9mLW5vYm9keQ",
    ),
    (
        "a payment key is logged",
        "using sk_live_0123456789abcdefABCDEF01",
    ),
    ("a customer id is logged", "customer cus_0123456789abcd"),
    ("an e-mail address is logged", "sent to someone@example.com"),
];

impl LogLines {
    /// Lines, without their line ends.
    pub fn new<L: Into<String>>(lines: impl IntoIterator<Item = L>) -> Self {
        Self {
            lines: lines
                .into_iter()
                .map(|line| Line::new(line.into()))
                .collect(),
            reads: Reads::default(),
        }
    }

    fn of(lines: impl IntoIterator<Item = Arc<Line>>) -> Self {
        Self {
            lines: lines.into_iter().collect(),
            reads: Reads::default(),
        }
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.reads.note(COUNT);
        self.lines.len()
    }

    /// Whether there is no line.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The lines.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.reads.note(LINES);
        self.lines.iter().map(|line| &*line.text)
    }

    /// Whether a line contains `needle`. The proof removes those lines.
    pub fn contains(&self, needle: &str) -> bool {
        !self.containing(needle).is_empty()
    }

    /// Whether no line contains `needle`, where none must. The proof adds one that does.
    ///
    /// `!contains(needle)` says the same and is no substitute: `if log.contains(needle) { … }` is
    /// content with any log that says nothing, and adding a line would make that look sound.
    pub fn lacks(&self, needle: &str) -> bool {
        self.reads.note_with(|| format!("{LACKS}{needle}"));
        !self.lines.iter().any(|line| line.contains(needle))
    }

    /// The lines that contain `needle`.
    pub fn containing(&self, needle: &str) -> Vec<&str> {
        self.reads.note_with(|| format!("{CONTAINS}{needle}"));
        let found = self.lines.iter().filter(|line| line.contains(needle));
        found.map(|line| &*line.text).collect()
    }

    /// Every line as a JSON record.
    ///
    /// # Errors
    /// A finding with the position of the first line that is none.
    pub fn records(&self) -> Result<Vec<Json>> {
        self.reads.note(COUNT);
        self.reads.note(RECORD);
        let record = |(at, line): (usize, &Arc<Line>)| match line.record() {
            Some(value) => Ok(self.record(at, value)),
            None => Err(line.is_no_record(at)),
        };
        self.lines.iter().enumerate().map(record).collect()
    }

    /// The lines that are JSON records and contain `needle`: those of one's own request.
    pub fn records_containing(&self, needle: &str) -> Vec<Json> {
        self.reads.note_with(|| format!("{CONTAINS}{needle}"));
        let lines = self.lines.iter().enumerate();
        let found = lines.filter(|(_, line)| line.contains(needle));
        found
            .filter_map(|(at, line)| Some(self.record(at, line.record()?)))
            .collect()
    }

    fn record(&self, at: usize, value: &Arc<Value>) -> Json {
        // The root is the list of all records: the position is part of every facet.
        Json::element(at, Arc::clone(value), self.reads.clone(), RECORD)
    }

    fn with(&self, line: &str) -> Self {
        Self::of(self.lines.iter().cloned().chain([Line::new(line)]))
    }

    /// With the record at a position altered; the other lines keep their form.
    fn with_record(&self, at: usize, alteration: &Alteration) -> Self {
        let mut lines = self.lines.to_vec();
        if let Some(line) = lines.get_mut(at)
            && let Some(altered) = line.altered(alteration)
        {
            *line = altered;
        }
        Self::of(lines)
    }

    fn without(&self, needle: &str) -> Self {
        let kept = self.lines.iter().filter(|line| !line.contains(needle));
        Self::of(kept.cloned())
    }
}

/// Collects the mutants of one value.
struct Mutants<'a> {
    lines: &'a LogLines,
    all: Vec<Mutant<LogLines>>,
}

impl Mutants<'_> {
    fn push(&mut self, operator: &'static str, facet: &Facet, words: &str, altered: LogLines) {
        if !altered.same(self.lines) {
            self.all
                .push(Mutant::fine(operator, facet.clone(), words, altered));
        }
    }

    fn fewer(&mut self, facet: &Facet) {
        let lines = self.lines;
        let half = lines.lines.len() / 2;
        self.push(
            "log-emptied",
            facet,
            "the log is empty",
            LogLines::new(Vec::<String>::new()),
        );
        let kept = lines.lines[..half].iter().cloned();
        self.push(
            "log-truncated",
            facet,
            "half of the log is missing",
            LogLines::of(kept),
        );
    }

    fn not_json(&mut self, facet: &Facet) {
        let mut altered = self.lines.lines.to_vec();
        if let Some(last) = altered.last_mut() {
            *last = Line::new("not a record");
        }
        self.push(
            "line-not-json",
            facet,
            "a line is not JSON",
            LogLines::of(altered),
        );
    }

    fn planted(&mut self, facet: &Facet) {
        for (words, line) in PLANTS {
            // A log of records gets its secret in a record: a check that parses would otherwise
            // stumble over the line and not over the secret.
            let record = serde_json::json!({"level": "info", "message": line}).to_string();
            let json = self
                .lines
                .lines
                .first()
                .is_some_and(|first| first.text.starts_with('{'));
            let line = if json { &record } else { line };
            self.push("secret-planted", facet, words, self.lines.with(line));
        }
    }

    /// Lines that were searched for are dropped.
    fn searched(&mut self, facet: &Facet, needle: &str) {
        let words = "the lines that were searched for are missing";
        self.push("lines-dropped", facet, words, self.lines.without(needle));
    }

    /// A line that must not be there is added, unless there is one.
    fn forbidden(&mut self, facet: &Facet, needle: &str) {
        let lines = self.lines;
        if !lines.lines.iter().any(|line| line.contains(needle)) {
            let words = "a line has what must not be there";
            self.push("line-planted", facet, words, lines.with(needle));
        }
    }

    fn records(&mut self, read: &BTreeSet<Facet>) {
        let record =
            |line: &Arc<Line>| line.record().map_or(Value::Null, |value| (**value).clone());
        let records = Arc::new(Value::Array(self.lines.lines.iter().map(record).collect()));
        for alteration in alterations(&records, RECORD, read) {
            let Some(at) = alteration.element() else {
                continue;
            };
            let words = format!("record {}", alteration.words);
            let (operator, facet) = (alteration.operator, alteration.facet.clone());
            let make = move |log: &LogLines| log.with_record(at, &alteration);
            self.all
                .push(Mutant::fine(operator, facet, words, Altered::made(make)));
        }
    }
}

impl Observation for LogLines {
    const KIND: &'static str = "log";

    fn attach(&mut self, reads: Reads) {
        self.reads = reads;
    }

    fn mutants(&self, read: &BTreeSet<Facet>) -> Vec<Mutant<Self>> {
        let mut mutants = Mutants {
            lines: self,
            all: Vec::new(),
        };
        for facet in read {
            match facet.0.as_str() {
                COUNT => mutants.fewer(facet),
                LINES => {
                    mutants.fewer(facet);
                    mutants.planted(facet);
                }
                RECORD => mutants.not_json(facet),
                other => {
                    if let Some(needle) = other.strip_prefix(CONTAINS) {
                        mutants.searched(facet, needle);
                    } else if let Some(needle) = other.strip_prefix(LACKS) {
                        mutants.forbidden(facet, needle);
                    }
                }
            }
        }
        if read.iter().any(|facet| facet.0.starts_with("record:")) {
            mutants.records(read);
        }
        mutants.all
    }

    fn same(&self, other: &Self) -> bool {
        let same = |(a, b): (&Arc<Line>, &Arc<Line>)| Arc::ptr_eq(a, b) || a.text == b.text;
        self.lines.len() == other.lines.len() && self.lines.iter().zip(&*other.lines).all(same)
    }
}
