//! CACHE-004: what caches between the service and its callers may keep.

use std::sync::Arc;

use readiness::{Context, Result, Verdict, requirement};
use readiness_probes::{about, headers, worst};

use crate::shared;
use crate::target::Target;

/// The routes whose replies are worth keeping.
const PATHS: [&str; 3] = ["/exploits?page_size=1", "/stats?days=7", "/chains"];

#[requirement("CACHE-004", exclusive = "anonymous")]
async fn cache_headers(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let open = shared::anonymous_list(&cx, &target).await?;
    let mut verdicts = vec![about(
        "GET /exploits without a key",
        headers::cacheable(&open),
    )];
    let client = target.keyed(&cx)?;
    for path in PATHS {
        let reply = client.get(path).await?;
        verdicts.push(about(path, headers::cacheable(&reply)));
        verdicts.push(about(
            path,
            headers::not_shared(&reply, &["authorization", "x-api-key"]),
        ));
        let Some(etag) = reply.header("etag").map(str::to_owned) else {
            continue;
        };
        let again = client
            .request("GET", path)
            .header("if-none-match", etag)
            .label("with the ETag just seen")
            .send()
            .await?;
        verdicts.push(match again.status() {
            304 => Verdict::Pass,
            status => Verdict::Fail(format!(
                "{path}: the ETag just seen gets {status} instead of 304"
            )),
        });
    }
    Ok(worst(verdicts))
}
