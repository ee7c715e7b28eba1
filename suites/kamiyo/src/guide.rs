//! The deployment guide: the one that is configured, or the embedded target's, which is a copy of that. A
//! demonstration does not grow old, however long ago the files of its clone were written.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use readiness_reference::Fault;
use tempfile::TempDir;

/// Older than any guide that is still one.
const TWO_YEARS: Duration = Duration::from_secs(2 * 365 * 86_400);

/// A guide to be looked at.
pub(crate) enum Guide {
    /// The one that the configuration names.
    Given(PathBuf),
    /// A copy of it, as new as the service that it is about, or with a defect.
    Copied(TempDir),
}

impl Guide {
    /// The embedded target's: a copy of the one at `path`, with the defects among `faults`.
    pub(crate) fn copied(path: &Path, faults: &[String]) -> std::io::Result<Guide> {
        let fault = faults
            .iter()
            .filter_map(|name| Fault::parse(name).ok())
            .find(|fault| fault.requirement() == "DOC-006");
        copy(path, fault).map(Guide::Copied)
    }

    pub(crate) fn path(&self) -> PathBuf {
        match self {
            Guide::Given(path) => path.clone(),
            Guide::Copied(dir) => copy_in(dir),
        }
    }
}

fn copy_in(dir: &TempDir) -> PathBuf {
    dir.path().join("guide.md")
}

fn copy(path: &Path, fault: Option<Fault>) -> std::io::Result<TempDir> {
    let text = fs::read_to_string(path)?;
    let dir = tempfile::tempdir()?;
    let copy = copy_in(&dir);
    match fault {
        None => fs::write(copy, text)?,
        Some(Fault::Doc006Missing) => {}
        Some(Fault::Doc006NoRollback) => {
            let kept = text.split("## Roll back").next().unwrap_or_default();
            fs::write(copy, kept)?;
        }
        Some(Fault::Doc006VariableMissing) => {
            fs::write(copy, text.replace("LOG_LEVEL", "VERBOSITY"))?;
        }
        Some(_) => {
            fs::write(&copy, text)?;
            let then = SystemTime::now() - TWO_YEARS;
            fs::File::options()
                .write(true)
                .open(copy)?
                .set_modified(then)?;
        }
    }
    Ok(dir)
}
