//! SEC-002 and SEC-003: keys in either header are honoured and in an address are not, nothing that is
//! not a key is taken for one, and how long a refusal takes tells nothing about the key.

use std::sync::Arc;

use readiness::{Context, Result, Verdict, requirement};
use readiness_probes::auth::timing::{self, Question, Timings};
use readiness_probes::http::{Client, HttpReply};
use readiness_probes::{about, errors, worst};

use crate::shared::{self, CHEAP};
use crate::target::Target;

/// Parameters that services read keys from: of many interfaces, and of RFC 6750 (2.3).
const IN_ADDRESS: [&str; 3] = ["api_key", "apikey", "access_token"];

#[requirement("SEC-002", exclusive = "anonymous")]
async fn api_keys(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let client = target.client(&cx, "pro")?;
    let by_header = client.get(CHEAP).await?;
    let by_bearer = client
        .request("GET", CHEAP)
        .bearer()
        .label("as a bearer")
        .send()
        .await?;
    let mut verdicts = vec![
        about("X-API-Key", honoured(&by_header, "pro")),
        about("Authorization: Bearer", honoured(&by_bearer, "pro")),
    ];
    for (name, request) in [
        (
            "an unknown key",
            client
                .request("GET", CHEAP)
                .header("x-api-key", "readiness-unknown-key"),
        ),
        (
            "an empty key",
            client.request("GET", CHEAP).header("x-api-key", ""),
        ),
        (
            "a truncated key",
            client.request("GET", CHEAP).spoilt_key(truncated),
        ),
        (
            "a key in other case",
            client.request("GET", CHEAP).spoilt_key(other_case),
        ),
    ] {
        let reply = request.label(name).send().await?;
        verdicts.push(about(name, errors::is_error(&reply, 401)));
    }
    let nobody = shared::anonymous_list(&cx, &target).await?;
    verdicts.push(about("no key", honoured(&nobody, "free")));
    verdicts.push(about(
        "a key in the address",
        in_address(&cx, &client).await?,
    ));
    Ok(worst(verdicts))
}

/// Addresses end up in logs, histories and `Referer` headers, so a key in one is either refused or not
/// looked at. That the service's own log does not hold it is LOG-006, which looks for every key that
/// was sent.
async fn in_address(cx: &Context, client: &Client) -> Result<Verdict> {
    let setting = cx.setting("auth.try_key_in_address");
    if setting.as_bool() == Some(false) {
        return Ok(Verdict::Warn(
            "it was not tried: `auth.try_key_in_address` is false".to_owned(),
        ));
    }
    let request = client
        .request("GET", CHEAP)
        .key_in_query(&IN_ADDRESS)
        .label("with the key in the address");
    let reply = shared::patiently(request).await?;
    Ok(match (reply.status(), reply.header("x-ratelimit-tier")) {
        (200, Some("free")) | (400..=428, _) => Verdict::Pass,
        (200, Some(tier)) => Verdict::Warn(format!(
            "it is honoured: served as tier `{}`",
            tier.escape_debug()
        )),
        (200, None) => Verdict::Warn("the reply does not say whether it was honoured".to_owned()),
        (status, _) => Verdict::Fail(format!("it is answered with {status}")),
    })
}

/// Rounds of three refusals, unless configured.
const ROUNDS: i64 = 2_000;

/// Last of all: it sends thousands of wrong keys, and whoever else is busy makes it undecided.
#[requirement("SEC-003", exclusive = "load", phase = "load", timeout = "5m")]
async fn refusals_take_the_same_time(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let rounds = cx.setting("auth.timing_rounds").as_i64().unwrap_or(ROUNDS);
    let rounds = usize::try_from(rounds.clamp(1, 20_000)).unwrap_or(1);
    let timings = Timings::observe(&cx, "wrong keys", || async {
        let (base, key) = target.for_wrong_keys(&cx)?;
        timing::sample(&Question {
            base: &base,
            path: CHEAP,
            header: "x-api-key",
            key: &key,
            rounds,
        })
        .await
    })
    .await?;
    timing::tells_nothing(&timings)
}

/// The reply is a success for the tier that the key belongs to.
fn honoured(reply: &HttpReply, tier: &str) -> Verdict {
    if reply.status() != 200 {
        return Verdict::Fail(format!("it is answered with {}", reply.status()));
    }
    match reply.header("x-ratelimit-tier") {
        Some(stated) if stated == tier => Verdict::Pass,
        Some(stated) => Verdict::Fail(format!(
            "it is served as tier `{}`, not `{tier}`",
            stated.escape_debug()
        )),
        None => Verdict::Fail("the reply does not say for which tier it is".to_owned()),
    }
}

fn truncated(key: &str) -> String {
    let mut shorter = key.to_owned();
    shorter.pop();
    shorter
}

fn other_case(key: &str) -> String {
    key.chars()
        .map(|c| {
            if c.is_ascii_lowercase() {
                c.to_ascii_uppercase()
            } else {
                c.to_ascii_lowercase()
            }
        })
        .collect()
}
