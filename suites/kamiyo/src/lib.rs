//! **The Kamiyo production-readiness checklist, executable.** `CHECKLIST.md` beside this crate has
//! the 121 requirements, `readiness.toml` says what is looked at; the modules here hold the checks,
//! one module a section of the document.
//!
//! | module | rows |
//! |---|---|
//! | [`keys`], [`tokens`] | SEC |
//! | [`redaction`] | PCI |
//! | [`security_headers`] | HDR |
//! | [`origins`] | COR |
//! | [`performance`] | PERF |
//! | [`free_tier`], [`paid_tiers`] | RT |
//! | [`limit_replies`] | RL |
//! | [`bounds`], [`database`] | DB |
//! | [`caching`] | CACHE |
//! | [`outages`] | HLTH-003 |
//! | [`rows`], [`filtering`] | DATA, FILT |
//! | [`health_checks`] | HLTH |
//! | [`logging`] | LOG, ERR-006 |
//! | [`error_replies`] | ERR |
//! | [`environment`] | ENV |
//! | [`deployment`] | DPLY |
//! | [`monitoring`] | MON |
//! | [`documentation`] | DOC |
//!
//! What several rows look at is looked at once ([`shared`]): a page, a burst, a health reply. Who
//! asks, and where, is the [`target`]'s business. Every verdict is a pure judgement of
//! `readiness_probes` over what was seen.

pub mod bounds;
pub mod caching;
pub mod commands;
pub mod config;
pub mod database;
pub mod deployment;
pub mod documentation;
pub mod environment;
pub mod error_replies;
pub mod filtering;
pub mod free_tier;
pub mod health_checks;
pub mod keys;
pub mod limit_replies;
pub mod logging;
pub mod monitoring;
pub mod monitors;
pub mod origins;
pub mod outages;
pub mod paid_tiers;
pub mod performance;
pub mod redaction;
pub mod rows;
pub mod security_headers;
pub mod shared;
pub mod stores;
pub mod target;
pub mod tokens;

mod counters;
mod embedded;
mod guide;
mod k6;
mod plan;
mod provoked;
mod stage;
