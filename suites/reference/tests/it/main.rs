//! The service over real HTTP: what it does when it is sound, and that each fault alters what
//! it says it alters.

mod client;
mod cors;
mod exploits;
mod headers;
mod health;
mod identity;
mod instances;
mod limits;
mod program;
