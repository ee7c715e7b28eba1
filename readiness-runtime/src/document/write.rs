//! Replacing a file atomically or not at all.
//!
//! Writing makes a temporary file in the same directory, flushes it, compares the document with the bytes
//! that were parsed and, if they are still the same, renames the one over the other. Whoever is killed on
//! the way leaves the old document or the new one; the temporary file that may be left is removed by the
//! next writer. A symbolic link is followed: its target is replaced, the link stays. Mode and owner are
//! kept where the system lets us.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::read;
use crate::diagnostic::{Code, Diagnostic};

/// Holds a document for writing: nobody else who asks the same way writes it meanwhile.
#[derive(Debug)]
pub struct WriteLock {
    path: PathBuf,
    _file: File,
}

impl WriteLock {
    /// Waits for the document and holds it. A symbolic link is resolved here, once.
    ///
    /// # Errors
    /// `write-failed` when the document cannot be opened or locked.
    pub fn acquire(path: &Path) -> Result<Self, Diagnostic> {
        let failed = |error: io::Error| write_failed(path, &error);
        let path = fs::canonicalize(path).map_err(failed)?;
        loop {
            let file = File::open(&path).map_err(failed)?;
            file.lock().map_err(failed)?;
            // Whoever held it before may have replaced the file: then this is a lock on a file
            // that is gone, and the one at the path is free for others.
            if same_file(&file, &path).map_err(failed)? {
                return Ok(Self { path, _file: file });
            }
        }
    }

    /// Replaces the document if it still holds `old`. Equal bytes are not written. A file that is read-only
    /// is left alone: its folder would let us replace it, but somebody said that it is not to be written.
    ///
    /// # Errors
    /// `file-changed` or `write-failed`; the document is then as it was.
    pub fn replace(&self, old: &[u8], new: &[u8]) -> Result<bool, Diagnostic> {
        if old == new {
            return Ok(false);
        }
        if fs::metadata(&self.path).is_ok_and(|file| file.permissions().readonly()) {
            return Err(Diagnostic::new(
                Code::WriteFailed,
                &self.path,
                "the file is read-only; it is as it was",
            )
            .hint("make it writable first"));
        }
        // Most changes are seen before anything is written, the rest right before the renaming.
        self.still_holds(old)?;
        remove_leftovers(&self.path);
        replace_file(&self.path, new, || self.still_holds(old))?;
        Ok(true)
    }

    /// Writes a file that goes with the document while that is held, unless it holds these bytes.
    ///
    /// # Errors
    /// `write-failed`; the file is then as it was.
    pub fn write_beside(&self, path: &Path, bytes: &[u8]) -> Result<(), Diagnostic> {
        if fs::read(path).is_ok_and(|old| old == bytes) {
            return Ok(());
        }
        remove_leftovers(path);
        write_atomically(path, bytes)
    }

    fn still_holds(&self, old: &[u8]) -> Result<(), Diagnostic> {
        if read(&self.path)? == old {
            return Ok(());
        }
        Err(Diagnostic::new(
            Code::FileChanged,
            &self.path,
            "the file changed since it was read; nothing was written",
        )
        .hint("run again"))
    }
}

/// Removes what writers of this file left that were killed: nobody else writes it while it is held.
fn remove_leftovers(path: &Path) {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return;
    };
    let prefix = format!(".{}.", name.to_string_lossy());
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let file = entry.file_name();
        let file = file.to_string_lossy();
        let number = file
            .strip_prefix(&prefix)
            .and_then(|rest| rest.strip_suffix(".tmp"));
        let ours = number.is_some_and(|number| {
            !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit() || b == b'-')
        });
        if ours {
            // One that cannot be removed harms nothing.
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(unix)]
fn same_file(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let (held, there) = (file.metadata()?, fs::metadata(path)?);
    Ok((held.dev(), held.ino()) == (there.dev(), there.ino()))
}

#[cfg(not(unix))]
fn same_file(_file: &File, _path: &Path) -> io::Result<bool> {
    Ok(true)
}

fn write_failed(path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::new(
        Code::WriteFailed,
        path,
        format!("cannot be written ({error}); it is as it was"),
    )
    .hint("check free space and the permissions of the folder")
}

/// Writes a file so that whoever reads it sees the old content or the new one, never a part.
///
/// # Errors
/// `write-failed`; what stood there before is untouched and no temporary file is left.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), Diagnostic> {
    replace_file(path, bytes, || Ok(()))
}

/// Replaces a file, unless `allowed` finds at the last moment that it must not be.
fn replace_file(
    path: &Path,
    bytes: &[u8],
    allowed: impl FnOnce() -> Result<(), Diagnostic>,
) -> Result<(), Diagnostic> {
    let failed = |error: io::Error| write_failed(path, &error);
    // A link's target is replaced, not the link.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let (temporary, mut file) = create_beside(&target).map_err(failed)?;
    let filled = fill(&mut file, &target, bytes).map_err(failed);
    drop(file);
    let written = filled
        .and_then(|()| allowed())
        .and_then(|()| fs::rename(&temporary, &target).map_err(failed));
    if written.is_err() {
        // The error that matters is the first one.
        let _ = fs::remove_file(&temporary);
    }
    written?;
    sync_folder(&target);
    Ok(())
}

fn create_beside(path: &Path) -> io::Result<(PathBuf, File)> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut attempt = 0_u32;
    loop {
        let temporary =
            path.with_file_name(format!(".{name}.{}-{attempt}.tmp", std::process::id()));
        match new_file(path).open(&temporary) {
            Ok(file) => return Ok((temporary, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < 100 => {
                attempt += 1;
            }
            Err(error) => return Err(error),
        }
    }
}

/// A new file; what replaces another one is nobody else's to read until it has that one's mode.
fn new_file(path: &Path) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if path.exists() {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    options
}

fn fill(file: &mut File, path: &Path, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    if let Ok(old) = fs::metadata(path) {
        keep_owner(file, &old);
        file.set_permissions(old.permissions())?;
    }
    file.sync_all()
}

/// The owner stays where we may set it; that we may not is the usual case and no error.
#[cfg(unix)]
fn keep_owner(file: &File, old: &fs::Metadata) {
    use std::os::unix::fs::MetadataExt;
    let _ = std::os::unix::fs::fchown(file, Some(old.uid()), Some(old.gid()));
}

#[cfg(not(unix))]
fn keep_owner(_file: &File, _old: &fs::Metadata) {}

/// Makes the rename itself survive a power cut, where folders can be flushed at all.
fn sync_folder(path: &Path) {
    if let Some(folder) = path.parent()
        && let Ok(folder) = File::open(folder)
    {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
#[path = "write_tests.rs"]
mod tests;
