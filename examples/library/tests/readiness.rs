//! The release checks of a library: what cargo and the repository know about it.
//!
//! `LIB-006` has no check yet: it is not verified and counts against the score.

use std::path::Path;
use std::process::Command;

use readiness::observation::json::Json;
use readiness::observation::log_lines::LogLines;
use readiness::{Context, Error, Result, Unavailable, ensure, requirement};
use serde_json::{Value, json};

readiness::main!();

const ACCEPTED: [&str; 4] = ["MIT", "Apache-2.0", "BSD-3-Clause", "Unicode-3.0"];

#[requirement("LIB-001")]
fn the_rust_version_is_declared(cx: &Context) -> Result<()> {
    let package = package(cx)?;
    let declared = package.get("rust-version");
    let declared = declared.str()?;
    let minor = declared
        .split('.')
        .nth(1)
        .and_then(|minor| minor.parse::<u32>().ok());
    ensure!(
        declared.starts_with("1.") && minor >= Some(85),
        "rust-version is {declared}, edition 2024 needs 1.85"
    );
    Ok(())
}

#[requirement("LIB-002")]
fn public_items_are_documented(cx: &Context) -> Result<()> {
    // The lints are those of the workspace; a crate on its own has `[lints.rust]` in its manifest.
    let lints = cx.observe_now("lints", || {
        table("../../Cargo.toml", "/workspace/lints/rust")
    })?;
    let level = lints.get("missing_docs");
    let level = level.str()?;
    ensure!(
        ["warn", "deny", "forbid"].contains(&level),
        "missing_docs is {level}"
    );
    Ok(())
}

#[requirement("LIB-003")]
fn the_licence_is_accepted(cx: &Context) -> Result<()> {
    accepted("the library", package(cx)?.get("license").str()?)
}

#[requirement("LIB-004")]
fn licences_of_dependencies_are_accepted(cx: &Context) -> Result<()> {
    let seen = cx.observe_now("dependencies", dependencies)?;
    let packages = seen.items()?;
    // The library itself is among them: a list that is empty was not the right one.
    ensure!(
        !packages.is_empty(),
        "cargo lists no package, not even this one"
    );
    for package in packages {
        accepted(package.get("name").str()?, package.get("license").str()?)?;
    }
    Ok(())
}

#[requirement("LIB-005")]
fn the_changelog_has_this_version(cx: &Context) -> Result<()> {
    let package = package(cx)?;
    let heading = format!("## [{}]", package.get("version").str()?);
    let changelog = cx.observe_now("CHANGELOG.md", || {
        Ok(LogLines::new(read("CHANGELOG.md")?.lines()))
    })?;
    ensure!(
        changelog.iter().any(|line| line == heading),
        "CHANGELOG.md has no line `{heading}`"
    );
    Ok(())
}

/// Each alternative of `A OR B` will do; of `A AND B` all must.
fn accepted(of: &str, licence: &str) -> Result<()> {
    let one = |name: &str| ACCEPTED.contains(&name.trim_matches(['(', ')', ' ']));
    let fine = licence
        .split(" OR ")
        .any(|choice| choice.split(" AND ").all(one));
    ensure!(fine, "{of} is under `{licence}`");
    Ok(())
}

/// What cargo was told about the package when it built these checks.
fn package(cx: &Context) -> Result<Json> {
    cx.observe_now("package", || {
        Ok(Json::new(json!({
            "version": env!("CARGO_PKG_VERSION"),
            "license": env!("CARGO_PKG_LICENSE"),
            "rust-version": env!("CARGO_PKG_RUST_VERSION"),
        })))
    })
}

/// The library and what it depends on, on this platform, without what only its tests need.
fn dependencies() -> Result<Json> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["tree", "--offline", "--edges", "normal", "--prefix", "none"])
        .args(["--format", "{p}|{l}", "--package", env!("CARGO_PKG_NAME")])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .map_err(|error| Unavailable::new(format!("cargo cannot be run: {error}")))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(Unavailable::new(format!("cargo tree: {said}")).into());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let packages = text.lines().filter_map(|line| {
        let (name, licence) = line.split_once('|')?;
        Some(json!({"name": name, "license": licence.trim_end_matches(" (*)")}))
    });
    Ok(Json::new(Value::Array(packages.collect())))
}

/// A table of a TOML file, by JSON pointer.
fn table(file: &str, pointer: &str) -> Result<Json> {
    let table: toml::Table = read(file)?.parse()?;
    let value = serde_json::to_value(table)?;
    let part = value.pointer(pointer).cloned().unwrap_or(Value::Null);
    Ok(Json::new(part))
}

fn read(file: &str) -> Result<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    std::fs::read_to_string(&path)
        .map_err(|error| Error::other(format!("{}: {error}", path.display())))
}
