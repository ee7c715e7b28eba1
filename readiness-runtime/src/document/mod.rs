//! The checklist as a file: finding it, reading it, and, for the command, replacing it atomically or not
//! at all.
//!
//! What is found: the configuration (`readiness.toml`) and the checklist that it names; without a
//! configuration, a checklist by name.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use readiness_checklist::{Checklist, Severity};

use crate::config::{Config, FILE_NAME};
use crate::diagnostic::{Code, Diagnostic};

#[cfg(feature = "assess")]
mod write;

#[cfg(feature = "assess")]
pub use write::{WriteLock, write_atomically};

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
    // Opening a pipe that nobody writes to waits for ever.
    let kind = fs::metadata(path).map_err(|error| failed(&error))?;
    if !kind.is_file() {
        return Err(failed(&io::Error::other("it is no file")));
    }
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

#[cfg(test)]
mod tests;
