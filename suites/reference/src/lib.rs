//! **A correct small web service that can be told to be wrong**: the embedded target of the
//! readiness suites.
//!
//! It is the Kamiyo product in miniature: exploits with paging and filters, tiers with request
//! limits, keys, health and readiness, security headers and an origin allow-list. A suite that
//! has no deployment to look at runs against it, and the suite's own tests show with it that
//! every check can fail: each requirement has [`Fault`]s, switches that make the service violate
//! that requirement and no other.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), readiness_reference::StartError> {
//! use std::time::Duration;
//! use readiness_reference::{Fault, RefConfig, RefService};
//!
//! let service = RefService::start(RefConfig::new()).await?;
//! println!("look at {}/health", service.base_url());
//!
//! service.set_fault(Fault::Hdr001Missing, true); // now it violates HDR-001
//! service.clock().advance(Duration::from_secs(60)); // the next minute of its limiter
//! service.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! A second product, [`RefConfig::caio`], is built on the same pipeline, clock, limiter and log, with
//! routes, roles and faults of its own.
//!
//! Many services run in one process, each with its own port, clock and faults. Time stands still
//! in a service until its [`Clock`] is advanced, so that limits can be counted exactly.

mod account;
mod api;
mod auth;
mod caio;
mod clock;
mod config;
mod control;
mod data;
mod environment;
mod error;
mod faults;
mod handle;
mod identity;
mod limiter;
mod logs;
mod metrics;
mod requests;
mod service;
pub mod standins;
mod stores;
mod tiers;
mod web;

pub use caio::members::{Member, Role, members};
pub use clock::Clock;
pub use config::{Environment, Product, RefConfig};
pub use data::Exploit;
pub use error::StartError;
pub use faults::{Carrier, Expected, Fault, FaultSet, UnknownFault};
pub use handle::{RefHandle, RefService};
pub use identity::{Account, User, accounts, users};
pub use limiter::Algorithm;
pub use logs::{LogSink, markers};
pub use requests::Counts;
#[cfg(feature = "servers")]
pub use stores::servers;
pub use stores::{
    CacheEntry, Connection, Counter, Database, KeyValue, StoreError, StoreFuture, StoreState,
};
pub use tiers::{Limits, Tier, Window};
pub use web::rate_limit::EXEMPT_PATHS;
