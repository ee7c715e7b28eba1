//! A database that is looked at: where it is, and how an answer becomes an observation.

use std::path::PathBuf;
use std::sync::Arc;

use readiness::{Context, Error, Resource, Result, Unavailable};
use serde::Deserialize;
use serde_json::Value;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, SimpleQueryMessage};

use super::PgRows;
use super::connection::{Access, explained};

/// Bytes of one answer at most. Catalogue answers are some kilobytes.
const MAX_ANSWER: usize = 1 << 20;

/// `[target.postgres]`: addresses by the names of the variables that hold them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct PostgresTarget {
    /// Variable with the URL of the application's role.
    pub url_env: Option<String>,
    /// Variable with the URL of a role that may read settings and statistics.
    pub admin_url_env: Option<String>,
    /// Variable with the URL of a standby.
    pub replica_url_env: Option<String>,
    /// Name of the application's role, where it differs from the one in its URL.
    pub app_role: Option<String>,
    /// Whether a statement may be run that only waits, to see it cancelled.
    pub allow_active_sql: bool,
}

/// The part of `[target]` that concerns databases.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Target {
    postgres: PostgresTarget,
    ca_file: Option<PathBuf>,
}

/// A database that is looked at. As a resource it is the application's own, `postgres.url_env`.
#[derive(Debug, Clone)]
pub struct Database {
    cx: Context,
    name: String,
    /// Absent under replay, where nothing may leave the process.
    access: Option<Arc<Access>>,
}

impl Database {
    /// The database at `url`, called `name` in observations.
    ///
    /// # Errors
    /// [`Unavailable`] if the URL is not one of `PostgreSQL`, or its authorities cannot be read.
    pub fn at(cx: &Context, name: &str, url: &str) -> Result<Database, Unavailable> {
        Self::with_authorities(cx, name, url, None)
    }

    fn with_authorities(
        cx: &Context,
        name: &str,
        url: &str,
        ca_file: Option<&PathBuf>,
    ) -> Result<Database, Unavailable> {
        let access = Access::new(url, ca_file)?;
        if let Some(password) = access.password() {
            cx.secret(password);
        }
        Ok(Database {
            cx: cx.clone(),
            name: name.to_owned(),
            access: Some(Arc::new(access)),
        })
    }

    /// The same database under replay: it serves recordings and has no way out.
    pub fn replayed(cx: &Context, name: &str) -> Database {
        Database {
            cx: cx.clone(),
            name: name.to_owned(),
            access: None,
        }
    }

    /// The database as the application sees it: `postgres.url_env`.
    ///
    /// # Errors
    /// [`Unavailable`] with the key or variable to set.
    pub fn application(cx: &Context) -> Result<Database, Unavailable> {
        Self::named(cx, "app", |target| (target.url_env.as_deref(), "url_env"))
    }

    /// The database as an administrator sees it: `postgres.admin_url_env`.
    ///
    /// # Errors
    /// [`Unavailable`] with the key or variable to set.
    pub fn administrator(cx: &Context) -> Result<Database, Unavailable> {
        Self::named(cx, "admin", |target| {
            (target.admin_url_env.as_deref(), "admin_url_env")
        })
    }

    /// The standby: `postgres.replica_url_env`.
    ///
    /// # Errors
    /// [`Unavailable`] with the key or variable to set.
    pub fn replica(cx: &Context) -> Result<Database, Unavailable> {
        Self::named(cx, "replica", |target| {
            (target.replica_url_env.as_deref(), "replica_url_env")
        })
    }

    fn named(
        cx: &Context,
        name: &str,
        pick: impl Fn(&PostgresTarget) -> (Option<&str>, &'static str),
    ) -> Result<Database, Unavailable> {
        if cx.is_replay() {
            return Ok(Self::replayed(cx, name));
        }
        let target: Target = cx.target()?;
        let (variable, key) = pick(&target.postgres);
        let url = crate::named_variable(variable, &format!("postgres.{key}"))?;
        Self::with_authorities(cx, name, &url, target.ca_file.as_ref())
    }

    /// This database recording into another context, as `cx.once` hands one out.
    #[must_use]
    pub fn within(&self, cx: &Context) -> Database {
        Database {
            cx: cx.clone(),
            ..self.clone()
        }
    }

    /// The context that it records into.
    pub fn context(&self) -> &Context {
        &self.cx
    }

    /// Asks `query`, a `SELECT`, and records its rows under `what`: a list of objects with the
    /// columns as fields. It runs in a read-only transaction.
    ///
    /// # Errors
    /// Unavailable if the database cannot be reached or the role may not look; other if the query
    /// is wrong.
    pub async fn rows(&self, what: &str, query: &str) -> Result<PgRows> {
        let rows = format!("SELECT coalesce(json_agg(t), '[]') FROM ({query}) t");
        self.observe(what, async |client| ask(client, &rows).await)
            .await
    }

    /// The same for a query that has one row: an object with the columns as fields.
    pub(super) async fn row(&self, what: &str, query: &str) -> Result<PgRows> {
        let row = format!("SELECT row_to_json(t) FROM ({query}) t LIMIT 1");
        self.observe(what, async |client| ask(client, &row).await)
            .await
    }

    /// Records what `look` returns under `what`.
    pub(super) async fn observe(
        &self,
        what: &str,
        look: impl AsyncFnOnce(&Client) -> Result<Value>,
    ) -> Result<PgRows> {
        self.cx
            .observe(self.key(what), || async {
                Ok(PgRows::new(self.access()?.with(look).await?))
            })
            .await
    }

    /// The key of an observation: what, as whom.
    pub(super) fn key(&self, what: &str) -> String {
        format!("{what} as {}", self.name)
    }

    pub(super) fn access(&self) -> Result<&Access> {
        self.access
            .as_deref()
            .ok_or_else(|| Error::other("a replay cannot connect"))
    }
}

impl Resource for Database {
    async fn acquire(cx: &Context) -> Result<Self, Unavailable> {
        Self::application(cx)
    }

    fn replay(cx: &Context) -> Option<Self> {
        Some(Self::replayed(cx, "app"))
    }
}

/// Runs a query that has one row with one column of JSON.
pub(super) async fn ask(client: &Client, query: &str) -> Result<Value> {
    let messages = client
        .simple_query(&format!("BEGIN READ ONLY; {query}; COMMIT"))
        .await
        .map_err(|e| failed(&e))?;
    let answer = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    match answer {
        None => Ok(Value::Null),
        Some(text) if text.len() > MAX_ANSWER => Err(Error::other(format!(
            "an answer of {} bytes is too long",
            text.len()
        ))),
        Some(text) => Ok(serde_json::from_str(text)?),
    }
}

/// A query that failed: a role that may not look cannot tell, everything else is an error.
pub(super) fn failed(error: &tokio_postgres::Error) -> Error {
    let reason = explained(error);
    if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) {
        Error::unavailable(format!("the role may not look: {reason}"))
    } else {
        Error::other(format!("PostgreSQL refused the query: {reason}"))
    }
}

/// A name inside of SQL text.
pub(super) fn literal(text: &str) -> String {
    // Standard strings: only the quote is special. NUL cannot be part of a query.
    format!("'{}'", text.replace('\0', "").replace('\'', "''"))
}
