//! The file that an environment is in: who may read it, and whether it is under version control.

use std::path::Path;
use std::process::{Command, Stdio};

use readiness::{Context, Error, Result, Verdict};
use serde_json::{Value, json};

use crate::seen::{Change, Kind, Seen};

/// The kind of [`FileGuard`].
#[derive(Debug, Clone)]
pub struct Guard;

/// How a file is guarded: `readable_by_others` (null where the system does not say), `tracked` by
/// version control (null where git is not installed).
pub type FileGuard = Seen<Guard>;

impl Kind for Guard {
    const KIND: &'static str = "file guard";

    fn changes(name: &str, value: &Value) -> Vec<Change> {
        match (name, value) {
            ("readable_by_others" | "tracked", Value::Bool(false)) => {
                vec![Change::new("unguarded", true)]
            }
            _ => Vec::new(),
        }
    }
}

/// Looks at how a file is guarded.
///
/// # Errors
/// Unavailable if it is not there.
pub fn guarded_file(cx: &Context, path: &Path) -> Result<FileGuard> {
    cx.observe_now("env file", || {
        if let Err(error) = std::fs::metadata(path) {
            return Err(Error::unavailable(format!("the env file: {error}")));
        }
        Ok(FileGuard::new(json!({
            "readable_by_others": readable_by_others(path),
            "tracked": tracked(path),
        })))
    })
}

#[cfg(unix)]
fn readable_by_others(path: &Path) -> Option<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    Some(mode & 0o077 != 0)
}

#[cfg(not(unix))]
fn readable_by_others(_: &Path) -> Option<bool> {
    None
}

/// Whether git has the file in its index; a file outside of any repository is not tracked.
fn tracked(path: &Path) -> Option<bool> {
    let folder = path.parent().filter(|dir| !dir.as_os_str().is_empty());
    let status = Command::new("git")
        .arg("-C")
        .arg(folder.unwrap_or(Path::new(".")))
        .args(["ls-files", "--error-unmatch", "--"])
        .arg(path.file_name()?)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.ok().map(|status| status.success())
}

/// Whether the file is its owner's alone and not under version control. What could not be found out
/// is a warning.
///
/// # Errors
/// None of its own.
pub fn guarded(seen: &FileGuard) -> Result<Verdict> {
    for (fact, bad) in [
        ("readable_by_others", "others may read the env file"),
        ("tracked", "the env file is under version control"),
    ] {
        match seen.get(fact).as_bool() {
            Some(false) => {}
            Some(true) => return Ok(Verdict::Fail(bad.to_owned())),
            None => {
                return Ok(Verdict::Warn(format!(
                    "it could not be found out whether {bad}"
                )));
            }
        }
    }
    Ok(Verdict::Pass)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn an_open_file_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("env");
        std::fs::write(&path, "A=1\n").unwrap();
        for (mode, expected) in [(0o600, false), (0o640, true), (0o604, true)] {
            let permissions = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(&path, permissions).unwrap();
            assert_eq!(readable_by_others(&path), Some(expected), "{mode:o}");
        }
        assert_ne!(tracked(&path), Some(true));
    }

    #[test]
    fn each_gap_is_named() {
        let judged = |readable: Value, tracked: Value| {
            let seen = json!({ "readable_by_others": readable, "tracked": tracked });
            guarded(&FileGuard::new(seen)).unwrap()
        };
        assert_eq!(judged(json!(false), json!(false)), Verdict::Pass);
        assert!(matches!(
            judged(json!(true), json!(false)),
            Verdict::Fail(_)
        ));
        assert!(matches!(
            judged(json!(false), json!(true)),
            Verdict::Fail(_)
        ));
        assert!(matches!(
            judged(json!(false), json!(null)),
            Verdict::Warn(_)
        ));
    }
}
