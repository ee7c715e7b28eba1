//! `init` and `new` in workspaces that were there before.

use super::place::{CHECKLIST, Place};

const PACKAGE: &str = "[package]\nname = \"NAME\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";

/// A package with a checklist of its own.
fn shop() -> Place {
    let place = Place::new();
    place.write(
        "Cargo.toml",
        PACKAGE.replace("NAME", "shop") + "\n[workspace] # ours\n",
    );
    place.write("src/lib.rs", "");
    place
}

#[test]
fn a_checklist_that_is_there_is_used_as_it_is() {
    let place = shop();
    let shown = place.readiness(&["init", "--dry-run"]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    assert!(shown.out.contains("+harness = false"), "{shown:?}");
    assert!(!place.path("tests").exists(), "a dry run writes nothing");

    let unasked = place.readiness(&["init"]);
    assert_eq!(
        unasked.code,
        Some(2),
        "nobody can be asked here: {unasked:?}"
    );
    assert!(!place.path("tests").exists());

    let done = place.readiness(&["init", "--yes", "--ci", "none"]);
    assert_eq!(done.code, Some(0), "{done:?}");
    assert_eq!(place.read("CHECKLIST.md"), CHECKLIST);
    assert!(!place.path(".github").exists());
    // The document states its own minimum, so the configuration does not.
    assert_eq!(
        place.read("readiness.toml"),
        "checklist = \"CHECKLIST.md\"\n"
    );
    let checks = place.read("tests/readiness.rs");
    assert!(checks.contains("readiness::main!();"), "{checks}");
    assert!(
        checks.contains("#[readiness::requirement(\"A-1\")]"),
        "{checks}"
    );
    let manifest = place.read("Cargo.toml");
    assert!(manifest.contains("[workspace] # ours"), "{manifest}");

    let again = place.readiness(&["init", "--yes", "--ci", "none"]);
    assert_eq!(again.code, Some(0), "{again:?}");
    assert!(again.out.contains("nothing to do"), "{again:?}");
    assert_eq!(place.read("Cargo.toml"), manifest);
}

#[test]
fn new_appends_one_skeleton_and_names_what_is_in_the_way() {
    let place = shop();
    assert_eq!(place.readiness(&["init", "--yes"]).code, Some(0));
    let before = place.read("tests/readiness.rs");
    assert_eq!(place.readiness(&["new", "A-3"]).code, Some(0));
    let after = place.read("tests/readiness.rs");
    assert!(after.starts_with(&before), "{after}");
    assert!(after[before.len()..].contains("fn it_is_fast("), "{after}");

    let twice = place.readiness(&["new", "A-3"]);
    assert_eq!(twice.code, Some(2));
    assert!(twice.err.contains("tests/readiness.rs:"), "{twice:?}");
    let unknown = place.readiness(&["new", "A-9"]);
    assert_eq!(unknown.code, Some(2));
    assert!(
        unknown.err.contains("A-1"),
        "the nearest are named: {unknown:?}"
    );
    assert_eq!(place.read("tests/readiness.rs"), after);
}

#[test]
fn of_several_packages_one_has_to_be_chosen() {
    let place = Place::new();
    place.write(
        "Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"web\", \"jobs\"]\n",
    );
    for name in ["web", "jobs"] {
        place.write(&format!("{name}/Cargo.toml"), PACKAGE.replace("NAME", name));
        place.write(&format!("{name}/src/lib.rs"), "");
    }
    let which = place.readiness(&["init", "--yes"]);
    assert_eq!(which.code, Some(2));
    assert!(which.err.contains("--package: web, jobs"), "{which:?}");
    let chosen = place.readiness(&["init", "--yes", "--package", "web"]);
    assert_eq!(chosen.code, Some(0), "{chosen:?}");
    assert!(place.path("web/tests/readiness.rs").exists());
    assert!(!place.path("jobs/tests").exists());
    // One checklist for the workspace, above its packages.
    assert!(!place.path("web/CHECKLIST.md").exists());
}
