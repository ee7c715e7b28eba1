//! Whether statements end: `statement_timeout` as it is in force for a role.

use std::time::{Duration, Instant};

use readiness::{Result, Unavailable, Verdict};
use serde_json::{Value, json};
use tokio_postgres::error::SqlState;

use super::database::{failed, literal};
use super::{Database, PgRows};
use crate::seen::count;

/// Shorter than this cancels ordinary work. The bounds are this project's: a request that a person
/// waits for is over after seconds, a report after a minute.
const SHORTEST_MS: i64 = 100;
/// Longest that passes.
const LONG_MS: i64 = 60_000;
/// Longest that warns; five minutes is where load balancers and drivers have long given up.
const LONGEST_MS: i64 = 300_000;

/// A timeout longer than this is not waited for.
const WAITED_FOR: Duration = Duration::from_secs(10);

impl Database {
    /// The timeouts in force on a connection of this role, whatever set them: the role, the
    /// database, the URL or the server. Fields: `role`, `superuser`, `statement_timeout_ms`,
    /// `idle_in_transaction_ms`.
    ///
    /// # Errors
    /// Unavailable if the database cannot be reached.
    pub async fn timeouts(&self) -> Result<PgRows> {
        let setting =
            |name: &str| format!("(SELECT setting::bigint FROM pg_settings WHERE name = '{name}')");
        let query = format!(
            "SELECT current_user AS role, \
             (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser, \
             {} AS statement_timeout_ms, {} AS idle_in_transaction_ms",
            setting("statement_timeout"),
            setting("idle_in_transaction_session_timeout"),
        );
        self.row("timeouts", &query).await
    }

    /// What an administrator can tell about another role: `role`, `known`, `own` (as it was set for
    /// the role or the database, with its unit, or null) and `server_ms`.
    ///
    /// # Errors
    /// Unavailable if the database cannot be reached.
    pub async fn role_timeouts(&self, role: &str) -> Result<PgRows> {
        let role = literal(role);
        let query = format!(
            "SELECT {role} AS role, \
             EXISTS (SELECT FROM pg_roles WHERE rolname = {role}) AS known, \
             (SELECT split_part(line, '=', 2) FROM pg_db_role_setting AS s, unnest(s.setconfig) AS line \
              WHERE line LIKE 'statement_timeout=%' \
              AND s.setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = {role})) \
              AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database())) \
              ORDER BY s.setrole <> 0 DESC, s.setdatabase <> 0 DESC LIMIT 1) AS own, \
             (SELECT setting::bigint FROM pg_settings WHERE name = 'statement_timeout') AS server_ms"
        );
        self.row("timeouts of a role", &query).await
    }

    /// Runs a statement that only waits, longer than a timeout of `timeout_ms`, and records how it
    /// ended: `cancelled`, `waited_ms`. Only with `postgres.allow_active_sql`, and only for a
    /// timeout of at most 10 s.
    ///
    /// # Errors
    /// Unavailable if the timeout is too long to be waited for, or the database out of reach.
    pub async fn cancellation(&self, timeout_ms: i64) -> Result<PgRows> {
        let wait = u64::try_from(timeout_ms)
            .map(Duration::from_millis)
            .unwrap_or_default();
        if wait.is_zero() || wait > WAITED_FOR {
            let text = format!("a statement timeout of {timeout_ms} ms is not waited for");
            return Err(Unavailable::new(text).into());
        }
        self.observe("cancellation", async |client| {
            let start = Instant::now();
            let seconds = wait.as_secs_f64() + 2.0;
            let ended = client
                .simple_query(&format!("SELECT pg_sleep({seconds})"))
                .await;
            let cancelled = match ended {
                Ok(_) => false,
                Err(error) if error.code() == Some(&SqlState::QUERY_CANCELED) => true,
                Err(error) => return Err(failed(&error)),
            };
            let waited = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
            Ok(json!({"cancelled": cancelled, "waited_ms": waited}))
        })
        .await
    }
}

/// Whether statements of the application's role end in time, from [`Database::timeouts`].
///
/// # Errors
/// Unavailable if the connection is one of a superuser, whose settings say nothing about the
/// application; a finding if a fact is missing.
pub fn statement_timeout(seen: &PgRows) -> Result<Verdict> {
    let role = seen.get("role");
    let role = role.peek().and_then(Value::as_str).unwrap_or("the role");
    if seen.get("superuser").bool()? {
        let text = format!("`{role}` is a superuser: connect as the application's own role");
        return Err(Unavailable::new(text).into());
    }
    let verdict = judged(role, seen.get("statement_timeout_ms").i64()?);
    if verdict == Verdict::Pass && count(&seen.get("idle_in_transaction_ms"))? == 0 {
        return Ok(Verdict::Warn(format!(
            "idle_in_transaction_session_timeout is 0 for {role}: a transaction left open holds its locks"
        )));
    }
    Ok(verdict)
}

/// The same from [`Database::role_timeouts`]: a warning at best, because the application's own
/// connection may set something else.
///
/// # Errors
/// Unavailable if there is no such role; a finding if a fact is missing.
pub fn role_statement_timeout(seen: &PgRows) -> Result<Verdict> {
    let role = seen.get("role");
    let role = role.peek().and_then(Value::as_str).unwrap_or("the role");
    if !seen.get("known").bool()? {
        let text = format!("there is no role `{role}`: set `postgres.app_role` under [target]");
        return Err(Unavailable::new(text).into());
    }
    let own = seen.get("own");
    let ms = match own.as_str() {
        Some(text) => milliseconds(text).ok_or_else(|| {
            readiness::Finding::new(format!("`{text}` is no duration of PostgreSQL"))
        })?,
        None => seen.get("server_ms").i64()?,
    };
    Ok(match judged(role, ms) {
        Verdict::Pass => Verdict::Warn(format!(
            "statement_timeout is {ms} ms for {role} by the catalogue; the application's own \
             connection was not looked at"
        )),
        other => other,
    })
}

/// Whether a statement that only waits was cancelled ([`Database::cancellation`]).
///
/// # Errors
/// A finding if a fact is missing.
pub fn cancelled(seen: &PgRows) -> Result<Verdict> {
    if seen.get("cancelled").bool()? {
        return Ok(Verdict::Pass);
    }
    let waited = seen.get("waited_ms");
    let waited = waited.peek().map(ToString::to_string).unwrap_or_default();
    Ok(Verdict::Fail(format!(
        "a statement that waits was not cancelled, it ended after {waited} ms"
    )))
}

fn judged(role: &str, ms: i64) -> Verdict {
    match ms {
        0 => Verdict::Fail(format!(
            "statement_timeout is 0 for {role}: statements never end"
        )),
        SHORTEST_MS..=LONG_MS => Verdict::Pass,
        _ if ms < SHORTEST_MS => Verdict::Fail(format!(
            "statement_timeout is {ms} ms for {role}, less than {SHORTEST_MS} ms"
        )),
        _ if ms <= LONGEST_MS => Verdict::Warn(format!(
            "statement_timeout is {ms} ms for {role}, more than {LONG_MS} ms"
        )),
        _ => Verdict::Fail(format!(
            "statement_timeout is {ms} ms for {role}, more than {LONGEST_MS} ms"
        )),
    }
}

/// A duration as `PostgreSQL` stores it: a number with a unit, milliseconds if there is none.
fn milliseconds(text: &str) -> Option<i64> {
    let text = text.trim().trim_matches('\'');
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let factor = match unit.trim() {
        "" | "ms" => 1,
        "s" => 1_000,
        "min" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    number.parse::<i64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(ms: i64, idle: i64) -> PgRows {
        PgRows::new(json!({
            "role": "app", "superuser": false, "statement_timeout_ms": ms,
            "idle_in_transaction_ms": idle,
        }))
    }

    #[test]
    fn both_bounds_count() {
        let verdict = |ms| statement_timeout(&seen(ms, 60_000)).unwrap();
        assert_eq!(verdict(100), Verdict::Pass);
        assert_eq!(verdict(60_000), Verdict::Pass);
        assert!(matches!(verdict(60_001), Verdict::Warn(_)));
        assert!(matches!(verdict(300_000), Verdict::Warn(_)));
        for (ms, words) in [(0, "is 0"), (99, "is 99 ms"), (300_001, "is 300001 ms")] {
            let Verdict::Fail(reason) = verdict(ms) else {
                panic!("{ms}")
            };
            assert!(reason.contains(words), "{reason}");
        }
        assert!(matches!(
            statement_timeout(&seen(100, 0)).unwrap(),
            Verdict::Warn(_)
        ));
    }

    #[test]
    fn durations_have_units() {
        let cases = [
            ("30s", 30_000),
            ("250", 250),
            ("'5min'", 300_000),
            ("2 h", 7_200_000),
            ("1d", 86_400_000),
        ];
        for (text, ms) in cases {
            assert_eq!(milliseconds(text), Some(ms), "{text}");
        }
        for text in ["", "s", "-1", "1week", "99999999999999999999"] {
            assert_eq!(milliseconds(text), None, "{text}");
        }
    }
}
