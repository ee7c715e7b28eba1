//! Backups of an embedded store: made by the store's own tool, dated as a daily schedule would have,
//! and each way in which that goes wrong.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use readiness::Unavailable;
use readiness_probes::backups::BackupTarget;
use tempfile::TempDir;

/// Hours between two backups.
const SCHEDULE_H: u64 = 24;
/// How old the newest is, in hours.
const NEWEST_H: u64 = 3;
/// How many are kept.
const GENERATIONS: u64 = 3;
/// How much older all of them are under the fault `stale`.
const STALE_H: u64 = 7 * 24;

/// A directory of backups.
#[derive(Debug)]
pub(super) struct Kept {
    dir: TempDir,
    data_dir: Option<PathBuf>,
}

impl Kept {
    /// Backups that `make` writes, one like the other, with the defect of a fault's variant.
    pub fn new(
        suffix: &str,
        fault: Option<&str>,
        make: impl FnOnce(&Path) -> Result<(), Unavailable>,
    ) -> Result<Kept, Unavailable> {
        let dir = tempfile::Builder::new()
            .prefix("readiness-backups-")
            .tempdir()
            .map_err(|error| cannot(&error))?;
        let kept = Kept {
            data_dir: None,
            dir,
        };
        if fault == Some("missing") {
            return Ok(kept);
        }
        let newest = kept.file(suffix, 0);
        make(&newest)?;
        kept.multiply(suffix, fault)
            .and_then(|()| spoil(&newest, fault))
            .and_then(|()| kept.date(suffix, fault))
            .map_err(|error| cannot(&error))?;
        Ok(kept)
    }

    /// The store's own directory, passed off as backups.
    pub fn in_place(data_dir: &Path) -> Result<Kept, Unavailable> {
        Ok(Kept {
            data_dir: Some(data_dir.to_owned()),
            dir: tempfile::tempdir().map_err(|error| cannot(&error))?,
        })
    }

    /// How they are configured.
    pub fn target(&self) -> BackupTarget {
        let dir = self.data_dir.as_deref().unwrap_or(self.dir.path());
        BackupTarget {
            listing: Some(dir.display().to_string()),
            data_dir: self.data_dir.clone(),
            ..Kept::policy()
        }
    }

    /// What is asked of them: what is asked of any.
    pub fn policy() -> BackupTarget {
        BackupTarget::default()
    }

    fn file(&self, suffix: &str, days: u64) -> PathBuf {
        self.dir.path().join(format!("{days}-days-ago.{suffix}"))
    }

    /// The generations before. Under the fault `shrunk` they are ten times as large: that leaves the
    /// newest a whole one, with nothing wrong but its size.
    fn multiply(&self, suffix: &str, fault: Option<&str>) -> std::io::Result<()> {
        let mut bytes = fs::read(self.file(suffix, 0))?;
        if fault == Some("shrunk") {
            bytes = bytes.repeat(10);
        }
        for days in 1..GENERATIONS {
            fs::write(self.file(suffix, days), &bytes)?;
        }
        Ok(())
    }

    fn date(&self, suffix: &str, fault: Option<&str>) -> std::io::Result<()> {
        let late = if fault == Some("stale") { STALE_H } else { 0 };
        for days in 0..GENERATIONS {
            let hours = NEWEST_H + days * SCHEDULE_H + late;
            let time = SystemTime::now() - Duration::from_secs(hours * 3_600);
            File::options()
                .write(true)
                .open(self.file(suffix, days))?
                .set_modified(time)?;
        }
        Ok(())
    }
}

fn spoil(newest: &Path, fault: Option<&str>) -> std::io::Result<()> {
    match fault {
        Some("empty") => fs::write(newest, b""),
        // As long as before, and nothing but zeros from within the table of contents on.
        Some("corrupt") => {
            let mut bytes = fs::read(newest)?;
            let kept = INTACT.min(bytes.len() / 2);
            bytes[kept..].fill(0);
            fs::write(newest, bytes)
        }
        _ => Ok(()),
    }
}

/// Bytes of a dump that end within its table of contents, however much data follows that.
const INTACT: usize = 400;

fn cannot(error: &std::io::Error) -> Unavailable {
    Unavailable::new(format!("no backups of the embedded store: {error}"))
}
