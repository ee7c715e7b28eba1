//! The two checklists this project started from, as they are: read, rewritten, and unharmed.
//!
//! They are looked for in `../shared/checklists` of the workspace and skipped visibly where they
//! are absent, unless `READINESS_REQUIRE_SHARED=1`.
#![expect(clippy::unwrap_used, reason = "a helper of tests fails like a test")]

mod common;

use std::collections::BTreeMap;

use common::{lines_changed, parse, rewritten, shared};
use readiness_checklist::{
    Checklist, Code, EditKind, IdOrigin, Item, ItemUpdate, State, Status, Tally, Update,
};

fn seed(name: &str) -> Option<Vec<u8>> {
    shared("checklists").map(|folder| std::fs::read(folder.join(name)).unwrap())
}

/// Results that use every status, the same for every item at the same place.
fn results(checklist: &Checklist) -> Update {
    let mut update = Update::default();
    for (number, item) in checklist.items().iter().enumerate() {
        let (status, reason) = match number % 4 {
            0 => (Status::Pass, None),
            1 => (
                Status::Fail,
                Some("expected 429 | got 200\nafter 11 requests"),
            ),
            2 => (Status::Warn, Some("flaky: passed on retry 2")),
            _ => (Status::Skip, None),
        };
        let reason = reason.map(str::to_owned);
        update
            .items
            .insert(item.id().to_owned(), ItemUpdate { status, reason });
    }
    update
}

#[test]
fn kamiyo_has_121_items_and_states_152() {
    let Some(bytes) = seed("kamiyo.md") else {
        return;
    };
    let checklist = parse(&bytes);
    assert_eq!(
        checklist.title(),
        Some("Kamiyo Production Readiness Checklist v2.0")
    );
    assert_eq!(checklist.items().len(), 121);
    assert!(
        checklist
            .items()
            .iter()
            .all(|item| item.id_origin() == IdOrigin::Column)
    );
    let claimed: Vec<_> = checklist
        .items()
        .iter()
        .filter(|item| item.state() == State::Pass)
        .collect();
    assert_eq!(
        claimed.iter().map(|item| item.id()).collect::<Vec<_>>(),
        ["DOC-006"]
    );
    assert_eq!(
        checklist
            .items()
            .iter()
            .filter(|item| item.state() == State::NotRun)
            .count(),
        120
    );
    assert_eq!(checklist.sign_offs().len(), 4);
    assert!(
        checklist
            .sign_offs()
            .iter()
            .all(|sign_off| !sign_off.ticked())
    );
    assert_eq!(checklist.minimum_score().unwrap().hundredths, 9500);
    let mismatches: Vec<_> = checklist
        .diagnostics()
        .iter()
        .filter(|d| d.code == Code::TallyMismatch)
        .map(|d| &d.message)
        .collect();
    assert!(
        mismatches
            .iter()
            .any(|m| m.contains("152") && m.contains("121")),
        "{mismatches:?}"
    );
    assert!(
        checklist
            .diagnostics()
            .iter()
            .any(|d| d.code == Code::SkipMeaningUnclear)
    );
    assert!(!checklist.has_file_error());
    let sec = checklist.item("SEC-003").unwrap();
    assert_eq!(sec.requirement(), "Timing-safe token validation");
    assert_eq!(sec.notes(), Some("P0-2 fix applied"));
    assert_eq!(sec.line(), 29);
}

#[test]
fn kamiyo_keeps_its_damaged_symbols() {
    let Some(bytes) = seed("kamiyo.md") else {
        return;
    };
    let checklist = parse(&bytes);
    let item = |status, reason: Option<&str>| ItemUpdate {
        status,
        reason: reason.map(str::to_owned),
    };
    let mut update = Update {
        today: Some("2026-11-22".into()),
        ..Update::default()
    };
    update
        .items
        .insert("SEC-001".into(), item(Status::Pass, None));
    update.items.insert(
        "SEC-002".into(),
        item(Status::Fail, Some("2 of 5 checks failed")),
    );
    update
        .items
        .insert("SEC-003".into(), item(Status::Warn, Some("vacuous")));
    update
        .items
        .insert("SEC-004".into(), item(Status::Skip, None));
    update
        .items
        .insert("DOC-006".into(), item(Status::Skip, Some("no check")));
    update.tally = Some(Tally {
        pass: 1,
        warn: 1,
        fail: 1,
        skip: 118,
        not_applicable: 0,
    });
    let after = rewritten(&checklist, &update);
    let text = String::from_utf8(after.clone()).unwrap();
    let line = |number: usize| text.lines().nth(number - 1).unwrap();
    assert!(
        line(27).ends_with("| ‚úÖ | Implemented with Redis-backed revocation |"),
        "{}",
        line(27)
    );
    assert!(
        line(28).ends_with("| ‚ùå | <!-- readiness --> 2 of 5 checks failed |"),
        "{}",
        line(28)
    );
    assert!(
        line(29).ends_with("| ‚ö†Ô∏è | P0-2 fix applied <!-- readiness --> vacuous |"),
        "{}",
        line(29)
    );
    assert!(
        line(274).ends_with("| This file | ‚è∏Ô∏è | <!-- readiness --> no check |"),
        "{}",
        line(274)
    );
    assert_eq!(line(3), "**Last Updated:** 2026-11-22");
    assert_eq!(line(5), "**Overall Readiness Score:** 0.8% (1 of 121)");
    assert_eq!(line(283), "- ‚úÖ PASS: 1");
    assert_eq!(line(284), "- ‚ö†Ô∏è WARN: 1");
    assert_eq!(line(285), "- ‚ùå FAIL: 1");
    assert_eq!(line(286), "- ‚è∏Ô∏è SKIP: 118 (awaiting test results)");
    assert_eq!(line(288), "**Score: 0.8%** (1 of 121)");
    assert_eq!(line(290), "### Minimum Required Score: 95%");
    assert_eq!(
        lines_changed(&bytes, &after),
        [3, 5, 27, 28, 29, 274, 284, 285, 286, 288]
    );
    // The same results again change nothing.
    let again = parse(&after).rewrite(&update);
    assert_eq!(again.edits, []);
    assert_eq!(again.bytes, after);
    // A pass takes the machine's words away again, byte for byte.
    let mut healed = Update::default();
    for id in ["SEC-002", "SEC-003"] {
        healed.items.insert(id.into(), item(Status::Pass, None));
    }
    let healed = rewritten(&parse(&after), &healed);
    let text = String::from_utf8(healed).unwrap();
    assert!(text.lines().nth(27).unwrap().ends_with("| ‚úÖ | |"));
    assert!(
        text.lines()
            .nth(28)
            .unwrap()
            .ends_with("| ‚úÖ | P0-2 fix applied |")
    );
}

#[test]
fn kamiyo_reads_back_what_was_written() {
    let Some(bytes) = seed("kamiyo.md") else {
        return;
    };
    let checklist = parse(&bytes);
    let update = results(&checklist);
    let rewrite = checklist.rewrite(&update);
    assert!(rewrite.diagnostics.is_empty());
    assert!(
        rewrite
            .edits
            .iter()
            .all(|e| matches!(e.what, EditKind::StatusCell | EditKind::Note))
    );
    let after = parse(&rewrite.bytes);
    assert_eq!(after.items().len(), 121);
    for (before, now) in checklist.items().iter().zip(after.items()) {
        assert_eq!(before.id(), now.id());
        assert_eq!(before.normalized_text(), now.normalized_text());
        assert_eq!(before.notes(), now.notes());
        let expected = match update.items[now.id()].status {
            Status::Pass => State::Pass,
            Status::Warn => State::Warn,
            Status::Fail => State::Fail,
            Status::Skip => State::NotRun,
        };
        assert_eq!(now.state(), expected, "{}", now.id());
    }
    assert_eq!(after.rewrite(&update).edits, []);
}

#[test]
fn caio_has_24_items_with_distinct_derived_ids() {
    let Some(bytes) = seed("caio.md") else { return };
    let checklist = parse(&bytes);
    assert_eq!(checklist.items().len(), 24);
    let ids: std::collections::BTreeSet<_> = checklist.items().iter().map(Item::id).collect();
    assert_eq!(ids.len(), 24);
    let tls = checklist
        .item("security-hardening/tls-ssl-termination-configured-ingress-or")
        .unwrap();
    assert_eq!(tls.line(), 9);
    assert_eq!(tls.section(), ["Security Hardening"]);
    assert_eq!(
        tls.notes(),
        Some("Infrastructure configuration, not code test")
    );
    assert_eq!(
        checklist
            .items()
            .iter()
            .filter(|item| item.state() == State::Pass)
            .count(),
        14
    );
    assert_eq!(checklist.diagnostics(), []);
}

#[test]
fn caio_is_written_with_boxes_and_status_bullets() {
    let Some(bytes) = seed("caio.md") else { return };
    let checklist = parse(&bytes);
    let mut update = Update::default();
    let set = |update: &mut Update, id: &str, status, reason: Option<&str>| {
        update.items.insert(
            id.into(),
            ItemUpdate {
                status,
                reason: reason.map(str::to_owned),
            },
        );
    };
    set(
        &mut update,
        "security-hardening/tls-ssl-termination-configured-ingress-or",
        Status::Pass,
        None,
    );
    set(
        &mut update,
        "security-hardening/cors-configured-to-allow-only-approved",
        Status::Fail,
        Some("wildcard origin"),
    );
    let after = rewritten(&checklist, &update);
    let text = String::from_utf8(after.clone()).unwrap();
    assert_eq!(
        text.lines().nth(8).unwrap(),
        "- [x] TLS/SSL termination configured (ingress or application)."
    );
    assert_eq!(
        text.lines().nth(14).unwrap(),
        "- [ ] CORS configured to allow only approved origins."
    );
    assert_eq!(
        text.lines().nth(16).unwrap(),
        "  - **Status:** FAIL <!-- readiness --> wildcard origin"
    );
    assert_eq!(
        text.lines().count(),
        String::from_utf8(bytes).unwrap().lines().count() + 1
    );
    let again = parse(&after);
    let cors = again
        .item("security-hardening/cors-configured-to-allow-only-approved")
        .unwrap();
    assert_eq!(cors.state(), State::Fail);
    assert_eq!(again.rewrite(&update).edits, []);
    // A later pass keeps the line and drops the reason.
    set(
        &mut update,
        "security-hardening/cors-configured-to-allow-only-approved",
        Status::Pass,
        None,
    );
    let healed = String::from_utf8(rewritten(&again, &update)).unwrap();
    assert_eq!(
        healed.lines().nth(14).unwrap(),
        "- [x] CORS configured to allow only approved origins."
    );
    assert_eq!(healed.lines().nth(16).unwrap(), "  - **Status:** PASS");
}

#[test]
fn no_results_change_no_byte() {
    for name in ["kamiyo.md", "caio.md"] {
        let Some(bytes) = seed(name) else { return };
        let rewrite = parse(&bytes).rewrite(&Update {
            today: Some("2026-01-01".into()),
            ..Update::default()
        });
        assert_eq!(rewrite.edits, []);
        assert_eq!(rewrite.bytes, bytes);
    }
}

#[test]
fn derived_ids_can_be_given_names() {
    let Some(bytes) = seed("caio.md") else { return };
    let derived = "security-hardening/tls-ssl-termination-configured-ingress-or";
    let ids = BTreeMap::from([(derived.to_owned(), "CAIO-SEC-002".to_owned())]);
    let options = readiness_checklist::Options {
        ids,
        ..Default::default()
    };
    let checklist = Checklist::parse_with(bytes, &options).unwrap();
    assert_eq!(checklist.item("CAIO-SEC-002").unwrap().line(), 9);
    assert!(checklist.item(derived).is_none());
}
