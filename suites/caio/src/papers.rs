//! Documents: the plans for backups and disasters, the runbooks, and what leads to them.

use std::sync::Arc;

use readiness::{Context, Result, Verdict, requirement};
use readiness_probes::documents::{
    self, Papers, backup_plan as judged_backup, recovery_plan as judged_recovery,
};
use readiness_probes::manifests::alerting_rules;
use readiness_probes::{about, worst};
use serde_json::json;

use crate::files::Paper;
use crate::target::Target;

/// What a backup has to cover.
const SCOPE: [&str; 2] = ["trace", "audit"];
/// Days that the test of a restore counts.
const RESTORE_TEST_DAYS: i64 = 180;
/// Days that the test of a recovery counts.
const RECOVERY_TEST_DAYS: i64 = 365;
/// Where runbooks are, as documents refer to them.
const FOLDER: &str = "docs/operations/runbooks/";

#[requirement("CAIO-REL-005")]
fn backup_plan(cx: &Context, target: &Arc<Target>) -> Result<Verdict> {
    let files = target.files(Paper::BackupPlan)?;
    let text = files.values().next().map(String::as_str);
    let plan = documents::plan(cx, "backup plan", text, &SCOPE)?;
    judged_backup(&plan, &SCOPE, RESTORE_TEST_DAYS)
}

#[requirement("CAIO-OPS-005")]
fn recovery_plan(cx: &Context, target: &Arc<Target>) -> Result<Verdict> {
    let files = target.files(Paper::RecoveryPlan)?;
    let text = files.values().next().map(String::as_str);
    let plan = documents::plan(cx, "recovery plan", text, &[])?;
    judged_recovery(&plan, RECOVERY_TEST_DAYS)
}

/// Enough of them, each with what is needed at three in the morning; and every alert leads to one.
#[requirement("CAIO-REL-006")]
fn runbooks(cx: &Context, target: &Arc<Target>) -> Result<Verdict> {
    let runbooks = target.files(Paper::Runbooks)?;
    let seen = documents::runbooks(cx, &runbooks)?;
    let mut verdicts = vec![documents::usable_runbooks(&seen)?];
    if target.has_files(Paper::Rules) {
        let rules = target.files(Paper::Rules)?;
        let led = cx.observe_now("runbooks of alerts", || {
            let mut led = Vec::new();
            for text in rules.values() {
                for rule in alerting_rules(text)? {
                    let url = rule.runbook_url.unwrap_or_default();
                    let name = url.rsplit('/').next().unwrap_or_default();
                    let name = name.split(['#', '?']).next().unwrap_or_default();
                    let found = runbooks.get(name);
                    led.push(json!({
                        "from": format!("the alert {}", rule.alert),
                        "target": if url.is_empty() { "nothing" } else { url.as_str() },
                        "exists": found.is_some(),
                        "words": found.map_or(0, |text| text.split_whitespace().count()),
                    }));
                }
            }
            Ok(Papers::new(led.into()))
        })?;
        verdicts.push(about("alerts", documents::resolving(&led)?));
    }
    Ok(worst(verdicts))
}

#[requirement("CAIO-OPS-006")]
fn runbooks_are_referenced(cx: &Context, target: &Arc<Target>) -> Result<Verdict> {
    let referring = target.files(Paper::Referring)?;
    let runbooks = target.files(Paper::Runbooks)?;
    let seen = documents::references(cx, &referring, FOLDER, &runbooks)?;
    documents::resolving(&seen)
}
