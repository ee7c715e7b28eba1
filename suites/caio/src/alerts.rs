//! CAIO-REL-004: a missed objective raises an alert, which ends with the breach; rules in Prometheus
//! watch latency and authentication.

use std::sync::Arc;
use std::time::Duration;

use readiness::observation::json::Json;
use readiness::{Context, Error, Result, Verdict, requirement};
use readiness_probes::http::{Client, HttpReply};
use readiness_probes::prometheus::alerting;
use readiness_probes::{about, worst};

use crate::monitoring::Monitoring;
use crate::own::Own;
use crate::target::Target;

const ALERTS: &str = "/api/v1/slo/alerts";
const ROUTE: &str = "/api/v1/services";
/// What the route is slowed down by: more than any objective of the reference service.
const SLOWNESS: Duration = Duration::from_millis(1_200);
/// Requests that an objective is judged by.
const REQUESTS: usize = 12;
/// More than the window that objectives are judged in.
const WINDOW: Duration = Duration::from_secs(360);
/// How often a machine that hiccups may spoil the quiet before and after.
const ATTEMPTS: usize = 3;

#[requirement("CAIO-REL-004", phase = "disrupt", timeout = "120s")]
async fn fire_and_clear(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let Some(own) = target.own().await? else {
        listed(&target.client(&cx, "viewer")?.get(ALERTS).await?)?;
        return Ok(Verdict::Warn(
            "no breach was provoked: a deployment is not slowed down on purpose".to_owned(),
        ));
    };
    let client = own.client(&cx, "operator")?;
    let before = quiet(&cx, &own, &client, "alerts before a breach").await?;
    let during = cx
        .observe("alerts during a breach", || async {
            own.slow(ROUTE, SLOWNESS);
            let slow = (0..REQUESTS).map(|_| client.request("GET", ROUTE).exchange());
            let replies = all(slow).await;
            own.slow(ROUTE, Duration::ZERO);
            for reply in replies {
                reply?;
            }
            client.request("GET", ALERTS).exchange().await
        })
        .await?;
    let after = quiet(&cx, &own, &client, "alerts after a breach").await?;
    Ok(worst([
        about("before a breach", silent(&before)?),
        about("during a breach", firing(&during)?),
        about("after a breach", silent(&after)?),
    ]))
}

/// The alerts after a window with quick requests alone. Asked again if one fires, because a machine
/// may stand still for a second without the service's doing.
async fn quiet(cx: &Context, own: &Own, client: &Client, name: &str) -> Result<HttpReply> {
    cx.observe(name, || async {
        let mut seen = None;
        for _ in 0..ATTEMPTS {
            own.wait(WINDOW).await;
            for _ in 0..REQUESTS {
                client.request("GET", ROUTE).exchange().await?;
            }
            let reply = client.request("GET", ALERTS).exchange().await?;
            let is_quiet = silent(&reply).is_ok_and(|verdict| verdict == Verdict::Pass);
            seen = Some(reply);
            if is_quiet {
                break;
            }
        }
        seen.ok_or_else(|| Error::other("nothing was asked for"))
    })
    .await
}

/// All at once: they take a while each.
pub(crate) async fn all<T>(futures: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut pinned: Vec<_> = futures.map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|context| {
        let mut ready = true;
        for (future, result) in &mut pinned {
            if result.is_none() {
                match future.as_mut().poll(context) {
                    std::task::Poll::Ready(value) => *result = Some(value),
                    std::task::Poll::Pending => ready = false,
                }
            }
        }
        if ready {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    pinned
        .into_iter()
        .filter_map(|(_, result)| result)
        .collect()
}

/// Objectives are listed, and none is missed.
fn silent(reply: &HttpReply) -> Result<Verdict> {
    let alerts = listed(reply)?;
    for alert in &alerts {
        if is_firing(alert)? {
            return Ok(Verdict::Fail(format!(
                "{} fires",
                alert.get("slo").str()?.escape_debug()
            )));
        }
    }
    Ok(Verdict::Pass)
}

/// One at least fires, with a value beyond its threshold and since when.
fn firing(reply: &HttpReply) -> Result<Verdict> {
    let mut fired = false;
    for alert in listed(reply)? {
        if !is_firing(&alert)? {
            continue;
        }
        let (value, threshold) = (alert.get("value").f64()?, alert.get("threshold").f64()?);
        if value <= threshold {
            return Ok(Verdict::Fail(format!(
                "an alert fires at {value}, its threshold is {threshold}"
            )));
        }
        if alert.get("since").str()?.is_empty() {
            return Ok(Verdict::Fail("an alert does not say since when".to_owned()));
        }
        fired = true;
    }
    Ok(if fired {
        Verdict::Pass
    } else {
        Verdict::Fail(format!(
            "no alert fires although {REQUESTS} requests took {} ms longer",
            SLOWNESS.as_millis()
        ))
    })
}

/// Whether an alert fires. A service may list those that do not.
fn is_firing(alert: &Json) -> Result<bool> {
    let state = alert.get("state");
    match state.str()? {
        "firing" => Ok(true),
        "ok" | "inactive" | "resolved" | "pending" => Ok(false),
        other => Err(Error::finding(format!(
            "the state of an alert is `{}`",
            other.escape_debug()
        ))),
    }
}

fn listed(reply: &HttpReply) -> Result<Vec<Json>> {
    if reply.status() != 200 {
        return Err(Error::finding(format!(
            "the alerts are answered with {}",
            reply.status()
        )));
    }
    reply.json()?.get("alerts").items()
}

/// Rules about latency and about authentication, which work.
#[requirement("CAIO-REL-004")]
async fn rules_exist(cx: Context, monitoring: Arc<Monitoring>) -> Result<Verdict> {
    let rules = monitoring.prometheus(&cx)?.rules().await?;
    Ok(worst([
        about("objectives", alerting(&rules, "latency")?),
        about("security", alerting(&rules, "auth")?),
    ]))
}
