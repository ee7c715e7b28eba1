//! Whether traffic to the database is encrypted: ours, the application's, and anybody's.

use readiness::{Error, Result, Verdict};
use serde_json::{Value, json};

use super::database::{ask, literal};
use super::{Database, PgRows};
use crate::seen::count;
use crate::worst;

impl Database {
    /// How the server sees this connection and those of the application's role. Fields: `ssl`,
    /// `version`, `backends` and `plain` (of them without TLS). If no connection with TLS comes about
    /// where one without would, `ssl` is false and `problem` says why.
    ///
    /// # Errors
    /// Unavailable if the database cannot be reached at all.
    pub async fn session(&self, app_role: &str) -> Result<PgRows> {
        let query = format!(
            "SELECT row_to_json(t) FROM (SELECT \
             (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS ssl, \
             (SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS version, \
             count(*) AS backends, count(*) FILTER (WHERE NOT s.ssl) AS plain \
             FROM pg_stat_activity a JOIN pg_stat_ssl s USING (pid) \
             WHERE a.usename = {} AND a.pid <> pg_backend_pid()) t",
            literal(app_role)
        );
        self.context()
            .observe(self.key("transport"), || async {
                let access = self.access()?;
                let error = match access.with(async |client| ask(client, &query).await).await {
                    Ok(seen) => return Ok(PgRows::new(seen)),
                    Err(error) => error,
                };
                match access.without_tls().await? {
                    Ok(()) => {}
                    Err(refusal) if refusal.asked_for_password => {}
                    Err(_) => return Err(error),
                }
                Ok(PgRows::new(
                    json!({"ssl": false, "problem": error.to_string()}),
                ))
            })
            .await
    }

    /// The oldest version of TLS that the server accepts: `minimum`, empty for any. Only roles that
    /// may read all settings see it; ask as administrator.
    ///
    /// # Errors
    /// Unavailable if the database cannot be reached or the role does not see the setting.
    pub async fn oldest_protocol(&self) -> Result<PgRows> {
        let query = "SELECT setting AS minimum FROM pg_settings \
                     WHERE name = 'ssl_min_protocol_version'";
        let seen = self.row("oldest protocol", query).await?;
        if seen.json().is_null() {
            return Err(Error::unavailable(
                "the role does not see ssl_min_protocol_version: set `postgres.admin_url_env` under \
                 [target] to one that may read all settings",
            ));
        }
        Ok(seen)
    }

    /// What happens to a connection that asks for no encryption. Records `accepted` and `reason`.
    /// No password is sent: a server that asks for one has accepted the connection.
    ///
    /// # Errors
    /// Other if the server does not answer in time.
    pub async fn plaintext(&self) -> Result<PgRows> {
        self.context()
            .observe(self.key("plaintext"), || async {
                let seen = match self.access()?.without_tls().await? {
                    Ok(()) => json!({"accepted": true, "reason": "no password was asked for"}),
                    Err(refusal) => json!({
                        "accepted": refusal.asked_for_password,
                        "reason": refusal.reason,
                    }),
                };
                Ok(PgRows::new(seen))
            })
            .await
    }
}

/// Whether traffic is encrypted with TLS 1.2 or later ([`Database::session`]), must be
/// ([`Database::plaintext`]), and cannot be with less ([`Database::oldest_protocol`], if there is an
/// administrator). The `sslmode` of the application's URL is judged by `env::ssl_mode`.
///
/// # Errors
/// A finding if a fact is missing.
pub fn transport(session: &PgRows, plaintext: &PgRows, oldest: Option<&PgRows>) -> Result<Verdict> {
    if !session.get("ssl").bool()? {
        let problem = session.get("problem");
        let why = problem
            .peek()
            .and_then(Value::as_str)
            .unwrap_or("the URL does not ask for it");
        return Ok(Verdict::Fail(format!(
            "the connection is not encrypted: {why}"
        )));
    }
    let version = session.get("version");
    let version = version.str()?;
    let mut verdicts = vec![at_least_12("the connection speaks", version)];
    if let Some(oldest) = oldest {
        verdicts.push(at_least_12(
            "the server accepts",
            oldest.get("minimum").str()?,
        ));
    }
    let plain = count(&session.get("plain"))?;
    if plain > 0 {
        let all = count(&session.get("backends"))?;
        verdicts.push(Verdict::Fail(format!(
            "{plain} of {all} connections of the application are not encrypted"
        )));
    }
    if plaintext.get("accepted").bool()? {
        verdicts.push(Verdict::Warn(
            "a connection without encryption is accepted".to_owned(),
        ));
    }
    Ok(worst(verdicts))
}

fn at_least_12(subject: &str, version: &str) -> Verdict {
    match version {
        "TLSv1.2" | "TLSv1.3" => Verdict::Pass,
        other => Verdict::Fail(format!("{subject} {other}, TLSv1.2 is the oldest allowed")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(
        clippy::needless_pass_by_value,
        reason = "a literal reads better at the call"
    )]
    fn judged(change: Value, accepted: bool) -> Verdict {
        let mut facts = json!({
            "ssl": true, "version": "TLSv1.3", "minimum": "TLSv1.2", "backends": 4, "plain": 0,
        });
        // The oldest protocol is an observation of its own; one list of faults serves for both.
        for (name, value) in change.as_object().unwrap() {
            facts[name] = value.clone();
        }
        let plaintext = PgRows::new(json!({"accepted": accepted, "reason": "none"}));
        let oldest = PgRows::new(json!({"minimum": facts["minimum"]}));
        transport(&PgRows::new(facts), &plaintext, Some(&oldest)).unwrap()
    }

    #[test]
    fn each_fault_names_what_was_seen() {
        assert_eq!(judged(json!({}), false), Verdict::Pass);
        assert!(matches!(judged(json!({}), true), Verdict::Warn(_)));
        for (change, words) in [
            (json!({"ssl": false}), "not encrypted"),
            (json!({"version": "TLSv1.1"}), "speaks TLSv1.1"),
            (json!({"minimum": "TLSv1"}), "accepts TLSv1,"),
            (json!({"plain": 3}), "3 of 4"),
        ] {
            let Verdict::Fail(reason) = judged(change, true) else {
                panic!("{words}")
            };
            assert!(reason.contains(words), "{reason}");
        }
    }
}
