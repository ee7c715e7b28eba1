//! The deployment guide as the embedded target shows it: the suite's own, or a copy with a defect.

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
    /// A copy of it with a defect.
    Spoilt(TempDir),
}

impl Guide {
    /// The guide at `path`, with the defects among `faults`.
    pub(crate) fn new(path: PathBuf, faults: &[String]) -> std::io::Result<Guide> {
        let fault = faults
            .iter()
            .filter_map(|name| Fault::parse(name).ok())
            .find(|fault| fault.requirement() == "DOC-006");
        match fault {
            Some(fault) => spoilt(&path, fault).map(Guide::Spoilt),
            None => Ok(Guide::Given(path)),
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        match self {
            Guide::Given(path) => path.clone(),
            Guide::Spoilt(dir) => copy_in(dir),
        }
    }
}

fn copy_in(dir: &TempDir) -> PathBuf {
    dir.path().join("guide.md")
}

fn spoilt(path: &Path, fault: Fault) -> std::io::Result<TempDir> {
    let text = fs::read_to_string(path)?;
    let dir = tempfile::tempdir()?;
    let copy = copy_in(&dir);
    match fault {
        Fault::Doc006Missing => {}
        Fault::Doc006NoRollback => {
            let kept = text.split("## Roll back").next().unwrap_or_default();
            fs::write(copy, kept)?;
        }
        Fault::Doc006VariableMissing => fs::write(copy, text.replace("LOG_LEVEL", "VERBOSITY"))?,
        _ => {
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
