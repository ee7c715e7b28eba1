use super::*;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn write(path: &Path, text: impl AsRef<[u8]>) {
    fs::write(path, text).unwrap();
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
fn a_read_only_file_is_left_alone() {
    let root = folder();
    let path = root.path().join("CHECKLIST.md");
    write(&path, "one");
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    let lock = WriteLock::acquire(&path).unwrap();
    let refused = lock.replace(b"one", b"two").unwrap_err();
    assert_eq!(refused.code, Code::WriteFailed);
    assert!(refused.message.contains("read-only"), "{refused}");
    assert_eq!(fs::read(&path).unwrap(), b"one");
    assert!(!lock.replace(b"one", b"one").unwrap(), "nothing to write");
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

#[test]
fn an_edit_in_the_last_moment_is_not_overwritten() {
    let root = folder();
    let path = root.path().join("CHECKLIST.md");
    write(&path, "old");
    let lock = WriteLock::acquire(&path).unwrap();
    // Somebody saves the file, in place or by renaming, after ours was flushed beside it.
    for by_renaming in [false, true] {
        write(&path, "old");
        let error = replace_file(&path, b"ours", || {
            if by_renaming {
                write(&root.path().join("other"), "theirs");
                fs::rename(root.path().join("other"), &path).unwrap();
            } else {
                write(&path, "theirs");
            }
            lock.still_holds(b"old")
        })
        .unwrap_err();
        assert_eq!(error.code, Code::FileChanged);
        assert_eq!(fs::read(&path).unwrap(), b"theirs");
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
    }
}

#[test]
fn what_a_killed_writer_left_is_removed_and_nothing_else() {
    let root = folder();
    let path = root.path().join("CHECKLIST.md");
    write(&path, "old");
    write(&root.path().join(".CHECKLIST.md.123-0.tmp"), "half");
    let others = [
        ".CHECKLIST.md.swp",
        ".CHECKLIST.md.mine.tmp",
        ".OTHER.md.1-0.tmp",
        ".CHECKLIST.md..tmp",
    ];
    for other in others {
        write(&root.path().join(other), "not ours");
    }
    WriteLock::acquire(&path)
        .unwrap()
        .replace(b"old", b"new")
        .unwrap();
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1 + others.len());
}

/// Kills writers: a child process that does nothing but write, ended by SIGKILL at a moment that a
/// seeded generator chooses.
#[cfg(unix)]
mod kill {
    use std::io::Read as _;
    use std::process::{Child, Command, Stdio};
    use std::time::Duration;

    use super::*;

    const PATH: &str = "READINESS_TEST_WRITER";
    const HOW: &str = "READINESS_TEST_WRITER_HOW";

    /// Two whole documents of different lengths.
    fn versions(size: usize) -> [Vec<u8>; 2] {
        let version = |letter: &str, size: usize| {
            format!("{}end of {letter}\n", letter.repeat(size)).into_bytes()
        };
        [version("a", size), version("b", size / 2)]
    }

    /// Not a test of its own: what the child does.
    #[test]
    fn child() {
        let Some(path) = std::env::var_os(PATH).map(PathBuf::from) else {
            return;
        };
        let naive = std::env::var(HOW).is_ok_and(|how| how == "naive");
        let versions = versions(fs::read(&path).unwrap().len());
        let mut told = false;
        loop {
            let current = fs::read(&path).unwrap();
            let next = if current.first() == Some(&b'a') {
                &versions[1]
            } else {
                &versions[0]
            };
            if naive {
                fs::write(&path, next).unwrap();
            } else {
                let lock = WriteLock::acquire(&path).unwrap();
                lock.replace(&current, next).unwrap();
            }
            if !told {
                io::stderr().write_all(b"!").unwrap();
                told = true;
            }
        }
    }

    fn start(path: &Path, how: &str) -> Child {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "document::write::tests::kill::child",
                "--exact",
                "--nocapture",
            ])
            .env(PATH, path)
            .env(HOW, how)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut byte = [0];
        child
            .stderr
            .as_mut()
            .unwrap()
            .read_exact(&mut byte)
            .unwrap();
        assert_eq!(&byte, b"!");
        child
    }

    struct Tally {
        torn: usize,
        inside_a_write: usize,
    }

    /// Kills `count` writers of a file of this size and says how many left a part of a document.
    fn kill(count: usize, size: usize, how: &str) -> Tally {
        let root = folder();
        let path = root.path().join("CHECKLIST.md");
        let mut tally = Tally {
            torn: 0,
            inside_a_write: 0,
        };
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..count {
            // Each child takes the size of what it finds for the length of a version.
            write(&path, vec![b'x'; size]);
            let versions = versions(size);
            let mut child = start(&path, how);
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            std::thread::sleep(Duration::from_micros(seed % 3_000));
            child.kill().unwrap();
            child.wait().unwrap();
            let found = fs::read(&path).unwrap();
            tally.torn += usize::from(!versions.contains(&found));
            let files = fs::read_dir(root.path()).unwrap().count();
            tally.inside_a_write += usize::from(files > 1);
            assert!(files <= 2, "leftovers pile up");
        }
        let last = fs::read(&path).unwrap();
        let lock = WriteLock::acquire(&path).unwrap();
        lock.replace(&last, b"done").unwrap();
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
        tally
    }

    #[test]
    fn a_writer_that_is_killed_leaves_the_old_document_or_the_new_one() {
        let asked = std::env::var("READINESS_KILLS")
            .ok()
            .and_then(|count| count.parse().ok());
        let tally = kill(asked.unwrap_or(300), 200_000, "whole");
        assert_eq!(tally.torn, 0);
        // Otherwise the moments would prove nothing.
        assert!(tally.inside_a_write > 0);
    }

    /// The control: a writer that truncates and writes is caught.
    #[test]
    fn a_careless_writer_would_be_caught() {
        assert!(kill(20, 4_000_000, "naive").torn > 0);
    }
}
