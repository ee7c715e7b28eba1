//! Selecting rows: who may see them, which match, and which page of those.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::Exploit;

/// What a caller asks for. All parts must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Filter {
    /// The chain, in any case.
    pub chain: Option<String>,
    /// The smallest loss, inclusive.
    pub min_amount: Option<f64>,
    /// A part of the protocol's name, in any case.
    pub protocol: Option<String>,
    /// The first moment, inclusive.
    pub start: Option<Timestamp>,
    /// The last moment, inclusive.
    pub end: Option<Timestamp>,
}

impl Filter {
    /// Whether a row matches.
    pub fn matches(&self, row: &Exploit) -> bool {
        self.chain_matches(row)
            && self.amount_matches(row)
            && self.protocol_matches(row)
            && self.dates_match(row)
    }

    pub fn chain_matches(&self, row: &Exploit) -> bool {
        let wanted = self.chain.as_deref();
        wanted.is_none_or(|chain| row.chain.eq_ignore_ascii_case(chain))
    }

    pub fn amount_matches(&self, row: &Exploit) -> bool {
        self.min_amount.is_none_or(|least| row.amount_usd >= least)
    }

    pub fn protocol_matches(&self, row: &Exploit) -> bool {
        let wanted = self.protocol.as_deref();
        wanted.is_none_or(|part| row.protocol.to_lowercase().contains(&part.to_lowercase()))
    }

    pub fn dates_match(&self, row: &Exploit) -> bool {
        self.start.is_none_or(|start| row.timestamp >= start)
            && self.end.is_none_or(|end| row.timestamp <= end)
    }
}

/// A page of the rows that match.
#[derive(Debug, PartialEq)]
pub(crate) struct Page<'a> {
    pub rows: Vec<&'a Exploit>,
    pub total: usize,
    pub has_more: bool,
}

/// The rows that are at least `delay` old.
pub(crate) fn visible(
    rows: &[Exploit],
    now: Timestamp,
    delay: Duration,
) -> impl Iterator<Item = &Exploit> {
    let newest = now.checked_sub(delay).unwrap_or(Timestamp::MIN);
    rows.iter().filter(move |row| row.timestamp <= newest)
}

/// One page, counted from 1, of rows in their order.
pub(crate) fn page(rows: Vec<&Exploit>, number: usize, size: usize) -> Page<'_> {
    let total = rows.len();
    let skip = number.saturating_sub(1).saturating_mul(size);
    Page {
        rows: rows.into_iter().skip(skip).take(size).collect(),
        total,
        has_more: skip.saturating_add(size) < total,
    }
}

/// How many of the rows each chain has, by name.
pub(crate) fn chains<'a>(rows: impl Iterator<Item = &'a Exploit>) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for row in rows {
        *counts.entry(row.chain).or_default() += 1;
    }
    counts
}
