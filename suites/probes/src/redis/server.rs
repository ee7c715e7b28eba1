//! A Redis server that is looked at: where it is, and how an answer becomes an observation.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use readiness::{Context, Error, Resource, Result, Unavailable};
use serde::Deserialize;
use serde_json::Value;
use tokio::net::TcpStream;

use super::RedisReply;
use super::resp::{Connection, Reply};
use crate::handshake::{self, Demand, Trust};
use crate::store_url::StoreUrl;

/// From connecting to the last reply of one look.
const TIMEOUT: Duration = Duration::from_secs(15);

/// `[target.redis]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct RedisTarget {
    /// Variable with the URL.
    pub url_env: Option<String>,
    /// What the keys of the cache begin with.
    pub cache_prefix: Option<String>,
    /// What the keys of revoked tokens begin with.
    pub revocation_prefix: Option<String>,
}

/// The part of `[target]` that concerns Redis.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Target {
    redis: RedisTarget,
    ca_file: Option<PathBuf>,
}

/// A Redis server that is looked at. As a resource it is the one of `redis.url_env`.
#[derive(Debug, Clone)]
pub struct Redis {
    cx: Context,
    /// Absent under replay, where nothing may leave the process.
    access: Option<Arc<Access>>,
}

/// Where it is and how it is reached.
pub(super) struct Access {
    pub url: StoreUrl,
    trust: Trust,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl Redis {
    /// The server at `url`, whose certificate an authority of `ca_file` vouches for, or one that the
    /// platform trusts.
    ///
    /// # Errors
    /// [`Unavailable`] if the URL is not one of Redis, or the authorities cannot be read.
    pub fn at(cx: &Context, url: &str, ca_file: Option<&PathBuf>) -> Result<Redis, Unavailable> {
        let not_one = |why: &str| Unavailable::new(format!("the Redis URL is not one: {why}"));
        let url = StoreUrl::parse(url).map_err(not_one)?;
        if !matches!(url.scheme.as_str(), "redis" | "rediss") {
            return Err(not_one("its scheme is neither redis nor rediss"));
        }
        if url.host.is_empty() {
            return Err(not_one("it names no host"));
        }
        if let Some(password) = &url.password {
            cx.secret(password);
        }
        let trust = Trust::load(ca_file.map(PathBuf::as_path))?;
        Ok(Redis {
            cx: cx.clone(),
            access: Some(Arc::new(Access { url, trust })),
        })
    }

    /// The same server under replay: it serves recordings and has no way out.
    pub fn replayed(cx: &Context) -> Redis {
        Redis {
            cx: cx.clone(),
            access: None,
        }
    }

    /// This server recording into another context, as `cx.once` hands one out.
    #[must_use]
    pub fn within(&self, cx: &Context) -> Redis {
        Redis {
            cx: cx.clone(),
            ..self.clone()
        }
    }

    /// The context that it records into.
    pub fn context(&self) -> &Context {
        &self.cx
    }

    pub(super) fn access(&self) -> Result<&Access> {
        self.access
            .as_deref()
            .ok_or_else(|| Error::other("a replay cannot connect"))
    }

    /// Records what `look` finds on a connection that has logged in.
    pub(super) async fn observe(
        &self,
        what: &str,
        look: impl AsyncFnOnce(&mut Connection) -> Result<Value>,
    ) -> Result<RedisReply> {
        self.cx
            .observe(what, || async {
                let access = self.access()?;
                let looking = async {
                    let mut connection = access.log_in().await?;
                    look(&mut connection).await.map(RedisReply::new)
                };
                access.in_time(looking).await
            })
            .await
    }
}

impl Resource for Redis {
    async fn acquire(cx: &Context) -> Result<Self, Unavailable> {
        let target: Target = cx.target()?;
        let url = crate::named_variable(target.redis.url_env.as_deref(), "redis.url_env")?;
        Self::at(cx, &url, target.ca_file.as_ref())
    }

    fn replay(cx: &Context) -> Option<Self> {
        Some(Self::replayed(cx))
    }
}

impl Access {
    /// Its port, or the one that Redis listens on by default.
    pub fn port(&self) -> u16 {
        self.url.port.unwrap_or(6379)
    }

    /// Host and port, for messages.
    pub fn place(&self) -> String {
        format!("{}:{}", self.url.host, self.port())
    }

    /// Whether its URL asks for TLS.
    pub fn is_encrypted(&self) -> bool {
        self.url.scheme == "rediss"
    }

    /// The bound of one look.
    pub async fn in_time<T>(&self, looking: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::time::timeout(TIMEOUT, looking).await.map_err(|_| {
            let (place, seconds) = (self.place(), TIMEOUT.as_secs());
            Error::other(format!(
                "Redis at {place} did not answer within {seconds} s"
            ))
        })?
    }

    /// A socket to a port of the same host.
    pub async fn socket(&self, port: u16) -> Result<TcpStream> {
        TcpStream::connect((self.url.host.as_str(), port))
            .await
            .map_err(|error| {
                Error::unavailable(format!(
                    "nothing answers at {}:{port} ({error}): start Redis, or correct the URL",
                    self.url.host
                ))
            })
    }

    /// A connection as the URL has it, with the certificate checked, before logging in.
    ///
    /// # Errors
    /// Unavailable if there is none.
    pub async fn connect(&self) -> Result<Connection> {
        let stream = self.socket(self.port()).await?;
        if !self.is_encrypted() {
            return Ok(Connection::new(Box::new(stream)));
        }
        let shaken = handshake::shake(stream, &self.url.host, &self.trust, Demand::ChainAndHost);
        let shaken = shaken
            .await
            .map_err(|error| Error::unavailable(error.to_string()))?;
        Ok(Connection::new(Box::new(shaken.stream)))
    }

    /// Shakes hands with whatever certificate is shown, and leaves.
    pub async fn look_at_tls(&self) -> Result<handshake::TlsSession> {
        let stream = self.socket(self.port()).await?;
        let shaken = handshake::shake(stream, &self.url.host, &self.trust, Demand::Nothing).await;
        Ok(match shaken {
            Ok(shaken) => shaken.session,
            Err(error) => handshake::refused(&error),
        })
    }

    /// A connection that has logged in.
    ///
    /// # Errors
    /// Unavailable if there is none, or the password is refused.
    pub async fn log_in(&self) -> Result<Connection> {
        let mut connection = self.connect().await?;
        if let Some(password) = self
            .url
            .password
            .as_deref()
            .filter(|password| !password.is_empty())
        {
            let reply = match &self.url.user {
                Some(user) => connection.send(&["AUTH", user, password]).await?,
                None => connection.send(&["AUTH", password]).await?,
            };
            // A server without a password refuses one; it is looked at all the same.
            if let Reply::Error(error) = &reply
                && !error.contains("without any password configured")
            {
                return Err(Error::unavailable(format!(
                    "Redis refuses the password of the URL: {}",
                    error.escape_debug()
                )));
            }
        }
        Ok(connection)
    }
}
