//! From files to facts.

use std::collections::BTreeMap;

use readiness::{Error, Result};
use serde_json::{Map, Value, json};

use super::quantity::amount;
use super::{secrets, yaml};

/// Entries of one list that are kept.
const MAX_LIST: usize = 200;

/// What the files say; see [`super::Deployment`].
pub(super) fn facts(files: &BTreeMap<String, String>) -> Result<Value> {
    let mut facts = Facts::default();
    for (file, text) in files {
        let documents = yaml::documents(text)
            .map_err(|problem| Error::finding(format!("{}: {problem}", file.escape_debug())))?;
        facts.secrets.extend(secrets::scan(file, text));
        for document in documents {
            // `kubectl get -o yaml` wraps everything into a list.
            let items = match document["kind"].as_str() {
                Some("List") => document["items"].as_array().cloned().unwrap_or_default(),
                _ => vec![document],
            };
            for item in &items {
                facts.take(file, item);
            }
        }
    }
    Ok(facts.into_value(files.len()))
}

#[derive(Default)]
struct Facts {
    workloads: Vec<Value>,
    autoscalers: Vec<Value>,
    budgets: Vec<Value>,
    policies: Vec<Value>,
    exposed: Vec<Value>,
    variables: Map<String, Value>,
    secrets: Vec<Value>,
}

impl Facts {
    fn take(&mut self, file: &str, item: &Value) {
        let name = item.pointer("/metadata/name").cloned().unwrap_or_default();
        match item["kind"].as_str().unwrap_or_default() {
            kind @ ("Deployment" | "StatefulSet" | "DaemonSet") => self.workload(file, kind, item),
            "HorizontalPodAutoscaler" => self.autoscalers.push(json!({
                "name": name,
                "target": item.pointer("/spec/scaleTargetRef/name"),
                "min": item.pointer("/spec/minReplicas").cloned().unwrap_or(json!(1)),
                "max": item.pointer("/spec/maxReplicas"),
                "metrics": item.pointer("/spec/metrics").and_then(Value::as_array).map(Vec::len),
            })),
            "PodDisruptionBudget" => self.budgets.push(json!({ "name": name })),
            "NetworkPolicy" => self.policies.push(policy(&name, item)),
            "Service" => {
                let kind = item.pointer("/spec/type").and_then(Value::as_str);
                if matches!(kind, Some("LoadBalancer" | "NodePort")) {
                    let ports = item.pointer("/spec/ports").and_then(Value::as_array);
                    let ports = ports.into_iter().flatten().map(|port| port["port"].clone());
                    let ports: Vec<Value> = ports.take(MAX_LIST).collect();
                    self.exposed
                        .push(json!({ "name": name, "type": kind, "ports": ports }));
                }
            }
            "ConfigMap" => {
                let data = item["data"].as_object().into_iter().flatten();
                for (variable, value) in data {
                    self.variable(file, variable, value);
                }
            }
            "Secret" => {
                let holds = |field: &str| item[field].as_object().is_some_and(|o| !o.is_empty());
                if holds("data") || holds("stringData") {
                    self.secret(file, "a Secret with its values");
                }
            }
            _ => {}
        }
    }

    fn workload(&mut self, file: &str, kind: &str, item: &Value) {
        let pod = item
            .pointer("/spec/template/spec")
            .cloned()
            .unwrap_or_default();
        let containers = pod["containers"].as_array().cloned().unwrap_or_default();
        for container in &containers {
            for variable in container["env"].as_array().into_iter().flatten() {
                let Some(name) = variable["name"].as_str() else {
                    continue;
                };
                if variable.pointer("/valueFrom/secretKeyRef").is_some() {
                    self.variables.insert(name.to_owned(), Value::Null);
                } else if !variable["value"].is_null() {
                    self.variable(file, name, &variable["value"]);
                } else {
                    self.variables.insert(name.to_owned(), json!("elsewhere"));
                }
            }
        }
        let containers: Vec<Value> = containers.iter().take(MAX_LIST).map(container).collect();
        self.workloads.push(json!({
            "name": item.pointer("/metadata/name"),
            "kind": kind,
            "replicas": item.pointer("/spec/replicas"),
            "containers": containers,
        }));
    }

    /// A variable with its value; one that is a secret by its name is a finding instead.
    fn variable(&mut self, file: &str, name: &str, value: &Value) {
        let text = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        if secrets::is_secret_name(name) {
            let what = format!("the value of {}", name.escape_debug());
            self.secret(file, &what);
            self.variables.insert(name.to_owned(), Value::Null);
        } else {
            self.variables.insert(name.to_owned(), json!(text));
        }
    }

    fn secret(&mut self, file: &str, what: &str) {
        self.secrets
            .push(json!({ "file": file, "line": null, "what": what }));
    }

    fn into_value(self, files: usize) -> Value {
        let mut secrets = self.secrets;
        secrets.truncate(MAX_LIST);
        json!({
            "files": files,
            "workloads": self.workloads,
            "autoscalers": self.autoscalers,
            "budgets": self.budgets,
            "policies": self.policies,
            "exposed": self.exposed,
            "variables": self.variables,
            "secrets": secrets,
            "scan_proven": secrets::is_proven(),
        })
    }
}

fn container(container: &Value) -> Value {
    let amounts = |which: &str| {
        let of = |what: &str| amount(&container["resources"][which][what]);
        json!({ "cpu_m": of("cpu").map(|cpu| cpu * 1_000.0), "memory": of("memory") })
    };
    let path = |probe: &str| container[probe]["httpGet"]["path"].clone();
    json!({
        "name": container["name"],
        "limits": amounts("limits"),
        "requests": amounts("requests"),
        "readiness": path("readinessProbe"),
        "liveness": path("livenessProbe"),
        "ports": container["ports"].as_array().map_or(0, Vec::len),
    })
}

/// A network policy: whether it denies what no other lets in, and what it opens to everybody.
fn policy(name: &Value, item: &Value) -> Value {
    let spec = &item["spec"];
    let selects_all = spec["podSelector"].as_object().is_some_and(Map::is_empty);
    let types = spec["policyTypes"].as_array().cloned().unwrap_or_default();
    let lets_in_nothing = spec["ingress"].as_array().is_none_or(Vec::is_empty);
    let is_for_ingress = types.is_empty() || types.contains(&json!("Ingress"));
    let mut open = Vec::new();
    for rule in spec["ingress"].as_array().into_iter().flatten() {
        // A rule without `from` is about everybody.
        let everybody = rule["from"].as_array().is_none_or(Vec::is_empty)
            || rule["from"].as_array().into_iter().flatten().any(is_world);
        if everybody {
            let ports = rule["ports"].as_array().into_iter().flatten();
            let ports: Vec<Value> = ports.map(|port| port["port"].clone()).collect();
            // No ports are all ports.
            open.push(json!({ "all_ports": ports.is_empty(), "ports": ports }));
        }
    }
    json!({
        "name": name,
        "denies_by_default": selects_all && is_for_ingress && lets_in_nothing,
        "open": open,
    })
}

fn is_world(from: &Value) -> bool {
    let cidr = from.pointer("/ipBlock/cidr").and_then(Value::as_str);
    cidr.is_some_and(|cidr| cidr.ends_with("/0"))
}
