//! The harness as a process: exit codes, output and journals of a real test target.
//!
//! This executable is both sides. Started by cargo it is the driver: it starts itself again, with
//! `FIXTURE` set to a project's folder, and looks at what comes out. Started that way it is a test
//! target whose checks ([`fixture`]) pass, fail, hang, crash and print as their names say.

#![expect(
    clippy::unwrap_used,
    reason = "these are tests; a panic is how one fails"
)]

mod driver;
mod fixture;

mod crashes;
mod outcomes;
mod refusals;
mod runs;

use std::process::ExitCode;

use readiness::__private::Site;

/// Names the folder of a fixture's project, and makes this process the fixture.
const FIXTURE: &str = "FIXTURE";

fn main() -> ExitCode {
    if let Ok(folder) = std::env::var(FIXTURE) {
        return readiness::__private::main(Site {
            manifest_dir: folder.leak(),
            package: "fixture",
            tmp_dir: None,
        });
    }
    let args = libtest_mimic::Arguments::from_args();
    let mut tests = Vec::new();
    outcomes::tests(&mut tests);
    crashes::tests(&mut tests);
    runs::tests(&mut tests);
    refusals::tests(&mut tests);
    libtest_mimic::run(&args, tests).exit_code()
}
