//! DB-003 to DB-006: what the database itself says about statements, connections and indexes.

use std::sync::Arc;

use readiness::{Context, Error, Result, Verdict, requirement};
use readiness_probes::http::Client;
use readiness_probes::{postgres, worst};

use crate::stores::DatabaseServer;
use crate::target::Target;

/// The table of exploits.
const TABLE: &str = "exploits";
/// Requests of a burst, and bursts: DB-004 as the catalogue has it.
const BURST: u32 = 40;
const BURSTS: u32 = 2;

/// A request that the service answers from its database.
const READ: &str = "/exploits?page_size=1";

/// As the application's own role where it can be had; an administrator's view is second best.
#[requirement("DB-003")]
async fn statements_end(cx: Context, database: Arc<DatabaseServer>) -> Result<Verdict> {
    if !database.has_application() && database.has_administrator() {
        let role = database.role(&cx)?;
        let admin = database.administrator(&cx)?;
        return postgres::role_statement_timeout(&admin.role_timeouts(&role).await?);
    }
    let app = database.application(&cx)?;
    let timeouts = app.timeouts().await?;
    let in_force = postgres::statement_timeout(&timeouts)?;
    if !database.allows_active_sql() || !matches!(in_force, Verdict::Pass) {
        return Ok(in_force);
    }
    let waited = app.cancellation(timeouts.get("statement_timeout_ms").i64()?);
    Ok(worst([in_force, postgres::cancelled(&waited.await?)?]))
}

/// The database's own view of its clients while the service works.
#[requirement("DB-004", exclusive = "load", phase = "load", timeout = "120s")]
async fn connections_are_pooled(
    cx: Context,
    target: Arc<Target>,
    database: Arc<DatabaseServer>,
) -> Result<Verdict> {
    let role = database.role(&cx)?;
    let client = database.service(&cx, &target).await?;
    // So that there is a connection to outlive the load, however fast that is over. Twice, because the
    // first may be answered on a connection that ended in an outage.
    for _ in 0..2 {
        client.get(READ).await?;
    }
    let watched = database
        .administrator(&cx)?
        .watch(&role, BURST * BURSTS, Box::pin(load(&cx, client)))
        .await?;
    postgres::pool(&watched)
}

/// Two bursts of reads, each request at once with the others; how many were served.
async fn load(cx: &Context, client: Client) -> Result<u32> {
    let mut answered = 0;
    for _ in 0..BURSTS {
        let burst: Vec<_> = (0..BURST)
            .map(|_| {
                let client = client.clone();
                cx.spawn(async move {
                    let reply = client.request("GET", READ).exchange();
                    reply.await.is_ok_and(|reply| reply.status() < 400)
                })
            })
            .collect();
        for request in burst {
            answered += u32::from(request.await?);
        }
    }
    // Under a burst some may be turned away; with none served there was no load.
    if answered == 0 {
        return Err(Error::unavailable(
            "none of the requests that were to load the database was served",
        ));
    }
    Ok(answered)
}

#[requirement("DB-005")]
async fn times_are_indexed(cx: Context, database: Arc<DatabaseServer>) -> Result<Verdict> {
    index_on(&cx, &database, "timestamp").await
}

#[requirement("DB-006")]
async fn chains_are_indexed(cx: Context, database: Arc<DatabaseServer>) -> Result<Verdict> {
    index_on(&cx, &database, "chain").await
}

async fn index_on(cx: &Context, database: &DatabaseServer, column: &str) -> Result<Verdict> {
    let indexes = database.application(cx)?.indexes(TABLE, column).await?;
    postgres::index_on(&indexes, column)
}
