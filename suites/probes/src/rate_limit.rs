//! Request limits: exactly as many as promised, refused politely, and restored.
//!
//! A [`Burst`] is one observation: `n` requests that must be allowed, a few more that must not, a
//! forged one, and one after the wait that was asked for. It is made once and judged by many rows.
//! [`burst`] makes it; the rest of the module are pure functions over it.

mod burst;
mod judge;
mod long;
mod mutants;
mod send;

pub(crate) use judge::http_date;

#[cfg(test)]
mod tests;

pub use burst::{Burst, Window};
pub use judge::{Algorithm, exactly, headers, recovers, refusals_are_429, retry_after, tier_info};
pub use judge::{forged_address_changes_nothing, upgrade_url};
pub use long::{LongPlan, align, ended_after, exactly_left, use_up};
pub use send::{BurstPlan, Patience, burst};
