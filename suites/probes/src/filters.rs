//! Filters as properties: whatever a filter leaves obeys it, whatever obeys it is left, and the rest
//! is gone.
//!
//! A filter is judged against a *sample*: the newest rows without any filter, which must hold rows
//! that match and rows that do not, so that a filter for everything and one for nothing are found.

use std::collections::BTreeSet;

use jiff::Timestamp;
use readiness::{Error, Result, Verdict};

use crate::health::moment;
use crate::http::{HttpReply, Json, shown};

/// A row of the list, as far as filters are concerned.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What tells it from all others.
    pub id: String,
    /// Its chain.
    pub chain: String,
    /// Its protocol.
    pub protocol: String,
    /// Its amount, where it has one.
    pub amount: Option<f64>,
    /// When it happened.
    pub at: Option<Timestamp>,
}

impl Row {
    /// Reads a row of the Kamiyo list.
    ///
    /// # Errors
    /// A finding if it has no `tx_hash`.
    pub fn read(row: &Json) -> Result<Row> {
        let text = |name: &str| row.get(name).as_str().unwrap_or("").to_owned();
        Ok(Row {
            id: row.get("tx_hash").str()?.to_owned(),
            chain: text("chain"),
            protocol: text("protocol"),
            amount: row.get("amount_usd").as_f64(),
            at: row.get("timestamp").as_str().and_then(moment),
        })
    }
}

/// What one filtered request gave: its first page, and how many rows it says there are.
#[derive(Debug, Clone)]
pub struct Filtered {
    rows: Vec<Row>,
    total: u64,
}

impl Filtered {
    /// Reads the reply to a filtered request.
    ///
    /// # Errors
    /// A finding if it is not a 200 with a list of rows and a total.
    pub fn read(reply: &HttpReply) -> Result<Filtered> {
        if reply.status() != 200 {
            return Err(Error::finding(format!(
                "it is answered with {}",
                reply.status()
            )));
        }
        let body = reply.json()?;
        let rows = body
            .get("data")
            .items()?
            .iter()
            .map(Row::read)
            .collect::<Result<_>>()?;
        let total = body.get("total").i64()?;
        Ok(Filtered {
            rows,
            total: u64::try_from(total).unwrap_or(0),
        })
    }

    /// The rows.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// How many there are on all pages.
    pub fn total(&self) -> u64 {
        self.total
    }

    fn ids(&self) -> BTreeSet<&str> {
        self.rows.iter().map(|row| row.id.as_str()).collect()
    }
}

/// Judges a filtered reply against the sample: something is left, all of it matches, every row of
/// the sample that matches is there, and it is fewer than without the filter.
///
/// # Errors
/// Unavailable if the sample does not hold both rows that match and rows that do not.
pub fn holds(
    filtered: &Filtered,
    sample: &[Row],
    unfiltered: u64,
    matches: impl Fn(&Row) -> bool,
) -> Result<Verdict> {
    let (inside, outside): (Vec<_>, Vec<_>) = sample.iter().partition(|row| matches(row));
    if inside.is_empty() || outside.is_empty() {
        return Err(Error::unavailable(
            "the sample does not hold both rows that match and rows that do not",
        ));
    }
    if filtered.rows.is_empty() {
        return Ok(Verdict::Fail(format!(
            "nothing is found, though the sample holds {} rows that match",
            inside.len()
        )));
    }
    if let Some(row) = filtered.rows.iter().find(|row| !matches(row)) {
        return Ok(Verdict::Fail(format!(
            "{} is found and does not match",
            describe(row)
        )));
    }
    let ids = filtered.ids();
    if let Some(row) = inside.iter().find(|row| !ids.contains(row.id.as_str())) {
        return Ok(Verdict::Fail(format!(
            "{} matches and is not found",
            describe(row)
        )));
    }
    if filtered.total >= unfiltered || filtered.total < inside.len() as u64 {
        return Ok(Verdict::Fail(format!(
            "total is {}: {unfiltered} rows without the filter, {} of the sample match",
            filtered.total,
            inside.len()
        )));
    }
    Ok(Verdict::Pass)
}

/// A filter that nothing can match finds nothing, or is refused as invalid.
pub fn finds_nothing(reply: &HttpReply) -> Verdict {
    match reply.status() {
        400..=499 => Verdict::Pass,
        200 => match Filtered::read(reply) {
            Ok(filtered) if filtered.rows.is_empty() => Verdict::Pass,
            Ok(filtered) => Verdict::Fail(format!(
                "{} rows are found where none can match",
                filtered.rows.len()
            )),
            Err(error) => Verdict::Fail(error.to_string()),
        },
        status => Verdict::Fail(format!("it is answered with {status}")),
    }
}

/// An invalid filter is refused.
pub fn refused(reply: &HttpReply) -> Verdict {
    match reply.status() {
        400..=499 => Verdict::Pass,
        status => Verdict::Fail(format!(
            "an invalid value is answered with {status} instead of 4xx"
        )),
    }
}

/// `total` of a reply agrees with a figure from elsewhere.
///
/// # Errors
/// A finding if the reply is not JSON with a total.
pub fn total_is(reply: &HttpReply, expected: i64) -> Result<Verdict> {
    let total = reply.json()?.get("total");
    if total.i64()? == expected {
        return Ok(Verdict::Pass);
    }
    Ok(Verdict::Fail(format!(
        "total is {}, expected {expected}",
        shown(&total)
    )))
}

fn describe(row: &Row) -> String {
    let amount = row
        .amount
        .map_or("no amount".to_owned(), |amount| format!("{amount} USD"));
    let at = row.at.map_or("no time".to_owned(), |at| at.to_string());
    let shown = |text: &str| crate::headers::quoted(text);
    format!(
        "{} ({}, {}, {amount}, {at})",
        shown(&row.id),
        shown(&row.chain),
        shown(&row.protocol)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, chain: &str) -> Row {
        Row {
            id: id.to_owned(),
            chain: chain.to_owned(),
            protocol: "P".to_owned(),
            amount: Some(1.0),
            at: None,
        }
    }

    fn judge(found: Vec<Row>, total: u64) -> bool {
        let sample = [row("1", "a"), row("2", "b"), row("3", "a")];
        let filtered = Filtered { rows: found, total };
        matches!(
            holds(&filtered, &sample, 9, |row| row.chain == "a"),
            Ok(Verdict::Pass)
        )
    }

    #[test]
    fn a_filter_keeps_all_that_match_and_nothing_else() {
        let (one, two, three) = (row("1", "a"), row("2", "b"), row("3", "a"));
        assert!(judge(vec![one.clone(), three.clone()], 2));
        assert!(
            !judge(vec![one.clone(), two, three.clone()], 3),
            "includes foreign"
        );
        assert!(!judge(vec![one.clone()], 1), "one is missing");
        assert!(!judge(Vec::new(), 0), "always empty");
        assert!(!judge(vec![one, three], 9), "total of everything");
    }

    #[test]
    fn a_one_sided_sample_decides_nothing() {
        let filtered = Filtered {
            rows: vec![row("1", "a")],
            total: 1,
        };
        let error = holds(&filtered, &[row("1", "a")], 9, |_| true).unwrap_err();
        assert_eq!(error.class(), readiness::error::Class::Unavailable);
    }

    #[test]
    fn nothing_is_found_where_nothing_can_be() {
        let reply = |status, body: &str| {
            HttpReply::new(status, Vec::new(), String::new()).with_body(body.as_bytes(), false)
        };
        assert_eq!(finds_nothing(&reply(400, "")), Verdict::Pass);
        assert_eq!(
            finds_nothing(&reply(200, r#"{"data":[],"total":0}"#)),
            Verdict::Pass
        );
        assert_ne!(finds_nothing(&reply(500, "")), Verdict::Pass);
        assert_ne!(
            finds_nothing(&reply(200, r#"{"data":[{"tx_hash":"1"}],"total":1}"#)),
            Verdict::Pass
        );
        assert_ne!(refused(&reply(200, "")), Verdict::Pass);
    }
}
