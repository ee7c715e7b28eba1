//! Whether a standby follows, as both ends see it.

use readiness::{Result, Verdict};

use super::{Database, PgRows};
use crate::seen::amount;

/// Longest that a standby may be behind, in seconds. Beyond it, failing over loses what a person
/// just saw confirmed.
pub const MAX_LAG: f64 = 30.0;

impl Database {
    /// The standbys that the primary feeds: a list with `name`, `state` and `lag_s`. Ask it as
    /// administrator.
    ///
    /// # Errors
    /// Unavailable if the database cannot be reached.
    pub async fn replication(&self) -> Result<PgRows> {
        let query = "SELECT application_name AS name, state, \
                     coalesce(extract(epoch FROM replay_lag), 0) AS lag_s FROM pg_stat_replication";
        self.rows("replication", query).await
    }

    /// What a standby says about itself: `in_recovery`, `delay_ms` (that it keeps on purpose),
    /// `paused`, `lag_s` (age of the last change it has, zero if it has all it was sent).
    ///
    /// # Errors
    /// Unavailable if the standby cannot be reached.
    pub async fn standby(&self) -> Result<PgRows> {
        let query = "SELECT pg_is_in_recovery() AS in_recovery, \
             (SELECT setting::bigint FROM pg_settings WHERE name = 'recovery_min_apply_delay') AS delay_ms, \
             CASE WHEN pg_is_in_recovery() THEN pg_is_wal_replay_paused() ELSE false END AS paused, \
             CASE WHEN pg_is_in_recovery() AND pg_last_wal_receive_lsn() <> pg_last_wal_replay_lsn() \
              THEN greatest(0, extract(epoch FROM now() - pg_last_xact_replay_timestamp())) \
              ELSE 0 END AS lag_s";
        self.row("standby", query).await
    }
}

/// Whether a standby streams ([`Database::replication`]) and follows closely
/// ([`Database::standby`]). Without the second half it is a warning at best.
///
/// # Errors
/// A finding if a fact is missing.
pub fn replication(primary: &PgRows, standby: Option<&PgRows>) -> Result<Verdict> {
    if let Some(standby) = standby
        && let Some(verdict) = behind(standby)?
    {
        return Ok(verdict);
    }
    let standbys = primary.items()?;
    let mut states = Vec::new();
    let mut streaming = None;
    for found in &standbys {
        let state = found.get("state");
        let state = state.str()?;
        if state == "streaming" {
            let lag = amount(&found.get("lag_s"))?;
            streaming = Some(streaming.map_or(lag, |least: f64| least.min(lag)));
        } else {
            states.push(state.to_owned());
        }
    }
    let Some(lag) = streaming else {
        let states = if states.is_empty() {
            "there is none".to_owned()
        } else {
            states.join(", ")
        };
        return Ok(Verdict::Fail(format!(
            "no standby streams from the primary: {states}"
        )));
    };
    if lag >= MAX_LAG {
        return Ok(Verdict::Fail(format!(
            "the standby is {lag:.0} s behind, {MAX_LAG:.0} s at most are allowed"
        )));
    }
    Ok(match standby {
        Some(_) => Verdict::Pass,
        None => Verdict::Warn(
            "a standby streams; it was not looked at itself: set `postgres.replica_url_env` under \
             [target]"
                .to_owned(),
        ),
    })
}

/// Why a standby would not take over with what the primary confirmed.
fn behind(standby: &PgRows) -> Result<Option<Verdict>> {
    if !standby.get("in_recovery").bool()? {
        return Ok(Some(Verdict::Fail(
            "the replica is not in recovery: it follows nobody".to_owned(),
        )));
    }
    let delay_ms = amount(&standby.get("delay_ms"))?;
    if delay_ms >= MAX_LAG * 1_000.0 {
        return Ok(Some(Verdict::Fail(format!(
            "the standby keeps {:.0} s behind on purpose (recovery_min_apply_delay)",
            delay_ms / 1_000.0
        ))));
    }
    if standby.get("paused").bool()? {
        return Ok(Some(Verdict::Fail(
            "the standby has paused its replay".to_owned(),
        )));
    }
    let lag = amount(&standby.get("lag_s"))?;
    if lag >= MAX_LAG {
        return Ok(Some(Verdict::Fail(format!(
            "the last change that the standby has is {lag:.0} s old, {MAX_LAG:.0} s at most are allowed"
        ))));
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[expect(
        clippy::needless_pass_by_value,
        reason = "a literal reads better at the call"
    )]
    fn standby(change: Value) -> PgRows {
        let mut facts = json!({"in_recovery": true, "delay_ms": 0, "paused": false, "lag_s": 0.0});
        for (name, value) in change.as_object().unwrap() {
            facts[name] = value.clone();
        }
        PgRows::new(facts)
    }

    fn primary(state: &str, lag_s: f64) -> PgRows {
        PgRows::new(json!([{"name": "standby", "state": state, "lag_s": lag_s}]))
    }

    #[test]
    fn one_end_alone_is_a_warning() {
        let primary = primary("streaming", 29.9);
        assert_eq!(
            replication(&primary, Some(&standby(json!({})))).unwrap(),
            Verdict::Pass
        );
        assert!(matches!(
            replication(&primary, None).unwrap(),
            Verdict::Warn(_)
        ));
    }

    #[test]
    fn each_fault_names_what_was_seen() {
        let good = || standby(json!({}));
        for (primary, standby, words) in [
            (PgRows::new(json!([])), good(), "there is none"),
            (primary("catchup", 0.0), good(), "catchup"),
            (primary("streaming", 30.0), good(), "30 s behind"),
            (
                primary("streaming", 0.0),
                standby(json!({"in_recovery": false})),
                "not in recovery",
            ),
            (
                primary("streaming", 0.0),
                standby(json!({"delay_ms": 3_600_000})),
                "3600 s behind",
            ),
            (
                primary("streaming", 0.0),
                standby(json!({"paused": true})),
                "paused",
            ),
            (
                primary("streaming", 0.0),
                standby(json!({"lag_s": 31.0})),
                "31 s old",
            ),
        ] {
            let Verdict::Fail(reason) = replication(&primary, Some(&standby)).unwrap() else {
                panic!("{words}")
            };
            assert!(reason.contains(words), "{reason}");
        }
    }
}
