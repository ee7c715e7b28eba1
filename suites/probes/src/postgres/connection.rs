//! One connection: socket, TLS as the URL demands, log-in.
//!
//! Nothing is spawned: the connection is driven by whoever waits for an answer, and is gone when
//! the answer is there.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::path::PathBuf;
use std::pin::{Pin, pin};
use std::task::{self, Poll};
use std::time::Duration;

use readiness::{Error, Result, Unavailable};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::tls::{ChannelBinding, TlsConnect};
use tokio_postgres::{Client, Config};

use crate::handshake::{self, Demand, Trust};
use crate::store_url::StoreUrl;

/// One connection and its queries together.
const TIMEOUT: Duration = Duration::from_secs(15);

/// The same where a load runs meanwhile.
const TIMEOUT_UNDER_LOAD: Duration = Duration::from_secs(300);

/// Where a database is and how it is reached.
pub(super) struct Access {
    url: StoreUrl,
    config: Config,
    demand: Demand,
    trust: Trust,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// Why no connection came about.
#[derive(Debug)]
pub(super) struct Refusal {
    /// In words.
    pub reason: String,
    /// Whether the server asked for a password, so the way there was open.
    pub asked_for_password: bool,
}

impl Access {
    /// Takes a URL apart. `ca_file` counts where the URL names no `sslrootcert`.
    pub fn new(url: &str, ca_file: Option<&PathBuf>) -> Result<Access, Unavailable> {
        let not_one = |why: &str| Unavailable::new(format!("the PostgreSQL URL is not one: {why}"));
        let url = StoreUrl::parse(url).map_err(not_one)?;
        if !matches!(url.scheme.as_str(), "postgres" | "postgresql") {
            return Err(not_one("its scheme is neither postgresql nor postgres"));
        }
        if url.host.is_empty() {
            return Err(not_one("it names no host"));
        }
        let mode = url
            .query
            .get("sslmode")
            .or_else(|| url.query.get("ssl"))
            .map(String::as_str);
        let (ssl, demand) = match mode {
            Some("disable" | "allow") => (SslMode::Disable, Demand::Nothing),
            Some("require" | "true") => (SslMode::Require, Demand::Nothing),
            Some("verify-ca") => (SslMode::Require, Demand::Chain),
            Some("verify-full") => (SslMode::Require, Demand::ChainAndHost),
            _ => (SslMode::Prefer, Demand::Nothing),
        };
        let named = url.query.get("sslrootcert").map(PathBuf::from);
        let trust = Trust::load(named.as_ref().or(ca_file).map(PathBuf::as_path))?;
        let mut config = Config::new();
        config.ssl_mode(ssl).application_name("readiness");
        if let Some(user) = &url.user {
            config.user(user);
        }
        if let Some(password) = &url.password {
            config.password(password);
        }
        if !url.path.is_empty() {
            config.dbname(&url.path);
        }
        // They may carry settings of the session, the statement timeout among them.
        if let Some(options) = url.query.get("options") {
            config.options(options);
        }
        Ok(Access {
            url,
            config,
            demand,
            trust,
        })
    }

    /// Its password, to be masked everywhere.
    pub fn password(&self) -> Option<&str> {
        self.url.password.as_deref()
    }

    /// Host and port, for messages.
    pub fn place(&self) -> String {
        format!("{}:{}", self.url.host, self.port())
    }

    fn port(&self) -> u16 {
        self.url.port.unwrap_or(5432)
    }

    /// Connects, and runs `work` on the connection.
    ///
    /// # Errors
    /// Unavailable if there is no connection, else what `work` says.
    pub async fn with<R>(&self, work: impl AsyncFnOnce(&Client) -> Result<R>) -> Result<R> {
        self.within(TIMEOUT, work).await
    }

    /// The same for work that takes as long as a load does.
    pub async fn with_load<R>(&self, work: impl AsyncFnOnce(&Client) -> Result<R>) -> Result<R> {
        self.within(TIMEOUT_UNDER_LOAD, work).await
    }

    async fn within<R>(
        &self,
        limit: Duration,
        work: impl AsyncFnOnce(&Client) -> Result<R>,
    ) -> Result<R> {
        let place = self.place();
        let attempt = async {
            self.attempt(&self.config, work).await.map_err(|refusal| {
                let reason = refusal.reason;
                Error::unavailable(format!("no connection to PostgreSQL at {place}: {reason}"))
            })?
        };
        tokio::time::timeout(limit, attempt).await.map_err(|_| {
            let seconds = limit.as_secs();
            Error::other(format!(
                "PostgreSQL at {place} did not answer within {seconds} s"
            ))
        })?
    }

    /// Connects without TLS and without the password, and leaves.
    pub async fn without_tls(&self) -> Result<Result<(), Refusal>> {
        // Without the password, which would travel in the clear: being asked for it says enough.
        let mut bare = Config::new();
        bare.ssl_mode(SslMode::Disable)
            .application_name("readiness");
        if let Some(user) = self.config.get_user() {
            bare.user(user);
        }
        if let Some(name) = self.config.get_dbname() {
            bare.dbname(name);
        }
        let attempt = self.attempt(&bare, async |_| Ok(()));
        match tokio::time::timeout(TIMEOUT, attempt).await {
            Ok(Ok(done)) => done.map(Ok),
            Ok(Err(refusal)) => Ok(Err(refusal)),
            Err(_) => Err(Error::other(format!(
                "PostgreSQL at {} did not answer",
                self.place()
            ))),
        }
    }

    async fn attempt<R>(
        &self,
        config: &Config,
        work: impl AsyncFnOnce(&Client) -> Result<R>,
    ) -> Result<Result<R>, Refusal> {
        let refused = |reason: String| Refusal {
            reason,
            asked_for_password: false,
        };
        let stream = TcpStream::connect((self.url.host.as_str(), self.port()))
            .await
            .map_err(|e| refused(e.to_string()))?;
        let tls = Handshake {
            host: self.url.host.clone(),
            trust: self.trust.clone(),
            demand: self.demand,
        };
        let (client, connection) = config.connect_raw(stream, tls).await.map_err(|error| {
            // Without a password in its configuration the client library says so itself.
            let reason = explained(&error);
            let asked_for_password = reason.contains("password missing")
                || error.code() == Some(&SqlState::INVALID_PASSWORD);
            Refusal {
                reason,
                asked_for_password,
            }
        })?;
        let mut connection = pin!(connection);
        let mut is_over = false;
        let mut work = pin!(async {
            let answer = work(&client).await;
            drop(client);
            answer
        });
        Ok(poll_fn(|cx| {
            // Requests and replies move only while the connection is polled.
            is_over = is_over || connection.as_mut().poll(cx).is_ready();
            work.as_mut().poll(cx)
        })
        .await)
    }
}

/// An error with its causes: the library's own message is often only "db error".
pub(super) fn explained(error: &tokio_postgres::Error) -> String {
    use std::error::Error as _;
    if let Some(said) = error.as_db_error() {
        return format!("{} (SQLSTATE {})", said.message(), said.code().code());
    }
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// Shakes hands for the client library.
struct Handshake {
    host: String,
    trust: Trust,
    demand: Demand,
}

impl TlsConnect<TcpStream> for Handshake {
    type Stream = Encrypted;
    type Error = Box<dyn std::error::Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<Encrypted, Self::Error>> + Send>>;

    fn connect(self, stream: TcpStream) -> Self::Future {
        Box::pin(async move {
            let shaken = handshake::shake(stream, &self.host, &self.trust, self.demand)
                .await
                .map_err(|e| e.to_string())?;
            Ok(Encrypted(shaken.stream))
        })
    }
}

/// The encrypted stream, in the form that the client library asks for.
struct Encrypted(tokio_rustls::client::TlsStream<TcpStream>);

impl tokio_postgres::tls::TlsStream for Encrypted {
    fn channel_binding(&self) -> ChannelBinding {
        // SCRAM without channel binding: the certificate is checked as the URL demands.
        ChannelBinding::none()
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().0).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_shutdown(cx)
    }
}
