//! COR: which web pages may call the service from a browser.
//!
//! Two halves: what the deployment's `ALLOWED_ORIGINS` says, and what the service answers.

use std::sync::Arc;

use readiness::{Context, Result, Unavailable, Verdict, requirement};
use readiness_probes::{about, cors, worst};

use crate::target::Target;

/// Where the simple requests go: the product's main list, as a small page.
const PATH: &str = "/exploits?page_size=1";
/// An origin that no deployment lists; `.invalid` is reserved (RFC 2606).
const FOREIGN: &str = "https://readiness-foreign.invalid";

#[requirement("COR-001")]
async fn https_origins_only(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let environment = cx.setting("environment");
    let environment = environment.require_str()?;
    if environment != "production" {
        return Ok(Verdict::NotApplicable(format!(
            "the target is {environment}; only production is limited to https origins"
        )));
    }
    let listed = listed_origins(&cx, &target)?;
    let mut verdicts = Vec::new();
    match &listed {
        None => verdicts.push(unseen()),
        Some(origins) if origins.is_empty() => {
            let reason = "ALLOWED_ORIGINS of the deployment is empty: there is nothing to look at";
            return Err(Unavailable::new(reason).into());
        }
        Some(origins) => verdicts.extend(origins.iter().map(|origin| {
            cors::is_production_origin(origin).map_or_else(
                |why| Verdict::Fail(format!("ALLOWED_ORIGINS: {why}")),
                |()| Verdict::Pass,
            )
        })),
    }
    let client = target.keyed(&cx)?;
    for origin in configured_origins(&cx)? {
        let Some(host) = origin.strip_prefix("https://") else {
            verdicts.push(Verdict::Fail(format!(
                "the allowed origin {origin} is not https"
            )));
            continue;
        };
        let twin = format!("http://{host}");
        let reply = cors::simple(&client, &twin, PATH).await?;
        verdicts.push(cors::refused(&twin, &reply));
    }
    Ok(worst(verdicts))
}

#[requirement("COR-002")]
async fn allowed_origins_are_configured(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    // Where the deployment's environment cannot be seen, what the service answers is enough.
    if listed_origins(&cx, &target)?.is_some_and(|listed| listed.is_empty()) {
        let reason = "ALLOWED_ORIGINS of the deployment is empty";
        return Ok(Verdict::Fail(reason.to_owned()));
    }
    let client = target.keyed(&cx)?;
    let mut verdicts = Vec::new();
    for origin in configured_origins(&cx)? {
        let asked = cors::preflight(&client, &origin, "GET", PATH).await?;
        verdicts.push(about(
            "preflight",
            cors::preflight_granted(&origin, "GET", &asked),
        ));
        let sent = cors::simple(&client, &origin, PATH).await?;
        verdicts.push(about("GET", cors::granted(&origin, &sent)));
    }
    let foreign = cx.setting("cors.denied_probe");
    let foreign = foreign.as_str().unwrap_or(FOREIGN);
    let asked = cors::preflight(&client, foreign, "GET", PATH).await?;
    verdicts.push(about("preflight", cors::refused(foreign, &asked)));
    let sent = cors::simple(&client, foreign, PATH).await?;
    verdicts.push(about("GET", cors::refused(foreign, &sent)));
    Ok(worst(verdicts))
}

#[requirement("COR-003")]
async fn no_wildcard(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let mut verdicts = Vec::new();
    match listed_origins(&cx, &target)? {
        None => verdicts.push(unseen()),
        Some(listed) if listed.iter().any(|origin| origin.contains('*')) => {
            verdicts.push(Verdict::Fail(
                "ALLOWED_ORIGINS of the deployment holds `*`".to_owned(),
            ));
        }
        Some(_) => verdicts.push(Verdict::Pass),
    }
    let client = target.keyed(&cx)?;
    let configured = configured_origins(&cx)?;
    let hostile = configured
        .first()
        .map(|origin| cors::hostile_origins(origin));
    for (kind, origin) in hostile.unwrap_or_default() {
        let reply = cors::simple(&client, &origin, PATH).await?;
        verdicts.push(about(kind, cors::refused(&origin, &reply)));
        verdicts.push(about(kind, cors::no_wildcard(&reply)));
    }
    Ok(worst(verdicts))
}

/// The origins that the configuration says are allowed; at least one.
pub(crate) fn configured_origins(cx: &Context) -> Result<Vec<String>> {
    let setting = cx.setting("cors.allowed");
    let listed = setting.value().and_then(|value| value.as_array());
    let origins: Vec<String> = listed
        .into_iter()
        .flatten()
        .filter_map(|origin| origin.as_str())
        .map(str::to_owned)
        .collect();
    if origins.is_empty() {
        return Err(Unavailable::new(
            "no allowed origin is known: set `cors.allowed` under [target] in readiness.toml",
        )
        .into());
    }
    Ok(origins)
}

/// `ALLOWED_ORIGINS` of the deployment, split; `None` where its environment cannot be seen.
fn listed_origins(cx: &Context, target: &Target) -> Result<Option<Vec<String>>> {
    let Ok(environment) = target.environment(cx) else {
        return Ok(None);
    };
    let variable = environment.plain("ALLOWED_ORIGINS")?;
    let value = variable.json().get("value");
    let origins = value
        .as_str()
        .unwrap_or("")
        .split(',')
        .map(str::trim)
        .filter(|origin| !origin.is_empty())
        .map(str::to_owned)
        .collect();
    Ok(Some(origins))
}

/// What is said where only one of the two halves could be seen.
fn unseen() -> Verdict {
    Verdict::Warn(
        "ALLOWED_ORIGINS of the deployment was not seen, only what the service answers".to_owned(),
    )
}
