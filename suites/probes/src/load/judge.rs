//! Judgements over a load test. Each is a pure function of what was seen.
//!
//! | | passes | fails | warns | decides nothing |
//! |---|---|---|---|---|
//! | [`percentile_below`] | the interval of the percentile lies below the limit | … above it | the limit lies inside; the response time is above it | fewer than 1,000 samples |
//! | [`errors_below`], [`successes_above`] | the interval of the share lies on the right side | … on the wrong side | the limit lies inside | fewer than 2,000 requests |
//! | [`held`] | all users there, enough answers, successes | otherwise | | |
//!
//! For all of them: a shortened run fails where even a short look suffices, and warns otherwise,
//! with its fraction; it never passes. More than 1 % of 429 measured the limiter, and a generator
//! that was itself late or out of CPU or sockets measured itself: both decide nothing.

use std::time::Duration;

use readiness::{Error, Result, Verdict};

use super::seen::{LoadRun, StageSeen};
use super::stats::{float, wilson};

/// Fewer samples do not give a 95th percentile worth the name: 50 of these lie above it.
const LEAST_SAMPLES: u64 = 1_000;

/// Fewer requests do not give a share.
const LEAST_REQUESTS: u64 = 2_000;

/// The part of requests that may be limited before it is the limiter that is measured.
const MOST_LIMITED: f64 = 0.01;

/// A generator that sends later than this is late itself.
const MOST_LAG: Duration = Duration::from_millis(50);

/// A generator that uses more of the machine leaves the plan no room.
const MOST_CPU: f64 = 0.85;

/// The part of a hold in which all users must have been there.
const ALL_THERE: f64 = 0.99;

/// The part of the answers to be expected that must arrive, and the part that even a short look at
/// a busy machine must see.
const THROUGHPUT: f64 = 0.8;
const THROUGHPUT_AT_LEAST: f64 = 0.4;

/// A generator that is late makes a service look slower than it is, at both ends of an exchange: so
/// many times its lag is not held against a service by a short look.
const SLACK: u64 = 2;

/// What keeps a verdict from being a plain one.
struct Caveats {
    /// The run was shortened, in words.
    shortened: Option<String>,
    /// The generator was limited, in words.
    limited: Option<String>,
    lag_us: u64,
}

impl Caveats {
    fn of(run: &LoadRun) -> Caveats {
        Caveats {
            shortened: shortened(run),
            limited: generator(run),
            lag_us: run.generator.lag_p99_us,
        }
    }

    /// What is not held against the service.
    fn slack_us(&self) -> u64 {
        if self.shortened.is_some() || self.limited.is_some() {
            self.lag_us.saturating_mul(SLACK)
        } else {
            0
        }
    }

    /// A verdict that is not a failure: a short run warns, a limited generator decides nothing.
    fn otherwise(&self, seen: &str, verdict: impl FnOnce() -> Result<Verdict>) -> Result<Verdict> {
        match (&self.shortened, &self.limited) {
            (Some(short), None) => Ok(Verdict::Warn(format!("{short}; {seen}"))),
            (Some(short), Some(late)) => Ok(Verdict::Warn(format!("{short}; {late}; {seen}"))),
            (None, Some(late)) => Err(Error::unavailable(format!("generator limited: {late}"))),
            (None, None) => verdict(),
        }
    }
}

/// The shortest of the holds, in words.
fn shortened(run: &LoadRun) -> Option<String> {
    let part = |(held, asked): &(Duration, Duration)| held.as_secs_f64() / asked.as_secs_f64();
    let holds = run.shortened();
    let (held, asked) = holds.iter().min_by(|a, b| part(a).total_cmp(&part(b)))?;
    Some(format!(
        "shortened: {} % of the hold, {} s of {} s",
        // Rounded down: a shortened run never reads as a whole one.
        (part(&(*held, *asked)) * 1_000.0).floor() / 10.0,
        decimals(held.as_secs_f64()),
        decimals(asked.as_secs_f64()),
    ))
}

/// Why the generator's own figures are not to be trusted.
fn generator(run: &LoadRun) -> Option<String> {
    let generator = &run.generator;
    if generator.sockets_exhausted {
        return Some("it ran out of sockets".to_owned());
    }
    let lag = Duration::from_micros(generator.lag_p99_us);
    if lag > MOST_LAG {
        return Some(format!(
            "its requests were up to {} ms late",
            lag.as_millis()
        ));
    }
    let cpu = generator.cpu.filter(|cpu| *cpu > MOST_CPU)?;
    Some(format!("it used {:.0} % of the machine", cpu * 100.0))
}

/// More than a few 429 and it is the limiter that was measured; nothing at all, and it is nothing.
fn measures_the_service(run: &LoadRun) -> Result<()> {
    let counts = run.counts();
    let all = counts.requests();
    if all == 0 {
        return Err(Error::unavailable(
            "no request was sent: nothing was measured",
        ));
    }
    if float(counts.limited) > MOST_LIMITED * float(all) {
        return Err(Error::unavailable(format!(
            "{} of {all} requests got 429: that measures the limiter, not the service",
            counts.limited
        )));
    }
    Ok(())
}

/// The 95th percentile of the service time of an endpoint, or of all requests, lies below
/// `limit_ms` milliseconds.
///
/// # Errors
/// Unavailable where nothing can be said; see the module.
pub fn percentile_below(run: &LoadRun, endpoint: Option<&str>, limit_ms: u64) -> Result<Verdict> {
    measures_the_service(run)?;
    let what = endpoint.unwrap_or("all requests");
    let limit = limit_ms.saturating_mul(1_000);
    let times = run.service(endpoint, limit);
    let Some(times) = times.filter(|times| times.count > 0) else {
        return Err(Error::unavailable(format!(
            "nothing was measured of {what}"
        )));
    };
    let caveats = Caveats::of(run);
    let seen = format!("P95 of {what} is {} ms", millis(times.p95_us));
    if times
        .p95_low_us
        .is_some_and(|low| low > limit.saturating_add(caveats.slack_us()))
    {
        return Ok(Verdict::Fail(format!(
            "{seen}, at least {} ms with 95 % confidence; the limit is {limit_ms} ms",
            millis(times.p95_low_us.unwrap_or(0))
        )));
    }
    caveats.otherwise(&seen, || {
        if times.count < LEAST_SAMPLES {
            return Err(Error::unavailable(format!(
                "{} samples of {what}, {LEAST_SAMPLES} are needed to judge",
                times.count
            )));
        }
        let high = times.p95_high_us.unwrap_or(u64::MAX);
        if high >= limit {
            return Ok(Verdict::Warn(format!(
                "{seen}, from {} to {} ms with 95 % confidence: the limit of {limit_ms} ms lies between",
                millis(times.p95_low_us.unwrap_or(0)),
                millis(high)
            )));
        }
        let response = run.response(endpoint, limit).map_or(0, |times| times.p95_us);
        if response >= limit {
            return Ok(Verdict::Warn(format!(
                "{seen}, but counted from when a request was planned {} ms: users queue",
                millis(response)
            )));
        }
        Ok(Verdict::Pass)
    })
}

/// The part of requests that end in 5xx, a timeout or a broken connection lies below `limit`.
///
/// # Errors
/// Unavailable where nothing can be said; see the module.
pub fn errors_below(run: &LoadRun, limit: f64) -> Result<Verdict> {
    measures_the_service(run)?;
    let caveats = Caveats::of(run);
    let counts = run.for_errors(caveats.shortened.is_some());
    let all = counts.requests() - counts.limited;
    let interval = wilson(counts.errors(), all);
    let seen = format!("{} of {all} requests failed", counts.errors());
    if interval.low > limit {
        return Ok(Verdict::Fail(format!(
            "{seen} ({} server errors, {} timeouts, {} broken connections); the limit is {} %",
            counts.server_error,
            counts.timeout,
            counts.transport,
            percent(limit)
        )));
    }
    share(&caveats, &seen, all, interval.high < limit, limit)
}

/// The part of requests that are answered with 200 and the right content lies above `limit`.
///
/// # Errors
/// Unavailable where nothing can be said; see the module.
pub fn successes_above(run: &LoadRun, limit: f64) -> Result<Verdict> {
    measures_the_service(run)?;
    let caveats = Caveats::of(run);
    let counts = run.for_successes(caveats.shortened.is_some());
    let all = counts.requests();
    let interval = wilson(counts.success, all);
    let seen = format!("{} of {all} requests succeeded", counts.success);
    if interval.high < limit {
        return Ok(Verdict::Fail(format!(
            "{seen} ({} with other content, {} errors, {} rejected); the limit is {} %",
            counts.wrong,
            counts.errors(),
            counts.rejected + counts.limited,
            percent(limit)
        )));
    }
    share(&caveats, &seen, all, interval.low > limit, limit)
}

/// A share that did not fail.
fn share(caveats: &Caveats, seen: &str, all: u64, clear: bool, limit: f64) -> Result<Verdict> {
    caveats.otherwise(seen, || {
        if all < LEAST_REQUESTS {
            return Err(Error::unavailable(format!(
                "{all} requests, {LEAST_REQUESTS} are needed to judge"
            )));
        }
        Ok(if clear {
            Verdict::Pass
        } else {
            Verdict::Warn(format!(
                "{seen}: the limit of {} % lies within what that many requests tell",
                percent(limit)
            ))
        })
    })
}

/// The service bears `users` at once: they are all there for the hold, they get at least four fifths
/// of the answers that as many would get from a service that is as quick as in the warm-up (by the
/// answers that arrive, and by how long they take), and more than 95 % of their requests succeed.
///
/// # Errors
/// Unavailable where nothing can be said; see the module.
pub fn held(run: &LoadRun, users: usize) -> Result<Verdict> {
    measures_the_service(run)?;
    let hold = run.hold(users).filter(|hold| hold.held_ms > 0);
    if let Some(verdict) = whole(run, hold, users) {
        return Ok(verdict);
    }
    let Some(hold) = hold else {
        return Err(Error::unavailable(format!("{users} users were never held")));
    };
    let Some(usual_us) = run.usual_us() else {
        return Err(Error::unavailable(
            "there were no requests before the hold: nothing to compare with",
        ));
    };
    let caveats = Caveats::of(run);
    let unsure = caveats.shortened.is_some() || caveats.limited.is_some();
    let expected = expected(run, hold, usual_us, 0);
    let seen = format!(
        "{} of {expected:.0} answers to be expected arrived",
        hold.counts.arrived
    );
    let least = if unsure {
        THROUGHPUT_AT_LEAST
    } else {
        THROUGHPUT
    };
    let in_time = self::expected(run, hold, usual_us, caveats.slack_us());
    // A count is off by its own chance: only what lies outside of that is held against the service.
    let arrived = float(hold.counts.arrived);
    if arrived + 1.96 * arrived.sqrt() + 2.0 < least * in_time {
        return Ok(Verdict::Fail(format!(
            "with {users} users {seen}: the service does not keep up"
        )));
    }
    // With a median of this, users who think as long as these would get no more than that part.
    let most_us = (float(run.think_ms) * 1_000.0 + float(usual_us)) / THROUGHPUT
        - float(run.think_ms) * 1_000.0
        + float(caveats.slack_us());
    if let Some(median) = hold.median_us.filter(|median| float(*median) > most_us) {
        return Ok(Verdict::Fail(format!(
            "with {users} users half of the requests take more than {} ms; it was {} ms with few",
            millis(median),
            millis(usual_us)
        )));
    }
    let success = wilson(hold.counts.success, hold.counts.requests());
    if success.high < 0.95 {
        return Ok(Verdict::Fail(format!(
            "with {users} users {} of {} requests succeeded",
            hold.counts.success,
            hold.counts.requests()
        )));
    }
    caveats.otherwise(&seen, || {
        if hold.all_there < ALL_THERE {
            return Ok(Verdict::Fail(format!(
                "{users} users were there for {:.1} % of the hold",
                hold.all_there * 100.0
            )));
        }
        if success.low <= 0.95 || hold.counts.requests() < LEAST_REQUESTS {
            return Ok(Verdict::Warn(format!(
                "with {users} users {} of {} requests succeeded: not enough to tell",
                hold.counts.success,
                hold.counts.requests()
            )));
        }
        Ok(Verdict::Pass)
    })
}

/// Another tool's holds are what it was told to do: there is no shortened one that would be a warning.
fn whole(run: &LoadRun, hold: Option<&StageSeen>, users: usize) -> Option<Verdict> {
    if !run.imported {
        return None;
    }
    let Some(hold) = hold else {
        return Some(Verdict::Fail(format!("there were never {users} users")));
    };
    (float(hold.held_ms) < ALL_THERE * float(hold.asked_ms)).then(|| {
        Verdict::Fail(format!(
            "{users} users were held for {} s, {} s are asked",
            hold.held_ms / 1_000,
            hold.asked_ms / 1_000
        ))
    })
}

/// Answers to be expected in a hold of a service that is as quick as in the warm-up, if each of them
/// comes later by `slack_us`.
fn expected(run: &LoadRun, hold: &StageSeen, usual_us: u64, slack_us: u64) -> f64 {
    let users = float(u64::try_from(hold.users).unwrap_or(u64::MAX));
    let each_ms = float(run.think_ms) + float(usual_us.saturating_add(slack_us)) / 1_000.0;
    users * float(hold.held_ms.saturating_sub(slack_us / 1_000)) / each_ms.max(1.0)
}

/// More than one state of an endpoint was measured, such as a cache that has and one that lacks it.
///
/// # Errors
/// Unavailable where nothing can be said; see the module.
pub fn several_states(run: &LoadRun, endpoint: &str) -> Result<Verdict> {
    measures_the_service(run)?;
    let states = run.states(endpoint);
    let seen = format!(
        "states of {endpoint} that were measured: {}",
        states.join(", ")
    );
    Caveats::of(run).otherwise(&seen, || {
        Ok(match states {
            [] => Verdict::Warn(format!(
                "replies of {endpoint} do not tell whether they come from a cache"
            )),
            [one] => Verdict::Warn(format!(
                "every reply of {endpoint} was `{}`: the others were not measured",
                one.escape_debug()
            )),
            _ => Verdict::Pass,
        })
    })
}

/// At most one decimal.
fn millis(us: u64) -> f64 {
    (float(us) / 100.0).round() / 10.0
}

fn decimals(seconds: f64) -> f64 {
    (seconds * 10.0).round() / 10.0
}

fn percent(share: f64) -> f64 {
    (share * 1_000.0).round() / 10.0
}
