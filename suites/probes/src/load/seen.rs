//! What a load test saw: what a check may ask of it, and note as a fact. How it is altered stands next door.

mod mutants;

use std::fmt::Write as _;
use std::time::Duration;

use readiness::observation::Reads;
use readiness::{Context, Result};
use serde::{Deserialize, Serialize};

use super::record::Class;

/// How many requests came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Status 200 with the right content.
    pub success: u64,
    /// Status 2xx with other content: no success, and no error either.
    pub wrong: u64,
    /// Status 3xx or 4xx, but 429.
    pub rejected: u64,
    /// Status 429.
    pub limited: u64,
    /// Status 5xx.
    pub server_error: u64,
    /// No whole answer in time.
    pub timeout: u64,
    /// No connection, or a broken one.
    pub transport: u64,
    /// Planned, but not sent: the user was still waiting when it had to leave.
    pub omitted: u64,
    /// Answers that arrived during the stage, whenever they were asked for.
    pub arrived: u64,
}

impl Counts {
    pub(super) fn add(&mut self, class: Class) {
        *match class {
            Class::Success => &mut self.success,
            Class::Wrong => &mut self.wrong,
            Class::Rejected => &mut self.rejected,
            Class::Limited => &mut self.limited,
            Class::ServerError => &mut self.server_error,
            Class::Timeout => &mut self.timeout,
            Class::Transport => &mut self.transport,
        } += 1;
    }

    pub(super) fn join(&mut self, other: &Counts) {
        self.success += other.success;
        self.wrong += other.wrong;
        self.rejected += other.rejected;
        self.limited += other.limited;
        self.server_error += other.server_error;
        self.timeout += other.timeout;
        self.transport += other.transport;
        self.omitted += other.omitted;
        self.arrived += other.arrived;
    }

    /// Requests that were sent.
    pub fn requests(&self) -> u64 {
        self.success + self.wrong + self.rejected + self.limited + self.errors()
    }

    /// 5xx, timeouts and broken connections.
    pub fn errors(&self) -> u64 {
        self.server_error + self.timeout + self.transport
    }
}

/// Percentiles, in microseconds. Timeouts count with the time that was waited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// Samples.
    pub count: u64,
    /// Median.
    pub p50_us: u64,
    /// 95th percentile.
    pub p95_us: u64,
    /// Lower end of its 95 % interval, by order statistics; none with too few samples.
    pub p95_low_us: Option<u64>,
    /// Upper end; none with too few samples.
    pub p95_high_us: Option<u64>,
    /// 99th percentile.
    pub p99_us: u64,
    /// The greatest.
    pub max_us: u64,
}

/// One stage of the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct StageSeen {
    pub users: usize,
    pub measured: bool,
    pub asked_ms: u64,
    pub held_ms: u64,
    /// The part of its time in which all of its users were there.
    pub all_there: f64,
    /// Median service time of its requests; none without any.
    pub median_us: Option<u64>,
    pub counts: Counts,
}

/// One endpoint in all measured stages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct EndpointSeen {
    pub name: String,
    pub counts: Counts,
    pub service: Stats,
    pub response: Stats,
    pub states: Vec<String>,
}

/// How the generator itself fared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Generator {
    /// How late requests were sent although nothing stood in their way.
    pub lag_p99_us: u64,
    /// The part of all cores that its process used; none where the system does not tell.
    pub cpu: Option<f64>,
    pub sockets_exhausted: bool,
    pub connect: Stats,
}

/// What a load test saw.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LoadRun {
    pub(super) stages: Vec<StageSeen>,
    pub(super) endpoints: Vec<EndpointSeen>,
    /// Of all endpoints in measured stages.
    pub(super) service: Stats,
    pub(super) response: Stats,
    pub(super) think_ms: u64,
    pub(super) generator: Generator,
    /// Another tool made it, which decided by itself how long users stay.
    #[serde(default)]
    pub(super) imported: bool,
    #[serde(skip)]
    pub(super) reads: Reads,
}

/// What facets are called: what stands behind it is an endpoint, a limit, or a number of users.
const HOLDS: &str = "length of the holds";
const ERRORS: &str = "errors";
const SUCCESSES: &str = "successes";
const HOLD: &str = "hold of ";
const STATES: &str = "states of ";
const SERVICE: &str = "p95 of ";
const RESPONSE: &str = "p95 response of ";
/// The facet of all endpoints together, where a name stands otherwise.
const ALL: &str = "all endpoints";

impl LoadRun {
    /// Records what `look` does under `load/<name>`.
    ///
    /// # Errors
    /// Those of `look`.
    pub async fn observe<F, Fut>(cx: &Context, name: &str, look: F) -> Result<LoadRun>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<LoadRun>>,
    {
        cx.observe(format!("load/{name}"), look).await
    }

    /// Service times of an endpoint, or of all, to be held against a limit.
    pub(super) fn service(&self, endpoint: Option<&str>, limit_us: u64) -> Option<Stats> {
        self.note_limit(SERVICE, endpoint, limit_us);
        match endpoint {
            None => Some(self.service),
            Some(name) => Some(self.endpoint(name)?.service),
        }
    }

    /// Response times, likewise.
    pub(super) fn response(&self, endpoint: Option<&str>, limit_us: u64) -> Option<Stats> {
        self.note_limit(RESPONSE, endpoint, limit_us);
        match endpoint {
            None => Some(self.response),
            Some(name) => Some(self.endpoint(name)?.response),
        }
    }

    fn note_limit(&self, kind: &str, endpoint: Option<&str>, limit_us: u64) {
        let name = endpoint.unwrap_or(ALL);
        self.reads
            .note(format!("{kind}{name} against {limit_us} us"));
    }

    /// The values of its state header that were seen, in order.
    pub(super) fn states(&self, endpoint: &str) -> &[String] {
        self.reads.note(format!("{STATES}{endpoint}"));
        self.endpoint(endpoint).map_or(&[], |seen| &seen.states)
    }

    /// Counts of the measured stages, for the errors in them; of all stages if `short`.
    pub(super) fn for_errors(&self, short: bool) -> Counts {
        self.reads.note(ERRORS);
        if short {
            self.all_counts()
        } else {
            self.counts()
        }
    }

    /// Counts of the measured stages, for the successes in them; of all stages if `short`.
    pub(super) fn for_successes(&self, short: bool) -> Counts {
        self.reads.note(SUCCESSES);
        if short {
            self.all_counts()
        } else {
            self.counts()
        }
    }

    /// Of the whole test, ramps and all: for a look that is short anyway.
    fn all_counts(&self) -> Counts {
        let mut counts = Counts::default();
        for stage in &self.stages {
            counts.join(&stage.counts);
        }
        counts
    }

    /// The median service time, in microseconds, of the warm-up: of the last stage before the first
    /// that is measured.
    pub(super) fn usual_us(&self) -> Option<u64> {
        let first = self.stages.iter().position(|stage| stage.measured)?;
        let before = self.stages[..first].iter().rev();
        before
            .filter(|stage| stage.held_ms > 0)
            .find_map(|stage| stage.median_us)
    }

    /// Without noting a read: for what only decides whether anything can be said.
    pub(super) fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for stage in self.stages.iter().filter(|stage| stage.measured) {
            counts.join(&stage.counts);
        }
        counts
    }

    /// The measured stage with this many users.
    pub(super) fn hold(&self, users: usize) -> Option<&StageSeen> {
        self.reads.note(format!("{HOLD}{users}"));
        self.stages
            .iter()
            .find(|stage| stage.measured && stage.users == users)
    }

    /// The measured stages that are shorter than they were asked to be: held and asked.
    pub(super) fn shortened(&self) -> Vec<(Duration, Duration)> {
        self.reads.note(HOLDS);
        self.stages
            .iter()
            .filter(|stage| stage.measured && stage.held_ms < stage.asked_ms)
            .map(|stage| {
                (
                    Duration::from_millis(stage.held_ms),
                    Duration::from_millis(stage.asked_ms),
                )
            })
            .collect()
    }

    fn endpoint(&self, name: &str) -> Option<&EndpointSeen> {
        self.endpoints.iter().find(|seen| seen.name == name)
    }

    /// What it came to, in lines for people.
    pub fn table(&self) -> String {
        let mut table = String::from("endpoint  requests  errors  p50 ms  p95 ms  p99 ms\n");
        let ms = |us: u64| us / 1_000;
        for seen in &self.endpoints {
            // Writing to a string cannot fail.
            let _ = writeln!(
                table,
                "{}  {}  {}  {}  {}  {}",
                seen.name,
                seen.counts.requests(),
                seen.counts.errors(),
                ms(seen.service.p50_us),
                ms(seen.service.p95_us),
                ms(seen.service.p99_us)
            );
        }
        table
    }

    /// All answers, of measured stages.
    pub fn answered(&self) -> u64 {
        let counts = self.counts();
        counts.requests() - counts.timeout - counts.transport
    }
}
