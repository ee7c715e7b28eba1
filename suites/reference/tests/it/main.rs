//! The service over real HTTP: what it does when it is sound, and that each fault alters what
//! it says it alters.

#![expect(clippy::unwrap_used, reason = "helpers of tests may stop the test")]

mod caching;
mod caio;
mod catalogue;
mod client;
mod control;
mod cors;
mod documents;
mod exploits;
mod headers;
mod health;
mod identity;
mod instances;
mod limits;
mod logs;
mod matrix;
mod objects;
mod outages;
mod program;
mod tokens;
