//! RL: how a service says no. Judged over the bursts that the tiers' own rows send; these rows send
//! nothing but the look at the address for more.

use std::sync::Arc;

use readiness::{Context, Result, Verdict, requirement};
use readiness_probes::rate_limit::{self, Window};
use readiness_probes::{about, worst};

use crate::paid_tiers::algorithm;
use crate::shared;
use crate::target::Target;

#[requirement("RL-001", exclusive = "anonymous", phase = "burst", timeout = "600s")]
async fn refused_with_429(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let bursts = shared::bursts(&cx, &target).await?;
    let algorithm = algorithm(&cx)?;
    Ok(worst(bursts.iter().map(|(tier, burst)| {
        about(tier, rate_limit::refusals_are_429(burst, algorithm))
    })))
}

#[requirement("RL-002", exclusive = "anonymous", phase = "burst", timeout = "600s")]
async fn retry_after(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let mut verdicts = Vec::new();
    for (tier, burst) in shared::bursts(&cx, &target).await? {
        verdicts.push(about(tier, rate_limit::retry_after(&burst)?));
    }
    Ok(worst(verdicts))
}

#[requirement("RL-003", exclusive = "anonymous", phase = "burst", timeout = "600s")]
async fn rate_limit_headers(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let mut verdicts = Vec::new();
    for (tier, burst) in shared::bursts(&cx, &target).await? {
        let limit = shared::limit(&cx, tier, Window::Minute)?;
        verdicts.push(about(tier, rate_limit::headers(&burst, limit, tier)));
    }
    Ok(worst(verdicts))
}

/// The link is followed: an address that leads nowhere helps nobody.
#[requirement("RL-004", exclusive = "anonymous", phase = "burst", timeout = "600s")]
async fn upgrade_url(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let client = target.keyed(&cx).unwrap_or_else(|_| target.anonymous(&cx));
    let mut seen = Vec::new();
    for (_, burst) in shared::bursts(&cx, &target).await? {
        seen.extend(rate_limit::upgrade_url(&burst, false)?);
    }
    seen.sort();
    seen.dedup();
    let mut verdicts = Vec::new();
    for url in seen {
        let status = client.get(&url).await?.status();
        verdicts.push(if status < 400 {
            Verdict::Pass
        } else {
            Verdict::Fail(format!(
                "upgrade_url {} leads to {status}",
                url.escape_debug()
            ))
        });
    }
    Ok(worst(verdicts))
}

#[requirement("RL-005", exclusive = "anonymous", phase = "burst", timeout = "600s")]
async fn tier_info(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let bursts = shared::bursts(&cx, &target).await?;
    let mut verdicts = Vec::new();
    for (tier, burst) in &bursts {
        verdicts.push(about(tier, rate_limit::tier_info(burst, tier)?));
    }
    if bursts.len() < 2 {
        verdicts.push(Verdict::Warn(
            "only one tier was seen, so the tier named may be a constant".to_owned(),
        ));
    }
    Ok(worst(verdicts))
}
