//! What an infrastructure plan says about encryption at rest: `deploy.terraform_plan`, the JSON of
//! `terraform show -json`.

use readiness::observation::json::Json;
use readiness::{Result, Verdict};
use serde_json::{Value, json};

/// Kinds of volumes and databases, with the switch that encrypts them.
const SWITCHES: [(&str, &str); 6] = [
    ("aws_db_instance", "storage_encrypted"),
    ("aws_rds_cluster", "storage_encrypted"),
    ("aws_ebs_volume", "encrypted"),
    (
        "aws_elasticache_replication_group",
        "at_rest_encryption_enabled",
    ),
    ("digitalocean_volume", "encrypted"),
    ("openstack_blockstorage_volume_v3", "encrypted"),
];
/// Modules within modules that are looked into, and resources that are kept.
const DEEPEST: usize = 8;
const MOST: usize = 200;

/// The volumes of a plan: `volumes`, each with `address` and `encrypted`.
pub(crate) fn volumes(plan: &Value) -> Json {
    let mut found = Vec::new();
    collect(&plan["planned_values"]["root_module"], DEEPEST, &mut found);
    Json::new(json!({ "volumes": found }))
}

fn collect(module: &Value, depth: usize, found: &mut Vec<Value>) {
    for resource in module["resources"].as_array().into_iter().flatten() {
        let kind = resource["type"].as_str().unwrap_or_default();
        let switch = SWITCHES.iter().find(|(known, _)| *known == kind);
        if let Some((_, switch)) = switch
            && found.len() < MOST
        {
            found.push(json!({
                "address": resource["address"],
                "encrypted": resource["values"][switch].as_bool().unwrap_or(false),
            }));
        }
    }
    if depth > 0 {
        for child in module["child_modules"].as_array().into_iter().flatten() {
            collect(child, depth - 1, found);
        }
    }
}

/// The first volume that is not encrypted; a plan cannot show that any is, only that it is to be.
///
/// # Errors
/// A finding if a fact is missing.
pub(crate) fn unencrypted(seen: &Json) -> Result<Option<Verdict>> {
    for volume in seen.get("volumes").items()? {
        if !volume.get("encrypted").bool()? {
            let address = volume.get("address");
            return Ok(Some(Verdict::Fail(format!(
                "{} is not to be encrypted",
                readiness_probes::http::shown(&address)
            ))));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(encrypted: bool) -> Value {
        json!({ "planned_values": { "root_module": { "child_modules": [{ "resources": [
            { "address": "aws_db_instance.main", "type": "aws_db_instance",
              "values": { "storage_encrypted": encrypted } },
            { "address": "aws_vpc.main", "type": "aws_vpc", "values": {} },
        ]}]}}})
    }

    #[test]
    fn a_volume_in_a_module_is_found() {
        assert_eq!(unencrypted(&volumes(&plan(true))).unwrap(), None);
        let Some(Verdict::Fail(reason)) = unencrypted(&volumes(&plan(false))).unwrap() else {
            panic!()
        };
        assert!(reason.contains("aws_db_instance.main"), "{reason}");
        assert_eq!(unencrypted(&volumes(&json!({}))).unwrap(), None);
    }
}
