//! What must hold for any bytes and any results.
//!
//! One function for each fuzz target. The committed corpus is replayed through them by the plain
//! tests of `readiness-checklist`, so the promises are checked without a fuzzer as well.

use std::collections::BTreeMap;

use readiness_checklist::{Checklist, ItemUpdate, Severity, Status, Tally, Update};

/// Reading is total, and everything that can be asked of the result can be answered.
pub fn parse(data: &[u8]) {
    let Ok(checklist) = Checklist::parse(data.to_vec()) else {
        return;
    };
    assert_eq!(checklist.bytes(), data);
    for item in checklist.items() {
        assert!(
            checklist.item(item.id()).is_some(),
            "an item is not found by its own id"
        );
        assert!(
            item.parent()
                .is_none_or(|parent| parent < checklist.items().len())
        );
        let texts = [
            item.test(),
            item.notes(),
            item.owner(),
            item.priority(),
            item.due(),
            item.evidence(),
        ];
        let length: usize = texts.into_iter().flatten().map(str::len).sum();
        assert!(length <= 3 * data.len() + 64);
        let _ = (
            item.requirement(),
            item.normalized_text(),
            item.state_text(),
            item.section(),
        );
    }
    for diagnostic in checklist.diagnostics() {
        assert!(diagnostic.span.start <= diagnostic.span.end && diagnostic.span.end <= data.len());
        assert!(diagnostic.line >= 1 && !diagnostic.to_string().contains('\n'));
    }
    let _ = checklist.nearest("SEC-001");
}

/// Writing is total, and what comes out is the input with the edits applied.
pub fn edit(data: &[u8]) {
    let (choices, document) = split(data);
    let Ok(checklist) = Checklist::parse(document.to_vec()) else {
        return;
    };
    assert!(checklist.rewrite(&Update::default()).edits.is_empty());
    let rewrite = checklist.rewrite(&update(&checklist, choices));
    let mut rebuilt = Vec::new();
    let mut at = 0;
    for edit in &rewrite.edits {
        assert!(at <= edit.span.start && edit.span.start <= edit.span.end);
        rebuilt.extend_from_slice(&document[at..edit.span.start]);
        rebuilt.extend_from_slice(&edit.text);
        at = edit.span.end;
    }
    rebuilt.extend_from_slice(&document[at..]);
    assert!(rebuilt == rewrite.bytes);
    assert_eq!(rewrite.edits.is_empty(), rewrite.bytes == document);
    let adoption = checklist.adopt(&BTreeMap::new());
    assert!(adoption.edits.iter().all(|edit| edit.span.is_empty()));
}

/// What was written is read again: the same items with the same texts, and nothing left to write.
pub fn round_trip(data: &[u8]) {
    let (choices, document) = split(data);
    let Ok(checklist) = Checklist::parse(document.to_vec()) else {
        return;
    };
    let update = update(&checklist, choices);
    let once = checklist.rewrite(&update);
    let Ok(after) = Checklist::parse(once.bytes) else {
        panic!("the output cannot be read");
    };
    assert_eq!(checklist.items().len(), after.items().len());
    for (old, new) in checklist.items().iter().zip(after.items()) {
        assert_eq!(old.id(), new.id());
        assert_eq!(old.normalized_text(), new.normalized_text());
        assert_eq!(old.section(), new.section());
        assert_eq!((old.parent(), old.depth()), (new.parent(), new.depth()));
        assert_eq!(old.notes(), new.notes());
    }
    let fatal = |checklist: &Checklist| {
        checklist
            .diagnostics()
            .iter()
            .filter(|d| d.severity == Severity::FileError)
            .count()
    };
    assert_eq!(fatal(&checklist), fatal(&after));
    let twice = after.rewrite(&update);
    assert!(twice.edits.is_empty(), "{:?}", twice.edits);
}

/// The first bytes, up to a NUL, choose the results; the rest is the document.
fn split(data: &[u8]) -> (&[u8], &[u8]) {
    match data.iter().position(|&byte| byte == 0) {
        Some(at) => (&data[..at], &data[at + 1..]),
        None => (&[], data),
    }
}

fn update(checklist: &Checklist, choices: &[u8]) -> Update {
    let choices = if choices.is_empty() {
        &[1, 6, 11, 12][..]
    } else {
        choices
    };
    results(checklist, |number| {
        let choice = choices[number % choices.len()];
        let status = match choice % 5 {
            0 => return None,
            1 => Status::Pass,
            2 => Status::Warn,
            3 => Status::Fail,
            _ => Status::Skip,
        };
        Some((status, choice / 5))
    })
}

/// Results for a document: for each item by its number a status and one of four reasons, or nothing.
pub fn results(checklist: &Checklist, choose: impl Fn(usize) -> Option<(Status, u8)>) -> Update {
    let mut items = BTreeMap::new();
    for (number, item) in checklist.items().iter().enumerate() {
        let Some((status, reason)) = choose(number) else {
            continue;
        };
        let reason = match reason % 4 {
            0 => None,
            1 => Some("2 of 5 checks failed".to_owned()),
            2 => Some("`a | b\\".to_owned()),
            _ => Some("--> <!-- readiness -->\r\n- [ ] x \u{202e}`y`".to_owned()),
        };
        items.insert(item.id().to_owned(), ItemUpdate { status, reason });
    }
    let tally = Some(Tally {
        pass: 7,
        warn: 1,
        fail: 2,
        skip: 1,
        not_applicable: 1,
    });
    Update {
        items,
        tally,
        today: Some("2026-03-04".to_owned()),
        ..Update::default()
    }
}
