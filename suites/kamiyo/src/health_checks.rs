//! HLTH: is it well, may it be sent traffic, and does it say so truthfully?

use std::sync::Arc;

use readiness::{Context, Result, Verdict, requirement};
use readiness_probes::health;

use crate::shared;
use crate::target::Target;

/// The stores that `/ready` has to name.
const DEPENDENCIES: [&str; 2] = ["database", "redis"];

#[requirement("HLTH-001", exclusive = "anonymous")]
async fn health_is_200(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let reply = shared::health(&cx, &target).await?;
    health::alive(&reply, cx.now(), shared::clock_skew(&cx))
}

#[requirement("HLTH-002", exclusive = "anonymous")]
async fn ready_is_200(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    health::ready(&shared::ready(&cx, &target).await?, &DEPENDENCIES)
}

/// Compared with what the list itself says it holds.
#[requirement("HLTH-004", exclusive = "anonymous")]
async fn database_exploits(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let reply = shared::health(&cx, &target).await?;
    let total = if target.has("pro") || target.has("enterprise") {
        shared::pages(&cx, &target).await?.total()?
    } else {
        None
    };
    health::count(&reply, "database_exploits", total)
}

#[requirement("HLTH-005", exclusive = "anonymous")]
async fn active_sources(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    health::sources(&shared::health(&cx, &target).await?)
}
