//! HLTH-003: what the service says when a store is away. How it does without its cache is a row of
//! [`caching`](crate::caching).
//!
//! The check has a service of its own: stopping a store disturbs everybody who uses it.

use std::sync::Arc;
use std::time::Duration;

use readiness::{Context, Result, Verdict, requirement};
use readiness_probes::http::{ANONYMOUS, Client, HttpReply};
use readiness_probes::{about, worst};
use readiness_reference::StoreState;

use crate::target::Target;

/// What a load balancer still waits for.
const NOT_READY_WITHIN: Duration = Duration::from_secs(10);
/// What a caller still waits for while the cache is away.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// A stopped and a hanging store, one after the other.
#[requirement("HLTH-003", timeout = "180s")]
async fn not_ready_is_503(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let own = target.own().await?;
    let client = own.client(&cx, ANONYMOUS)?;
    let mut verdicts = Vec::new();
    for store in ["database", "redis"] {
        for (state, name) in [
            (StoreState::Down, "stopped"),
            (StoreState::Paused, "hanging"),
        ] {
            let label = format!("with the {store} {name}");
            own.set_store(store, state);
            let ready = ask(&client, "/ready", &label).await;
            let health = ask(&client, "/health", &label).await;
            own.set_store(store, StoreState::Up);
            let again = ask(&client, "/ready", &format!("after the {store} was {name}")).await;
            verdicts.push(about(&label, is_not_ready(&ready, store)));
            verdicts.push(about(&format!("/health {label}"), is_200(&health)));
            verdicts.push(about(
                &format!("after the {store} was {name}"),
                is_200(&again),
            ));
        }
    }
    Ok(worst(verdicts))
}

/// A service that does not answer is a finding here, not an obstacle.
pub(crate) type Answer = Result<HttpReply>;

pub(crate) async fn ask(client: &Client, path: &str, label: &str) -> Answer {
    client.request("GET", path).label(label).send().await
}

fn is_not_ready(answer: &Answer, store: &str) -> Verdict {
    let reply = match answer {
        Ok(reply) => reply,
        Err(error) => return Verdict::Fail(format!("/ready does not answer: {error}")),
    };
    match reply.status() {
        503 if reply.elapsed() < NOT_READY_WITHIN => Verdict::Pass,
        503 => Verdict::Fail(format!("/ready takes {} s", reply.elapsed().as_secs())),
        200 if store == "redis" => {
            Verdict::Warn("/ready says 200: the cache is not counted as needed".to_owned())
        }
        status => Verdict::Fail(format!("/ready is answered with {status} instead of 503")),
    }
}

fn is_200(answer: &Answer) -> Verdict {
    match answer {
        Ok(reply) => match reply.status() {
            200 => Verdict::Pass,
            status => Verdict::Fail(format!("it is answered with {status}")),
        },
        Err(error) => Verdict::Fail(format!("there is no answer: {error}")),
    }
}

pub(crate) fn in_time(answer: &Answer) -> Verdict {
    let slow = answer
        .as_ref()
        .is_ok_and(|reply| reply.elapsed() >= ANSWER_WITHIN);
    if slow {
        return Verdict::Fail("it takes five seconds and more without the cache".to_owned());
    }
    is_200(answer)
}
