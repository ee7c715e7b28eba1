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

#[test]
fn replacing_needs_the_bytes_that_were_read() {
    let root = folder();
    let path = root.path().join("CHECKLIST.md");
    write(&path, "one");
    let lock = WriteLock::acquire(&path).unwrap();
    let error = lock.replace(b"other", b"two").unwrap_err();
    assert_eq!(error.code, Code::FileChanged);
    assert_eq!(fs::read(&path).unwrap(), b"one");
    assert_eq!(lock.replace(b"one", b"two"), Ok(true));
    assert_eq!(fs::read(&path).unwrap(), b"two");
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn equal_bytes_touch_nothing() {
    use std::os::unix::fs::MetadataExt;
    let root = folder();
    let path = root.path().join("CHECKLIST.md");
    write(&path, "one");
    let before = fs::metadata(&path).unwrap();
    let lock = WriteLock::acquire(&path).unwrap();
    assert_eq!(lock.replace(b"one", b"one"), Ok(false));
    let after = fs::metadata(&path).unwrap();
    assert_eq!(
        (before.ino(), before.mtime_nsec()),
        (after.ino(), after.mtime_nsec())
    );
}

#[cfg(unix)]
#[test]
fn mode_and_link_survive() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let root = folder();
    let (path, link) = (
        root.path().join("real.md"),
        root.path().join("CHECKLIST.md"),
    );
    write(&path, "one");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    symlink(&path, &link).unwrap();
    WriteLock::acquire(&link)
        .unwrap()
        .replace(b"one", b"two")
        .unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read(&path).unwrap(), b"two");
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o640
    );
}

#[test]
fn a_second_writer_waits_and_then_sees_the_change() {
    let root = folder();
    let path = root.path().join("CHECKLIST.md");
    write(&path, "0");
    let add = || {
        for _ in 0..20 {
            let lock = WriteLock::acquire(&path).unwrap();
            let old = fs::read_to_string(&path).unwrap();
            let new = (old.parse::<u32>().unwrap() + 1).to_string();
            lock.replace(old.as_bytes(), new.as_bytes()).unwrap();
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(add);
        }
    });
    assert_eq!(fs::read_to_string(&path).unwrap(), "80");
}

#[test]
fn a_folder_that_is_gone_is_an_error_and_leaves_nothing() {
    let root = folder();
    let error = write_atomically(&root.path().join("gone/readiness.lock"), b"x").unwrap_err();
    assert_eq!(error.code, Code::WriteFailed);
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
}
