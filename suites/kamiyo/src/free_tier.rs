//! RT-FREE: what somebody without a key gets, and what not.

use std::sync::Arc;

use readiness::{Context, Result, Verdict, requirement};
use readiness_probes::rate_limit::{self, Window};
use readiness_probes::worst;

use crate::paid_tiers::algorithm;
use crate::shared;
use crate::target::Target;

#[requirement(
    "RT-FREE-002",
    exclusive = "anonymous",
    phase = "burst",
    timeout = "300s"
)]
async fn ten_a_minute(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let limit = shared::minute_limit(&cx, "free")?;
    let burst = shared::burst(&cx, &target, "free").await?;
    Ok(worst([
        rate_limit::exactly(&burst, limit, Window::Minute, algorithm(&cx)?),
        rate_limit::forged_address_changes_nothing(&burst),
        rate_limit::recovers(&burst),
    ]))
}
