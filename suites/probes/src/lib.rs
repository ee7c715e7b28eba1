//! **Reusable checks for production readiness.** A *probe* looks at a target through the context
//! and returns what it saw; a *judgement* is a pure function over that. Both halves are used by the
//! suites of this repository and meant to be used by yours:
//!
//! ```ignore
//! #[requirement("HDR-001")]
//! async fn sniffing_is_off(api: Client) -> Result<Verdict> {
//!     Ok(headers::content_type_options(&api.get("/").await?))
//! }
//! ```
//!
//! Everything a probe learns is an observation, so a check built from probes is proven able to fail
//! without a line of its own.

#![cfg_attr(
    not(all(
        feature = "backups",
        feature = "postgres",
        feature = "prometheus",
        feature = "redis"
    )),
    allow(
        dead_code,
        reason = "helpers that the probes of one store need and others do not"
    )
)]

#[cfg(feature = "http")]
pub mod auth;
#[cfg(feature = "http")]
pub mod cors;
#[cfg(feature = "http")]
pub mod data;
#[cfg(feature = "http")]
pub mod errors;
#[cfg(feature = "http")]
pub mod filters;
#[cfg(feature = "http")]
pub mod headers;
#[cfg(feature = "http")]
pub mod health;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "http")]
pub mod logs;
#[cfg(all(feature = "http", feature = "prometheus"))]
pub mod observability;
#[cfg(feature = "http")]
pub mod openapi;
#[cfg(feature = "http")]
pub mod paging;
#[cfg(feature = "http")]
pub mod quota;
#[cfg(feature = "http")]
pub mod rate_limit;

#[cfg(feature = "backups")]
pub mod backups;
#[cfg(feature = "documents")]
pub mod documents;
#[cfg(feature = "env")]
pub mod env;
#[cfg(feature = "handshake")]
pub mod handshake;
#[cfg(feature = "load")]
pub mod load;
#[cfg(feature = "manifests")]
pub mod manifests;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "prometheus")]
pub mod prometheus;
#[cfg(feature = "redis")]
pub mod redis;
#[cfg(all(feature = "servers", unix))]
pub mod servers;
#[cfg(all(feature = "http", feature = "env"))]
pub mod target;

pub mod seen;
pub mod store_url;

mod verdicts;

pub use verdicts::{about, worst};

/// The value of the environment variable that `[target]` names under `key`.
#[cfg(any(feature = "postgres", feature = "redis"))]
fn named_variable(variable: Option<&str>, key: &str) -> Result<String, readiness::Unavailable> {
    let Some(variable) = variable else {
        return Err(readiness::Unavailable::new(format!(
            "set `{key}` under [target] in readiness.toml to the name of a variable with the URL"
        )));
    };
    match std::env::var(variable) {
        Ok(value) if !value.is_empty() => Ok(value),
        _ => Err(readiness::Unavailable::new(format!(
            "the environment variable {} is not set (named by `target.{key}`)",
            variable.escape_debug()
        ))),
    }
}
