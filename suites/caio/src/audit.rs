//! CAIO-SEC-007: what concerns security leaves exactly one audit record, with who, what, where and
//! what came of it, and without the credential. Reading leaves none.

use std::sync::Arc;

use readiness::observation::json::Json;
use readiness::{Context, Result, Verdict, requirement};
use readiness_probes::http::{Client, HttpReply};
use readiness_probes::{about, worst};
use serde_json::json;

use crate::target::Target;

const AUDIT: &str = "/api/v1/audit";

/// Something that was done, and the record that it has to leave.
struct Deed {
    what: &'static str,
    /// How the record's resource begins.
    method: &'static str,
    /// Words of outcomes that say the same.
    outcomes: &'static [&'static str],
    /// Who did it, where that is known.
    actor: Option<&'static str>,
}

const DENIED: &[&str] = &["denied", "failure", "failed", "refused", "rejected"];
const DONE: &[&str] = &["done", "success", "succeeded", "ok", "allowed"];

#[requirement("CAIO-SEC-007", phase = "write")]
async fn sensitive_actions_are_recorded(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let admin = target.client(&cx, "admin")?;
    let viewer = target.client(&cx, "viewer")?;
    let word = cx.nonce();
    let contract = format!("/api/v1/contracts/rdy-{word}");
    let garbage = format!("readiness-key-{word}");

    let failed = target
        .anonymous(&cx)
        .request("GET", &contract)
        .header("x-api-key", garbage.as_str())
        .label("with an unknown key")
        .send()
        .await?;
    let denied = send(&viewer, "DELETE", &contract, "as a viewer").await?;
    let mut done = vec![
        ("a failed login", failed, 401),
        ("denied access", denied, 403),
    ];
    let mut deeds = vec![
        Deed {
            what: "a failed login",
            method: "GET",
            outcomes: DENIED,
            actor: None,
        },
        Deed {
            what: "denied access",
            method: "DELETE",
            outcomes: DENIED,
            actor: Some("viewer"),
        },
    ];
    let mut verdicts = Vec::new();
    if target.allows_writes() {
        let body = json!({ "terms": "made by a readiness check, about to be deleted" });
        let put = admin.request("PUT", &contract).json(&body).send().await?;
        // Reading leaves no record: it would be one too many below.
        viewer.get(&contract).await?;
        let deleted = send(&admin, "DELETE", &contract, "as an administrator").await?;
        done.push(("a change", put, 201));
        done.push(("a deletion", deleted, 204));
        for (what, method) in [("a change", "PUT"), ("a deletion", "DELETE")] {
            deeds.push(Deed {
                what,
                method,
                outcomes: DONE,
                actor: Some("admin"),
            });
        }
    } else {
        verdicts.push(Verdict::Warn(
            "changes and deletions were not looked at: `allow_writes` is off".to_owned(),
        ));
    }
    for (what, reply, status) in &done {
        if reply.status() != *status {
            return Ok(Verdict::Fail(format!(
                "{what} is answered with {} instead of {status}",
                reply.status()
            )));
        }
    }
    let log = admin.get(AUDIT).await?;
    verdicts.push(judged(&log, &word, &garbage, &deeds)?);
    Ok(worst(verdicts))
}

async fn send(client: &Client, method: &str, path: &str, label: &str) -> Result<HttpReply> {
    client.request(method, path).label(label).send().await
}

/// One record for each deed, and no other that names our contract.
fn judged(log: &HttpReply, word: &str, garbage: &str, deeds: &[Deed]) -> Result<Verdict> {
    if log.status() != 200 {
        return Ok(Verdict::Fail(format!(
            "the audit log is answered with {}",
            log.status()
        )));
    }
    if log.text().contains(garbage) {
        return Ok(Verdict::Fail(
            "the audit log holds the credential of a failed login".to_owned(),
        ));
    }
    let records = log.json()?.get("records").items()?;
    let ours: Vec<Json> = records
        .into_iter()
        .filter(|record| {
            let resource = record.get("resource");
            resource.as_str().is_some_and(|text| text.contains(word))
        })
        .collect();
    let mut verdicts: Vec<Verdict> = deeds.iter().map(|deed| one_record(&ours, deed)).collect();
    if ours.len() > deeds.len() {
        verdicts.push(Verdict::Fail(format!(
            "{} records are about {} deeds",
            ours.len(),
            deeds.len()
        )));
    }
    Ok(worst(verdicts))
}

fn one_record(ours: &[Json], deed: &Deed) -> Verdict {
    let is_of = |record: &&Json| {
        let (resource, outcome) = (record.get("resource"), record.get("outcome"));
        let begins = resource
            .as_str()
            .is_some_and(|text| text.starts_with(deed.method));
        let said = outcome.as_str().map(str::to_lowercase);
        begins && said.is_some_and(|said| deed.outcomes.contains(&said.as_str()))
    };
    let records: Vec<&Json> = ours.iter().filter(is_of).collect();
    let [record] = records.as_slice() else {
        return about(
            deed.what,
            Verdict::Fail(format!(
                "it left {} records, one was expected",
                records.len()
            )),
        );
    };
    for field in ["actor", "action", "request_id"] {
        let place = record.get(field);
        if place.as_str().is_none_or(|text| text.trim().is_empty()) {
            return about(
                deed.what,
                Verdict::Fail(format!("its record has no {field}")),
            );
        }
    }
    if let Some(actor) = deed.actor
        && record.get("actor").as_str() != Some(actor)
    {
        return about(
            deed.what,
            Verdict::Fail(format!("its record does not name {actor} as the actor")),
        );
    }
    let at = record.get("timestamp");
    match at
        .as_str()
        .and_then(|text| text.parse::<jiff::Timestamp>().ok())
    {
        Some(_) => Verdict::Pass,
        None => about(
            deed.what,
            Verdict::Fail("its record has no time".to_owned()),
        ),
    }
}
