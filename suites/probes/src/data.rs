//! Rows of a paged list: a sample of pages, and rules that every row must obey.
//!
//! [`sample`] looks at up to so many pages once; the rules are pure functions over the replies.
//! Too few rows decide nothing: that is not verified, never a pass.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use readiness::{Error, Result, Verdict};

use crate::health::moment;
use crate::http::{Client, HttpReply, Json, shown};

/// Values that stand for a missing one.
const PLACEHOLDERS: [&str; 8] = [
    "null",
    "none",
    "unknown",
    "undefined",
    "n/a",
    "0x0",
    "0x",
    "-",
];
/// When the first block of the first chain was made: nothing on a chain is older.
const FIRST_BLOCK: &str = "2009-01-03T00:00:00Z";
/// How far a row may be ahead of now.
const AHEAD: Duration = Duration::from_secs(5 * 60);

/// Pages of a list, in order.
#[derive(Debug, Clone)]
pub struct Pages {
    replies: Vec<HttpReply>,
}

/// Looks at pages 1, 2, … of `path` until one says that there are no more, at most `most`.
///
/// ```ignore
/// let pages = data::sample(&api, "/orders?page_size=100", 5).await?;
/// let rows = pages.rows(20)?;
/// Ok(data::every(&rows, |row| data::filled(row, "id")))
/// ```
///
/// # Errors
/// Those of the exchanges; unavailable if a page is refused for being one too many of the minute.
pub async fn sample(client: &Client, path: &str, most: u32) -> Result<Pages> {
    let mut replies = Vec::new();
    for number in 1..=most.max(1) {
        let separator = if path.contains('?') { '&' } else { '?' };
        let reply = client
            .get(&format!("{path}{separator}page={number}"))
            .await?;
        // How to go on is not a judgement: the rules read the same fields again, and are noted.
        let more = reply.says_more();
        replies.push(reply);
        if !more {
            break;
        }
    }
    Ok(Pages { replies })
}

impl Pages {
    /// The replies.
    pub fn replies(&self) -> &[HttpReply] {
        &self.replies
    }

    /// The number of rows that the first page says there are, if it says so.
    ///
    /// # Errors
    /// A finding if the page is not JSON.
    pub fn total(&self) -> Result<Option<i64>> {
        match self.replies.first() {
            Some(first) => Ok(first.json()?.get("total").as_i64()),
            None => Ok(None),
        }
    }

    /// All rows of all pages.
    ///
    /// # Errors
    /// A finding if a page is not a 200 with a list in `data`; unavailable if there are fewer than
    /// `least` rows.
    pub fn rows(&self, least: usize) -> Result<Vec<Json>> {
        let mut rows = Vec::new();
        for (index, reply) in self.replies.iter().enumerate() {
            let number = index + 1;
            if reply.status() != 200 {
                return Err(Error::finding(format!(
                    "page {number} answers with {}",
                    reply.status()
                )));
            }
            let body = reply.json()?;
            let items = body.get("data").items();
            rows.extend(items.map_err(|error| error.context(format!("page {number}")))?);
        }
        if rows.len() < least.max(1) {
            return Err(Error::unavailable(format!(
                "{} rows are too few to judge by, {least} are needed (`data.min_rows`)",
                rows.len()
            )));
        }
        Ok(rows)
    }
}

/// The first row that breaks a rule, with its number.
pub fn every(rows: &[Json], rule: impl Fn(&Json) -> Verdict) -> Verdict {
    crate::worst(rows.iter().enumerate().map(|(index, row)| {
        crate::about(&format!("row {} of {}", index + 1, rows.len()), rule(row))
    }))
}

/// A text field that holds something: not absent, blank, or a word for nothing.
pub fn filled(row: &Json, name: &str) -> Verdict {
    let field = row.get(name);
    let Some(text) = field.as_str() else {
        return Verdict::Fail(format!("{name} is {}", shown(&field)));
    };
    let text = text.trim();
    if text.is_empty() {
        return Verdict::Fail(format!("{name} is blank"));
    }
    if PLACEHOLDERS
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word))
    {
        return Verdict::Fail(format!("{name} is the placeholder {}", shown(&field)));
    }
    Verdict::Pass
}

/// A filled text field whose value is one of `known`.
pub fn one_of(row: &Json, name: &str, known: &[String]) -> Verdict {
    let verdict = filled(row, name);
    if verdict != Verdict::Pass {
        return verdict;
    }
    let field = row.get(name);
    match field.as_str() {
        Some(text) if known.iter().any(|value| value == text) => Verdict::Pass,
        _ => Verdict::Fail(format!(
            "{name} {} is not among the {} known",
            shown(&field),
            known.len()
        )),
    }
}

/// A time stamp that can be true: parses, after the first block, not ahead of now by more than five
/// minutes. Without a zone it is taken as UTC, with a warning.
pub fn plausible_time(row: &Json, name: &str, now: SystemTime) -> Verdict {
    let field = row.get(name);
    let Some(text) = field.as_str() else {
        return Verdict::Fail(format!("{name} is {}", shown(&field)));
    };
    let Some(stated) = moment(text) else {
        return Verdict::Fail(format!("{name} {} is not a time", shown(&field)));
    };
    if FIRST_BLOCK
        .parse::<Timestamp>()
        .is_ok_and(|first| stated < first)
    {
        return Verdict::Fail(format!(
            "{name} {} is before the first block",
            shown(&field)
        ));
    }
    let limit = now.checked_add(AHEAD).unwrap_or(now);
    if SystemTime::from(stated) > limit {
        return Verdict::Fail(format!("{name} {} is in the future", shown(&field)));
    }
    if text.trim().parse::<Timestamp>().is_err() {
        return Verdict::Warn(format!("{name} {} has no zone", shown(&field)));
    }
    Verdict::Pass
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(body: &str) -> HttpReply {
        HttpReply::new(200, Vec::new(), String::new()).with_body(body.as_bytes(), false)
    }

    fn row_verdict(row: &str, rule: impl Fn(&Json) -> Verdict) -> Verdict {
        let pages = Pages {
            replies: vec![page(&format!(r#"{{"data":[{row}]}}"#))],
        };
        every(&pages.rows(1).unwrap(), rule)
    }

    #[test]
    fn a_field_is_filled() {
        let judge = |row| row_verdict(row, |row| filled(row, "id"));
        assert_eq!(judge(r#"{"id":"0xab"}"#), Verdict::Pass);
        for bad in [
            r"{}",
            r#"{"id":null}"#,
            r#"{"id":" "}"#,
            r#"{"id":"Unknown"}"#,
            r#"{"id":7}"#,
            "7",
        ] {
            assert_ne!(judge(bad), Verdict::Pass, "{bad}");
        }
    }

    #[test]
    fn a_value_is_among_the_known() {
        let known = ["a".to_owned()];
        let judge = |row| row_verdict(row, |row| one_of(row, "c", &known));
        assert_eq!(judge(r#"{"c":"a"}"#), Verdict::Pass);
        assert_ne!(judge(r#"{"c":"b"}"#), Verdict::Pass);
    }

    #[test]
    fn a_time_is_plausible() {
        let now = SystemTime::from("2026-03-01T12:00:00Z".parse::<Timestamp>().unwrap());
        let judge = |stamp: &str| {
            let row = format!(r#"{{"t":"{stamp}"}}"#);
            row_verdict(&row, |row| plausible_time(row, "t", now))
        };
        assert_eq!(judge("2026-03-01T12:04:59Z"), Verdict::Pass);
        assert_eq!(judge("2009-01-04T00:00:00+01:00"), Verdict::Pass);
        assert!(matches!(judge("2026-03-01T12:00:00"), Verdict::Warn(_)));
        for bad in [
            "2026-03-01T12:05:01Z",
            "1970-01-01T00:00:00Z",
            "yesterday",
            "",
        ] {
            assert!(matches!(judge(bad), Verdict::Fail(_)), "{bad}");
        }
    }

    #[test]
    fn too_few_rows_decide_nothing() {
        let pages = Pages {
            replies: vec![page(r#"{"data":[]}"#)],
        };
        let error = pages.rows(20).unwrap_err();
        assert_eq!(error.class(), readiness::error::Class::Unavailable);
    }

    #[test]
    fn a_page_without_a_list_is_a_finding() {
        for body in ["{}", "[]", r#"{"data":{}}"#, "<p>"] {
            let pages = Pages {
                replies: vec![page(body)],
            };
            assert_eq!(
                pages.rows(1).unwrap_err().class(),
                readiness::error::Class::Finding,
                "{body}"
            );
        }
    }
}
