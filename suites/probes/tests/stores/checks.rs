//! The checks that look: one for each row of a store, as a suite would write it.

use std::sync::Arc;
use std::time::Duration;

use readiness::__private::{Body, CheckFuture, answer, registration, submit};
use readiness::{Context, Error, Resource, Result, Verdict};
use readiness_probes::backups::{self, Backups, Store};
use readiness_probes::env::{self, Environment};
use readiness_probes::postgres::{self, Database, PostgresTarget};
use readiness_probes::prometheus::{self, Alertmanager, Prometheus};
use readiness_probes::redis::{self, Redis};
use serde::Deserialize;

/// Registers a function for an id: an asynchronous one, or with `now` a blocking one.
macro_rules! check {
    ($id:literal, $function:ident) => {
        check!(@ $id, $function, {
            fn boxed(cx: Context) -> CheckFuture {
                Box::pin(async move { answer($function(cx).await) })
            }
            Body::Async(boxed)
        });
    };
    (now $id:literal, $function:ident) => {
        check!(@ $id, $function, Body::Sync(|cx| answer($function(cx))));
    };
    (@ $id:literal, $function:ident, $body:expr) => {
        submit! {
            registration(
                &[$id], module_path!(), stringify!($function), "store-checks", "0.0.0", "/checks",
                file!(), line!(), column!(), "digest", $body,
            )
        }
    };
}

#[derive(Deserialize)]
struct Target {
    #[serde(default)]
    postgres: PostgresTarget,
    /// What the load of DB-004 does.
    #[serde(default)]
    load: String,
}

async fn redis(cx: &Context) -> Result<Redis> {
    match Redis::replay(cx).filter(|_| cx.is_replay()) {
        Some(replay) => Ok(replay),
        None => Ok(Redis::acquire(cx).await?),
    }
}

check!("DB-003", statements_end);
async fn statements_end(cx: Context) -> Result<Verdict> {
    postgres::statement_timeout(&Database::application(&cx)?.timeouts().await?)
}

check!("DB-003-ADMIN", statements_of_the_role_end);
async fn statements_of_the_role_end(cx: Context) -> Result<Verdict> {
    let database = Database::administrator(&cx)?;
    postgres::role_statement_timeout(&database.role_timeouts("kamiyo_app").await?)
}

check!("DB-003-ACTIVE", a_waiting_statement_is_cancelled);
async fn a_waiting_statement_is_cancelled(cx: Context) -> Result<Verdict> {
    let database = Database::application(&cx)?;
    let timeouts = database.timeouts().await?;
    let cancellation = database
        .cancellation(timeouts.get("statement_timeout_ms").i64()?)
        .await?;
    postgres::cancelled(&cancellation)
}

check!("DB-004", connections_are_pooled);
async fn connections_are_pooled(cx: Context) -> Result<Verdict> {
    let target: Target = cx.target()?;
    let url = std::env::var("DATABASE_URL")?;
    let load = move || async move {
        match target.load.as_str() {
            "pooled" => load::pooled(&url).await,
            "unbounded" => load::unbounded(&url).await,
            _ => load::connecting_anew(&url).await,
        }?;
        Ok(load::REQUESTS)
    };
    let seen = Database::administrator(&cx)?
        .watch("kamiyo_app", load::REQUESTS, Box::pin(load()))
        .await?;
    postgres::pool(&seen)
}

check!("DB-005", times_are_indexed);
async fn times_are_indexed(cx: Context) -> Result<Verdict> {
    let seen = Database::application(&cx)?
        .indexes("exploits", "timestamp")
        .await?;
    postgres::index_on(&seen, "timestamp")
}

check!("DB-006", chains_are_indexed);
async fn chains_are_indexed(cx: Context) -> Result<Verdict> {
    let seen = Database::application(&cx)?
        .indexes("exploits", "chain")
        .await?;
    postgres::index_on(&seen, "chain")
}

check!("DPLY-DB-002", the_log_is_archived);
async fn the_log_is_archived(cx: Context) -> Result<Verdict> {
    postgres::archiving(&Database::administrator(&cx)?.archiving().await?)
}

check!("DPLY-DB-004", traffic_is_encrypted);
async fn traffic_is_encrypted(cx: Context) -> Result<Verdict> {
    let database = Database::application(&cx)?;
    let session = database.session("kamiyo_app").await?;
    let plaintext = database.plaintext().await?;
    if !session.get("ssl").bool()? {
        return postgres::transport(&session, &plaintext, None);
    }
    let oldest = Database::administrator(&cx)?.oldest_protocol().await?;
    postgres::transport(&session, &plaintext, Some(&oldest))
}

check!("DPLY-DB-005", a_standby_follows);
async fn a_standby_follows(cx: Context) -> Result<Verdict> {
    let primary = Database::administrator(&cx)?.replication().await?;
    let target: Target = cx.target()?;
    let standby = match target.postgres.replica_url_env {
        Some(_) => Some(Database::replica(&cx)?.standby().await?),
        None => None,
    };
    postgres::replication(&primary, standby.as_ref())
}

check!("CACHE-001", the_cache_serves);
async fn the_cache_serves(cx: Context) -> Result<Verdict> {
    let redis = redis(&cx).await?;
    let state = redis.state().await?;
    let hits = redis
        .around(async { load::hit(&std::env::var("HIT")?).await })
        .await?;
    redis::used(&state, &hits)
}

check!("CACHE-001-STATE", the_cache_is_up);
async fn the_cache_is_up(cx: Context) -> Result<Verdict> {
    redis::serving(&redis(&cx).await?.state().await?)
}

check!("CACHE-003", entries_end);
async fn entries_end(cx: Context) -> Result<Verdict> {
    redis::expiry(&redis(&cx).await?.keys("cache:").await?)
}

check!("DPLY-REDIS-001", a_restart_loses_little);
async fn a_restart_loses_little(cx: Context) -> Result<Verdict> {
    redis::persistence(&redis(&cx).await?.persistence().await?)
}

check!("DPLY-REDIS-002", a_password_is_needed);
async fn a_password_is_needed(cx: Context) -> Result<Verdict> {
    redis::authentication(&redis(&cx).await?.authentication().await?)
}

check!("DPLY-REDIS-003", the_way_is_encrypted);
async fn the_way_is_encrypted(cx: Context) -> Result<Verdict> {
    let redis = redis(&cx).await?;
    redis::encryption(&redis.session().await?, &redis.plaintext().await?)
}

check!(now "DPLY-DB-001", the_database_is_backed_up);
fn the_database_is_backed_up(cx: &Context) -> Result<Verdict> {
    let backups = Backups::of(cx, Store::Postgres)?;
    backups::judge(&backups.look()?, &backups.policy())
}

check!(now "DPLY-REDIS-004", the_cache_is_backed_up);
fn the_cache_is_backed_up(cx: &Context) -> Result<Verdict> {
    let backups = Backups::of(cx, Store::Redis)?;
    backups::judge(&backups.look()?, &backups.policy())
}

async fn deployed(cx: &Context) -> Result<Environment> {
    match Environment::replay(cx).filter(|_| cx.is_replay()) {
        Some(replay) => Ok(replay),
        None => Ok(Environment::acquire(cx).await?),
    }
}

check!("ENV-001", it_is_production);
async fn it_is_production(cx: Context) -> Result<Verdict> {
    env::production(&deployed(&cx).await?.plain("ENVIRONMENT")?)
}

check!("ENV-002", origins_are_listed);
async fn origins_are_listed(cx: Context) -> Result<Verdict> {
    env::origins(&deployed(&cx).await?.plain("ALLOWED_ORIGINS")?)
}

check!("ENV-003", redis_is_named);
async fn redis_is_named(cx: Context) -> Result<Verdict> {
    env::redis_url(&deployed(&cx).await?.url("REDIS_URL")?)
}

check!("ENV-004", the_database_is_named);
async fn the_database_is_named(cx: Context) -> Result<Verdict> {
    env::database_url(&deployed(&cx).await?.url("DATABASE_URL")?)
}

check!("ENV-005", the_signing_secret_is_one);
async fn the_signing_secret_is_one(cx: Context) -> Result<Verdict> {
    env::signing_secret(&deployed(&cx).await?.secret("JWT_SECRET")?)
}

check!("ENV-006", the_payment_key_is_live);
async fn the_payment_key_is_live(cx: Context) -> Result<Verdict> {
    env::stripe_key(&deployed(&cx).await?.secret("STRIPE_API_KEY")?)
}

check!("ENV-007", the_log_level_is_right);
async fn the_log_level_is_right(cx: Context) -> Result<Verdict> {
    env::log_level(&deployed(&cx).await?.plain("LOG_LEVEL")?)
}

check!("DPLY-DB-004-URL", tls_is_demanded);
async fn tls_is_demanded(cx: Context) -> Result<Verdict> {
    env::ssl_mode(&deployed(&cx).await?.url("DATABASE_URL")?)
}

async fn prometheus(cx: &Context) -> Result<Prometheus> {
    match Prometheus::replay(cx).filter(|_| cx.is_replay()) {
        Some(replay) => Ok(replay),
        None => Ok(Prometheus::acquire(cx).await?),
    }
}

check!("MON-002", it_is_scraped_and_counts);
async fn it_is_scraped_and_counts(cx: Context) -> Result<Verdict> {
    let prometheus = prometheus(&cx).await?;
    let targets = prometheus.targets().await?;
    let wanted = [
        "process_cpu_seconds_total",
        "process_resident_memory_bytes",
        "http_requests_total",
    ];
    let series = prometheus.series(&wanted).await?;
    let early = readiness_probes::worst([
        prometheus::scraped(&targets)?,
        prometheus::present(&series)?,
    ]);
    if early != Verdict::Pass {
        return Ok(early);
    }
    let load = async {
        let address = std::env::var("EXPORTER")?;
        load::visit(&address, 5).await
    };
    prometheus::counted(&prometheus.growth("http_requests_total", 5, load).await?)
}

check!("MON-003", errors_wake_somebody);
async fn errors_wake_somebody(cx: Context) -> Result<Verdict> {
    let rules = prometheus(&cx).await?.rules().await?;
    let alertmanager = match Alertmanager::replay(&cx).filter(|_| cx.is_replay()) {
        Some(replay) => replay,
        None => Alertmanager::acquire(&cx).await?,
    };
    let routing = alertmanager.routing().await?;
    Ok(readiness_probes::worst([
        prometheus::alerting(&rules, "error")?,
        prometheus::notified(&routing)?,
    ]))
}

check!("MON-004", it_is_watched_from_outside);
async fn it_is_watched_from_outside(cx: Context) -> Result<Verdict> {
    prometheus::watched(&prometheus(&cx).await?.uptime("api.kamiyo.ai", 24).await?)
}

/// What a service does to its stores while it works.
mod load {
    use super::{Arc, Duration, Error, Result};
    use tokio_postgres::{Client, NoTls};

    /// Requests of a load: two bursts of 40.
    pub const REQUESTS: u32 = 80;

    /// How long one request takes: the sampler looks each 50 ms, and sees it.
    const WORK: &str = "SELECT pg_sleep(0.12)";

    async fn connect(url: &str) -> Result<Client> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }

    /// Four connections that serve all requests and stay.
    pub async fn pooled(url: &str) -> Result<()> {
        let mut clients = Vec::new();
        for _ in 0..4 {
            clients.push(Arc::new(connect(url).await?));
        }
        for _ in 0..2 {
            let burst: Vec<_> = (0..40)
                .map(|number| {
                    let client = Arc::clone(&clients[number % 4]);
                    // Queued on its connection, as a pool queues.
                    tokio::spawn(async move { client.simple_query("SELECT pg_sleep(0.02)").await })
                })
                .collect();
            finish(burst).await?;
        }
        // The pool outlives its load, as that of a service does.
        Box::leak(Box::new(clients));
        Ok(())
    }

    /// One connection for each request, ten at a time.
    pub async fn connecting_anew(url: &str) -> Result<()> {
        for _ in 0..8 {
            let burst: Vec<_> = (0..10)
                .map(|_| {
                    let url = url.to_owned();
                    tokio::spawn(async move {
                        let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
                        let driving = tokio::spawn(connection);
                        let done = client.simple_query(WORK).await;
                        drop(client);
                        let _ = driving.await;
                        done
                    })
                })
                .collect();
            finish(burst).await?;
        }
        Ok(())
    }

    /// As many connections as there are requests in a burst.
    pub async fn unbounded(url: &str) -> Result<()> {
        let mut clients = Vec::new();
        for _ in 0..40 {
            clients.push(connect(url).await?);
        }
        let burst = clients
            .into_iter()
            .map(|client| tokio::spawn(async move { client.simple_query(WORK).await }))
            .collect();
        finish(burst).await
    }

    async fn finish<T>(
        burst: Vec<tokio::task::JoinHandle<std::result::Result<T, tokio_postgres::Error>>>,
    ) -> Result<()> {
        for request in burst {
            request.await.map_err(|e| Error::other(e.to_string()))??;
        }
        Ok(())
    }

    /// So many requests to the service that is scraped.
    pub async fn visit(address: &str, requests: u32) -> Result<()> {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        for _ in 0..requests {
            let mut stream = tokio::net::TcpStream::connect(address).await?;
            stream.write_all(b"GET / HTTP/1.0\r\n\r\n").await?;
            stream.read_to_end(&mut Vec::new()).await?;
        }
        Ok(())
    }

    /// Looks up a key twice over Redis' local socket, as a service that caches does. `HIT` is the
    /// command line for it.
    pub async fn hit(command: &str) -> Result<()> {
        let command = command.to_owned();
        let run = move || {
            std::process::Command::new("sh")
                .arg("-c")
                .arg(command)
                .output()
        };
        let output = tokio::task::spawn_blocking(run)
            .await
            .map_err(|e| Error::other(e.to_string()))??;
        tokio::time::sleep(Duration::ZERO).await;
        if output.status.success() {
            Ok(())
        } else {
            Err(Error::other("the look-up failed"))
        }
    }
}
