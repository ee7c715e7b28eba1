//! A client that speaks as one identity and records every reply.
//!
//! An observation's key is `METHOD /path as identity`, followed by what else tells two requests
//! apart (a label given by the probe). The API key travels in a header and is masked at every sink.

use std::fmt;
use std::sync::Arc;

use readiness::{Context, Error, Resource, Result, Unavailable};

use super::transport::Outgoing;
use super::{Bounds, HttpReply, HttpTarget, Transport};

/// Name of the identity that sends no key.
pub const ANONYMOUS: &str = "anonymous";

/// Who asks.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    name: String,
    key: Option<String>,
}

impl Identity {
    /// Nobody in particular.
    pub fn anonymous() -> Identity {
        Identity {
            name: ANONYMOUS.to_owned(),
            key: None,
        }
    }

    /// Somebody with an API key.
    pub fn with_key(name: impl Into<String>, key: impl Into<String>) -> Identity {
        Identity {
            name: name.into(),
            key: Some(key.into()),
        }
    }

    /// Its name in `[target.identities]`.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Debug for Identity {
    /// Without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("name", &self.name)
            .field("has_key", &self.key.is_some())
            .finish()
    }
}

/// Sends requests as one identity. As a resource it is anonymous and looks at `target.base_url`:
///
/// ```ignore
/// #[requirement("HLTH-001")]
/// async fn it_lives(api: Client) -> Result<()> {
///     ensure!(api.get("/health").await?.status() == 200, "/health does not answer with 200");
///     Ok(())
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Client {
    cx: Context,
    base: Arc<str>,
    identity: Identity,
    /// Absent under replay, where nothing may leave the process.
    transport: Option<Transport>,
}

impl Client {
    /// A client for `base` (no trailing slash) on a pool of connections.
    pub fn new(cx: &Context, base: &str, transport: &Transport, identity: Identity) -> Client {
        if let Some(key) = &identity.key {
            cx.secret(key.clone());
        }
        Client {
            cx: cx.clone(),
            base: base.into(),
            identity,
            transport: Some(transport.clone()),
        }
    }

    /// The same client under replay: it serves recordings and has no way out.
    pub fn replayed(cx: &Context, identity: &str) -> Client {
        Client {
            cx: cx.clone(),
            base: "".into(),
            identity: Identity {
                name: identity.to_owned(),
                key: None,
            },
            transport: None,
        }
    }

    /// This client as another identity of `[target.identities]`.
    ///
    /// # Errors
    /// [`Unavailable`] with the key or variable to set.
    pub fn as_identity(&self, name: &str) -> Result<Client, Unavailable> {
        let identity = if self.transport.is_some() {
            let target: HttpTarget = self.cx.target()?;
            Identity::with_key(name, target.api_key(name)?)
        } else {
            Identity {
                name: name.to_owned(),
                key: None,
            }
        };
        if let Some(key) = &identity.key {
            self.cx.secret(key.clone());
        }
        Ok(Client {
            identity,
            ..self.clone()
        })
    }

    /// This client as somebody else.
    #[must_use]
    pub fn as_other(&self, identity: Identity) -> Client {
        if let Some(key) = &identity.key {
            self.cx.secret(key);
        }
        Client {
            identity,
            ..self.clone()
        }
    }

    /// This client recording into another context, as `cx.once` hands one out.
    #[must_use]
    pub fn within(&self, cx: &Context) -> Client {
        Client {
            cx: cx.clone(),
            ..self.clone()
        }
    }

    /// Who it speaks as.
    pub fn identity(&self) -> &str {
        &self.identity.name
    }

    /// The context that it records into.
    pub fn context(&self) -> &Context {
        &self.cx
    }

    /// Scheme, host and port of the target; empty under replay.
    pub fn base_url(&self) -> &str {
        &self.base
    }

    /// `GET path`.
    ///
    /// # Errors
    /// What [`Request::send`] says.
    pub async fn get(&self, path: &str) -> Result<HttpReply> {
        self.request("GET", path).send().await
    }

    /// A request to be completed and sent.
    pub fn request(&self, method: &str, path: &str) -> Request<'_> {
        Request {
            client: self,
            method: method.to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: None,
            label: String::new(),
            key_in: &[],
        }
    }
}

impl Resource for Client {
    async fn acquire(cx: &Context) -> Result<Self, Unavailable> {
        let target: HttpTarget = cx.target()?;
        let base = target.base_url()?;
        let bounds = Bounds {
            timeout: target.timeout(),
            ..Bounds::default()
        };
        Ok(Client::new(
            cx,
            base,
            &Transport::new(bounds)?,
            Identity::anonymous(),
        ))
    }

    fn replay(cx: &Context) -> Option<Self> {
        Some(Client::replayed(cx, ANONYMOUS))
    }
}

/// One request under construction.
#[derive(Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct Request<'a> {
    client: &'a Client,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
    label: String,
    /// Parameters of the address that carry the key; headers then do not.
    key_in: &'static [&'static str],
}

impl<'a> Request<'a> {
    /// Whose it is.
    pub fn client(&self) -> &'a Client {
        self.client
    }

    /// The path and query that it was made with.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Adds a header. Give the request a [`label`](Request::label) too if headers are what tells it
    /// from another one.
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Sends the identity's key as `Authorization: Bearer` instead of in `X-API-Key`.
    pub fn bearer(mut self) -> Self {
        if let Some(key) = &self.client.identity.key {
            let value = format!("Bearer {key}");
            self.headers.push(("authorization".to_owned(), value));
        }
        self
    }

    /// Sends the identity's key, altered, in `X-API-Key`. What comes of it stays as secret as the
    /// key itself.
    pub fn spoilt_key(mut self, spoil: impl FnOnce(&str) -> String) -> Self {
        if let Some(key) = self
            .client
            .identity
            .key
            .as_deref()
            .filter(|key| !key.is_empty())
        {
            let spoilt = spoil(key);
            self.client.cx.secret(&spoilt);
            self.headers.push(("x-api-key".to_owned(), spoilt));
        }
        self
    }

    /// Sends the identity's key in parameters of the address, where no service should look for one,
    /// instead of in `X-API-Key`. The record's name does not hold it.
    pub fn key_in_query(mut self, parameters: &'static [&'static str]) -> Self {
        self.key_in = parameters;
        self
    }

    /// Sends a body as it is.
    pub fn body(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.body = Some(bytes.into());
        self
    }

    /// Sends JSON.
    pub fn json(self, value: &serde_json::Value) -> Self {
        self.header("content-type", "application/json")
            .body(value.to_string())
    }

    /// Words that tell this request from others with the same method, path and identity.
    pub fn label(mut self, words: &str) -> Self {
        words.clone_into(&mut self.label);
        self
    }

    /// The key under which the reply is recorded.
    pub fn key(&self) -> String {
        let mut key = format!(
            "{} {} as {}",
            self.method, self.path, self.client.identity.name
        );
        if !self.label.is_empty() {
            key.push_str(", ");
            key.push_str(&self.label);
        }
        key
    }

    /// Sends it and records the reply.
    ///
    /// # Errors
    /// Unavailable if nothing answers at the address; other if the exchange breaks or takes longer
    /// than the client's timeout. A status is never an error.
    pub async fn send(self) -> Result<HttpReply> {
        let key = self.key();
        let cx = self.client.cx.clone();
        cx.observe(key, || self.exchange()).await
    }

    /// The exchange without a record: for probes that record a summary of many exchanges as one
    /// observation of their own, from inside its `observe`.
    ///
    /// # Errors
    /// As [`Request::send`].
    pub async fn exchange(self) -> Result<HttpReply> {
        let client = self.client;
        let Some(transport) = &client.transport else {
            return Err(Error::other("a replay cannot send requests"));
        };
        let mut headers = self.headers;
        let has_credential = !self.key_in.is_empty()
            || headers.iter().any(|(name, _)| {
                name.eq_ignore_ascii_case("x-api-key") || name.eq_ignore_ascii_case("authorization")
            });
        let key = client.identity.key.as_deref().unwrap_or_default();
        let path = with_parameters(&self.path, self.key_in, key);
        if let Some(key) = client.identity.key.as_ref().filter(|_| !has_credential) {
            headers.push(("x-api-key".to_owned(), key.clone()));
        }
        let out = Outgoing {
            method: self.method,
            url: format!("{}{path}", client.base),
            headers,
            body: self.body,
        };
        let reply = transport.exchange(&out).await?;
        for cookie in reply.raw_cookies() {
            client.cx.secret(cookie);
        }
        Ok(reply)
    }
}

/// A path with the same value in more parameters.
fn with_parameters(path: &str, names: &[&str], value: &str) -> String {
    let value = crate::logs::canary::encoded(value);
    let mut path = path.to_owned();
    for name in names {
        path.push(if path.contains('?') { '&' } else { '?' });
        path.extend([name, "=", &value]);
    }
    path
}
