//! CAIO-SEC-006: a key may send as many requests a minute as promised, on every group of routes, and
//! then gets 429 with Retry-After until the minute is over.

use std::sync::Arc;

use readiness::{Context, Error, Result, Verdict, requirement};
use readiness_probes::rate_limit::{self, Burst, BurstPlan, Window};
use readiness_probes::{about, worst};

use crate::target::Target;

#[requirement("CAIO-SEC-006", exclusive = "burst", phase = "burst", timeout = "600s")]
async fn exactly_as_promised(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let limit = cx.setting("limits.key.minute");
    let limit = u64::try_from(limit.require_i64()?)
        .ok()
        .filter(|limit| (1..=1_000_000).contains(limit))
        .ok_or_else(|| Error::unavailable("`limits.key.minute` is no limit"))?;
    let mut verdicts = Vec::new();
    for path in target.limited_paths()? {
        let burst = Burst::observe(&cx, path, || async {
            let door = target.door(&cx).await?;
            let plan = BurstPlan {
                path: path.clone(),
                limit: target.promised()?,
                window: Window::Minute,
                forge_address: false,
                other: None,
            };
            rate_limit::burst(&door.client, &plan, &door.patience).await
        })
        .await?;
        verdicts.push(about(path, judged(&burst, limit)));
    }
    Ok(worst(verdicts))
}

/// Exactly `limit` were served, the rest refused with 429 and a time to wait, after which one is
/// served again.
fn judged(burst: &Burst, limit: u64) -> Verdict {
    let allowed = burst.allowed_count();
    let sent = burst.sent();
    if allowed < limit {
        return Verdict::Fail(format!(
            "{allowed} of {sent} requests were served, {limit} a minute are promised"
        ));
    }
    let refused = burst.refused();
    if refused.is_empty() {
        return Verdict::Fail(format!(
            "all {sent} requests were served, {limit} a minute are the limit"
        ));
    }
    if allowed > limit {
        return Verdict::Fail(format!(
            "{allowed} of {sent} requests were served, {limit} a minute are the limit"
        ));
    }
    let refusals = refused.into_iter().map(|reply| {
        if reply.status() != 429 {
            return Verdict::Fail(format!(
                "a request over the limit got {} instead of 429",
                reply.status()
            ));
        }
        let wait = reply.header("retry-after");
        match wait.and_then(|wait| wait.trim().parse::<u64>().ok()) {
            Some(1..=60) => Verdict::Pass,
            _ => Verdict::Fail(format!(
                "a 429 says Retry-After {:?}, a number of seconds within the minute was expected",
                wait.unwrap_or("nothing")
            )),
        }
    });
    worst(refusals.chain([rate_limit::recovers(burst)]))
}
