//! The commit of the working tree that a check was run from, read from git's own files: starting
//! `git` would cost more than most checks, once per test process.

use std::path::{Path, PathBuf};

/// The commit that is checked out in the repository around `dir`, in hexadecimal; `None` where
/// there is no repository or no commit.
pub fn of(dir: &Path) -> Option<String> {
    let git = git_dir(dir)?;
    let head = small(&git.join("HEAD"))?;
    let commit = match head.trim().strip_prefix("ref: ") {
        None => head.trim().to_owned(),
        Some(reference) => resolve(&git, reference.trim())?,
    };
    let is_hash = commit.len() >= 40 && commit.bytes().all(|b| b.is_ascii_hexdigit());
    is_hash.then_some(commit)
}

/// `.git` above `dir`: a directory, or a file that names it (a worktree, a submodule).
fn git_dir(dir: &Path) -> Option<PathBuf> {
    let git = dir
        .ancestors()
        .map(|dir| dir.join(".git"))
        .find(|git| git.exists())?;
    if git.is_dir() {
        return Some(git);
    }
    let text = small(&git)?;
    let named = text.trim().strip_prefix("gitdir: ")?;
    Some(git.parent()?.join(named))
}

fn resolve(git: &Path, reference: &str) -> Option<String> {
    // References of a worktree are in the repository that it belongs to.
    let common = small(&git.join("commondir")).map(|text| git.join(text.trim()));
    for git in [Some(git.to_owned()), common].into_iter().flatten() {
        if let Some(text) = small(&git.join(reference)) {
            return Some(text.trim().to_owned());
        }
        let packed = std::fs::read_to_string(git.join("packed-refs")).unwrap_or_default();
        let line = packed.lines().find(|line| {
            line.split_once(' ')
                .is_some_and(|(_, name)| name == reference)
        });
        if let Some((commit, _)) = line.and_then(|line| line.split_once(' ')) {
            return Some(commit.to_owned());
        }
    }
    None
}

/// A file that holds one line.
fn small(path: &Path) -> Option<String> {
    let length = std::fs::metadata(path).ok()?.len();
    (length <= 4096).then(|| std::fs::read_to_string(path).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "0123456789abcdef0123456789abcdef01234567";

    fn repository(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        std::fs::create_dir_all(dir.path().join("crate/src")).unwrap();
        dir
    }

    fn commit(files: &[(&str, &str)]) -> Option<String> {
        of(&repository(files).path().join("crate/src"))
    }

    #[test]
    fn loose_packed_and_detached() {
        let hash = Some(HASH.to_owned());
        let line = format!("{HASH}\n");
        let head = (".git/HEAD", "ref: refs/heads/main\n");
        assert_eq!(commit(&[(".git/HEAD", &line)]), hash);
        assert_eq!(commit(&[head, (".git/refs/heads/main", &line)]), hash);
        let packed = format!("# pack-refs\n{HASH} refs/heads/main\n^{HASH}\n");
        assert_eq!(commit(&[head, (".git/packed-refs", &packed)]), hash);
        // No commit yet, and a file that is none of git's.
        assert_eq!(commit(&[head]), None);
        assert_eq!(commit(&[(".git/HEAD", "what is this")]), None);
    }

    #[test]
    fn a_worktree_looks_where_it_belongs() {
        let line = format!("{HASH}\n");
        let dir = repository(&[
            ("main/.git/refs/heads/side", &line),
            ("main/.git/worktrees/side/HEAD", "ref: refs/heads/side\n"),
            ("main/.git/worktrees/side/commondir", "../..\n"),
            ("side/.git", "gitdir: ../main/.git/worktrees/side\n"),
        ]);
        assert_eq!(of(&dir.path().join("side")), Some(HASH.to_owned()));
    }
}
