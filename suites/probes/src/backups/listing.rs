//! Where backups are, and what is there.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use jiff::civil::DateTime;
use jiff::{Timestamp, tz::TimeZone};
use readiness::{Context, Error, Result, Unavailable};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Generations, format};

/// Generations that are kept of a listing, the newest.
const MAX_GENERATIONS: usize = 50;
/// Entries of a directory, and files of one generation, that are looked at.
const MAX_ENTRIES: usize = 10_000;
/// Characters of a name or of a tool's message that are kept.
const SHOWN: usize = 200;

/// Whose backups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    /// `PostgreSQL`.
    Postgres,
    /// Redis.
    Redis,
}

impl Store {
    /// As the configuration has it.
    pub fn name(self) -> &'static str {
        match self {
            Store::Postgres => "postgres",
            Store::Redis => "redis",
        }
    }
}

/// `[target.backup.postgres]` and `[target.backup.redis]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct BackupTarget {
    /// A directory, or `command:…` that lists.
    pub listing: Option<String>,
    /// Oldest that the newest may be, in hours.
    pub max_age_h: Option<f64>,
    /// Smallest that the newest may be against the median of its predecessors.
    pub min_ratio: Option<f64>,
    /// The store's own data directory, if it is on this machine: what lies there is no backup.
    pub data_dir: Option<PathBuf>,
}

/// The part of `[target]` that concerns backups.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Target {
    backup: BTreeMap<String, BackupTarget>,
}

/// The backups of one store.
#[derive(Debug, Clone)]
pub struct Backups {
    cx: Context,
    store: Store,
    target: BackupTarget,
}

impl Backups {
    /// The backups that `[target.backup]` names.
    ///
    /// # Errors
    /// [`Unavailable`] with the key to set.
    pub fn of(cx: &Context, store: Store) -> Result<Backups, Unavailable> {
        let target: Target = cx.target()?;
        let target = target.backup.get(store.name()).cloned().unwrap_or_default();
        if target.listing.is_none() {
            return Err(Unavailable::new(format!(
                "where the backups are is not known: set `backup.{}.listing` under [target] in \
                 readiness.toml to a directory or a command, or attest to them",
                store.name()
            )));
        }
        Ok(Self::at(cx, store, target))
    }

    /// Backups in hand.
    pub fn at(cx: &Context, store: Store, target: BackupTarget) -> Backups {
        Backups {
            cx: cx.clone(),
            store,
            target,
        }
    }

    /// What the configuration asks of them.
    pub fn policy(&self) -> super::Policy {
        let default = super::Policy::default();
        super::Policy {
            max_age_h: self.target.max_age_h.unwrap_or(default.max_age_h),
            min_ratio: self.target.min_ratio.unwrap_or(default.min_ratio),
        }
    }

    /// Looks at them.
    ///
    /// # Errors
    /// Unavailable if the directory cannot be read or the command fails.
    pub fn look(&self) -> Result<Generations> {
        self.cx.observe_now(self.store.name(), || {
            let listing = self.target.listing.as_deref().unwrap_or_default();
            match listing.strip_prefix("command:") {
                Some(command) => listed_by(command),
                None => self.directory(Path::new(listing)),
            }
        })
    }

    fn directory(&self, dir: &Path) -> Result<Generations> {
        let entries = fs::read_dir(dir).map_err(|e| {
            Error::unavailable(format!("no backup directory {}: {e}", dir.display()))
        })?;
        let now = SystemTime::now();
        let mut found = Vec::new();
        for entry in entries.flatten().take(MAX_ENTRIES) {
            let name = entry.file_name().to_string_lossy().into_owned();
            // Half-written files of the tools themselves, and `.gitkeep`.
            if !name.starts_with('.') {
                found.push(generation(&entry.path(), &name, now));
            }
        }
        found.sort_by(|a, b| {
            a.age_h
                .total_cmp(&b.age_h)
                .then_with(|| a.name.cmp(&b.name))
        });
        found.truncate(MAX_GENERATIONS);
        let (opened, problem) = match found.first() {
            Some(newest) => self.open(newest),
            None => (None, None),
        };
        let data = self.target.data_dir.as_deref();
        Ok(Generations::new(json!({
            "generations": found.iter().map(Generation::to_json).collect::<Vec<_>>(),
            "opened": opened,
            "problem": problem,
            "beside_data": data.is_some_and(|data| is_within(dir, data)),
        })))
    }

    /// Reads the newest with the tool of its store, where that is installed.
    fn open(&self, newest: &Generation) -> (Option<bool>, Option<String>) {
        let mut command = match (self.store, newest.format) {
            (Store::Postgres, "pg_dump") => {
                let mut command = Command::new("pg_restore");
                command.arg("--list");
                command
            }
            (Store::Redis, "redis dump") => Command::new("redis-check-rdb"),
            _ => return (None, None),
        };
        // A tool that is not there says nothing.
        let Ok(output) = command.arg(&newest.path).output() else {
            return (None, None);
        };
        if output.status.success() {
            return (Some(true), None);
        }
        let said = if output.stderr.is_empty() {
            &output.stdout
        } else {
            &output.stderr
        };
        let said = String::from_utf8_lossy(said);
        let line = said
            .lines()
            .rfind(|line| !line.trim().is_empty())
            .unwrap_or_default();
        (Some(false), Some(line.trim().chars().take(SHOWN).collect()))
    }
}

/// One backup.
struct Generation {
    name: String,
    path: PathBuf,
    age_h: f64,
    bytes: u64,
    format: &'static str,
}

impl Generation {
    fn to_json(&self) -> Value {
        let name: String = self.name.chars().take(SHOWN).collect();
        json!({"name": name, "age_h": self.age_h, "bytes": self.bytes, "format": self.format})
    }
}

fn generation(path: &Path, name: &str, now: SystemTime) -> Generation {
    let mut budget = MAX_ENTRIES;
    let (bytes, changed) = measured(path, &mut budget);
    let age = changed
        .and_then(|changed| now.duration_since(changed).ok())
        .unwrap_or_default();
    Generation {
        name: name.to_owned(),
        path: path.to_owned(),
        age_h: age.as_secs_f64() / 3600.0,
        bytes,
        format: format::of(path),
    }
}

/// Bytes and last change of a file, or of all files below a directory. Links are not followed.
fn measured(path: &Path, budget: &mut usize) -> (u64, Option<SystemTime>) {
    let Ok(meta) = fs::symlink_metadata(path) else {
        return (0, None);
    };
    if !meta.is_dir() {
        return (meta.len(), meta.modified().ok());
    }
    let mut total = (0_u64, None);
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        let Some(left) = budget.checked_sub(1) else {
            break;
        };
        *budget = left;
        let (bytes, changed) = measured(&entry.path(), budget);
        total = (total.0.saturating_add(bytes), total.1.max(changed));
    }
    total
}

fn is_within(dir: &Path, data: &Path) -> bool {
    match (dir.canonicalize(), data.canonicalize()) {
        (Ok(dir), Ok(data)) => dir.starts_with(data),
        _ => false,
    }
}

fn listed_by(command: &str) -> Result<Generations> {
    let output = Command::new("sh")
        .arg("-c")
        .arg(command)
        .output()
        .map_err(|e| Error::unavailable(format!("cannot run the backup listing: {e}")))?;
    if !output.status.success() {
        return Err(Error::unavailable(format!(
            "the backup listing ended with {}",
            output.status
        )));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let generations = parsed(&text, Timestamp::now())?;
    Ok(Generations::new(json!({
        "generations": generations, "opened": null, "problem": null, "beside_data": false,
    })))
}

/// Lines of time, bytes and name; a time may have a space in it.
fn parsed(text: &str, now: Timestamp) -> Result<Vec<Value>> {
    let mut found = Vec::new();
    let lines = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .take(MAX_ENTRIES);
    for (at, line) in lines.enumerate() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (time, rest) = time_of(&words).ok_or_else(|| {
            Error::other(format!(
                "line {} of the backup listing begins with no time",
                at + 1
            ))
        })?;
        let bytes: u64 = rest
            .first()
            .and_then(|bytes| bytes.parse().ok())
            .ok_or_else(|| {
                Error::other(format!(
                    "line {} of the backup listing has no number of bytes",
                    at + 1
                ))
            })?;
        let name: String = rest[1..].join(" ").chars().take(SHOWN).collect();
        #[expect(
            clippy::cast_precision_loss,
            reason = "seconds of some decades are exact"
        )]
        let age_h = (now.as_second() - time.as_second()).max(0) as f64 / 3600.0;
        found.push((
            age_h,
            json!({"name": name, "age_h": age_h, "bytes": bytes, "format": format::LISTED}),
        ));
    }
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    found.truncate(MAX_GENERATIONS);
    Ok(found
        .into_iter()
        .map(|(_, generation)| generation)
        .collect())
}

fn time_of<'w>(words: &'w [&'w str]) -> Option<(Timestamp, &'w [&'w str])> {
    let first = words.first()?;
    if let Ok(time) = first.parse() {
        return Some((time, &words[1..]));
    }
    let civil: DateTime = format!("{first} {}", words.get(1)?).parse().ok()?;
    let time = civil.to_zoned(TimeZone::UTC).ok()?.timestamp();
    Some((time, &words[2..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_is_read_in_both_forms_of_time() {
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        let text = "2026-11-22T00:00:00Z 100 a.dump\n\n2026-11-22 06:00:00   200 b c.dump\n";
        let found = parsed(text, now).unwrap();
        assert_eq!(
            found[0],
            json!({"name": "b c.dump", "age_h": 6.0, "bytes": 200, "format": "listed"})
        );
        assert_eq!(found[1]["age_h"], 12.0);
        for bad in [
            "yesterday 100 a",
            "2026-11-22T00:00:00Z many a",
            "2026-11-22T00:00:00Z",
        ] {
            assert!(parsed(bad, now).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_generation_may_be_a_directory() {
        let dir = tempfile::tempdir().unwrap();
        let backup = dir.path().join("base");
        fs::create_dir_all(backup.join("sub")).unwrap();
        fs::write(backup.join("backup_label"), "12345").unwrap();
        fs::write(backup.join("sub/1"), "123").unwrap();
        let found = generation(&backup, "base", SystemTime::now());
        assert_eq!(
            (found.bytes, found.format),
            (8, "pg_basebackup or pg_dump directory")
        );
        assert!(found.age_h < 1.0);
    }
}
