//! The counters of a deployment's limiter: setting one is how the limit of a day is seen in seconds.
//!
//! It takes an operator who allows writes and says what the counters are called. A counter that is not
//! there says that they are called something else; then nothing is written and nothing is concluded.

use std::time::Duration;

use readiness::{Error, Resource, Result, Unavailable};
use readiness_probes::http::Client;
use readiness_probes::rate_limit::Window;
use readiness_probes::redis::Redis;

use crate::config::TargetConfig;

/// Less time than this before a window ends is not enough to use it up.
pub(crate) const ENOUGH: Duration = Duration::from_secs(100);

/// What is known about a deployment's counters.
#[derive(Debug, Clone)]
pub(crate) struct Counters {
    config: TargetConfig,
}

impl Counters {
    pub(crate) fn new(config: &TargetConfig) -> Counters {
        Counters {
            config: config.clone(),
        }
    }

    /// Sets what an identity has used of a window; in the end it is what it was.
    pub(crate) async fn set(
        &self,
        client: &Client,
        window: Window,
        used: u32,
        now: i64,
    ) -> Result<()> {
        self.config.basics.allows_writes()?;
        let key = self.key(client.identity(), window, now)?;
        let cx = client.context();
        let redis = Redis::acquire(cx).await?;
        let before = redis.overwrite(&key, used).await?.ok_or_else(|| {
            Error::unavailable(format!(
                "there is no counter {}: correct `rate_limit.redis_key_template` under [target] in \
                 readiness.toml",
                key.escape_debug()
            ))
        })?;
        cx.on_release(async move { drop(redis.overwrite(&key, before).await) });
        Ok(())
    }

    fn key(&self, identity: &str, window: Window, now: i64) -> Result<String, Unavailable> {
        let limiter = &self.config.rate_limit;
        let template = limiter.redis_key_template.as_deref().ok_or_else(|| {
            Unavailable::new(
                "hours and days do not pass at will on this target, and its counters cannot be set: \
                 set `rate_limit.redis_key_template` (and `redis.url_env`) under [target] in \
                 readiness.toml",
            )
        })?;
        let caller = limiter
            .callers
            .get(identity)
            .map_or(identity, String::as_str);
        let length = i64::try_from(window.length().as_secs()).unwrap_or(i64::MAX);
        let number = now.div_euclid(length);
        Ok(template
            .replace("{caller}", caller)
            .replace("{window}", window.name())
            .replace("{number}", &number.to_string())
            .replace("{start}", &(number * length).to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::RateLimitConfig;

    #[test]
    fn a_key_names_caller_and_window() {
        let template = "limit:{caller}:{window}:{number}:{start}".to_owned();
        let counters = Counters::new(&TargetConfig {
            rate_limit: RateLimitConfig {
                redis_key_template: Some(template),
                callers: [("pro".to_owned(), "acct-7".to_owned())].into(),
            },
            ..TargetConfig::default()
        });
        let key = |identity| counters.key(identity, Window::Hour, 7_300).unwrap();
        assert_eq!(key("pro"), "limit:acct-7:hour:2:7200");
        assert_eq!(key("team"), "limit:team:hour:2:7200");
    }
}
