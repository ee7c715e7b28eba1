//! DATA: what every row of the list has to hold, over the pages that were sampled.

use std::sync::Arc;

use readiness::{Context, Error, Result, Verdict, requirement};
use readiness_probes::http::{Client, Json};
use readiness_probes::{about, data, paging, worst};

use crate::shared;
use crate::target::Target;

#[requirement("DATA-001")]
async fn tx_hash(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    every_row(&cx, &target, |row| data::filled(row, "tx_hash")).await
}

#[requirement("DATA-002")]
async fn chain(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let reply = shared::chains(&cx, &target).await?;
    if reply.status() != 200 {
        return Err(Error::finding(format!(
            "/chains answers with {}",
            reply.status()
        )));
    }
    let body = reply.json()?;
    let known: Vec<String> = body
        .get("chains")
        .items()?
        .iter()
        .filter_map(|entry| entry.get("chain").as_str().map(str::to_owned))
        .collect();
    if known.is_empty() {
        return Ok(Verdict::Fail("/chains lists none".to_owned()));
    }
    every_row(&cx, &target, |row| data::one_of(row, "chain", &known)).await
}

#[requirement("DATA-003")]
async fn protocol(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    every_row(&cx, &target, |row| data::filled(row, "protocol")).await
}

#[requirement("DATA-004")]
async fn timestamp(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let now = cx.now();
    every_row(&cx, &target, |row| {
        data::plausible_time(row, "timestamp", now)
    })
    .await
}

/// The whole list by its ends, and one chain from its first row to its last.
#[requirement("DATA-005")]
async fn paging_works(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let listed = shared::chains(&cx, &target).await?.json()?;
    let mut fitting = None;
    for entry in listed.get("chains").items()? {
        // Enough for several pages, and not so many that it takes long.
        if (20..=500).contains(&entry.get("exploit_count").as_i64().unwrap_or(0)) {
            fitting = entry.get("chain").as_str().map(str::to_owned);
            break;
        }
    }
    let Some(chain) = fitting else {
        return Err(Error::unavailable("no chain has 20 to 500 rows"));
    };
    let client = target.keyed(&cx)?;
    let whole = paging::Which::All(50);
    let ends = walk_still(&client, "/exploits", 100, paging::Which::Ends).await?;
    let all = walk_still(&client, &format!("/exploits?chain={chain}"), 20, whole).await?;
    Ok(worst([
        about(
            "the list",
            paging::consistent(&ends, "tx_hash", paging::Which::Ends)?,
        ),
        about("one chain", paging::consistent(&all, "tx_hash", whole)?),
    ]))
}

/// A walk during which no rows arrived; one that was disturbed is repeated once.
async fn walk_still(
    client: &Client,
    path: &str,
    size: u64,
    which: paging::Which,
) -> Result<paging::Walk> {
    let walk = paging::walk(client, path, size, which).await?;
    if !walk.moved() {
        return Ok(walk);
    }
    paging::walk(client, path, size, which).await
}

#[requirement("DATA-006")]
async fn no_duplicates(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let client = target.keyed(&cx)?;
    let mut verdicts = Vec::new();
    for size in [10, 100, 500] {
        let reply = client.get(&format!("/exploits?page_size={size}")).await?;
        verdicts.push(paging::distinct(&reply, "tx_hash")?);
    }
    Ok(worst(verdicts))
}

async fn every_row(
    cx: &Context,
    target: &Target,
    rule: impl Fn(&Json) -> Verdict,
) -> Result<Verdict> {
    let pages = shared::pages(cx, target).await?;
    let rows = pages.rows(shared::least_rows(cx))?;
    Ok(data::every(&rows, rule))
}
