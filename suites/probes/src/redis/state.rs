//! Whether Redis serves, and whether the service asks it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use readiness::{Result, Verdict};
use serde_json::{Value, json};

use super::resp::{Connection, Reply};
use super::{Redis, RedisReply};
use crate::seen::count;
use crate::worst;

/// Fields of `INFO` that are kept at most; it has about 200.
const MAX_FIELDS: usize = 500;

/// Time between two looks at a server that comes up.
const PAUSE: Duration = Duration::from_millis(50);

impl Redis {
    /// Whether it answers, and its memory. Records `pong` (its answer to PING), `loading`,
    /// `used_memory` and `maxmemory` (bytes, zero for no limit).
    ///
    /// # Errors
    /// Unavailable if it cannot be reached.
    pub async fn state(&self) -> Result<RedisReply> {
        self.observe("state", async |connection| {
            let pong = connection.send(&["PING"]).await?.word();
            let info = info(connection).await?;
            let field = |name: &str| info.get(name).cloned().unwrap_or(Value::Null);
            Ok(json!({
                "pong": pong,
                "loading": field("loading"),
                "used_memory": field("used_memory"),
                "maxmemory": field("maxmemory"),
            }))
        })
        .await
    }

    /// Waits until it has read its data after a start, for `patience` at most. This is no look: it
    /// records nothing, and what it came to is for [`state`](Self::state) to say.
    ///
    /// # Errors
    /// Unavailable if it cannot be reached in that time.
    pub async fn loaded(&self, patience: Duration) -> Result<()> {
        if self.context().is_replay() {
            return Ok(());
        }
        let deadline = Instant::now() + patience;
        loop {
            let asked = async {
                let access = self.access()?;
                let pong = async { access.log_in().await?.send(&["PING"]).await };
                access.in_time(pong).await
            };
            let is_over = Instant::now() >= deadline;
            match asked.await {
                Ok(pong) if is_over || pong.word() != "LOADING" => return Ok(()),
                Err(error) if is_over => return Err(error),
                _ => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    /// Successful look-ups before and after `load`, which asks the service for something that it
    /// caches: `before`, `after`.
    ///
    /// # Errors
    /// Unavailable if it cannot be reached, else what `load` says.
    pub async fn around(&self, load: impl Future<Output = Result<()>>) -> Result<RedisReply> {
        self.observe("hits", async |connection| {
            let before = info(connection).await?.remove("keyspace_hits");
            load.await?;
            let after = info(connection).await?.remove("keyspace_hits");
            Ok(json!({"before": before, "after": after}))
        })
        .await
    }
}

/// What `INFO` says, numbers as numbers.
pub(super) async fn info(connection: &mut Connection) -> Result<BTreeMap<String, Value>> {
    let reply = connection.ask(&["INFO"]).await?;
    Ok(fields(reply.text().unwrap_or_default()))
}

fn fields(text: &str) -> BTreeMap<String, Value> {
    text.lines()
        .filter_map(|line| line.trim_end().split_once(':'))
        .take(MAX_FIELDS)
        .map(|(name, value)| (name.to_owned(), typed(value)))
        .collect()
}

/// A number if it is one.
pub(super) fn typed(text: &str) -> Value {
    match text.parse::<i64>() {
        Ok(number) => Value::from(number),
        Err(_) => Value::from(text),
    }
}

/// The value of a configuration directive; null if the command is not there or not allowed, as
/// managed services have it.
pub(super) async fn directive(connection: &mut Connection, name: &str) -> Result<Value> {
    Ok(match connection.send(&["CONFIG", "GET", name]).await? {
        Reply::List(pair) => pair
            .get(1)
            .and_then(Reply::text)
            .map_or(Value::Null, Value::from),
        _ => Value::Null,
    })
}

/// Whether it answers, has its data, and has room ([`Redis::state`]).
///
/// # Errors
/// A finding if a fact is missing.
pub fn serving(state: &RedisReply) -> Result<Verdict> {
    if state.get("loading").i64()? != 0 {
        return Ok(Verdict::Fail(
            "Redis is still loading its data (loading:1)".to_owned(),
        ));
    }
    let pong = state.get("pong");
    let pong = pong.str()?;
    if pong != "PONG" {
        return Ok(Verdict::Fail(format!(
            "PING is answered with {}",
            pong.escape_debug()
        )));
    }
    let (used, limit) = (
        count(&state.get("used_memory"))?,
        count(&state.get("maxmemory"))?,
    );
    if used < 1 {
        return Ok(Verdict::Fail(format!(
            "used_memory is {used} bytes, which cannot be"
        )));
    }
    if limit == 0 {
        return Ok(Verdict::Warn(
            "maxmemory is 0: Redis grows until the machine has no memory left".to_owned(),
        ));
    }
    if used >= limit {
        return Ok(Verdict::Fail(format!(
            "{used} bytes are used of a maxmemory of {limit}"
        )));
    }
    Ok(Verdict::Pass)
}

/// Whether the service found something in the cache ([`Redis::around`]), besides being served
/// ([`serving`]).
///
/// # Errors
/// A finding if a fact is missing.
pub fn used(state: &RedisReply, hits: &RedisReply) -> Result<Verdict> {
    let (before, after) = (count(&hits.get("before"))?, count(&hits.get("after"))?);
    let growth = if after > before {
        Verdict::Pass
    } else {
        Verdict::Fail(format!(
            "keyspace_hits stayed at {before} while the same was asked for twice: the cache is not \
             used (after: {after})"
        ))
    };
    Ok(worst([serving(state)?, growth]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(
        clippy::needless_pass_by_value,
        reason = "a literal reads better at the call"
    )]
    fn state(change: Value) -> RedisReply {
        let mut facts =
            json!({"pong": "PONG", "loading": 0, "used_memory": 1_000, "maxmemory": 2_000});
        for (name, value) in change.as_object().unwrap() {
            facts[name] = value.clone();
        }
        RedisReply::new(facts)
    }

    #[test]
    fn each_fault_names_what_was_seen() {
        assert_eq!(serving(&state(json!({}))).unwrap(), Verdict::Pass);
        assert!(matches!(
            serving(&state(json!({"maxmemory": 0}))).unwrap(),
            Verdict::Warn(_)
        ));
        for (change, words) in [
            (json!({"loading": 1, "pong": "LOADING"}), "loading:1"),
            (json!({"pong": "MISCONF"}), "MISCONF"),
            (json!({"used_memory": 2_000}), "2000 bytes are used"),
        ] {
            let Verdict::Fail(reason) = serving(&state(change)).unwrap() else {
                panic!("{words}")
            };
            assert!(reason.contains(words), "{reason}");
        }
    }

    #[test]
    fn hits_must_grow() {
        let judged = |before, after| {
            let hits = RedisReply::new(json!({"before": before, "after": after}));
            used(&state(json!({})), &hits).unwrap()
        };
        assert_eq!(judged(5, 6), Verdict::Pass);
        assert!(matches!(judged(5, 5), Verdict::Fail(_)));
        assert!(matches!(judged(5, 0), Verdict::Fail(_)));
    }

    #[test]
    fn info_is_taken_apart() {
        let found = fields("# Memory\r\nused_memory:12\r\nrole:master\r\nmaster:a:b\r\n\r\n");
        assert_eq!(found["used_memory"], json!(12));
        assert_eq!(found["role"], json!("master"));
        assert_eq!(found["master"], json!("a:b"));
        assert_eq!(found.len(), 3);
    }
}
