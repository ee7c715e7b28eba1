//! HLTH-003: what the service says when a store is away. How it does without its cache is a row of
//! [`caching`](crate::caching).
//!
//! Embedded, the check has a service of its own, on a real PostgreSQL and a real Redis that it stops and
//! freezes. On a deployment, where that disturbs everybody, it takes an operator's leave and commands.

use std::sync::Arc;
use std::time::Duration;

use readiness::{Context, Result, Verdict, requirement};
use readiness_probes::http::{Client, HttpReply};
use readiness_probes::{about, worst};
use readiness_reference::StoreState;

use crate::stage::Servers;
use crate::stores::{CacheServer, DatabaseServer};
use crate::target::Target;

/// What a load balancer still waits for.
const NOT_READY_WITHIN: Duration = Duration::from_secs(10);
/// How long a deployment may take until it is ready again.
const READY_WITHIN: Duration = Duration::from_secs(30);
/// What a caller still waits for while the cache is away.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// A stopped and a hanging store, one after the other, as far as they may be stopped.
#[requirement(
    "HLTH-003",
    exclusive = "anonymous",
    phase = "disrupt",
    timeout = "900s"
)]
async fn not_ready_is_503(
    cx: Context,
    target: Arc<Target>,
    database: Arc<DatabaseServer>,
    cache: CacheServer,
) -> Result<Verdict> {
    let servers = Servers {
        database: Some(database),
        cache: Some(Arc::new(cache)),
    };
    let stage = target.stage_on(servers).await?;
    let client = stage.watcher(&cx)?;
    let mut verdicts = Vec::new();
    let mut untried = None;
    for store in ["database", "redis"] {
        for (state, name) in [
            (StoreState::Down, "stopped"),
            (StoreState::Paused, "hanging"),
        ] {
            let label = format!("with the {store} {name}");
            if let Err(why) = stage.may(store, state) {
                verdicts.push(Verdict::Warn(format!("{label} it was not tried: {why}")));
                untried = Some(why);
                continue;
            }
            let after = format!("after the {store} was {name}");
            stage.take_away(&cx, store, state)?;
            let within = NOT_READY_WITHIN;
            let ready = stage.until(&client, "/ready", &label, 503, within).await;
            let health = ask(&client, "/health", &label).await;
            stage.give_back(store, state)?;
            let again = stage.until(&client, "/ready", &after, 200, READY_WITHIN);
            let seen = [
                about(&after, is_200(&again.await)),
                about(&label, is_not_ready(&ready, store)),
                about(&format!("/health {label}"), is_200(&health)),
            ];
            // A service that has not recovered shows nothing about the next outage.
            if let Some(failure) = first_failure(&seen) {
                return Ok(failure);
            }
            verdicts.extend(seen);
        }
    }
    match untried {
        Some(why)
            if verdicts
                .iter()
                .all(|verdict| matches!(verdict, Verdict::Warn(_))) =>
        {
            Err(why.into())
        }
        _ => Ok(worst(verdicts)),
    }
}

fn first_failure(verdicts: &[Verdict]) -> Option<Verdict> {
    let mut failures = verdicts
        .iter()
        .filter(|verdict| matches!(verdict, Verdict::Fail(_)));
    failures.next().cloned()
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
