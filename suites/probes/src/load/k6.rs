//! The points of a k6 run (`k6 run --out json=points.json`) as a load test like our own, so that the same
//! judgements hold.
//!
//! ```text
//! {"metric":"vus","type":"Point","data":{"time":"2026-03-01T12:00:01Z","value":100,"tags":null}}
//! {"metric":"http_req_duration","type":"Point","data":{"time":"…","value":12.5,"tags":{"endpoint":"stats","status":"200"}}}
//! {"metric":"checks","type":"Point","data":{"time":"…","value":0,"tags":{"check":"has rows"}}}
//! ```
//!
//! A summary tells the peak of the users; these points tell how long they were there. A hold of so many
//! users is the longest time during which as many were active; what came before the first hold tells how
//! quick the service is with few. Each failed check takes one success away. k6 plans no sends ahead, so
//! there is no response time beside the service time, and it does not say how late it was itself.

use std::io::BufRead;
use std::time::Duration;

use jiff::Timestamp;
use readiness::Unavailable;
use serde::Deserialize;

use super::plan::{Endpoint, Plan, Stage};
use super::record::{Class, Recorder, Sample};
use super::run::summed;
use super::seen::LoadRun;

/// Points that are kept at most: a day of a thousand requests a second.
const MOST_POINTS: usize = 100_000_000;
/// Longest line that is read; k6's are a few hundred bytes.
const LONGEST_LINE: u64 = 64 << 10;
/// Seconds between two samples of the users beyond which nobody knows; k6 takes one a second.
const GAP_US: i64 = 5_000_000;
/// A hold has at least this part of its users, and no more than that.
const FEWER: f64 = 0.99;
const MORE: f64 = 1.02;

/// What the points are about.
#[derive(Debug)]
pub struct K6Plan {
    /// Each endpoint's name here, and the value of k6's tag `endpoint`.
    pub endpoints: Vec<(&'static str, &'static str)>,
    /// Users, and how long they have to be held, in order.
    pub holds: Vec<(usize, Duration)>,
    /// A request that takes longer counts as a timeout.
    pub timeout: Duration,
}

/// One line of the file, as far as it is looked at.
#[derive(Deserialize)]
struct Line {
    metric: String,
    #[serde(rename = "type")]
    kind: String,
    data: Data,
}

#[derive(Deserialize, Default)]
struct Data {
    #[serde(default)]
    time: Option<Timestamp>,
    #[serde(default)]
    value: Option<f64>,
    #[serde(default)]
    tags: Option<Tags>,
}

#[derive(Deserialize, Default)]
struct Tags {
    #[serde(default)]
    endpoint: Option<String>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    error_code: Option<String>,
    #[serde(default)]
    state: Option<String>,
}

/// What was read, by time in microseconds since 1970.
#[derive(Default)]
struct Points {
    users: Vec<(i64, f64)>,
    requests: Vec<Request>,
    failed_checks: Vec<i64>,
}

struct Request {
    at: i64,
    endpoint: usize,
    class: Class,
    took: Duration,
    state: Option<String>,
}

/// Reads the points.
///
/// # Errors
/// [`Unavailable`] with the line if it is none of k6's, or if nothing is in it that could be judged.
pub fn read(file: impl BufRead, plan: &K6Plan) -> Result<LoadRun, Unavailable> {
    let mut points = points(file, plan)?;
    if points.users.is_empty() || points.requests.is_empty() {
        return Err(Unavailable::new(
            "these points of k6 hold no requests, or no users that made them",
        ));
    }
    points.users.sort_by_key(|(at, _)| *at);
    points.failed_checks.sort_unstable();
    Ok(as_run(&points, plan))
}

fn points(mut file: impl BufRead, plan: &K6Plan) -> Result<Points, Unavailable> {
    let mut points = Points::default();
    let mut line = Vec::new();
    for number in 1_usize.. {
        line.clear();
        let wrong = |why: String| Unavailable::new(format!("line {number} of k6's points: {why}"));
        let mut bounded = std::io::Read::take(&mut file, LONGEST_LINE);
        let read = bounded
            .read_until(b'\n', &mut line)
            .map_err(|error| wrong(error.to_string()))?;
        if read == 0 {
            break;
        }
        if points.requests.len() + points.users.len() > MOST_POINTS {
            return Err(wrong("there are too many".to_owned()));
        }
        if !line.trim_ascii().is_empty() {
            let read: Line =
                serde_json::from_slice(&line).map_err(|error| wrong(error.to_string()))?;
            points.take(read, plan);
        }
    }
    Ok(points)
}

impl Points {
    /// Keeps what the judgements need; k6 writes much else.
    fn take(&mut self, line: Line, plan: &K6Plan) {
        let (Some(at), Some(value)) = (line.data.time, line.data.value) else {
            return;
        };
        if line.kind != "Point" || !value.is_finite() || value < 0.0 {
            return;
        }
        let at = at.as_microsecond();
        match line.metric.as_str() {
            "vus" => self.users.push((at, value)),
            "checks" if value == 0.0 => self.failed_checks.push(at),
            "http_req_duration" => {
                let tags = line.data.tags.unwrap_or_default();
                let named = tags.endpoint.as_deref();
                let endpoint = plan
                    .endpoints
                    .iter()
                    .position(|(_, tag)| Some(*tag) == named);
                let took = Duration::from_secs_f64((value / 1_000.0).min(1e6));
                if let Some(endpoint) = endpoint {
                    self.requests.push(Request {
                        at,
                        endpoint,
                        class: class(&tags, took >= plan.timeout),
                        took,
                        state: tags.state,
                    });
                }
            }
            _ => {}
        }
    }
}

/// What a request came to. k6 says 0 where there was no answer, and 1050 where it waited too long.
fn class(tags: &Tags, is_late: bool) -> Class {
    let status = tags
        .status
        .as_deref()
        .and_then(|status| status.parse().ok());
    match status.unwrap_or(0_u16) {
        0 if tags.error_code.as_deref() == Some("1050") => Class::Timeout,
        0 => Class::Transport,
        _ if is_late => Class::Timeout,
        200 => Class::Success,
        201..300 => Class::Wrong,
        429 => Class::Limited,
        500.. => Class::ServerError,
        _ => Class::Rejected,
    }
}

/// The longest time during which so many users were active, from and to.
fn hold(users: &[(i64, f64)], wanted: usize) -> Option<(i64, i64)> {
    let wanted = f64::from(u32::try_from(wanted).unwrap_or(u32::MAX));
    let mut longest: Option<(i64, i64)> = None;
    let mut current: Option<(i64, i64)> = None;
    for &(at, active) in users {
        let is_held = active >= wanted * FEWER && active <= wanted * MORE;
        current = match current {
            Some((from, to)) if is_held && at - to <= GAP_US => Some((from, at)),
            _ => is_held.then_some((at, at)),
        };
        let length = |(from, to): (i64, i64)| to - from;
        if current.map(length) > longest.map(length) {
            longest = current;
        }
    }
    longest
}

fn as_run(points: &Points, plan: &K6Plan) -> LoadRun {
    let begin = points.users.first().map_or(0, |(at, _)| *at);
    let holds = plan.holds.iter().map(|(users, asked)| {
        let found = hold(&points.users, *users);
        (*users, *asked, found.unwrap_or((begin, begin)))
    });
    let holds: Vec<_> = holds.collect();
    let first = holds
        .iter()
        .map(|(.., (from, _))| *from)
        .filter(|from| *from > begin);
    let first = first.min().unwrap_or(begin);
    let length =
        |(from, to): (i64, i64)| Duration::from_micros(u64::try_from(to - from).unwrap_or(0));
    // What came before the first hold, the holds, and whatever was between them.
    let mut stages = vec![Stage {
        users: 1,
        length: length((begin, first)),
        asked: length((begin, first)),
        measured: false,
    }];
    stages.extend(holds.iter().map(|(users, asked, span)| Stage {
        users: *users,
        length: length(*span).min(*asked),
        asked: *asked,
        measured: true,
    }));
    stages.push(Stage {
        users: 0,
        length: Duration::ZERO,
        asked: Duration::ZERO,
        measured: false,
    });
    let between = stages.len() - 1;
    let stage_at = |at: i64| {
        let within = |(.., (from, to)): &(usize, Duration, (i64, i64))| (*from..=*to).contains(&at);
        match holds.iter().position(within) {
            Some(hold) => hold + 1,
            None if at < first => 0,
            None => between,
        }
    };
    let think = think(points, first);
    let endpoints = plan.endpoints.iter();
    let carried_out = Plan {
        stages,
        think: (think, think),
        timeout: plan.timeout,
        ..Plan::new(endpoints.map(|(name, _)| Endpoint::get(name, "/", 1)))
    };
    let measured = carried_out.stages.iter().map(|stage| stage.measured);
    let recorder = Recorder::new(carried_out.endpoints.len(), measured.collect());
    let mut spoilt = vec![0_usize; carried_out.stages.len()];
    for at in &points.failed_checks {
        spoilt[stage_at(*at)] += 1;
    }
    for (number, request) in points.requests.iter().enumerate() {
        let stage = stage_at(request.at);
        let mut class = request.class;
        if class == Class::Success && spoilt[stage] > 0 {
            spoilt[stage] -= 1;
            class = Class::Wrong;
        }
        let is_answer = !matches!(class, Class::Timeout | Class::Transport);
        recorder.sample(
            number,
            &Sample {
                stage,
                arrived: is_answer.then_some(stage),
                endpoint: request.endpoint,
                class,
                service: request.took,
                response: request.took,
                state: request.state.as_deref(),
            },
        );
    }
    let all_there = vec![1.0; carried_out.stages.len()];
    LoadRun {
        imported: true,
        ..summed(&carried_out, &recorder, &all_there, None)
    }
}

/// How long a user thinks: what the time before the first hold leaves beside the requests in it.
fn think(points: &Points, first: i64) -> Duration {
    let before: Vec<_> = points
        .users
        .iter()
        .take_while(|(at, _)| *at <= first)
        .collect();
    let pairs = before.windows(2);
    let user_seconds: f64 = pairs
        .map(|pair| seconds(pair[1].0 - pair[0].0) * pair[0].1)
        .sum();
    let requests = || points.requests.iter().filter(|request| request.at <= first);
    let taken: f64 = requests().map(|request| request.took.as_secs_f64()).sum();
    let count = f64::from(u32::try_from(requests().count()).unwrap_or(u32::MAX));
    let idle = (user_seconds - taken).max(0.0);
    Duration::from_secs_f64(if count > 0.0 { idle / count } else { 0.0 })
}

fn seconds(micros: i64) -> f64 {
    Duration::from_micros(u64::try_from(micros).unwrap_or(0)).as_secs_f64()
}

#[cfg(test)]
#[path = "k6_tests.rs"]
mod tests;
