//! Where the binaries are: on `PATH`, and in the directories that Debian keeps off it.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use readiness::Unavailable;

/// Debian installs PostgreSQL's server programs per major version, outside of `PATH`.
const POSTGRES_ROOT: &str = "/usr/lib/postgresql";

/// The program `name`, or which package brings it.
///
/// PostgreSQL's own directory is searched first: its programs must all be of one version, and
/// `PATH` often holds wrappers for some of them.
pub(super) fn find(name: &str, package: &str) -> Result<PathBuf, Unavailable> {
    let path = env::var_os("PATH").unwrap_or_default();
    find_in(name, Path::new(POSTGRES_ROOT), &path).ok_or_else(|| {
        Unavailable::new(format!(
            "{package} is not installed: no `{name}` on PATH (on Debian: apt-get install {package})"
        ))
    })
}

fn find_in(name: &str, postgres_root: &Path, path: &OsString) -> Option<PathBuf> {
    versions(postgres_root)
        .map(|version| version.join("bin"))
        .chain(env::split_paths(path).filter(|dir| dir.is_absolute()))
        .map(|dir| dir.join(name))
        .find(|file| is_executable(file))
}

/// The version directories, newest first.
fn versions(root: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    let mut found: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path())))
        .collect();
    found.sort_unstable_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, path)| path)
}

fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(file).is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn program(file: &Path, mode: u32) {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "#!/bin/sh\n").unwrap();
        fs::set_permissions(file, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn the_newest_version_is_taken_by_number() {
        let root = tempfile::tempdir().unwrap();
        program(&root.path().join("9/bin/initdb"), 0o755);
        program(&root.path().join("15/bin/initdb"), 0o755);
        let found = find_in("initdb", root.path(), &OsString::new());
        assert_eq!(found, Some(root.path().join("15/bin/initdb")));
    }

    #[test]
    fn what_cannot_be_executed_is_passed_over() {
        let root = tempfile::tempdir().unwrap();
        program(&root.path().join("a/redis-server"), 0o644);
        program(&root.path().join("b/redis-server"), 0o755);
        let path = env::join_paths([root.path().join("a"), root.path().join("b")]).unwrap();
        let found = find_in("redis-server", &root.path().join("none"), &path);
        assert_eq!(found, Some(root.path().join("b/redis-server")));
    }

    #[test]
    fn an_absent_program_names_its_package() {
        let error = find("readiness-no-such-program", "redis-server").unwrap_err();
        assert_eq!(
            error.reason(),
            "redis-server is not installed: no `readiness-no-such-program` on PATH (on Debian: \
             apt-get install redis-server)"
        );
    }
}
