//! The keys of `[target]` that this suite reads, typed.
//!
//! Figures that a verdict depends on are read as settings, where the check needs them, so that they
//! are observations; here are only the keys that say where to look and what may be done.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use readiness::Unavailable;
use readiness_probes::env::EnvTarget;
use readiness_probes::http::{HttpTarget, IdentityConfig};
use readiness_probes::prometheus::PrometheusTarget;
use serde::Deserialize;

/// `[target]`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct TargetConfig {
    /// What is looked at; no default.
    pub kind: Option<Kind>,
    /// Where the product answers. Wins over `kind = "embedded"`.
    pub base_url: Option<String>,
    /// Milliseconds for one exchange.
    pub timeout_ms: Option<u64>,
    /// Authorities that vouch for the target's certificate; the platform's unless configured.
    pub ca_file: Option<PathBuf>,
    /// Whether own objects may be made and removed.
    #[serde(default)]
    pub allow_writes: bool,
    /// Whether limits may be used up and load be sent.
    #[serde(default)]
    pub allow_disruption: bool,
    /// Who may ask.
    #[serde(default)]
    pub identities: BTreeMap<String, IdentityConfig>,
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

/// The two kinds of target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The reference service: a demonstration, never a go.
    Embedded,
    /// A deployment.
    Remote,
}

impl TargetConfig {
    /// The kind, or what to set.
    ///
    /// # Errors
    /// [`Unavailable`] if neither a kind nor an address is configured.
    pub fn kind(&self) -> Result<Kind, Unavailable> {
        self.kind.ok_or_else(|| {
            Unavailable::new(
                "no target: set `kind` under [target] in readiness.toml to \"remote\" (with \
                 `base_url`) or \"embedded\"",
            )
        })
    }

    /// Whether the reference service of this process is looked at.
    pub fn is_embedded(&self) -> bool {
        self.kind == Some(Kind::Embedded) && self.address().is_none()
    }

    /// An address that was handed over, if any.
    pub fn address(&self) -> Option<&str> {
        self.base_url.as_deref().filter(|url| !url.is_empty())
    }

    /// The part that the HTTP client knows.
    pub fn http(&self) -> HttpTarget {
        HttpTarget {
            base_url: self.base_url.clone(),
            timeout_ms: self.timeout_ms,
            identities: self.identities.clone(),
        }
    }

    /// The deadline of one exchange.
    pub fn timeout(&self) -> Duration {
        self.http().timeout()
    }
}

/// The keys of `[target]`, so that a mistyped one is named instead of ignored.
macro_rules! keys {
    ($($table:literal: $($key:literal)*;)*) => {$(
        inventory::submit! {
            readiness::config::ConfigSchema { table: $table, keys: &[$($key),*] }
        }
    )*};
}

keys! {
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
