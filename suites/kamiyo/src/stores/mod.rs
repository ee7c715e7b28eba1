//! The stores of the target: those that the configuration names, or real ones of the embedded
//! target, started by the first check that needs them and gone with the run.
//!
//! | resource | what it is |
//! |---|---|
//! | [`DatabaseServer`] | PostgreSQL, with a standby for whoever asks for one |
//! | [`CacheServer`] | Redis |
//!
//! The embedded ones are set up as a careful operator would. A fault of `target.faults` that is
//! theirs (`DB-003/missing`) makes one thing of that wrong. Without the installed binaries they are
//! unavailable, and the reason names the package.

mod cache;
mod database;
mod kept;

pub use cache::CacheServer;
pub use database::DatabaseServer;

use readiness::{Context, Result, Unavailable};
use readiness_probes::backups::{Backups, Store};
use readiness_probes::target::Kind;
use readiness_reference::Fault;

use crate::config::TargetConfig;
use kept::Kept;

/// Whether the embedded target brings its own stores: unless somebody configured others.
fn brings_its_own(config: &TargetConfig, configured: Option<&String>) -> Result<bool, Unavailable> {
    Ok(config.basics.kind()? == Kind::Embedded && configured.is_none())
}

/// The first of the faults that the store shows, as `profile` knows them.
fn faulty<P>(faults: &[String], profile: impl Fn(&str) -> Option<P>) -> Option<P> {
    faults.iter().find_map(|name| profile(name))
}

/// The faults among `faults` that are backups'.
fn backup_fault(faults: &[String], requirement: &str) -> Option<&'static str> {
    let parsed = faults.iter().filter_map(|name| Fault::parse(name).ok());
    parsed
        .filter(|fault| fault.requirement() == requirement)
        .map(Fault::variant)
        .next()
}

/// Backups that lie in a directory of the embedded target's own, or where the configuration says.
fn backups(cx: &Context, store: Store, own: Option<&Kept>) -> Result<Backups> {
    Ok(match own {
        Some(kept) => Backups::at(cx, store, kept.target()),
        None => Backups::of(cx, store)?,
    })
}
