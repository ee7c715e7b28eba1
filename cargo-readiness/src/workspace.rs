//! The cargo workspace: which packages have checks, and which of their test targets are harnesses.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use cargo_metadata::MetadataCommand;
use readiness::diagnostic::nearest;

/// The package whose dependents have checks.
const RUNTIME: &str = "readiness-runtime";

/// A cargo workspace, as far as checks are concerned.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// Its root.
    pub(crate) root: PathBuf,
    /// Its target directory.
    pub(crate) target: PathBuf,
    /// Its members.
    pub(crate) packages: Vec<Package>,
    /// `[workspace.metadata.readiness] packages`.
    configured: Vec<String>,
}

/// A member.
#[derive(Debug, Clone)]
pub(crate) struct Package {
    /// Its name.
    pub(crate) name: String,
    /// The folder of its manifest.
    pub(crate) dir: PathBuf,
    /// Names of its test targets with `harness = false`.
    pub(crate) harnesses: Vec<String>,
    /// Their main files, in the same order.
    pub(crate) harness_files: Vec<PathBuf>,
    /// Whether it depends on the runtime itself.
    uses_runtime: bool,
}

impl Package {
    /// Whether it can have checks.
    pub(crate) fn has_harness(&self) -> bool {
        self.uses_runtime && !self.harnesses.is_empty()
    }
}

/// The cargo that this process was started by, else the one on the path.
pub(crate) fn cargo() -> PathBuf {
    std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}

impl Workspace {
    /// The workspace around the current directory; none where there is no manifest.
    pub(crate) fn load() -> anyhow::Result<Option<Self>> {
        let here = std::env::current_dir().context("failed to find the current directory")?;
        if !here.ancestors().any(|dir| dir.join("Cargo.toml").is_file()) {
            return Ok(None);
        }
        let metadata = MetadataCommand::new()
            .cargo_path(cargo())
            .no_deps()
            .exec()
            .context("failed to read the cargo workspace")?;
        let packages = metadata.workspace_packages().into_iter().map(package);
        let packages = packages.collect::<anyhow::Result<Vec<_>>>()?;
        let configured = metadata.workspace_metadata["readiness"]["packages"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect();
        Ok(Some(Self {
            root: metadata.workspace_root.into_std_path_buf(),
            target: metadata.target_directory.into_std_path_buf(),
            packages,
            configured,
        }))
    }

    /// As [`Workspace::load`], where there has to be one.
    pub(crate) fn require() -> anyhow::Result<Self> {
        match Self::load()? {
            Some(workspace) => Ok(workspace),
            None => bail!(
                "no Cargo.toml in this directory or above it, so there are no checks to build\n  hint: \
                 run it in a workspace; `check --checklist FILE` looks at a document alone"
            ),
        }
    }

    /// The packages to work on: those named, else those configured for the workspace, else the one
    /// we stand in, else every package that can have checks.
    pub(crate) fn select(&self, named: &[String]) -> anyhow::Result<Vec<&Package>> {
        let chosen = if named.is_empty() {
            &self.configured
        } else {
            named
        };
        if !chosen.is_empty() {
            return chosen.iter().map(|name| self.named(name)).collect();
        }
        let here = std::env::current_dir().unwrap_or_default();
        let around = self
            .packages
            .iter()
            .filter(|package| package.has_harness() && here.starts_with(&package.dir))
            .max_by_key(|package| package.dir.components().count());
        if let Some(package) = around {
            return Ok(vec![package]);
        }
        let all: Vec<_> = self.packages.iter().filter(|p| p.has_harness()).collect();
        if all.is_empty() {
            bail!(
                "no package of the workspace has checks: none depends on {RUNTIME} and has a test \
                 target with harness = false\n  hint: `cargo readiness init` sets one up; by hand it is \
                 [[test]] name = \"readiness\", harness = false"
            );
        }
        Ok(all)
    }

    fn named(&self, name: &str) -> anyhow::Result<&Package> {
        let Some(package) = self.packages.iter().find(|package| package.name == name) else {
            let names = self.packages.iter().map(|package| package.name.as_str());
            match nearest(name, names) {
                Some(near) => {
                    bail!("no package `{name}` in the workspace\n  hint: did you mean `{near}`?")
                }
                None => bail!("no package `{name}` in the workspace"),
            }
        };
        if package.harnesses.is_empty() {
            bail!(
                "package `{name}` has no test target with harness = false\n  hint: [[test]] name = \
                 \"readiness\", harness = false, and readiness::main!() in it"
            );
        }
        Ok(package)
    }
}

fn package(package: &cargo_metadata::Package) -> anyhow::Result<Package> {
    let manifest = package.manifest_path.as_std_path();
    let text = std::fs::read_to_string(manifest)
        .with_context(|| format!("failed to read {}", manifest.display()))?;
    let without_harness =
        without_harness(&text).with_context(|| format!("failed to read {}", manifest.display()))?;
    let targets = package.targets.iter();
    let (harnesses, harness_files) = targets
        .filter(|target| target.is_test() && without_harness.contains(&target.name))
        .map(|target| (target.name.clone(), target.src_path.clone().into()))
        .unzip();
    Ok(Package {
        name: package.name.to_string(),
        dir: manifest.parent().unwrap_or(Path::new("")).to_path_buf(),
        harnesses,
        harness_files,
        uses_runtime: package.dependencies.iter().any(|d| d.name == RUNTIME),
    })
}

/// Names of the `[[test]]` targets with `harness = false`; cargo's metadata does not tell.
fn without_harness(manifest: &str) -> Result<BTreeSet<String>, toml::de::Error> {
    let manifest: toml::Table = toml::from_str(manifest)?;
    let tests = manifest.get("test").and_then(toml::Value::as_array);
    Ok(tests
        .into_iter()
        .flatten()
        .filter(|test| test.get("harness").and_then(toml::Value::as_bool) == Some(false))
        .filter_map(|test| test.get("name")?.as_str().map(str::to_owned))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_harness_is_a_test_target_without_libtest() {
        let manifest = "[package]\nname = \"a\"\n[[test]]\nname = \"readiness\"\nharness = false\n[[test]]\nname = \"it\"\n[[test]]\nname = \"on\"\nharness = true\n";
        let names: Vec<_> = without_harness(manifest).unwrap().into_iter().collect();
        assert_eq!(names, ["readiness"]);
        assert!(without_harness("[package").is_err());
    }
}
