//! A disk that is really full: a small file system in memory, in a mount namespace of its own.
//!
//! `writing` limits the size of files, which works for everybody; this is the real thing where the
//! machine lets us mount.

#![cfg(unix)]

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use tempfile::TempDir;

use crate::place::{Place, Ran};
use crate::writing::{large, names};

/// Mounts two megabytes over the place ($1) with its files on it, leaves so many kilobytes free ($3),
/// runs the command, and brings back what the disk holds then ($2).
const SCRIPT: &str = r#"
place=$1; after=$2; free=$3; shift 3
cp -a "$place/." "$after/" && mount -t tmpfs -o size=2m none "$place" && cp -a "$after/." "$place/" || exit 99
cd "$place"
dd if=/dev/zero of=filler bs=4096 2>/dev/null
truncate -s "-${free}k" filler
"$@"; code=$?
rm -f filler
rm -rf "$after"/* && cp -a "$place/." "$after/"
exit $code
"#;

/// Whether this user may mount something, if only where nobody else sees it.
fn may_mount() -> bool {
    let probe = tempfile::tempdir().unwrap();
    let mounted = Command::new("unshare")
        .args(["-rm", "mount", "-t", "tmpfs", "none"])
        .arg(probe.path())
        .output();
    mounted.is_ok_and(|output| output.status.success())
}

/// The command on a disk with so much room, and what was on it afterwards.
fn with_room(place: &Place, kilobytes: u32, arguments: &[&str]) -> (Ran, TempDir) {
    let after = tempfile::tempdir().unwrap();
    let output = Command::new("unshare")
        .args(["-rm", "sh", "-c", SCRIPT, "sh"])
        .arg(place.root())
        .arg(after.path())
        .arg(kilobytes.to_string())
        .arg(env!("CARGO_BIN_EXE_cargo-readiness"))
        .args(arguments)
        .env("READINESS_DIR", place.path("runs"))
        .output()
        .unwrap();
    (output.into(), after)
}

fn read(after: &TempDir, name: &str) -> String {
    fs::read_to_string(after.path().join(name)).unwrap()
}

/// A document of some forty kilobytes and a run in which all of its rows pass.
fn place() -> (Place, String) {
    let place = Place::new();
    let text = large(&place, 400, 80);
    (place, text)
}

#[test]
fn each_file_that_finds_no_room_is_named_and_nothing_is_lost() {
    if !may_mount() {
        eprintln!("SKIPPED: this user may not mount a file system of its own");
        return;
    }
    let (place, text) = place();
    let passed = text.replace("⏸️", "✅");
    let before = names(place.root());

    // Not even the document.
    let (ran, after) = with_room(&place, 16, &["report"]);
    ran.exits(2)
        .says("error[write-failed]")
        .says("CHECKLIST.md: cannot be written (No space left on device");
    assert_eq!(read(&after, "CHECKLIST.md"), text);
    assert_eq!(names(after.path()), before);

    // Markers, the same.
    let plain = Place::new();
    let boxes = numbered();
    plain.write("CHECKLIST.md", &boxes);
    let (ran, after) = with_room(&plain, 16, &["adopt", "--yes"]);
    ran.exits(2)
        .says("CHECKLIST.md: cannot be written (No space left on device");
    assert_eq!(read(&after, "CHECKLIST.md"), boxes);

    // Journals that are merged.
    let (ran, after) = with_room(&place, 16, &["merge", "--output", "joined", "runs"]);
    ran.exits(2).says("joined").says("No space left on device");
    let journal = "runs/r-1/1-1-a.jsonl";
    assert_eq!(read(&after, journal), place.read(journal));

    // With room again, the same commands go through.
    let (ran, after) = with_room(&place, 1_000, &["report"]);
    ran.exits(0);
    assert_eq!(read(&after, "CHECKLIST.md"), passed);
    assert_eq!(read(&after, "readiness.lock").lines().count(), 401);

    // A report beside a document that is up to date.
    place.readiness(&["report"]).exits(0);
    let before = names(place.root());
    let arguments = ["report", "--format", "html=page.html"];
    let (ran, after) = with_room(&place, 16, &arguments);
    ran.exits(2)
        .says("page.html")
        .says("No space left on device");
    assert_eq!(read(&after, "CHECKLIST.md"), passed);
    assert_eq!(names(after.path()), before);
}

/// Boxes enough that they do not fit a second time.
fn numbered() -> String {
    (0..600).fold(String::new(), |mut text, number| {
        let _ = writeln!(text, "- [ ] Number {number} holds, and somebody has looked");
        text
    })
}

#[test]
fn a_ledger_without_room_leaves_a_whole_document_and_no_ledger() {
    if !may_mount() {
        eprintln!("SKIPPED: this user may not mount a file system of its own");
        return;
    }
    let (place, text) = place();
    // Room for the document's second copy, which is given back, but not for the ledger's lines.
    let (ran, after) = with_room(&place, 44, &["report"]);
    ran.exits(2)
        .says("error[write-failed]")
        .says("readiness.lock: cannot be written (No space left on device");
    assert_eq!(read(&after, "CHECKLIST.md"), text.replace("⏸️", "✅"));
    assert!(!after.path().join("readiness.lock").exists());
}
