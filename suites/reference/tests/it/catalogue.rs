//! The table of faults against the checklists: every requirement can be violated.

use std::collections::BTreeSet;

use readiness_reference::{Carrier, Expected, Fault, Product};

fn of(product: Product) -> impl Iterator<Item = Fault> {
    let all = Fault::all().iter().copied();
    all.filter(move |fault| fault.product() == product)
}

/// The ids in the first column of the checklist's tables.
fn requirements() -> BTreeSet<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../kamiyo/CHECKLIST.md");
    let text = std::fs::read_to_string(path).unwrap();
    let id = |line: &str| {
        let cell = line.strip_prefix('|')?.split('|').next()?.trim().to_owned();
        let number = cell.rsplit_once('-')?.1;
        (number.len() == 3 && number.bytes().all(|b| b.is_ascii_digit())).then_some(cell)
    };
    text.lines().filter_map(id).collect()
}

#[test]
fn every_requirement_has_a_fault_and_no_other() {
    let requirements = requirements();
    assert_eq!(requirements.len(), 121);
    let faulty: BTreeSet<String> = of(Product::Kamiyo)
        .map(|fault| fault.requirement().to_owned())
        .collect();
    assert_eq!(faulty, requirements);
}

#[test]
fn what_needs_a_fixture_is_known() {
    // Requirements that the service cannot violate by itself: databases, caches, backups,
    // monitoring and papers.
    let embedded: BTreeSet<&str> = of(Product::Kamiyo)
        .filter(|fault| fault.carrier().is_embedded())
        .map(Fault::requirement)
        .collect();
    let others: Vec<String> = requirements()
        .into_iter()
        .filter(|id| !embedded.contains(id.as_str()))
        .collect();
    let expected = [
        "DB-003",
        "DB-005",
        "DB-006",
        "DOC-006",
        "DPLY-DB-001",
        "DPLY-DB-002",
        "DPLY-DB-003",
        "DPLY-DB-005",
        "DPLY-REDIS-001",
        "DPLY-REDIS-002",
        "DPLY-REDIS-003",
        "DPLY-REDIS-004",
        "MON-001",
        "MON-002",
        "MON-003",
        "MON-004",
        "MON-005",
    ];
    assert_eq!(others, expected);
}

#[test]
fn what_a_sound_check_says_is_known() {
    let count = |expected| {
        of(Product::Kamiyo)
            .filter(|f| f.expected() == expected)
            .count()
    };
    assert_eq!(count(Expected::NotVerified), 3, "the missing attestations");
    assert!(count(Expected::Fail) > 20 * count(Expected::Warn));
    let attested = Fault::all()
        .iter()
        .filter(|f| f.carrier() == Carrier::Attestation);
    assert!(
        attested
            .into_iter()
            .all(|f| f.expected() == Expected::NotVerified)
    );
}
