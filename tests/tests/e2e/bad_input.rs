//! Documents, journals and folders that are not what they should be: each gets an error that names
//! it, from the test target and from the command alike, and nothing that was there is lost.

use std::fs;

use readiness_tests::Project;

const CHECKLIST: &str = "\
# Small

| ID | Requirement | Status |
|----|-------------|--------|
| A-1 | It starts | |
| A-2 | It stops | |
";

const CHECKS: &str = r#"
use readiness::{Context, Result, ensure, requirement};

readiness::main!();

#[requirement("A-1")]
fn starts(cx: &Context) -> Result {
    ensure!(cx.setting("starts").require_bool()?, "it does not start");
    Ok(())
}
"#;

const CONFIG: &str = "[target]\nkind = \"remote\"\nname = \"here\"\nstarts = true\n";

fn project(name: &str) -> Project {
    Project::new(env!("CARGO_TARGET_TMPDIR"), name)
        .with("CHECKLIST.md", CHECKLIST)
        .with("readiness.toml", CONFIG)
        .with_checks(CHECKS)
        .built()
}

/// Documents that cannot be worked with, by the name of the snapshot.
fn documents() -> Vec<(&'static str, Option<Vec<u8>>)> {
    let utf_16 = CHECKLIST.encode_utf16().flat_map(u16::to_le_bytes);
    vec![
        ("no-checklist", None),
        ("empty", Some(Vec::new())),
        ("no-items", Some(b"# Nothing to do\n\nReally.\n".to_vec())),
        (
            "utf-16",
            Some([0xff, 0xfe].into_iter().chain(utf_16).collect()),
        ),
        (
            "nul",
            Some(CHECKLIST.replace("stops", "st\0ps").into_bytes()),
        ),
        (
            "duplicate-id",
            Some(CHECKLIST.replace("A-2", "A-1").into_bytes()),
        ),
        (
            "unknown-id",
            Some(CHECKLIST.replace("A-1", "A-01").into_bytes()),
        ),
    ]
}

#[test]
fn documents_that_cannot_be_worked_with() {
    let project = project("bad-documents");
    let path = project.path("CHECKLIST.md");
    for (name, bytes) in documents() {
        match &bytes {
            Some(bytes) => fs::write(&path, bytes).expect("a document"),
            None => fs::remove_file(&path).expect("there was one"),
        }
        let test = project.harness(&[]).run();
        insta::assert_snapshot!(format!("{name}-test"), test);
        insta::assert_snapshot!(
            format!("{name}-report"),
            project.readiness(&["report"]).run()
        );
        assert_eq!(
            project.bytes("CHECKLIST.md"),
            bytes,
            "{name}: the document is as it was"
        );
        fs::write(&path, CHECKLIST).expect("the good document");
    }
}

/// The journal of one passing run.
fn journal(project: &Project) -> std::path::PathBuf {
    project.harness(&[]).run().exits(0);
    let mut found: Vec<_> = walk(&project.runs())
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "jsonl"))
        .collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            all.extend(walk(&path));
        } else {
            all.push(path);
        }
    }
    all
}

#[test]
fn a_torn_line_loses_that_line_only() {
    let project = project("torn-journal");
    let path = journal(&project);
    let whole = fs::read_to_string(&path).expect("a journal");
    let cut = whole
        .trim_end()
        .rfind("\"at\"")
        .expect("the closing line has a time");
    fs::write(&path, &whole[..cut]).expect("a torn journal");
    let report = project.readiness(&["report"]).run();
    insta::assert_snapshot!("torn-report", report);
    assert!(
        project
            .read("CHECKLIST.md")
            .contains("| A-1 | It starts | ✅ |")
    );

    // Torn before the result: what was in flight when the process died is a failure.
    let started = whole.lines().take(3).collect::<Vec<_>>().join("\n");
    assert!(
        started.ends_with('}') && started.contains("\"started\""),
        "{started}"
    );
    fs::write(&path, format!("{started}\n{{\"record\":\"fini")).expect("a torn journal");
    project.write("CHECKLIST.md", CHECKLIST);
    let report = project.readiness(&["report"]).run();
    insta::assert_snapshot!("torn-in-flight-report", report);
    assert!(
        project
            .read("CHECKLIST.md")
            .contains("| A-1 | It starts | ❌ |")
    );
}

#[test]
fn a_journal_of_a_later_version_is_refused() {
    let project = project("later-journal");
    let path = journal(&project);
    let ours = fs::read_to_string(&path).expect("a journal");
    let later = ours.replacen("\"format\":1", "\"format\":99", 1);
    assert_ne!(ours, later);
    fs::write(&path, &later).expect("a journal");
    insta::assert_snapshot!(
        "later-report",
        project.readiness(&["report"]).run().exits(2)
    );
    insta::assert_snapshot!("later-gate", project.readiness(&["gate"]).run().exits(2));
    assert_eq!(project.read("CHECKLIST.md"), CHECKLIST);
    assert_eq!(
        fs::read_to_string(&path).expect("a journal"),
        later,
        "and it is left alone"
    );
}

/// Permissions do not hold back root, so a file stands where a folder is needed.
#[test]
fn a_folder_that_cannot_be_written() {
    let project = project("read-only");
    let test = project
        .harness(&[])
        .env("READINESS_DIR", project.path("readiness.toml"))
        .run()
        .exits(2);
    insta::assert_snapshot!("read-only-test", test);
    assert_eq!(project.read("readiness.toml"), CONFIG);

    project.harness(&[]).run().exits(0);
    fs::create_dir(project.path("taken")).expect("a folder");
    let report = project.readiness(&["report", "--output", "taken"]).run();
    insta::assert_snapshot!("read-only-output", report.exits(2));
    let report = project
        .readiness(&["report", "--output", "readiness.toml/x.md"])
        .run();
    insta::assert_snapshot!("read-only-output-in-a-file", report.exits(2));
    assert_eq!(project.read("CHECKLIST.md"), CHECKLIST);
}
