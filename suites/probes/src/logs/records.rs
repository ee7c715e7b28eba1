//! The form of log records: JSON with a time, a level and a place; one for each request; a trace for
//! each error. Pure functions over lines that were read.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use readiness::observation::json::Json;
use readiness::observation::log_lines::LogLines;
use readiness::{Result, Verdict};

use crate::http::shown;
use crate::{about, worst};

/// The usual names of levels.
const LEVELS: [&str; 6] = ["DEBUG", "INFO", "WARNING", "WARN", "ERROR", "CRITICAL"];
/// How far the order of records may be off: writers buffer.
const DISORDER: Duration = Duration::from_secs(5);

/// Every line is a JSON object with `level`, `message` and `logger`; one without `module`,
/// `function` or `line` is a warning.
///
/// # Errors
/// A finding if a line is not JSON.
pub fn structured(log: &LogLines) -> Result<Verdict> {
    let records = log.records()?;
    Ok(worst(records.iter().map(|record| {
        for field in ["level", "message", "logger"] {
            let place = record.get(field);
            if place.as_str().is_none_or(|text| text.trim().is_empty()) {
                return Verdict::Fail(format!("{field} of a record is {}", shown(&place)));
            }
        }
        match ["module", "function", "line"]
            .iter()
            .find(|field| record.get(field).is_absent())
        {
            Some(field) => Verdict::Warn(format!("a record has no {field}")),
            None => Verdict::Pass,
        }
    })))
}

/// Every record has an RFC 3339 time with a zone (without one a warning), in order within five
/// seconds; those that contain `word` are within `skew` of `now`.
///
/// # Errors
/// A finding if a line is not JSON.
pub fn timed(log: &LogLines, word: &str, now: SystemTime, skew: Duration) -> Result<Verdict> {
    let mut latest: Option<Timestamp> = None;
    let mut verdicts = Vec::new();
    for record in log.records()? {
        let field = record.get("timestamp");
        let text = field.as_str().unwrap_or("");
        let Some(at) = crate::health::moment(text) else {
            verdicts.push(Verdict::Fail(format!(
                "timestamp of a record is {}",
                shown(&field)
            )));
            continue;
        };
        if text.parse::<Timestamp>().is_err() {
            verdicts.push(Verdict::Warn(format!(
                "timestamp {} has no zone",
                shown(&field)
            )));
        }
        if let Some(before) = latest
            && before.duration_since(at)
                > jiff::SignedDuration::try_from(DISORDER).unwrap_or_default()
        {
            verdicts.push(Verdict::Fail(format!(
                "timestamp {} comes after {before}: records are out of order",
                shown(&field)
            )));
        }
        latest = Some(latest.map_or(at, |before| before.max(at)));
    }
    for record in log.records_containing(word) {
        let field = record.get("timestamp");
        if let Some(at) = field.as_str().and_then(crate::health::moment) {
            let at = SystemTime::from(at);
            let off = at
                .duration_since(now)
                .or_else(|_| now.duration_since(at))
                .unwrap_or_default();
            if off > skew {
                verdicts.push(Verdict::Fail(format!(
                    "our own request is logged at {}, {} s off",
                    shown(&field),
                    off.as_secs()
                )));
            }
        }
    }
    verdicts.push(Verdict::Pass);
    Ok(worst(verdicts))
}

/// Every record has one of the usual levels; our missing page is no ERROR (a warning), our provoked
/// failure is one.
///
/// # Errors
/// A finding if a line is not JSON.
pub fn levelled(log: &LogLines, missing: &str, failure: Option<&str>) -> Result<Verdict> {
    let mut verdicts = Vec::new();
    for record in log.records()? {
        let level = record.get("level");
        verdicts.push(match level.as_str() {
            Some(name) if LEVELS.contains(&name) => Verdict::Pass,
            _ => Verdict::Fail(format!("level of a record is {}", shown(&level))),
        });
    }
    for record in log.records_containing(missing) {
        if record.get("level").as_str() == Some("ERROR") {
            verdicts.push(Verdict::Warn(
                "a missing page is logged as ERROR".to_owned(),
            ));
        }
    }
    if let Some(word) = failure {
        let errors = log.records_containing(word);
        let is_error =
            |record: &Json| matches!(record.get("level").as_str(), Some("ERROR" | "CRITICAL"));
        verdicts.push(if errors.iter().any(is_error) {
            Verdict::Pass
        } else {
            Verdict::Fail("a provoked internal error is not logged as ERROR".to_owned())
        });
    }
    Ok(worst(verdicts))
}

/// Our provoked failure is one record with the exception's type and at least two places, each with
/// file and line.
pub fn traced(log: &LogLines, word: &str) -> Verdict {
    let with_exception: Vec<Json> = log
        .records_containing(word)
        .into_iter()
        .filter(|record| record.get("exception").exists())
        .collect();
    let [record] = with_exception.as_slice() else {
        return Verdict::Fail(format!(
            "{} records of a provoked internal error hold an exception, one was expected",
            with_exception.len()
        ));
    };
    let exception = record.get("exception");
    if let Some(text) = exception.as_str() {
        // One text with all of it: type first, places below.
        let places = text
            .lines()
            .filter(|line| line.contains(':') && line.contains(' '))
            .count();
        return if places >= 3 {
            Verdict::Pass
        } else {
            Verdict::Fail("the exception's text has fewer than two places".to_owned())
        };
    }
    let kind = exception.get("type");
    if kind.as_str().is_none_or(|text| text.trim().is_empty()) {
        return Verdict::Fail(format!("type of the exception is {}", shown(&kind)));
    }
    let frames = exception.get("trace").items().unwrap_or_default();
    if frames.len() < 2 {
        return Verdict::Fail(format!(
            "the trace has {} places, two were expected",
            frames.len()
        ));
    }
    worst(frames.iter().map(|frame| {
        let (file, line) = (frame.get("file"), frame.get("line"));
        if file.as_str().is_some_and(|text| !text.is_empty())
            && line.as_i64().is_some_and(|n| n > 0)
        {
            Verdict::Pass
        } else {
            Verdict::Fail(format!(
                "a place of the trace is {} line {}",
                shown(&file),
                shown(&line)
            ))
        }
    }))
}

/// What a request's record has to say.
#[derive(Debug, Clone)]
pub struct Expected {
    /// A word that only this request carries.
    pub word: String,
    /// Its method.
    pub method: &'static str,
    /// Its path, without the query.
    pub path: String,
    /// The status of its reply.
    pub status: u16,
}

/// Each request is exactly one record with its method, path and status.
pub fn requests(log: &LogLines, expected: &[Expected]) -> Verdict {
    worst(
        expected
            .iter()
            .map(|request| about(&request.path, one_record(log, request))),
    )
}

fn one_record(log: &LogLines, request: &Expected) -> Verdict {
    let all = log.records_containing(&request.word);
    let records: Vec<&Json> = all
        .iter()
        .filter(|record| record.get("method").exists())
        .collect();
    let [record] = records.as_slice() else {
        return Verdict::Fail(format!(
            "a request with status {} left {} records, one was expected",
            request.status,
            records.len()
        ));
    };
    let (method, path, status) = (
        record.get("method"),
        record.get("path"),
        record.get("status"),
    );
    if method.as_str() != Some(request.method) {
        return Verdict::Fail(format!(
            "method is {}, expected {}",
            shown(&method),
            request.method
        ));
    }
    if path.as_str() != Some(request.path.as_str()) {
        return Verdict::Fail(format!("path is {}", shown(&path)));
    }
    if status.as_i64() != Some(i64::from(request.status)) {
        return Verdict::Fail(format!(
            "status is {}, expected {}",
            shown(&status),
            request.status
        ));
    }
    Verdict::Pass
}

/// A provoked failure is one ERROR record with method, path and exception, and the request id that
/// the caller was told; another id is a warning.
pub fn error_record(log: &LogLines, request: &Expected, told: Option<&str>) -> Verdict {
    let all = log.records_containing(&request.word);
    let is_error =
        |record: &&Json| matches!(record.get("level").as_str(), Some("ERROR" | "CRITICAL"));
    let errors: Vec<&Json> = all.iter().filter(is_error).collect();
    let [record] = errors.as_slice() else {
        return Verdict::Fail(format!(
            "a provoked internal error left {} ERROR records, one was expected",
            errors.len()
        ));
    };
    let (method, path) = (record.get("method"), record.get("path"));
    if method.as_str() != Some(request.method) || path.as_str() != Some(request.path.as_str()) {
        return Verdict::Fail(format!(
            "it is logged as {} {}",
            shown(&method),
            shown(&path)
        ));
    }
    if !record.get("exception").exists() {
        return Verdict::Fail("it is logged without an exception".to_owned());
    }
    let id = record.get("request_id");
    match told {
        Some(told) if id.as_str() == Some(told) => Verdict::Pass,
        _ => Verdict::Warn(format!(
            "request_id is {}, the caller was told {}",
            shown(&id),
            told.map_or("none".to_owned(), |told| format!(
                "`{}`",
                crate::headers::quoted(told)
            ))
        )),
    }
}
