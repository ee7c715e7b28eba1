//! What a backup is, by how it begins.

use std::fs;
use std::io::Read;
use std::path::Path;

/// Bytes at the start of a file that are looked at; a tar archive names itself at 257.
const HEAD: u64 = 512;

/// Files of a directory that are looked at.
const MAX_FILES: usize = 1_000;

/// Of a generation that a command listed, which cannot be opened.
pub(super) const LISTED: &str = "listed";

/// Every name that [`of`] gives to a backup.
const KNOWN: [&str; 9] = [
    "pg_dump",
    "redis dump",
    "tar",
    "gzip",
    "zstd",
    "sql",
    "pg_basebackup or pg_dump directory",
    "redis append-only files",
    LISTED,
];

/// Whether a format is one of a backup.
pub(super) fn is_known(format: &str) -> bool {
    KNOWN.contains(&format)
}

/// The format of one generation, or `unknown`.
pub(super) fn of(path: &Path) -> &'static str {
    if path.is_dir() {
        return of_directory(path);
    }
    head(path).map_or("unknown", |head| of_bytes(&head))
}

fn head(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(HEAD).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn of_bytes(head: &[u8]) -> &'static str {
    let begins = |magic: &[u8]| head.starts_with(magic);
    // Four digits of a version follow.
    let is_redis = head.get(..5) == Some(b"REDIS")
        && head
            .get(5..9)
            .is_some_and(|version| version.iter().all(u8::is_ascii_digit));
    if begins(b"PGDMP") {
        "pg_dump"
    } else if is_redis {
        "redis dump"
    } else if head.get(257..262) == Some(b"ustar") {
        "tar"
    } else if begins(b"\x1f\x8b") {
        "gzip"
    } else if begins(b"\x28\xb5\x2f\xfd") {
        "zstd"
    } else if begins(b"--\n-- PostgreSQL database") {
        "sql"
    } else {
        "unknown"
    }
}

/// A directory by what lies in it: a base backup, or Redis' append-only files with their manifest.
fn of_directory(path: &Path) -> &'static str {
    let entries = fs::read_dir(path)
        .into_iter()
        .flatten()
        .flatten()
        .take(MAX_FILES);
    for entry in entries {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name == "backup_manifest" || name == "backup_label" || name == "toc.dat" {
            return "pg_basebackup or pg_dump directory";
        }
        if name.ends_with(".aof.manifest") && is_manifest(&entry.path()) {
            return "redis append-only files";
        }
    }
    "unknown"
}

/// Lines of `file NAME seq N type T`.
fn is_manifest(path: &Path) -> bool {
    let text = head(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let mut lines = text.lines().filter(|line| !line.is_empty()).peekable();
    lines
        .peek()
        .is_some_and(|line| line.starts_with("file ") && line.contains(" seq "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_their_first_bytes() {
        assert_eq!(of_bytes(b"PGDMP\x01\x0e"), "pg_dump");
        assert_eq!(of_bytes(b"REDIS0010\xfa"), "redis dump");
        assert_eq!(of_bytes(b"\x1f\x8b\x08"), "gzip");
        assert_eq!(of_bytes(b"--\n-- PostgreSQL database dump"), "sql");
        let mut tar = vec![0; 512];
        tar[257..262].copy_from_slice(b"ustar");
        assert_eq!(of_bytes(&tar), "tar");
        for bytes in [&b""[..], b"REDIS", b"REDISabcd", b"<html>"] {
            assert_eq!(of_bytes(bytes), "unknown", "{bytes:?}");
        }
    }

    #[test]
    fn a_directory_is_told_by_what_lies_in_it() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(of(dir.path()), "unknown");
        let manifest = dir.path().join("appendonly.aof.manifest");
        fs::write(&manifest, "garbage").unwrap();
        assert_eq!(of(dir.path()), "unknown");
        fs::write(&manifest, "file appendonly.aof.1.base.rdb seq 1 type b\n").unwrap();
        assert_eq!(of(dir.path()), "redis append-only files");
        fs::write(dir.path().join("toc.dat"), "PGDMP").unwrap();
        fs::remove_file(manifest).unwrap();
        assert_eq!(of(dir.path()), "pg_basebackup or pg_dump directory");
    }
}
