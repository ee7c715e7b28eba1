//! What the manifests say: secrets, network, limits, scaling.

use std::sync::Arc;

use readiness::{Context, Result, Unavailable, Verdict, requirement};
use readiness_probes::documents;
use readiness_probes::env::{guarded, guarded_file};
use readiness_probes::manifests::{
    Deployment, Manifests, cgroup, confined, isolated, limited, scaled, secrets_referenced,
};
use readiness_probes::{about, worst};

use crate::files::Paper;
use crate::fixture::EnvFile;
use crate::target::Target;

/// What is seen of the manifests of one environment.
pub(crate) fn of(cx: &Context, target: &Target, paper: Paper) -> Result<Deployment> {
    Manifests::given(cx, paper.key(), target.files(paper)?).look()
}

/// In the files there are names of secrets alone; an env file, where there is one, is nobody else's.
#[requirement("CAIO-SEC-003")]
fn secrets_are_elsewhere(cx: &Context, target: &Arc<Target>) -> Result<Verdict> {
    let mut verdicts = vec![about(
        "production",
        secrets_referenced(&of(cx, target, Paper::Manifests)?)?,
    )];
    if target.has_files(Paper::Staging) {
        let staging = of(cx, target, Paper::Staging)?;
        verdicts.push(about("staging", secrets_referenced(&staging)?));
    }
    if let Some(file) = EnvFile::of(target)? {
        verdicts.push(guarded(&guarded_file(cx, file.path())?)?);
    }
    Ok(worst(verdicts))
}

#[requirement("CAIO-SEC-004")]
fn network_is_closed(cx: &Context, target: &Arc<Target>) -> Result<Verdict> {
    isolated(&of(cx, target, Paper::Manifests)?)
}

/// As the manifests promise, and as the running process is held to.
#[requirement("CAIO-PERF-001")]
fn resources_are_limited(cx: &Context, target: &Arc<Target>) -> Result<Verdict> {
    let mut verdicts = Vec::new();
    if target.has_files(Paper::Manifests) {
        verdicts.push(limited(&of(cx, target, Paper::Manifests)?)?);
    }
    if target.has_files(Paper::Cgroup) {
        verdicts.push(confined(&cgroup(cx, &target.files(Paper::Cgroup)?)?)?);
    }
    if verdicts.is_empty() {
        return Err(Unavailable::new(
            "neither manifests nor a control group are known: set `deploy.manifests` or \
             `deploy.cgroup` under [target] in readiness.toml",
        )
        .into());
    }
    Ok(worst(verdicts))
}

/// Replicas, an autoscaler and a disruption budget; and a document that says what triggers scaling.
#[requirement("CAIO-PERF-002")]
fn scales_out(cx: &Context, target: &Arc<Target>) -> Result<Verdict> {
    let mut verdicts = vec![scaled(&of(cx, target, Paper::Manifests)?)?];
    if target.has_files(Paper::Scaling) {
        let files = target.files(Paper::Scaling)?;
        let text = files.values().next().map(String::as_str);
        let words = ["trigger", "replica"];
        let strategy = documents::plan(cx, "scaling strategy", text, &words)?;
        verdicts.push(if !strategy.get("exists").bool()? {
            Verdict::Fail("the scaling strategy is not there".to_owned())
        } else if words
            .iter()
            .all(|word| strategy.get("mentions").get(word).as_bool() == Some(true))
        {
            Verdict::Pass
        } else {
            Verdict::Fail("the scaling strategy does not say what triggers it".to_owned())
        });
    } else {
        verdicts.push(Verdict::Warn(format!(
            "the strategy itself was not looked at: `{}` is not set",
            Paper::Scaling.key()
        )));
    }
    Ok(worst(verdicts))
}
