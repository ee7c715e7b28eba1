//! DATA: what every row of the list has to hold, over the pages that were sampled.

use std::sync::Arc;

use readiness::{Context, Error, Result, Verdict, requirement};
use readiness_probes::data;
use readiness_probes::http::Json;

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

async fn every_row(
    cx: &Context,
    target: &Target,
    rule: impl Fn(&Json) -> Verdict,
) -> Result<Verdict> {
    let pages = shared::pages(cx, target).await?;
    let rows = pages.rows(least_rows(cx))?;
    Ok(data::every(&rows, rule))
}

/// `data.min_rows`: fewer rows decide nothing.
fn least_rows(cx: &Context) -> usize {
    let least = cx.setting("data.min_rows").as_i64().unwrap_or(20);
    usize::try_from(least).unwrap_or(20)
}
