//! The harness as a process: exit codes, output and journals of a real test target.
//!
//! The driver's tests are in `crashes`, `outcomes`, `refusals` and `runs`. As a test target this
//! executable has the checks of `fixture`, which pass, fail, hang, crash and print as their names say.

#![expect(
    clippy::unwrap_used,
    reason = "these are tests; a panic is how one fails"
)]

mod fixture;

mod crashes;
mod outcomes;
mod refusals;
mod runs;

use std::process::ExitCode;

use readiness_driver::Project;

/// A project whose target has the one setting that the fixture reads.
fn new_project() -> Project {
    Project::aimed_at("limit = 5\n")
}

fn main() -> ExitCode {
    if let Some(target) = readiness_driver::target("fixture") {
        return target.code;
    }
    readiness_driver::drive(&[
        outcomes::tests,
        crashes::tests,
        runs::tests,
        refusals::tests,
    ])
}
