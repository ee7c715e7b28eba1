//! Checks that fail when they should.

use std::collections::BTreeSet;
use std::time::Duration;

use super::reply::{Reply, get, get_now};
use crate::context::Context;
use crate::error::Result;
use crate::verdict::Verdict;
use crate::{check, ensure};

async fn the_list_answers_with_rows(cx: Context) -> Result<()> {
    let reply = get(&cx, "/exploits", 1).await?;
    ensure!(reply.status() == 200, "the reply is {}", reply.status());
    let rows = reply.json().get("data").items()?;
    ensure!(!rows.is_empty(), "no rows");
    for row in rows {
        ensure!(
            row.get("amount_usd").f64()? >= 0.0,
            "{} is negative",
            row.place()
        );
    }
    Ok(())
}

/// Both sides of the limit: ten are allowed, the eleventh is refused.
async fn the_limit_has_two_sides(cx: Context) -> Result<()> {
    let limit = cx.setting("limits.free.minute").require_i64()?;
    for number in 1..=u32::try_from(limit)? + 1 {
        let reply = get(&cx, "/exploits", number).await?;
        let expected = if i64::from(number) <= limit { 200 } else { 429 };
        ensure!(
            reply.status() == expected,
            "request {number} is answered {}",
            reply.status()
        );
    }
    Ok(())
}

async fn refusals_say_when_to_come_back(cx: Context) -> Result<()> {
    let reply = get(&cx, "/exploits", 11).await?;
    ensure!(reply.status() == 429, "the reply is {}", reply.status());
    let seconds = reply
        .header("retry-after")
        .and_then(|value| value.parse::<u32>().ok());
    ensure!(
        seconds.is_some_and(|s| (1..=60).contains(&s)),
        "retry-after is {seconds:?}"
    );
    ensure!(!reply.json().get("error").str()?.is_empty(), "no error");
    Ok(())
}

async fn the_limit_is_announced(cx: Context) -> Result<()> {
    let limit = cx.setting("limits.free.minute").require_i64()?;
    let reply = get(&cx, "/exploits", 1).await?;
    let stated = reply.header("x-ratelimit-limit").unwrap_or_default();
    ensure!(
        stated == limit.to_string(),
        "x-ratelimit-limit is `{stated}`"
    );
    Ok(())
}

async fn frames_are_denied(cx: Context) {
    let reply = get(&cx, "/exploits", 1).await.unwrap();
    assert_eq!(reply.header("x-frame-options"), Some("DENY"));
}

async fn newest_come_first_and_once(cx: Context) -> Result<()> {
    let body = get(&cx, "/exploits", 1).await?.json();
    let rows = body.get("data").items()?;
    ensure!(rows.len() >= 2, "too few rows to see an order");
    let mut seen = BTreeSet::new();
    let mut before = String::from("9999");
    for row in &rows {
        ensure!(
            seen.insert(row.get("tx_hash").str()?.to_owned()),
            "twice: {}",
            row.place()
        );
        let time = row.get("timestamp").str()?.to_owned();
        ensure!(time <= before, "{} is out of order", row.place());
        before = time;
    }
    Ok(())
}

async fn rows_have_their_form(cx: Context) -> Result<()> {
    #[derive(serde::Deserialize)]
    struct Page {
        data: Vec<Row>,
        total: usize,
    }
    #[derive(serde::Deserialize)]
    struct Row {
        tx_hash: String,
    }
    let page: Page = get(&cx, "/exploits", 1).await?.json().to()?;
    ensure!(page.total == page.data.len(), "total is {}", page.total);
    ensure!(
        page.data.iter().all(|row| row.tx_hash.len() == 66),
        "a hash has another length"
    );
    Ok(())
}

async fn errors_keep_their_insides(cx: Context) -> Result<()> {
    let body = get(&cx, "/health", 1).await?.json();
    ensure!(body.get("stack").is_absent(), "a stack trace is shown");
    Ok(())
}

async fn the_server_does_not_name_itself(cx: Context) -> Result<()> {
    let reply = get(&cx, "/exploits", 1).await?;
    ensure!(reply.lacks_header("x-powered-by"), "it names its framework");
    Ok(())
}

async fn nothing_is_recovered_yet(cx: Context) -> Result<()> {
    let body = get(&cx, "/exploits", 1).await?.json();
    let status = body.at("/data/0/recovery_status");
    ensure!(status.is_null(), "recovery is {:?}", status.peek());
    Ok(())
}

async fn parts_are_checked_softly(cx: Context) -> Result<()> {
    let reply = get(&cx, "/exploits", 1).await?;
    check!(reply.status() == 200, "it answers");
    check!(
        reply.header("content-type") == Some("application/json"),
        "it says that it is JSON"
    );
    check!(reply.json().get("total").as_i64() > Some(0), "it has rows");
    Ok(())
}

async fn slowness_is_a_warning(cx: Context) -> Result<Verdict> {
    let limit = cx.setting("latency.p95_ms").require_f64()?;
    let latencies = cx.measure("GET /exploits", "ms", (0..100).map(f64::from).collect());
    latencies.at_least(50)?;
    let p95 = latencies.percentile(95.0).unwrap_or(f64::NAN);
    Ok(if p95 < limit {
        Verdict::Pass
    } else {
        Verdict::Warn(format!("the 95th percentile is {p95} ms"))
    })
}

async fn the_data_is_fresh(cx: Context) -> Result<()> {
    let body = get(&cx, "/exploits", 1).await?.json();
    let newest = body.at("/data/0/timestamp").str()?.to_owned();
    ensure!(
        newest.starts_with("2026-11-"),
        "the newest row is of {newest}"
    );
    Ok(())
}

/// Waits for something that comes with time: inside of the observation, which is what came.
async fn comes_up_within_a_minute(cx: Context) -> Result<()> {
    let start = cx.now();
    let polling = cx.clone();
    let reply: Reply = cx
        .observe("GET /health until it is 200", || async move {
            polling.sleep(Duration::from_millis(1)).await;
            get(&polling, "/health", 1).await
        })
        .await?;
    let waited = cx.now().duration_since(start).unwrap_or_default();
    ensure!(reply.status() == 200, "not up after {waited:?}");
    ensure!(waited < Duration::from_secs(60), "up only after {waited:?}");
    Ok(())
}

async fn many_at_once(cx: Context) -> Result<()> {
    let tasks: Vec<_> = (1..=4)
        .map(|number| {
            let own = cx.clone();
            cx.spawn(async move { get(&own, &format!("/exploits?page={number}"), 1).await })
        })
        .collect();
    for task in tasks {
        let reply: Reply = task.await??;
        ensure!(
            reply.status() == 200,
            "a page is answered {}",
            reply.status()
        );
    }
    Ok(())
}

async fn the_shared_burst_is_refused(cx: Context) -> Result<()> {
    let statuses = cx
        .once("burst of twelve", async |cx: Context| {
            let mut statuses = Vec::new();
            for number in 1..=12 {
                statuses.push(get(&cx, "/exploits", number).await?.status());
            }
            Ok(statuses)
        })
        .await?;
    ensure!(
        statuses[..10] == [200; 10],
        "refused too early: {statuses:?}"
    );
    ensure!(statuses[10..] == [429; 2], "not refused: {statuses:?}");
    Ok(())
}

async fn the_request_is_logged_and_its_card_is_not(cx: Context) -> Result<()> {
    let nonce = cx.nonce();
    let line = format!(r#"{{"level":"info","request":"{nonce}","card":"****"}}"#);
    let log = cx.log_lines("app", [line]);
    let records = log.records_containing(&nonce);
    ensure!(
        records.len() == 1,
        "{} records of the request",
        records.len()
    );
    ensure!(records[0].get("level").str()? == "info", "another level");
    ensure!(log.lacks("4111111111111111"), "the card is in the log");
    Ok(())
}

fn no_record_has_a_card_number(cx: &Context) -> Result<()> {
    let log = cx.log_lines("app", [r#"{"message":"paid"}"#, r#"{"message":"shipped"}"#]);
    for line in log.iter() {
        let digits = line.bytes().filter(u8::is_ascii_digit).count();
        ensure!(digits < 13, "a line has {digits} digits");
    }
    Ok(())
}

fn no_error_is_logged(cx: &Context) -> Result<()> {
    let log = cx.log_lines("app", ["started", "listening"]);
    ensure!(log.lacks("ERROR"), "an error is logged");
    Ok(())
}

fn debugging_is_not_switched_on(cx: &Context) -> Result<()> {
    let debug = cx.env("READINESS_GALLERY_UNSET");
    ensure!(debug.is_unset(), "debugging is switched on");
    Ok(())
}

fn a_blocking_check_reads_the_body(cx: &Context) -> Result<()> {
    let body = get_now(cx, "/health")?.json();
    ensure!(body.get("status").str()? == "healthy", "not healthy");
    Ok(())
}

fn the_path_is_set(cx: &Context) -> Result<()> {
    ensure!(cx.env("PATH").is_set(), "no PATH");
    Ok(())
}

fn the_base_url_is_encrypted_or_local(cx: &Context) -> Result<()> {
    let url = cx.setting("base_url");
    ensure!(url.require_str()?.starts_with("http"), "no URL");
    Ok(())
}

super::cases! {
    the_list_answers_with_rows,
    the_limit_has_two_sides,
    refusals_say_when_to_come_back,
    the_limit_is_announced,
    frames_are_denied,
    newest_come_first_and_once,
    rows_have_their_form,
    errors_keep_their_insides,
    the_server_does_not_name_itself,
    nothing_is_recovered_yet,
    parts_are_checked_softly,
    slowness_is_a_warning,
    the_data_is_fresh,
    comes_up_within_a_minute,
    many_at_once,
    the_shared_burst_is_refused,
    the_request_is_logged_and_its_card_is_not,
    ; now
    no_record_has_a_card_number,
    no_error_is_logged,
    debugging_is_not_switched_on,
    a_blocking_check_reads_the_body,
    the_path_is_set,
    the_base_url_is_encrypted_or_local,
}
