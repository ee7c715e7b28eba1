//! `Cargo.toml`: the dependency on the runtime and the test target without libtest.
//!
//! Edits keep the manifest's comments and layout.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use toml_edit::{ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value};

/// The package that a check depends on, and the name it is used by.
const RUNTIME: &str = "readiness-runtime";
const ALIAS: &str = "readiness";
/// The test target's name: `cargo test --test readiness`.
pub(crate) const TARGET: &str = "readiness";

/// Where the dependency comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dependency {
    /// A version requirement: that of this command, which was released with the runtime.
    pub(crate) version: String,
    /// The sources, where this command was built from a checkout of them.
    pub(crate) path: Option<PathBuf>,
}

impl Dependency {
    /// The runtime that belongs to this command.
    pub(crate) fn of_this_command() -> Self {
        let version = env!("CARGO_PKG_VERSION");
        // Beside an installed package lie others under versioned names, never under this one.
        let beside = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("..")
            .join(RUNTIME);
        Self {
            version: version.to_owned(),
            path: beside.canonicalize().ok().filter(|dir| is_runtime(dir)),
        }
    }

    fn to_value(&self, manifest_dir: &Path) -> Value {
        let mut table = InlineTable::new();
        table.insert("package", RUNTIME.into());
        table.insert("version", self.version.as_str().into());
        if let Some(path) = &self.path {
            let path = below(path, manifest_dir);
            table.insert("path", path.to_string_lossy().into_owned().into());
        }
        Value::InlineTable(table)
    }
}

fn is_runtime(dir: &Path) -> bool {
    let manifest = std::fs::read_to_string(dir.join("Cargo.toml")).unwrap_or_default();
    let manifest: toml::Table = manifest.parse().unwrap_or_default();
    let package = manifest.get("package").and_then(toml::Value::as_table);
    package.is_some_and(|p| p.get("name").and_then(toml::Value::as_str) == Some(RUNTIME))
}

/// `path` as seen from `dir`, where both are in one tree of a few levels; absolute otherwise.
fn below(path: &Path, dir: &Path) -> PathBuf {
    let dir = dir.canonicalize().unwrap_or_else(|_| dir.to_path_buf());
    for (up, ancestor) in dir.ancestors().enumerate().take(4) {
        // The root of the file system is common to all and says nothing.
        if let (Ok(rest), Some(_)) = (path.strip_prefix(ancestor), ancestor.parent()) {
            let mut relative: PathBuf = std::iter::repeat_n("..", up).collect();
            relative.push(rest);
            return relative;
        }
    }
    path.to_path_buf()
}

/// The manifest with what a readiness target needs; the same text if it has it.
///
/// # Errors
/// If it is no manifest, or says something else about the same target.
pub(crate) fn with_target(
    text: &str,
    manifest: &Path,
    dependency: &Dependency,
) -> anyhow::Result<String> {
    let at = || format!("failed to read {}", manifest.display());
    let mut document: DocumentMut = text.parse().with_context(at)?;
    let dir = manifest.parent().unwrap_or(Path::new(""));
    if !depends_on_runtime(&document) {
        if let Some(other) = document.get("dev-dependencies").and_then(|d| d.get(ALIAS)) {
            bail!(
                "{}: `{ALIAS}` is another dependency already: {}\n  hint: rename it, or add `{RUNTIME}` \
                 by hand",
                manifest.display(),
                other.to_string().trim()
            );
        }
        let section = table(&mut document, "dev-dependencies", manifest)?;
        section.insert(ALIAS, Item::Value(dependency.to_value(dir)));
    }
    add_target(&mut document, manifest)?;
    Ok(document.to_string())
}

fn depends_on_runtime(document: &DocumentMut) -> bool {
    ["dependencies", "dev-dependencies"].iter().any(|section| {
        let entries = document.get(section).and_then(Item::as_table_like);
        entries.is_some_and(|entries| {
            entries.iter().any(|(name, entry)| {
                let package = entry.get("package").and_then(Item::as_str);
                let inherited = entry.get("workspace").and_then(Item::as_bool) == Some(true);
                package.unwrap_or(name) == RUNTIME || (name == ALIAS && inherited)
            })
        })
    })
}

fn table<'a>(
    document: &'a mut DocumentMut,
    name: &str,
    manifest: &Path,
) -> anyhow::Result<&'a mut dyn toml_edit::TableLike> {
    let item = document
        .entry(name)
        .or_insert_with(|| Item::Table(Table::new()));
    item.as_table_like_mut()
        .with_context(|| format!("{}: `{name}` is not a table", manifest.display()))
}

fn add_target(document: &mut DocumentMut, manifest: &Path) -> anyhow::Result<()> {
    let tests = document
        .entry("test")
        .or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    let Some(tests) = tests.as_array_of_tables_mut() else {
        bail!("{}: `test` is not [[test]]", manifest.display());
    };
    for test in tests.iter() {
        if test.get("name").and_then(Item::as_str) != Some(TARGET) {
            continue;
        }
        if test.get("harness").and_then(Item::as_bool) == Some(false) {
            return Ok(());
        }
        bail!(
            "{}: the test target `{TARGET}` runs under libtest, which knows no requirements\n  hint: \
             add `harness = false` to it, or give it another name",
            manifest.display()
        );
    }
    let mut test = Table::new();
    test.insert("name", toml_edit::value(TARGET));
    test.insert("harness", toml_edit::value(false));
    tests.push(test);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "[package]\nname = \"shop\" # ours\nversion = \"0.1.0\"\n";

    fn edited(text: &str) -> anyhow::Result<String> {
        let dependency = Dependency {
            version: "0.1.0".to_owned(),
            path: None,
        };
        with_target(text, Path::new("/shop/Cargo.toml"), &dependency)
    }

    #[test]
    fn it_adds_the_dependency_and_the_target_and_keeps_the_rest() {
        let after = edited(PLAIN).unwrap();
        assert_eq!(
            after,
            format!(
                "{PLAIN}\n[dev-dependencies]\nreadiness = {{ package = \"readiness-runtime\", version = \
                 \"0.1.0\" }}\n\n[[test]]\nname = \"readiness\"\nharness = false\n"
            )
        );
        assert_eq!(edited(&after).unwrap(), after, "twice is once");
    }

    #[test]
    fn a_dependency_that_is_there_is_left_alone() {
        for there in [
            "readiness = { workspace = true }",
            "readiness-runtime = \"0.1\"",
            "checks = { package = \"readiness-runtime\", version = \"0.1\" }",
        ] {
            let text = format!("{PLAIN}[dev-dependencies]\n{there}\n");
            let after = edited(&text).unwrap();
            assert!(after.starts_with(&text), "{after}");
            assert_eq!(
                after.matches("readiness-runtime").count(),
                text.matches("readiness-runtime").count()
            );
        }
    }

    #[test]
    fn what_is_in_the_way_is_named() {
        let target = format!("{PLAIN}[[test]]\nname = \"readiness\"\n");
        assert!(
            edited(&target)
                .unwrap_err()
                .to_string()
                .contains("harness = false")
        );
        let other = format!("{PLAIN}[dev-dependencies]\nreadiness = \"9\"\n");
        assert!(
            edited(&other)
                .unwrap_err()
                .to_string()
                .contains("another dependency")
        );
        assert!(edited("[package").is_err());
        assert!(edited("test = 1").is_err());
    }

    #[test]
    fn a_path_in_the_same_tree_is_relative() {
        let near = below(
            Path::new("/home/me/readiness/runtime"),
            Path::new("/home/me/shop"),
        );
        assert_eq!(near, Path::new("../readiness/runtime"));
        let far = below(Path::new("/opt/readiness"), Path::new("/home/me/shop"));
        assert_eq!(far, Path::new("/opt/readiness"));
    }
}
