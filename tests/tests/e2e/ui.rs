//! Every misuse of `#[requirement]` and the compiler's exact answer to it.
//!
//! One `.stderr` stands beside each file under `ui/`. The compiler's wording changes between
//! releases, so the comparison is made with one release and skipped, visibly, with any other.
//! `TRYBUILD=overwrite` rewrites the expectations.

use std::process::Command;

use readiness_tests::toolchain;

/// The release that the `.stderr` files were written with.
const RELEASE: &str = "1.95.";

/// The attribute finds its checklist through the environment, which belongs to the process: so each
/// group of files is compiled by a child of its own.
fn compile(group: &str, checklist: &str) {
    let release = toolchain::release();
    if !release.starts_with(RELEASE) {
        eprintln!(
            "skipped: the expected messages are those of rustc {RELEASE}x, this is {release}"
        );
        return;
    }
    let checklist = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(checklist);
    let this = std::env::current_exe().expect("the test binary knows its path");
    let status = Command::new(this)
        .args([
            &format!("ui::group_{group}"),
            "--exact",
            "--ignored",
            "--nocapture",
        ])
        .env("READINESS_CHECKLIST", checklist)
        .env_remove("READINESS_CONFIG")
        .status()
        .expect("the test binary starts");
    assert!(status.success(), "the group `{group}` differs, see above");
}

#[test]
fn misuses_are_refused_where_they_stand() {
    compile("misuse", "ui/CHECKLIST.md");
}

#[test]
fn a_missing_document_is_one_error() {
    compile("document", "ui/no-such-document.md");
}

#[test]
#[ignore = "started by misuses_are_refused_where_they_stand"]
fn group_misuse() {
    trybuild::TestCases::new().compile_fail("ui/misuse/*.rs");
}

#[test]
#[ignore = "started by a_missing_document_is_one_error"]
fn group_document() {
    trybuild::TestCases::new().compile_fail("ui/document/*.rs");
}
