//! Writing where there is no room or no permission: an error that names the file, and nothing lost.

#![cfg(unix)]

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use crate::place::{CHECKLIST, Place, Ran, finished, process, registered, started};

/// The command in a place, started through a shell that first says `before`.
fn under(place: &Place, before: &str, arguments: &[&str]) -> Ran {
    let output: Output = Command::new("sh")
        .arg("-c")
        .arg(format!("{before} exec \"$0\" \"$@\""))
        .arg(env!("CARGO_BIN_EXE_cargo-readiness"))
        .args(arguments)
        .current_dir(place.root())
        .env("READINESS_DIR", place.path("runs"))
        .output()
        .unwrap();
    output.into()
}

/// No file may grow beyond some ten kilobytes, and growing it is an error instead of a signal: what
/// a full disk looks like to whoever writes.
const FULL: &str = "trap '' XFSZ; ulimit -f 40;";

/// A document with so many rows of this length, and a run in which each of them passes.
pub(crate) fn large(place: &Place, rows: usize, length: usize) -> String {
    let mut text = String::from("| ID | Requirement | Status |\n|--|--|--|\n");
    let ids: Vec<String> = (0..rows).map(|row| format!("A-{row}")).collect();
    for id in &ids {
        let _ = writeln!(text, "| {id} | {} | ⏸️ |", "x".repeat(length));
    }
    place.write("CHECKLIST.md", &text);
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut lines = vec![registered(&ids, &[])];
    for id in ids {
        lines.extend([started(id), finished(id, "proven")]);
    }
    place.journal(&lines);
    text
}

/// What lies in a folder.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_full_disk_is_an_error_that_names_the_file_and_loses_nothing() {
    let place = Place::new();
    let text = large(&place, 10, 20_000);
    under(&place, FULL, &["report"])
        .exits(2)
        .says("error[write-failed]")
        .says("CHECKLIST.md: cannot be written (File too large");
    assert_eq!(place.read("CHECKLIST.md"), text);
    assert_eq!(names(place.root()), ["CHECKLIST.md", "runs"]);
    under(&place, FULL, &["adopt", "--yes"]).exits(0);
    place.readiness(&["report"]).exits(0);
    assert_eq!(place.read("CHECKLIST.md"), text.replace("⏸️", "✅"));
}

#[test]
fn a_ledger_that_finds_no_room_is_made_good_by_the_next_report() {
    let place = Place::new();
    let text = large(&place, 400, 10);
    under(&place, FULL, &["report"])
        .exits(2)
        .says("error[write-failed]")
        .says("readiness.lock");
    // The document is written first: a ledger that says more than the document shows would make a
    // typed status ours.
    assert_eq!(place.read("CHECKLIST.md"), text.replace("⏸️", "✅"));
    assert_eq!(names(place.root()), ["CHECKLIST.md", "runs"]);
    place.readiness(&["report"]).exits(0);
    assert_eq!(place.read("readiness.lock").lines().count(), 401);
}

/// The user `nobody`, if we are root: nothing is forbidden to root.
fn unprivileged(place: &Place) -> Option<Vec<String>> {
    let probe = place.path("probe");
    std::fs::create_dir(&probe).unwrap();
    set_mode(&probe, 0o555);
    let root = std::fs::write(probe.join("file"), "").is_ok();
    set_mode(&probe, 0o755);
    std::fs::remove_dir_all(&probe).unwrap();
    if !root {
        return Some(Vec::new());
    }
    let nobody = [
        "setpriv",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
    ];
    let works = Command::new(nobody[0])
        .args(&nobody[1..])
        .arg("true")
        .output();
    if works.is_ok_and(|output| output.status.success()) {
        return Some(nobody.map(str::to_owned).to_vec());
    }
    let required = std::env::var("READINESS_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
    assert!(!required, "setpriv is needed to be somebody else than root");
    None
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error_that_names_the_file() {
    let place = Place::new();
    let Some(prefix) = unprivileged(&place) else {
        eprintln!("SKIPPED: root may write everywhere, and setpriv is not there");
        return;
    };
    place.journal(&process(&[("A-1", "proven")]));
    // Whoever we become must be able to start the command.
    let binary = place.path("command");
    let built = env!("CARGO_BIN_EXE_cargo-readiness");
    std::fs::hard_link(built, &binary)
        .or_else(|_| std::fs::copy(built, &binary).map(|_| ()))
        .unwrap();
    set_mode(place.root(), 0o555);
    let mut words = prefix;
    words.extend([binary.display().to_string(), "report".to_owned()]);
    let output = Command::new(&words[0])
        .args(&words[1..])
        .current_dir(place.root())
        .env("READINESS_DIR", place.path("runs"))
        .output()
        .unwrap();
    set_mode(place.root(), 0o755);
    Ran::from(output)
        .exits(2)
        .says("error[write-failed]")
        .says("CHECKLIST.md: cannot be written (Permission denied");
    assert_eq!(place.read("CHECKLIST.md"), CHECKLIST);
    assert_eq!(names(place.root()), ["CHECKLIST.md", "command", "runs"]);
}
