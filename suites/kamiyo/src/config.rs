//! The keys of `[target]` that this suite reads, typed.
//!
//! Figures that a verdict depends on are read as settings, where the check needs them, so that they
//! are observations; here are only the keys that say where to look and what may be done.

use std::collections::BTreeMap;
use std::path::PathBuf;

use readiness_probes::backups::BackupTarget;
use readiness_probes::config_keys;
use readiness_probes::env::EnvTarget;
use readiness_probes::postgres::PostgresTarget;
use readiness_probes::prometheus::PrometheusTarget;
use readiness_probes::redis::RedisTarget;
use readiness_probes::target::Basics;
use serde::Deserialize;

use crate::commands::Commands;

/// `[target]`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct TargetConfig {
    /// What is looked at, who asks, and what may be done.
    #[serde(flatten)]
    pub basics: Basics,
    /// Another instance of the same deployment.
    pub second_url: Option<String>,
    /// What is promised to each tier, for planning; a verdict reads the setting.
    #[serde(default)]
    pub limits: BTreeMap<String, TierLimits>,
    /// The deployment's environment.
    #[serde(default)]
    pub env: EnvTarget,
    /// Where the documentation is.
    #[serde(default)]
    pub docs: DocsConfig,
    /// Where the service logs to.
    #[serde(default)]
    pub log: LogConfig,
    /// How errors are provoked.
    #[serde(default)]
    pub errors: ErrorsConfig,
    /// How users log in and out.
    #[serde(default)]
    pub auth: AuthConfig,
    /// What may be done to the deployment.
    #[serde(default)]
    pub commands: Commands,
    /// What it is made from.
    #[serde(default)]
    pub deploy: DeployConfig,
    /// Where its limiter counts.
    #[serde(default)]
    pub rate_limit: RateLimitConfig,
    /// How the list is sampled.
    #[serde(default)]
    pub data: DataConfig,
    /// The database.
    #[serde(default)]
    pub postgres: PostgresTarget,
    /// The cache.
    #[serde(default)]
    pub redis: RedisTarget,
    /// Where the backups of `postgres` and `redis` are.
    #[serde(default)]
    pub backup: BTreeMap<String, BackupTarget>,
    /// Who scrapes the service.
    #[serde(default)]
    pub prometheus: PrometheusTarget,
    /// Where it is shown.
    #[serde(default)]
    pub grafana: GrafanaConfig,
    /// How much load is sent.
    #[serde(default)]
    pub load: LoadConfig,
    /// Defects that the embedded service shows, such as `HDR-001/missing`.
    #[serde(default)]
    pub faults: Vec<String>,
}

/// `[target.load]`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct LoadConfig {
    /// Whether load is sent, and for how long.
    #[serde(default)]
    pub mode: LoadMode,
    /// The part of its time that a shortened test takes, from 0.001 to 1; 0.015 unless configured.
    pub duration_scale: Option<f64>,
    /// Milliseconds after which a request counts as not answered; 10,000 unless configured.
    pub timeout_ms: Option<u64>,
    /// Identities of `[target.identities]` that users take turns with.
    #[serde(default)]
    pub identities: Vec<String>,
    /// What `k6 run --out json=FILE` wrote; it is judged instead of a load of our own.
    pub k6_points: Option<PathBuf>,
}

/// How much load is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LoadMode {
    /// The whole profile in a part of its time: a warning at best.
    #[default]
    Short,
    /// The whole profile: ten minutes.
    Full,
    /// None: for a deployment that is tested with another tool, whose summary is imported.
    Off,
}

/// `[target.data]`, as far as it says how to look. What decides a verdict is read as a setting.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct DataConfig {
    /// Pages of 100 rows that are sampled.
    pub max_pages: Option<u32>,
}

/// One entry of `[target.limits]`: requests a window.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct TierLimits {
    /// Requests a minute.
    pub minute: Option<u32>,
    /// Requests an hour.
    pub hour: Option<u32>,
    /// Requests a day.
    pub day: Option<u32>,
}

/// `[target.docs]`, as far as it says where to look.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct DocsConfig {
    /// The page for people; `/docs` unless configured.
    pub docs_url: Option<String>,
    /// The document for programs; `/openapi.json` unless configured.
    pub openapi_url: Option<String>,
}

/// `[target.log]`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct LogConfig {
    /// `file:PATH` or `command:COMMAND`.
    pub source: Option<String>,
    /// Seconds until a record is there; 15 unless configured.
    pub lag_s: Option<u64>,
    /// Where logs are collected: `loki:URL` or `elasticsearch:URL/INDEX`.
    pub aggregator: Option<String>,
    /// What the records of this deployment are labelled with there. The values decide a verdict and
    /// are read as settings.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
}

/// `[target.deploy]`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct DeployConfig {
    /// A file with what `terraform show -json` prints.
    pub terraform_plan: Option<PathBuf>,
}

/// `[target.grafana]`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct GrafanaConfig {
    /// Scheme, host and port.
    pub url: Option<String>,
    /// Variable with a service account's token.
    pub token_env: Option<String>,
    /// A word that the service's dashboards are named or tagged with; `kamiyo` unless configured.
    pub search: Option<String>,
}

/// `[target.errors]`, as far as it says how to look.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ErrorsConfig {
    /// A path of a staging build that runs into an internal error.
    pub trigger_path: Option<String>,
}

/// `[target.rate_limit]`, as far as it says where to look. What decides a verdict is read as a setting.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct RateLimitConfig {
    /// The key in Redis that counts the requests of an identity in a window. `{caller}` is what the
    /// limiter calls the identity, `{window}` minute, hour or day, `{number}` the number of the window
    /// since 1970, `{start}` the second in which it began.
    pub redis_key_template: Option<String>,
    /// What the limiter calls identities, where it is not their name here.
    #[serde(default)]
    pub callers: BTreeMap<String, String>,
}

/// `[target.auth]`, as far as it says where to go. What decides a verdict is read as a setting.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct AuthConfig {
    /// Takes a user name and a password; `/api/v1/auth/token` unless configured.
    pub login_path: Option<String>,
    /// Revokes the token that it is sent; `/api/v1/auth/logout` unless configured.
    pub logout_path: Option<String>,
    /// Trades a refresh token for a new pair; `/api/v1/auth/refresh` unless configured.
    pub refresh_path: Option<String>,
    /// Opens to any access token; `/api/v1/account` unless configured.
    pub account_path: Option<String>,
    /// Variable with a genuine access token that has expired.
    pub expired_token_env: Option<String>,
}

config_keys! {
    "target": "kind" "name" "base_url" "second_url" "environment" "timeout_ms" "allow_writes"
        "allow_disruption" "faults" "ca_file";
    "target.postgres": "url_env" "admin_url_env" "replica_url_env" "app_role" "allow_active_sql";
    "target.redis": "url_env" "cache_prefix" "revocation_prefix";
    "target.backup.*": "listing" "max_age_h" "min_ratio" "data_dir";
    "target.prometheus": "url" "job" "cpu" "memory" "requests";
    "target.alertmanager": "url";
    "target.deploy": "terraform_plan";
    "target.grafana": "url" "token_env" "search";
    "target.identities.*": "tier" "api_key_env" "login";
    "target.identities.*.login": "username_env" "password_env";
    "target.limits.*": "minute" "hour" "day" "webhooks" "watchlists";
    "target.rate_limit": "algorithm" "redis_key_template" "callers";
    "target.rate_limit.callers": "*";
    "target.cors": "allowed" "denied_probe";
    "target.log": "source" "lag_s" "aggregator" "labels";
    "target.log.labels": "*";
    "target.docs": "docs_url" "openapi_url" "pricing_url" "deployment_guide";
    "target.env": "source" "aliases";
    "target.env.aliases": "*";
    "target.load": "mode" "duration_scale" "timeout_ms" "identities" "k6_points";
    "target.auth": "login_path" "logout_path" "refresh_path" "account_path" "expired_token_env" "failures_min"
        "failures_max" "timing_rounds" "try_key_in_address";
    "target.commands": "restart" "stop_database" "start_database" "pause_database" "resume_database"
        "stop_redis" "start_redis" "pause_redis" "resume_redis";
    "target.errors": "trigger_path" "validation_status";
    "target.filters": "date_from" "date_to";
    "target.features.custom_integrations": "path" "pointer";
    "target.data": "min_rows" "max_pages" "clock_skew_s";
}
