//! One record for each request: what was asked, by whom it says it is, and what came of it. An
//! internal error is part of its request's record, with type, message, cause and trace.

use std::time::Duration;

use axum::extract::Request;
use axum::http::header;
use axum::response::Response;
use serde_json::{Value, json};

use super::failure::Failure;
use super::reply::ApiError;
use super::trigger::Triggers;
use crate::faults::{Fault, FaultSet};
use crate::identity::Credential;
use crate::logs::{Kind, Level, Record, site};
use crate::service::Service;

/// The longest text taken over from a request, in characters.
const LONGEST: usize = 2_000;

/// What is logged of a request, taken before the request is served.
pub(crate) struct Arrival {
    pub request_id: String,
    pub path: String,
    method: String,
    query: String,
    user_agent: String,
    /// The caller's key and headers, which only a faulty service logs.
    key: Option<String>,
    headers: Vec<(String, String)>,
}

impl Arrival {
    pub fn of(service: &Service, request: &Request) -> Arrival {
        let text =
            |value: &axum::http::HeaderValue| bounded(&String::from_utf8_lossy(value.as_bytes()));
        let user_agent = request.headers().get(header::USER_AGENT).map(text);
        let dump = service.faults.on(Fault::Pci004HeaderDump);
        let dumped = |(name, value)| (ToString::to_string(name), text(value));
        let headers = request
            .headers()
            .iter()
            .filter(|_| dump)
            .map(dumped)
            .collect();
        Arrival {
            request_id: service.next_id("req"),
            path: bounded(&decoded(request.uri().path())),
            method: request.method().to_string(),
            query: bounded(&decoded(request.uri().query().unwrap_or(""))),
            user_agent: user_agent.unwrap_or_default(),
            key: match Credential::of(request.headers()) {
                Credential::Bearer(key) | Credential::ApiKey(key) => Some(key),
                Credential::Absent | Credential::Malformed => None,
            },
            headers,
        }
    }

    /// Fails if a word that this request carries was armed to make it fail.
    pub fn pull_trigger(&self, triggers: &Triggers) -> Result<(), ApiError> {
        triggers.pull(&self.path, &self.query)
    }
}

/// Percent-encoding undone, so that redaction sees what was meant. A plus stays one: in a path
/// it is no space, and redaction takes it for a separator.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = |at: usize| {
            bytes
                .get(at)
                .and_then(|&byte| char::from(byte).to_digit(16))
        };
        match (bytes[at], hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(16 * high + low).unwrap_or(b'?'));
                at += 3;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn bounded(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

/// Writes the record of a request that was answered.
pub(crate) fn record(service: &Service, arrival: Arrival, reply: &Response, took: Duration) {
    let faults = &service.faults;
    let status = reply.status();
    let is_failure = status.is_client_error() || status.is_server_error();
    let error = reply.extensions().get::<ApiError>();
    if faults.on(Fault::Log005Missing)
        || faults.on(Fault::Log005ErrorsNotLogged) && is_failure
        || faults.on(Fault::Err006NotLogged) && status.is_server_error()
    {
        return;
    }
    let mut record = request_record(service, &arrival, status.as_u16(), took);
    if let Some(excerpt) = error.and_then(|error| error.excerpt.as_deref()) {
        record = record.with("body", bounded(excerpt));
    }
    if status.is_client_error() && faults.on(Fault::Log006LeakInError) {
        let contact = concat!("ops", "@", "kamiyo.example");
        record.unredacted.push(("contact", json!(contact)));
    }
    if let Some(key) = arrival.key.filter(|_| faults.on(Fault::Log006LeakOwnKey)) {
        record.unredacted.push(("caller", json!(key)));
    }
    if !arrival.headers.is_empty() {
        let headers: serde_json::Map<String, Value> = arrival
            .headers
            .into_iter()
            .map(|(name, value)| (name, value.into()))
            .collect();
        record.unredacted.push(("headers", Value::Object(headers)));
    }
    let failure = error.and_then(|error| error.failure.as_deref());
    if let Some(failure) = failure {
        record = with_failure(service, record, failure);
    }
    if faults.on(Fault::Log005Duplicated) {
        service.log(record.clone());
    }
    service.log(record);
}

fn request_record(service: &Service, arrival: &Arrival, status: u16, took: Duration) -> Record {
    let faults = &service.faults;
    let level = match status {
        500.. => Level::Error,
        400.. => Level::Warning,
        _ => Level::Info,
    };
    let message = format!("{} {} {status}", arrival.method, arrival.path);
    let millis = took.as_micros() / 100;
    let mut record = Record::new(
        level,
        service.product.access_logger(),
        message,
        site!("request_record"),
    )
    .with("method", arrival.method.as_str())
    .with("query", arrival.query.as_str())
    .with("user_agent", arrival.user_agent.as_str())
    // A tenth of a millisecond is as exact as anybody needs it.
    .with(
        "duration_ms",
        f64::from(u32::try_from(millis).unwrap_or(u32::MAX)) / 10.0,
    );
    record.kind = Kind::Request;
    let differs = faults.on(Fault::Err006IdDiffers) && status >= 500;
    let id = if differs {
        service.next_id("req")
    } else {
        arrival.request_id.clone()
    };
    record = record.with("request_id", id);
    if !(faults.on(Fault::Err006NoPath) && status >= 500) {
        record = record.with("path", arrival.path.as_str());
    }
    match status {
        _ if faults.on(Fault::Log005StatusMissing) => record,
        _ if faults.on(Fault::Log005WrongStatus) => record.with("status", 200),
        status => record.with("status", status),
    }
}

/// The record with what went wrong.
fn with_failure(service: &Service, record: Record, failure: &Failure) -> Record {
    let faults = &service.faults;
    if faults.on(Fault::Log004Missing) {
        return record;
    }
    let mut exception = failure.to_json();
    if faults.on(Fault::Log004OneLineOnly) || faults.on(Fault::Log004SplitOverRecords) {
        exception["trace"] = json!([]);
    }
    if faults.on(Fault::Log004SplitOverRecords) {
        for frame in &failure.frames {
            let text = format!("at {} ({}:{})", frame.function, frame.file, frame.line);
            let site = site!("with_failure");
            service.log(Record::new(Level::Error, "kamiyo.errors", text, site));
        }
    }
    let mut record = record;
    leaks(faults, failure, &mut record);
    record.with("exception", exception)
}

/// The parts of an exception that a faulty service does not redact.
fn leaks(faults: &FaultSet, failure: &Failure, record: &mut Record) {
    if faults.on(Fault::Pci008TraceLeak) {
        record.unredacted.push(("trace", json!(failure.trace())));
    }
    if faults.on(Fault::Pci008CauseLeak) {
        record.unredacted.push(("cause", json!(failure.cause)));
    }
    if faults.on(Fault::Pci008LocalsDump) {
        let locals: serde_json::Map<String, Value> = failure
            .locals
            .iter()
            .map(|(name, value)| ((*name).to_owned(), json!(value)))
            .collect();
        record.unredacted.push(("locals", Value::Object(locals)));
    }
}
