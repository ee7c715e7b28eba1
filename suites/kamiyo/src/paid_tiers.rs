//! RT-PRO, RT-TEAM, RT-ENT: what each paid tier gets, and where it ends.

use std::sync::Arc;

use readiness::{Context, Error, Result, Verdict, requirement};
use readiness_probes::rate_limit::{self, Algorithm, Window};
use readiness_probes::worst;

use crate::shared;
use crate::target::Target;

#[requirement(
    "RT-PRO-002",
    exclusive = "burst.pro",
    phase = "burst",
    timeout = "300s"
)]
async fn pro_minute(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    minute(&cx, &target, "pro").await
}

#[requirement(
    "RT-TEAM-001",
    exclusive = "burst.team",
    phase = "burst",
    timeout = "300s"
)]
async fn team_minute(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    minute(&cx, &target, "team").await
}

async fn minute(cx: &Context, target: &Target, tier: &str) -> Result<Verdict> {
    let limit = shared::minute_limit(cx, tier)?;
    let burst = shared::burst(cx, target, tier).await?;
    Ok(worst([
        rate_limit::exactly(&burst, limit, Window::Minute, algorithm(cx)?),
        rate_limit::recovers(&burst),
    ]))
}

/// How the limiter is declared to count. A bucket refills during a burst, and that is allowed for
/// only where it is declared.
pub(crate) fn algorithm(cx: &Context) -> Result<Algorithm> {
    match cx.setting("rate_limit.algorithm").as_str() {
        None | Some("auto" | "fixed" | "sliding") => Ok(Algorithm::Window),
        Some("token-bucket") => Ok(Algorithm::TokenBucket),
        Some(other) => Err(Error::unavailable(format!(
            "`rate_limit.algorithm` is `{}`: it takes auto, fixed, sliding or token-bucket",
            other.escape_debug()
        ))),
    }
}
