//! What several rows look at, looked at once a run.
//!
//! Each function is a recording that the first trial of the run makes and all others share, in
//! whatever process they run. The anonymous ones are the suite's whole anonymous traffic outside of
//! the burst and of RT-FREE-001: at most ten requests, each by a check of the exclusive group `anonymous`.

use std::time::Duration;

use readiness::error::Class;
use readiness::{Context, Error, Result, Verdict};
use readiness_probes::data::{self, Pages};
use readiness_probes::http::{Client, HttpReply, Request};
use readiness_probes::rate_limit::{self, Burst, BurstPlan, LongPlan, Window};

use crate::counters::ENOUGH;
use crate::target::{Door, Target};

/// A path that costs the service little and the limiter one request.
pub(crate) const CHEAP: &str = "/exploits?page_size=1";
/// Where webhooks and watchlists are.
pub(crate) const WEBHOOKS: &str = "/api/v1/user-webhooks";
pub(crate) const WATCHLISTS: &str = "/api/v1/watchlists";
/// Longest wait for a limit that somebody else used up, and how often it is waited.
const PATIENCE_S: u64 = 120;
const WAITS: usize = 2;

/// A page of the list as nobody in particular sees it.
///
/// # Errors
/// Those of the exchange.
pub async fn anonymous_list(cx: &Context, target: &Target) -> Result<HttpReply> {
    anonymous_get(cx, target, "/exploits?page_size=100").await
}

/// The health reply, asked for without a credential, as a load balancer does.
///
/// # Errors
/// Those of the exchange.
pub async fn health(cx: &Context, target: &Target) -> Result<HttpReply> {
    anonymous_get(cx, target, "/health").await
}

/// The readiness reply, asked for without a credential.
///
/// # Errors
/// Those of the exchange.
pub async fn ready(cx: &Context, target: &Target) -> Result<HttpReply> {
    anonymous_get(cx, target, "/ready").await
}

async fn anonymous_get(cx: &Context, target: &Target, path: &str) -> Result<HttpReply> {
    cx.once(&format!("GET {path} as anonymous"), async |cx: Context| {
        let client = target.anonymous(&cx);
        patient(&client, path).await
    })
    .await
}

/// A `GET` that waits a while if the limit is used up by others; a limit that stays used up is
/// not verified, never failed.
///
/// # Errors
/// Those of the exchange; unavailable if the limit stays used up.
pub async fn patient(client: &Client, path: &str) -> Result<HttpReply> {
    patiently(client.request("GET", path)).await
}

/// The same for any request.
///
/// # Errors
/// As [`patient`].
pub(crate) async fn patiently(request: Request<'_>) -> Result<HttpReply> {
    let client = request.client();
    let mut reply = request.clone().send().await?;
    for _ in 0..WAITS {
        let wait = match reply.retry_after_if_limited() {
            None => return Ok(reply),
            Some(seconds) => seconds.min(PATIENCE_S),
        };
        client.context().sleep(Duration::from_secs(wait)).await;
        reply = request.clone().send().await?;
    }
    match reply.retry_after_if_limited() {
        None => Ok(reply),
        Some(_) => Err(Error::unavailable(format!(
            "rate limited: `{}` gets 429 for {}; run it when nobody else uses this identity",
            client.identity(),
            request.path()
        ))),
    }
}

/// One reply of each kind that a header has to be on, with what it is.
///
/// # Errors
/// Those of the exchanges; unavailable if a kind could not be provoked.
pub async fn assorted(cx: &Context, target: &Target) -> Result<Vec<(&'static str, HttpReply)>> {
    let list = anonymous_list(cx, target).await?;
    let health = health(cx, target).await?;
    let others = cx
        .once("one reply of each kind", async |cx: Context| {
            // Without any key the errors cost the anonymous budget two requests.
            let client = target.keyed(&cx).unwrap_or_else(|_| target.anonymous(&cx));
            let missing = patient(&client, "/readiness-probe-of-a-missing-route").await?;
            let invalid = patient(&client, "/exploits?page=0").await?;
            let page = patient(&client, "/docs").await?;
            let unknown = target
                .anonymous(&cx)
                .request("GET", CHEAP)
                .header("x-api-key", "readiness-probe-unknown-key")
                .label("with an unknown key")
                .send()
                .await?;
            let errors = [
                ("404", 404, missing),
                ("400", 400, invalid),
                ("401", 401, unknown),
            ];
            Ok((page, errors))
        })
        .await?;
    let (page, errors) = others;
    let mut replies = vec![
        ("GET /exploits", list),
        ("GET /health", health),
        ("GET /docs", page),
    ];
    for (name, status, reply) in errors {
        // 422 is a common answer to invalid parameters; which one it is, is ERR-002's business.
        let seen = reply.status();
        let is_wanted = seen == status || (status == 400 && seen == 422);
        if !is_wanted {
            return Err(Error::unavailable(format!(
                "no {name} reply to look at: the service answers with {seen}"
            )));
        }
        replies.push((name, reply));
    }
    replies.extend(
        refused_for_asking(cx, target)
            .await?
            .map(|reply| ("429", reply)),
    );
    Ok(replies)
}

/// A 429, where one is to be had without using a limit up: a service of its own is told that it is.
async fn refused_for_asking(cx: &Context, target: &Target) -> Result<Option<HttpReply>> {
    if !target.waits_out() {
        return Ok(None);
    }
    let seen = cx
        .once("a reply over the limit", async |cx: Context| {
            cx.observe("GET as somebody over the limit", || async {
                let door = target.door(&cx, Some("pro")).await?;
                let limit = target.promised("pro", Window::Minute)?;
                door.seed(Window::Minute, limit, 0).await?;
                door.client.request("GET", CHEAP).exchange().await
            })
            .await
        })
        .await;
    match seen {
        Ok(reply) => Ok(Some(reply).filter(|reply: &HttpReply| reply.has_status(429))),
        Err(error) if error.class() == Class::Unavailable => Ok(None),
        Err(error) => Err(error),
    }
}

/// A reply to somebody without a credential who asks for what needs one, and to a malformed one.
///
/// # Errors
/// Those of the exchanges.
pub async fn without_credential(
    cx: &Context,
    target: &Target,
) -> Result<[(&'static str, HttpReply); 5]> {
    cx.once(
        "protected routes without a credential",
        async |cx: Context| {
            let nobody = target.anonymous(&cx);
            let body = serde_json::json!({ "url": "https://readiness-probe.invalid/hook",
            "name": "readiness-probe" });
            let post = |path: &'static str| nobody.request("POST", path).json(&body).send();
            let malformed = nobody
                .request("GET", WEBHOOKS)
                .header("authorization", "Basic cmVhZGluZXNz")
                .label("with a malformed credential");
            Ok([
                ("GET user-webhooks", nobody.get(WEBHOOKS).await?),
                ("POST user-webhooks", post(WEBHOOKS).await?),
                ("GET watchlists", nobody.get(WATCHLISTS).await?),
                ("POST watchlists", post(WATCHLISTS).await?),
                (
                    "GET user-webhooks with a malformed credential",
                    malformed.send().await?,
                ),
            ])
        },
    )
    .await
}

/// Pages of the list, as somebody with a key sees it; `data.max_pages` of 100 rows.
///
/// # Errors
/// Those of the exchanges; unavailable without a key.
pub async fn pages(cx: &Context, target: &Target) -> Result<Pages> {
    let most = target.sampled_pages();
    cx.once("pages of /exploits", async |cx: Context| {
        let client = target.keyed(&cx)?;
        data::sample(&client, "/exploits?page_size=100", most).await
    })
    .await
}

/// The newest 500 rows of the list, as somebody with a key sees it.
///
/// # Errors
/// Those of the exchange; unavailable without a key.
pub async fn newest_rows(cx: &Context, target: &Target) -> Result<HttpReply> {
    cx.once("the newest rows", async |cx: Context| {
        patient(&target.keyed(&cx)?, "/exploits?page_size=500").await
    })
    .await
}

/// The chains that the service knows.
///
/// # Errors
/// Those of the exchange; unavailable without a key.
pub async fn chains(cx: &Context, target: &Target) -> Result<HttpReply> {
    cx.once("GET /chains", async |cx: Context| {
        patient(&target.keyed(&cx)?, "/chains").await
    })
    .await
}

/// The one burst of a tier: `free` is sent by nobody in particular, the others by `burst.<tier>`.
///
/// # Errors
/// Those of the burst; unavailable without a key, or if the tier's minute limit is not configured.
pub async fn burst(cx: &Context, target: &Target, tier: &str) -> Result<Burst> {
    cx.once(&format!("burst of {tier}"), async |cx: Context| {
        let identity = (tier != "free").then(|| target.burst_identity(tier));
        Burst::observe(&cx, tier, || async {
            let door = target.door(&cx, identity.as_deref()).await?;
            let other = identity
                .as_ref()
                .and_then(|own| target.neighbour(&door, tier, own));
            let plan = minute_plan(target, tier, other)?;
            rate_limit::burst(&door.client, &plan, &door.patience).await
        })
        .await
    })
    .await
}

/// Two bursts of a tier in a row, each in a minute of its own.
///
/// # Errors
/// As [`burst`]; unavailable on a deployment that may not be disrupted.
pub async fn two_bursts(cx: &Context, target: &Target, tier: &str) -> Result<(Burst, Burst)> {
    cx.once(&format!("two bursts of {tier}"), async |cx: Context| {
        let door = async {
            target.allows_disruption()?;
            let identity = target.burst_identity(tier);
            target.door(&cx, Some(&identity)).await
        };
        // The door stays open between the two, so that both are counted by the same service.
        let door = if cx.is_replay() {
            None
        } else {
            Some(door.await)
        };
        let volley = async || match &door {
            Some(Ok(door)) => {
                let plan = minute_plan(target, tier, None)?;
                rate_limit::burst(&door.client, &plan, &door.patience).await
            }
            Some(Err(error)) => Err(Error::from(error.clone())),
            None => Err(Error::other("a replay cannot send requests")),
        };
        let first = Burst::observe(&cx, tier, &volley).await?;
        let second = Burst::observe(&cx, tier, &volley).await?;
        Ok((first, second))
    })
    .await
}

/// How much to send; what is right is read where it is judged.
fn minute_plan(target: &Target, tier: &str, other: Option<Client>) -> Result<BurstPlan> {
    Ok(BurstPlan {
        path: CHEAP.to_owned(),
        limit: target.promised(tier, Window::Minute)?,
        window: Window::Minute,
        forge_address: tier == "free",
        other,
    })
}

/// The bursts of all tiers that can be had: the free one, and those with a key.
///
/// # Errors
/// Those of the bursts; unavailable if none can be had.
pub async fn bursts(cx: &Context, target: &Target) -> Result<Vec<(&'static str, Burst)>> {
    let mut bursts = Vec::new();
    let mut last: Option<Error> = None;
    for tier in ["free", "pro", "team"] {
        match burst(cx, target, tier).await {
            Ok(burst) => bursts.push((tier, burst)),
            Err(error) if error.class() == Class::Unavailable => last = Some(error),
            Err(error) => return Err(error),
        }
    }
    match last {
        Some(error) if bursts.is_empty() => Err(error),
        _ => Ok(bursts),
    }
}

/// A long window of a tier, used up from its beginning, or from a counter that is set so that `left`
/// requests remain.
///
/// # Errors
/// Those of the exchanges; unavailable where the target's clock cannot be moved and its counters not
/// be set.
pub async fn window(
    cx: &Context,
    target: &Target,
    tier: &str,
    window: Window,
    left: Option<u32>,
) -> Result<Burst> {
    let identity = (tier != "free").then(|| target.burst_identity(tier));
    Burst::observe(cx, &format!("{tier}/{}", window.name()), || async {
        let door = target.door(cx, identity.as_deref()).await?;
        if left.is_none() {
            door.needs_a_clock()?;
        }
        let whole = target.promised(tier, window)?;
        let plan = LongPlan {
            path: CHEAP.to_owned(),
            window,
            left: left.unwrap_or(whole),
            waits_it_out: target.waits_out(),
        };
        if plan.waits_it_out {
            rate_limit::align(&door.client, &plan, &door.patience).await?;
        }
        if let Some(left) = left {
            let now = inside(&door, &plan).await?;
            door.seed(window, whole.saturating_sub(left), now).await?;
        }
        rate_limit::use_up(&door.client, &plan, &door.patience).await
    })
    .await
}

/// The service's time, in seconds since 1970, in a window that lasts long enough to be used up. Asking
/// for it makes the counter that is set afterwards.
async fn inside(door: &Door, plan: &LongPlan) -> Result<i64> {
    let ask = async || -> Result<i64> {
        let reply = patient_exchange(door, &plan.path).await?;
        let date = reply.date().ok_or_else(|| {
            Error::unavailable("replies have no Date, so the window cannot be told")
        })?;
        Ok(date)
    };
    let now = ask().await?;
    let length = i64::try_from(plan.window.length().as_secs()).unwrap_or(i64::MAX);
    let rest = length - now.rem_euclid(length);
    if rest > i64::try_from(ENOUGH.as_secs()).unwrap_or(0) {
        return Ok(now);
    }
    let wait = Duration::from_secs(rest.unsigned_abs() + 1);
    door.patience.wait(wait).await;
    ask().await
}

/// A request that is answered, without a record; a shorter window that is used up is waited for.
async fn patient_exchange(door: &Door, path: &str) -> Result<HttpReply> {
    for _ in 0..WAITS {
        let reply = door.client.request("GET", path).exchange().await?;
        match reply.retry_after_if_limited() {
            None => return Ok(reply),
            Some(wait) => {
                let wait = Duration::from_secs(wait.min(PATIENCE_S));
                door.patience.wait(wait).await;
            }
        }
    }
    Err(Error::unavailable(format!(
        "rate limited: `{}` gets 429 again and again",
        door.client.identity()
    )))
}

/// Whether a long window ended after as many requests as were left of it, and began anew where that
/// can be waited for.
///
/// # Errors
/// A finding if the refusal is not JSON.
pub fn ended(target: &Target, burst: &Burst, left: u32, window: Window) -> Result<Verdict> {
    if target.waits_out() {
        rate_limit::exactly_left(burst, left, window)
    } else {
        rate_limit::ended_after(burst, left, window)
    }
}

/// The limit that the configuration promises to a tier.
///
/// # Errors
/// Unavailable if it is not configured or not a plausible number.
pub fn limit(cx: &Context, tier: &str, window: Window) -> Result<u32> {
    let path = format!("limits.{tier}.{}", window.name());
    let setting = cx.setting(&path);
    let limit = setting.require_i64()?;
    u32::try_from(limit)
        .ok()
        .filter(|limit| (1..=10_000_000).contains(limit))
        .ok_or_else(|| Error::unavailable(format!("`{path}` is {limit}, not a limit")))
}

/// `limits.<tier>.webhooks`: how many webhooks the configuration promises to a tier.
///
/// # Errors
/// Unavailable if it is not configured or not a plausible number.
pub fn webhooks(cx: &Context, tier: &str) -> Result<usize> {
    let path = format!("limits.{tier}.webhooks");
    let most = cx.setting(&path).require_i64()?;
    usize::try_from(most)
        .ok()
        .filter(|most| (1..=1_000).contains(most))
        .ok_or_else(|| Error::unavailable(format!("`{path}` is {most}, not a number of webhooks")))
}

/// `data.min_rows`: fewer rows decide nothing.
pub fn least_rows(cx: &Context) -> usize {
    let least = cx.setting("data.min_rows").as_i64().unwrap_or(20);
    usize::try_from(least).unwrap_or(20)
}

/// `data.clock_skew_s`: how far the service's clock may be off.
pub fn clock_skew(cx: &Context) -> Duration {
    let seconds = cx.setting("data.clock_skew_s").as_i64().unwrap_or(120);
    Duration::from_secs(u64::try_from(seconds).unwrap_or(120))
}
