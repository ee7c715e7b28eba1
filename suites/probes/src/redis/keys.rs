//! Whether what is cached ends: the times to live of the keys under a prefix.

use std::time::Duration;

use readiness::{Error, Result, Verdict};
use serde_json::json;

use super::resp::Reply;
use super::{Redis, RedisReply};
use crate::seen::count;

/// Keys that are looked at.
const MAX_KEYS: usize = 1_000;
/// Rounds of SCAN: each looks at about a thousand keys of the whole database.
const MAX_ROUNDS: usize = 1_000;
/// Characters of a key that are kept.
const KEY_SHOWN: usize = 120;

/// Shortest life that keeps anything, in milliseconds.
const SHORTEST_MS: i64 = 1_000;
/// Longest life of a cache entry: a day, after which stale data is a defect.
const LONGEST_MS: i64 = 86_400_000;

/// Time between the two looks at each key.
const PAUSE: Duration = Duration::from_millis(50);

impl Redis {
    /// Up to 1,000 keys that begin with `prefix`, each looked at twice: a list of `key`, `ttl_ms`
    /// and `later_ms` (−1 for no end). Keys that ended in between are left out.
    ///
    /// # Errors
    /// Unavailable if Redis cannot be reached or does not allow SCAN.
    pub async fn keys(&self, prefix: &str) -> Result<RedisReply> {
        self.observe(&format!("keys {prefix}"), async |connection| {
            let pattern = format!("{}*", escaped(prefix));
            let mut cursor = "0".to_owned();
            let mut keys: Vec<(String, i64)> = Vec::new();
            for _ in 0..MAX_ROUNDS {
                let scan = ["SCAN", &cursor, "MATCH", &pattern, "COUNT", "1000"];
                let (next, found) = page(connection.ask(&scan).await?)?;
                for key in found {
                    if let Reply::Number(ttl) = connection.ask(&["PTTL", &key]).await?
                        && keys.len() < MAX_KEYS
                        && !keys.iter().any(|(known, _)| *known == key)
                    {
                        keys.push((key, ttl));
                    }
                }
                cursor = next;
                if cursor == "0" || keys.len() == MAX_KEYS {
                    break;
                }
            }
            tokio::time::sleep(PAUSE).await;
            let mut seen = Vec::new();
            for (key, ttl_ms) in keys {
                let Reply::Number(later_ms) = connection.ask(&["PTTL", &key]).await? else {
                    continue;
                };
                // −2: it is gone.
                if ttl_ms != -2 && later_ms != -2 {
                    let key: String = key.chars().take(KEY_SHOWN).collect();
                    seen.push(json!({"key": key, "ttl_ms": ttl_ms, "later_ms": later_ms}));
                }
            }
            Ok(json!(seen))
        })
        .await
    }
}

/// A cursor and the keys that came with it.
fn page(reply: Reply) -> Result<(String, Vec<String>)> {
    if let Reply::List(parts) = reply
        && let [Reply::Text(cursor), Reply::List(keys)] = parts.as_slice()
    {
        let keys = keys
            .iter()
            .filter_map(Reply::text)
            .map(str::to_owned)
            .collect();
        return Ok((cursor.clone(), keys));
    }
    Err(Error::other("SCAN was not answered with a cursor and keys"))
}

/// The prefix as a pattern that means itself.
fn escaped(prefix: &str) -> String {
    prefix.chars().fold(String::new(), |mut pattern, c| {
        if matches!(c, '*' | '?' | '[' | ']' | '\\' | '^') {
            pattern.push('\\');
        }
        pattern.push(c);
        pattern
    })
}

/// Whether every key of [`Redis::keys`] ends within a day, and its time runs.
///
/// # Errors
/// Unavailable if there is no key; a finding if a fact is missing.
pub fn expiry(seen: &RedisReply) -> Result<Verdict> {
    let keys = seen.items()?;
    if keys.is_empty() {
        return Err(Error::unavailable(
            "there is no key under the cache's prefix: ask the service for something that it \
             caches, or correct `redis.cache_prefix` under [target]",
        ));
    }
    let mut longest = 0;
    for key in &keys {
        let name = key.get("key");
        let name = name
            .peek()
            .and_then(serde_json::Value::as_str)
            .unwrap_or("?")
            .escape_debug();
        let ttl = key.get("ttl_ms").i64()?;
        if ttl == -1 {
            return Ok(Verdict::Fail(format!(
                "the key {name} never expires (TTL {ttl})"
            )));
        }
        if ttl < 0 {
            return Ok(Verdict::Fail(format!(
                "the key {name} has a time to live of {ttl}"
            )));
        }
        if ttl > LONGEST_MS {
            return Ok(Verdict::Fail(format!(
                "the key {name} lives for {} h more, 24 h at most are allowed",
                ttl / 3_600_000
            )));
        }
        if count(&key.get("later_ms"))? >= ttl {
            return Ok(Verdict::Fail(format!(
                "the time to live of the key {name} does not run"
            )));
        }
        longest = longest.max(ttl);
    }
    // A key near its end has little left; all of them at once means that nothing is kept.
    if longest < SHORTEST_MS {
        return Ok(Verdict::Fail(format!(
            "no key lives for more than {longest} ms"
        )));
    }
    Ok(Verdict::Pass)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(keys: &[(i64, i64)]) -> Result<Verdict> {
        let keys: Vec<_> = keys
            .iter()
            .map(|(ttl, later)| json!({"key": "cache:a\n", "ttl_ms": ttl, "later_ms": later}))
            .collect();
        expiry(&RedisReply::new(json!(keys)))
    }

    #[test]
    fn one_bad_key_is_enough() {
        let good = (600_000, 599_950);
        assert_eq!(
            judged(&[good, (10, 0), (86_400_000, 86_399_900)]).unwrap(),
            Verdict::Pass
        );
        for (bad, words) in [
            ((-1, -1), "cache:a\\n never expires"),
            ((172_800_000, 172_799_000), "48 h"),
            ((600_000, 600_000), "does not run"),
        ] {
            let Verdict::Fail(reason) = judged(&[good, bad, good]).unwrap() else {
                panic!()
            };
            assert!(reason.contains(words), "{reason}");
        }
        assert!(matches!(judged(&[(900, 850)]).unwrap(), Verdict::Fail(_)));
    }

    #[test]
    fn no_key_is_not_verified() {
        let error = judged(&[]).unwrap_err();
        assert_eq!(error.class(), readiness::error::Class::Unavailable);
    }

    #[test]
    fn a_prefix_means_itself() {
        assert_eq!(escaped("a*[b]"), "a\\*\\[b\\]");
    }
}
