//! Sending a burst.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use readiness::observation::Reads;
use readiness::{Error, Result};

use super::burst::{Burst, Window, is_success};
use crate::http::{Client, HttpReply};

/// Longest time a burst may take on a clock that runs: it has to fit into one window. A few requests
/// are to be quick, so that a bucket refills little meanwhile; a thousand take what they take.
const SPAN: Duration = Duration::from_secs(5);
const LONG_SPAN: Duration = Duration::from_secs(55);
/// How many requests are a few.
const FEW: u32 = 200;
/// How often a window is waited for, or a spoilt burst repeated.
const ATTEMPTS: usize = 2;
/// Bytes kept of a refusal's body, and of a success's.
const REFUSAL_KEPT: usize = 4_096;
const SUCCESS_KEPT: usize = 0;

/// How waiting is done: on a real clock, or by moving the target's own.
#[derive(Clone)]
pub enum Patience {
    /// Real time.
    Sleep,
    /// The target's clock is moved.
    Advance(Arc<dyn Fn(Duration) + Send + Sync>),
}

impl Patience {
    /// Lets this much time go by for the target.
    pub async fn wait(&self, duration: Duration) {
        match self {
            Patience::Sleep => tokio::time::sleep(duration).await,
            Patience::Advance(advance) => advance(duration),
        }
    }
}

impl fmt::Debug for Patience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Patience::Sleep => "Sleep",
            Patience::Advance(_) => "Advance",
        })
    }
}

/// What to send.
#[derive(Debug, Clone)]
pub struct BurstPlan {
    /// A cheap request that the limiter counts, such as `/exploits?page_size=1`.
    pub path: String,
    /// How many must be allowed in the window.
    pub limit: u32,
    /// The window that the limit is for.
    pub window: Window,
    /// Whether to try a forged `X-Forwarded-For`: only for identities limited by address.
    pub forge_address: bool,
    /// Somebody else at the same address, to be tried while this identity's limit is used up.
    pub other: Option<Client>,
}

impl BurstPlan {
    /// Requests beyond the limit: three, or a twentieth.
    pub fn surplus(&self) -> u32 {
        (self.limit / 20).max(3)
    }
}

/// Sends `limit` requests and a few more into one fresh window, then waits and tries again.
///
/// ```ignore
/// let burst = Burst::observe(&cx, "pro", || rate_limit::burst(&api, &plan, &Patience::Sleep)).await?;
/// Ok(rate_limit::exactly(&burst, 35, Algorithm::Fixed))
/// ```
///
/// # Errors
/// Unavailable when somebody else spends the same budget or the window keeps rolling over; those of
/// the exchanges.
pub async fn burst(client: &Client, plan: &BurstPlan, patience: &Patience) -> Result<Burst> {
    let mut spoilt = String::new();
    for _ in 0..ATTEMPTS {
        let first = fresh_window(client, plan, patience).await?;
        let mut burst = volley(client, plan, first).await?;
        let Some(reason) = spoiler(&burst, plan, patience) else {
            aftermath(client, plan, patience, &mut burst).await?;
            return Ok(burst);
        };
        spoilt = reason;
        patience.wait(plan.window.length()).await;
    }
    Err(Error::unavailable(format!(
        "{spoilt}, {ATTEMPTS} times in a row: run it when nobody else uses this identity"
    )))
}

/// The first request of a window that nobody has used yet.
async fn fresh_window(client: &Client, plan: &BurstPlan, patience: &Patience) -> Result<HttpReply> {
    let mut first = shoot(client, plan).await?;
    if is_no_limiter(&first) {
        return Ok(first);
    }
    for _ in 0..ATTEMPTS {
        let wait = match remaining(&first) {
            _ if !is_success(&first) => seconds(&first, "retry-after"),
            // The window is as fresh as it gets when only this request is missing from it.
            Some(left) if left + 1 >= allowance(&first, plan) => return Ok(first),
            Some(_) => until_reset(&first),
            None => None,
        };
        let whole = plan.window.length();
        patience
            .wait(wait.map_or(whole, |s| Duration::from_secs(s).min(whole)))
            .await;
        let blind = is_success(&first) && remaining(&first).is_none();
        first = shoot(client, plan).await?;
        if blind {
            // Without headers there is nothing more to learn than that a window has passed.
            return Ok(first);
        }
    }
    Ok(first)
}

/// Neither a success nor a limit that will pass: a service without this route does not get it by being
/// waited for.
fn is_no_limiter(reply: &HttpReply) -> bool {
    !is_success(reply) && reply.raw_status() != 429 && seconds(reply, "retry-after").is_none()
}

/// What a fresh window holds: as promised, or less if the service itself says so.
fn allowance(reply: &HttpReply, plan: &BurstPlan) -> u64 {
    let stated = seconds(reply, "x-ratelimit-limit").unwrap_or(u64::MAX);
    stated.min(u64::from(plan.limit))
}

async fn volley(client: &Client, plan: &BurstPlan, first: HttpReply) -> Result<Burst> {
    let start = Instant::now();
    let mut shots = vec![first];
    for _ in 1..plan.limit + plan.surplus() {
        shots.push(shoot(client, plan).await?);
    }
    Ok(Burst {
        identity: client.identity().to_owned(),
        shots: Arc::new(shots),
        forged: None,
        after: Vec::new(),
        elapsed_us: u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX),
        reads: Reads::default(),
    })
}

/// Why a burst says nothing about the limit, if it does not.
fn spoiler(burst: &Burst, plan: &BurstPlan, patience: &Patience) -> Option<String> {
    let served = burst
        .shots
        .iter()
        .take_while(|shot| is_success(shot))
        .count();
    let broken = |shot: &HttpReply| shot.raw_status() >= 500;
    // A server error within the limit says nothing about it. Beyond the limit it is how the service
    // refuses, and for the judgements.
    if served < plan.limit as usize && burst.shots.iter().any(broken) {
        return Some("the service answered the burst with server errors".to_owned());
    }
    let span = Duration::from_micros(burst.elapsed_us);
    let longest = if plan.limit > FEW { LONG_SPAN } else { SPAN };
    if matches!(patience, Patience::Sleep) && span > longest {
        return Some(format!("the burst took {} s", span.as_secs()));
    }
    // Refusals may be for another window and speak of its end.
    let resets: Vec<u64> = burst
        .shots
        .iter()
        .filter(|shot| is_success(shot))
        .filter_map(reset)
        .collect();
    let half = plan.window.length().as_secs() / 2;
    if let (Some(first), Some(last)) = (resets.first(), resets.last())
        && last.abs_diff(*first) >= half
    {
        return Some("the window rolled over during the burst".to_owned());
    }
    let left: Vec<u64> = burst
        .shots
        .iter()
        .filter(|s| is_success(s))
        .filter_map(remaining)
        .collect();
    let jumped = left.windows(2).any(|pair| pair[0] > pair[1] + 1);
    jumped.then(|| "somebody else spends the same budget".to_owned())
}

/// The forged request, and those after waiting.
async fn aftermath(
    client: &Client,
    plan: &BurstPlan,
    patience: &Patience,
    burst: &mut Burst,
) -> Result<()> {
    let Some(last) = burst.shots.last().filter(|shot| !is_success(shot)) else {
        // Nothing was refused: there is nothing to get around and nothing to wait for.
        return Ok(());
    };
    if burst.shots.iter().all(is_no_limiter) {
        return Ok(());
    }
    let whole = plan.window.length();
    let asked = seconds(last, "retry-after").map(Duration::from_secs);
    let asked = asked
        .filter(|wait| !wait.is_zero() && *wait <= whole)
        .unwrap_or(whole);
    let meanwhile = match &plan.other {
        Some(other) => Some(other.request("GET", &plan.path)),
        // An address reserved for documentation (RFC 5737).
        None if plan.forge_address => Some(
            client
                .request("GET", &plan.path)
                .header("x-forwarded-for", "203.0.113.7"),
        ),
        None => None,
    };
    if let Some(request) = meanwhile {
        burst.forged = Some(lean(request.exchange().await?));
    }
    patience.wait(asked).await;
    burst.after.push(shoot(client, plan).await?);
    if burst.after.iter().all(|reply| !is_success(reply)) {
        patience.wait(whole).await;
        burst.after.push(shoot(client, plan).await?);
    }
    Ok(())
}

async fn shoot(client: &Client, plan: &BurstPlan) -> Result<HttpReply> {
    client.request("GET", &plan.path).exchange().await.map(lean)
}

/// Only what a judgement about limits can need: a burst may hold a thousand replies.
pub(super) fn lean(mut reply: HttpReply) -> HttpReply {
    reply.keep_headers(|name| {
        name.starts_with("x-ratelimit-") || matches!(name, "retry-after" | "date" | "content-type")
    });
    let kept = if is_success(&reply) {
        SUCCESS_KEPT
    } else {
        REFUSAL_KEPT
    };
    reply.shorten(kept);
    reply
}

fn remaining(reply: &HttpReply) -> Option<u64> {
    seconds(reply, "x-ratelimit-remaining")
}

fn reset(reply: &HttpReply) -> Option<u64> {
    seconds(reply, "x-ratelimit-reset")
}

pub(super) fn seconds(reply: &HttpReply, header: &str) -> Option<u64> {
    reply.raw_header(header)?.trim().parse().ok()
}

/// Seconds to the reset that a reply states, as a point in time or as a distance.
fn until_reset(reply: &HttpReply) -> Option<u64> {
    let reset = reset(reply)?;
    let now = reply.raw_header("date").and_then(super::judge::http_date)?;
    if super::judge::is_epoch(reset) {
        reset.checked_sub(u64::try_from(now).ok()?)
    } else {
        Some(reset)
    }
}
