//! The embedded target's files: its env file, and what its faults do to documents and manifests. Dates in them are written as
//! `{days ago: 30}`, so that a plan that was tested lately stays so.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::{ToSpan as _, Zoned, tz::TimeZone};
use readiness::{Error, Result};
use readiness_probes::target::Service as _;
use readiness_reference::Fault;
use tempfile::TempDir;

use crate::embedded::Embedded;
use crate::files::Paper;
use crate::target::Target;

/// The file that a deployment's environment is in.
pub(crate) struct EnvFile {
    path: PathBuf,
    /// Removed with this value, if it was made for the embedded target.
    _folder: Option<TempDir>,
}

impl EnvFile {
    /// That of a target, if it has one: `env.source = "file:…"`, or one that is written down from the
    /// embedded service's environment. Under replay nobody looks at it.
    pub(crate) fn of(target: &Target) -> Result<Option<EnvFile>> {
        let configured = target.config().env.source.as_deref();
        if let Some(path) = configured.and_then(|source| source.strip_prefix("file:")) {
            return Ok(Some(EnvFile {
                path: path.into(),
                _folder: None,
            }));
        }
        if !target.config().basics.is_embedded() {
            return Ok(None);
        }
        let Some(service) = target.embedded() else {
            return Ok(Some(EnvFile {
                path: PathBuf::new(),
                _folder: None,
            }));
        };
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("caio.env");
        write_down(&path, service)?;
        Ok(Some(EnvFile {
            path,
            _folder: Some(folder),
        }))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// Writes the environment into a file of its owner's alone, unless a fault says otherwise.
fn write_down(path: &Path, service: &Embedded) -> Result<()> {
    let mut text = String::new();
    for (name, value) in service.variables() {
        text.push_str(&name);
        text.push('=');
        text.push_str(&value);
        text.push('\n');
    }
    let faults = service.faults();
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        let is_open = faults.contains(&Fault::CaioSec003WorldReadableEnv);
        options.mode(if is_open { 0o644 } else { 0o600 });
    }
    options.open(path)?.write_all(text.as_bytes())?;
    if faults.contains(&Fault::CaioSec003TrackedEnv) {
        for args in [&["init", "-q"][..], &["add", "caio.env"]] {
            let folder = path.parent().unwrap_or(Path::new("."));
            let status = Command::new("git")
                .arg("-C")
                .arg(folder)
                .args(args)
                .status();
            if !status?.success() {
                return Err(Error::other("git does not track the env file"));
            }
        }
    }
    Ok(())
}

/// What a fault does.
#[derive(Debug, Clone, Copy)]
enum Edit {
    /// In one file, one text becomes another.
    Swap(&'static str, &'static str, &'static str),
    /// In all files, one text becomes another.
    SwapAll(&'static str, &'static str),
    /// One file has nothing in it.
    Empty(&'static str),
    /// Nothing is there.
    Remove,
}

use Edit::{Empty, Remove, Swap, SwapAll};

/// Where runbooks are.
const RUNBOOKS: &str = "docs/operations/runbooks/";

const EDITS: &[(Fault, Paper, Edit)] = &[
    (
        Fault::CaioSec003LiteralInManifest,
        Paper::Manifests,
        Swap(
            "caio.yaml",
            "valueFrom:\n                secretKeyRef: { name: caio, key: pepper }",
            "value: 7f3a9c11d0e84b52",
        ),
    ),
    (
        Fault::CaioSec004OpenToWorld,
        Paper::Manifests,
        Swap(
            "network.yaml",
            "        - port: 443\n",
            "        - port: 9090\n",
        ),
    ),
    (
        Fault::CaioSec004NoDefaultDeny,
        Paper::Manifests,
        Swap(
            "network.yaml",
            "podSelector: {}",
            "podSelector: { matchLabels: { app: old } }",
        ),
    ),
    (
        Fault::CaioSec004DatabasePortOpen,
        Paper::Manifests,
        Swap(
            "scaling.yaml",
            "apiVersion: policy/v1",
            "apiVersion: v1\nkind: Service\nmetadata: { name: database }\n\
             spec: { type: LoadBalancer, ports: [{ port: 5432 }] }\n---\napiVersion: policy/v1",
        ),
    ),
    (
        Fault::CaioRel001NoProbe,
        Paper::Manifests,
        Swap("caio.yaml", "readinessProbe:", "startupProbe:"),
    ),
    (
        Fault::CaioRel001WrongProbePath,
        Paper::Manifests,
        Swap(
            "caio.yaml",
            "livenessProbe:\n            httpGet: { path: /health,",
            "livenessProbe:\n            httpGet: { path: /,",
        ),
    ),
    (
        Fault::CaioPerf001NoLimit,
        Paper::Manifests,
        SwapAll("limits:", "unknown:"),
    ),
    (
        Fault::CaioPerf001OneContainerMissing,
        Paper::Manifests,
        Swap("caio.yaml", "cpu: 100m, memory: 64Mi", "cpu: 100m"),
    ),
    (
        Fault::CaioPerf001CgroupUnlimited,
        Paper::Cgroup,
        Swap("memory.max", "268435456", "max"),
    ),
    (
        Fault::CaioPerf002SingleReplica,
        Paper::Manifests,
        Swap("caio.yaml", "replicas: 3", "replicas: 1"),
    ),
    (
        Fault::CaioPerf002NoHpa,
        Paper::Manifests,
        Swap(
            "scaling.yaml",
            "kind: HorizontalPodAutoscaler",
            "kind: Nothing",
        ),
    ),
    (
        Fault::CaioPerf002MinEqualsMax,
        Paper::Manifests,
        Swap("scaling.yaml", "maxReplicas: 9", "maxReplicas: 3"),
    ),
    (Fault::CaioRel005Missing, Paper::BackupPlan, Remove),
    (
        Fault::CaioRel005NoRestoreSteps,
        Paper::BackupPlan,
        Swap("BACKUP.md", "## Restore", "## Thanks"),
    ),
    (
        Fault::CaioRel005StaleTest,
        Paper::BackupPlan,
        Swap("BACKUP.md", "{days ago: 30}", "{days ago: 200}"),
    ),
    (Fault::CaioRel006Missing, Paper::Runbooks, Remove),
    (
        Fault::CaioRel006EmptyFile,
        Paper::Runbooks,
        Empty("key-leak.md"),
    ),
    (
        Fault::CaioRel006DeadRunbookUrl,
        Paper::Rules,
        Swap("rules.yml", "key-leak.md", "key-theft.md"),
    ),
    (
        Fault::CaioRel004NoSecurityRule,
        Paper::Rules,
        SwapAll(
            "AuthFailures\n        expr: sum(rate(caio_auth_failures_total[5m]))",
            "Requests\n        expr: sum(rate(http_requests_total[5m]))",
        ),
    ),
    (
        Fault::CaioPerf005P99Missing,
        Paper::Rules,
        Swap(
            "rules.yml",
            "LatencyP99\n        expr: histogram_quantile(0.99",
            "LatencyMedian\n        expr: histogram_quantile(0.5",
        ),
    ),
    (
        Fault::CaioOps002UndocumentedVar,
        Paper::EnvReference,
        SwapAll("| `CAIO_LOG_FORMAT` |", "| the log's format |"),
    ),
    (
        Fault::CaioOps002DocumentedUnused,
        Paper::EnvReference,
        SwapAll(
            "| `CAIO_LOG_FORMAT` |",
            "| `CAIO_LOG_LEVEL` | how much is logged | words | same |\n| `CAIO_LOG_FORMAT` |",
        ),
    ),
    (
        Fault::CaioOps002EnvironmentDrift,
        Paper::Staging,
        SwapAll(
            "CAIO_CONTRACT_CACHE_TTL: \"300\"",
            "CAIO_CONTRACT_CACHE_TTL: \"60\"",
        ),
    ),
    (Fault::CaioOps005Missing, Paper::RecoveryPlan, Remove),
    (
        Fault::CaioOps005Untested,
        Paper::RecoveryPlan,
        SwapAll("On {days ago: 60}", "Not yet"),
    ),
    (
        Fault::CaioOps005RtoExceeded,
        Paper::RecoveryPlan,
        SwapAll("RTO 75 minutes", "RTO 150 minutes"),
    ),
    (
        Fault::CaioOps006DeadLink,
        Paper::Referring,
        SwapAll("runbooks/service-down.md", "runbooks/service-gone.md"),
    ),
    (
        Fault::CaioOps006EmptyTarget,
        Paper::Referring,
        SwapAll("runbooks/service-down.md", "runbooks/README.md"),
    ),
    (
        Fault::CaioOps006NoneReferenced,
        Paper::Referring,
        SwapAll(RUNBOOKS, "the wiki/"),
    ),
];

/// Fills in dates, then does what the faults do.
pub(crate) fn apply(faults: &[Fault], paper: Paper, files: &mut BTreeMap<String, String>) {
    for (fault, concerned, edit) in EDITS {
        if *concerned == paper && faults.contains(fault) {
            edit.apply(files);
        }
    }
    if paper == Paper::Runbooks && faults.contains(&Fault::CaioOps006EmptyTarget) {
        files.insert("README.md".to_owned(), String::new());
    }
    for text in files.values_mut() {
        *text = dated(text);
    }
}

impl Edit {
    fn apply(self, files: &mut BTreeMap<String, String>) {
        match self {
            Swap(name, from, to) => {
                if let Some(text) = files.get_mut(name) {
                    *text = text.replacen(from, to, 1);
                }
            }
            SwapAll(from, to) => {
                for text in files.values_mut() {
                    *text = text.replace(from, to);
                }
            }
            Empty(name) => {
                files.insert(name.to_owned(), String::new());
            }
            Remove => files.clear(),
        }
    }
}

/// The text with dates in place of `{days ago: N}`.
fn dated(text: &str) -> String {
    const OPEN: &str = "{days ago: ";
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(OPEN) {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        rest = &after[OPEN.len()..];
        let number = rest.split('}').next().unwrap_or_default();
        if let Ok(days) = number.parse::<i64>() {
            let today = Zoned::now().with_time_zone(TimeZone::UTC).date();
            let date = today.checked_sub(days.days()).unwrap_or(today);
            out.push_str(&date.to_string());
            rest = &rest[(number.len() + 1).min(rest.len())..];
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::TargetConfig;
    use crate::files;

    #[test]
    fn each_edit_finds_what_it_changes() {
        for (fault, paper, _) in EDITS {
            let config = TargetConfig::default();
            let read = |faults: &[Fault]| files::embedded(&config, *paper, faults).unwrap();
            assert_ne!(read(&[]), read(&[*fault]), "{fault} changes nothing");
        }
    }

    #[test]
    fn dates_are_filled_in() {
        let today = Zoned::now().with_time_zone(TimeZone::UTC).date();
        assert_eq!(dated("on {days ago: 0}, {x}"), format!("on {today}, {{x}}"));
    }
}
