//! Files that `init` and `new` write for a user: planned, shown as a diff, then written.
//!
//! Invariants: a file that is there keeps every byte that the change is not about; a plan that is
//! made again after it was written is empty; nothing is written over an edit made in between.
//!
//! | module | makes |
//! |---|---|
//! | [`manifest`] | the dependency and the test target in `Cargo.toml` |
//! | [`check`] | the skeleton of a check |
//! | [`starter`] | a checklist, its configuration, its first checks and a CI workflow |

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use readiness::document::write_atomically;

use crate::documents::shown;
use crate::ui::Ui;
use crate::unified::{Header, unified};

pub(crate) mod check;
pub(crate) mod manifest;
pub(crate) mod starter;

/// Unchanged lines shown around a change.
const CONTEXT: usize = 2;

/// A file as it is, and as it is to be.
#[derive(Debug)]
struct Change {
    path: PathBuf,
    before: Option<String>,
    after: String,
}

/// What is to be written, in the order in which it is shown.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    changes: Vec<Change>,
}

impl Plan {
    /// Plans a file to become what `edit` makes of its text, which is empty where there is none yet.
    pub(crate) fn edit(
        &mut self,
        path: &Path,
        edit: impl FnOnce(&str) -> anyhow::Result<String>,
    ) -> anyhow::Result<()> {
        let before = read(path)?;
        let after = edit(before.as_deref().unwrap_or_default())?;
        if before.as_ref() != Some(&after) {
            let path = path.to_path_buf();
            self.changes.push(Change {
                path,
                before,
                after,
            });
        }
        Ok(())
    }

    /// Plans a new file; one that is there already stays as it is.
    pub(crate) fn create(&mut self, path: &Path, text: &str) -> anyhow::Result<()> {
        self.edit(path, |old| {
            Ok(if old.is_empty() { text } else { old }.to_owned())
        })
    }

    /// Whether everything is as it should be already.
    pub(crate) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Prints each change as a unified diff.
    pub(crate) fn show(&self, ui: &mut Ui) {
        for change in &self.changes {
            let (name, before) = (shown(&change.path), change.before.as_deref());
            let header = Header {
                old: before.map_or("/dev/null", |_| &name),
                new: &name,
                context: CONTEXT,
            };
            let (before, after) = (before.unwrap_or_default(), change.after.as_bytes());
            let diff = unified(&header, before.as_bytes(), after);
            for line in String::from_utf8_lossy(&diff).lines() {
                ui.line(line);
            }
        }
    }

    /// Writes everything, each file whole or not at all.
    pub(crate) fn write(&self, ui: &mut Ui) -> anyhow::Result<()> {
        for change in &self.changes {
            if read(&change.path)? != change.before {
                bail!(
                    "{} was changed by somebody else meanwhile\n  hint: run the command again",
                    shown(&change.path)
                );
            }
            if let Some(folder) = change.path.parent() {
                fs::create_dir_all(folder)
                    .with_context(|| format!("failed to make the folder {}", shown(folder)))?;
            }
            write_atomically(&change.path, change.after.as_bytes())?;
            ui.line(format!("written: {}", shown(&change.path)));
        }
        Ok(())
    }
}

fn read(path: &Path) -> anyhow::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("failed to read {}", path.display())),
    }
}
