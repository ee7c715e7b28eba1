//! **Redis, looked at over its own protocol.** A probe asks and records; a judgement is a pure
//! function over what was recorded.
//!
//! ```ignore
//! #[requirement("DPLY-REDIS-001")]
//! async fn the_cache_survives_a_restart(redis: Redis) -> Result<Verdict> {
//!     redis::persistence(&redis.persistence().await?)
//! }
//! ```
//!
//! | probe | judgement | says |
//! |---|---|---|
//! | [`Redis::state`], [`Redis::around`] | [`serving`], [`used`] | it serves, and is asked |
//! | [`Redis::keys`] | [`expiry`] | what is cached ends |
//! | [`Redis::persistence`] | [`persistence`] | a restart loses little |
//! | [`Redis::authentication`] | [`authentication`] | nobody gets in without the password |
//! | [`Redis::session`], [`Redis::plaintext`] | [`encryption`] | traffic is encrypted |
//!
//! The client is ours and small: these probes look at what a client library hides (the exact error
//! of a client without a password, the handshake, a port that must be closed), send no command that
//! writes but for [`Redis::overwrite`], and read replies within bounds. The address comes from
//! `[target.redis]` ([`RedisTarget`]) or from a URL in hand ([`Redis::at`]).

mod auth;
mod counter;
mod encryption;
mod keys;
mod persistence;
mod resp;
mod server;
mod state;

use serde_json::Value;

use crate::seen::{Change, Kind, Seen};

pub use auth::authentication;
pub use encryption::encryption;
pub use keys::expiry;
pub use persistence::persistence;
pub use server::{Redis, RedisTarget};
pub use state::{serving, used};

/// The kind of [`RedisReply`].
#[derive(Debug, Clone)]
pub struct Resp;

/// What Redis answered.
pub type RedisReply = Seen<Resp>;

impl Kind for Resp {
    const KIND: &'static str = "redis reply";

    fn changes(name: &str, value: &Value) -> Vec<Change> {
        match (name, value) {
            // What a key without an end has instead of a time to live.
            ("ttl_ms", Value::Number(_)) => vec![Change::new("ttl-removed", -1)],
            ("bare", Value::String(text)) if text != "PONG" => {
                vec![Change::new("no-noauth", "PONG")]
            }
            (_, Value::String(text)) if text == "ok" => vec![Change::new("status-err", "err")],
            (_, Value::String(text)) if text == "yes" => vec![Change::new("switched-off", "no")],
            ("maxmemory" | "used_memory" | "length", Value::Number(number))
                if number.as_f64() != Some(0.0) =>
            {
                vec![Change::new("zeroed", 0)]
            }
            _ => Vec::new(),
        }
    }
}
