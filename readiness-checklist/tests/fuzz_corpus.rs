//! The committed fuzz corpus, replayed without a fuzzer.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails like a test")]

use std::path::Path;

#[path = "../../fuzz/src/checks.rs"]
mod checks;

fn replay(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz/corpus")
        .join(target);
    let mut count = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        check(&std::fs::read(&path).unwrap());
        count += 1;
    }
    assert!(
        count >= 9,
        "{} is incomplete: {count} files",
        folder.display()
    );
}

#[test]
fn parse() {
    replay("parse", checks::parse);
}

#[test]
fn edit() {
    replay("edit", checks::edit);
}

#[test]
fn round_trip() {
    replay("round_trip", checks::round_trip);
}
