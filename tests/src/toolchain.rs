//! The tools that the tests run, and whether they are there.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Release of the compiler in use, e.g. `1.95.0`; empty if it cannot be asked.
pub fn release() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let Ok(output) = Command::new(rustc).arg("--version").output() else {
        return String::new();
    };
    let version = String::from_utf8_lossy(&output.stdout);
    version.split(' ').nth(1).unwrap_or_default().to_owned()
}

/// Whether nextest is installed. Where it is not, the caller skips and says so; with
/// `READINESS_REQUIRE_TOOLS=1` that is a failure, so that CI cannot lose the tests unnoticed.
///
/// # Panics
/// If nextest is required and missing.
pub fn nextest() -> bool {
    required(
        "cargo-nextest",
        Command::new("cargo").args(["nextest", "--version"]),
    )
}

/// Whether valgrind is installed; as [`nextest`] where it is not.
///
/// # Panics
/// If valgrind is required and missing.
pub fn valgrind() -> bool {
    required("valgrind", Command::new("valgrind").arg("--version"))
}

fn required(tool: &str, version: &mut Command) -> bool {
    let found = version.output().is_ok_and(|output| output.status.success());
    let required = std::env::var_os("READINESS_REQUIRE_TOOLS").is_some_and(|value| value == "1");
    assert!(found || !required, "{tool} is required and not installed");
    found
}

/// The `cargo-readiness` of this workspace, built into `target` if it is not there or out of date.
///
/// # Panics
/// If it does not build.
pub fn cargo_readiness(target: &Path) -> PathBuf {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| {
        let mut build = Command::new("cargo");
        crate::step::isolate(&mut build);
        let status = build
            .args([
                "build",
                "--quiet",
                "--offline",
                "--package",
                "cargo-readiness",
            ])
            .current_dir(crate::project::workspace())
            .env("CARGO_TARGET_DIR", target)
            .status()
            .expect("cargo starts");
        assert!(status.success(), "cargo-readiness does not build");
    });
    target
        .join("debug")
        .join(format!("cargo-readiness{}", std::env::consts::EXE_SUFFIX))
}
