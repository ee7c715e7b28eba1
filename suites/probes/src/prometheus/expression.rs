//! As much of a query expression as its rule needs: which metrics it reads, and whether its
//! threshold can be crossed at all.
//!
//! This is a scanner, not a parser. It tells names from functions, keywords, labels and durations by
//! what stands around them, which is enough to ask Prometheus about each name.

use std::collections::BTreeSet;

/// Bytes of an expression that are looked at.
const MAX: usize = 16_384;

/// Words that are no metrics.
const KEYWORDS: [&str; 14] = [
    "and",
    "or",
    "unless",
    "by",
    "without",
    "on",
    "ignoring",
    "group_left",
    "group_right",
    "offset",
    "bool",
    "inf",
    "nan",
    "atan2",
];

/// Aggregations may be followed by `by (…)` before their parenthesis.
const AGGREGATIONS: [&str; 12] = [
    "sum",
    "min",
    "max",
    "avg",
    "group",
    "stddev",
    "stdvar",
    "count",
    "count_values",
    "bottomk",
    "topk",
    "quantile",
];

/// Words before a parenthesis that holds labels.
const BEFORE_LABELS: [&str; 6] = [
    "by",
    "without",
    "on",
    "ignoring",
    "group_left",
    "group_right",
];

/// An expression, scanned.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    metrics: BTreeSet<String>,
    comparison: Option<(String, Option<f64>)>,
    divides: bool,
}

#[derive(Debug, Clone, PartialEq)]
enum Token<'a> {
    Word(&'a str),
    Number(f64),
    Symbol(&'a str),
}

impl Expression {
    /// Scans an expression.
    pub fn scan(text: &str) -> Expression {
        let mut end = text.len().min(MAX);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let tokens = tokens(&text[..end]);
        let mut metrics = BTreeSet::new();
        let mut comparison = None;
        let mut in_labels = 0_usize;
        for (at, token) in tokens.iter().enumerate() {
            let next = tokens.get(at + 1);
            match token {
                Token::Symbol("(") if in_labels > 0 || follows_labels_word(&tokens, at) => {
                    in_labels += 1;
                }
                Token::Symbol(")") => in_labels = in_labels.saturating_sub(1),
                Token::Word(word) if in_labels == 0 => {
                    let lower = word.to_lowercase();
                    let is_function = next == Some(&Token::Symbol("("));
                    let is_known = KEYWORDS.contains(&lower.as_str())
                        || AGGREGATIONS.contains(&lower.as_str());
                    if !is_function && !is_known {
                        metrics.insert((*word).to_owned());
                    }
                }
                Token::Symbol(symbol @ (">" | ">=" | "<" | "<=" | "==" | "!=")) => {
                    let operand = match next {
                        Some(Token::Word("bool")) => tokens.get(at + 2),
                        other => other,
                    };
                    let threshold = match operand {
                        Some(Token::Number(number)) => Some(*number),
                        _ => None,
                    };
                    comparison = Some(((*symbol).to_owned(), threshold));
                }
                _ => {}
            }
        }
        let divides = tokens.contains(&Token::Symbol("/"));
        Expression {
            metrics,
            comparison,
            divides,
        }
    }

    /// The metrics that it reads.
    pub fn metrics(&self) -> impl Iterator<Item = &str> {
        self.metrics.iter().map(String::as_str)
    }

    /// Why it cannot fire as it is meant to, if that is plain: it compares nothing, or a share of
    /// the same metric with more than all of it, or a count with less than nothing.
    pub fn fault(&self) -> Option<String> {
        let Some((operator, threshold)) = &self.comparison else {
            return Some("it compares nothing: it fires as soon as there is a sample".to_owned());
        };
        let threshold = (*threshold)?;
        let is_share = self.divides && self.metrics.len() == 1;
        match operator.as_str() {
            ">" | ">=" if is_share && threshold > 1.0 => {
                Some(format!("a share never exceeds {threshold}"))
            }
            "<" if threshold <= 0.0 => Some(format!("nothing falls below {threshold}")),
            "<=" if threshold < 0.0 => Some(format!("nothing falls to {threshold}")),
            _ => None,
        }
    }
}

fn follows_labels_word(tokens: &[Token<'_>], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| tokens.get(before));
    matches!(before, Some(Token::Word(word)) if BEFORE_LABELS.contains(&word.to_lowercase().as_str()))
}

/// Words, numbers and symbols; selectors in braces, ranges in brackets and texts are left out.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        match byte {
            b'{' => at = closed(bytes, at, b'}'),
            b'[' => at = closed(bytes, at, b']'),
            b'"' | b'\'' | b'`' => at = quoted(bytes, at),
            b'#' => at += length(bytes, at, |b| b != b'\n'),
            b if b.is_ascii_alphabetic() || b == b'_' || b == b':' => {
                at += length(bytes, at, |b| {
                    b.is_ascii_alphanumeric() || b == b'_' || b == b':'
                });
                tokens.push(Token::Word(&text[start..at]));
            }
            b if b.is_ascii_digit() || b == b'.' => {
                at += length(bytes, at, |b| b.is_ascii_alphanumeric() || b == b'.');
                // Anything else is a duration, as after `offset`.
                if let Ok(number) = text[start..at].parse() {
                    tokens.push(Token::Number(number));
                }
            }
            b'>' | b'<' | b'=' | b'!' => {
                at += length(bytes, at, |b| matches!(b, b'>' | b'<' | b'=' | b'!')).min(2);
                tokens.push(Token::Symbol(&text[start..at]));
            }
            b'(' | b')' | b'/' => {
                at += 1;
                tokens.push(Token::Symbol(&text[start..at]));
            }
            _ => at += 1,
        }
    }
    tokens
}

fn length(bytes: &[u8], at: usize, is_part: impl Fn(u8) -> bool) -> usize {
    bytes[at..]
        .iter()
        .take_while(|&&b| is_part(b))
        .count()
        .max(1)
}

/// The position after a closing bracket, over texts.
fn closed(bytes: &[u8], mut at: usize, end: u8) -> usize {
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b if b == end => return at + 1,
            b'"' | b'\'' | b'`' => at = quoted(bytes, at),
            _ => at += 1,
        }
    }
    at
}

/// The position after a text.
fn quoted(bytes: &[u8], start: usize) -> usize {
    let quote = bytes[start];
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' if quote != b'`' => at += 2,
            b if b == quote => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metrics(text: &str) -> Vec<String> {
        Expression::scan(text)
            .metrics()
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn metrics_are_told_from_everything_else() {
        for (text, expected) in [
            ("up == 0", &["up"][..]),
            (
                "rate(errors_total{code=~\"5..\", path=\"a}b\"}[5m]) > 0.05",
                &["errors_total"],
            ),
            (
                "sum by (path) (rate(a_total[5m])) / on (path) group_left (x) sum(rate(b_total[5m])) > 0.1",
                &["a_total", "b_total"],
            ),
            (
                "histogram_quantile(0.95, sum(rate(d_bucket[5m])) by (le)) > 0.8",
                &["d_bucket"],
            ),
            ("absent(job:up:sum offset 5m) # comment up", &["job:up:sum"]),
            ("a and b unless c > bool 1", &["a", "b", "c"]),
            ("time() - last_success > 1e3", &["last_success"]),
        ] {
            assert_eq!(metrics(text), expected, "{text}");
        }
    }

    #[test]
    fn thresholds_that_nothing_crosses_are_named() {
        for (text, words) in [
            (
                "sum(rate(r_total{c=\"500\"}[5m])) / sum(rate(r_total[5m])) > 5",
                "a share never exceeds 5",
            ),
            ("up < 0", "below 0"),
            ("rate(errors_total[5m])", "compares nothing"),
        ] {
            let fault = Expression::scan(text).fault();
            assert!(
                fault.as_deref().is_some_and(|fault| fault.contains(words)),
                "{text}: {fault:?}"
            );
        }
        for text in [
            "sum(rate(r_total{c=\"500\"}[5m])) / sum(rate(r_total[5m])) > 0.05",
            "a / b > 5",
            "up == 0",
            "up < 1",
            "a > b",
        ] {
            assert_eq!(Expression::scan(text).fault(), None, "{text}");
        }
    }

    #[test]
    fn hostile_expressions_end() {
        for text in ["{", "[", "\"", "'\\", "((((", "é é", "`", "a{b=\"\\"] {
            let _ = Expression::scan(text);
        }
        let _ = Expression::scan(&"é".repeat(MAX));
    }
}
