//! HDR: the security headers, on every kind of reply: success, errors, health.

use std::sync::Arc;

use readiness::{Context, Result, Verdict, requirement};
use readiness_probes::http::HttpReply;
use readiness_probes::{about, handshake, headers, worst};

use crate::shared;
use crate::target::Target;

/// Where browsers look for plain http.
const PLAIN_HTTP: u16 = 80;

#[requirement("HDR-001", exclusive = "anonymous")]
async fn content_type_options(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    on_every_reply(&cx, &target, headers::content_type_options).await
}

#[requirement("HDR-002", exclusive = "anonymous")]
async fn frame_options(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    on_every_reply(&cx, &target, headers::frame_options).await
}

#[requirement("HDR-003", exclusive = "anonymous")]
async fn xss_protection(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    on_every_reply(&cx, &target, headers::xss_protection).await
}

/// Only production has to insist on https. An address without it cannot show what https would say,
/// unless it is this machine's own; behind one with it, plain http has to lead there.
#[requirement("HDR-004", exclusive = "anonymous")]
async fn strict_transport_security(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let environment = cx.setting("environment");
    let environment = environment.require_str()?;
    if environment != "production" {
        return Ok(Verdict::NotApplicable(format!(
            "the target is {environment}; only production has to insist on https"
        )));
    }
    let stated = on_every_reply(&cx, &target, headers::strict_transport_security).await?;
    let front = match target.https_host() {
        Ok(front) => front,
        Err(_) if matches!(stated, Verdict::Fail(_)) => return Ok(stated),
        Err(why) => return Err(why.into()),
    };
    let Some(host) = front else {
        return Ok(stated);
    };
    let plain = handshake::plain(&cx, &host, PLAIN_HTTP).await?;
    Ok(worst([
        stated,
        about("http", handshake::redirects(&plain)?),
    ]))
}

#[requirement("HDR-005", exclusive = "anonymous")]
async fn referrer_policy(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    on_every_reply(&cx, &target, headers::referrer_policy).await
}

#[requirement("HDR-006", exclusive = "anonymous")]
async fn permissions_policy(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    on_every_reply(&cx, &target, headers::permissions_policy).await
}

async fn on_every_reply(
    cx: &Context,
    target: &Target,
    judge: fn(&HttpReply) -> Verdict,
) -> Result<Verdict> {
    let replies = shared::assorted(cx, target).await?;
    Ok(worst(
        replies
            .iter()
            .map(|(name, reply)| about(name, judge(reply))),
    ))
}
