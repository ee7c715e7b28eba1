//! What only people know: a statement counts while it is in date and about the text that stands
//! there, and not a day longer.

use std::fmt::Write as _;
use std::path::Path;

use jiff::civil::Date;
use jiff::{ToSpan as _, Zoned};
use readiness::assess::{Inputs, Outcome, assess, text_hash};
use readiness::config::Config;
use readiness::ledger::LedgerState;
use readiness_checklist::Checklist;
use readiness_reference::{Carrier, Fault, Product};

const CHECKLIST: &str = include_str!("../../CHECKLIST.md");
const CONFIG: &str = include_str!("../../readiness.toml");

/// A statement: its days from today, and what its text is a hash of.
struct Statement {
    on: i64,
    expires: i64,
    text: String,
}

fn day(today: Date, offset: i64) -> Date {
    today.checked_add(offset.days()).unwrap()
}

/// What an item comes to with a statement, or without any.
fn outcome(id: &str, statement: Option<&Statement>) -> Outcome {
    let today = Zoned::now().date();
    let mut text = CONFIG.to_owned();
    if let Some(Statement {
        on,
        expires,
        text: hash,
    }) = statement
    {
        let (on, expires) = (day(today, *on), day(today, *expires));
        write!(
            text,
            "\n[[attestation]]\nid = \"{id}\"\nby = \"sre@caio.example\"\non = {on}\n\
             expires = {expires}\nevidence = \"https://wiki.caio.example/rehearsal\"\n\
             text = \"sha256:{hash}\"\n"
        )
        .unwrap();
    }
    let config = Config::parse(Path::new("readiness.toml"), &text).unwrap();
    let checklist = Checklist::parse(CHECKLIST.into()).unwrap();
    let assessment = assess(&Inputs {
        checklist: &checklist,
        path: Path::new("CHECKLIST.md"),
        config: &config,
        ledger: &LedgerState::Absent,
        run: None,
        today,
    });
    let item = assessment.items.iter().find(|item| item.id == id).unwrap();
    item.resolved.outcome
}

fn hash(id: &str) -> String {
    let checklist = Checklist::parse(CHECKLIST.into()).unwrap();
    text_hash(checklist.item(id).unwrap())
}

/// In date for 90 days, as rehearsals are, and about this text.
fn sound(id: &str) -> Statement {
    Statement {
        on: -10,
        expires: 80,
        text: hash(id),
    }
}

#[test]
fn a_statement_in_date_is_an_attestation() {
    for id in ["CAIO-OPS-003", "CAIO-OPS-004"] {
        assert_eq!(outcome(id, Some(&sound(id))), Outcome::Attested);
    }
}

#[test]
fn each_gap_in_a_statement_leaves_its_item_not_verified() {
    let faults = Fault::all().iter().filter(|fault| {
        fault.product() == Product::Caio && fault.carrier() == Carrier::Attestation
    });
    let mut seen = 0;
    for fault in faults {
        let id = fault.requirement();
        let statement = match fault.variant() {
            "missing" => None,
            "expired" => Some(Statement {
                on: -100,
                expires: -10,
                ..sound(id)
            }),
            "wrong-scope" => Some(Statement {
                text: hash("CAIO-OPS-004"),
                ..sound(id)
            }),
            "rota-gap" => Some(Statement {
                on: 3,
                expires: 93,
                ..sound(id)
            }),
            other => panic!("no statement shows {other}"),
        };
        assert_eq!(
            outcome(id, statement.as_ref()),
            Outcome::NotVerified,
            "{fault}"
        );
        seen += 1;
    }
    assert_eq!(seen, 6);
}
