//! The public API of the libraries, as reviewed: what is added, changed or gone shows up as a difference of a
//! snapshot in the same commit.
//!
//! The list comes from rustdoc's JSON, whose format belongs to a compiler release: with another release than the
//! one named here the test says that it skips.

use std::fs;
use std::path::Path;
use std::process::Command;

use readiness_tests::toolchain;

/// The compiler whose JSON the `public-api` crate in Cargo.lock reads.
const RELEASE: &str = "1.95.";

/// Rustdoc with its JSON output, which is still unstable. Only rustdoc itself is told so: the variable in cargo's
/// environment would build every dependency a second time.
const RUSTDOC: &str = "#!/bin/sh\nRUSTC_BOOTSTRAP=1 exec rustdoc \"$@\"\n";

#[test]
#[cfg(unix)]
fn the_public_api_is_the_reviewed_one() {
    use std::os::unix::fs::PermissionsExt as _;

    let release = toolchain::release();
    if !release.starts_with(RELEASE) {
        eprintln!("skipped: the list is made with Rust {RELEASE}x, this is {release}");
        return;
    }
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let rustdoc = scratch.join("rustdoc-with-json");
    fs::write(&rustdoc, RUSTDOC).expect("a script");
    fs::set_permissions(&rustdoc, fs::Permissions::from_mode(0o755)).expect("its mode");
    let target = scratch.parent().expect("the target folder");
    for (package, library) in [
        ("readiness-checklist", "readiness_checklist"),
        ("readiness-runtime", "readiness"),
    ] {
        let json = json(package, library, &rustdoc, target);
        let api = public_api::Builder::from_rustdoc_json(json)
            .omit_blanket_impls(true)
            .omit_auto_trait_impls(true)
            .omit_auto_derived_impls(true)
            .build()
            .expect("rustdoc's JSON");
        insta::assert_snapshot!(library, api.to_string());
    }
}

/// Where rustdoc has put the JSON of a library.
fn json(package: &str, library: &str, rustdoc: &Path, target: &Path) -> std::path::PathBuf {
    let mut command = Command::new("cargo");
    readiness_tests::step::isolate(&mut command);
    let output = command
        .args([
            "rustdoc",
            "--quiet",
            "--offline",
            "--lib",
            "--all-features",
            "--package",
            package,
            "--",
        ])
        .args([
            "-Zunstable-options",
            "--output-format",
            "json",
            "--cap-lints",
            "allow",
        ])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .env("CARGO_TARGET_DIR", target)
        .env("RUSTDOC", rustdoc)
        .output()
        .expect("cargo starts");
    assert!(
        output.status.success(),
        "{package}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    target.join(format!("doc/{library}.json"))
}
