//! The three ways to run the same checks.

use crate::{Project, Ran, toolchain};

/// A way to run the checks of a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runner {
    /// `cargo test`: one process, trials on threads.
    CargoTest,
    /// `cargo nextest run`: a process for each trial.
    Nextest,
    /// `cargo readiness run`: `cargo test` with the document and the gate after it.
    Command,
}

impl Runner {
    /// Those that can run here; without nextest, that is said.
    #[expect(clippy::print_stderr, reason = "a test says what it skips")]
    pub fn available() -> Vec<Runner> {
        let mut all = vec![Runner::CargoTest, Runner::Command];
        if toolchain::nextest() {
            all.push(Runner::Nextest);
        } else {
            eprintln!("skipped: nextest is not installed");
        }
        all
    }

    /// Exit code of a run in which a check failed and the document's gate is not met.
    pub fn code_of_a_failure(self) -> i32 {
        match self {
            // libtest's, which cargo passes on.
            Runner::CargoTest => 101,
            // NextestExitCode::TEST_RUN_FAILED.
            Runner::Nextest => 100,
            Runner::Command => 1,
        }
    }

    /// Runs everything, one trial after the other where the output is to be compared.
    pub fn run(self, project: &Project) -> Ran {
        match self {
            Runner::CargoTest => project.cargo_test(&["--test-threads=1"]).run(),
            Runner::Nextest => project.nextest(&["--test-threads=1"]).run(),
            Runner::Command => project
                .readiness(&["run", "--offline", "--", "--test-threads=1"])
                .run(),
        }
    }
}
