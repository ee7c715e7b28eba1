//! A test target in which nothing is registered: it must not be green.

use std::process::{Command, ExitCode};

mod target {
    readiness::main!();

    /// The generated `main` is private to its module.
    pub fn run() -> std::process::ExitCode {
        main()
    }
}

/// Makes this process the empty target.
const EMPTY: &str = "READINESS_EMPTY_TARGET";

fn main() -> ExitCode {
    if std::env::var_os(EMPTY).is_some() {
        return target::run();
    }
    let args = libtest_mimic::Arguments::from_args();
    let test = libtest_mimic::Trial::test("an_empty_target_is_refused", || {
        refused();
        Ok(())
    });
    libtest_mimic::run(&args, vec![test]).exit_code()
}

#[expect(
    clippy::unwrap_used,
    reason = "this is a test; a panic is how it fails"
)]
fn refused() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("readiness.toml");
    std::fs::write(&config, "checklist = \"CHECKLIST.md\"\n").unwrap();
    let rows = "| ID | Requirement | Status |\n|--|--|--|\n| A-1 | It starts | |\n";
    std::fs::write(folder.path().join("CHECKLIST.md"), rows).unwrap();
    for args in [&[][..], &["--list"], &["A-1"]] {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(args)
            .env(EMPTY, "1")
            .env("READINESS_CONFIG", &config)
            .env("READINESS_DIR", folder.path().join("runs"))
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains("error[nothing-registered]"), "{said}");
        assert!(said.contains("use my_checks as _;"), "{said}");
        assert!(output.stdout.is_empty());
    }
}
