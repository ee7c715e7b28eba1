//! ERR: the right status, a reason in the body, and nothing about the inside.

use std::sync::Arc;

use readiness::error::Class;
use readiness::{Context, Error, Result, Verdict, requirement};
use readiness_probes::filters::Filtered;
use readiness_probes::http::{Client, HttpReply};
use readiness_probes::rate_limit;
use readiness_probes::{about, errors, worst};

use crate::paid_tiers::algorithm;
use crate::shared::{self, WATCHLISTS, WEBHOOKS};
use crate::target::Target;

/// A transaction and an object that nobody has.
const NO_TRANSACTION: &str = "/exploits/readiness-no-such-transaction";
const NO_WEBHOOK: &str = "/api/v1/user-webhooks/readiness-no-such-webhook";
const NO_ROUTE: &str = "/readiness-no-such-route";

#[requirement("ERR-001")]
async fn missing_is_404(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let client = target.keyed(&cx)?;
    let mut verdicts = Vec::new();
    for path in [NO_TRANSACTION, NO_ROUTE, NO_WEBHOOK] {
        let reply = client.get(path).await?;
        verdicts.push(about(path, errors::is_error(&reply, 404)));
    }
    let newest = Filtered::read(&shared::newest_rows(&cx, &target).await?)?;
    let Some(known) = newest.rows().first() else {
        return Err(Error::unavailable(
            "the list has no row to ask for by itself",
        ));
    };
    let known = known.id()?;
    let found = client.get(&format!("/exploits/{known}")).await?;
    verdicts.push(match found.status() {
        200 => Verdict::Pass,
        status => Verdict::Fail(format!(
            "a transaction of the list is answered with {status}"
        )),
    });
    Ok(worst(verdicts))
}

/// Invalid inputs, each with a valid twin: a service that refuses everything is no better.
const INVALID: [(&str, &str); 10] = [
    ("/exploits?page=0", "/exploits?page=1&page_size=1"),
    ("/exploits?page=-1", "/exploits?page=2&page_size=1"),
    ("/exploits?page=x", "/exploits?page=3&page_size=1"),
    ("/exploits?page_size=0", "/exploits?page_size=1"),
    ("/exploits?page_size=501", "/exploits?page_size=500"),
    ("/stats?days=0", "/stats?days=1"),
    ("/stats?days=366", "/stats?days=365"),
    (
        "/exploits?min_amount=-1",
        "/exploits?min_amount=0&page_size=1",
    ),
    (
        "/exploits?min_amount=NaN",
        "/exploits?min_amount=1.5&page_size=1",
    ),
    ("/exploits?chain=%00", "/exploits?chain=none&page_size=1"),
];

#[requirement("ERR-002")]
async fn invalid_is_400(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let client = target.keyed(&cx)?;
    let wanted = cx.setting("errors.validation_status");
    let wanted = u16::try_from(wanted.as_i64().unwrap_or(400)).unwrap_or(400);
    let mut verdicts = Vec::new();
    for (invalid, valid) in INVALID {
        let reply = client.get(invalid).await?;
        verdicts.push(about(invalid, errors::refuses_invalid(&reply, wanted)));
        let twin = client.get(valid).await?;
        verdicts.push(match twin.status() {
            200 => Verdict::Pass,
            status => Verdict::Fail(format!("{valid}: it is valid and answered with {status}")),
        });
    }
    let long = client
        .request("GET", &format!("/exploits?chain={}", "a".repeat(10_000)))
        .send()
        .await?;
    verdicts.push(about(
        "a chain of 10,000 letters",
        errors::refuses_invalid(&long, wanted),
    ));
    let torn = client
        .request("POST", WEBHOOKS)
        .header("content-type", "application/json")
        .body("{\"url\": ")
        .label("with half a body")
        .send()
        .await?;
    verdicts.push(about(
        "half a JSON body",
        errors::refuses_invalid(&torn, wanted),
    ));
    Ok(worst(verdicts))
}

#[requirement("ERR-003", exclusive = "anonymous")]
async fn without_credential_is_401(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let control = target.keyed(&cx)?.get(WEBHOOKS).await?;
    if control.status() != 200 {
        return Ok(Verdict::Fail(format!(
            "with a key {WEBHOOKS} is answered with {}, so a refusal without one means nothing",
            control.status()
        )));
    }
    let replies = shared::without_credential(&cx, &target).await?;
    Ok(worst(replies.iter().map(|(name, reply)| {
        about(name, errors::needs_credential(reply))
    })))
}

#[requirement("ERR-004", phase = "write")]
async fn small_tier_is_403(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let pro = target.client(&cx, "pro")?;
    let team = target.client(&cx, "team")?;
    let control = team.get(WATCHLISTS).await?;
    if control.status() != 200 {
        return Ok(Verdict::Fail(format!(
            "the team tier gets {} for {WATCHLISTS}, so a refusal of pro means nothing",
            control.status()
        )));
    }
    let read = pro.get(WATCHLISTS).await?;
    let body = serde_json::json!({ "name": "readiness-probe" });
    let write = pro.request("POST", WATCHLISTS).json(&body).send().await?;
    Ok(worst(
        [
            ("GET watchlists as pro", read),
            ("POST watchlists as pro", write),
        ]
        .map(|(name, reply)| {
            about(
                name,
                match reply.status() {
                    404 => Verdict::Warn("it is answered with 404 instead of 403".to_owned()),
                    _ => errors::is_error(&reply, 403),
                },
            )
        }),
    ))
}

#[requirement("ERR-005", exclusive = "anonymous", phase = "burst", timeout = "600s")]
async fn over_the_limit_is_429(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let bursts = shared::bursts(&cx, &target).await?;
    let algorithm = algorithm(&cx)?;
    let mut verdicts = Vec::new();
    for (tier, burst) in &bursts {
        verdicts.push(about(tier, rate_limit::refusals_are_429(burst, algorithm)));
        for refusal in burst.refused() {
            verdicts.push(about(tier, errors::names_the_error(refusal)));
        }
    }
    if bursts.len() < 2 {
        verdicts.push(Verdict::Warn("only one tier was seen".to_owned()));
    }
    Ok(worst(verdicts))
}

#[requirement("ERR-007", exclusive = "anonymous", phase = "burst", timeout = "300s")]
async fn errors_name_themselves(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let replies = collected(&cx, &target).await?;
    let mut statuses: Vec<u16> = replies.iter().map(|(_, reply)| reply.status()).collect();
    let burst = shared::burst(&cx, &target, "free").await?;
    let refused = burst.refused();
    statuses.extend(refused.iter().map(|reply| reply.status()));
    statuses.retain(|status| *status >= 400);
    statuses.sort_unstable();
    statuses.dedup();
    if statuses.len() < 4 {
        return Err(Error::unavailable(format!(
            "only {statuses:?} could be provoked, four different errors are needed"
        )));
    }
    let others = refused.iter().map(|reply| ("429", *reply));
    let named = replies.iter().map(|(name, reply)| (*name, reply));
    Ok(worst(named.chain(others).map(|(name, reply)| {
        about(name, errors::names_the_error(reply))
    })))
}

#[requirement("ERR-008", exclusive = "anonymous")]
async fn errors_tell_nothing(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let replies = collected(&cx, &target).await?;
    let mut verdicts = vec![errors::proven_patterns()];
    verdicts.extend(
        replies
            .iter()
            .map(|(name, reply)| about(name, errors::leaks_nothing(reply))),
    );
    match provoked(&cx, &target).await {
        Ok(reply) => {
            verdicts.push(match reply.status() {
                500 => about("a provoked 500", errors::leaks_nothing(&reply)),
                status => Verdict::Warn(format!(
                    "no 500 could be provoked, the service answers {status}"
                )),
            });
        }
        Err(error) if error.class() == Class::Unavailable => {
            verdicts.push(Verdict::Warn(format!("no 500 was looked at: {error}")));
        }
        Err(error) => return Err(error),
    }
    Ok(worst(verdicts))
}

/// One reply of each error that can be had for nothing: 400, 401, 403 and 404.
async fn collected(cx: &Context, target: &Target) -> Result<Vec<(&'static str, HttpReply)>> {
    let client = target.keyed(cx)?;
    let mut replies = vec![
        ("404", client.get(NO_ROUTE).await?),
        ("404 of a transaction", client.get(NO_TRANSACTION).await?),
        ("400", client.get("/exploits?page=0").await?),
        ("401", unknown_key(cx, target).await?),
    ];
    if let Ok(pro) = target.client(cx, "pro") {
        replies.push(("403", pro.get(WATCHLISTS).await?));
    }
    Ok(replies)
}

/// A request with a key that nobody has costs nobody's budget.
pub(crate) async fn unknown_key(cx: &Context, target: &Target) -> Result<HttpReply> {
    let nobody: Client = target.anonymous(cx);
    nobody
        .request("GET", WEBHOOKS)
        .header("x-api-key", "readiness-probe-unknown-key")
        .label("with an unknown key")
        .send()
        .await
}

/// The reply to a request that runs into an internal error.
async fn provoked(cx: &Context, target: &Target) -> Result<HttpReply> {
    let word = cx.nonce();
    target.provoke(&word)?;
    let client = target.keyed(cx)?;
    let path = target.trigger_path(&word);
    client.request("GET", &path).label("provoked").send().await
}
