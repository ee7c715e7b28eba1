//! CACHE: the service's own cache, how it does without, and what caches between it and its callers
//! may keep.

use std::sync::Arc;
use std::time::Duration;

use readiness::{Context, Result, Verdict, requirement};
use readiness_probes::filters::Filtered;
use readiness_probes::http::{Client, HttpReply, shown};
use readiness_probes::redis::Redis;
use readiness_probes::{about, headers, redis, worst};

use crate::outages::{self, Answer, ask};
use crate::shared;
use crate::stores::CacheServer;
use crate::target::Target;

/// The routes whose replies are worth keeping.
const PATHS: [&str; 3] = ["/exploits?page_size=1", "/stats?days=7", "/chains"];
const STATS: &str = "/stats?days=7";
const LIST: &str = "/exploits?page_size=20";
/// How long the cache may take until it serves again.
const BACK_WITHIN: Duration = Duration::from_secs(60);
/// When a service that has not used it at once is asked again.
const NOTICED_AFTER: Duration = Duration::from_secs(5);

/// The cache is there, says so, and is used: the second of two equal requests finds something.
#[requirement("CACHE-001", timeout = "120s")]
async fn cache_is_used(cx: Context, target: Arc<Target>, cache: CacheServer) -> Result<Verdict> {
    let client = cache.service(&cx, &target).await?;
    let ready = client.get("/ready").await?;
    let field = ready.json()?.get("redis");
    let up = field.as_bool() == Some(true) || matches!(field.as_str(), Some("up" | "ok"));
    let said = if up {
        Verdict::Pass
    } else {
        Verdict::Fail(format!("/ready says that redis is {}", shown(&field)))
    };
    if !cache.is_known() {
        let unseen = "the cache itself was not looked at: set `redis.url_env` under [target]";
        return Ok(worst([said, Verdict::Warn(unseen.to_owned())]));
    }
    let redis = cache.redis(&cx).await?;
    Ok(worst([said, is_used(&redis, &client).await?]))
}

/// The use of a cache that has just come back, which the service may need a moment to notice. A replay
/// has seen what there was to see.
async fn is_used_again(cx: &Context, redis: &Redis, client: &Client) -> Result<Verdict> {
    let at_once = is_used(redis, client).await?;
    if at_once == Verdict::Pass || cx.is_replay() {
        return Ok(at_once);
    }
    cx.sleep(NOTICED_AFTER).await;
    is_used(redis, client).await
}

/// Redis counts what was found while the same is asked for twice.
async fn is_used(redis: &Redis, client: &Client) -> Result<Verdict> {
    let state = redis.state().await?;
    let twice = async {
        for _ in 0..2 {
            client.request("GET", STATS).exchange().await?;
        }
        Ok(())
    };
    redis::used(&state, &redis.around(twice).await?)
}

/// Before anybody asked for anything there is something in the cache.
#[requirement(
    "CACHE-002",
    exclusive = "anonymous",
    phase = "disrupt",
    timeout = "300s"
)]
async fn cache_is_warmed(cx: Context, target: Arc<Target>, cache: CacheServer) -> Result<Verdict> {
    cache.fresh(&cx, &target).await?;
    let keys = cache.redis(&cx).await?.keys(cache.prefix()).await?;
    Ok(if keys.items()?.is_empty() {
        Verdict::Fail("after a start and before the first request the cache is empty".to_owned())
    } else {
        Verdict::Pass
    })
}

/// Every entry ends within a day, and is nearer to its end a little later.
#[requirement("CACHE-003", timeout = "120s")]
async fn cache_entries_expire(
    cx: Context,
    target: Arc<Target>,
    cache: CacheServer,
) -> Result<Verdict> {
    let client = cache.service(&cx, &target).await?;
    for path in PATHS {
        client.get(path).await?;
    }
    redis::expiry(&cache.redis(&cx).await?.keys(cache.prefix()).await?)
}

#[requirement("CACHE-004", exclusive = "anonymous")]
async fn cache_headers(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let open = shared::anonymous_list(&cx, &target).await?;
    let mut verdicts = vec![about(
        "GET /exploits without a key",
        headers::cacheable(&open),
    )];
    let client = target.keyed(&cx)?;
    for path in PATHS {
        let reply = client.get(path).await?;
        verdicts.push(about(path, headers::cacheable(&reply)));
        verdicts.push(about(
            path,
            headers::not_shared(&reply, &["authorization", "x-api-key"]),
        ));
        let Some(etag) = reply.header("etag").map(str::to_owned) else {
            continue;
        };
        let again = client
            .request("GET", path)
            .header("if-none-match", etag)
            .label("with the ETag just seen")
            .send()
            .await?;
        verdicts.push(match again.status() {
            304 => Verdict::Pass,
            status => Verdict::Fail(format!(
                "{path}: the ETag just seen gets {status} instead of 304"
            )),
        });
    }
    Ok(worst(verdicts))
}

/// Without the cache the answers are the same and in time, limits still count, and it is used again
/// when it is back.
#[requirement(
    "CACHE-005",
    exclusive = "anonymous",
    phase = "disrupt",
    timeout = "300s"
)]
async fn works_without_cache(
    cx: Context,
    target: Arc<Target>,
    cache: CacheServer,
) -> Result<Verdict> {
    cache.may_stop()?;
    let client = cache.service(&cx, &target).await?;
    let redis = cache.redis(&cx).await?;
    let before = client
        .request("GET", LIST)
        .label("with the cache")
        .send()
        .await?;
    cache.stop(&cx)?;
    let list = ask(&client, LIST, "without the cache").await;
    let stats = ask(&client, STATS, "without the cache").await;
    cache.start(&cx)?;
    redis.loaded(BACK_WITHIN).await?;
    Ok(worst([
        about("/exploits", outages::in_time(&list)),
        about("/stats", outages::in_time(&stats)),
        same_rows(&before, &list)?,
        still_counted(&before, &list),
        about(
            "after the cache is back",
            is_used_again(&cx, &redis, &client).await?,
        ),
    ]))
}

fn same_rows(before: &HttpReply, without: &Answer) -> Result<Verdict> {
    let Ok(without) = without else {
        return Ok(Verdict::Fail(
            "there are no rows without the cache".to_owned(),
        ));
    };
    if without.status() != 200 {
        return Ok(Verdict::Fail(
            "there are no rows without the cache".to_owned(),
        ));
    }
    let (before, without) = (
        Filtered::read(before)?.ids()?,
        Filtered::read(without)?.ids()?,
    );
    Ok(if before == without {
        Verdict::Pass
    } else {
        Verdict::Fail(format!(
            "{} rows with the cache, {} without",
            before.len(),
            without.len()
        ))
    })
}

fn still_counted(before: &HttpReply, without: &Answer) -> Verdict {
    let left = |reply: &HttpReply| reply.header("x-ratelimit-remaining")?.parse::<u64>().ok();
    match (left(before), without.as_ref().ok().and_then(left)) {
        (Some(before), Some(without)) if without < before => Verdict::Pass,
        (before, without) => Verdict::Fail(format!(
            "requests left are {before:?} with the cache and {without:?} after one without"
        )),
    }
}
