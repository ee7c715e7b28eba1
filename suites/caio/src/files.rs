//! The files of a deployment: manifests, rules, documents. Where they are is configured; the embedded
//! target has those of this crate, altered by its faults.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use readiness::Unavailable;
use readiness_probes::manifests::bounded;
use readiness_reference::Fault;

use crate::config::TargetConfig;
use crate::fixture;

/// Files below one folder at most.
const MAX_FILES: usize = 1_000;
/// What is read of a folder.
const ENDINGS: [&str; 4] = ["md", "yaml", "yml", "json"];

/// One kind of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paper {
    Manifests,
    Staging,
    Rules,
    Cgroup,
    BackupPlan,
    RecoveryPlan,
    Scaling,
    EnvReference,
    Runbooks,
    Referring,
}

impl Paper {
    /// The key that says where they are.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Paper::Manifests => "deploy.manifests",
            Paper::Staging => "deploy.staging",
            Paper::Rules => "deploy.rules",
            Paper::Cgroup => "deploy.cgroup",
            Paper::BackupPlan => "docs.backup_plan",
            Paper::RecoveryPlan => "docs.recovery_plan",
            Paper::Scaling => "docs.scaling",
            Paper::EnvReference => "docs.env_reference",
            Paper::Runbooks => "docs.runbooks",
            Paper::Referring => "docs.referring",
        }
    }

    /// Where they are as configured.
    fn places(self, config: &TargetConfig) -> Vec<String> {
        let (docs, deploy) = (&config.docs, &config.deploy);
        let place = match self {
            Paper::Manifests => &deploy.manifests,
            Paper::Staging => &deploy.staging,
            Paper::Rules => &deploy.rules,
            Paper::Cgroup => &deploy.cgroup,
            Paper::BackupPlan => &docs.backup_plan,
            Paper::RecoveryPlan => &docs.recovery_plan,
            Paper::Scaling => &docs.scaling,
            Paper::EnvReference => &docs.env_reference,
            Paper::Runbooks => &docs.runbooks,
            Paper::Referring => return docs.referring.clone().unwrap_or_default(),
        };
        place.iter().cloned().collect()
    }

    /// Where they are in this crate.
    fn own_places(self) -> &'static [&'static str] {
        match self {
            Paper::Manifests => &["deployment/production"],
            Paper::Staging => &["deployment/staging"],
            Paper::Rules => &["deployment/prometheus"],
            Paper::Cgroup => &["deployment/cgroup"],
            Paper::BackupPlan => &["docs/operations/BACKUP.md"],
            Paper::RecoveryPlan => &["docs/operations/RECOVERY.md"],
            Paper::Scaling => &["docs/operations/SCALING.md"],
            Paper::EnvReference => &["docs/deployment/ENVIRONMENT_VARIABLES.md"],
            Paper::Runbooks => &["docs/operations/runbooks"],
            Paper::Referring => &["CHECKLIST.md", "docs"],
        }
    }

    /// Whether the configuration says where they are.
    pub(crate) fn is_configured(self, config: &TargetConfig) -> bool {
        !self.places(config).is_empty()
    }
}

/// The files of a deployment, by name: a single one by its own, those of a folder by their path from
/// there. A file that is configured and not there is no file: what that means is a check's business.
pub(crate) fn configured(
    config: &TargetConfig,
    paper: Paper,
) -> Result<BTreeMap<String, String>, Unavailable> {
    let places = paper.places(config);
    if places.is_empty() {
        return Err(Unavailable::new(format!(
            "nothing is known to look at: set `{}` under [target] in readiness.toml",
            paper.key()
        )));
    }
    let mut files = BTreeMap::new();
    for place in places {
        read(&found(&place), paper, &mut files)?;
    }
    Ok(files)
}

/// The files of this crate, or those configured instead, as the embedded target shows them.
pub(crate) fn embedded(
    config: &TargetConfig,
    paper: Paper,
    faults: &[Fault],
) -> Result<BTreeMap<String, String>, Unavailable> {
    let mut files = if paper.is_configured(config) {
        configured(config, paper)?
    } else {
        let mut files = BTreeMap::new();
        for place in paper.own_places() {
            read(&home().join(place), paper, &mut files)?;
        }
        files
    };
    fixture::apply(faults, paper, &mut files);
    Ok(files)
}

/// Where this crate's files are.
fn home() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A path from here, or from the working directory.
fn found(place: &str) -> PathBuf {
    let own = home().join(place);
    if own.exists() { own } else { place.into() }
}

fn read(
    place: &Path,
    paper: Paper,
    files: &mut BTreeMap<String, String>,
) -> Result<(), Unavailable> {
    if place.is_file() {
        let name = place.file_name().unwrap_or(place.as_os_str());
        files.insert(name.to_string_lossy().into_owned(), bounded(place)?);
        return Ok(());
    }
    let mut folders = vec![place.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() && !path.is_symlink() && paper != Paper::Cgroup {
                folders.push(path);
            } else if is_read(&path, paper) {
                let name = path.strip_prefix(place).unwrap_or(&path);
                files.insert(name.display().to_string(), bounded(&path)?);
            }
        }
        if files.len() > MAX_FILES || folders.len() > MAX_FILES {
            let place = place.display();
            return Err(Unavailable::new(format!(
                "{place} holds more than {MAX_FILES} files"
            )));
        }
    }
    Ok(())
}

fn is_read(path: &Path, paper: Paper) -> bool {
    if paper == Paper::Cgroup {
        let name = path.file_name().and_then(|name| name.to_str());
        return matches!(name, Some("memory.max" | "memory.peak" | "cpu.max"));
    }
    let ending = path.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| ENDINGS.contains(&ending))
}
