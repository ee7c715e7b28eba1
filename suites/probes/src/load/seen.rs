//! What a load test saw: an observation with the operators that a sound judgement has to notice.
//!
//! | facet | operators |
//! |---|---|
//! | a percentile against a limit | just past the limit; too few samples |
//! | the response time against a limit | just past the limit |
//! | the length of the holds | a tenth of it |
//! | a hold's users | not all there; half the throughput; a tenth of the requests fail |
//! | the errors, the successes | 8 % server errors, timeouts or other content; too few requests |
//! | the states | one alone |
//! | everything (gross) | nothing was answered |

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use readiness::observation::{Altered, Facet, Mutant, Observation, Reads};
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

    /// The same number of requests, `percent` % of which come to something else than a success.
    fn spoilt(mut self, percent: u64, class: Class) -> Counts {
        let spoilt = (self.requests() * percent).div_ceil(100).min(self.success);
        self.success -= spoilt;
        for _ in 0..spoilt {
            self.add(class);
        }
        self
    }

    /// So many times fewer of everything.
    fn thinned(mut self, by: u64) -> Counts {
        for count in [
            &mut self.success,
            &mut self.wrong,
            &mut self.rejected,
            &mut self.limited,
            &mut self.server_error,
            &mut self.timeout,
            &mut self.transport,
            &mut self.omitted,
            &mut self.arrived,
        ] {
            *count /= by;
        }
        self
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

impl Stats {
    /// The 95th percentile and its interval moved to just above `limit`.
    fn past(self, limit: u64) -> Stats {
        let over = |times: u64| limit + limit / 50 * times + times;
        Stats {
            p95_low_us: Some(over(1)),
            p95_us: over(2),
            p95_high_us: Some(over(3)),
            p99_us: self.p99_us.max(over(4)),
            max_us: self.max_us.max(over(5)),
            ..self
        }
    }
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

/// Longer than anybody waits, in microseconds.
const FOREVER_US: u64 = 100_000_000;

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

impl Observation for LoadRun {
    const KIND: &'static str = "load";
    const MEASURED: bool = true;

    fn attach(&mut self, reads: Reads) {
        self.reads = reads;
    }

    fn mutants(&self, read: &BTreeSet<Facet>) -> Vec<Mutant<Self>> {
        let mut mutants = Vec::new();
        for facet in read {
            let name = facet.0.as_str();
            if let Some((endpoint, limit)) = limit_of(name, SERVICE) {
                self.service_mutants(facet, endpoint, limit, &mut mutants);
            } else if let Some((endpoint, limit)) = limit_of(name, RESPONSE) {
                let altered = self.with(endpoint, |_, response| *response = response.past(limit));
                let words = format!("the response time of {endpoint} is just above the limit");
                mutants.push(fine("response-past-limit", facet, words, altered));
            } else if let Some(users) = name.strip_prefix(HOLD) {
                self.hold_mutants(facet, users, &mut mutants);
            } else if let Some(endpoint) = name.strip_prefix(STATES) {
                self.state_mutants(facet, endpoint, &mut mutants);
            } else if name == HOLDS {
                let mut altered = self.clone();
                for stage in altered.stages.iter_mut().filter(|stage| stage.measured) {
                    stage.held_ms = stage.asked_ms / 10;
                }
                let words = "the holds are a tenth as long as planned".to_owned();
                mutants.push(fine("shortened", facet, words, altered));
            } else {
                self.count_mutants(facet, &mut mutants);
            }
        }
        mutants.extend(self.gross());
        mutants.retain(|mutant| match &mutant.altered {
            Altered::Value(altered) => !altered.same(self),
            _ => true,
        });
        mutants
    }
}

/// Endpoint and limit of a facet of this kind.
fn limit_of<'f>(facet: &'f str, kind: &str) -> Option<(&'f str, u64)> {
    let (name, limit) = facet.strip_prefix(kind)?.rsplit_once(" against ")?;
    Some((name, limit.strip_suffix(" us")?.parse().ok()?))
}

fn fine(operator: &'static str, facet: &Facet, words: String, altered: LoadRun) -> Mutant<LoadRun> {
    Mutant::fine(operator, facet.clone(), words, altered)
}

impl LoadRun {
    /// With the times of an endpoint, or of all together, altered.
    fn with(&self, endpoint: &str, change: impl Fn(&mut Stats, &mut Stats)) -> LoadRun {
        let mut altered = self.clone();
        if endpoint == ALL {
            change(&mut altered.service, &mut altered.response);
        }
        for seen in &mut altered.endpoints {
            if seen.name == endpoint {
                change(&mut seen.service, &mut seen.response);
            }
        }
        altered
    }

    fn service_mutants(
        &self,
        facet: &Facet,
        endpoint: &str,
        limit: u64,
        mutants: &mut Vec<Mutant<Self>>,
    ) {
        let past = self.with(endpoint, |service, _| *service = service.past(limit));
        let words = format!("the 95th percentile of {endpoint} is just above the limit");
        mutants.push(fine("percentile-past-limit", facet, words, past));
        let tenfold = self.with(endpoint, |service, _| *service = service.past(limit * 10));
        let words = format!("the 95th percentile of {endpoint} is ten times the limit");
        mutants.push(fine("percentile-tenfold", facet, words, tenfold));
        let few = self.with(endpoint, |service, _| service.count = service.count.min(30));
        let words = format!("there are 30 samples of {endpoint}");
        mutants.push(fine("samples-few", facet, words, few));
    }

    fn hold_mutants(&self, facet: &Facet, users: &str, mutants: &mut Vec<Mutant<Self>>) {
        let with = |change: fn(&mut StageSeen)| {
            let mut altered = self.clone();
            for stage in &mut altered.stages {
                if stage.measured && stage.users.to_string() == users {
                    change(stage);
                }
            }
            altered
        };
        for (operator, words, altered) in [
            (
                "users-missing",
                "a tenth of the time not all users are there",
                with(|stage| stage.all_there = stage.all_there.min(0.9)),
            ),
            (
                "throughput-halved",
                "half as many answers arrive",
                with(|stage| stage.counts.arrived /= 2),
            ),
            (
                "median-tenfold",
                "half of the requests take more than ten seconds",
                with(|stage| stage.median_us = Some(10_000_000)),
            ),
            (
                "requests-fail",
                "a tenth of its requests end in a server error",
                with(|stage| stage.counts = stage.counts.spoilt(10, Class::ServerError)),
            ),
        ] {
            mutants.push(fine(operator, facet, words.to_owned(), altered));
        }
    }

    fn state_mutants(&self, facet: &Facet, endpoint: &str, mutants: &mut Vec<Mutant<Self>>) {
        for (operator, words, keep) in [
            ("one-state", "one state alone was seen", 1),
            ("no-state", "no state was seen", 0),
        ] {
            let mut altered = self.clone();
            for seen in &mut altered.endpoints {
                if seen.name == endpoint {
                    seen.states.truncate(keep);
                }
            }
            mutants.push(fine(operator, facet, words.to_owned(), altered));
        }
    }

    fn count_mutants(&self, facet: &Facet, mutants: &mut Vec<Mutant<Self>>) {
        let spoilt = |class| self.counted(|counts| counts.spoilt(8, class));
        let mut push = |operator, words: &str, altered| {
            mutants.push(fine(operator, facet, words.to_owned(), altered));
        };
        push(
            "server-errors",
            "8 % of the requests end in a server error",
            spoilt(Class::ServerError),
        );
        push(
            "timeouts",
            "8 % of the requests are not answered in time",
            spoilt(Class::Timeout),
        );
        if facet.0 == SUCCESSES {
            push(
                "other-content",
                "8 % of the replies have other content",
                spoilt(Class::Wrong),
            );
        }
        push(
            "requests-few",
            "there are a hundred times fewer requests",
            self.counted(|counts| counts.thinned(100)),
        );
    }

    /// With the counts of the measured stages altered.
    fn counted(&self, change: impl Fn(Counts) -> Counts) -> LoadRun {
        let mut altered = self.clone();
        for stage in altered.stages.iter_mut().filter(|stage| stage.measured) {
            stage.counts = change(stage.counts);
        }
        altered
    }

    fn gross(&self) -> Vec<Mutant<Self>> {
        let mut broken = self.counted(|counts| counts.spoilt(100, Class::Transport));
        for stage in &mut broken.stages {
            stage.counts.arrived = 0;
        }
        broken.service = broken.service.past(FOREVER_US);
        for seen in &mut broken.endpoints {
            seen.service = seen.service.past(FOREVER_US);
        }
        vec![
            Mutant::gross("nothing-answered", "no request is answered", broken),
            Mutant::gross(
                "connection-error",
                "the load test cannot be run",
                Altered::Failure,
            ),
        ]
    }
}
