//! CAIO-OPS-001 and CAIO-OPS-002: the service checks what it is started with, and the documentation
//! lists what that is.

use std::collections::BTreeSet;
use std::sync::Arc;

use readiness::observation::json::Json;
use readiness::{Context, Result, Verdict, requirement};
use readiness_probes::manifests::Deployment;
use readiness_probes::{about, documents, env, errors, worst};
use serde_json::json;

use crate::embedded;
use crate::files::Paper;
use crate::manifests;
use crate::target::Target;

/// Values that make no sense in production.
const SENSELESS: [(&str, &str); 6] = [
    ("CAIO_ENV", "prod"),
    ("CAIO_LOG_FORMAT", "xml"),
    ("CAIO_REGISTRY_SIZE", "many"),
    ("CAIO_REGISTRY_SIZE", "0"),
    ("CAIO_CONTRACT_CACHE_TTL", "soon"),
    ("CAIO_CONTRACT_CACHE_TTL", "0"),
];

/// `production` to the letter, no detail in errors, and a start with values that make no sense is
/// refused by their names.
#[requirement("CAIO-OPS-001", phase = "disrupt")]
async fn validated(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let stated = env::production(&target.environment(&cx)?.plain("CAIO_ENV")?)?;
    let missing = target
        .anonymous(&cx)
        .get("/readiness-probe-of-a-missing-route")
        .await?;
    let behaves = worst([
        errors::is_error(&missing, 404),
        errors::leaks_nothing(&missing),
    ]);
    let refusals = if target.config().basics.is_embedded() {
        starts(&cx, &target).await?
    } else {
        Verdict::Warn(
            "whether a start with senseless values is refused was not looked at: a deployment is \
             not restarted"
                .to_owned(),
        )
    };
    Ok(worst([stated, about("an error", behaves), refusals]))
}

/// Starts a service with each senseless value, and one without any.
async fn starts(cx: &Context, target: &Target) -> Result<Verdict> {
    let seen: Json = cx
        .observe("starts", || async {
            let faults = target.faults();
            let mut refusals = Vec::new();
            for (name, value) in SENSELESS {
                let refusal = embedded::refusal(faults, Some((name, value))).await;
                let names_it = refusal.as_deref().is_some_and(|text| text.contains(name));
                refusals.push(json!({
                    "variable": format!("{name}={value}"),
                    "refused": refusal.is_some(),
                    "by_name": names_it,
                }));
            }
            let sound = embedded::refusal(faults, None).await.is_none();
            Ok(Json::new(json!({ "senseless": refusals, "sound": sound })))
        })
        .await?;
    if !seen.get("sound").bool()? {
        return Ok(Verdict::Fail(
            "a start with sound values is refused".to_owned(),
        ));
    }
    let refusals = seen.get("senseless").items()?;
    if refusals.is_empty() {
        return Ok(Verdict::Fail("no start was tried".to_owned()));
    }
    for refusal in refusals {
        let variable = refusal.get("variable");
        let variable = variable
            .peek()
            .and_then(|text| text.as_str())
            .unwrap_or("?");
        if !refusal.get("refused").bool()? {
            return Ok(Verdict::Fail(format!("it starts with {variable}")));
        }
        if !refusal.get("by_name").bool()? {
            return Ok(Verdict::Fail(format!(
                "a start with {variable} is refused without the variable's name"
            )));
        }
    }
    Ok(Verdict::Pass)
}

/// The reference document and the manifests have the same variables, in both directions and in all
/// environments; values differ only where the document says so.
#[requirement("CAIO-OPS-002")]
fn documented(cx: &Context, target: &Arc<Target>) -> Result<Verdict> {
    let files = target.files(Paper::EnvReference)?;
    let text: String = files.into_values().collect();
    let table = documents::variable_table(cx, &text)?;
    let rows = table.items()?;
    let mut documented = BTreeSet::new();
    let mut may_differ = BTreeSet::new();
    for row in &rows {
        let name = row.get("name").str()?.to_owned();
        if row.get("differs").bool()? {
            may_differ.insert(name.clone());
        }
        documented.insert(name);
    }
    if documented.is_empty() {
        return Ok(Verdict::Fail(
            "the reference document lists no variable".to_owned(),
        ));
    }
    let production = manifests::of(cx, target, Paper::Manifests)?;
    let mut verdicts = vec![about("production", same_names(&documented, &production))];
    if target.has_files(Paper::Staging) {
        let staging = manifests::of(cx, target, Paper::Staging)?;
        verdicts.push(about("staging", same_names(&documented, &staging)));
        verdicts.push(drift(&documented, &may_differ, &production, &staging));
    } else {
        verdicts.push(Verdict::Warn(format!(
            "environments were not compared: `{}` is not set",
            Paper::Staging.key()
        )));
    }
    Ok(worst(verdicts))
}

fn same_names(documented: &BTreeSet<String>, deployed: &Deployment) -> Verdict {
    let variables = deployed.get("variables");
    let set: BTreeSet<String> = variables.keys().into_iter().map(str::to_owned).collect();
    if let Some(name) = set.difference(documented).next() {
        let name = name.escape_debug();
        return Verdict::Fail(format!("{name} is set and not documented"));
    }
    if let Some(name) = documented.difference(&set).next() {
        let name = name.escape_debug();
        return Verdict::Fail(format!("{name} is documented and not set"));
    }
    Verdict::Pass
}

fn drift(
    documented: &BTreeSet<String>,
    may_differ: &BTreeSet<String>,
    production: &Deployment,
    staging: &Deployment,
) -> Verdict {
    for name in documented.difference(may_differ) {
        let (here, there) = (
            production.get("variables").get(name),
            staging.get("variables").get(name),
        );
        if here.as_str() != there.as_str() {
            return Verdict::Fail(format!(
                "{} is \"{}\" in production and \"{}\" in staging, it is to be the same",
                name.escape_debug(),
                here.as_str().unwrap_or("").escape_debug(),
                there.as_str().unwrap_or("").escape_debug()
            ));
        }
    }
    Verdict::Pass
}
