//! Real servers in place of the stores in memory: `PostgreSQL` and Redis, with and without TLS.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use std::sync::Arc;
//! use readiness_reference::servers::{PostgresDatabase, RedisStore};
//! use readiness_reference::{RefConfig, RefService};
//!
//! let config = RefConfig::new();
//! let database = PostgresDatabase::new("postgresql://app:secret@127.0.0.1/kamiyo", None)?;
//! database.load(&config.exploits()).await?;
//! let cache = RedisStore::new("redis://:secret@127.0.0.1:6379/0", None)?;
//! let config = config.database(Arc::new(database)).cache(Arc::new(cache));
//! let service = RefService::start(config).await?;
//! # Ok(())
//! # }
//! ```

mod postgres;
mod redis;
mod tls;

pub use postgres::PostgresDatabase;
pub use redis::RedisStore;

use super::StoreError;

/// Any error, as the service's own kind.
fn store_error(error: impl std::fmt::Display) -> StoreError {
    StoreError(error.to_string())
}
