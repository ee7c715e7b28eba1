//! A load test that is an observation like any other: ramping users against weighted endpoints, and
//! judgements over what came back.
//!
//! ```ignore
//! #[requirement("PERF-001", phase = "load", timeout = "15m")]
//! async fn it_is_fast_enough(cx: Context) -> Result<Verdict> {
//!     let plan = Plan::new([Endpoint::get("list", "/items", 1)]).hold(50, Duration::from_secs(120));
//!     let run = LoadRun::observe(&cx, "list", async || load::run("https://staging.example", &plan).await).await?;
//!     judge::percentile_below(&run, Some("list"), 500)
//! }
//! ```
//!
//! **Coordinated omission.** Each user's requests are planned ahead, one think time after the other,
//! whatever the service does. Two times are kept of each: *service time*, from the actual send to
//! the last byte, and *response time*, from the planned send. A service that stalls makes users
//! late; what they could not send by the end of their time counts with the time it was waiting.
//!
//! **What is bounded.** Histograms of fixed size (three digits, up to two minutes) whatever the
//! number of requests; one connection a user; bodies are cut; every exchange has a deadline.
//!
//! **What is not hidden.** A generator that was late itself, or had no CPU left, says so; a run that
//! is shorter than its plan is never a pass.

pub(crate) mod connect;
pub mod judge;
pub mod k6;
mod machine;
mod plan;
mod progress;
mod record;
mod run;
mod seen;
mod stats;
pub(crate) mod user;

pub use plan::{Content, Credential, Endpoint, Plan, Stage};
pub use run::run;
pub use seen::{Counts, LoadRun, Stats};
pub use stats::{Interval, quantile_interval, wilson};

#[cfg(test)]
mod tests;
