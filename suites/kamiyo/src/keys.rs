//! SEC-002 and SEC-003: keys in either header are honoured, nothing that is not a key is taken for
//! one, and how long a refusal takes tells nothing about the key.

use std::sync::Arc;

use readiness::{Context, Result, Verdict, requirement};
use readiness_probes::auth::timing::{self, Question, Timings};
use readiness_probes::http::HttpReply;
use readiness_probes::{about, errors, worst};

use crate::shared::{self, CHEAP};
use crate::target::Target;

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
    Ok(worst(verdicts))
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
