//! Health and readiness endpoints: alive, ready, and what they say about the data behind them.
//!
//! In: replies, and the target's idea of now. Out: verdicts. None of these sends anything.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use readiness::{Result, Verdict};

use crate::http::{HttpReply, shown};

/// An answer that takes longer is no use to a load balancer, which asks every few seconds.
const PROMPT: Duration = Duration::from_secs(2);

/// `/health`: 200, a JSON object, status `ok` or `healthy`, a time stamp within `skew` of `now`, a
/// version, within two seconds. Any other status word is a warning: it answers, and says it is unwell.
///
/// ```ignore
/// let reply = api.get("/health").await?;
/// health::alive(&reply, cx.now(), Duration::from_secs(120))
/// ```
///
/// # Errors
/// A finding if the body is not JSON.
pub fn alive(reply: &HttpReply, now: SystemTime, skew: Duration) -> Result<Verdict> {
    if reply.status() != 200 {
        return fail(format!("it answers with {}", reply.status()));
    }
    let elapsed = reply.elapsed();
    if elapsed >= PROMPT {
        return fail(format!(
            "it takes {} ms, 2000 are allowed",
            elapsed.as_millis()
        ));
    }
    let body = reply.json()?;
    let version = body.get("version");
    if version.as_str().is_none_or(|text| text.trim().is_empty()) {
        return fail(format!("version is {}", shown(&version)));
    }
    let stamp = body.get("timestamp");
    let Some(stated) = stamp.as_str().and_then(moment) else {
        return fail(format!("timestamp is {}, not a time", shown(&stamp)));
    };
    let off = distance(stated, now);
    if off > skew {
        return fail(format!(
            "timestamp is {}, {} s away from now",
            shown(&stamp),
            off.as_secs()
        ));
    }
    let status = body.get("status");
    match status.as_str() {
        Some("ok" | "healthy") => Ok(Verdict::Pass),
        Some(word) if !word.trim().is_empty() => Ok(Verdict::Warn(format!(
            "it answers 200 with the status {}",
            shown(&status)
        ))),
        _ => fail(format!("status is {}", shown(&status))),
    }
}

/// `/ready`: 200, status `ready`, and each dependency named and up.
///
/// # Errors
/// A finding if the body is not JSON.
pub fn ready(reply: &HttpReply, dependencies: &[&str]) -> Result<Verdict> {
    if reply.status() != 200 {
        return fail(format!("it answers with {}", reply.status()));
    }
    let body = reply.json()?;
    let status = body.get("status");
    if status.as_str() != Some("ready") {
        return fail(format!("status is {}, expected `ready`", shown(&status)));
    }
    for name in dependencies {
        let state = body.get(name);
        let up = state.as_bool() == Some(true)
            || matches!(
                state.as_str(),
                Some("up" | "ok" | "healthy" | "connected" | "ready")
            );
        if !up {
            return fail(format!("{name} is {}", shown(&state)));
        }
    }
    Ok(Verdict::Pass)
}

/// A count in `/health` is a positive integer and agrees with `reference` within one percent.
/// Without a reference only its type can be told: a warning.
///
/// # Errors
/// A finding if the body is not JSON.
pub fn count(reply: &HttpReply, field: &str, reference: Option<i64>) -> Result<Verdict> {
    let body = reply.json()?;
    let shown = shown(&body.get(field));
    let Some(count) = body.get(field).as_i64() else {
        return fail(format!("{field} is {shown}, not an integer"));
    };
    if count < 1 {
        return fail(format!("{field} is {count}"));
    }
    let Some(reference) = reference else {
        return Ok(Verdict::Warn(format!(
            "{field} is {count}, with nothing to compare it to"
        )));
    };
    // One percent, and at least one: rows arrive while we look.
    let tolerance = (reference / 100).max(1);
    if (count - reference).abs() > tolerance {
        return fail(format!("{field} is {count}, but the list has {reference}"));
    }
    Ok(Verdict::Pass)
}

/// `active_sources` is an integer, at least 1, at most `total_sources`, and the number of active
/// entries of `sources` where those are listed.
///
/// # Errors
/// A finding if the body is not JSON.
pub fn sources(reply: &HttpReply) -> Result<Verdict> {
    let body = reply.json()?;
    let field = body.get("active_sources");
    let Some(active) = field.as_i64() else {
        return fail(format!(
            "active_sources is {}, not an integer",
            shown(&field)
        ));
    };
    if active < 1 {
        return fail(format!("active_sources is {active}"));
    }
    let total = body.get("total_sources");
    match total.as_i64() {
        Some(total) if active <= total => {}
        _ => {
            return fail(format!(
                "active_sources is {active}, total_sources is {}",
                shown(&total)
            ));
        }
    }
    let list = body.get("sources");
    if !list.exists() {
        return Ok(Verdict::Pass);
    }
    let listed = list
        .items()?
        .iter()
        .filter(|entry| entry.get("active").as_bool() == Some(true))
        .count();
    if i64::try_from(listed) == Ok(active) {
        Ok(Verdict::Pass)
    } else {
        fail(format!(
            "active_sources is {active}, but {listed} of the listed sources are active"
        ))
    }
}

/// A time stamp with a zone, or, without one, in UTC.
pub(crate) fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    text.parse().or_else(|_| format!("{text}Z").parse()).ok()
}

fn distance(stated: Timestamp, now: SystemTime) -> Duration {
    let stated = SystemTime::from(stated);
    stated
        .duration_since(now)
        .or_else(|_| now.duration_since(stated))
        .unwrap_or_default()
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "the last word of functions that also pass findings up"
)]
fn fail(reason: String) -> Result<Verdict> {
    Ok(Verdict::Fail(reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-03-01T12:00:00Z";

    fn now() -> SystemTime {
        SystemTime::from(NOW.parse::<Timestamp>().unwrap())
    }

    fn reply(status: u16, body: &str) -> HttpReply {
        HttpReply::new(status, Vec::new(), String::new()).with_body(body.as_bytes(), false)
    }

    fn judged(verdict: &Result<Verdict>) -> char {
        match verdict {
            Ok(Verdict::Pass) => 'p',
            Ok(Verdict::Warn(_)) => 'w',
            Ok(Verdict::Fail(_)) | Err(_) => 'f',
            Ok(Verdict::NotApplicable(_)) => 'n',
        }
    }

    #[test]
    fn alive_in_every_respect() {
        let body = |status, stamp, version| {
            format!(r#"{{"status":"{status}","timestamp":"{stamp}","version":"{version}"}}"#)
        };
        let rows = [
            (200, body("ok", NOW, "1"), 'p'),
            (200, body("healthy", "2026-03-01T12:01:59Z", "1"), 'p'),
            (200, body("degraded", NOW, "1"), 'w'),
            (200, body("ok", "2026-03-01T11:57:59Z", "1"), 'f'),
            (200, body("ok", "noon", "1"), 'f'),
            (200, body("ok", NOW, ""), 'f'),
            (204, body("ok", NOW, "1"), 'f'),
            (200, "<p>fine</p>".to_owned(), 'f'),
            (200, "[]".to_owned(), 'f'),
        ];
        for (status, body, expected) in rows {
            let verdict = alive(&reply(status, &body), now(), Duration::from_secs(120));
            assert_eq!(judged(&verdict), expected, "{status} {body}");
        }
    }

    #[test]
    fn a_slow_answer_is_no_answer() {
        let body = format!(r#"{{"status":"ok","timestamp":"{NOW}","version":"1"}}"#);
        let slow = reply(200, &body).with_elapsed(Duration::from_secs(2));
        assert_eq!(judged(&alive(&slow, now(), Duration::from_secs(120))), 'f');
    }

    #[test]
    fn ready_names_every_dependency() {
        let rows = [
            (r#"{"status":"ready","database":"up","redis":true}"#, 'p'),
            (r#"{"status":"ready","database":"up"}"#, 'f'),
            (r#"{"status":"ready","database":"up","redis":"down"}"#, 'f'),
            (r#"{"status":"starting","database":"up","redis":"up"}"#, 'f'),
        ];
        for (body, expected) in rows {
            assert_eq!(
                judged(&ready(&reply(200, body), &["database", "redis"])),
                expected,
                "{body}"
            );
        }
        let down = reply(503, r#"{"status":"ready","database":"up","redis":"up"}"#);
        assert_eq!(judged(&ready(&down, &["database"])), 'f');
    }

    #[test]
    fn a_count_agrees_within_a_percent() {
        let rows = [
            ("1260", Some(1260), 'p'),
            ("1272", Some(1260), 'p'),
            ("1273", Some(1260), 'f'),
            ("630", Some(1260), 'f'),
            ("0", Some(0), 'f'),
            ("\"1260\"", Some(1260), 'f'),
            ("1260", None, 'w'),
        ];
        for (value, reference, expected) in rows {
            let body = format!(r#"{{"n":{value}}}"#);
            assert_eq!(
                judged(&count(&reply(200, &body), "n", reference)),
                expected,
                "{value}"
            );
        }
        assert_eq!(judged(&count(&reply(200, "{}"), "n", Some(1))), 'f');
    }

    #[test]
    fn active_sources_are_those_that_are_active() {
        let rows = [
            (
                r#"{"active_sources":1,"total_sources":2,"sources":[{"active":true},{"active":false}]}"#,
                'p',
            ),
            (
                r#"{"active_sources":2,"total_sources":2,"sources":[{"active":true},{"active":false}]}"#,
                'f',
            ),
            (r#"{"active_sources":2,"total_sources":2}"#, 'p'),
            (r#"{"active_sources":3,"total_sources":2}"#, 'f'),
            (r#"{"active_sources":0,"total_sources":2}"#, 'f'),
            (r#"{"total_sources":2}"#, 'f'),
        ];
        for (body, expected) in rows {
            assert_eq!(judged(&sources(&reply(200, body))), expected, "{body}");
        }
    }
}
