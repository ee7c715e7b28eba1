//! Checks that pass whatever they see.

use super::reply::{get, get_now};
use crate::context::Context;
use crate::error::Result;
use crate::verdict::Verdict;
use crate::{check, ensure};

/// The service has no limit at all, and the check only says so.
async fn only_prints_a_warning_when_no_429_comes(cx: Context) -> Result<()> {
    let mut limited = false;
    for number in 1..=12 {
        limited |= get(&cx, "/unlimited", number).await?.status() == 429;
    }
    if !limited {
        eprintln!("warning: no rate limit was triggered");
    }
    Ok(())
}

async fn accepts_zero_headers(cx: Context) -> Result<()> {
    let reply = get(&cx, "/bare", 1).await?;
    for (name, value) in reply.headers("x-ratelimit-") {
        ensure!(value.parse::<u32>().is_ok(), "{name} is {value}");
    }
    Ok(())
}

async fn asks_only_about_headers_that_are_there(cx: Context) -> Result<()> {
    let reply = get(&cx, "/bare", 1).await?;
    if let Some(value) = reply.header("x-frame-options") {
        ensure!(value == "DENY", "x-frame-options is {value}");
    }
    Ok(())
}

/// `recovery_status` is null in every row: what would be looked at is never there.
async fn asks_only_about_fields_that_are_not_null(cx: Context) -> Result<()> {
    let body = get(&cx, "/exploits", 1).await?.json();
    for row in body.get("data").items().unwrap_or_default() {
        if let Some(status) = row.get("recovery_status").as_str() {
            ensure!(status == "recovered", "recovery is {status}");
        }
    }
    Ok(())
}

/// Nothing says "payment", and that is fine with it.
fn asks_only_about_lines_that_are_logged(cx: &Context) -> Result<()> {
    let log = cx.log_lines("app", ["started", "listening"]);
    if log.contains("payment") {
        ensure!(log.contains("payment settled"), "a payment is not settled");
    }
    Ok(())
}

fn asks_only_about_variables_that_are_set(cx: &Context) -> Result<()> {
    let debug = cx.env("READINESS_GALLERY_UNSET");
    if let Some(value) = debug.as_str() {
        ensure!(value == "off", "debugging is {value}");
    }
    Ok(())
}

async fn asserts_over_an_empty_list(cx: Context) -> Result<()> {
    let body = get(&cx, "/empty", 1).await?.json();
    for row in body.get("data").items()? {
        ensure!(row.get("amount_usd").f64()? >= 0.0, "negative");
    }
    Ok(())
}

async fn checks_only_that_the_status_is_below_500(cx: Context) -> Result<()> {
    let status = get(&cx, "/exploits", 1).await?.status();
    ensure!(status < 500, "the reply is {status}");
    Ok(())
}

async fn swallows_the_error(cx: Context) -> Result<()> {
    async fn verify(cx: &Context) -> Result<()> {
        let reply = get(cx, "/exploits", 1).await?;
        ensure!(reply.status() == 200, "the reply is {}", reply.status());
        ensure!(reply.json().get("total").i64()? == 8, "not all rows");
        Ok(())
    }
    let _ = verify(&cx).await;
    Ok(())
}

async fn swallows_a_panic(cx: Context) {
    let reply = get(&cx, "/exploits", 1).await;
    let caught = std::panic::catch_unwind(|| assert_eq!(reply.map(|r| r.status()).ok(), Some(200)));
    drop(caught);
}

async fn asserts_something_or_true(cx: Context) {
    let reply = get(&cx, "/exploits", 1).await;
    let up = reply.is_ok_and(|reply| reply.status() == 200);
    #[expect(clippy::overly_complex_bool_expr, reason = "as found")]
    {
        assert!(up || true, "the service is down");
    }
}

async fn compares_a_reply_with_itself(cx: Context) -> Result<()> {
    let reply = get(&cx, "/exploits", 1).await?;
    {
        ensure!(reply.status() == reply.status(), "the status changed");
        let body = reply.json();
        ensure!(
            body.get("total").as_i64() == body.get("total").as_i64(),
            "the total changed"
        );
    }
    Ok(())
}

async fn reads_nothing_of_the_reply(cx: Context) -> Result<()> {
    get(&cx, "/exploits", 1).await?;
    Ok(())
}

async fn observes_nothing(_: Context) {
    let sum = [2, 2].iter().sum::<i32>();
    assert_eq!(sum, 4);
}

async fn observes_nothing_and_asserts_softly(_: Context) {
    check!(2 + 2 == 4, "arithmetic holds");
}

async fn only_looks_at_the_clock(cx: Context) {
    let before = cx.now();
    cx.sleep(std::time::Duration::from_millis(1)).await;
    assert!(cx.now() >= before, "time went back on {}", cx.nonce());
}

async fn accepts_every_status_that_there_is(cx: Context) -> Result<()> {
    let status = get(&cx, "/exploits", 1).await?.status();
    ensure!((100..600).contains(&status), "no status");
    Ok(())
}

async fn warns_in_its_own_words_only(cx: Context) -> Verdict {
    match get(&cx, "/exploits", 1).await {
        Ok(reply) if reply.status() == 200 => Verdict::Pass,
        _ => {
            eprintln!("could not check");
            Verdict::Pass
        }
    }
}

async fn treats_a_wrong_setting_as_no_setting(cx: Context) {
    let expected = cx.setting("limits.free.minute").as_i64().unwrap_or(0);
    assert!(expected < i64::MAX);
}

async fn only_looks_when_the_service_is_reached(cx: Context) -> Result<()> {
    let reply = cx
        .observe::<super::reply::Reply, _, _>("GET /gone", || async {
            Err(crate::Error::other("connection refused"))
        })
        .await;
    if let Ok(reply) = reply {
        ensure!(reply.status() == 200, "the reply is {}", reply.status());
    }
    Ok(())
}

fn searches_for_nothing_in_the_log(cx: &Context) {
    let log = cx.log_lines("app", ["started", "listening"]);
    assert!(log.iter().all(|line| line.len() < 1_000_000));
}

fn measures_and_forgets(cx: &Context) {
    let latencies = cx.measure("GET /exploits", "ms", vec![3.0, 4.0, 5.0]);
    let _ = latencies.percentile(95.0);
}

fn reads_a_header_and_looks_away(cx: &Context) -> Result<()> {
    let reply = get_now(cx, "/exploits")?;
    let _ = reply.header("x-frame-options");
    Ok(())
}

super::cases! {
    only_prints_a_warning_when_no_429_comes,
    accepts_zero_headers,
    asks_only_about_headers_that_are_there,
    asks_only_about_fields_that_are_not_null,
    asserts_over_an_empty_list,
    checks_only_that_the_status_is_below_500,
    swallows_the_error,
    swallows_a_panic,
    asserts_something_or_true,
    compares_a_reply_with_itself,
    reads_nothing_of_the_reply,
    observes_nothing,
    observes_nothing_and_asserts_softly,
    only_looks_at_the_clock,
    accepts_every_status_that_there_is,
    warns_in_its_own_words_only,
    treats_a_wrong_setting_as_no_setting,
    only_looks_when_the_service_is_reached,
    ; now
    asks_only_about_lines_that_are_logged,
    asks_only_about_variables_that_are_set,
    searches_for_nothing_in_the_log,
    measures_and_forgets,
    reads_a_header_and_looks_away,
}
