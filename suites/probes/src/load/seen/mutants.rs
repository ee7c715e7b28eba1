//! How what a load test saw is altered: the operators that a sound judgement has to notice.
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

use readiness::observation::{Altered, Facet, Mutant, Observation, Reads};

use super::{
    ALL, Counts, HOLD, HOLDS, LoadRun, RESPONSE, SERVICE, STATES, SUCCESSES, StageSeen, Stats,
};
use crate::load::record::Class;

/// Longer than anybody waits, in microseconds.
const FOREVER_US: u64 = 100_000_000;

impl Counts {
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
