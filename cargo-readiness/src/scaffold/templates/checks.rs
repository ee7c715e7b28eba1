//! The checks behind the checklist. `cargo readiness run` runs them, proves each pass able to fail, and
//! writes the document again; `cargo test --test readiness DLV` runs some of them.

use std::path::Path;

use readiness::observation::log_lines::LogLines;
use readiness::{Context, Error, Result, ensure, requirement};

readiness::main!();

/// Every dependency from a registry is pinned by a checksum in `Cargo.lock`.
#[requirement("DLV-001")]
fn dependencies_are_pinned(cx: &Context) -> Result<()> {
    // What is learned through `cx` is kept as evidence. After the pass this function is run again on
    // altered copies of it, and has to notice.
    let lock = cx.observe_now("Cargo.lock", lock_file)?;
    let from_a_registry = lock.containing("source = \"registry+").len();
    let pinned = lock.containing("checksum = ").len();
    ensure!(from_a_registry > 0, "Cargo.lock names no dependency from a registry");
    ensure!(
        pinned == from_a_registry,
        "{pinned} of {from_a_registry} dependencies are pinned"
    );
    Ok(())
}

/// The lines of the `Cargo.lock` beside this package, or above it in a workspace.
fn lock_file() -> Result<LogLines> {
    let folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let mut texts = folders.filter_map(|dir| std::fs::read_to_string(dir.join("Cargo.lock")).ok());
    let text = texts.next().ok_or_else(|| Error::other("there is no Cargo.lock"))?;
    Ok(LogLines::new(text.lines()))
}
