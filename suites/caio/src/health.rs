//! CAIO-REL-001: `/health` says how things are, also while a store is down, and the platform's probes
//! ask for it.

use std::sync::Arc;

use readiness::observation::json::Json;
use readiness::{Context, Result, Verdict, requirement};
use readiness_probes::http::HttpReply;
use readiness_probes::manifests::probed;
use readiness_probes::{about, worst};
use readiness_reference::StoreState;

use crate::files::Paper;
use crate::manifests;
use crate::target::Target;

const HEALTH: &str = "/health";

#[requirement("CAIO-REL-001", phase = "disrupt")]
async fn truthful_and_probed(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let mut verdicts = vec![well(&target.anonymous(&cx).get(HEALTH).await?)?];
    match target.own().await? {
        Some(own) => {
            let client = own.client(&cx, readiness_probes::http::ANONYMOUS)?;
            let ask = async |label: &str| client.request("GET", HEALTH).label(label).send().await;
            own.set_database(StoreState::Down);
            let down = ask("with the database down").await?;
            own.set_database(StoreState::Up);
            let up = ask("with the database up again").await?;
            verdicts.push(about("with the database down", unwell(&down)?));
            verdicts.push(about("with the database up again", well(&up)?));
        }
        None => verdicts.push(Verdict::Warn(
            "what /health says during an outage was not looked at: a deployment's stores are not \
             stopped"
                .to_owned(),
        )),
    }
    if target.has_files(Paper::Manifests) {
        let seen = manifests::of(&cx, &target, Paper::Manifests)?;
        verdicts.push(probed(&seen, HEALTH)?);
    } else {
        verdicts.push(Verdict::Warn(format!(
            "whether the platform probes it was not looked at: `{}` is not set",
            Paper::Manifests.key()
        )));
    }
    Ok(worst(verdicts))
}

/// 200, a status of health, a version, and checks that are all up.
fn well(reply: &HttpReply) -> Result<Verdict> {
    let fail = |reason: String| Ok(Verdict::Fail(reason));
    if reply.status() != 200 {
        return fail(format!("{HEALTH} is answered with {}", reply.status()));
    }
    let body = reply.json()?;
    let status = body.get("status");
    if !matches!(status.str()?, "ok" | "healthy" | "up") {
        return fail(format!("the status is {}", status.str()?.escape_debug()));
    }
    if body.get("version").str()?.trim().is_empty() {
        return fail("the version is blank".to_owned());
    }
    let checks = body.get("checks");
    let names = checks.keys();
    if names.is_empty() {
        return fail("it names no check".to_owned());
    }
    for name in names {
        let check = checks.get(name);
        if !is_up(check.as_str()) {
            return fail(format!("the check {} is not up", name.escape_debug()));
        }
    }
    Ok(Verdict::Pass)
}

/// A server error, or 200 with a word in the body that says so.
fn unwell(reply: &HttpReply) -> Result<Verdict> {
    let body = reply.json()?;
    let status = body.get("status");
    let says_so = !matches!(status.str()?, "ok" | "healthy" | "up" | "");
    Ok(match (reply.status(), says_so) {
        (200 | 500..=599, true) => Verdict::Pass,
        (status, _) => Verdict::Fail(format!(
            "{HEALTH} is answered with {status} and the status {}",
            status_word(&body)
        )),
    })
}

fn status_word(body: &Json) -> String {
    let word = body.get("status");
    let word = word.peek().and_then(|word| word.as_str());
    word.unwrap_or("none").escape_debug().to_string()
}

fn is_up(word: Option<&str>) -> bool {
    matches!(word, Some("up" | "ok" | "healthy" | "connected"))
}
