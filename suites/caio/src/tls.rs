//! CAIO-SEC-002: TLS ends in front of the service, in a version that is safe, with a certificate that
//! holds, and plain http leads there.

use std::path::Path;
use std::sync::Arc;

use readiness::{Context, Result, Unavailable, Verdict, requirement};
use readiness_probes::handshake::{
    Trust, judge, look, no_old_versions, old_versions, plain, redirects,
};
use readiness_probes::{about, worst};

use crate::front::Front;
use crate::target::Target;

/// Where TLS ends.
struct Endpoint {
    host: String,
    secure: u16,
    plain: u16,
}

#[requirement("CAIO-SEC-002")]
async fn terminated(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    if target.config().basics.is_embedded() {
        // What stands in front of the embedded service ends with this check.
        let front = match target.embedded() {
            Some(service) => Some(Front::start(service).await?),
            None => None,
        };
        let endpoint = Endpoint {
            host: "localhost".to_owned(),
            secure: front.as_ref().map_or(0, Front::secure_port),
            plain: front.as_ref().map_or(0, Front::plain_port),
        };
        let authority = front.as_ref().map(Front::authority);
        return judged(&cx, &endpoint, authority).await;
    }
    let endpoint = endpoint(target.config().basics.http.base_url()?)?;
    let authority = target.config().ca_file.as_deref();
    judged(&cx, &endpoint, authority).await
}

async fn judged(cx: &Context, endpoint: &Endpoint, authority: Option<&Path>) -> Result<Verdict> {
    let host = &endpoint.host;
    // The platform's authorities are many, and a replay has no use for them.
    let trust = if cx.is_replay() {
        Trust::nobody()
    } else {
        Trust::load(authority)?
    };
    let session = look(cx, host, endpoint.secure, &trust).await?;
    let old = old_versions(cx, host, endpoint.secure).await?;
    let plain = plain(cx, host, endpoint.plain).await?;
    Ok(worst([
        about("https", judge(&session)?),
        no_old_versions(&old)?,
        redirects(&plain)?,
    ]))
}

/// The host and ports of a deployment; plain http is looked for where browsers look.
fn endpoint(base: &str) -> Result<Endpoint> {
    const PLAIN: u16 = 80;
    let Some(rest) = base.strip_prefix("https://") else {
        return Err(Unavailable::new(
            "the target is spoken to without TLS, so its TLS cannot be seen: set `base_url` under \
             [target] in readiness.toml to its https address, or attest this item",
        )
        .into());
    };
    let authority = rest.split('/').next().unwrap_or(rest);
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().ok()),
        None => (authority, None),
    };
    Ok(Endpoint {
        host: host.trim_matches(['[', ']']).to_owned(),
        secure: port.unwrap_or(443),
        plain: PLAIN,
    })
}
