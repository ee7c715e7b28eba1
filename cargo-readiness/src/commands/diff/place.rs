//! Where a revision of a file stands, on disk or in git, and what it holds.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, bail};
use readiness::document::MAX_BYTES;

use crate::documents::shown;
use crate::journals::canonical;

/// Where a revision of a file stands.
#[derive(Debug, Clone)]
pub(super) enum Place {
    Disk(PathBuf),
    Git {
        /// Where git is asked; paths that begin with `./` are relative to it.
        folder: PathBuf,
        rev: String,
        path: String,
        /// As people call it.
        name: String,
    },
}

impl Place {
    /// A path of a revision, as it was typed.
    pub(super) fn in_git(folder: impl Into<PathBuf>, rev: &str, path: &str) -> Self {
        Self::Git {
            folder: folder.into(),
            rev: rev.to_owned(),
            path: path.to_owned(),
            name: format!("{rev}:{path}"),
        }
    }

    pub(super) fn name(&self) -> String {
        match self {
            Self::Disk(path) => shown(path),
            Self::Git { name, .. } => name.clone(),
        }
    }

    /// The same file at a revision. Git keeps links as links, so what they point to is asked for.
    pub(super) fn at(&self, rev: &str) -> Self {
        match self {
            Self::Disk(path) => {
                let file = canonical(path);
                let folder = file.parent().unwrap_or(Path::new("")).to_path_buf();
                let base = file.file_name().unwrap_or_default().to_string_lossy();
                let here = shown(&std::path::absolute(path).unwrap_or_else(|_| path.clone()));
                let spelled = Path::new(&here).is_absolute() || here.starts_with("..");
                let dot = if spelled { "" } else { "./" };
                Self::Git {
                    folder,
                    rev: rev.to_owned(),
                    path: format!("./{base}"),
                    name: format!("{rev}:{dot}{here}"),
                }
            }
            Self::Git { folder, path, .. } => Self::in_git(folder.clone(), rev, path),
        }
    }

    /// Where the file is checked out; none if git cannot tell.
    pub(super) fn on_disk(&self) -> Option<PathBuf> {
        match self {
            Self::Disk(path) => Some(path.clone()),
            Self::Git { folder, path, .. } if path.starts_with('.') => Some(folder.join(path)),
            Self::Git { folder, path, .. } => {
                let output = git(folder, ["rev-parse", "--show-toplevel"]).ok()?;
                let root = String::from_utf8(output.stdout).ok()?;
                let root = root.strip_suffix('\n')?;
                Some(Path::new(root).join(path))
            }
        }
    }

    /// Another file of the same folder and revision.
    pub(super) fn beside(&self, file: &str) -> Self {
        match self {
            Self::Disk(path) => Self::Disk(path.with_file_name(file)),
            Self::Git {
                folder, rev, path, ..
            } => {
                let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
                let slash = if parent.is_empty() { "" } else { "/" };
                Self::in_git(folder.clone(), rev, &format!("{parent}{slash}{file}"))
            }
        }
    }

    /// Whether a revision that is there lacks the file, as one does that is older than it.
    pub(super) fn is_missing(&self) -> bool {
        match self {
            Self::Disk(_) => false,
            Self::Git {
                folder, rev, path, ..
            } => is_revision(folder, rev) && !knows(folder, &format!("{rev}:{path}")),
        }
    }

    pub(super) fn read(&self) -> anyhow::Result<Vec<u8>> {
        let bytes = match self {
            Self::Disk(path) => {
                std::fs::read(path).with_context(|| format!("failed to read {}", path.display()))?
            }
            Self::Git {
                folder, rev, path, ..
            } => blob(folder, rev, path)?,
        };
        if bytes.len() as u64 > MAX_BYTES {
            bail!("{} is larger than {MAX_BYTES} bytes", self.name());
        }
        Ok(bytes)
    }
}

/// Whether git knows a commit of this name in a folder.
pub(super) fn is_revision(folder: &Path, name: &str) -> bool {
    knows(folder, &format!("{name}^{{commit}}"))
}

fn knows(folder: &Path, object: &str) -> bool {
    let words = ["rev-parse", "--verify", "--quiet", "--end-of-options"];
    let output = git(folder, words.into_iter().chain([object]));
    output.is_ok_and(|output| output.status.success())
}

/// A file's bytes as git keeps them, without what a pager or a filter would make of them.
fn blob(folder: &Path, rev: &str, path: &str) -> anyhow::Result<Vec<u8>> {
    if rev.is_empty() || rev.starts_with('-') {
        bail!("`{rev}` is no revision\n  hint: REV:PATH, as in HEAD~1:CHECKLIST.md");
    }
    let output = git(folder, ["cat-file", "blob", &format!("{rev}:{path}")])?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.trim().trim_start_matches("fatal: ").to_owned();
        bail!("git has no {rev}:{path}: {said}\n  hint: `{rev}:./NAME` is relative to this folder");
    }
    Ok(output.stdout)
}

fn git<S: AsRef<OsStr>>(
    folder: &Path,
    arguments: impl IntoIterator<Item = S>,
) -> anyhow::Result<Output> {
    let mut git = Command::new("git");
    if !folder.as_os_str().is_empty() {
        git.current_dir(folder);
    }
    git.args(arguments)
        .stdin(Stdio::null())
        .output()
        .context("failed to start git")
}
