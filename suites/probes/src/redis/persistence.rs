//! Whether a restart loses little: the append-only file or snapshots, and that they work.

use readiness::{Result, Verdict};
use serde_json::{Value, json};

use super::resp::Reply;
use super::state::{directive, info};
use super::{Redis, RedisReply};
use crate::seen::count;
use crate::worst;

/// Longest interval of snapshots alone, in seconds. The bound is this project's: what a quarter of
/// an hour of rate limits and revoked tokens is worth.
const LONG_INTERVAL_S: i64 = 900;

impl Redis {
    /// How it keeps its data. Records `configured` (whether CONFIG may be asked), `appendonly`,
    /// `save` (its points as text), `aof_enabled`, `aof_last_write`, `last_bgsave` (`ok` or `err`),
    /// `changes` since the last snapshot and `age_s` of it by the server's clock.
    ///
    /// # Errors
    /// Unavailable if it cannot be reached.
    pub async fn persistence(&self) -> Result<RedisReply> {
        self.observe("persistence", async |connection| {
            let appendonly = directive(connection, "appendonly").await?;
            let save = directive(connection, "save").await?;
            let info = info(connection).await?;
            let now = match connection.ask(&["TIME"]).await? {
                Reply::List(parts) => parts
                    .first()
                    .and_then(Reply::text)
                    .and_then(|second| second.parse::<i64>().ok()),
                _ => None,
            };
            let field = |name: &str| info.get(name).cloned().unwrap_or(Value::Null);
            let saved = field("rdb_last_save_time").as_i64();
            Ok(json!({
                "configured": !appendonly.is_null() && !save.is_null(),
                "appendonly": appendonly,
                "save": save,
                "aof_enabled": field("aof_enabled"),
                "aof_last_write": field("aof_last_write_status"),
                "last_bgsave": field("rdb_last_bgsave_status"),
                "changes": field("rdb_changes_since_last_save"),
                "age_s": now.zip(saved).map(|(now, saved)| now.saturating_sub(saved).max(0)),
            }))
        })
        .await
    }
}

/// Whether the data of [`Redis::persistence`] survives a restart.
///
/// # Errors
/// A finding if a fact is missing.
pub fn persistence(seen: &RedisReply) -> Result<Verdict> {
    if !seen.get("configured").bool()? {
        return by_info_alone(seen);
    }
    let appendonly = seen.get("appendonly");
    let save = seen.get("save");
    let points = points(save.str()?);
    let is_appending = appendonly.str()? == "yes";
    if !is_appending && points.is_empty() {
        return Ok(Verdict::Fail(
            "nothing is kept: appendonly is no and save is empty".to_owned(),
        ));
    }
    let mut verdicts = Vec::new();
    if is_appending {
        verdicts.push(status(
            seen,
            "aof_last_write",
            "the last write to the append-only file",
        )?);
    }
    if !points.is_empty() {
        verdicts.push(status(seen, "last_bgsave", "the last snapshot")?);
        verdicts.push(freshness(seen, &points)?);
    }
    if !is_appending {
        verdicts.push(interval(&points));
    }
    Ok(worst(verdicts))
}

/// Where CONFIG may not be asked, only the append-only file shows in INFO.
fn by_info_alone(seen: &RedisReply) -> Result<Verdict> {
    if seen.get("aof_enabled").i64()? == 1 {
        let written = status(
            seen,
            "aof_last_write",
            "the last write to the append-only file",
        )?;
        let seen = Verdict::Warn("CONFIG may not be asked: judged by INFO alone".to_owned());
        return Ok(worst([written, seen]));
    }
    Err(readiness::Error::unavailable(
        "CONFIG may not be asked and there is no append-only file: whether snapshots are made \
         cannot be seen; attest to the backups of a managed service",
    ))
}

fn status(seen: &RedisReply, name: &str, what: &str) -> Result<Verdict> {
    let status = seen.get(name);
    let status = status.str()?;
    Ok(match status {
        "ok" => Verdict::Pass,
        other => Verdict::Fail(format!(
            "{what} failed (its status is {})",
            other.escape_debug()
        )),
    })
}

/// A snapshot that is due (so many changes wait) must not be older than twice its interval.
fn freshness(seen: &RedisReply, points: &[(i64, i64)]) -> Result<Verdict> {
    let (changes, age) = (count(&seen.get("changes"))?, count(&seen.get("age_s"))?);
    let due = points
        .iter()
        .filter(|(_, least)| *least <= changes)
        .map(|(seconds, _)| *seconds);
    Ok(match due.min() {
        Some(interval) if age > interval.saturating_mul(2) => Verdict::Fail(format!(
            "the last snapshot is {age} s old with {changes} changes since, one is due each \
             {interval} s"
        )),
        _ => Verdict::Pass,
    })
}

/// What is lost at most when only few changes were made: the interval of the point that asks for
/// the fewest.
fn interval(points: &[(i64, i64)]) -> Verdict {
    let fewest = points.iter().min_by_key(|(_, changes)| *changes);
    match fewest {
        Some((seconds, _)) if *seconds > LONG_INTERVAL_S => Verdict::Warn(format!(
            "snapshots alone, each {seconds} s at most: that much is lost with a restart"
        )),
        _ => Verdict::Pass,
    }
}

/// `3600 1 300 100`: seconds and changes, in turn.
fn points(save: &str) -> Vec<(i64, i64)> {
    let numbers: Vec<i64> = save
        .split_whitespace()
        .filter_map(|n| n.parse().ok())
        .collect();
    numbers
        .chunks_exact(2)
        .map(|pair| (pair[0], pair[1]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(
        clippy::needless_pass_by_value,
        reason = "a literal reads better at the call"
    )]
    fn judged(change: Value) -> Verdict {
        let mut facts = json!({
            "configured": true, "appendonly": "yes", "save": "300 1", "aof_enabled": 1,
            "aof_last_write": "ok", "last_bgsave": "ok", "changes": 0, "age_s": 10,
        });
        for (name, value) in change.as_object().unwrap() {
            facts[name] = value.clone();
        }
        persistence(&RedisReply::new(facts)).unwrap()
    }

    #[test]
    fn either_way_of_keeping_data_passes() {
        assert_eq!(judged(json!({})), Verdict::Pass);
        assert_eq!(judged(json!({"save": ""})), Verdict::Pass);
        assert_eq!(judged(json!({"appendonly": "no"})), Verdict::Pass);
        // Nothing changed, so nothing is due.
        assert_eq!(judged(json!({"age_s": 100_000})), Verdict::Pass);
        let slow = judged(json!({"appendonly": "no", "save": "3600 1 300 100"}));
        assert!(matches!(slow, Verdict::Warn(_)));
        assert!(matches!(
            judged(json!({"configured": false})),
            Verdict::Warn(_)
        ));
    }

    #[test]
    fn each_fault_names_what_was_seen() {
        for (change, words) in [
            (json!({"appendonly": "no", "save": ""}), "nothing is kept"),
            (json!({"aof_last_write": "err"}), "append-only file failed"),
            (json!({"last_bgsave": "err"}), "snapshot failed"),
            (
                json!({"changes": 3, "age_s": 601}),
                "601 s old with 3 changes",
            ),
        ] {
            let Verdict::Fail(reason) = judged(change) else {
                panic!("{words}")
            };
            assert!(reason.contains(words), "{reason}");
        }
    }
}
