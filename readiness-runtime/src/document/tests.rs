use super::*;

const DOCUMENT: &str = "| ID | Requirement | Status |\n|--|--|--|\n| A-1 | It starts | |\n";

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn codes(error: &DocumentError) -> Vec<&'static str> {
    error.0.iter().map(|d| d.code.as_str()).collect()
}

fn write(path: &Path, text: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn a_checklist_is_found_by_name_in_any_case() {
    let root = folder();
    write(&root.path().join("Checklist.MD"), DOCUMENT);
    let located = find_with(root.path(), None).unwrap();
    assert!(located.path.ends_with("Checklist.MD"));
    assert_eq!(located.config, Config::default());
}

#[test]
fn the_search_goes_up_to_the_workspace_and_no_further() {
    let root = folder();
    let package = root.path().join("work/package");
    write(&root.path().join("CHECKLIST.md"), DOCUMENT);
    write(&package.join("Cargo.toml"), "[package]\nname = \"p\"\n");
    write(&root.path().join("work/Cargo.toml"), "[workspace]\n");
    assert_eq!(
        codes(&find_with(&package, None).unwrap_err()),
        ["checklist-not-found"]
    );

    write(
        &root.path().join("work/readiness.toml"),
        "checklist = \"docs/list.md\"\n",
    );
    write(&root.path().join("work/docs/list.md"), DOCUMENT);
    let located = find_with(&package, None).unwrap();
    assert!(located.path.ends_with("work/docs/list.md"));
}

#[test]
fn a_configuration_above_beats_a_name_below() {
    let root = folder();
    let package = root.path().join("package");
    write(&root.path().join("Cargo.toml"), "[workspace]\n");
    write(
        &root.path().join("readiness.toml"),
        "checklist = \"list.md\"\n",
    );
    write(&root.path().join("list.md"), DOCUMENT);
    write(&package.join("READINESS.md"), DOCUMENT);
    assert!(find_with(&package, None).unwrap().path.ends_with("list.md"));
}

#[test]
fn what_cannot_be_a_checklist_is_named() {
    let cases: [(&[u8], &str); 5] = [
        (b"", "checklist-empty"),
        (b"\xef\xbb\xbf", "checklist-empty"),
        (b"\xff\xfe|\0", "encoding-unsupported"),
        (b"| a |\0\n", "encoding-unsupported"),
        (b"# Nothing here\n", "checklist-no-items"),
    ];
    for (bytes, code) in cases {
        let root = folder();
        write(&root.path().join("CHECKLIST.md"), bytes);
        assert_eq!(codes(&find_with(root.path(), None).unwrap_err()), [code]);
    }
}

#[test]
fn a_configured_checklist_that_is_not_there_is_named() {
    let root = folder();
    write(
        &root.path().join("readiness.toml"),
        "checklist = \"gone.md\"\n",
    );
    let error = find_with(root.path(), None).unwrap_err();
    assert_eq!(codes(&error), ["checklist-not-found"]);
    assert!(error.to_string().contains("gone.md"), "{error}");
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_waited_for() {
    let folder = folder();
    let pipe = folder.path().join("CHECKLIST.md");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    for path in [&pipe, Path::new("/dev/zero"), folder.path()] {
        let error = read(path).unwrap_err();
        assert_eq!(error.code, Code::ChecklistUnreadable, "{error:?}");
    }
}
