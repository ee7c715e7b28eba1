//! Setting a counter that somebody else keeps: how a limit of a day is seen without waiting a day.

use readiness::{Error, Result};

use super::Redis;
use super::resp::Reply;

impl Redis {
    /// Sets a counter that is there to another value and keeps its time to live. Returns what it
    /// counted before; without one of that name nothing is written, and nothing is returned.
    ///
    /// This is no look and records nothing: it belongs into the look of whoever then counts.
    ///
    /// # Errors
    /// Unavailable if Redis cannot be reached; other if what is there is no counter, or Redis refuses.
    pub async fn overwrite(&self, key: &str, value: u32) -> Result<Option<u32>> {
        let access = self.access()?;
        let setting = async {
            let mut connection = access.log_in().await?;
            let Reply::Text(before) = connection.ask(&["GET", key]).await? else {
                return Ok(None);
            };
            let before = before.trim().parse().map_err(|_| {
                Error::other(format!("the key {} is no counter", key.escape_debug()))
            })?;
            let value = value.to_string();
            // `XX`: one that has ended meanwhile is not made anew, without an end.
            let set = connection
                .ask(&["SET", key, &value, "KEEPTTL", "XX"])
                .await?;
            Ok((set.text() == Some("OK")).then_some(before))
        };
        access.in_time(setting).await
    }
}
