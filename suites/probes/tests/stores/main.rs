//! The probes of stores against real servers, in good and in bad configurations.
//!
//! A server that is not installed makes its tests print why and pass; with
//! `READINESS_REQUIRE_TOOLS=1` they fail instead.

mod servers;
mod tools;
