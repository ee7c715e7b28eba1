//! Checks of a real database: a server of its own where PostgreSQL is installed, not verified where it is not,
//! or the database that `readiness.toml` names.

use std::sync::Arc;

use readiness::{Context, Resource, Result, Unavailable, Verdict, ensure, requirement};
use readiness_probes::postgres::{Database, index_on, statement_timeout};
use readiness_probes::servers::{PostgresProfile, PostgresServer};

readiness::main!();

/// Where the shop's database is.
enum Shop {
    /// Started for this run; it ends with it.
    Own(Box<PostgresServer>),
    /// `postgres.url_env` of `[target]`.
    Configured,
    /// Under replay nothing leaves the process.
    Nowhere,
}

impl Shop {
    fn database(&self, cx: &Context) -> Result<Database, Unavailable> {
        match self {
            Self::Own(server) => Database::at(cx, "app", &server.url()),
            Self::Configured => Database::application(cx),
            Self::Nowhere => Ok(Database::replayed(cx, "app")),
        }
    }
}

impl Resource for Shop {
    async fn acquire(cx: &Context) -> Result<Self, Unavailable> {
        if cx.setting("kind").as_str() == Some("remote") {
            return Ok(Self::Configured);
        }
        let mut profile = PostgresProfile::hardened()
            .without_replica()
            .setting("archive_mode", "off")
            .setting("statement_timeout", "20s");
        // Without encryption: this server is reached from this machine alone.
        profile.tls = None;
        profile.sql = vec![
            // The server comes with a table of its own of another product.
            "DROP TABLE IF EXISTS customers, orders".to_owned(),
            example_postgres::SCHEMA.to_owned(),
        ];
        Ok(Self::Own(Box::new(PostgresServer::start(&profile)?)))
    }

    fn replay(_: &Context) -> Option<Self> {
        Some(Self::Nowhere)
    }
}

#[requirement("PG-001")]
async fn statements_end(cx: Context, shop: Arc<Shop>) -> Result<Verdict> {
    let timeouts = shop.database(&cx)?.timeouts().await?;
    // The probe's judgement: there is one, and it is the application's role that has it.
    let verdict = statement_timeout(&timeouts)?;
    let limit = timeouts.get("statement_timeout_ms").i64()?;
    ensure!(
        limit <= 30_000,
        "statements may take {limit} ms, 30,000 are allowed"
    );
    Ok(verdict)
}

#[requirement("PG-002")]
async fn orders_are_found_by_time(cx: Context, shop: Arc<Shop>) -> Result<Verdict> {
    index_on(&shop.database(&cx)?.indexes("orders", "at").await?, "at")
}

#[requirement("PG-003")]
async fn orders_belong_to_customers(cx: Context, shop: Arc<Shop>) -> Result<()> {
    let keys = shop
        .database(&cx)?
        .rows(
            "foreign keys of orders",
            "SELECT confrelid::regclass::text AS to_table, convalidated AS validated \
             FROM pg_constraint WHERE conrelid = 'orders'::regclass AND contype = 'f'",
        )
        .await?;
    let keys = keys.items()?;
    let mut to_customers = 0;
    for key in &keys {
        if key.get("to_table").str()? == "customers" && key.get("validated").bool()? {
            to_customers += 1;
        }
    }
    ensure!(
        to_customers == 1,
        "{to_customers} validated keys lead from orders to customers"
    );
    Ok(())
}
