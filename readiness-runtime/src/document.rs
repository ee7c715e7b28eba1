//! The checklist as a file: finding it, reading it, and replacing it atomically or not at all.
//!
//! What is found: the configuration (`readiness.toml`) and the checklist that it names; without a
//! configuration, a checklist by name. Writing makes a temporary file in the same directory, flushes
//! it, compares the document with the bytes that were parsed and, if they are still the same, renames
//! the one over the other. Whoever is killed on the way leaves the old document or the new one; the
//! temporary file that may be left is removed by the next writer. A symbolic link is followed: its
//! target is replaced, the link stays. Mode and owner are kept where the system lets us.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use readiness_checklist::{Checklist, Severity};

use crate::config::{Config, FILE_NAME};
use crate::diagnostic::{Code, Diagnostic};

/// Checklists by name, best first, in any case.
pub const NAMES: &[&str] = &[
    "CHECKLIST.md",
    "PRODUCTION_READINESS_CHECKLIST.md",
    "READINESS.md",
];

/// The largest document that is read, in bytes: some hundred thousand rows.
pub const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Overrides the search for the configuration file.
pub const CONFIG_VARIABLE: &str = "READINESS_CONFIG";

/// A checklist and its configuration, read.
#[derive(Debug, Clone)]
pub struct Located {
    /// The configuration; all default without a file.
    pub config: Config,
    /// The checklist file.
    pub path: PathBuf,
    /// What it holds.
    pub checklist: Checklist,
}

/// Why no checklist could be had; every finding has its code, place and fix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentError(pub Vec<Diagnostic>);

impl std::fmt::Display for DocumentError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, diagnostic) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{diagnostic}")?;
        }
        Ok(())
    }
}

impl std::error::Error for DocumentError {}

impl From<Diagnostic> for DocumentError {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

/// Finds and reads the checklist of the package in `manifest_dir`: by `READINESS_CONFIG`, else
/// there, then upward to the root of the workspace.
///
/// # Errors
/// `checklist-not-found` with the places searched, or what is wrong with the files that were found.
pub fn find(manifest_dir: &Path) -> Result<Located, DocumentError> {
    find_with(
        manifest_dir,
        std::env::var_os(CONFIG_VARIABLE).map(PathBuf::from),
    )
}

/// As [`find`], with the configuration file given or not.
///
/// # Errors
/// As [`find`].
pub fn find_with(manifest_dir: &Path, config: Option<PathBuf>) -> Result<Located, DocumentError> {
    if let Some(config) = config {
        return from_config(&manifest_dir.join(config));
    }
    let places = places(manifest_dir);
    for place in &places {
        let config = place.join(FILE_NAME);
        if config.is_file() {
            return from_config(&config);
        }
    }
    for place in &places {
        if let Some(path) = by_name(place) {
            return open(Config::default(), path);
        }
    }
    let searched: Vec<String> = places.iter().map(|p| p.display().to_string()).collect();
    Err(not_found(
        manifest_dir,
        &format!(
            "no {FILE_NAME} and no {} in {}",
            NAMES.join(", "),
            searched.join(", ")
        ),
    ))
}

/// Reads a configuration and the checklist that it names.
///
/// # Errors
/// What is wrong with either.
pub fn from_config(config_path: &Path) -> Result<Located, DocumentError> {
    let config = Config::load(config_path).map_err(DocumentError)?;
    let folder = config_path.parent().unwrap_or(Path::new(""));
    let path = match &config.checklist {
        Some(path) => folder.join(path),
        None => by_name(folder).ok_or_else(|| {
            not_found(
                config_path,
                &format!(
                    "it names no checklist, and there is no {} beside it",
                    NAMES.join(", ")
                ),
            )
        })?,
    };
    open(config, path)
}

fn not_found(path: &Path, message: &str) -> DocumentError {
    Diagnostic::new(Code::ChecklistNotFound, path, message)
        .hint(format!(
            "write a CHECKLIST.md, or name it in {FILE_NAME}: checklist = \"…\""
        ))
        .into()
}

/// The folders to search: the package's own and its parents up to the root of its workspace or
/// repository. Without such a root above it, the package's own alone.
fn places(manifest_dir: &Path) -> Vec<PathBuf> {
    let start = std::path::absolute(manifest_dir).unwrap_or_else(|_| manifest_dir.to_path_buf());
    let mut places = Vec::new();
    for folder in start.ancestors() {
        places.push(folder.to_path_buf());
        if is_root(folder) {
            return places;
        }
    }
    places.truncate(1);
    places
}

fn is_root(folder: &Path) -> bool {
    if folder.join(".git").exists() {
        return true;
    }
    fs::read_to_string(folder.join("Cargo.toml")).is_ok_and(|text| {
        text.lines()
            .any(|line| matches!(line.trim_start().get(..10), Some("[workspace")))
    })
}

/// A checklist by name, in the order of [`NAMES`]; of names that differ in case alone the first by
/// byte order.
fn by_name(folder: &Path) -> Option<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    files.sort();
    let found = NAMES
        .iter()
        .find_map(|name| files.iter().find(|file| file.eq_ignore_ascii_case(name)))?;
    Some(folder.join(found)).filter(|path| path.is_file())
}

/// Reads the checklist at `path` with the options of `config`.
///
/// # Errors
/// What makes it unreadable as a checklist. Faults that only forbid writing are left to the
/// document's own diagnostics.
pub fn open(config: Config, path: PathBuf) -> Result<Located, DocumentError> {
    let bytes = read(&path)?;
    if bytes.is_empty() || bytes == b"\xef\xbb\xbf" {
        return Err(
            Diagnostic::new(Code::ChecklistEmpty, &path, "the file is empty")
                .hint("a checklist has rows with a status, or boxes: - [ ] …")
                .into(),
        );
    }
    let checklist = Checklist::parse_with(bytes, &config.checklist_options()).map_err(|error| {
        let code = match error {
            readiness_checklist::ParseError::TooLarge { .. } => Code::ChecklistTooLarge,
            _ => Code::EncodingUnsupported,
        };
        Diagnostic::new(code, &path, error.to_string())
            .at(error.line())
            .hint(error.hint())
    })?;
    if checklist.items().is_empty() {
        return Err(Diagnostic::new(
            Code::ChecklistNoItems,
            &path,
            "no row with a status and no box found",
        )
        .hint("a checklist has tables with a Status column, or boxes: - [ ] …")
        .into());
    }
    Ok(Located {
        config,
        path,
        checklist,
    })
}

fn read(path: &Path) -> Result<Vec<u8>, Diagnostic> {
    let failed = |error: &io::Error| {
        let code = match error.kind() {
            io::ErrorKind::NotFound => Code::ChecklistNotFound,
            _ => Code::ChecklistUnreadable,
        };
        Diagnostic::new(code, path, error.to_string()).hint("check the path and its permissions")
    };
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| failed(&error))?;
    if bytes.len() as u64 > MAX_BYTES {
        let message = format!("the file is larger than {MAX_BYTES} bytes");
        return Err(Diagnostic::new(Code::ChecklistTooLarge, path, message)
            .hint("split the checklist into several files"));
    }
    Ok(bytes)
}

impl Located {
    /// The ledger's place: beside the checklist.
    pub fn ledger_path(&self) -> PathBuf {
        self.path.with_file_name(crate::ledger::FILE_NAME)
    }

    /// The document's faults because of which nothing of it may be written.
    pub fn file_errors(&self) -> Vec<Diagnostic> {
        self.checklist
            .diagnostics()
            .iter()
            .filter(|d| d.severity == Severity::FileError)
            .map(|found| {
                let bytes = self.checklist.bytes();
                Diagnostic::of_document(Code::ChecklistDamaged, &self.path, bytes, found)
            })
            .collect()
    }
}

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

    /// Replaces the document if it still holds `old`. Equal bytes are not written.
    ///
    /// # Errors
    /// `file-changed` or `write-failed`; the document is then as it was.
    pub fn replace(&self, old: &[u8], new: &[u8]) -> Result<bool, Diagnostic> {
        if old == new {
            return Ok(false);
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
#[path = "document_tests.rs"]
mod tests;
