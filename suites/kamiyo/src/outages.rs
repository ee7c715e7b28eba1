//! HLTH-003 and CACHE: what happens when a store is away, and what the cache holds when it is not.
//!
//! Each check has a service of its own: stopping a store disturbs everybody who uses it.

use std::sync::Arc;
use std::time::Duration;

use readiness::observation::json::Json;
use readiness::{Context, Result, Unavailable, Verdict, requirement};
use readiness_probes::filters::Filtered;
use readiness_probes::http::{ANONYMOUS, Client, HttpReply, shown};
use readiness_probes::{about, worst};
use readiness_reference::StoreState;

use crate::target::Target;

/// What a load balancer still waits for.
const NOT_READY_WITHIN: Duration = Duration::from_secs(10);
/// What a caller still waits for while the cache is away.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// The longest life of a cached reply: a day.
const LONGEST_LIFE_S: i64 = 86_400;
const STATS: &str = "/stats?days=7";
const LIST: &str = "/exploits?page_size=20";
/// Where the service keeps cached replies; revoked tokens are elsewhere.
const CACHED: &str = "kamiyo:cache:";

/// A stopped and a hanging store, one after the other.
#[requirement("HLTH-003", timeout = "180s")]
async fn not_ready_is_503(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let own = target.own().await?;
    let client = own.client(&cx, ANONYMOUS)?;
    let mut verdicts = Vec::new();
    for store in ["database", "redis"] {
        for (state, name) in [
            (StoreState::Down, "stopped"),
            (StoreState::Paused, "hanging"),
        ] {
            let label = format!("with the {store} {name}");
            own.set_store(store, state);
            let ready = ask(&client, "/ready", &label).await;
            let health = ask(&client, "/health", &label).await;
            own.set_store(store, StoreState::Up);
            let again = ask(&client, "/ready", &format!("after the {store} was {name}")).await;
            verdicts.push(about(&label, is_not_ready(&ready, store)));
            verdicts.push(about(&format!("/health {label}"), is_200(&health)));
            verdicts.push(about(
                &format!("after the {store} was {name}"),
                is_200(&again),
            ));
        }
    }
    Ok(worst(verdicts))
}

/// A service that does not answer is a finding here, not an obstacle.
type Answer = Result<HttpReply>;

async fn ask(client: &Client, path: &str, label: &str) -> Answer {
    client.request("GET", path).label(label).send().await
}

fn is_not_ready(answer: &Answer, store: &str) -> Verdict {
    let reply = match answer {
        Ok(reply) => reply,
        Err(error) => return Verdict::Fail(format!("/ready does not answer: {error}")),
    };
    match reply.status() {
        503 if reply.elapsed() < NOT_READY_WITHIN => Verdict::Pass,
        503 => Verdict::Fail(format!("/ready takes {} s", reply.elapsed().as_secs())),
        200 if store == "redis" => {
            Verdict::Warn("/ready says 200: the cache is not counted as needed".to_owned())
        }
        status => Verdict::Fail(format!("/ready is answered with {status} instead of 503")),
    }
}

fn is_200(answer: &Answer) -> Verdict {
    match answer {
        Ok(reply) => match reply.status() {
            200 => Verdict::Pass,
            status => Verdict::Fail(format!("it is answered with {status}")),
        },
        Err(error) => Verdict::Fail(format!("there is no answer: {error}")),
    }
}

/// The cache is there, says so, and is used: the second of two equal requests comes from it.
#[requirement("CACHE-001")]
async fn cache_is_used(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let own = target.own().await?;
    let client = own.client(&cx, "pro")?;
    let ready = client.get("/ready").await?;
    let redis = ready.json()?.get("redis");
    let up = redis.as_bool() == Some(true) || matches!(redis.as_str(), Some("up" | "ok"));
    client.get("/stats?days=30").await?;
    let second = client
        .request("GET", "/stats?days=30")
        .label("again")
        .send()
        .await?;
    Ok(worst([
        if up {
            Verdict::Pass
        } else {
            Verdict::Fail(format!("/ready says that redis is {}", shown(&redis)))
        },
        about("the second of two equal requests", from_cache(&second)),
    ]))
}

fn from_cache(reply: &HttpReply) -> Verdict {
    match reply.header("x-cache") {
        Some(value) if value.eq_ignore_ascii_case("hit") => Verdict::Pass,
        Some(value) => Verdict::Fail(format!("x-cache is `{}`", value.escape_debug())),
        None => Verdict::Fail("there is no x-cache: the cache is not asked".to_owned()),
    }
}

/// Before anybody asked for anything there is something in the cache.
#[requirement("CACHE-002")]
async fn cache_is_warmed(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let own = target.own().await?;
    let entries = own.cached(&cx, CACHED)?.get("entries").items()?;
    Ok(if entries.is_empty() {
        Verdict::Fail("after a start and before the first request the cache is empty".to_owned())
    } else {
        Verdict::Pass
    })
}

/// Every entry ends within a day, and is nearer to its end a little later.
#[requirement("CACHE-003")]
async fn cache_entries_expire(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let own = target.own().await?;
    let client = own.client(&cx, "pro")?;
    for path in [STATS, "/chains"] {
        client.get(path).await?;
    }
    let before = own.cached(&cx, CACHED)?;
    own.wait(Duration::from_secs(5)).await;
    let after = own.cached(&cx, CACHED)?;
    let entries = before.get("entries").items()?;
    if entries.is_empty() {
        return Err(
            Unavailable::new("the cache holds nothing after requests that it is for").into(),
        );
    }
    let later = after.get("entries").items()?;
    Ok(worst(entries.iter().map(|entry| expires(entry, &later))))
}

fn expires(entry: &Json, later: &[Json]) -> Verdict {
    let key = entry.get("key");
    let life = entry.get("life_s");
    match life.as_i64() {
        Some(seconds) if (1..=LONGEST_LIFE_S).contains(&seconds) => {
            let again = later
                .iter()
                .find(|other| other.get("key").as_str() == key.as_str());
            match again.and_then(|other| other.get("life_s").as_i64()) {
                Some(left) if left < seconds => Verdict::Pass,
                Some(left) => Verdict::Fail(format!(
                    "{} lives for {seconds} s, and five seconds later for {left} s",
                    shown(&key)
                )),
                None => Verdict::Fail(format!("{} is gone after five seconds", shown(&key))),
            }
        }
        Some(seconds) => Verdict::Fail(format!("{} lives for {seconds} s", shown(&key))),
        None => Verdict::Fail(format!("{} never expires", shown(&key))),
    }
}

/// Without the cache the answers are the same and in time, limits still count, and it is used again
/// when it is back.
#[requirement("CACHE-005", timeout = "120s")]
async fn works_without_cache(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let own = target.own().await?;
    let client = own.client(&cx, "pro")?;
    let before = client
        .request("GET", LIST)
        .label("with the cache")
        .send()
        .await?;
    own.set_store("redis", StoreState::Down);
    let list = ask(&client, LIST, "without the cache").await;
    let stats = ask(&client, STATS, "without the cache").await;
    own.set_store("redis", StoreState::Up);
    // What was asked for while it was away is not in it: the first request fills it again.
    ask(&client, STATS, "with the cache back").await.ok();
    let back = ask(&client, STATS, "with the cache back, again").await;
    Ok(worst([
        about("/exploits", in_time(&list)),
        about("/stats", in_time(&stats)),
        same_rows(&before, &list)?,
        still_counted(&before, &list),
        match &back {
            Ok(reply) => about("after the cache is back", from_cache(reply)),
            Err(error) => Verdict::Fail(format!("after the cache is back: {error}")),
        },
    ]))
}

fn in_time(answer: &Answer) -> Verdict {
    let slow = answer
        .as_ref()
        .is_ok_and(|reply| reply.elapsed() >= ANSWER_WITHIN);
    if slow {
        return Verdict::Fail("it takes five seconds and more without the cache".to_owned());
    }
    is_200(answer)
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
