//! What is kept while a load test runs: counts by stage and endpoint, and histograms of fixed size.
//!
//! Users share a few recorders, so that neither memory nor locking grows with them.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;

use super::seen::{Counts, Stats};
use super::stats;

/// The longest time that is told apart, in microseconds: two minutes. Longer ones count as that.
const LONGEST: u64 = 120_000_000;

/// How many recorders users share.
const SHARDS: usize = 4;

/// States of one endpoint that are collected at most, and bytes of one.
const MOST_STATES: usize = 8;
const LONGEST_STATE: usize = 32;

/// What became of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Status 200 with the right content.
    Success,
    /// Status 2xx with other content.
    Wrong,
    /// 3xx, or 4xx but 429.
    Rejected,
    /// 429.
    Limited,
    /// 5xx.
    ServerError,
    /// Not answered in time.
    Timeout,
    /// The connection was refused or broke.
    Transport,
}

/// One request that was made.
#[derive(Debug)]
pub(super) struct Sample<'a> {
    /// That it was planned for.
    pub stage: usize,
    /// In which its answer arrived, if there was one, and before the end.
    pub arrived: Option<usize>,
    pub endpoint: usize,
    pub class: Class,
    /// From the send to the last byte.
    pub service: Duration,
    /// From the planned send.
    pub response: Duration,
    /// A state that a header told.
    pub state: Option<&'a str>,
}

#[derive(Debug)]
pub(super) struct Recorder {
    shards: Vec<Mutex<Shard>>,
    /// By stage: whether it is measured.
    measured: Vec<bool>,
}

#[derive(Debug)]
struct Shard {
    /// By endpoint and stage.
    counts: Vec<Vec<Counts>>,
    /// By endpoint, of measured stages.
    service: Vec<Histogram<u32>>,
    response: Vec<Histogram<u32>>,
    /// Service times by stage, all endpoints together.
    stages: Vec<Histogram<u32>>,
    lag: Histogram<u32>,
    connect: Histogram<u32>,
    states: Vec<BTreeSet<String>>,
    exhausted: bool,
}

fn histogram() -> Histogram<u32> {
    // The arguments are constants, and a test makes one.
    Histogram::new_with_bounds(1, LONGEST, 3).expect("bounds that the library takes")
}

impl Default for Shard {
    fn default() -> Self {
        Shard {
            counts: Vec::new(),
            service: Vec::new(),
            response: Vec::new(),
            stages: Vec::new(),
            lag: histogram(),
            connect: histogram(),
            states: Vec::new(),
            exhausted: false,
        }
    }
}

impl Recorder {
    pub fn new(endpoints: usize, measured: Vec<bool>) -> Recorder {
        let shard = || Shard {
            counts: vec![vec![Counts::default(); measured.len()]; endpoints],
            service: (0..endpoints).map(|_| histogram()).collect(),
            response: (0..endpoints).map(|_| histogram()).collect(),
            stages: measured.iter().map(|_| histogram()).collect(),
            states: vec![BTreeSet::new(); endpoints],
            ..Shard::default()
        };
        Recorder {
            shards: (0..SHARDS).map(|_| Mutex::new(shard())).collect(),
            measured,
        }
    }

    fn with<R>(&self, user: usize, work: impl FnOnce(&mut Shard) -> R) -> R {
        let shard = &self.shards[user % self.shards.len()];
        work(&mut shard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A request that was made, in the stage that it was planned for.
    pub fn sample(&self, user: usize, sample: &Sample<'_>) {
        let measured = self.measured[sample.stage];
        self.with(user, |shard| {
            shard.counts[sample.endpoint][sample.stage].add(sample.class);
            if let Some(stage) = sample.arrived {
                shard.counts[sample.endpoint][stage].arrived += 1;
            }
            if measured {
                record(&mut shard.service[sample.endpoint], sample.service);
                record(&mut shard.response[sample.endpoint], sample.response);
            }
            record(&mut shard.stages[sample.stage], sample.service);
            let states = &mut shard.states[sample.endpoint];
            if let Some(state) = sample.state
                && states.len() < MOST_STATES
                && state.len() <= LONGEST_STATE
                && !states.contains(state)
            {
                states.insert(state.to_owned());
            }
        });
    }

    /// A request that was planned and could not be sent before its user left: it waited for so long.
    pub fn omitted(&self, user: usize, stage: usize, endpoint: usize, waited: Duration) {
        let measured = self.measured[stage];
        self.with(user, |shard| {
            shard.counts[endpoint][stage].omitted += 1;
            if measured {
                record(&mut shard.response[endpoint], waited);
            }
        });
    }

    /// How late a request was sent although nothing stood in its way.
    pub fn lag(&self, user: usize, lag: Duration) {
        self.with(user, |shard| record(&mut shard.lag, lag));
    }

    /// How long a connection took to be made.
    pub fn connected(&self, user: usize, took: Duration) {
        self.with(user, |shard| record(&mut shard.connect, took));
    }

    /// No socket was left for another connection.
    pub fn exhausted(&self, user: usize) {
        self.with(user, |shard| shard.exhausted = true);
    }

    /// Requests and errors so far.
    pub fn so_far(&self) -> (u64, u64) {
        let mut all = Counts::default();
        for user in 0..self.shards.len() {
            self.with(user, |shard| {
                for counts in shard.counts.iter().flatten() {
                    all.join(counts);
                }
            });
        }
        (all.requests(), all.errors())
    }

    /// Everything, of all users.
    pub fn sum(&self) -> Sum {
        let mut sum = Shard::default();
        for user in 0..self.shards.len() {
            self.with(user, |shard| sum.join(shard));
        }
        Sum(sum)
    }
}

fn record(histogram: &mut Histogram<u32>, time: Duration) {
    let micros = u64::try_from(time.as_micros()).unwrap_or(LONGEST);
    histogram.saturating_record(micros.clamp(1, LONGEST));
}

impl Shard {
    fn join(&mut self, other: &mut Shard) {
        let endpoints = other.counts.len();
        if self.counts.is_empty() {
            let stages = other.counts.first().map_or(0, Vec::len);
            self.counts = vec![vec![Counts::default(); stages]; endpoints];
            self.service = (0..endpoints).map(|_| histogram()).collect();
            self.response = (0..endpoints).map(|_| histogram()).collect();
            self.stages = other.stages.iter().map(|_| histogram()).collect();
            self.states = vec![BTreeSet::new(); endpoints];
        }
        for at in 0..endpoints {
            for (own, counts) in self.counts[at].iter_mut().zip(&other.counts[at]) {
                own.join(counts);
            }
            add(&mut self.service[at], &other.service[at]);
            add(&mut self.response[at], &other.response[at]);
            self.states[at].extend(other.states[at].iter().cloned());
        }
        for (own, stage) in self.stages.iter_mut().zip(&other.stages) {
            add(own, stage);
        }
        add(&mut self.lag, &other.lag);
        add(&mut self.connect, &other.connect);
        self.exhausted |= other.exhausted;
    }
}

fn add(to: &mut Histogram<u32>, from: &Histogram<u32>) {
    // Both have the same bounds, so nothing can be out of them.
    let _ = to.add(from);
}

/// What all users saw together.
#[derive(Debug)]
pub(super) struct Sum(Shard);

impl Sum {
    /// Counts of an endpoint in a stage.
    pub fn counts(&self, endpoint: usize, stage: usize) -> Counts {
        self.0.counts[endpoint][stage]
    }

    pub fn states(&self, endpoint: usize) -> Vec<String> {
        self.0.states[endpoint].iter().cloned().collect()
    }

    /// Service and response times of an endpoint, or of all.
    pub fn times(&self, endpoint: Option<usize>) -> (Stats, Stats) {
        let of = |each: &[Histogram<u32>]| {
            let mut all = histogram();
            for one in endpoint.map_or(each, |at| &each[at..=at]) {
                add(&mut all, one);
            }
            summary(&all)
        };
        (of(&self.0.service), of(&self.0.response))
    }

    /// Median service time of a stage, in microseconds; none without requests.
    pub fn median(&self, stage: usize) -> Option<u64> {
        let times = &self.0.stages[stage];
        (!times.is_empty()).then(|| times.value_at_quantile(0.5))
    }

    pub fn lag(&self) -> Stats {
        summary(&self.0.lag)
    }

    pub fn connect(&self) -> Stats {
        summary(&self.0.connect)
    }

    pub fn exhausted(&self) -> bool {
        self.0.exhausted
    }
}

fn summary(histogram: &Histogram<u32>) -> Stats {
    let count = histogram.len();
    let at = |rank: u64| {
        let quantile = stats::float(rank) / stats::float(count.max(1));
        histogram.value_at_quantile(quantile)
    };
    let (low, high) = stats::quantile_interval(count, 0.95);
    Stats {
        count,
        p50_us: histogram.value_at_quantile(0.50),
        p95_us: histogram.value_at_quantile(0.95),
        p95_low_us: low.map(at),
        p95_high_us: high.map(at),
        p99_us: histogram.value_at_quantile(0.99),
        max_us: if count == 0 { 0 } else { histogram.max() },
    }
}
