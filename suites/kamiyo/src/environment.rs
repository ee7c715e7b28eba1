//! ENV: the variables that the service was deployed with. Of a secret only its length and class are
//! seen.

use std::sync::Arc;

use readiness::{Context, Result, Verdict, requirement};
use readiness_probes::{about, env, headers, worst};

use crate::origins::configured_origins;
use crate::shared;
use crate::target::Target;

/// To the letter, and the service behaves so.
#[requirement("ENV-001", exclusive = "anonymous")]
async fn environment(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let stated = env::production(&target.environment(&cx)?.plain("ENVIRONMENT")?)?;
    let list = shared::anonymous_list(&cx, &target).await?;
    let behaves = match headers::strict_transport_security(&list) {
        Verdict::Fail(reason) => {
            Verdict::Warn(format!("it does not behave as in production: {reason}"))
        }
        _ => Verdict::Pass,
    };
    Ok(worst([stated, behaves]))
}

#[requirement("ENV-002")]
fn allowed_origins(cx: &Context, target: &Arc<Target>) -> Result<Verdict> {
    let variable = target.environment(cx)?.plain("ALLOWED_ORIGINS")?;
    let mut verdicts = vec![env::origins(&variable)?];
    if let Ok(configured) = configured_origins(cx) {
        let value = variable.json().get("value");
        let listed = value.as_str().unwrap_or("");
        let unknown = listed
            .split(',')
            .map(str::trim)
            .find(|origin| !origin.is_empty() && !configured.iter().any(|known| known == origin));
        if let Some(origin) = unknown {
            let origin = origin.escape_debug();
            verdicts.push(Verdict::Warn(format!(
                "`{origin}` is not among `cors.allowed`"
            )));
        }
    }
    Ok(worst(verdicts))
}

#[requirement("ENV-003")]
fn redis_url(cx: &Context, target: &Arc<Target>) -> Result<Verdict> {
    env::redis_url(&target.environment(cx)?.url("REDIS_URL")?)
}

#[requirement("ENV-004")]
fn database_url(cx: &Context, target: &Arc<Target>) -> Result<Verdict> {
    env::database_url(&target.environment(cx)?.url("DATABASE_URL")?)
}

#[requirement("ENV-005")]
fn secret_key(cx: &Context, target: &Arc<Target>) -> Result<Verdict> {
    env::signing_secret(&target.environment(cx)?.secret("SECRET_KEY")?)
}

#[requirement("ENV-006")]
fn stripe_key(cx: &Context, target: &Arc<Target>) -> Result<Verdict> {
    env::stripe_key(&target.environment(cx)?.secret("STRIPE_API_KEY")?)
}

#[requirement("ENV-007")]
fn log_level(cx: &Context, target: &Arc<Target>) -> Result<Verdict> {
    Ok(about(
        "LOG_LEVEL",
        env::log_level(&target.environment(cx)?.plain("LOG_LEVEL")?)?,
    ))
}
