//! Where the checklist of the crate that is being compiled is.
//!
//! 1. `READINESS_CHECKLIST` names the document.
//! 2. `readiness.toml` names it: the file in `READINESS_CONFIG`, else the nearest one from the
//!    crate's directory up to the workspace root.
//! 3. Without a configuration it has a usual name, in the same directories; with one that names no
//!    checklist, beside it.
//!
//! The test harness searches in the same way, so that both mean the same document.
//!
//! The workspace root is the nearest directory with a `[workspace]` or a `.git`; a crate under
//! neither is searched in its own directory only.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::cache::{Cache, Stamp};
use super::shown;

/// Usual names, in the order of preference; case does not matter.
const NAMES: [&str; 3] = [
    "CHECKLIST.md",
    "PRODUCTION_READINESS_CHECKLIST.md",
    "READINESS.md",
];

/// No configuration by hand comes near this; what is larger is not one.
const LARGEST_CONFIG: usize = 1 << 20;

/// A checklist and what the configuration says about it.
#[derive(Debug)]
pub(crate) struct Located {
    pub(crate) document: PathBuf,
    settings: Arc<Config>,
    /// The version of the configuration that the ids come from.
    pub(crate) config: Option<Stamp>,
}

impl Located {
    /// Derived id to id.
    pub(crate) fn ids(&self) -> &BTreeMap<String, String> {
        &self.settings.ids
    }
}

/// The two keys of `readiness.toml` that matter here.
#[derive(Debug, Default, PartialEq, Eq)]
struct Config {
    checklist: Option<String>,
    ids: BTreeMap<String, String>,
}

static CONFIGS: Cache<Result<Arc<Config>, String>> = Cache::new();
static WORKSPACES: Cache<bool> = Cache::new();

/// The checklist for `CARGO_MANIFEST_DIR`, or a message that names every place that was tried.
pub(crate) fn locate() -> Result<Located, String> {
    let start = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from("."), PathBuf::from);
    // A relative path starts at the crate: the compiler's own directory depends on the workspace.
    let named = |name| {
        env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(|value| start.join(value))
    };
    find(
        &start,
        named("READINESS_CONFIG"),
        named("READINESS_CHECKLIST"),
    )
}

fn find(
    start: &Path,
    config: Option<PathBuf>,
    document: Option<PathBuf>,
) -> Result<Located, String> {
    let places = places(start);
    let found = || {
        let mut candidates = places.iter().map(|place| place.join("readiness.toml"));
        candidates.find(|path| path.is_file())
    };
    let (config, named) = match config {
        Some(config) => (Some(config), "READINESS_CONFIG: "),
        None => (found(), ""),
    };
    let mut settings = Arc::default();
    let mut stamp = None;
    if let Some(path) = &config {
        let fault = |error| format!("{named}cannot read {}: {error}", shown(path));
        stamp = Some(Stamp::of(path).map_err(fault)?);
        let parsed = CONFIGS
            .get(path, None, |bytes| parse(path, &bytes))
            .map_err(fault)?;
        settings = parsed.as_ref().clone()?;
    }
    let document = match (document, &config) {
        (Some(document), _) if document.is_file() => document,
        (Some(document), _) => {
            let shown = shown(&document);
            return Err(format!(
                "READINESS_CHECKLIST names {shown}, where there is no file"
            ));
        }
        (None, Some(config)) => configured(config, &settings)?,
        (None, None) => places
            .iter()
            .find_map(|place| usual(place))
            .ok_or_else(|| not_found(&places))?,
    };
    Ok(Located {
        document,
        settings,
        config: stamp,
    })
}

/// The document that a configuration names, or the one beside it.
fn configured(config: &Path, settings: &Config) -> Result<PathBuf, String> {
    let folder = config.parent().unwrap_or(Path::new("."));
    let Some(checklist) = &settings.checklist else {
        return usual(folder).ok_or_else(|| {
            format!(
                "{} names no checklist, and there is no {} beside it",
                shown(config),
                NAMES.join(" or ")
            )
        });
    };
    let document = folder.join(checklist);
    if document.is_file() {
        return Ok(document);
    }
    Err(format!(
        "{} names the checklist {}, where there is no file",
        shown(config),
        shown(&document)
    ))
}

fn not_found(places: &[PathBuf]) -> String {
    let places: Vec<_> = places
        .iter()
        .map(|place| place.display().to_string())
        .collect();
    format!(
        "no checklist found: there is no readiness.toml, {} in {}\n\
         put the checklist there, name it in readiness.toml, or set READINESS_CHECKLIST",
        NAMES.join(" or "),
        places.join(" or ")
    )
}

/// The directories to search, nearest first.
fn places(start: &Path) -> Vec<PathBuf> {
    let is_root = |place: &&Path| {
        let manifest = place.join("Cargo.toml");
        let workspace = WORKSPACES.get(&manifest, None, |bytes| has_workspace(&bytes));
        workspace.is_ok_and(|is| *is) || place.join(".git").exists()
    };
    let depth = start
        .ancestors()
        .position(|place| is_root(&place))
        .unwrap_or(0);
    start
        .ancestors()
        .take(depth + 1)
        .map(Path::to_owned)
        .collect()
}

fn has_workspace(manifest: &[u8]) -> bool {
    let text = String::from_utf8_lossy(manifest);
    DeTable::parse(&text).is_ok_and(|manifest| manifest.get_ref().contains_key("workspace"))
}

/// The checklist by one of the usual names.
fn usual(place: &Path) -> Option<PathBuf> {
    // Listing a directory costs more than asking for a name, and the name is nearly always exact.
    let exact = NAMES
        .iter()
        .map(|name| place.join(name))
        .find(|path| path.is_file());
    exact.or_else(|| {
        let entries: Vec<_> = fs::read_dir(place)
            .ok()?
            .flatten()
            .map(|entry| entry.path())
            .collect();
        NAMES.iter().find_map(|name| {
            let mut alike: Vec<_> = entries.iter().filter(|path| is_named(path, name)).collect();
            // Directories list in no particular order.
            alike.sort();
            alike.into_iter().find(|path| path.is_file()).cloned()
        })
    })
}

fn is_named(path: &Path, name: &str) -> bool {
    path.file_name()
        .and_then(|found| found.to_str())
        .is_some_and(|found| found.eq_ignore_ascii_case(name))
}

fn parse(path: &Path, bytes: &[u8]) -> Result<Arc<Config>, String> {
    let shown = shown(path);
    if bytes.len() > LARGEST_CONFIG {
        return Err(format!(
            "{shown} has {} bytes, more than 1 MiB",
            bytes.len()
        ));
    }
    let text =
        std::str::from_utf8(bytes).map_err(|error| format!("{shown} is not UTF-8: {error}"))?;
    let table = DeTable::parse(text).map_err(|error| {
        let before = error
            .span()
            .map_or("", |span| &text[..span.start.min(text.len())]);
        let line = before.matches('\n').count() + 1;
        format!("{shown}:{line}: {}", error.message())
    })?;
    // Whatever has another type is for the test harness to report, with the rest of the file.
    let value = |key| table.get_ref().get(key).map(Spanned::get_ref);
    let checklist = value("checklist")
        .and_then(DeValue::as_str)
        .map(str::to_owned);
    let ids = value("ids").and_then(DeValue::as_table);
    let ids = ids
        .into_iter()
        .flatten()
        .filter_map(|(derived, id)| {
            let id = id.get_ref().as_str()?.to_owned();
            Some((derived.get_ref().to_string(), id))
        })
        .collect();
    Ok(Arc::new(Config { checklist, ids }))
}

#[cfg(test)]
mod tests;
