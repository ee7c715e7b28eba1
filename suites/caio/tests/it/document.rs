//! The suite's document, and documents that must not carry markers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use readiness::assess::{Assessment, Inputs, Outcome, Standing, assess, summarise};
use readiness::config::Config;
use readiness::journal::reader;
use readiness::ledger::LedgerState;
use readiness::registry::Registration;
use readiness_checklist::{Checklist, IdOrigin, State};
use tempfile::TempDir;
// Linked for its registrations.
use readiness_caio as _;

use crate::suite::Suite;

const OWN: &str = include_str!("../../CHECKLIST.md");
const UNMARKED_IDS: &str = include_str!("unmarked.toml");
const SEED_IDS: &str = include_str!("seed.toml");

/// The product's checklist, which is not part of this repository.
fn seed() -> Option<String> {
    let path: PathBuf = [
        env!("CARGO_MANIFEST_DIR"),
        "../../../shared/checklists/caio.md",
    ]
    .iter()
    .collect();
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(error) if std::env::var_os("READINESS_REQUIRE_SHARED").is_none() => {
            eprintln!("skipped: {} is not there ({error})", path.display());
            None
        }
        Err(error) => panic!("{}: {error}", path.display()),
    }
}

/// The suite's own checklist without its markers.
fn unmarked() -> String {
    let mut text = String::new();
    for line in OWN.lines() {
        let end = line.find(" <!-- req:").unwrap_or(line.len());
        text.push_str(&line[..end]);
        text.push('\n');
    }
    assert!(!text.contains("<!--"));
    text
}

/// Ids in the order of the sections: seven, six, five, six.
fn expected_ids() -> Vec<String> {
    [("SEC", 7), ("REL", 6), ("PERF", 5), ("OPS", 6)]
        .into_iter()
        .flat_map(|(part, count)| (1..=count).map(move |n| format!("CAIO-{part}-{n:03}")))
        .collect()
}

fn ids(checklist: &Checklist) -> Vec<String> {
    let items = checklist.items().iter();
    items.map(|item| item.id().to_owned()).collect()
}

#[test]
fn it_has_24_boxes_and_none_is_claimed() {
    let own = Checklist::parse(OWN.into()).unwrap();
    assert_eq!(ids(&own), expected_ids());
    assert!(
        own.items()
            .iter()
            .all(|item| { item.state() == State::NotRun && item.id_origin() == IdOrigin::Marker })
    );
    assert!(!own.has_file_error());
}

#[test]
fn each_item_names_the_checks_that_are_there() {
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
    let own = Checklist::parse(OWN.into()).unwrap();
    for item in own.items() {
        let stated = item.test().unwrap_or("").replace('`', "");
        let mut actual = registered.remove(item.id()).unwrap_or_default();
        actual.sort();
        let expected = match actual.as_slice() {
            [] => "Manual: dated statement".to_owned(),
            names => names.join(", "),
        };
        assert_eq!(stated, expected, "{} in line {}", item.id(), item.line());
    }
    assert!(
        registered.is_empty(),
        "checks of unknown rows: {registered:?}"
    );
}

/// A document in a folder of its own, with a configuration.
struct Place {
    folder: TempDir,
    config: Config,
    checklist: Checklist,
}

impl Place {
    fn new(document: &str, ids: &str) -> Place {
        let folder = tempfile::tempdir().unwrap();
        let target = "\n[target]\nkind = \"embedded\"\nname = \"caio-reference\"\n";
        let text = format!("{ids}{target}");
        std::fs::write(folder.path().join("CHECKLIST.md"), document).unwrap();
        let path = folder.path().join("readiness.toml");
        std::fs::write(&path, &text).unwrap();
        let config = Config::parse(&path, &text).unwrap();
        let options = config.checklist_options();
        let checklist = Checklist::parse_with(document.into(), &options).unwrap();
        Place {
            folder,
            config,
            checklist,
        }
    }

    /// Runs some of the suite for this document, and assesses it.
    fn assessed(&self, suite: Suite, args: &[&str]) -> Assessment {
        let runs = self.folder.path().join("runs");
        let config = self.folder.path().join("readiness.toml");
        let ran = suite
            .env("READINESS_CONFIG", config.to_str().unwrap())
            .env("READINESS_DIR", runs.to_str().unwrap())
            .args(args)
            .run();
        let run = reader::read_folder(&runs.join("matrix"))
            .unwrap_or_else(|error| panic!("{error}\n{}", ran.output));
        assess(&Inputs {
            checklist: &self.checklist,
            path: Path::new("CHECKLIST.md"),
            config: &self.config,
            ledger: &LedgerState::Absent,
            run: Some(&summarise(&run, false)),
            today: jiff::Zoned::now().date(),
        })
    }

    /// The document as it would be written.
    fn written(&self, assessment: &Assessment) -> String {
        let plan = assessment.plan(&LedgerState::Absent);
        String::from_utf8(self.checklist.rewrite(&plan.update).bytes).unwrap()
    }
}

/// Checks that look at files alone, and are quick.
const QUICK: [&str; 3] = ["CAIO-OPS-006", "CAIO-REL-006", "CAIO-PERF-002"];

/// A document without markers is run, and only the boxes of what ran change.
fn works(document: &str, id_table: &str) {
    let place = Place::new(document, id_table);
    assert_eq!(ids(&place.checklist), expected_ids());
    let assessment = place.assessed(Suite::new().proving(), &QUICK);
    for item in &assessment.items {
        let expected = if QUICK.contains(&item.id.as_str()) {
            Outcome::Passed
        } else {
            Outcome::NotVerified
        };
        assert_eq!(
            item.resolved.outcome, expected,
            "{}: {:?}",
            item.id, item.resolved.reason
        );
    }
    let written = place.written(&assessment);
    for (before, after) in document.lines().zip(written.lines()) {
        if before != after {
            let ticked = before.replacen("- [ ]", "- [x]", 1);
            assert!(after.starts_with(&ticked), "{before}\n{after}");
        }
    }
    let boxes = |text: &str| text.matches("- [x]").count();
    let already = place
        .checklist
        .items()
        .iter()
        .filter(|item| QUICK.contains(&item.id()) && item.state() == State::Pass)
        .count();
    assert_eq!(boxes(&written), boxes(document) + QUICK.len() - already);
}

#[test]
fn a_document_without_markers_works_through_the_table_of_ids() {
    works(&unmarked(), UNMARKED_IDS);
}

#[test]
fn the_seed_as_it_is_works_through_the_table_of_ids() {
    if let Some(seed) = seed() {
        works(&seed, SEED_IDS);
    }
}

/// Nothing stands behind these two: the one has no check, the check of the other did not run.
#[test]
fn boxes_ticked_by_hand_stay_ticked_and_are_claimed() {
    let mut document = unmarked();
    for item in ["Deployment and rollback", "TLS terminated"] {
        let (from, to) = (format!("- [ ] {item}"), format!("- [x] {item}"));
        assert!(document.contains(&from));
        document = document.replace(&from, &to);
    }
    let place = Place::new(&document, UNMARKED_IDS);
    let assessment = place.assessed(Suite::new().proving(), &QUICK);
    let claimed = assessment.ids_where(|item| item.standing == Standing::Claimed);
    assert_eq!(claimed, ["CAIO-SEC-002", "CAIO-OPS-003"]);
    assert_eq!(
        assessment.score().passed,
        3,
        "what is claimed is not counted"
    );
    let written = place.written(&assessment);
    assert!(written.contains("- [x] Deployment and rollback rehearsed.\n"));
    assert!(written.contains(
        "- [x] TLS terminated in front of CAIO, at the ingress or in the application.\n"
    ));
}

/// A deployment at whose address nobody listens: nothing is known, so nothing is written.
#[test]
fn nobody_there_leaves_the_document_as_it_is() {
    let place = Place::new(&unmarked(), UNMARKED_IDS);
    let suite = Suite::new()
        .env("READINESS_KIND", "remote")
        .env("READINESS_BASE_URL", &crate::absent::nowhere());
    let assessment = place.assessed(suite, &[]);
    for item in &assessment.items {
        assert_eq!(item.resolved.outcome, Outcome::NotVerified, "{}", item.id);
        assert!(item.resolved.reason.is_some(), "{}", item.id);
    }
    assert_eq!(place.written(&assessment), unmarked());
}
