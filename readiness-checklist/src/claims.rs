//! What a document states about itself: tallies, scores, thresholds and dates.
//!
//! Claims are compared with what is counted and reported. Only a few exact shapes are ever
//! written, and only with results at hand; their bytes are found here:
//!
//! ```text
//! **Overall Readiness Score:** TBD (run tests to calculate)
//! **Last Updated:** 2025-10-14
//! - ✅ PASS: 1
//! **Score: TBD** (run tests to calculate)
//! ```

use std::fmt;

use crate::blocks::TextLine;
use crate::rewrite::Status;
use crate::source::{Source, Span, narrow, trim_span};
use crate::status::Legend;
use crate::status::symbol::pictograph_at;

/// An exact percentage, as typed in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent {
    /// Hundredths of a percent: 9500 is 95 %.
    pub hundredths: u32,
}

impl Percent {
    /// Reads `95%`, `94.5 %` or `94.25%` at the start of a text; digits beyond the second
    /// decimal are refused, and so is anything above 100 %.
    pub fn parse(text: &str) -> Option<Self> {
        let (percent, _) = Self::parse_prefix(text)?;
        Some(percent)
    }

    /// The percentage at the start of a text and the bytes it takes.
    pub(crate) fn parse_prefix(text: &str) -> Option<(Self, usize)> {
        let bytes = text.as_bytes();
        let digits = |from: usize| {
            bytes[from..]
                .iter()
                .take_while(|b| b.is_ascii_digit())
                .count()
        };
        let whole = digits(0);
        if !(1..=3).contains(&whole) {
            return None;
        }
        let mut at = whole;
        let mut fraction = 0;
        if bytes.get(at) == Some(&b'.') {
            fraction = digits(at + 1);
            if !(1..=2).contains(&fraction) {
                return None;
            }
            at += 1 + fraction;
        }
        let blanks = bytes[at..].iter().take_while(|&&b| b == b' ').count();
        (bytes.get(at + blanks) == Some(&b'%')).then_some(())?;
        let mut hundredths: u32 = text[..whole].parse::<u32>().ok()? * 100;
        if fraction > 0 {
            let part: u32 = text[whole + 1..at].parse().ok()?;
            hundredths += if fraction == 1 { part * 10 } else { part };
        }
        (hundredths <= 10_000).then_some((Self { hundredths }, at + blanks + 1))
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.hundredths / 100, self.hundredths % 100);
        match part {
            0 => write!(f, "{whole}%"),
            p if p % 10 == 0 => write!(f, "{whole}.{}%", p / 10),
            p => write!(f, "{whole}.{p:02}%"),
        }
    }
}

/// What a claim is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClaimKind {
    /// A count of one status, `✅ PASS: 12`.
    Tally,
    /// A count of items in a heading.
    Count,
    /// A stated score or the place for one.
    Score,
    /// The score the document demands.
    MinimumScore,
    /// The day the document was last touched.
    LastUpdated,
    /// A `Status` line outside the items.
    Status,
}

/// One statement of the document about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claim {
    /// What it is about.
    pub kind: ClaimKind,
    /// Its line, 1-based.
    pub line: usize,
    /// What stands there, as text.
    pub stated: String,
    /// What the document's own items give, where that can be counted.
    pub counted: Option<String>,
    /// The status that a tally counts.
    pub status: Option<Status>,
    /// The bytes of its line, without prefix and terminator.
    pub(crate) span: Span,
}

impl Claim {
    pub(crate) fn new(kind: ClaimKind, line: TextLine, stated: &str) -> Self {
        let TextLine { span, line } = line;
        Self {
            kind,
            line: line as usize,
            stated: stated.to_owned(),
            counted: None,
            status: None,
            span,
        }
    }
}

/// What a writable span of the score block holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OwnedKind {
    /// The digits of one count.
    Tally(Status),
    /// The value of `**Score: …**`, and the parenthesis behind it if it is ours.
    Score { parenthesis: Option<Span> },
    /// The value of `**Overall Readiness Score:** …`, up to the end of the line.
    OverallScore,
    /// A date.
    Date,
    /// The lines of a marked region.
    TallyRegion,
    /// The lines of a marked region.
    ScoreRegion,
}

/// A span of the score block that may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OwnedSpan {
    pub kind: OwnedKind,
    pub span: Span,
    pub line: u32,
}

/// Where a line stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope {
    /// The heading above says `Status` or `Score`.
    pub score_block: bool,
    /// No heading of level two came before.
    pub preamble: bool,
    /// It is the first line of a list item.
    pub list_item: bool,
}

/// The claims of one line outside the items.
pub(crate) fn read_line(
    source: &Source,
    line: TextLine,
    scope: Scope,
    legend: &Legend,
    claims: &mut Vec<Claim>,
    owned: &mut Vec<OwnedSpan>,
) {
    let span = trim_span(source.bytes(), line.span);
    // Positions are bytes of the document, so a text with replaced bytes cannot be used.
    let Some(text) = source
        .str(span)
        .or_else(|| std::str::from_utf8(source.slice(span)).ok())
    else {
        return;
    };
    let part = |from: usize, to: usize| Span {
        start: span.start + narrow(from),
        end: span.start + narrow(to),
    };
    let mut own = |kind, span| {
        owned.push(OwnedSpan {
            kind,
            span,
            line: line.line,
        });
    };
    if scope.list_item && scope.score_block {
        if let Some((status, from, to)) = tally(text, legend) {
            own(OwnedKind::Tally(status), part(from, to));
            let mut claim = Claim::new(ClaimKind::Tally, line, &text[from..to]);
            claim.status = Some(status);
            claims.push(claim);
        }
        return;
    }
    if let Some((from, to, parenthesis)) = score(text) {
        if scope.score_block {
            own(
                OwnedKind::Score {
                    parenthesis: parenthesis.map(|(from, to)| part(from, to)),
                },
                part(from, to),
            );
        }
        claims.push(Claim::new(ClaimKind::Score, line, &text[from..to]));
    } else if let Some(value) = label(text, "Overall Readiness Score") {
        let stated = &text[value..];
        if scope.preamble && is_score(stated) {
            own(OwnedKind::OverallScore, part(value, text.len()));
        }
        claims.push(Claim::new(ClaimKind::Score, line, stated));
    } else if let Some(value) = label(text, "Last Updated") {
        if scope.preamble && is_date(&text[value..]) {
            own(OwnedKind::Date, part(value, text.len()));
        }
        claims.push(Claim::new(ClaimKind::LastUpdated, line, &text[value..]));
    } else if let Some(value) = status_label(text) {
        claims.push(Claim::new(ClaimKind::Status, line, &text[value..]));
    }
}

/// `<symbol> PASS: 12`: the status and the range of the digits.
fn tally(text: &str, legend: &Legend) -> Option<(Status, usize, usize)> {
    let found = pictograph_at(text).filter(|found| legend.symbol(found.symbol).is_some())?;
    let rest = text[found.length()..].strip_prefix(' ')?;
    let status = [Status::Pass, Status::Warn, Status::Fail, Status::Skip]
        .into_iter()
        .find(|status| {
            rest.strip_prefix(status.as_str())
                .is_some_and(|rest| rest.starts_with(": "))
        })?;
    let digits = &rest[status.as_str().len() + 2..];
    let length = digits.bytes().take_while(u8::is_ascii_digit).count();
    let after = &digits[length..];
    if length == 0 || length > 18 || !(after.is_empty() || after.starts_with([' ', '\t'])) {
        return None;
    }
    let from = text.len() - digits.len();
    Some((status, from, from + length))
}

/// `**Score: TBD**` with an optional parenthesis: the ranges of the value and of a parenthesis
/// that is ours to replace.
#[expect(clippy::type_complexity, reason = "a private pair of ranges")]
fn score(text: &str) -> Option<(usize, usize, Option<(usize, usize)>)> {
    const LABEL: &str = "**Score: ";
    let rest = text.strip_prefix(LABEL)?;
    let end = rest.find("**")?;
    if !is_score(&rest[..end]) {
        return None;
    }
    let (from, to) = (LABEL.len(), LABEL.len() + end);
    let after = &text[to + 2..];
    let parenthesis = after
        .strip_prefix(' ')
        .filter(|p| is_our_parenthesis(p))
        .map(|_| (to + 3, text.len()));
    (after.is_empty() || after.starts_with([' ', '\t'])).then_some((from, to, parenthesis))
}

/// The invitation that stands before the first run, or the fraction that we write.
fn is_our_parenthesis(text: &str) -> bool {
    if text == "(run tests to calculate)" {
        return true;
    }
    let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
        .and_then(|inner| inner.split_once(" of "))
        .is_some_and(|(pass, of)| number(pass) && number(of))
}

/// Whether a value is a score that may be replaced: `TBD…` or a percentage.
fn is_score(value: &str) -> bool {
    value.starts_with("TBD") || Percent::parse(value).is_some()
}

/// Where the value of `**Label:** value` starts.
fn label(text: &str, name: &str) -> Option<usize> {
    let rest = text
        .strip_prefix("**")?
        .strip_prefix(name)?
        .strip_prefix(":** ")?;
    let value = rest.trim_start_matches([' ', '\t']);
    (!value.is_empty()).then_some(text.len() - value.len())
}

fn status_label(text: &str) -> Option<usize> {
    let rest = text.trim_start_matches(['*', '_']);
    let after = rest
        .strip_prefix("Status")
        .or_else(|| rest.strip_prefix("status"))?;
    let value = after
        .trim_start_matches(['*', '_'])
        .strip_prefix(':')?
        .trim_start_matches(['*', '_', ' ', '\t']);
    (!value.is_empty()).then_some(text.len() - value.len())
}

/// Whether a text is exactly `YYYY-MM-DD`.
pub(crate) fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes[at].is_ascii_digit();
    bytes.len() == 10
        && (0..10).all(|at| {
            if at == 4 || at == 7 {
                bytes[at] == b'-'
            } else {
                digit(at)
            }
        })
        && (1..=12).contains(&text[5..7].parse::<u8>().unwrap_or(0))
        && (1..=31).contains(&text[8..10].parse::<u8>().unwrap_or(0))
}

/// The score that a heading or line demands: `Minimum Required Score: 95%`.
pub(crate) fn minimum_score(text: &str) -> Option<Percent> {
    let text = text.trim_start_matches(['*', '_', ' ', '\t', '#']);
    let rest = text
        .get(..7)
        .filter(|word| word.eq_ignore_ascii_case("minimum"))
        .map(|_| &text[7..])?;
    let (name, value) = rest.split_once(':')?;
    if name.len() > 40 || !name.to_ascii_lowercase().contains("score") {
        return None;
    }
    Percent::parse(value.trim_start_matches(['*', '_', ' ', '\t', '≥', '>', '=']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_exact() {
        let hundredths = |text| Percent::parse(text).map(|p| p.hundredths);
        assert_eq!(hundredths("95%"), Some(9500));
        assert_eq!(hundredths("94.5 % of"), Some(9450));
        assert_eq!(hundredths("94.25%"), Some(9425));
        assert_eq!(hundredths("94.255%"), None);
        assert_eq!(hundredths("101%"), None);
        assert_eq!(hundredths("95"), None);
        assert_eq!(Percent { hundredths: 9450 }.to_string(), "94.5%");
        assert_eq!(Percent { hundredths: 9405 }.to_string(), "94.05%");
    }

    #[test]
    fn the_demanded_score() {
        let hundredths = |text| minimum_score(text).map(|p| p.hundredths);
        assert_eq!(hundredths("Minimum Required Score: 95%"), Some(9500));
        assert_eq!(hundredths("**Minimum score:** ≥ 90 %"), Some(9000));
        assert_eq!(hundredths("Minimum password length: 95%"), None);
        assert_eq!(hundredths("A minimum score: 95%"), None);
    }

    #[test]
    fn the_value_of_a_score_is_owned_only_in_its_exact_shape() {
        assert_eq!(
            score("**Score: TBD** (run tests to calculate)"),
            Some((9, 12, Some((15, 39))))
        );
        assert_eq!(
            score("**Score: 94.2%** (114 of 121)"),
            Some((9, 14, Some((17, 29))))
        );
        assert_eq!(score("**Score: 94.2%** (as of May)"), Some((9, 14, None)));
        assert_eq!(score("**Score: high**"), None);
        assert_eq!(
            tally("✅ PASS: 1", &Legend::default()),
            Some((Status::Pass, 10, 11))
        );
        assert_eq!(
            tally("‚è∏Ô∏è SKIP: 151 (awaiting)", &Legend::default()).map(|t| t.0),
            Some(Status::Skip)
        );
        assert_eq!(tally("PASS: 1", &Legend::default()), None);
        assert_eq!(tally("✅ PASS: 1/2", &Legend::default()), None);
    }

    #[test]
    fn dates_are_exact() {
        assert!(is_date("2025-10-14"));
        assert!(!is_date("2025-13-14"));
        assert!(!is_date("2025-10-14 (draft)"));
        assert!(!is_date("14.10.2025"));
    }
}
