//! What a release promises of the crates and of everything that they bring along: licences, the oldest
//! toolchain, sources, and what a registry asks for. The tools that know more (cargo-deny, an older
//! toolchain) are run by CI where they are there; this holds everywhere. And the action, which is a part
//! of the release.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every package of the lock file, ours and others'.
fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .current_dir(root())
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn text<'a>(package: &'a Value, field: &str) -> &'a str {
    package[field].as_str().unwrap_or_default()
}

fn named(package: &Value) -> String {
    format!("{} {}", text(package, "name"), text(package, "version"))
}

fn is_ours(package: &Value) -> bool {
    package["source"].is_null()
}

/// The licences that deny.toml allows: one list for both.
fn allowed() -> Vec<String> {
    let text = std::fs::read_to_string(root().join("deny.toml")).unwrap();
    let deny: toml::Table = text.parse().unwrap();
    let list = deny["licenses"]["allow"].as_array().unwrap();
    list.iter()
        .map(|licence| licence.as_str().unwrap().to_owned())
        .collect()
}

/// Whether an SPDX expression can be met: one side of each OR, both of each AND. `/` is OR, as it was
/// written once.
fn is_met(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    let met = either(&mut words, allowed);
    met && words.next().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn either(words: &mut Words<'_>, allowed: &[String]) -> bool {
    let mut met = both(words, allowed);
    while words.next_if_eq(&"OR").is_some() {
        met |= both(words, allowed);
    }
    met
}

fn both(words: &mut Words<'_>, allowed: &[String]) -> bool {
    let mut met = one(words, allowed);
    while words.next_if_eq(&"AND").is_some() {
        met &= one(words, allowed);
    }
    met
}

fn one(words: &mut Words<'_>, allowed: &[String]) -> bool {
    if words.next_if_eq(&"(").is_some() {
        let met = either(words, allowed);
        return words.next_if_eq(&")").is_some() && met;
    }
    let mut licence = words.next().unwrap_or_default().to_owned();
    if words.next_if_eq(&"WITH").is_some() {
        licence = format!("{licence} WITH {}", words.next().unwrap_or_default());
    }
    allowed.contains(&licence)
}

#[test]
fn expressions_are_read_as_spdx_has_them() {
    let allowed = ["MIT", "Unicode-3.0", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned);
    for met in [
        "MIT",
        "GPL-3.0 OR MIT",
        "GPL-3.0/MIT",
        "(GPL-3.0 OR MIT) AND Unicode-3.0",
        "GPL-3.0 AND GPL-2.0 OR MIT",
        "Apache-2.0 WITH LLVM-exception OR GPL-3.0",
    ] {
        assert!(is_met(met, &allowed), "{met}");
    }
    for unmet in [
        "",
        "GPL-3.0",
        "MIT AND GPL-3.0",
        "(MIT OR GPL-3.0) AND GPL-3.0",
        "MIT WITH LLVM-exception",
        "MIT MIT",
        "(MIT",
    ] {
        assert!(!is_met(unmet, &allowed), "{unmet}");
    }
}

#[test]
fn every_licence_in_the_tree_is_one_that_we_allow() {
    let allowed = allowed();
    let refused = packages().into_iter().filter_map(|package| {
        let licence = text(&package, "license");
        (!is_met(licence, &allowed)).then(|| format!("{}: `{licence}`", named(&package)))
    });
    assert_eq!(refused.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn nothing_in_the_tree_needs_a_newer_rust_than_we_promise() {
    let packages = packages();
    // 1.89 and 1.89.0 are the same.
    let version = |package: &Value| -> Option<[u64; 3]> {
        let mut parts = package["rust_version"].as_str()?.split('.');
        Some([(); 3].map(|()| parts.next().and_then(|part| part.parse().ok()).unwrap_or(0)))
    };
    let ours = packages
        .iter()
        .find(|p| text(p, "name") == "readiness-runtime");
    let ours = version(ours.unwrap()).unwrap();
    let newer = packages
        .iter()
        .filter(|package| version(package) > Some(ours));
    assert_eq!(newer.map(named).collect::<Vec<_>>(), Vec::<String>::new());
    assert!(
        packages.iter().any(|p| !is_ours(p) && version(p).is_some()),
        "nobody says"
    );
}

#[test]
fn everything_comes_from_the_registry_by_a_version() {
    for package in packages() {
        let source = package["source"].as_str();
        assert!(
            source.is_none_or(|source| source.starts_with("registry+")),
            "{}: {source:?}",
            named(&package)
        );
        if !is_ours(&package) || package["publish"] == serde_json::json!([]) {
            continue;
        }
        for dependency in package["dependencies"].as_array().unwrap() {
            // What only our own tests need of us is taken out of a package.
            let versioned = dependency["req"] != "*";
            let own_test = dependency["kind"] == "dev" && !dependency["path"].is_null();
            assert!(versioned || own_test, "{}: {dependency}", named(&package));
        }
    }
}

#[test]
fn what_is_published_says_what_a_registry_asks_for() {
    let packages = packages();
    let published: Vec<_> = packages
        .iter()
        .filter(|package| is_ours(package) && package["publish"].is_null())
        .collect();
    let mut names: Vec<_> = published
        .iter()
        .map(|package| text(package, "name"))
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "cargo-readiness",
            "readiness-checklist",
            "readiness-macros",
            "readiness-probes",
            "readiness-runtime",
        ]
    );
    let script = std::fs::read_to_string(root().join(".ci/package")).unwrap();
    for package in published {
        let name = text(package, "name");
        assert!(script.contains(name), "{name} is not packaged in CI");
        for field in ["description", "license", "readme", "rust_version"] {
            assert!(!text(package, field).is_empty(), "{name} has no {field}");
        }
        let keywords = package["keywords"].as_array().unwrap().len();
        assert!(
            (1..=5).contains(&keywords),
            "{name}: a registry takes five keywords"
        );
    }
}

#[test]
fn the_changelog_has_the_version_that_is_released_next() {
    let text = std::fs::read_to_string(root().join("CHANGELOG.md")).unwrap();
    let version = env!("CARGO_PKG_VERSION");
    let headings: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with("## "))
        .collect();
    assert_eq!(headings.first(), Some(&"## [Unreleased]"));
    assert!(
        headings[1].starts_with(&format!("## [{version}]")),
        "{headings:?}"
    );
}

/// The script of the action's step that runs the checks.
fn action_script() -> String {
    let text = std::fs::read_to_string(root().join("action.yml")).unwrap();
    let step = text.split("- name: Run\n").nth(1).unwrap();
    let script = step.split("run: |\n").nth(1).unwrap();
    let own = script
        .lines()
        .take_while(|line| line.starts_with("        "));
    own.flat_map(|line| [line.trim_start(), "\n"]).collect()
}

/// Runs the action's script with a `cargo` that writes its arguments down and ends with `code`.
fn action(code: i32, gate: &str, packages: &str) -> (Option<i32>, Vec<String>) {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let cargo = folder.path().join("cargo");
    std::fs::write(
        &cargo,
        format!("#!/bin/sh\nprintf '%s\\n' \"$@\" > typed\nexit {code}\n"),
    )
    .unwrap();
    std::fs::set_permissions(&cargo, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", folder.path().display());
    let ran = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &action_script()])
        .current_dir(folder.path())
        .envs([
            ("PATH", path.as_str()),
            ("PACKAGES", packages),
            ("GATE", gate),
        ])
        .envs([("ARGUMENTS", "--locked"), ("REPORTS", "out")])
        .output()
        .unwrap();
    assert!(!folder.path().join("owned").exists(), "an input was run");
    let typed = std::fs::read_to_string(folder.path().join("typed")).unwrap();
    (
        ran.status.code(),
        typed.lines().map(str::to_owned).collect(),
    )
}

#[test]
fn the_action_types_what_the_command_takes_and_ends_as_it_says() {
    let (code, typed) = action(0, "true", "shop $(touch owned)");
    assert_eq!(code, Some(0));
    assert_eq!(typed[..4], ["readiness", "run", "--package", "shop"]);
    assert!(typed.contains(&"--locked".to_owned()));
    // The command takes all of it: what it misses is a workspace.
    let empty = crate::place::Place::new();
    let typed: Vec<&str> = typed.iter().map(String::as_str).collect();
    empty.readiness(&typed).exits(2).says("no Cargo.toml");
    assert_eq!(action(1, "true", "").0, Some(1));
    assert_eq!(action(1, "false", "").0, Some(0), "the gate is not asked");
    assert_eq!(
        action(101, "false", "").0,
        Some(101),
        "a failed check is one all the same"
    );
}
