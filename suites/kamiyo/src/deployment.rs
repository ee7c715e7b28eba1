//! DPLY: whether what is stored is kept, copied, encrypted, and closed to strangers.

use std::sync::Arc;

use readiness::{Context, Result, Unavailable, Verdict, requirement};
use readiness_probes::{about, backups, env, postgres, redis, worst};

use crate::plan;
use crate::stores::{CacheServer, DatabaseServer};
use crate::target::Target;

#[requirement("DPLY-DB-001")]
async fn database_is_backed_up(cx: Context, database: Arc<DatabaseServer>) -> Result<Verdict> {
    let backups = database.backups(&cx).await?;
    backups::judge(&backups.look()?, &backups.policy())
}

#[requirement("DPLY-DB-002")]
async fn log_is_archived(cx: Context, database: Arc<DatabaseServer>) -> Result<Verdict> {
    postgres::archiving(&database.administrator(&cx)?.archiving().await?)
}

/// That a disk is encrypted is for whoever has its key to state; a plan that says otherwise is enough
/// to fail.
#[requirement("DPLY-DB-003")]
fn volumes_are_encrypted(cx: &Context, target: &Arc<Target>) -> Result<Verdict> {
    let seen = cx.observe_now("volumes", || Ok(plan::volumes(&target.terraform_plan()?)))?;
    if let Some(verdict) = plan::unencrypted(&seen)? {
        return Ok(verdict);
    }
    Err(Unavailable::new(
        "whether the database's disk is encrypted is for its owner to state: `cargo readiness attest \
         DPLY-DB-003`",
    )
    .into())
}

/// What the application's URL asks for, what its connections got, and what else there is to be had.
#[requirement("DPLY-DB-004", timeout = "120s")]
async fn database_traffic_is_encrypted(
    cx: Context,
    target: Arc<Target>,
    database: Arc<DatabaseServer>,
) -> Result<Verdict> {
    let environment = target.environment(&cx);
    if !database.has_application() {
        // Half of the row: the server is not there to be asked.
        let asked_for = env::ssl_mode(&environment?.url("DATABASE_URL")?)?;
        let unseen = "the server itself was not looked at: set `postgres.url_env` under [target]";
        return Ok(worst([asked_for, Verdict::Warn(unseen.to_owned())]));
    }
    // Somebody who works with the database, so that there are connections to look at.
    database.service(&cx, &target).await?.get("/ready").await?;
    let role = database.role(&cx)?;
    let app = database.application(&cx)?;
    let session = app.session(&role).await?;
    let plaintext = app.plaintext().await?;
    let is_encrypted = session.get("ssl").bool()?;
    let oldest = if is_encrypted && database.has_administrator() {
        Some(database.administrator(&cx)?.oldest_protocol().await?)
    } else {
        None
    };
    let asked_for = match environment {
        Ok(environment) => env::ssl_mode(&environment.url("DATABASE_URL")?)?,
        Err(error) => Verdict::Warn(format!("what DATABASE_URL asks for is not known: {error}")),
    };
    Ok(worst([
        postgres::transport(&session, &plaintext, oldest.as_ref())?,
        about("DATABASE_URL", asked_for),
    ]))
}

#[requirement("DPLY-DB-005", timeout = "120s")]
async fn standby_follows(cx: Context, database: Arc<DatabaseServer>) -> Result<Verdict> {
    let standby = match database.replica(&cx)? {
        Some(replica) => Some(replica.standby().await?),
        None => None,
    };
    let primary = database.administrator(&cx)?.replication().await?;
    postgres::replication(&primary, standby.as_ref())
}

#[requirement("DPLY-REDIS-001")]
async fn cache_is_kept(cx: Context, cache: Arc<CacheServer>) -> Result<Verdict> {
    redis::persistence(&cache.redis(&cx).await?.persistence().await?)
}

#[requirement("DPLY-REDIS-002")]
async fn cache_needs_a_password(cx: Context, cache: Arc<CacheServer>) -> Result<Verdict> {
    redis::authentication(&cache.redis(&cx).await?.authentication().await?)
}

#[requirement("DPLY-REDIS-003")]
async fn cache_traffic_is_encrypted(cx: Context, cache: Arc<CacheServer>) -> Result<Verdict> {
    let redis = cache.redis(&cx).await?;
    redis::encryption(&redis.session().await?, &redis.plaintext().await?)
}

#[requirement("DPLY-REDIS-004")]
async fn cache_is_backed_up(cx: Context, cache: Arc<CacheServer>) -> Result<Verdict> {
    let backups = cache.backups(&cx).await?;
    backups::judge(&backups.look()?, &backups.policy())
}
