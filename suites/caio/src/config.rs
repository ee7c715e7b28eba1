//! The keys of `[target]` that this suite reads, typed.
//!
//! Figures that a verdict depends on are read as settings, where the check needs them, so that they
//! are observations; here are only the keys that say where to look and what may be done.

use std::collections::BTreeMap;
use std::path::PathBuf;

use readiness_probes::config_keys;
use readiness_probes::env::EnvTarget;
use readiness_probes::prometheus::PrometheusTarget;
use readiness_probes::target::Basics;
use serde::Deserialize;

/// `[target]`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct TargetConfig {
    /// What is looked at, who asks, and what may be done.
    #[serde(flatten)]
    pub basics: Basics,
    /// Authorities that vouch for the target's certificate; the platform's unless configured.
    pub ca_file: Option<PathBuf>,
    /// What is promised, for planning; a verdict reads the setting.
    #[serde(default)]
    pub limits: BTreeMap<String, Limit>,
    /// Which routes are limited.
    #[serde(default)]
    pub rate_limit: RateLimitConfig,
    /// What only administrators may do.
    #[serde(default)]
    pub access: AccessConfig,
    /// The deployment's environment.
    #[serde(default)]
    pub env: EnvTarget,
    /// Where documents are, by the key's name.
    #[serde(default)]
    pub docs: DocsConfig,
    /// Where manifests are, by the key's name.
    #[serde(default)]
    pub deploy: DeployConfig,
    /// Where the service logs to.
    #[serde(default)]
    pub log: LogConfig,
    /// The Prometheus that scrapes the service.
    #[serde(default)]
    pub prometheus: PrometheusTarget,
    /// Defects that the embedded target shows, such as `CAIO-SEC-001/all-open`.
    #[serde(default)]
    pub faults: Vec<String>,
}

/// One entry of `[target.limits]`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Limit {
    /// Requests a minute.
    pub minute: Option<u32>,
}

/// `[target.rate_limit]`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct RateLimitConfig {
    /// One path of each group of routes.
    #[serde(default)]
    pub paths: Vec<String>,
}

/// `[target.access]`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct AccessConfig {
    /// Operations as `METHOD /path`.
    #[serde(default)]
    pub admin_only: Vec<String>,
}

/// `[target.docs]`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct DocsConfig {
    /// The `OpenAPI` document; `/openapi.json` unless configured.
    pub openapi_url: Option<String>,
    /// The plan for backups.
    pub backup_plan: Option<String>,
    /// The plan for disasters.
    pub recovery_plan: Option<String>,
    /// How the service is scaled.
    pub scaling: Option<String>,
    /// The reference of environment variables.
    pub env_reference: Option<String>,
    /// A folder.
    pub runbooks: Option<String>,
    /// Documents and folders that may lead to runbooks.
    pub referring: Option<Vec<String>>,
}

/// `[target.deploy]`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct DeployConfig {
    /// A folder of manifests: production's.
    pub manifests: Option<String>,
    /// The same of another environment.
    pub staging: Option<String>,
    /// A folder of alerting rules.
    pub rules: Option<String>,
    /// A control group's folder.
    pub cgroup: Option<String>,
}

/// `[target.log]`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct LogConfig {
    /// `file:PATH` or `command:COMMAND`.
    pub source: Option<String>,
    /// Seconds until a record is there; 15 unless configured.
    pub lag_s: Option<u64>,
}

config_keys! {
    "target": "kind" "name" "base_url" "environment" "timeout_ms" "allow_writes"
        "allow_disruption" "faults" "ca_file";
    "target.identities.*": "tier" "api_key_env";
    "target.access": "admin_only";
    "target.limits.*": "minute";
    "target.rate_limit": "paths";
    "target.cors": "allowed" "denied_probe";
    "target.registry": "min" "max";
    "target.slo": "p95_s" "p99_s";
    "target.log": "source" "lag_s";
    "target.env": "source" "aliases";
    "target.env.aliases": "*";
    "target.docs": "openapi_url" "backup_plan" "recovery_plan" "scaling" "env_reference"
        "runbooks" "referring";
    "target.deploy": "manifests" "staging" "rules" "cgroup";
    "target.prometheus": "url" "job";
}
