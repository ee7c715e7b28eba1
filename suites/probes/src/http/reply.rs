//! A reply as an observation: status, headers, bounded body, elapsed time, address.
//!
//! Accessors note what they show, so that a replay alters exactly what the check looked at. As
//! evidence it reads like this:
//!
//! ```json
//! {"status":200,"headers":[["content-type","application/json"]],"body":"{…}","elapsed_us":812,
//!  "url":"http://127.0.0.1:8000/health"}
//! ```

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use readiness::observation::Reads;
use readiness::observation::json::Json;
use readiness::{Error, Result};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::body::{Body, boundary};
use crate::headers::quoted;

/// One HTTP reply, whatever its status.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HttpReply {
    pub(super) status: u16,
    /// Names in lower case, in the order received; repeated ones stay apart.
    pub(crate) headers: Headers,
    pub(super) body: Body,
    /// The body was longer than the client reads, or not UTF-8.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) incomplete: bool,
    pub(super) elapsed_us: u64,
    pub(super) url: Arc<str>,
    #[serde(skip)]
    pub(super) reads: Reads,
    #[serde(skip)]
    pub(super) scope: Scope,
}

impl HttpReply {
    /// A reply without a body, answered at once. Probes get theirs from a client; tests make them.
    pub fn new(status: u16, headers: Vec<(String, String)>, url: String) -> HttpReply {
        let headers = headers
            .into_iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), value))
            .collect();
        HttpReply {
            status,
            headers: Headers(Arc::new(headers)),
            body: Body::default(),
            incomplete: false,
            elapsed_us: 0,
            url: Arc::from(url),
            reads: Reads::default(),
            scope: Scope::Own,
        }
    }

    /// With this body; bytes that are not UTF-8 are replaced and make it incomplete.
    #[must_use]
    pub fn with_body(mut self, bytes: &[u8], truncated: bool) -> HttpReply {
        let text = String::from_utf8_lossy(bytes);
        self.incomplete = truncated || matches!(text, std::borrow::Cow::Owned(_));
        self.body = Body::new(text.into_owned());
        self
    }

    /// With this time from sending to the last byte.
    #[must_use]
    pub fn with_elapsed(mut self, elapsed: Duration) -> HttpReply {
        self.elapsed_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        self
    }

    /// The status code.
    pub fn status(&self) -> u16 {
        self.note("status");
        self.status
    }

    /// The first value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.header_all(name).into_iter().next()
    }

    /// All values of a header, in order.
    pub fn header_all(&self, name: &str) -> Vec<&str> {
        let name = name.to_ascii_lowercase();
        self.note(&format!("header {name}"));
        let named = self.headers.iter().filter(|(known, _)| *known == name);
        named.map(|(_, value)| value.as_str()).collect()
    }

    /// Whether there is no header of this name, where there must be none. The proof then adds one.
    ///
    /// `header(name).is_none()` says the same and is no substitute: what is asked for there may be
    /// absent for all that the proof knows, and `if let Some(value) = reply.header(name)` is content
    /// with any reply that leaves the header out.
    pub fn lacks_header(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        self.note(&format!("no-header {name}"));
        self.headers.iter().all(|(known, _)| *known != name)
    }

    /// Whether the body is empty, where it must be. The proof then adds one, as for
    /// [`lacks_header`](Self::lacks_header).
    pub fn lacks_body(&self) -> bool {
        self.note("no-body");
        self.body.as_str().is_empty()
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        self.note("body");
        self.body.as_str()
    }

    /// The body as JSON. What is read of it is noted place by place.
    ///
    /// # Errors
    /// A finding if it is not JSON.
    pub fn json(&self) -> Result<Json> {
        self.note("json");
        match self.body.json() {
            Some(value) => Ok(Json::tracked(value, self.reads.clone(), self.scope.body())),
            None => Err(Error::finding(format!(
                "the body is not JSON: `{}`",
                quoted(self.body.as_str())
            ))),
        }
    }

    /// Whether the body is not all of what was sent: cut at the client's bound, or not UTF-8.
    pub fn is_incomplete(&self) -> bool {
        self.incomplete
    }

    /// From sending to the last byte.
    pub fn elapsed(&self) -> Duration {
        self.note("elapsed");
        Duration::from_micros(self.elapsed_us)
    }

    /// The address that answered.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Keeps at most this much of the body: for observations that hold many replies.
    pub(crate) fn shorten(&mut self, bytes: usize) {
        let text = self.body.as_str();
        if text.len() > bytes {
            let end = boundary(text, bytes);
            self.body = Body::new(text[..end].to_owned());
            self.incomplete = true;
        }
    }

    /// Keeps only these headers: for observations that hold many replies.
    pub(crate) fn keep_headers(&mut self, keep: impl Fn(&str) -> bool) {
        self.headers.to_mut().retain(|(name, _)| keep(name));
    }

    /// Notes reads with `scope` in front of the facet, on behalf of the observation that holds it.
    pub(crate) fn attach_within(&mut self, reads: Reads, scope: Scope) {
        self.reads = reads;
        self.scope = scope;
    }

    /// Whether a page announces another one, unnoticed: for probes that decide how to go on.
    pub(crate) fn says_more(&self) -> bool {
        let body = self.body.json();
        body.is_some_and(|body| body["has_more"] == true)
    }

    /// The `id` of what was made, unnoticed: for removing it again.
    pub(crate) fn raw_id(&self) -> Option<String> {
        let body = self.body.json()?;
        let id = match &body["id"] {
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Number(number) => number.to_string(),
            _ => return None,
        };
        // It becomes part of an address.
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        (!id.is_empty() && id.len() <= 200 && id.chars().all(plain)).then_some(id)
    }

    /// How many entries a list in the body has, unnoticed: for probes that decide how to go on.
    pub(crate) fn raw_list_len(&self, field: &str) -> usize {
        let body = self.body.json();
        body.and_then(|body| body[field].as_array().map(Vec::len))
            .unwrap_or(0)
    }

    /// The ids of the entries of a list in the body, unnoticed: for telling own ones from others'.
    pub(crate) fn raw_list_ids(&self, field: &str) -> Vec<String> {
        let body = self.body.json();
        let entries = body.as_ref().and_then(|body| body[field].as_array());
        let id = |entry: &serde_json::Value| match &entry["id"] {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        entries.into_iter().flatten().map(id).collect()
    }

    /// A text field of the body, unnoticed: for probes that decide how to go on and for what is cleared
    /// up afterwards, never for judgements.
    pub fn raw_text(&self, field: &str) -> Option<String> {
        self.body.json()?[field].as_str().map(str::to_owned)
    }

    /// The total that a page states, unnoticed; zero where it states none.
    pub(crate) fn raw_total(&self) -> u64 {
        let total = self.body.json().and_then(|body| body["total"].as_u64());
        total.unwrap_or(0)
    }

    /// Whether the body names this error, unnoticed: for probes that decide how to go on.
    pub fn error_is(&self, name: &str) -> bool {
        self.raw_text("error").as_deref() == Some(name)
    }

    /// The time of the `Date` header in seconds since 1970, unnoticed: for probes that have to know the
    /// service's clock.
    pub fn date(&self) -> Option<i64> {
        self.raw_header("date")
            .and_then(crate::rate_limit::http_date)
    }

    /// Whether this is the status, unnoticed: for probes that wait for one.
    pub fn has_status(&self, status: u16) -> bool {
        self.status == status
    }

    /// Seconds to wait if this is a 429, unnoticed: for probes that wait for a limit that is not
    /// theirs to judge. A minute where the reply does not say.
    pub fn retry_after_if_limited(&self) -> Option<u64> {
        let said = self
            .raw_header("retry-after")
            .and_then(|value| value.trim().parse().ok());
        (self.status == 429).then(|| said.unwrap_or(60))
    }

    /// The status, unnoticed: for probes that decide how to go on, never for judgements.
    pub(crate) fn raw_status(&self) -> u16 {
        self.status
    }

    /// A header's first value, unnoticed: for probes that decide how to go on.
    pub(crate) fn raw_header(&self, name: &str) -> Option<&str> {
        let named = self.headers.iter().find(|(known, _)| known == name);
        named.map(|(_, value)| value.as_str())
    }

    /// The values of the cookies that it sets, unnoticed: they are secrets. Short ones are words.
    pub(crate) fn raw_cookies(&self) -> impl Iterator<Item = &str> {
        const SHORTEST: usize = 8;
        let set = self.headers.iter().filter(|(name, _)| name == "set-cookie");
        let values = set.filter_map(|(_, value)| {
            let pair = value.split(';').next().unwrap_or(value);
            Some(pair.split_once('=')?.1.trim())
        });
        values.filter(|value| value.len() >= SHORTEST)
    }

    /// The same reply with another status.
    pub(crate) fn with_raw_status(&self, status: u16) -> HttpReply {
        HttpReply {
            status,
            ..self.clone()
        }
    }

    pub(super) fn set_reads(&mut self, reads: Reads) {
        self.reads = reads;
    }

    fn note(&self, facet: &str) {
        self.reads
            .note_with(|| format!("{}{facet}", self.scope.prefix()));
    }
}

/// Names and values. Cheap to clone: a burst has a thousand replies, and each of its replays has them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Headers(Arc<Vec<(String, String)>>);

impl Headers {
    /// To change them, on a copy where they are shared.
    pub(crate) fn to_mut(&mut self) -> &mut Vec<(String, String)> {
        Arc::make_mut(&mut self.0)
    }
}

impl Deref for Headers {
    type Target = [(String, String)];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Serialize for Headers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(|headers| Headers(Arc::new(headers)))
    }
}

/// What stands in front of the facets when the reply is part of a larger observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Scope {
    /// It stands for itself.
    #[default]
    Own,
    /// Of a burst: it was let through.
    Allowed,
    /// Of a burst: it was not.
    Refused,
    /// Of a burst: it was sent with a forged address.
    Forged,
    /// Of a burst: it was sent after waiting.
    After,
}

impl Scope {
    /// In front of a facet.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Scope::Own => "",
            Scope::Allowed => "allowed ",
            Scope::Refused => "refused ",
            Scope::Forged => "forged ",
            Scope::After => "after ",
        }
    }

    /// The prefix of a place in the body.
    fn body(self) -> &'static str {
        match self {
            Scope::Own => "body",
            Scope::Allowed => "allowed body",
            Scope::Refused => "refused body",
            Scope::Forged => "forged body",
            Scope::After => "after body",
        }
    }
}

/// What is at a place, as a reason may show it: bounded, `missing` where there is nothing.
pub fn shown(place: &Json) -> String {
    match place.peek() {
        None => "missing".to_owned(),
        Some(serde_json::Value::String(text)) => format!("`{}`", quoted(text)),
        Some(value) => format!("`{}`", quoted(&value.to_string())),
    }
}
