//! **Deployment manifests, judged by what they say**: limits, replicas, probes, policies, and where
//! secrets come from. Kubernetes' YAML or JSON, as rendered (`kustomize build`, `helm template`).
//!
//! ```ignore
//! #[requirement("CAIO-PERF-001")]
//! fn containers_are_limited(cx: &Context) -> Result<Verdict> {
//!     let seen = Manifests::given(cx, "production", manifests::read_tree(&dir)?).look()?;
//!     manifests::limited(&seen)
//! }
//! ```
//!
//! | judgement | wants |
//! |---|---|
//! | [`limited`] | CPU and memory of each container requested and limited |
//! | [`scaled`] | replicas, an autoscaler with room and a metric, a disruption budget |
//! | [`probed`] | readiness and liveness probes that ask for one path |
//! | [`secrets_referenced`] | no secret in the files themselves |
//! | [`isolated`] | traffic denied by default, nothing but the web open to the world |
//! | [`confined`] | a running process in a control group with limits |
//!
//! [`alerting_rules`] reads the rule files of Prometheus, which are YAML too.

mod cgroup;
mod judge;
mod quantity;
mod read;
mod secrets;
mod yaml;

use std::collections::BTreeMap;
use std::path::Path;

use readiness::{Context, Error, Result, Unavailable};
use serde_json::Value;

use crate::seen::{Change, Kind, Seen};

pub use cgroup::{Cgroup, Confinement, cgroup, confined};
pub use judge::{isolated, limited, probed, scaled, secrets_referenced};

/// Files of a tree at most.
const MAX_FILES: usize = 1_000;
/// Bytes of one file at most.
const MAX_FILE: u64 = 4 << 20;

/// The kind of [`Deployment`].
#[derive(Debug, Clone)]
pub struct Manifest;

/// What manifests say: `workloads` (each `name`, `replicas`, `containers` with `limits`, `requests`,
/// `readiness`, `liveness`), `autoscalers`, `budgets`, `policies`, `exposed` (services reachable from
/// outside), `variables` (by name: `value`, or null for a secret), `secrets` (found in the files),
/// `files`.
pub type Deployment = Seen<Manifest>;

impl Kind for Manifest {
    const KIND: &'static str = "manifests";

    fn changes(name: &str, value: &Value) -> Vec<Change> {
        match name {
            "cpu_m" | "memory" | "replicas" | "metrics" if !value.is_null() => {
                vec![
                    Change::new("not-set", Value::Null),
                    Change::new("zeroed", 0),
                ]
            }
            "denies_by_default" => vec![Change::new("default-open", false)],
            _ => Vec::new(),
        }
    }
}

/// The manifests of one environment.
#[derive(Debug, Clone)]
pub struct Manifests {
    cx: Context,
    environment: String,
    files: BTreeMap<String, String>,
}

impl Manifests {
    /// Files in hand, by name.
    pub fn given(cx: &Context, environment: &str, files: BTreeMap<String, String>) -> Manifests {
        Manifests {
            cx: cx.clone(),
            environment: environment.to_owned(),
            files,
        }
    }

    /// The same under replay: it serves recordings and holds nothing.
    pub fn replayed(cx: &Context, environment: &str) -> Manifests {
        Manifests::given(cx, environment, BTreeMap::new())
    }

    /// What they say.
    ///
    /// # Errors
    /// A finding if a file is no YAML.
    pub fn look(&self) -> Result<Deployment> {
        let key = format!("manifests of {}", self.environment);
        self.cx
            .observe_now(key, || Ok(Deployment::new(read::facts(&self.files)?)))
    }
}

/// The YAML and JSON files below a directory, by their path from there.
///
/// # Errors
/// [`Unavailable`] if the directory cannot be read or holds too much.
pub fn read_tree(dir: &Path) -> Result<BTreeMap<String, String>, Unavailable> {
    let mut files = BTreeMap::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        let unreadable =
            |error| Unavailable::new(format!("{} cannot be read: {error}", folder.display()));
        for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let is_manifest = path
                .extension()
                .is_some_and(|end| end == "yaml" || end == "yml" || end == "json");
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            } else if is_manifest {
                let name = path.strip_prefix(dir).unwrap_or(&path);
                files.insert(name.display().to_string(), bounded(&path)?);
            }
            if files.len() > MAX_FILES || folders.len() > MAX_FILES {
                return Err(Unavailable::new(format!(
                    "{} holds more than {MAX_FILES} files",
                    dir.display()
                )));
            }
        }
    }
    Ok(files)
}

/// One file as text.
///
/// # Errors
/// [`Unavailable`] if it cannot be read, is no text or longer than 4 MiB.
pub fn bounded(path: &Path) -> Result<String, Unavailable> {
    use std::io::Read as _;
    let read = || -> std::io::Result<String> {
        let mut text = String::new();
        let file = std::fs::File::open(path)?;
        file.take(MAX_FILE + 1).read_to_string(&mut text)?;
        if text.len() as u64 > MAX_FILE {
            return Err(std::io::Error::other("it is longer than 4 MiB"));
        }
        Ok(text)
    };
    read().map_err(|error| Unavailable::new(format!("{} cannot be read: {error}", path.display())))
}

/// An alerting rule of a rule file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertingRule {
    /// Its name.
    pub alert: String,
    /// Its expression.
    pub expression: String,
    /// `annotations.runbook_url`.
    pub runbook_url: Option<String>,
}

/// The alerting rules of a rule file of Prometheus, or of a `PrometheusRule` resource.
///
/// # Errors
/// A finding if it is no YAML.
pub fn alerting_rules(text: &str) -> Result<Vec<AlertingRule>> {
    let documents = yaml::documents(text)
        .map_err(|problem| Error::finding(format!("the rule file: {problem}")))?;
    let mut rules = Vec::new();
    for document in &documents {
        let groups = document.pointer("/spec/groups").or(document.get("groups"));
        let groups = groups.and_then(Value::as_array).into_iter().flatten();
        for rule in groups
            .filter_map(|group| group["rules"].as_array())
            .flatten()
        {
            let text = |value: &Value| value.as_str().map(str::to_owned);
            if let Some(alert) = text(&rule["alert"]) {
                rules.push(AlertingRule {
                    alert,
                    expression: text(&rule["expr"]).unwrap_or_default(),
                    runbook_url: text(&rule["annotations"]["runbook_url"]),
                });
            }
        }
    }
    Ok(rules)
}

#[cfg(test)]
mod tests;
