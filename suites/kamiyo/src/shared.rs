//! What several rows look at, looked at once a run.
//!
//! Each function is a recording that the first trial of the run makes and all others share, in
//! whatever process they run. The anonymous ones are the suite's whole anonymous traffic outside of
//! the burst: at most seven requests, each by a check of the exclusive group `anonymous`.

use readiness::{Context, Error, Result};
use readiness_probes::data::{self, Pages};
use readiness_probes::http::{Client, HttpReply};
use readiness_probes::rate_limit::{self, Burst, BurstPlan, Window};

use crate::target::Target;

/// A path that costs the service little and the limiter one request.
const CHEAP: &str = "/exploits?page_size=1";
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
async fn patient(client: &Client, path: &str) -> Result<HttpReply> {
    let mut reply = client.get(path).await?;
    for _ in 0..WAITS {
        let wait = match reply.retry_after_if_limited() {
            None => return Ok(reply),
            Some(seconds) => seconds.min(PATIENCE_S),
        };
        client
            .context()
            .sleep(std::time::Duration::from_secs(wait))
            .await;
        reply = client.get(path).await?;
    }
    match reply.retry_after_if_limited() {
        None => Ok(reply),
        Some(_) => Err(Error::unavailable(format!(
            "rate limited: `{}` gets 429 for {path}; run it when nobody else uses this identity",
            client.identity()
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
            let unknown = target
                .anonymous(&cx)
                .request("GET", CHEAP)
                .header("x-api-key", "readiness-probe-unknown-key")
                .label("with an unknown key")
                .send()
                .await?;
            Ok([
                ("404", 404, missing),
                ("400", 400, invalid),
                ("401", 401, unknown),
            ])
        })
        .await?;
    let mut replies = vec![("GET /exploits", list), ("GET /health", health)];
    for (name, status, reply) in others {
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
    Ok(replies)
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
        let name = identity.as_deref().unwrap_or("anonymous").to_owned();
        Burst::observe(&cx, &name, || async {
            // How much to send; what is right is read where it is judged.
            let limit = minute_limit(&cx, tier)?;
            let door = target.door(&cx, identity.as_deref()).await?;
            let plan = BurstPlan {
                path: CHEAP.to_owned(),
                limit,
                window: Window::Minute,
                forge_address: identity.is_none(),
            };
            rate_limit::burst(&door.client, &plan, &door.patience).await
        })
        .await
    })
    .await
}

/// The minute limit that the configuration promises to a tier.
///
/// # Errors
/// Unavailable if it is not configured or not a plausible number.
pub fn minute_limit(cx: &Context, tier: &str) -> Result<u32> {
    let path = format!("limits.{tier}.minute");
    let setting = cx.setting(&path);
    let limit = setting.require_i64()?;
    u32::try_from(limit)
        .ok()
        .filter(|limit| (1..=100_000).contains(limit))
        .ok_or_else(|| Error::unavailable(format!("`{path}` is {limit}, not a limit")))
}
