//! The probes of stores against real servers, in good and in bad configurations; and a target that
//! means harm.
//!
//! This executable is both sides. Started by cargo it is the driver: it starts a server, and itself
//! again as a test target that looks at the server ([`checks`]), with `STORE_CHECKS` set to a
//! project's folder; then it reads what that left in the journal.
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

use readiness::__private::Site;

fn main() -> ExitCode {
    if let Ok(folder) = std::env::var(driver::FOLDER) {
        let folder: &str = folder.leak();
        let code = readiness::__private::main(Site {
            manifest_dir: folder,
            package: "store-checks",
            tmp_dir: None,
        });
        driver::leave_peak(folder.as_ref());
        return code;
    }
    let args = libtest_mimic::Arguments::from_args();
    let mut tests = Vec::new();
    servers::tests(&mut tests);
    backups::tests(&mut tests);
    env::tests(&mut tests);
    hostile::tests(&mut tests);
    postgres::tests(&mut tests);
    prometheus::tests(&mut tests);
    redis::tests(&mut tests);
    libtest_mimic::run(&args, tests).exit_code()
}
