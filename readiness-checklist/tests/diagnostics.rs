//! Every diagnostic: what raises it, where, how severe, and that it says what to do.

mod common;

use std::collections::BTreeSet;

use common::{parse, put};
use readiness_checklist::{Checklist, Code, ParseError, Severity, Status};

const TABLE: &str = "| ID | Item | Status |\n|--|--|--|\n";

/// A document for each code that parsing reports, and the line it is reported on.
fn documents() -> Vec<(Code, String, usize)> {
    let table = |rows: &str| format!("{TABLE}{rows}");
    vec![
        (
            Code::IdDuplicate,
            table("| A-1 | a | ❌ |\n| A-1 | b | ❌ |\n"),
            4,
        ),
        (Code::IdCollision, "- [ ] a\n- [ ] b\n- [ ] a\n".into(), 1),
        (
            Code::RegionBroken,
            "- [ ] a\n\n<!-- readiness:end -->\n".into(),
            3,
        ),
        (
            Code::MarkerDuplicate,
            "- [ ] a <!-- req: A --> <!-- req: B -->\n".into(),
            1,
        ),
        (
            Code::StatusColumnAmbiguous,
            "| Item | Done | Tested |\n|--|--|--|\n| a | yes | no |\n".into(),
            1,
        ),
        (
            Code::MarkerInvalid,
            "- [ ] a\n- [ ] b <!-- req: A 1 -->\n".into(),
            2,
        ),
        (
            Code::LegendDoubtful,
            "- [ ] a\n\n| Status | Description |\n|--|--|\n| ✅ | a |\n| ✅ | b |\n".into(),
            3,
        ),
        (Code::RowShort, table("| A-1 | a\n"), 3),
        (Code::RowPipeInCode, table("| A-1 | `a | b` | ❌ |\n"), 3),
        (Code::PipeAmbiguous, table("| A-1 | a \\\\| b | ❌ |\n"), 3),
        (
            Code::StatusCellComplex,
            table("| A-1 | a | [x](y) ✅ |\n"),
            3,
        ),
        (
            Code::StatusNoteHuman,
            "- [ ] a\n  - Status: waiting for them\n".into(),
            2,
        ),
        (
            Code::StatusNoteDuplicate,
            "- [ ] a\n  - Status: TODO\n  - Status: TODO\n".into(),
            2,
        ),
        (Code::StateContradiction, "- [x] a (TODO)\n".into(), 1),
        (Code::RollupMismatch, "- [ ] a\n  - [x] b\n".into(), 1),
        (
            Code::TallyMismatch,
            "## Part (3 items)\n\n- [ ] a\n".into(),
            1,
        ),
        (
            Code::SkipMeaningUnclear,
            "## Legend\n- ⏸️ **SKIP** - Not applicable\n\n- [ ] a\n".into(),
            2,
        ),
        (Code::StatusUnknown, table("| A-1 | a | soon-ish |\n"), 3),
        (Code::BoxOdd, "- [~] a\n".into(), 1),
        (Code::BoxLabels, "- [ ] **Task**: a\n".into(), 1),
        (Code::FenceUnclosed, "- [ ] a\n\n```\n".into(), 3),
        (Code::CommentUnclosed, "- [ ] a\n\n<!-- b\n".into(), 3),
    ]
}

#[test]
fn each_is_raised_on_its_line_and_alone() {
    for (code, text, line) in documents() {
        let checklist = parse(text.as_bytes());
        let found: Vec<_> = checklist
            .diagnostics()
            .iter()
            .map(|d| (d.code, d.line, d.severity))
            .collect();
        assert_eq!(found, [(code, line, code.severity())], "{text}");
        let diagnostic = &checklist.diagnostics()[0];
        assert!(
            !diagnostic.message.is_empty() && !diagnostic.hint.is_empty(),
            "{code}"
        );
        assert!(
            diagnostic.span.start < diagnostic.span.end && diagnostic.span.end <= text.len(),
            "{code}: {:?}",
            diagnostic.span
        );
        let starts_on = 1 + text[..diagnostic.span.start].matches('\n').count();
        assert_eq!(starts_on, line, "{code}: the span stands on another line");
        assert_eq!(
            checklist.has_file_error(),
            code.severity() == Severity::FileError
        );
    }
}

#[test]
fn every_code_has_a_document_here_or_comes_with_a_result() {
    let mut known: BTreeSet<Code> = documents().into_iter().map(|(code, ..)| code).collect();
    known.extend([
        Code::EncodingNotUtf8,
        Code::StatusColumnMissing,
        Code::IdUnknown,
        Code::IdInvalid,
        Code::WriteUnsafe,
    ]);
    assert_eq!(known, Code::ALL.iter().copied().collect());
    let names: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(names.len(), Code::ALL.len());
    for name in names {
        assert!(
            name.bytes()
                .all(|b| b.is_ascii_lowercase() || b == b'-' || b.is_ascii_digit()),
            "{name}"
        );
    }
}

#[test]
fn a_warning_becomes_an_error_of_the_item_that_is_bound() {
    let bound = [
        Code::StatusColumnAmbiguous,
        Code::RowShort,
        Code::RowPipeInCode,
        Code::PipeAmbiguous,
        Code::StatusCellComplex,
        Code::IdCollision,
    ];
    for (code, text, _) in documents()
        .into_iter()
        .filter(|(code, ..)| bound.contains(code))
    {
        let checklist = parse(text.as_bytes());
        let id = checklist.items()[0].id().to_owned();
        let rewrite = checklist.rewrite(&put(&[(&id, Status::Pass, None)]));
        assert!(rewrite.edits.is_empty(), "{code}");
        for diagnostic in &rewrite.diagnostics {
            assert_eq!(
                (diagnostic.code, diagnostic.severity),
                (code, Severity::ItemError)
            );
            assert_eq!(diagnostic.id.as_deref(), Some(&*id));
        }
        assert!(!rewrite.diagnostics.is_empty(), "{code}");
    }
}

#[test]
fn what_is_found_in_a_row_names_its_derived_id() {
    let text = "## Ops\n\n| Item | Status |\n|--|--|\n| Back up |\n| Restore | ✅ ❌ |\n| `a|b` | x |\n| Drill | perhaps |\n| Log | ✅ TODO |\n";
    let checklist = parse(text.as_bytes());
    let found: Vec<_> = checklist
        .diagnostics()
        .iter()
        .map(|d| (d.code, d.line, d.id.as_deref().unwrap_or_default()))
        .collect();
    assert_eq!(
        found,
        [
            (Code::RowShort, 5, "ops/back-up"),
            (Code::StatusCellComplex, 6, "ops/restore"),
            (Code::RowPipeInCode, 7, "ops/a"),
            (Code::StatusUnknown, 8, "ops/drill"),
            (Code::StateContradiction, 9, "ops/log"),
        ]
    );
}

#[test]
fn an_item_error_spares_the_other_items() {
    let text = format!("{TABLE}| A-1 | a\n| A-2 | b | ❌ |\n");
    let update = put(&[
        ("A-1", Status::Pass, None),
        ("A-2", Status::Pass, None),
        ("A-9", Status::Pass, None),
    ]);
    let rewrite = parse(text.as_bytes()).rewrite(&update);
    assert_eq!(
        String::from_utf8(rewrite.bytes).unwrap(),
        text.replace('❌', "✅")
    );
    let codes: Vec<_> = rewrite
        .diagnostics
        .iter()
        .map(|d| (d.code, d.id.as_deref().unwrap()))
        .collect();
    assert_eq!(codes, [(Code::IdUnknown, "A-9"), (Code::RowShort, "A-1")]);
    assert!(
        rewrite.diagnostics[0].hint.contains("A-1 (line 3)"),
        "{}",
        rewrite.diagnostics[0].hint
    );
}

#[test]
fn the_nearest_ids_come_first() {
    let text = format!(
        "{TABLE}| RT-PRO-001 | a | |\n| RT-PRO-002 | b | |\n| RT-FREE-002 | c | |\n| SEC-001 | d | |\n"
    );
    let checklist = parse(text.as_bytes());
    let near = |id: &str| {
        checklist
            .nearest(id)
            .iter()
            .map(|item| item.id())
            .collect::<Vec<_>>()
    };
    assert_eq!(near("RT-PRO-02")[0], "RT-PRO-002");
    assert_eq!(near("rt-pro-002")[0], "RT-PRO-002");
    assert_eq!(near("SEC-01"), ["SEC-001"]);
    assert_eq!(near("nothing like it"), Vec::<&str>::new());
    assert!(near("RT-PRO-003").len() <= 3);
}

#[test]
fn a_diagnostic_prints_as_one_line() {
    let checklist = parse(format!("{TABLE}| A-1 | a\n").as_bytes());
    assert_eq!(
        checklist.diagnostics()[0].to_string(),
        "warning[row-short]: line 3: A-1: the row ends before its status cell"
    );
}

#[test]
fn what_cannot_be_read_at_all_is_an_error() {
    let utf16: Vec<u8> = "- [ ] a"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let with_mark = [&[0xFF, 0xFE], &*utf16].concat();
    for bytes in [utf16, with_mark, b"- [ ] a\n\0".to_vec()] {
        let error = Checklist::parse(bytes).unwrap_err();
        assert_eq!(error.code(), "encoding-unsupported");
        assert_eq!(error.hint(), "save the file as UTF-8");
    }
    assert!(matches!(
        Checklist::parse(b"a\nb\0".to_vec()),
        Err(ParseError::EncodingUnsupported {
            offset: 3,
            line: 2,
            ..
        })
    ));
}

#[test]
fn an_empty_document_and_one_without_items_are_fine() {
    for text in ["", "\n", "\u{feff}", "# Only a title\n", "text"] {
        let checklist = parse(text.as_bytes());
        assert_eq!(
            (checklist.items().len(), checklist.diagnostics().len()),
            (0, 0)
        );
    }
}
