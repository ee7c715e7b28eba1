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

#[cfg(feature = "http")]
pub mod cors;
#[cfg(feature = "http")]
pub mod data;
#[cfg(feature = "http")]
pub mod errors;
#[cfg(feature = "http")]
pub mod headers;
#[cfg(feature = "http")]
pub mod health;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "http")]
pub mod rate_limit;

#[cfg(all(feature = "servers", unix))]
pub mod servers;

mod verdicts;

pub use verdicts::{about, worst};
