//! **`PostgreSQL`, looked at through its own catalogue.** A probe asks one question and records the
//! answer; a judgement is a pure function over it.
//!
//! ```ignore
//! #[requirement("DB-003")]
//! async fn statements_end(database: Database) -> Result<Verdict> {
//!     postgres::statement_timeout(&database.timeouts().await?)
//! }
//! ```
//!
//! | probe | judgement | says |
//! |---|---|---|
//! | [`Database::timeouts`] | [`statement_timeout`] | statements of this role end |
//! | [`Database::role_timeouts`] | [`role_statement_timeout`] | the same, seen by an administrator |
//! | [`Database::cancellation`] | [`cancelled`] | the server does cancel one |
//! | [`Database::watch`] | [`pool`] | connections are pooled |
//! | [`Database::indexes`] | [`index_on`] | a column has an index that queries use |
//! | [`Database::archiving`] | [`archiving`] | point-in-time recovery is possible |
//! | [`Database::session`], [`Database::plaintext`], [`Database::oldest_protocol`] | [`transport`] | traffic is encrypted |
//! | [`Database::replication`], [`Database::standby`] | [`replication`] | a standby follows |
//!
//! Every query runs in a transaction that is read-only. The addresses come from `[target.postgres]`
//! ([`PostgresTarget`]) or from a URL in hand ([`Database::at`]).

mod activity;
mod archiving;
mod connection;
mod database;
mod indexes;
mod replication;
mod timeouts;
mod transport;

use serde_json::Value;

use crate::seen::{Change, Kind, Seen};

pub use activity::pool;
pub use archiving::archiving;
pub use database::{Database, PostgresTarget};
pub use indexes::index_on;
pub use replication::{MAX_LAG, replication};
pub use timeouts::{cancelled, role_statement_timeout, statement_timeout};
pub use transport::transport;

/// The kind of [`PgRows`].
#[derive(Debug, Clone)]
pub struct Pg;

/// What a query returned.
pub type PgRows = Seen<Pg>;

impl Kind for Pg {
    const KIND: &'static str = "pg rows";

    fn changes(name: &str, value: &Value) -> Vec<Change> {
        match value {
            Value::String(text) => match (name, text.as_str()) {
                (_, "on" | "always") => vec![Change::new("switched-off", "off")],
                (_, "off") => vec![Change::new("switched-on", "on")],
                ("version" | "minimum", version) if version != "TLSv1" => {
                    vec![Change::new("version-lowered", "TLSv1")]
                }
                _ => Vec::new(),
            },
            Value::Number(number) if number.as_f64() != Some(0.0) && matters_at_zero(name) => {
                vec![Change::new("zeroed", 0)]
            }
            _ => Vec::new(),
        }
    }
}

/// Zero means "without a limit" or "none at all".
fn matters_at_zero(name: &str) -> bool {
    matches!(
        name,
        "statement_timeout_ms" | "server_ms" | "idle_in_transaction_ms" | "archived" | "survived"
    )
}
