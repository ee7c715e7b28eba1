//! The suite's document: the rows of the product's own checklist, none lost and none invented.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use readiness::registry::Registration;
use readiness_checklist::{Checklist, State};
// Linked for its registrations.
use readiness_kamiyo as _;

fn own() -> Checklist {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("CHECKLIST.md");
    Checklist::parse(std::fs::read(path).unwrap()).unwrap()
}

/// The product's checklist, which is not part of this repository.
fn original() -> Option<Checklist> {
    let path: PathBuf = [
        env!("CARGO_MANIFEST_DIR"),
        "../../../shared/checklists/kamiyo.md",
    ]
    .iter()
    .collect();
    match std::fs::read(&path) {
        Ok(bytes) => Some(Checklist::parse(bytes).unwrap()),
        Err(error) if std::env::var_os("READINESS_REQUIRE_SHARED").is_none() => {
            eprintln!("skipped: {} is not there ({error})", path.display());
            None
        }
        Err(error) => panic!("{}: {error}", path.display()),
    }
}

fn rows(checklist: &Checklist) -> BTreeMap<String, String> {
    let row = |item: &readiness_checklist::Item| {
        (item.id().to_owned(), item.normalized_text().to_owned())
    };
    checklist.items().iter().map(row).collect()
}

#[test]
fn it_has_121_rows_and_none_is_claimed() {
    let own = own();
    assert_eq!(own.items().len(), 121);
    assert!(own.items().iter().all(|item| item.state() == State::NotRun));
    assert_eq!(own.sign_offs().len(), 4);
    assert_eq!(own.minimum_score().unwrap().hundredths, 9500);
    assert!(!own.has_file_error());
}

#[test]
fn its_ids_and_figures_are_those_of_the_product() {
    if let Some(original) = original() {
        assert_eq!(rows(&own()), rows(&original));
    }
}

#[test]
fn the_rules_for_a_summary_of_k6_are_for_its_load_rows() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("readiness.toml");
    let config = readiness::config::Config::load(&path).unwrap();
    let ids: std::collections::BTreeSet<_> = config
        .rules
        .import
        .k6
        .iter()
        .map(|rule| rule.id.as_str())
        .collect();
    let own = own();
    let rows = own.items().iter().map(readiness_checklist::Item::id);
    assert_eq!(ids, rows.filter(|id| id.starts_with("PERF-")).collect());
}

#[test]
fn the_test_column_names_the_checks_that_are_there() {
    let mut registered: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for registration in Registration::all() {
        let module = registration
            .module
            .split_once("::")
            .map_or("", |(_, rest)| rest);
        for id in registration.ids {
            let name = format!("{module}::{}", registration.function);
            registered.entry(id).or_default().push(name);
        }
    }
    for item in own().items() {
        let stated = item.test().unwrap_or("").replace('`', "");
        let actual = registered.remove(item.id());
        let expected = actual.map_or("Manual: dated statement".to_owned(), |names| {
            names.join(", ")
        });
        assert_eq!(stated, expected, "{} in line {}", item.id(), item.line());
    }
    assert!(
        registered.is_empty(),
        "checks of unknown rows: {registered:?}"
    );
}
