//! The probes of stores against real servers, in good and in bad configurations; and a target that
//! means harm.
//!
//! This executable is both sides. Started by cargo it is the driver: it starts a server, and itself
//! again as a test target that looks at the server ([`checks`]); then it reads what that left in the
//! journal.
//!
//! A server that is not installed makes its tests print why and pass; with
//! `READINESS_REQUIRE_TOOLS=1` they fail instead.

#![expect(clippy::unwrap_used, reason = "a test's own failures may panic")]
#![expect(
    clippy::print_stdout,
    reason = "says why a test had nothing to look at"
)]

mod checks;
mod driver;

mod backups;
mod env;
mod hostile;
mod postgres;
mod prometheus;
mod redis;
mod servers;

use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(target) = readiness_driver::target("store-checks") {
        driver::leave_peak(&target.folder);
        return target.code;
    }
    readiness_driver::drive(&[
        servers::tests,
        backups::tests,
        env::tests,
        hostile::tests,
        postgres::tests,
        prometheus::tests,
        redis::tests,
    ])
}
