//! Verdicts over a burst. None of them sends anything.

use jiff::fmt::rfc2822::DateTimeParser;
use readiness::{Error, Result, Verdict};

use super::burst::{Burst, Window};
use crate::headers::quoted;
use crate::http::{HttpReply, shown};
use crate::{about, worst};

/// How the limiter is known to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// Windows with a beginning and an end, or the last so many seconds.
    Window,
    /// A bucket that refills while the burst is under way.
    TokenBucket,
}

/// Seconds by which two statements about one moment may differ: each is rounded to whole seconds.
const ROUNDING_S: i64 = 2;
/// Numbers above this are points in time (2001-09-09), below it distances.
const EPOCH_FROM: u64 = 1_000_000_000;

/// Exactly `limit` requests were allowed and all others refused with 429 for `window`.
///
/// A token bucket refills `limit` an hour, a minute, …; what it refilled during the burst is allowed
/// on top, and the reason says so.
pub fn exactly(burst: &Burst, limit: u32, window: Window, algorithm: Algorithm) -> Verdict {
    let allowed = burst.allowed_count();
    let limit = u64::from(limit);
    let refill = match algorithm {
        Algorithm::Window => 0,
        Algorithm::TokenBucket => {
            let micros = burst.elapsed().as_micros() * u128::from(limit);
            u64::try_from(micros.div_ceil(window.length().as_micros())).unwrap_or(u64::MAX)
        }
    };
    let unit = window.name();
    let sent = burst.sent();
    if allowed < limit {
        return Verdict::Fail(format!(
            "{allowed} of {sent} requests were allowed, {limit} a {unit} are promised"
        ));
    }
    if burst.refused().is_empty() {
        return Verdict::Fail(format!(
            "all {sent} requests were allowed, {limit} a {unit} are the limit"
        ));
    }
    if allowed > limit + refill {
        let tolerance = match refill {
            0 => String::new(),
            n => format!(" (and {n} for what a bucket refills meanwhile)"),
        };
        return Verdict::Fail(format!(
            "{allowed} of {sent} requests were allowed, {limit} a {unit} are the limit{tolerance}"
        ));
    }
    worst(
        burst
            .refused()
            .into_iter()
            .map(|reply| refused_for(reply, window)),
    )
}

fn refused_for(reply: &HttpReply, window: Window) -> Verdict {
    if reply.status() != 429 {
        return Verdict::Fail(format!(
            "a request over the limit got {} instead of 429",
            reply.status()
        ));
    }
    let Ok(body) = reply.json() else {
        return Verdict::Fail("the body of a 429 is not JSON".to_owned());
    };
    match body.get("window").as_str() {
        Some(name) if name == window.name() => Verdict::Pass,
        _ => Verdict::Fail(format!(
            "a 429 is for the window {} instead of `{}`",
            shown(&body.get("window")),
            window.name()
        )),
    }
}

/// After waiting, requests are allowed again.
pub fn recovers(burst: &Burst) -> Verdict {
    match burst.in_the_end() {
        None => Verdict::Fail("nothing was refused, so nothing could recover".to_owned()),
        Some(reply) if reply.status() == 200 => Verdict::Pass,
        Some(reply) => Verdict::Fail(format!(
            "a whole window after the last request the answer is still {}",
            reply.status()
        )),
    }
}

/// A forged `X-Forwarded-For` gives no new budget.
pub fn forged_address_changes_nothing(burst: &Burst) -> Verdict {
    match burst.forged() {
        None => Verdict::Fail("nothing was refused, so nothing could be got around".to_owned()),
        Some(reply) if reply.status() == 429 => Verdict::Pass,
        Some(reply) => Verdict::Fail(format!(
            "after the limit is used up a forged X-Forwarded-For gets {} instead of 429",
            reply.status()
        )),
    }
}

/// Whatever was refused, was refused with 429, and in one window nothing is let through any more.
///
/// A token bucket may refill in between, so for one the order says nothing.
pub fn refusals_are_429(burst: &Burst, algorithm: Algorithm) -> Verdict {
    let refused = burst.refused();
    if refused.is_empty() {
        return Verdict::Fail(format!("none of {} requests was refused", burst.sent()));
    }
    if let Some(status) = refused
        .iter()
        .map(|reply| reply.status())
        .find(|status| *status != 429)
    {
        return Verdict::Fail(format!(
            "a request over the limit got {status} instead of 429"
        ));
    }
    let late = match algorithm {
        Algorithm::Window => burst.allowed_after_refusal(),
        Algorithm::TokenBucket => 0,
    };
    match late {
        0 => Verdict::Pass,
        some => Verdict::Fail(format!("{some} requests were allowed after the first 429")),
    }
}

/// `Retry-After` on every 429: whole seconds, within the window, in agreement with the body and the
/// reset, and enough.
///
/// # Errors
/// Unavailable if there was no 429.
pub fn retry_after(burst: &Burst) -> Result<Verdict> {
    let refusals = some_429(burst)?;
    let said = worst(refusals.into_iter().map(retry_after_of));
    Ok(match burst.after_waiting() {
        Some(reply) if reply.status() == 200 => said,
        Some(reply) => worst([
            said,
            Verdict::Fail(format!(
                "after waiting as Retry-After asks, the answer is {}",
                reply.status()
            )),
        ]),
        None => worst([
            said,
            Verdict::Fail("no request was sent after waiting".to_owned()),
        ]),
    })
}

fn retry_after_of(reply: &HttpReply) -> Verdict {
    let Some(value) = reply.header("retry-after") else {
        return Verdict::Fail("Retry-After is missing on a 429".to_owned());
    };
    let Ok(seconds) = value.trim().parse::<i64>() else {
        return Verdict::Fail(format!(
            "Retry-After `{}` is not a number of seconds",
            quoted(value)
        ));
    };
    let Ok(body) = reply.json() else {
        return Verdict::Fail("the body of a 429 is not JSON".to_owned());
    };
    let Some(window) = body.get("window").as_str().and_then(Window::named) else {
        return Verdict::Fail("a 429 does not say for which window it is".to_owned());
    };
    let longest = i64::try_from(window.length().as_secs()).unwrap_or(i64::MAX);
    if !(1..=longest).contains(&seconds) {
        return Verdict::Fail(format!(
            "Retry-After is {seconds} s in a window of {longest} s"
        ));
    }
    match body.get("retry_after_seconds").as_i64() {
        Some(stated) if (stated - seconds).abs() <= ROUNDING_S => {}
        _ => {
            return Verdict::Fail(format!(
                "Retry-After is {seconds} s, retry_after_seconds in the body is {}",
                shown(&body.get("retry_after_seconds"))
            ));
        }
    }
    match seconds_to_reset(reply) {
        Some(left) if (left - seconds).abs() <= ROUNDING_S => Verdict::Pass,
        Some(left) => Verdict::Fail(format!(
            "Retry-After is {seconds} s, X-RateLimit-Reset is in {left} s"
        )),
        None => Verdict::Fail("there is no X-RateLimit-Reset to agree with Retry-After".to_owned()),
    }
}

/// `X-RateLimit-*` on every reply: the limit as promised, what remains falling by one, nothing left
/// on a 429, a reset within the window, the tier's name.
pub fn headers(burst: &Burst, limit: u32, tier: &str) -> Verdict {
    let allowed = burst.allowed();
    if allowed.is_empty() {
        return Verdict::Fail("no request was allowed".to_owned());
    }
    let each = allowed
        .iter()
        .map(|reply| about("a 2xx", one_set(reply, limit, tier)))
        .chain(burst.refused().into_iter().map(|reply| {
            about(
                "a refusal",
                worst([one_set(reply, limit, tier), nothing_left(reply)]),
            )
        }));
    let verdict = worst(each);
    worst([verdict, falls_by_one(&allowed)])
}

fn one_set(reply: &HttpReply, limit: u32, tier: &str) -> Verdict {
    match number(reply, "x-ratelimit-limit") {
        Some(stated) if stated == u64::from(limit) => {}
        _ => return wrong(reply, "x-ratelimit-limit", &limit.to_string()),
    }
    if number(reply, "x-ratelimit-remaining").is_none() {
        return wrong(reply, "x-ratelimit-remaining", "a number");
    }
    match reply.header("x-ratelimit-tier") {
        Some(stated) if stated.trim() == tier => {}
        _ => return wrong(reply, "x-ratelimit-tier", tier),
    }
    let longest = i64::try_from(Window::Minute.length().as_secs()).unwrap_or(i64::MAX);
    match seconds_to_reset(reply) {
        Some(left) if (1..=longest).contains(&left) => Verdict::Pass,
        Some(left) => Verdict::Fail(format!(
            "x-ratelimit-reset is in {left} s, not within the minute"
        )),
        None => wrong(reply, "x-ratelimit-reset", "a time"),
    }
}

fn nothing_left(reply: &HttpReply) -> Verdict {
    match number(reply, "x-ratelimit-remaining") {
        Some(0) => Verdict::Pass,
        _ => wrong(reply, "x-ratelimit-remaining", "0"),
    }
}

fn falls_by_one(allowed: &[&HttpReply]) -> Verdict {
    let left: Vec<u64> = allowed
        .iter()
        .filter_map(|reply| number(reply, "x-ratelimit-remaining"))
        .collect();
    match left.windows(2).find(|pair| pair[0] != pair[1] + 1) {
        Some(pair) => Verdict::Fail(format!(
            "x-ratelimit-remaining goes from {} to {} with one request",
            pair[0], pair[1]
        )),
        None => Verdict::Pass,
    }
}

fn wrong(reply: &HttpReply, name: &str, expected: &str) -> Verdict {
    match reply.header(name) {
        None => Verdict::Fail(format!("{name} is missing")),
        Some(value) => Verdict::Fail(format!(
            "{name} is `{}`, expected {expected}",
            quoted(value)
        )),
    }
}

/// Where the bodies of the 429s send people who need more: the last `upgrade_url`. The largest tier
/// has nothing to upgrade to and `may_be_null`.
///
/// # Errors
/// Unavailable if there was no 429; a finding if the field is missing, empty or not an address.
pub fn upgrade_url(burst: &Burst, may_be_null: bool) -> Result<Option<String>> {
    let refusals = some_429(burst)?;
    let mut found = None;
    for reply in refusals {
        let body = reply.json()?;
        let field = body.get("upgrade_url");
        if may_be_null && field.is_null() {
            continue;
        }
        let Some(url) = field.as_str().filter(|url| is_address(url)) else {
            return Err(Error::finding(format!(
                "upgrade_url in a 429 is {}, expected an https address or a rooted path",
                shown(&field)
            )));
        };
        found = Some(url.to_owned());
    }
    Ok(found)
}

fn is_address(url: &str) -> bool {
    let rooted = url.starts_with('/') && !url.starts_with("//");
    let https = url
        .strip_prefix("https://")
        .is_some_and(|rest| !rest.is_empty());
    (rooted || https) && !url.contains(char::is_whitespace)
}

/// The body of every 429 says why, for which tier and window, and in words.
///
/// # Errors
/// Unavailable if there was no 429.
pub fn tier_info(burst: &Burst, tier: &str) -> Result<Verdict> {
    let refusals = some_429(burst)?;
    Ok(worst(refusals.into_iter().map(|reply| {
        let Ok(body) = reply.json() else {
            return Verdict::Fail("the body of a 429 is not JSON".to_owned());
        };
        for (field, expected) in [("error", "rate_limit_exceeded"), ("tier", tier)] {
            if body.get(field).as_str() != Some(expected) {
                return Verdict::Fail(format!(
                    "{field} in a 429 is {}, expected `{expected}`",
                    shown(&body.get(field))
                ));
            }
        }
        if body
            .get("window")
            .as_str()
            .and_then(Window::named)
            .is_none()
        {
            return Verdict::Fail(format!(
                "window in a 429 is {}, expected minute, hour or day",
                shown(&body.get("window"))
            ));
        }
        match body.get("message").as_str() {
            Some(message) if !message.trim().is_empty() => Verdict::Pass,
            _ => Verdict::Fail("a 429 has no message".to_owned()),
        }
    })))
}

fn some_429(burst: &Burst) -> Result<Vec<&HttpReply>> {
    // A choice of what to judge, not a judgement: `refusals_are_429` is the one about the status.
    let refused = burst.refused().into_iter();
    let refusals: Vec<_> = refused.filter(|reply| reply.raw_status() == 429).collect();
    if refusals.is_empty() {
        return Err(Error::unavailable(format!(
            "no request of `{}` was refused with 429, so there is nothing to look at",
            burst.identity()
        )));
    }
    Ok(refusals)
}

fn number(reply: &HttpReply, name: &str) -> Option<u64> {
    reply.header(name)?.trim().parse().ok()
}

/// Seconds from the reply's own `Date` to the reset that it states.
fn seconds_to_reset(reply: &HttpReply) -> Option<i64> {
    let reset = number(reply, "x-ratelimit-reset")?;
    let stated = i64::try_from(reset).ok()?;
    if !is_epoch(reset) {
        return Some(stated);
    }
    Some(stated - http_date(reply.header("date")?)?)
}

/// Whether a reset is a point in time rather than a distance.
pub(super) fn is_epoch(reset: u64) -> bool {
    reset >= EPOCH_FROM
}

/// Seconds since the epoch of an HTTP date.
pub(crate) fn http_date(value: &str) -> Option<i64> {
    let parsed = DateTimeParser::new().parse_timestamp(value.trim()).ok()?;
    Some(parsed.as_second())
}
