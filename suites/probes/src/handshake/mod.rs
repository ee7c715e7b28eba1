//! **TLS as a store offers it**: which version, a certificate that holds for the host, and for how
//! long.
//!
//! ```ignore
//! let session: TlsSession = redis.session().await?;      // an observation
//! handshake::judge(&session)                              // a verdict
//! ```
//!
//! A look never sends a credential: it shakes hands, notes what it was shown and leaves. A session
//! that carries queries checks the certificate as its URL demands and is refused otherwise.
//! Versions before TLS 1.2 cannot be spoken from here; a server that offers nothing newer is seen as
//! a handshake that fails.

mod certificate;
mod front;
mod trust;

use std::sync::{Arc, Mutex, PoisonError};

use readiness::{Error, Result, Verdict};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, ProtocolVersion};

pub use front::{look, no_old_versions, old_versions, plain, redirects};
pub use trust::{Demand, Trust};

use crate::seen::{Change, Kind, Seen};

/// Days that a certificate must still be valid: half of the 30 days before its end at which
/// automatic renewal usually starts, so that a renewal that fails is seen in time.
pub const DAYS_LEFT: f64 = 14.0;

/// The kind of [`TlsSession`].
#[derive(Debug, Clone)]
pub struct Tls;

impl Kind for Tls {
    const KIND: &'static str = "tls session";

    fn changes(name: &str, value: &Value) -> Vec<Change> {
        match (name, value.as_str()) {
            ("version", Some(version)) if version != "TLSv1.1" => {
                vec![Change::new("version-lowered", "TLSv1.1")]
            }
            ("location", Some(_)) => vec![Change::new("downgraded", "http://elsewhere.invalid/")],
            ("days_left", _) => vec![Change::new("expiry-moved", -1.0)],
            _ => Vec::new(),
        }
    }
}

/// What one handshake showed: `shaken` (and `problem` if it failed), `version`, `trusted` (and
/// `distrust` if not), `days_left`.
pub type TlsSession = Seen<Tls>;

/// A stream with TLS, and what its handshake showed.
pub(crate) struct Shaken<S> {
    pub stream: TlsStream<S>,
    pub session: TlsSession,
}

/// Shakes hands over `stream` with `host`.
pub(crate) async fn shake<S>(
    stream: S,
    host: &str,
    trust: &Trust,
    demand: Demand,
) -> Result<Shaken<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| Error::other(format!("`{}` is no host name", host.escape_debug())))?;
    let opinion = Arc::new(Mutex::new(None));
    let config: ClientConfig = trust.config(demand, Arc::clone(&opinion))?;
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let stream = connector
        .connect(name, stream)
        .await
        .map_err(|e| Error::other(format!("the TLS handshake with {host} failed: {e}")))?;
    let (_, connection) = stream.get_ref();
    let version = match connection.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => "TLSv1.3",
        Some(ProtocolVersion::TLSv1_2) => "TLSv1.2",
        _ => "unknown",
    };
    let days_left = connection
        .peer_certificates()
        .and_then(|chain| chain.first())
        .and_then(|leaf| certificate::not_after(leaf.as_ref()))
        .map(days_from_now);
    let distrust = opinion
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    let session = TlsSession::new(json!({
        "shaken": true,
        "version": version,
        "trusted": distrust.is_none(),
        "distrust": distrust,
        "days_left": days_left,
    }));
    Ok(Shaken { stream, session })
}

/// A handshake that did not come about, as something that was seen.
pub(crate) fn refused(error: &Error) -> TlsSession {
    TlsSession::new(json!({"shaken": false, "problem": error.to_string()}))
}

fn days_from_now(second: i64) -> f64 {
    let now = jiff::Timestamp::now().as_second();
    #[expect(
        clippy::cast_precision_loss,
        reason = "seconds of some decades are exact in a float"
    )]
    let seconds = second.saturating_sub(now) as f64;
    seconds / 86_400.0
}

/// Whether a session is what a production store offers: TLS 1.2 or later, with a certificate that
/// is trusted, holds for the host, and does so for [`DAYS_LEFT`] more days.
///
/// # Errors
/// A finding when the session lacks one of these facts.
pub fn judge(session: &TlsSession) -> Result<Verdict> {
    if !session.get("shaken").bool()? {
        let problem = session.get("problem");
        let problem = problem
            .peek()
            .and_then(Value::as_str)
            .unwrap_or("the handshake failed");
        return Ok(Verdict::Fail(problem.to_owned()));
    }
    let version = session.get("version");
    let version = version.str()?;
    if !matches!(version, "TLSv1.2" | "TLSv1.3") {
        return Ok(Verdict::Fail(format!(
            "the session speaks {version}, TLSv1.2 is the oldest allowed"
        )));
    }
    let days_left = session.get("days_left").f64()?;
    if days_left < 0.0 {
        let ago = -days_left;
        return Ok(Verdict::Fail(format!(
            "the certificate expired {ago:.0} days ago"
        )));
    }
    if !session.get("trusted").bool()? {
        let distrust = session.get("distrust");
        let why = distrust
            .peek()
            .and_then(Value::as_str)
            .unwrap_or("no reason given");
        return Ok(Verdict::Fail(format!(
            "the certificate is not trusted: {why}"
        )));
    }
    if days_left < DAYS_LEFT {
        return Ok(Verdict::Fail(format!(
            "the certificate expires in {days_left:.1} days, at least {DAYS_LEFT:.0} are asked for"
        )));
    }
    Ok(Verdict::Pass)
}

#[cfg(test)]
mod tests;
