//! Selecting rows: who may see them, and which match a filter.
//!
//! A filter has up to four parts. Each is judged on its own and all must hold; the faults of the
//! FILT rows alter how one part is judged, or how the parts are put together.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::{Exploit, Ranked};
use crate::faults::{Fault, FaultSet};

/// The row that wrongly matches under some faults: seen by every tier on its first page.
const STRAY: usize = 60;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// What a caller asks for.
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
    /// Whether anything is asked for.
    pub fn is_empty(&self) -> bool {
        *self == Filter::default()
    }

    /// Whether a row matches.
    pub fn matches(&self, row: Ranked<'_>, faults: &FaultSet) -> bool {
        let mut parts: Vec<bool> = [
            self.chain
                .as_deref()
                .map(|chain| chain_matches(chain, row, faults)),
            self.protocol
                .as_deref()
                .map(|part| protocol_matches(part, row.1, faults)),
            self.dates_match(row.1, faults),
            self.min_amount
                .map(|least| amount_matches(least, row, faults)),
        ]
        .into_iter()
        .flatten()
        .collect();
        if parts.len() > 1 {
            if self.min_amount.is_some() && faults.on(Fault::Filt005MinAmountDropped) {
                parts.pop();
            }
            if faults.on(Fault::Filt005OrInsteadOfAnd) {
                return parts.contains(&true);
            }
            if faults.on(Fault::Filt005LastWins) {
                return parts.last() == Some(&true);
            }
        }
        !parts.contains(&false)
    }

    fn dates_match(&self, row: &Exploit, faults: &FaultSet) -> Option<bool> {
        if self.start.is_none() && self.end.is_none() {
            return None;
        }
        if faults.on(Fault::Filt004Ignored) {
            return Some(true);
        }
        let shift = [
            (Fault::Filt004OffByOneDay, 24 * HOUR),
            (Fault::Filt004TimezoneShift, 5 * HOUR),
        ];
        let shift = faults.first(&shift).unwrap_or_default();
        let shifted = |moment: Timestamp| moment.checked_add(shift).unwrap_or(Timestamp::MAX);
        let before_end = |end: Timestamp| {
            row.timestamp < end || row.timestamp == end && !faults.on(Fault::Filt004ExclusiveEnd)
        };
        Some(
            self.start
                .map(shifted)
                .is_none_or(|start| row.timestamp >= start)
                && self.end.map(shifted).is_none_or(before_end),
        )
    }
}

fn chain_matches(chain: &str, (rank, row): Ranked<'_>, faults: &FaultSet) -> bool {
    let altered = [
        (Fault::Filt001Ignored, true),
        (Fault::Filt001AlwaysEmpty, false),
    ];
    faults.first(&altered).unwrap_or_else(|| {
        let same = if faults.on(Fault::Filt001CaseSensitive) {
            row.chain == chain
        } else {
            row.chain.eq_ignore_ascii_case(chain)
        };
        same || faults.on(Fault::Filt001IncludesForeign) && rank == STRAY
    })
}

fn amount_matches(least: f64, (rank, row): Ranked<'_>, faults: &FaultSet) -> bool {
    let altered = [
        (Fault::Filt002Ignored, true),
        (Fault::Filt002AlwaysEmpty, false),
    ];
    faults.first(&altered).unwrap_or_else(|| {
        let enough = if faults.on(Fault::Filt002ExclusiveBound) {
            row.amount_usd > least
        } else {
            row.amount_usd >= least
        };
        enough || lacks_amount(rank, faults)
    })
}

/// Whether a row is shown without its amount, which only a faulty service does.
pub(crate) fn lacks_amount(rank: usize, faults: &FaultSet) -> bool {
    rank == STRAY && faults.on(Fault::Filt002NullAmountIncluded)
}

fn protocol_matches(part: &str, row: &Exploit, faults: &FaultSet) -> bool {
    let altered = [
        (Fault::Filt003Ignored, true),
        (Fault::Filt003AlwaysEmpty, false),
    ];
    faults.first(&altered).unwrap_or_else(|| {
        let name = row.protocol.to_lowercase();
        let wanted = part.to_lowercase();
        match () {
            () if faults.on(Fault::Filt003ExactOnly) => name == wanted,
            () if faults.on(Fault::Filt003CaseSensitive) => row.protocol.contains(part),
            () => name.contains(&wanted),
        }
    })
}

/// The rows that are at least `delay` old, with their places.
pub(crate) fn visible(
    rows: &[Exploit],
    now: Timestamp,
    delay: Duration,
) -> impl Iterator<Item = Ranked<'_>> {
    let newest = now.checked_sub(delay).unwrap_or(Timestamp::MIN);
    rows.iter()
        .enumerate()
        .filter(move |(_, row)| row.timestamp <= newest)
}

/// How many of the rows each chain has, by name.
pub(crate) fn chains<'a>(rows: impl Iterator<Item = Ranked<'a>>) -> BTreeMap<&'a str, usize> {
    let mut counts = BTreeMap::new();
    for (_, row) in rows {
        *counts.entry(row.chain.as_str()).or_default() += 1;
    }
    counts
}
