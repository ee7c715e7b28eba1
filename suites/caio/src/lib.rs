//! **The CAIO deployment-hardening checklist, executable.** `CHECKLIST.md` beside this crate has the
//! 24 boxes, `readiness.toml` says what is looked at; the modules here hold the checks.
//!
//! | module | items |
//! |---|---|
//! | [`access`], [`tls`] | CAIO-SEC-001, CAIO-SEC-002 |
//! | [`manifests`] | CAIO-SEC-003, CAIO-SEC-004, CAIO-PERF-001, CAIO-PERF-002 |
//! | [`origins`], [`limits`], [`audit`] | CAIO-SEC-005, CAIO-SEC-006, CAIO-SEC-007 |
//! | [`health`], [`logging`] | CAIO-REL-001, CAIO-REL-002 |
//! | [`metrics`], [`alerts`] | CAIO-REL-003, CAIO-PERF-005, CAIO-REL-004 |
//! | [`papers`] | CAIO-REL-005, CAIO-REL-006, CAIO-OPS-005, CAIO-OPS-006 |
//! | [`capacity`] | CAIO-PERF-003, CAIO-PERF-004 |
//! | [`environment`] | CAIO-OPS-001, CAIO-OPS-002 |
//!
//! CAIO-OPS-003 and CAIO-OPS-004 have no check: only people know whether a rollback was rehearsed and
//! who is on call. They stay not verified until somebody says so with a date.
//!
//! Who asks, and where, is the [`target`]'s business; every verdict is a pure judgement over what was
//! seen.

pub mod access;
pub mod alerts;
pub mod audit;
pub mod capacity;
pub mod config;
pub mod environment;
pub mod health;
pub mod limits;
pub mod logging;
pub mod manifests;
pub mod metrics;
pub mod monitoring;
pub mod origins;
pub mod papers;
pub mod target;
pub mod tls;

mod embedded;
mod files;
mod fixture;
mod front;
mod own;
