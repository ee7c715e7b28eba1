//! What manifests must say.

use readiness::observation::json::Json;
use readiness::{Result, Verdict};
use serde_json::Value;

use super::Deployment;
use crate::seen::count;

/// Ports that the world may reach.
const WEB_PORTS: [i64; 2] = [80, 443];
/// Replicas of which one may go at any time.
const LEAST_REPLICAS: i64 = 2;

#[expect(clippy::unnecessary_wraps, reason = "it is what a judgement returns")]
fn fail(reason: String) -> Result<Verdict> {
    Ok(Verdict::Fail(reason))
}

fn shown(place: &Json) -> String {
    match place.peek() {
        Some(Value::String(text)) => text.escape_debug().to_string(),
        Some(other) => other.to_string(),
        None => "?".to_owned(),
    }
}

/// The workloads; an empty set of manifests says nothing.
fn workloads(seen: &Deployment) -> Result<Vec<Json>, Verdict> {
    match seen.get("workloads").items() {
        Ok(workloads) if !workloads.is_empty() => Ok(workloads),
        _ => Err(Verdict::Fail("the manifests hold no workload".to_owned())),
    }
}

/// Whether each container of each workload requests and limits processor and memory, more than none
/// of it, and requests no more than its limit.
///
/// # Errors
/// A finding if a fact is missing.
pub fn limited(seen: &Deployment) -> Result<Verdict> {
    let workloads = match workloads(seen) {
        Ok(workloads) => workloads,
        Err(verdict) => return Ok(verdict),
    };
    for workload in &workloads {
        let containers = workload.get("containers").items()?;
        if containers.is_empty() {
            return fail(format!("{} has no container", shown(&workload.get("name"))));
        }
        for container in &containers {
            for (what, field) in [("memory", "memory"), ("CPU", "cpu_m")] {
                let amount = |which: &str| container.get(which).get(field).as_f64();
                let (limit, request) = (amount("limits"), amount("requests"));
                let subject = format!(
                    "the container {} of {}",
                    shown(&container.get("name")),
                    shown(&workload.get("name"))
                );
                match (limit, request) {
                    (Some(limit), Some(request)) if 0.0 < request && request <= limit => {}
                    (Some(limit), _) if limit > 0.0 => {
                        return fail(format!(
                            "{subject} requests {} of {what}, its limit is {limit}",
                            request.map_or("nothing".to_owned(), |amount| amount.to_string())
                        ));
                    }
                    _ => return fail(format!("{subject} has no {what} limit")),
                }
            }
        }
    }
    Ok(Verdict::Pass)
}

/// Whether the service runs in more than one replica, an autoscaler has room and a metric to go by,
/// and a disruption budget keeps some of it alive. An autoscaler without room is a warning.
///
/// # Errors
/// A finding if a fact is missing.
pub fn scaled(seen: &Deployment) -> Result<Verdict> {
    let workloads = match workloads(seen) {
        Ok(workloads) => workloads,
        Err(verdict) => return Ok(verdict),
    };
    let autoscalers = seen.get("autoscalers").items()?;
    let Some(autoscaler) = autoscalers.first() else {
        return fail("there is no autoscaler".to_owned());
    };
    let target = autoscaler.get("target");
    let target = target.str()?;
    let scaled = workloads
        .iter()
        .find(|workload| workload.get("name").as_str() == Some(target));
    let Some(workload) = scaled else {
        return fail(format!(
            "the autoscaler is for {}, which is no workload of the manifests",
            target.escape_debug()
        ));
    };
    let (min, max) = (
        count(&autoscaler.get("min"))?,
        count(&autoscaler.get("max"))?,
    );
    // Where an autoscaler is in charge a manifest may leave the number to it.
    let replicas = workload.get("replicas").as_i64().unwrap_or(min);
    if replicas < LEAST_REPLICAS || min < LEAST_REPLICAS {
        return fail(format!(
            "{} runs in {} replicas, {LEAST_REPLICAS} are the least that survive the loss of one",
            target.escape_debug(),
            replicas.min(min)
        ));
    }
    if autoscaler.get("metrics").as_i64().unwrap_or(0) < 1 {
        return fail("the autoscaler has no metric to go by".to_owned());
    }
    if seen.get("budgets").items()?.is_empty() {
        return fail("there is no disruption budget".to_owned());
    }
    Ok(match max.cmp(&min) {
        std::cmp::Ordering::Greater => Verdict::Pass,
        std::cmp::Ordering::Equal => Verdict::Warn(format!(
            "the autoscaler has no room: at least {min} and at most {max} replicas"
        )),
        std::cmp::Ordering::Less => Verdict::Fail(format!(
            "the autoscaler wants at least {min} and at most {max} replicas"
        )),
    })
}

/// Whether the first container with a port of each workload has readiness and liveness probes that
/// ask for `path`.
///
/// # Errors
/// A finding if a fact is missing.
pub fn probed(seen: &Deployment, path: &str) -> Result<Verdict> {
    let workloads = match workloads(seen) {
        Ok(workloads) => workloads,
        Err(verdict) => return Ok(verdict),
    };
    let mut any = false;
    for workload in &workloads {
        for container in workload.get("containers").items()? {
            // Helpers without a port have nothing to ask.
            if container.get("ports").as_i64() == Some(0) {
                continue;
            }
            any = true;
            for probe in ["readiness", "liveness"] {
                let asked = container.get(probe);
                match asked.as_str() {
                    Some(asked) if asked == path => {}
                    Some(other) => {
                        return fail(format!(
                            "the {probe} probe of {} asks for {}, not {path}",
                            shown(&container.get("name")),
                            other.escape_debug()
                        ));
                    }
                    None => {
                        return fail(format!(
                            "{} has no {probe} probe by HTTP",
                            shown(&container.get("name"))
                        ));
                    }
                }
            }
        }
    }
    if any {
        return Ok(Verdict::Pass);
    }
    fail("no container has a port to be probed at".to_owned())
}

/// Whether the files hold no secret: none as a variable's value, none by its form. The search is
/// first shown to find what is there.
///
/// # Errors
/// A finding if a fact is missing.
pub fn secrets_referenced(seen: &Deployment) -> Result<Verdict> {
    if !seen.get("scan_proven").bool()? {
        return fail("the search for secrets does not find its own samples".to_owned());
    }
    if count(&seen.get("files"))? == 0 {
        return fail("there are no files to search".to_owned());
    }
    let found = seen.get("secrets").items()?;
    let Some(first) = found.first() else {
        return Ok(Verdict::Pass);
    };
    fail(format!(
        "{} secrets in the manifests, the first is {} in {}",
        found.len(),
        shown(&first.get("what")),
        shown(&first.get("file"))
    ))
}

/// Whether a policy denies what no other lets in, none opens more than the web's ports to the world,
/// and no service with another port is reachable from outside of the cluster.
///
/// # Errors
/// A finding if a fact is missing.
pub fn isolated(seen: &Deployment) -> Result<Verdict> {
    let policies = seen.get("policies").items()?;
    let mut denied = false;
    for policy in &policies {
        denied |= policy.get("denies_by_default").bool()?;
        for open in policy.get("open").items()? {
            let name = shown(&policy.get("name"));
            if open.get("all_ports").bool()? {
                return fail(format!("the policy {name} opens all ports to the world"));
            }
            for port in open.get("ports").items()? {
                if !port.as_i64().is_some_and(|port| WEB_PORTS.contains(&port)) {
                    let port = shown(&port);
                    return fail(format!("the policy {name} opens {port} to the world"));
                }
            }
        }
    }
    if !denied {
        return fail(format!(
            "none of {} network policies denies by default",
            policies.len()
        ));
    }
    for service in seen.get("exposed").items()? {
        for port in service.get("ports").items()? {
            if !port.as_i64().is_some_and(|port| WEB_PORTS.contains(&port)) {
                return fail(format!(
                    "the service {} shows port {} outside of the cluster",
                    shown(&service.get("name")),
                    shown(&port)
                ));
            }
        }
    }
    Ok(Verdict::Pass)
}
