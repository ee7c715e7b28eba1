//! HTTP: a client per identity, and the reply as an observation.
//!
//! In: a base URL and named identities from `[target]`. Out: [`HttpReply`]s, each recorded under
//! `METHOD /path as identity`. The body is bounded, an exchange has one deadline from connecting to
//! the last byte, redirects are shown and not followed, and a key never becomes evidence.

mod body;
mod client;
mod config;
mod mutants;
mod reply;
mod transport;

#[cfg(test)]
mod tests;

pub use client::{ANONYMOUS, Client, Identity, Request};
pub use config::{HttpTarget, IdentityConfig, LoginConfig};
pub use readiness::observation::json::Json;
pub(crate) use reply::Scope;
pub use reply::{HttpReply, shown};
pub use transport::{Bounds, Transport};
