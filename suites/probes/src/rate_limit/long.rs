//! Limits of an hour and a day: as many as promised, at the pace that the minute allows.
//!
//! Only for targets whose clock can be moved, or whose counter can be set: nobody waits a day for a
//! row of a checklist, and a deployment is not kept busy for one.

use std::sync::Arc;
use std::time::Instant;

use readiness::observation::Reads;
use readiness::{Error, Result, Verdict};

use super::burst::{Burst, Window, is_success};
use super::judge::http_date;
use super::send::{Patience, lean, seconds};
use crate::http::{Client, HttpReply};

/// What to send.
#[derive(Debug, Clone)]
pub struct LongPlan {
    /// A cheap request that the limiter counts.
    pub path: String,
    /// The window that is to be used up.
    pub window: Window,
    /// How many requests must still be allowed in it.
    pub left: u32,
    /// Whether the end of the window is waited for, to see that requests are allowed again.
    pub waits_it_out: bool,
}

/// Requests beyond the limit, to find one that is too high.
const SURPLUS: u32 = 3;

/// Lets the target's clock go to the beginning of the next window, so that the whole of it is ahead.
///
/// # Errors
/// Those of the exchange; unavailable if replies have no `Date`.
pub async fn align(client: &Client, plan: &LongPlan, patience: &Patience) -> Result<()> {
    let first = client.request("GET", &plan.path).exchange().await?;
    let now = first
        .raw_header("date")
        .and_then(http_date)
        .ok_or_else(|| {
            Error::unavailable("replies have no Date, so the beginning of a window cannot be told")
        })?;
    let length = i64::try_from(plan.window.length().as_secs()).unwrap_or(i64::MAX);
    let wait = length - now.rem_euclid(length);
    patience
        .wait(std::time::Duration::from_secs(wait.unsigned_abs()))
        .await;
    Ok(())
}

/// Sends until the window refuses, waiting whenever a shorter one does, and where the plan says so once
/// more after the wait that the refusal asks for.
///
/// # Errors
/// Those of the exchanges.
pub async fn use_up(client: &Client, plan: &LongPlan, patience: &Patience) -> Result<Burst> {
    let start = Instant::now();
    let mut shots: Vec<HttpReply> = Vec::new();
    // Each shorter window that refuses is waited for once per request at most.
    let mut patience_left = plan.left.saturating_add(SURPLUS).saturating_mul(2);
    let mut after = Vec::new();
    while shots.len() < (plan.left + SURPLUS) as usize {
        let reply = lean(client.request("GET", &plan.path).exchange().await?);
        if is_success(&reply) {
            shots.push(reply);
            continue;
        }
        let wait = seconds(&reply, "retry-after").unwrap_or(60);
        let wait = std::time::Duration::from_secs(wait).min(plan.window.length());
        if is_shorter(&reply, plan.window) && patience_left > 0 {
            patience_left -= 1;
            patience.wait(wait).await;
            continue;
        }
        shots.push(reply);
        if !plan.waits_it_out {
            break;
        }
        patience.wait(wait).await;
        after.push(lean(client.request("GET", &plan.path).exchange().await?));
        break;
    }
    Ok(Burst {
        identity: client.identity().to_owned(),
        shots: Arc::new(shots),
        forged: None,
        after,
        elapsed_us: u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX),
        reads: Reads::default(),
    })
}

/// Whether a refusal is for a window shorter than the one that is being used up.
fn is_shorter(reply: &HttpReply, window: Window) -> bool {
    let named = reply.raw_text("window").as_deref().and_then(Window::named);
    reply.raw_status() == 429 && named.is_some_and(|named| named.length() < window.length())
}

/// Exactly `left` requests were allowed, then one was refused with 429 for `window` and a wait that
/// is longer than any shorter window, and after that wait requests are allowed again.
///
/// # Errors
/// A finding if the refusal is not JSON.
pub fn exactly_left(burst: &Burst, left: u32, window: Window) -> Result<Verdict> {
    let ended = ended_after(burst, left, window)?;
    if ended != Verdict::Pass {
        return Ok(ended);
    }
    let unit = window.name();
    Ok(match burst.in_the_end().map(HttpReply::status) {
        Some(200) => Verdict::Pass,
        Some(status) => Verdict::Fail(format!("after waiting for the next {unit} it is {status}")),
        None => Verdict::Fail("no request was sent after waiting".to_owned()),
    })
}

/// The same without the end of the window, for a plan that does not wait it out.
///
/// # Errors
/// A finding if the refusal is not JSON.
pub fn ended_after(burst: &Burst, left: u32, window: Window) -> Result<Verdict> {
    let allowed = burst.allowed_count();
    let unit = window.name();
    let refused = burst.refused();
    let Some(refusal) = refused.first() else {
        return Ok(Verdict::Fail(format!(
            "all {allowed} requests were allowed, {left} were left of the {unit}"
        )));
    };
    if allowed != u64::from(left) {
        return Ok(Verdict::Fail(format!(
            "{allowed} requests were allowed, {left} were left of the {unit}"
        )));
    }
    if refusal.status() != 429 {
        return Ok(Verdict::Fail(format!(
            "a request over the limit got {} instead of 429",
            refusal.status()
        )));
    }
    let named = refusal.json()?.get("window");
    if named.as_str() != Some(unit) {
        return Ok(Verdict::Fail(format!(
            "the 429 is for the window {} instead of `{unit}`",
            crate::http::shown(&named)
        )));
    }
    let shorter = match window {
        Window::Minute => 0,
        Window::Hour => Window::Minute.length().as_secs(),
        Window::Day => Window::Hour.length().as_secs(),
    };
    match refusal
        .header("retry-after")
        .and_then(|value| value.trim().parse::<u64>().ok())
    {
        Some(wait) if wait > shorter => {}
        _ => {
            return Ok(Verdict::Fail(format!(
                "Retry-After `{}` of a refusal for the {unit} is not longer than {shorter} s",
                crate::headers::quoted(refusal.header("retry-after").unwrap_or(""))
            )));
        }
    }
    Ok(Verdict::Pass)
}
