//! Whether traffic to Redis is encrypted, and whether it could be otherwise.

use std::time::Duration;

use readiness::{Error, Result, Verdict};
use serde_json::{Value, json};

use super::resp::{Connection, Reply};
use super::state::directive;
use super::{Redis, RedisReply};
use crate::handshake::{self, TlsSession};
use crate::worst;

/// How long a port may take to answer in the clear.
const PORT_TIMEOUT: Duration = Duration::from_secs(3);

impl Redis {
    /// What its TLS shows to a client that sends nothing.
    ///
    /// # Errors
    /// Unavailable if nothing answers at the address.
    pub async fn session(&self) -> Result<TlsSession> {
        self.context()
            .observe("tls", || async {
                let access = self.access()?;
                if !access.is_encrypted() {
                    // A server without TLS would wait for the rest of what it takes for a command.
                    let error = Error::other("the URL begins with redis://");
                    return Ok(handshake::refused(&error));
                }
                access.in_time(access.look_at_tls()).await
            })
            .await
    }

    /// Whether it is reached without TLS. Records `encrypted` (whether the URL asks for TLS), `open`
    /// (ports that answered in the clear, of the URL's own and the one that CONFIG names), `local`
    /// (whether the host is this machine).
    ///
    /// # Errors
    /// Unavailable if the server cannot be reached as its URL has it.
    pub async fn plaintext(&self) -> Result<RedisReply> {
        self.context()
            .observe("plaintext", || async {
                let access = self.access()?;
                access.in_time(self.open_ports()).await.map(RedisReply::new)
            })
            .await
    }

    async fn open_ports(&self) -> Result<Value> {
        let access = self.access()?;
        let mut ports = vec![access.port()];
        // Without a password CONFIG is refused, and the port is not known: then the first alone.
        if let Ok(mut connection) = access.log_in().await
            && let Some(port) = directive(&mut connection, "port").await?.as_str()
            && let Ok(port) = port.parse::<u16>()
            && port != 0
            && !ports.contains(&port)
        {
            ports.push(port);
        }
        let mut open = Vec::new();
        for port in ports {
            let attempt = async {
                let stream = access.socket(port).await?;
                Connection::new(Box::new(stream)).send(&["PING"]).await
            };
            // Any reply of the protocol, be it NOAUTH, is one in the clear. A port that says nothing
            // (a TLS server that waits, a firewall) is none.
            if let Ok(Ok(reply)) = tokio::time::timeout(PORT_TIMEOUT, attempt).await
                && reply != Reply::Nothing
            {
                open.push(port);
            }
        }
        Ok(json!({
            "encrypted": access.is_encrypted(),
            "open": open,
            "local": access.url.is_local(),
        }))
    }
}

/// Whether traffic is encrypted ([`Redis::session`]) and cannot be in the clear
/// ([`Redis::plaintext`]). A port in the clear on this machine itself is a warning.
///
/// # Errors
/// A finding if a fact is missing.
pub fn encryption(session: &TlsSession, plaintext: &RedisReply) -> Result<Verdict> {
    if !plaintext.get("encrypted").bool()? {
        return Ok(Verdict::Fail(
            "the URL begins with redis://, traffic is not encrypted".to_owned(),
        ));
    }
    let open = plaintext.get("open");
    let ports: Vec<String> = open
        .items()?
        .iter()
        .filter_map(|port| Some(port.as_i64()?.to_string()))
        .collect();
    let clear = if ports.is_empty() {
        Verdict::Pass
    } else {
        let reason = format!("port {} answers without encryption", ports.join(" and "));
        if plaintext.get("local").bool()? {
            Verdict::Warn(reason)
        } else {
            Verdict::Fail(reason)
        }
    };
    Ok(worst([handshake::judge(session)?, clear]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> TlsSession {
        TlsSession::new(
            json!({"shaken": true, "version": "TLSv1.3", "trusted": true, "days_left": 60.0}),
        )
    }

    fn judged(plaintext: Value) -> Verdict {
        encryption(&session(), &RedisReply::new(plaintext)).unwrap()
    }

    #[test]
    fn a_port_in_the_clear_matters_by_who_reaches_it() {
        let seen = |open: &[u16], local| json!({"encrypted": true, "open": open, "local": local});
        assert_eq!(judged(seen(&[], false)), Verdict::Pass);
        let reason = "port 6379 answers without encryption".to_owned();
        assert_eq!(judged(seen(&[6379], true)), Verdict::Warn(reason.clone()));
        assert_eq!(judged(seen(&[6379], false)), Verdict::Fail(reason));
        let plain = json!({"encrypted": false, "open": [6379], "local": true});
        assert!(matches!(judged(plain), Verdict::Fail(_)));
    }
}
