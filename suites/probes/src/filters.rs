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

/// A row of the Kamiyo list. Fields are read, and noted, when they are asked for.
#[derive(Debug, Clone)]
pub struct Row(Json);

impl Row {
    /// A row as it stands in a page.
    pub fn of(row: Json) -> Row {
        Row(row)
    }

    /// What tells it from all others.
    ///
    /// # Errors
    /// A finding if it has no `tx_hash`.
    pub fn id(&self) -> Result<String> {
        self.0.get("tx_hash").str().map(str::to_owned)
    }

    /// Its chain; empty where it has none.
    pub fn chain(&self) -> String {
        self.text("chain")
    }

    /// Its protocol; empty where it has none.
    pub fn protocol(&self) -> String {
        self.text("protocol")
    }

    /// Its amount, where it has one.
    pub fn amount(&self) -> Option<f64> {
        self.0.get("amount_usd").as_f64()
    }

    /// When it happened, where that can be read.
    pub fn at(&self) -> Option<Timestamp> {
        self.0.get("timestamp").as_str().and_then(moment)
    }

    fn text(&self, name: &str) -> String {
        self.0.get(name).as_str().unwrap_or("").to_owned()
    }

    /// For reasons: what is shown decides nothing and is not noted.
    fn describe(&self) -> String {
        let field = |name: &str| shown(&self.0.get(name));
        format!(
            "{} (chain {}, protocol {}, amount {}, time {})",
            field("tx_hash"),
            field("chain"),
            field("protocol"),
            field("amount_usd"),
            field("timestamp")
        )
    }
}

/// What one filtered request gave: its first page, and how many rows it says there are.
#[derive(Debug, Clone)]
pub struct Filtered {
    rows: Vec<Row>,
    total: Json,
}

impl Filtered {
    /// Reads the reply to a filtered request.
    ///
    /// # Errors
    /// A finding if it is not a 200 with a list of rows.
    pub fn read(reply: &HttpReply) -> Result<Filtered> {
        if reply.status() != 200 {
            return Err(Error::finding(format!(
                "it is answered with {}",
                reply.status()
            )));
        }
        let body = reply.json()?;
        Ok(Filtered {
            rows: body.get("data").items()?.into_iter().map(Row::of).collect(),
            total: body.get("total"),
        })
    }

    /// The rows.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// How many there are on all pages.
    ///
    /// # Errors
    /// A finding if the reply does not say so.
    pub fn total(&self) -> Result<u64> {
        Ok(u64::try_from(self.total.i64()?).unwrap_or(0))
    }

    /// What tells the rows apart.
    ///
    /// # Errors
    /// A finding if a row has no `tx_hash`.
    pub fn ids(&self) -> Result<BTreeSet<String>> {
        self.rows.iter().map(Row::id).collect()
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
            row.describe()
        )));
    }
    let ids = filtered.ids()?;
    for row in &inside {
        if !ids.contains(&row.id()?) {
            return Ok(Verdict::Fail(format!(
                "{} matches and is not found",
                row.describe()
            )));
        }
    }
    let total = filtered.total()?;
    if total >= unfiltered || total < inside.len() as u64 {
        return Ok(Verdict::Fail(format!(
            "total is {total}: {unfiltered} rows without the filter, {} of the sample match",
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

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, chain: &str) -> Row {
        Row::of(Json::new(
            serde_json::json!({ "tx_hash": id, "chain": chain }),
        ))
    }

    fn judge(found: Vec<Row>, total: u64) -> bool {
        let sample = [row("1", "a"), row("2", "b"), row("3", "a")];
        let filtered = Filtered {
            rows: found,
            total: Json::new(total.into()),
        };
        matches!(
            holds(&filtered, &sample, 9, |row| row.chain() == "a"),
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
            total: Json::new(1.into()),
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
