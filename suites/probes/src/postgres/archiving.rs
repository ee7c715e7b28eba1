//! Whether point-in-time recovery is possible: the write-ahead log leaves the server.

use readiness::{Error, Result, Verdict};

use super::{Database, PgRows};
use crate::seen::{amount, count};

/// Longest time since the last archived segment while there is something to archive: the recovery
/// point that an hourly schedule promises.
const MAX_AGE_S: f64 = 3_600.0;

/// Bytes of log that a quiet server writes by itself; less than this is nothing to archive.
const QUIET_BYTES: f64 = 65_536.0;

/// Commands that succeed and keep nothing.
const TRIVIAL: [&str; 8] = [
    "true",
    "/bin/true",
    "/usr/bin/true",
    ":",
    "exit",
    "echo",
    "/bin/echo",
    "cd",
];

impl Database {
    /// The settings and the record of the archiver. Fields: `archive_mode`, `archive_command`,
    /// `archive_library`, `wal_level`, `archived`, `failed`, `failed_last` (whether the last attempt
    /// failed), `last_failed`, `age_s` (since the last success), `waiting_bytes` (of log since then).
    /// Ask it as administrator.
    ///
    /// # Errors
    /// Unavailable if the database cannot be reached.
    pub async fn archiving(&self) -> Result<PgRows> {
        let setting = |name: &str| {
            format!("(SELECT setting FROM pg_settings WHERE name = '{name}') AS {name}")
        };
        // A segment's name holds its number in two groups of eight digits (a backup's history file
        // begins with the name of its segment); the bytes that follow it begin at the next one.
        let part = |from: u8| {
            format!("('x' || substr(last_archived_wal, {from}, 8))::bit(32)::bigint::numeric")
        };
        let query = format!(
            "SELECT {}, {}, {}, {}, archived_count AS archived, failed_count AS failed, \
             coalesce(last_failed_time > last_archived_time, failed_count > 0) AS failed_last, \
             last_failed_wal AS last_failed, \
             greatest(0, extract(epoch FROM clock_timestamp() - last_archived_time)) AS age_s, \
             CASE WHEN last_archived_wal ~ '^[0-9A-F]{{24}}' THEN \
              greatest(0, pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') - {} * 4294967296 - ({} + 1) * \
              (SELECT setting::numeric FROM pg_settings WHERE name = 'wal_segment_size')) END \
             AS waiting_bytes FROM pg_stat_archiver",
            setting("archive_mode"),
            setting("archive_command"),
            setting("archive_library"),
            setting("wal_level"),
            part(9),
            part(17),
        );
        self.row("archiving", &query).await
    }
}

/// Whether the archiver of [`Database::archiving`] keeps the log, and did so lately.
///
/// # Errors
/// Unavailable if the role may not see the settings; a finding if a fact is missing.
pub fn archiving(seen: &PgRows) -> Result<Verdict> {
    let mode = seen.get("archive_mode");
    let Some(mode) = mode.as_str() else {
        return Err(Error::unavailable(
            "the role does not see archive_mode: set `postgres.admin_url_env` under [target], or \
             attest to the recovery window of a managed service",
        ));
    };
    let level = seen.get("wal_level");
    let level = level.str()?;
    if !matches!(level, "replica" | "logical") {
        return Ok(Verdict::Fail(format!(
            "wal_level is {level}: the log cannot restore a backup"
        )));
    }
    if !matches!(mode, "on" | "always") {
        return Ok(Verdict::Fail(format!("archive_mode is {mode}")));
    }
    if let Some(verdict) = keeps_nothing(seen)? {
        return Ok(verdict);
    }
    if seen.get("failed_last").bool()? {
        let segment = seen.get("last_failed");
        return Ok(Verdict::Fail(format!(
            "the archiver fails: {} failures, the last one for {}",
            count(&seen.get("failed"))?,
            segment.as_str().unwrap_or("an unknown segment"),
        )));
    }
    if count(&seen.get("archived"))? < 1 {
        return Ok(Verdict::Fail("nothing was archived yet".to_owned()));
    }
    let (age, waiting) = (
        amount(&seen.get("age_s"))?,
        amount(&seen.get("waiting_bytes"))?,
    );
    if age > MAX_AGE_S && waiting > QUIET_BYTES {
        return Ok(Verdict::Fail(format!(
            "the last segment was archived {:.0} minutes ago, and {waiting:.0} bytes of log wait",
            age / 60.0
        )));
    }
    Ok(Verdict::Pass)
}

/// A library or a command that copies the segment, or why there is none.
fn keeps_nothing(seen: &PgRows) -> Result<Option<Verdict>> {
    let library = seen.get("archive_library");
    if library.as_str().is_some_and(|library| !library.is_empty()) {
        return Ok(None);
    }
    let command = seen.get("archive_command");
    let command = command.str()?.trim();
    if command.is_empty() || command == "(disabled)" {
        return Ok(Some(Verdict::Fail("archive_command is empty".to_owned())));
    }
    let program = command.split_whitespace().next().unwrap_or_default();
    if TRIVIAL.contains(&program) || !command.contains("%p") {
        return Ok(Some(Verdict::Fail(format!(
            "archive_command is `{command}`, which keeps nothing"
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
    fn verdict(change: Value) -> Verdict {
        let mut facts = json!({
            "archive_mode": "on", "archive_command": "cp %p /archive/%f", "archive_library": "",
            "wal_level": "replica", "archived": 7, "failed": 0, "failed_last": false,
            "last_failed": null, "age_s": 60.0, "waiting_bytes": 1e7,
        });
        for (name, value) in change.as_object().unwrap() {
            facts[name] = value.clone();
        }
        archiving(&PgRows::new(facts)).unwrap()
    }

    #[test]
    fn a_quiet_server_may_have_archived_long_ago() {
        assert_eq!(verdict(json!({})), Verdict::Pass);
        assert_eq!(
            verdict(json!({"age_s": 9e5, "waiting_bytes": 300.0})),
            Verdict::Pass
        );
        assert_eq!(
            verdict(json!({"archive_command": "", "archive_library": "basic"})),
            Verdict::Pass
        );
    }

    #[test]
    fn each_fault_names_what_was_seen() {
        for (change, words) in [
            (json!({"archive_mode": "off"}), "archive_mode is off"),
            (json!({"wal_level": "minimal"}), "wal_level is minimal"),
            (json!({"archive_command": "/bin/true"}), "`/bin/true`"),
            (json!({"archive_command": "exit 0 # %p"}), "keeps nothing"),
            (json!({"archive_command": "gzip"}), "`gzip`"),
            (
                json!({"failed_last": true, "failed": 3, "last_failed": "00A"}),
                "3 failures, the last one for 00A",
            ),
            (json!({"archived": 0}), "nothing was archived"),
            (json!({"age_s": 7_200.0}), "120 minutes ago"),
        ] {
            let Verdict::Fail(reason) = verdict(change) else {
                panic!("{words}")
            };
            assert!(reason.contains(words), "{reason}");
        }
    }
}
