//! The exchange itself: one request out, one bounded reply in.
//!
//! A hostile server cannot hold a check up or fill the memory: the head is limited by the HTTP
//! library (100 header fields, 400 kB), the body is cut at [`Bounds::body`], and one deadline covers
//! the whole exchange, so a reply that drips in slowly ends with it.

use std::error::Error as _;
use std::io;
use std::time::{Duration, Instant};

use readiness::{Error, Result, Unavailable};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url, redirect};

use super::HttpReply;

/// Limits of one exchange.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// From connecting to the last byte of the body.
    pub timeout: Duration,
    /// Bytes of a body that are kept; the rest is not read and the reply says so.
    pub body: usize,
}

impl Default for Bounds {
    /// 10 s, and 4 MiB: a page of 500 rows is about 200 kB.
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            body: 4 << 20,
        }
    }
}

/// A pool of connections with its bounds. Clones share the pool.
#[derive(Debug, Clone)]
pub struct Transport {
    client: reqwest::Client,
    bounds: Bounds,
}

/// What is sent, ready made.
#[derive(Debug, Clone)]
pub(super) struct Outgoing {
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
}

impl Transport {
    /// A pool with these bounds. Proxies of the environment are not used: a probe looks at the
    /// target itself.
    ///
    /// # Errors
    /// [`Unavailable`] if the platform's client cannot be set up.
    pub fn new(bounds: Bounds) -> Result<Transport, Unavailable> {
        let client = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .timeout(bounds.timeout)
            .connect_timeout(bounds.timeout)
            .user_agent(concat!("readiness/", env!("CARGO_PKG_VERSION")))
            // A probe measures the target, not a retry.
            .retry(reqwest::retry::never())
            .no_proxy()
            .build()
            .map_err(|e| Unavailable::new(format!("no HTTP client: {}", chain(&e))))?;
        Ok(Transport { client, bounds })
    }

    /// The limits it was made with.
    pub fn bounds(&self) -> Bounds {
        self.bounds
    }

    pub(super) async fn exchange(&self, out: &Outgoing) -> Result<HttpReply> {
        let url = Url::parse(&out.url)
            .map_err(|e| Error::other(format!("`{}` is not a URL: {e}", out.url.escape_debug())))?;
        let method = Method::from_bytes(out.method.as_bytes())
            .map_err(|_| Error::other(format!("no method `{}`", out.method.escape_debug())))?;
        let mut request = self
            .client
            .request(method, url.clone())
            .headers(header_map(&out.headers)?);
        if let Some(body) = &out.body {
            request = request.body(body.clone());
        }
        let start = Instant::now();
        let mut response = request.send().await.map_err(|e| self.broken(&e, &url))?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), latin1(value.as_bytes())))
            .collect();
        let last_url = response.url().to_string();
        let mut body = Vec::new();
        let mut truncated = false;
        while let Some(chunk) = response.chunk().await.map_err(|e| self.broken(&e, &url))? {
            let room = self.bounds.body - body.len();
            if chunk.len() > room {
                body.extend_from_slice(&chunk[..room]);
                truncated = true;
                break;
            }
            body.extend_from_slice(&chunk);
        }
        Ok(HttpReply::new(status, headers, last_url)
            .with_body(&body, truncated)
            .with_elapsed(start.elapsed()))
    }

    fn broken(&self, error: &reqwest::Error, url: &Url) -> Error {
        let origin = origin(url);
        if error.is_timeout() && !error.is_connect() {
            return Error::other(format!(
                "no complete answer from {origin}{} within {} ms",
                url.path(),
                self.bounds.timeout.as_millis()
            ));
        }
        if error.is_connect() && is_absence(error) {
            return Error::unavailable(format!(
                "nothing answers at {origin} ({}): start it, or correct `target.base_url` in \
                 readiness.toml (READINESS_BASE_URL)",
                root_cause(error)
            ));
        }
        Error::other(format!(
            "exchange with {origin}{} failed: {}",
            url.path(),
            chain(error)
        ))
    }
}

/// Scheme, host and port: what a person needs to recognise the target, without credentials or query.
fn origin(url: &Url) -> String {
    let host = url.host_str().unwrap_or("");
    match url.port() {
        Some(port) => format!("{}://{host}:{port}", url.scheme()),
        None => format!("{}://{host}", url.scheme()),
    }
}

/// Whether the target is not there at all, as opposed to there and broken (say, a bad certificate).
fn is_absence(error: &reqwest::Error) -> bool {
    if error.is_dns() || error.is_timeout() {
        return true;
    }
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(io) = cause.downcast_ref::<io::Error>() {
            use io::ErrorKind::{
                AddrNotAvailable, ConnectionRefused, HostUnreachable, NetworkUnreachable, TimedOut,
            };
            if matches!(
                io.kind(),
                AddrNotAvailable
                    | ConnectionRefused
                    | HostUnreachable
                    | NetworkUnreachable
                    | TimedOut
            ) {
                return true;
            }
        }
        source = cause.source();
    }
    false
}

fn root_cause(error: &reqwest::Error) -> String {
    let mut last: &dyn std::error::Error = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}

/// An error with its causes. The library repeats the URL in its own message; a URL may carry a key.
fn chain(error: &reqwest::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut source = error.source();
    while let Some(cause) = source {
        parts.push(cause.to_string());
        source = cause.source();
    }
    parts.dedup();
    if parts.is_empty() {
        "no further cause".to_owned()
    } else {
        parts.join(": ")
    }
}

fn header_map(headers: &[(String, String)]) -> Result<HeaderMap> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let key = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| Error::other(format!("no header name: `{}`", name.escape_debug())))?;
        // The value may be a credential: it is not quoted.
        let value = HeaderValue::from_str(value)
            .map_err(|_| Error::other(format!("the value for `{key}` cannot be sent")))?;
        map.append(key, value);
    }
    Ok(map)
}

/// Header values are bytes; each byte becomes one character, so that nothing is lost or merged.
fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}
