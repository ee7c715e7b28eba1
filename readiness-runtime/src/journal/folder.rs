//! Where runs live: `<target>/readiness/<run>/`, or `<READINESS_DIR>/<run>/`.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::error::JournalError;

/// The variable that replaces `<target>/readiness`.
pub const DIR: &str = "READINESS_DIR";

/// How many finished runs stay; older ones are removed when a new run begins.
pub const KEEP: usize = 20;

/// A run that was written to within this time may still be going on and is never removed.
const MAY_BE_RUNNING: Duration = Duration::from_secs(6 * 60 * 60);

/// The folder that holds all runs of a target directory.
pub fn root_of(target_dir: &Path) -> PathBuf {
    target_dir.join("readiness")
}

/// The folder that holds the runs of this test process.
///
/// `READINESS_DIR` wins. Otherwise it is beside the build: the directory above the executable that
/// cargo marked as its own, which also holds after a move to another machine; then the target
/// directory that was known when compiling; then `<package>/target`.
pub fn root(manifest_dir: &str, tmp_dir: Option<&str>) -> PathBuf {
    let explicit = std::env::var_os(DIR).filter(|dir| !dir.is_empty());
    let exe = std::env::current_exe().ok();
    choose_root(
        explicit.map(PathBuf::from),
        exe.as_deref(),
        manifest_dir,
        tmp_dir,
    )
}

fn choose_root(
    explicit: Option<PathBuf>,
    exe: Option<&Path>,
    manifest_dir: &str,
    tmp_dir: Option<&str>,
) -> PathBuf {
    if let Some(explicit) = explicit {
        return explicit;
    }
    let marked =
        |dir: &&Path| dir.join("CACHEDIR.TAG").is_file() || dir.join(".rustc_info.json").is_file();
    if let Some(target) = exe.and_then(|exe| exe.ancestors().skip(1).find(marked)) {
        return root_of(target);
    }
    // CARGO_TARGET_TMPDIR is `<target>/tmp`.
    if let Some(target) = tmp_dir.and_then(|dir| Path::new(dir).parent())
        && target.is_dir()
    {
        return root_of(target);
    }
    root_of(&Path::new(manifest_dir).join("target"))
}

/// Makes the folder of a run; old runs go when this process is the first of a new one.
///
/// # Errors
/// [`JournalError::ReadOnly`], naming the folder.
pub fn create(root: &Path, run: &str) -> Result<PathBuf, JournalError> {
    let folder = root.join(run);
    let refused = |source| JournalError::ReadOnly {
        path: folder.clone(),
        source,
    };
    std::fs::create_dir_all(root).map_err(refused)?;
    match std::fs::create_dir(&folder) {
        Ok(()) => prune(root, run, SystemTime::now()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists && folder.is_dir() => {}
        Err(error) => return Err(refused(error)),
    }
    Ok(folder)
}

/// A run on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunFolder {
    /// Its id.
    pub run: String,
    /// Where it is.
    pub path: PathBuf,
    /// When one of its journals was last written.
    pub written: SystemTime,
}

/// The runs under `root`, the one that was written last first. Folders without a journal are none.
///
/// A run inside of a check of another may end in the same tick of the file system's clock: then the
/// one that began first is the outer one, and last.
pub fn runs(root: &Path) -> Vec<RunFolder> {
    let mut runs = Vec::new();
    for entry in std::fs::read_dir(root).into_iter().flatten().flatten() {
        let path = entry.path();
        let Some(written) = last_written(&path) else {
            continue;
        };
        let run = RunFolder {
            run: entry.file_name().to_string_lossy().into_owned(),
            path,
            written,
        };
        let begun = entry.metadata().and_then(|folder| folder.created()).ok();
        runs.push((begun, run));
    }
    runs.sort_by(|(a_begun, a), (b_begun, b)| {
        let later = b.written.cmp(&a.written);
        later.then(a_begun.cmp(b_begun)).then(b.run.cmp(&a.run))
    });
    runs.into_iter().map(|(_, run)| run).collect()
}

fn last_written(folder: &Path) -> Option<SystemTime> {
    std::fs::read_dir(folder)
        .ok()?
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|e| e == "jsonl"))
        .filter_map(|entry| entry.metadata().ok()?.modified().ok())
        .max()
}

/// Removes all but the last [`KEEP`] runs. What cannot be removed stays: this is housekeeping.
fn prune(root: &Path, current: &str, now: SystemTime) {
    for old in runs(root).into_iter().skip(KEEP) {
        let age = now.duration_since(old.written).unwrap_or_default();
        if old.run != current && age > MAY_BE_RUNNING {
            drop(std::fs::remove_dir_all(&old.path));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_beside_the_build() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("elsewhere");
        let exe = target.join("x86_64-unknown-linux-gnu/debug/deps/suite-1234");
        std::fs::create_dir_all(exe.parent().unwrap()).unwrap();
        std::fs::write(target.join("CACHEDIR.TAG"), "").unwrap();
        let tmp = target.join("tmp");
        let tmp = tmp.to_str();
        let chosen = |explicit: Option<&str>, exe, tmp| {
            choose_root(explicit.map(PathBuf::from), exe, "/no/package", tmp)
        };
        assert_eq!(chosen(None, Some(&exe), None), target.join("readiness"));
        assert_eq!(chosen(Some("/given"), Some(&exe), tmp), Path::new("/given"));
        assert_eq!(chosen(None, None, tmp), target.join("readiness"));
        assert_eq!(
            chosen(None, None, Some("/not/there/tmp")),
            Path::new("/no/package/target/readiness")
        );
    }

    #[test]
    fn old_runs_go_and_others_stay() {
        let root = tempfile::tempdir().unwrap();
        let now = SystemTime::now();
        for n in 0..KEEP + 5 {
            let folder = create(root.path(), &format!("r{n:02}")).unwrap();
            let file = std::fs::File::create(folder.join("1-1-a.jsonl")).unwrap();
            let days = u64::try_from(n).unwrap() + 1;
            file.set_modified(now - Duration::from_secs(24 * 60 * 60 * days))
                .unwrap();
        }
        std::fs::create_dir(root.path().join("groups")).unwrap();
        create(root.path(), "new").unwrap();
        let left: Vec<String> = runs(root.path()).into_iter().map(|r| r.run).collect();
        let expected: Vec<String> = (0..KEEP).map(|n| format!("r{n:02}")).collect();
        assert_eq!(left, expected);
        assert!(root.path().join("groups").is_dir());
        assert!(root.path().join("new").is_dir());
    }

    #[test]
    fn of_two_runs_that_end_at_once_the_outer_one_is_the_last() {
        let root = tempfile::tempdir().unwrap();
        let outer = create(root.path(), "a").unwrap();
        let begun = |folder: &Path| folder.metadata().and_then(|folder| folder.created());
        let Ok(first) = begun(&outer) else {
            eprintln!("skipped: this file system does not know when a folder was made");
            return;
        };
        // The clock of a file system has ticks.
        let inner = loop {
            let inner = create(root.path(), "b").unwrap();
            if begun(&inner).unwrap() > first {
                break inner;
            }
            std::fs::remove_dir(inner).unwrap();
        };
        let end = SystemTime::now();
        for folder in [&inner, &outer] {
            let journal = std::fs::File::create(folder.join("1-1-a.jsonl")).unwrap();
            journal.set_modified(end).unwrap();
        }
        let order: Vec<String> = runs(root.path()).into_iter().map(|r| r.run).collect();
        assert_eq!(order, ["a", "b"]);
    }

    #[test]
    fn recent_runs_are_never_removed() {
        let root = tempfile::tempdir().unwrap();
        for n in 0..KEEP + 3 {
            let folder = create(root.path(), &format!("r{n}")).unwrap();
            std::fs::write(folder.join("1-1-a.jsonl"), "").unwrap();
        }
        create(root.path(), "new").unwrap();
        assert_eq!(runs(root.path()).len(), KEEP + 3);
    }

    #[test]
    fn a_file_in_the_way_is_named() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("run"), "").unwrap();
        let error = create(root.path(), "run").unwrap_err();
        assert_eq!(error.code(), "journal-read-only");
        assert!(error.to_string().contains("READINESS_DIR"), "{error}");
    }
}
