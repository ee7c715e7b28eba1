//! `[import]`: what the reports of other tools mean for the items of this checklist.
//!
//! ```toml
//! [[import.k6]]
//! id = "PERF-004"
//! metric = "http_req_duration{endpoint:exploits}"   # as k6 names it in its summary
//! threshold = "p(95)<500"                           # as k6 writes thresholds
//! samples = 1000                                    # fewer decide nothing
//! users = 200                                       # the summary must show as many at once
//! duration = "10m"                                  # a shorter run is a warning, never a pass
//! ```

use std::fmt;
use std::time::Duration;

use crate::config::length;
use crate::config::reader::{Source, Table};

/// `[import]`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ImportConfig {
    /// `[[import.k6]]`: conditions on a summary of k6, in file order.
    pub k6: Vec<K6Rule>,
}

/// One condition on a summary of k6. An item may have several: all of them must hold.
#[derive(Debug, Clone, PartialEq)]
pub struct K6Rule {
    /// The item.
    pub id: String,
    /// The metric, with its tags where it is a sub-metric: `http_req_duration{name:list}`.
    pub metric: String,
    /// What it must be.
    pub threshold: Threshold,
    /// The least number of samples that decide anything.
    pub samples: Option<u64>,
    /// The least number of users that must have been active at once.
    pub users: Option<u64>,
    /// The least length of the test.
    pub duration: Option<Duration>,
    /// How long the users must have been held. A summary shows the peak alone, so a rule with a
    /// hold never passes on a summary.
    pub hold: Option<Duration>,
    /// Line of the rule in the configuration.
    pub line: usize,
}

/// A threshold as k6 writes it: `p(95)<500`, `rate<0.05`, `count>=1000`.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    /// The aggregation as k6 spells it: `p(95)`, `rate`, `max`.
    pub of: String,
    /// The comparison.
    pub comparison: Comparison,
    /// What it is compared with, in the metric's own unit (milliseconds for durations).
    pub value: f64,
}

/// How a threshold compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
}

impl Comparison {
    /// Longer spellings first: `<=` also begins with `<`.
    const ALL: [(Self, &'static str); 4] = [
        (Self::AtMost, "<="),
        (Self::AtLeast, ">="),
        (Self::Below, "<"),
        (Self::Above, ">"),
    ];

    /// Whether `seen` satisfies it. What is not a number satisfies nothing.
    pub fn holds(self, seen: f64, wanted: f64) -> bool {
        match self {
            Self::Below => seen < wanted,
            Self::AtMost => seen <= wanted,
            Self::Above => seen > wanted,
            Self::AtLeast => seen >= wanted,
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = Self::ALL.iter().find(|(known, _)| known == self);
        f.write_str(word.map_or("", |(_, word)| word))
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.of, self.comparison, self.value)
    }
}

impl Threshold {
    /// Reads `p(95)<500`; blanks are allowed, an unknown aggregation is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (comparison, word) = Comparison::ALL
            .into_iter()
            .find(|(_, word)| text.contains(word))?;
        let (of, value) = text.split_once(word)?;
        let of: String = of.chars().filter(|c| !c.is_whitespace()).collect();
        let value: f64 = value.trim().parse().ok()?;
        (value.is_finite() && is_aggregation(&of)).then_some(Self {
            of,
            comparison,
            value,
        })
    }
}

fn is_aggregation(word: &str) -> bool {
    let percentile = word
        .strip_prefix("p(")
        .and_then(|rest| rest.strip_suffix(')'))
        .and_then(|number| number.parse::<f64>().ok());
    match percentile {
        Some(percentile) => (0.0..=100.0).contains(&percentile),
        None => ["avg", "min", "med", "max", "rate", "count", "value"].contains(&word),
    }
}

/// The keys of a rule.
const K6: &[&str] = &[
    "id",
    "metric",
    "threshold",
    "samples",
    "users",
    "duration",
    "hold",
];

pub(super) fn read(source: &mut Source<'_>, root: &Table<'_>) -> ImportConfig {
    let Some(table) = root.table(source, "import") else {
        return ImportConfig::default();
    };
    table.only(source, &["k6"]);
    let rules = table.tables(source, "k6");
    ImportConfig {
        k6: rules
            .iter()
            .filter_map(|rule| read_k6(source, rule))
            .collect(),
    }
}

fn read_k6(source: &mut Source<'_>, table: &Table<'_>) -> Option<K6Rule> {
    table.only(source, K6);
    let id = required(source, table, "id")?;
    let metric = required(source, table, "metric")?;
    let text = required(source, table, "threshold")?;
    let threshold = Threshold::parse(&text);
    if let (None, Some(entry)) = (&threshold, table.get("threshold")) {
        let message = format!("`{text}` is no threshold");
        let hint = "as k6 writes them: \"p(95)<500\", \"rate<0.05\", \"count>=1000\"";
        table.wrong_value(source, entry, message, hint.to_owned());
    }
    Some(K6Rule {
        id,
        metric,
        threshold: threshold?,
        samples: table.whole(source, "samples"),
        users: table.whole(source, "users"),
        duration: length(source, table, "duration"),
        hold: length(source, table, "hold"),
        line: source.line(table.offset),
    })
}

fn required(source: &mut Source<'_>, table: &Table<'_>, key: &str) -> Option<String> {
    if table.get(key).is_none() {
        source.report(
            crate::diagnostic::Code::ConfigValue,
            table.offset,
            format!("{} has no `{key}`", table.name),
            format!("a rule has {}; the others are optional", K6[..3].join(", ")),
        );
        return None;
    }
    table.string(source, key)
}

fn length(source: &mut Source<'_>, table: &Table<'_>, key: &str) -> Option<Duration> {
    let text = table.string(source, key)?;
    let length = length::parse_duration(&text);
    if let (None, Some(entry)) = (length, table.get(key)) {
        let message = format!("`{text}` is no length of time");
        let hint = "write \"30s\", \"5m\" or \"2h\"".to_owned();
        table.wrong_value(source, entry, message, hint);
    }
    length
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Config;

    #[test]
    fn thresholds_are_those_of_k6() {
        let parsed = |text| Threshold::parse(text).map(|threshold| threshold.to_string());
        for (text, expected) in [
            ("p(95)<500", "p(95)<500"),
            (" p(99.9) <= 1500.5 ", "p(99.9)<=1500.5"),
            ("rate<0.05", "rate<0.05"),
            ("count>=1000", "count>=1000"),
            ("med > 1", "med>1"),
        ] {
            assert_eq!(parsed(text).as_deref(), Some(expected));
        }
        for text in [
            "", "p(95)", "p(95)<", "p(101)<5", "p95<500", "rate=1", "rate<NaN", "rate<inf", "p()<1",
        ] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }

    #[test]
    fn a_comparison_with_what_is_no_number_never_holds() {
        for (comparison, _) in Comparison::ALL {
            assert!(!comparison.holds(f64::NAN, 1.0));
        }
        assert!(Comparison::AtMost.holds(1.0, 1.0) && !Comparison::Below.holds(1.0, 1.0));
        assert!(Comparison::AtLeast.holds(1.0, 1.0) && !Comparison::Above.holds(1.0, 1.0));
    }

    #[test]
    fn a_rule_is_read_and_its_mistakes_are_named() {
        let rule = "[[import.k6]]\nid = \"P-1\"\nmetric = \"http_reqs\"\nthreshold = \"count>5\"\n";
        let parse = |text: &str| Config::parse(Path::new("readiness.toml"), text);
        let config = parse(&format!("{rule}users = 3\nduration = \"10m\"\n")).unwrap();
        let [read] = config.rules.import.k6.as_slice() else {
            panic!("{:?}", config.rules.import)
        };
        assert_eq!((read.users, read.samples, read.line), (Some(3), None, 1));
        assert_eq!(read.duration, Some(Duration::from_secs(600)));
        let wrong = |text: &str| format!("{:?}", parse(text).unwrap_err());
        assert!(wrong(&rule.replace("count>5", "count=5")).contains("is no threshold"));
        assert!(wrong(&rule.replace("metric", "metrics")).contains("did you mean `metric`"));
        assert!(wrong("[[import.k6]]\nid = \"P-1\"\n").contains("has no `metric`"));
        assert!(wrong(&format!("{rule}hold = \"2\"\n")).contains("no length of time"));
    }
}
