//! CAIO-PERF-003 and CAIO-PERF-004: what the registry holds and how long contracts are kept, as the
//! deployment says and as the service does.

use std::sync::Arc;
use std::time::Duration;

use readiness::{Context, Error, Result, Verdict, requirement};
use readiness_probes::env::Variable;
use readiness_probes::http::{Client, HttpReply};
use readiness_probes::prometheus::Exposition;
use serde_json::json;

use crate::own::Own;
use crate::target::Target;

const SERVICES: &str = "/api/v1/services";
/// Part of the registry that may be in use: the rest is for growth until somebody looks again.
const MOST_PERCENT: usize = 80;
/// The longest that a contract may be kept, in seconds: a day.
const LONGEST: i64 = 86_400;
/// Part of the reads that the cache has to answer to be worth having.
const LEAST_HITS: f64 = 0.5;

#[requirement("CAIO-PERF-003", phase = "write")]
async fn registry_size(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let size = number(&target.environment(&cx)?.plain("CAIO_REGISTRY_SIZE")?);
    let (least, most) = (bound(&cx, "registry.min")?, bound(&cx, "registry.max")?);
    let size = match size {
        Err(verdict) => return Ok(verdict),
        Ok(size) if !(least..=most).contains(&size) => {
            return Ok(Verdict::Fail(format!(
                "CAIO_REGISTRY_SIZE is {size}, from {least} to {most} makes sense"
            )));
        }
        Ok(size) => usize::try_from(size).unwrap_or(0),
    };
    let registered = names(&target.client(&cx, "viewer")?.get(SERVICES).await?)?.len();
    if registered * 100 > size * MOST_PERCENT {
        return Ok(Verdict::Fail(format!(
            "{registered} services are registered, more than {MOST_PERCENT} % of {size}"
        )));
    }
    match target.own().await? {
        None => Ok(Verdict::Pass),
        Some(own) => twice_as_many(&cx, &own).await,
    }
}

/// Twice the present services fit in without one of them being dropped.
async fn twice_as_many(cx: &Context, own: &Own) -> Result<Verdict> {
    let admin = own.client(cx, "admin")?;
    let before = names(
        &admin
            .request("GET", SERVICES)
            .label("before")
            .send()
            .await?,
    )?;
    for number in 0..before.len() {
        let name = format!("readiness-{number}");
        let body = json!({ "name": name, "address": "https://readiness.invalid" });
        let reply = admin
            .request("POST", SERVICES)
            .json(&body)
            .label(&name)
            .send()
            .await?;
        if reply.status() != 201 {
            return Ok(Verdict::Fail(format!(
                "service {} is refused with {}",
                before.len() + number + 1,
                reply.status()
            )));
        }
    }
    let after = names(&admin.request("GET", SERVICES).label("after").send().await?)?;
    Ok(match before.iter().find(|name| !after.contains(name)) {
        None => Verdict::Pass,
        Some(lost) => Verdict::Fail(format!(
            "with {} services registered, {} was dropped",
            2 * before.len(),
            lost.escape_debug()
        )),
    })
}

/// The names of the registered services.
fn names(reply: &HttpReply) -> Result<Vec<String>> {
    if reply.status() != 200 {
        return Err(Error::finding(format!(
            "the registry is answered with {}",
            reply.status()
        )));
    }
    let services = reply.json()?.get("services").items()?;
    let names = services
        .iter()
        .map(|service| Ok(service.get("name").str()?.to_owned()));
    let names: Vec<String> = names.collect::<Result<_>>()?;
    if names.is_empty() {
        return Err(Error::unavailable("no service is registered"));
    }
    Ok(names)
}

#[requirement("CAIO-PERF-004", phase = "write")]
async fn contract_life(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let life = number(&target.environment(&cx)?.plain("CAIO_CONTRACT_CACHE_TTL")?);
    let life = match life {
        Err(verdict) => return Ok(verdict),
        Ok(life) if !(1..=LONGEST).contains(&life) => {
            return Ok(Verdict::Fail(format!(
                "CAIO_CONTRACT_CACHE_TTL is {life} s, from 1 to {LONGEST} makes sense"
            )));
        }
        Ok(life) => Duration::from_secs(u64::try_from(life).unwrap_or(1)),
    };
    match target.own().await? {
        None => Ok(Verdict::Warn(
            "whether the service keeps to it was not looked at: a deployment's clock cannot be moved"
                .to_owned(),
        )),
        Some(own) => kept_for(&cx, &own, life).await,
    }
}

/// A changed contract stays as it was for its life, and is seen afterwards.
async fn kept_for(cx: &Context, own: &Own, life: Duration) -> Result<Verdict> {
    const PATH: &str = "/api/v1/contracts/base";
    let admin = own.client(cx, "admin")?;
    let read = async |label: &str| terms(&admin.request("GET", PATH).label(label).send().await?);
    let before = read("before").await?;
    for _ in 0..4 {
        read("again").await?;
    }
    let changed = format!("{before}, changed by a readiness check");
    let body = json!({ "terms": changed });
    let put = admin.request("PUT", PATH).json(&body).send().await?;
    if put.status() != 200 {
        return Ok(Verdict::Fail(format!(
            "a change is answered with {}",
            put.status()
        )));
    }
    if read("after the change").await? != before {
        return Ok(Verdict::Fail(
            "a change is seen at once: contracts are not kept".to_owned(),
        ));
    }
    own.wait(life).await;
    if read("after its life").await? != changed {
        return Ok(Verdict::Fail(format!(
            "a change is not seen after {} s: contracts are kept too long",
            life.as_secs()
        )));
    }
    hits(&admin).await
}

/// The part of our reads that the cache answered, where the service counts them.
async fn hits(admin: &Client) -> Result<Verdict> {
    let reply = admin.get("/metrics").await?;
    let Ok(exposition) = Exposition::parse(reply.text()) else {
        // Whether the metrics are sound is CAIO-REL-003's business.
        return Ok(Verdict::Pass);
    };
    let of = |result: &str| {
        let mut counts = exposition
            .of("caio_contract_cache_requests_total")
            .filter(|sample| {
                sample
                    .labels
                    .get("result")
                    .is_some_and(|label| label == result)
            })
            .map(|sample| sample.value);
        counts.next()
    };
    Ok(match (of("hit"), of("miss")) {
        (Some(hit), Some(miss)) if hit < LEAST_HITS * (hit + miss) => Verdict::Fail(format!(
            "the cache answered {hit} of {} reads of one contract",
            hit + miss
        )),
        _ => Verdict::Pass,
    })
}

fn terms(reply: &HttpReply) -> Result<String> {
    if reply.status() != 200 {
        return Err(Error::finding(format!(
            "a contract is answered with {}",
            reply.status()
        )));
    }
    Ok(reply.json()?.get("terms").str()?.to_owned())
}

/// The number that a variable holds, or what is wrong with it.
fn number(variable: &Variable) -> Result<i64, Verdict> {
    let name = variable.get("name");
    let name = name.peek().and_then(|name| name.as_str()).unwrap_or("it");
    let value = variable.get("value");
    match value.as_str() {
        None => Err(Verdict::Fail(format!("{name} is not set"))),
        Some(text) => text.parse().map_err(|_| {
            Verdict::Fail(format!("{name} is \"{}\", no number", text.escape_debug()))
        }),
    }
}

fn bound(cx: &Context, path: &str) -> Result<i64> {
    Ok(cx.setting(path).require_i64()?)
}
