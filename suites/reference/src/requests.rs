//! Counts of requests by caller, so that a test can assert what a run spent.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

/// What became of a request at the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Taken out of the caller's budget.
    Charged,
    /// Over the limit.
    Refused,
    /// Not counted by the limiter: health probes and the like.
    Exempt,
    /// Refused for its credential.
    Unauthorized,
}

/// The requests of one caller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All requests.
    pub received: u64,
    /// Those that were taken out of the caller's budget.
    pub charged: u64,
    /// Those that were over the limit.
    pub refused: u64,
    /// The most that were sent to limited paths within one minute of the service's clock,
    /// refused ones included.
    pub busiest_minute: u64,
}

#[derive(Debug, Default)]
struct Tally {
    counts: Counts,
    minute: i64,
    in_minute: u64,
}

/// The counters of a service.
#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    tallies: Mutex<BTreeMap<String, Tally>>,
}

impl RequestLog {
    pub fn count(&self, caller: &str, outcome: Outcome, now: Timestamp) {
        let mut tallies = self.tallies.lock().unwrap_or_else(PoisonError::into_inner);
        let tally = tallies.entry(caller.to_owned()).or_default();
        tally.counts.received += 1;
        match outcome {
            Outcome::Charged => tally.counts.charged += 1,
            Outcome::Refused => tally.counts.refused += 1,
            Outcome::Exempt | Outcome::Unauthorized => return,
        }
        let minute = now.as_second().div_euclid(60);
        tally.in_minute = if tally.minute == minute {
            tally.in_minute + 1
        } else {
            1
        };
        tally.minute = minute;
        tally.counts.busiest_minute = tally.counts.busiest_minute.max(tally.in_minute);
    }

    /// The counts by caller: `anonymous`, account names, `invalid` for rejected credentials.
    pub fn snapshot(&self) -> BTreeMap<String, Counts> {
        let tallies = self.tallies.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = |(name, tally): (&String, &Tally)| (name.clone(), tally.counts.clone());
        tallies.iter().map(counts).collect()
    }
}
