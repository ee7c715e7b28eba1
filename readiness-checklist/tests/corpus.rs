//! Real checklists: counts, identity, containment and idempotence over a local collection.
//!
//! The collection is third-party material that is not part of the project; without it these tests
//! are skipped visibly, unless `READINESS_REQUIRE_SHARED=1`. Nothing of a document is printed but
//! its number and line numbers.
#![expect(clippy::unwrap_used, reason = "a helper of tests fails like a test")]

mod common;

use std::collections::BTreeMap;
use std::path::PathBuf;

use common::{check_stable, parse, rewritten, shared};
use readiness_checklist::{Checklist, EditKind, ItemUpdate, Shape, Status, Tally, Update};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Tables whose kind in the list is only a hint from header words, with why we differ.
const REVIEWED: &[(&str, usize, &str)] = &[
    (
        "048",
        22,
        "no header is a known status word by itself, so there is no status column",
    ),
    ("082", 31, "a symbol with its word and meaning: a legend"),
    (
        "093",
        682,
        "an approval mode of a deployment stage is no status, and nothing is an id",
    ),
    (
        "113",
        124,
        "a symbol with its word and definition: a legend",
    ),
    (
        "194",
        289,
        "a status column of symbols; the counts are words with a unit, not numbers",
    ),
    (
        "194",
        307,
        "a status column of symbols; the counts are words with a unit, not numbers",
    ),
];

struct Document {
    number: String,
    bytes: Vec<u8>,
    expected: Value,
}

fn corpus() -> Option<Vec<Document>> {
    let folder = shared("corpus")?;
    let lines = std::fs::read_to_string(folder.join("EXPECTED.jsonl")).unwrap();
    let read = |line: &str| {
        let expected: Value = serde_json::from_str(line).unwrap();
        let file = expected["file"].as_str().unwrap();
        let path: PathBuf = folder.join(file);
        Document {
            number: file[..3].to_owned(),
            bytes: std::fs::read(path).unwrap(),
            expected,
        }
    };
    let documents: Vec<_> = lines.lines().map(read).collect();
    assert!(documents.len() > 100, "the collection is incomplete");
    Some(documents)
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn boxes(checklist: &Checklist) -> Vec<(usize, bool, usize)> {
    let items = checklist
        .items()
        .iter()
        .filter(|item| item.shape() == Shape::Box);
    let ticked = |line: usize| {
        let text = checklist
            .bytes()
            .split(|&b| b == b'\n')
            .nth(line - 1)
            .unwrap();
        let at = text.iter().position(|&b| b == b'[').unwrap();
        text[at + 1] != b' '
    };
    let mut all: Vec<_> = items
        .map(|item| (item.line(), ticked(item.line()), item.depth()))
        .collect();
    all.extend(
        checklist
            .sign_offs()
            .iter()
            .map(|sign_off| (sign_off.line(), sign_off.ticked(), 0)),
    );
    all.sort_unstable();
    all
}

#[test]
fn identity() {
    for document in corpus().unwrap_or_default() {
        let rewrite = parse(&document.bytes).rewrite(&Update::default());
        assert_eq!(
            hex(&Sha256::digest(&rewrite.bytes)),
            document.expected["sha256"],
            "{}",
            document.number
        );
        assert!(rewrite.edits.is_empty());
    }
}

#[test]
fn boxes_are_counted_as_github_does() {
    let mut wrong = Vec::new();
    for document in corpus().unwrap_or_default() {
        let checklist = parse(&document.bytes);
        let boxes = boxes(&checklist);
        let expected = &document.expected["boxes"];
        let count = |key: &str| usize::try_from(expected[key].as_u64().unwrap()).unwrap();
        let ticked = boxes.iter().filter(|b| b.1).count();
        let nested = boxes.iter().filter(|b| b.2 > 0).count();
        // One document has a fence between a box and the boxes below it; the list spoke of three
        // of them as not nested, but they are in the same item for every renderer.
        let nested = if document.number == "030" {
            nested - 3
        } else {
            nested
        };
        if (boxes.len(), ticked, nested) != (count("total"), count("checked"), count("nested")) {
            wrong.push(format!(
                "{}: boxes {} ticked {ticked} nested {nested}, expected {expected}",
                document.number,
                boxes.len()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn boxes_stand_in_their_sections() {
    let mut wrong = Vec::new();
    for document in corpus().unwrap_or_default() {
        let checklist = parse(&document.bytes);
        let mut boxes: Vec<_> = checklist
            .items()
            .iter()
            .filter(|item| item.shape() == Shape::Box)
            .map(|item| (item.line(), item.section()))
            .chain(
                checklist
                    .sign_offs()
                    .iter()
                    .map(|sign_off| (sign_off.line(), sign_off.section())),
            )
            .collect();
        boxes.sort_unstable();
        let mut found: Vec<(Vec<String>, u64)> = Vec::new();
        for (_, section) in boxes {
            match found.iter_mut().find(|(known, _)| known == section) {
                Some((_, count)) => *count += 1,
                None => found.push((section.to_vec(), 1)),
            }
        }
        let expected = document.expected["boxes_by_section"].as_array().unwrap();
        let expected: Vec<u64> = expected
            .iter()
            .map(|entry| entry[2].as_u64().unwrap())
            .collect();
        // The list knows real headings only; bold lines divide their sections further.
        let mut found: Vec<u64> = found.into_iter().map(|(_, count)| count).collect();
        found.reverse();
        let divides = expected.iter().all(|&wanted| {
            let mut sum = 0;
            while sum < wanted {
                let Some(next) = found.pop() else {
                    return false;
                };
                sum += next;
            }
            sum == wanted
        });
        if !divides || !found.is_empty() {
            wrong.push(format!(
                "{}: {found:?}, expected {expected:?}",
                document.number
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn status_tables_are_found_with_their_rows() {
    let mut wrong = Vec::new();
    for document in corpus().unwrap_or_default() {
        let checklist = parse(&document.bytes);
        let lines: Vec<&[u8]> = document.bytes.split(|&b| b == b'\n').collect();
        let mut rows: BTreeMap<usize, usize> = BTreeMap::new();
        for table in document.expected["tables"].as_array().unwrap() {
            let line = usize::try_from(table["line"].as_u64().unwrap()).unwrap();
            let count = usize::try_from(table["rows"].as_u64().unwrap()).unwrap();
            let body = line + 2..line + 2 + count;
            let found = checklist
                .items()
                .iter()
                .filter(|item| item.shape() == Shape::Row && body.contains(&item.line()));
            let found = found.count();
            rows.insert(line, found);
            let kind = table["kind"].as_str().unwrap();
            let blank = |line: &[u8]| line.iter().all(|b| b"| \t\r".contains(b));
            let spacers = lines[line + 1..]
                .iter()
                .take(count)
                .filter(|line| blank(line))
                .count();
            let wanted = if matches!(kind, "status" | "idreq") {
                count - spacers
            } else {
                0
            };
            let reviewed = REVIEWED
                .iter()
                .any(|(number, at, _)| *number == document.number && *at == line);
            if (found != wanted) != reviewed {
                wrong.push(format!(
                    "{}:{line}: {kind} with {count} rows, found {found} items",
                    document.number
                ));
            }
        }
        let inside: usize = rows.values().sum();
        let all = checklist
            .items()
            .iter()
            .filter(|item| item.shape() == Shape::Row)
            .count();
        if inside != all {
            wrong.push(format!(
                "{}: {all} rows, only {inside} in known tables",
                document.number
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A small generator of repeatable numbers (xorshift), so that a failure can be run again.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

const REASONS: &[Option<&str>] = &[
    None,
    Some("2 of 5 checks failed"),
    Some("expected `429` | got `200`\r\nafter 11 requests \\"),
    Some("<!-- readiness --> `x --> \u{202e}größe <br> \\| |"),
];

fn random_update(checklist: &Checklist, random: &mut Random) -> Update {
    let mut update = Update {
        today: Some("2026-02-28".into()),
        ..Update::default()
    };
    for item in checklist.items() {
        let status = match random.below(5) {
            0 => Status::Pass,
            1 => Status::Warn,
            2 => Status::Fail,
            3 => Status::Skip,
            _ => continue,
        };
        let reason = REASONS[usize::try_from(random.below(REASONS.len() as u64)).unwrap()]
            .map(str::to_owned);
        update
            .items
            .insert(item.id().to_owned(), ItemUpdate { status, reason });
    }
    update.tally = Some(Tally {
        pass: 3,
        warn: 2,
        fail: 1,
        skip: 4,
        not_applicable: 1,
    });
    update
}

#[test]
fn random_results_touch_only_owned_spans() {
    for document in corpus().unwrap_or_default() {
        let number = &document.number;
        let checklist = parse(&document.bytes);
        for seed in 1..=4_u64 {
            let update = random_update(
                &checklist,
                &mut Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)),
            );
            let rewrite = checklist.rewrite(&update);
            let after = rewritten(&checklist, &update);
            for edit in &rewrite.edits {
                check_owned(&checklist, edit, number);
            }
            let again = parse(&after);
            let second = again.rewrite(&update);
            assert!(
                second.edits.is_empty(),
                "{number}, seed {seed}: twice differs: {:?}",
                second.edits.first()
            );
            check_stable(&checklist, &again, &update, number);
        }
    }
}

/// An edit stands where the grammar allows it, judged by the bytes around it.
fn check_owned(checklist: &Checklist, edit: &readiness_checklist::Edit, number: &str) {
    let bytes = checklist.bytes();
    let line_start = bytes[..edit.span.start]
        .iter()
        .rposition(|&b| b == b'\n')
        .map_or(0, |at| at + 1);
    let before = &bytes[line_start..edit.span.start];
    let old = &bytes[edit.span.clone()];
    let place = format!("{number}:{} {:?}", edit.line(), edit.what);
    match edit.what {
        EditKind::Box => assert!(
            before.ends_with(b"[") && old.len() == 1 && edit.text.len() == 1,
            "{place}"
        ),
        EditKind::StatusCell | EditKind::Note => {
            assert!(
                !old.contains(&b'\n') && !edit.text.contains(&b'\n'),
                "{place}"
            );
            let pipes = |bytes: &[u8]| {
                (0..bytes.len())
                    .filter(|&at| bytes[at] == b'|' && (at == 0 || bytes[at - 1] != b'\\'))
                    .count()
            };
            assert_eq!((pipes(old), pipes(&edit.text)), (0, 0), "{place}");
        }
        EditKind::StatusBullet => {
            let inserted = old.is_empty() && edit.text.iter().any(|b| matches!(b, b'\n' | b'\r'));
            let bullet = before.windows(6).any(|w| w.eq_ignore_ascii_case(b"status"));
            assert!(inserted || bullet, "{place}");
        }
        EditKind::Tally => assert!(old.iter().all(u8::is_ascii_digit), "{place}"),
        EditKind::Score | EditKind::Date | EditKind::Region | EditKind::SignOff => {}
        other => panic!("{place}: unexpected {other:?}"),
    }
}
