//! CAIO-SEC-005: which web pages may call the service from a browser.

use std::sync::Arc;

use readiness::{Context, Result, Unavailable, Verdict, requirement};
use readiness_probes::{about, cors, worst};

use crate::target::Target;

const PATH: &str = "/api/v1/services";
/// An origin that no deployment lists; `.invalid` is reserved (RFC 2606).
const FOREIGN: &str = "https://readiness-foreign.invalid";

#[requirement("CAIO-SEC-005")]
async fn approved_only(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let origins = configured(&cx)?;
    let client = target.client(&cx, "viewer")?;
    let mut verdicts = Vec::new();
    for origin in &origins {
        let asked = cors::preflight(&client, origin, "GET", PATH).await?;
        verdicts.push(about(
            "preflight",
            cors::preflight_granted(origin, "GET", &asked),
        ));
        let sent = cors::simple(&client, origin, PATH).await?;
        verdicts.push(about("GET", cors::granted(origin, &sent)));
    }
    let foreign = cx.setting("cors.denied_probe");
    let foreign = foreign.as_str().unwrap_or(FOREIGN).to_owned();
    let mut hostile = vec![("an origin that is not approved", foreign)];
    hostile.extend(
        origins
            .first()
            .map(|o| cors::hostile_origins(o))
            .unwrap_or_default(),
    );
    for (kind, origin) in hostile {
        let asked = cors::preflight(&client, &origin, "GET", PATH).await?;
        verdicts.push(about(kind, cors::refused(&origin, &asked)));
        let sent = cors::simple(&client, &origin, PATH).await?;
        verdicts.push(about(kind, cors::refused(&origin, &sent)));
        verdicts.push(about(kind, cors::no_wildcard(&sent)));
    }
    Ok(worst(verdicts))
}

/// The origins that the configuration approves; at least one.
fn configured(cx: &Context) -> Result<Vec<String>> {
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
            "no approved origin is known: set `cors.allowed` under [target] in readiness.toml",
        )
        .into());
    }
    Ok(origins)
}
