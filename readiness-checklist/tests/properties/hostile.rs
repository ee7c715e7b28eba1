//! Nothing that a target or a test says can break the document: hostile reasons through the whole
//! path, written, read again, and counted by another parser.

use pulldown_cmark::{Event, Options, Parser, Tag};
use readiness_checklist::{Checklist, ItemUpdate, Status, Update};

use crate::common::{check_stable, parse, rewritten};

const DOCUMENTS: [&[u8]; 5] = [
    b"| ID | Requirement | Status | Notes |\n|--|--|--|--|\n| A-1 | a `b` | | |\n| A-2 | c | FAIL | by `hand |\n| A-3 | d | | x <!-- readiness --> old |\n",
    b"- [ ] A-1 one\r\n  - **Status:** FAIL <!-- readiness --> old\r\n- [x] A-2 two\r\n\r\n  more of two\r\n- [ ] A-3 three",
    "| ID | Item | Result | Comments |\n|--|--|--|--|\n| A-1 | eins | ‚ùå | ‚úÖ |\n| A-2 | zwei | ‚úÖ | |\n\n- [ ] A-3 drei\n".as_bytes(),
    b"ID | Check | Status | Note\n--|--|--|--\nA-1 | en fran\xe7ais | |\nA-2 | b | [ ] | |\nA-3 | c | todo | |\n",
    b"> | ID | Requirement | Status | Notes |\n> |--|--|--|--|\n> | A-1 | a | | |\n> | A-2 | b | | |\n\n1. [ ] A-3 c\n   - Owner: me\n",
];

/// What somebody who wants to break a document would say.
fn reasons() -> Vec<String> {
    let mut reasons: Vec<String> = [
        "a | b | c",
        "\\| \\\\| \\",
        "line\nline\r\nline\rline\u{85}line\u{2028}line\u{2029}line\u{b}line\u{c}",
        "-->",
        "--> | PASS | <!--",
        "<!-- readiness -->",
        "<!-- readiness:begin ignore -->\n<!-- req: A-9 -->",
        "<!---->",
        "`",
        "``` `` `",
        "`a | b` `",
        "```\n| A-1 | x | PASS |\n```",
        "<script>alert(1)</script><br></td></tr></table><details>",
        "[x](javascript:alert(1)) ![i](http://example.com/p.png)",
        "- [x] A-9 done\n- [ ] A-8",
        "# Heading\n\n| ID | Status |\n|--|--|",
        "\u{202e}SSAP\u{202c} \u{2066}x\u{2069} \u{200f}\u{200b}\u{feff}",
        "\u{1b}[2J\u{1b}]0;title\u{7} \u{9b}31m \u{0}\u{1}\u{7f}",
        "✅ PASS",
        "**bold** __x__ ~~y~~ &lt; &#124; &vert;",
        "状态 größe 🟢 e\u{301}",
        "\t \u{a0} ",
        "",
    ]
    .map(str::to_owned)
    .into();
    for piece in ["x", "|", "\u{202e}"] {
        reasons.push(piece.repeat(10_000_000 / piece.len()));
    }
    for piece in ["`", "\n", "<!--", "-->", "\\", "✅", "\u{0}", " "] {
        reasons.push(piece.repeat(10_000));
    }
    reasons
}

/// Tables, rows, cells, list items and boxes, as another parser counts them.
fn structure(bytes: &[u8]) -> [usize; 5] {
    let text = String::from_utf8_lossy(bytes);
    let mut counts = [0; 5];
    for event in Parser::new_ext(&text, Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS) {
        let slot = match event {
            Event::Start(Tag::Table(_)) => 0,
            Event::Start(Tag::TableRow) => 1,
            Event::Start(Tag::TableCell) => 2,
            Event::TaskListMarker(_) => 3,
            Event::Start(Tag::Heading { .. } | Tag::CodeBlock(_)) => 4,
            _ => continue,
        };
        counts[slot] += 1;
    }
    counts
}

fn acts_on_a_terminal(byte: char) -> bool {
    byte.is_control() && byte != '\n' && byte != '\r'
        || matches!(byte, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn update(checklist: &Checklist, status: Status, reason: &str) -> Update {
    let mut update = Update::default();
    for item in checklist.items() {
        let reason = Some(reason.to_owned());
        update
            .items
            .insert(item.id().to_owned(), ItemUpdate { status, reason });
    }
    update
}

#[test]
fn no_reason_breaks_a_document() {
    for (number, document) in DOCUMENTS.into_iter().enumerate() {
        let checklist = parse(document);
        assert_eq!(checklist.items().len(), 3, "document {number}");
        for reason in reasons() {
            let said: String = reason.chars().take(40).collect();
            for status in [Status::Fail, Status::Warn, Status::Skip] {
                let update = update(&checklist, status, &reason);
                let bytes = rewritten(&checklist, &update);
                let place = format!("document {number}, {status}, {said:?}");
                let after = parse(&bytes);
                check_stable(&checklist, &after, &update, &place);
                assert_eq!(structure(document), structure(&bytes), "{place}");
                assert!(
                    bytes.len() <= document.len() + 3 * 300,
                    "{place}: {} bytes",
                    bytes.len()
                );
                let text = String::from_utf8_lossy(&bytes);
                assert!(!text.contains(acts_on_a_terminal), "{place}: {text:?}");
                assert_eq!(after.rewrite(&update).edits, [], "{place}: written twice");
            }
        }
    }
}

/// The reason goes again, whatever it was, when the item passes.
#[test]
fn a_pass_takes_every_reason_back() {
    for document in DOCUMENTS {
        let checklist = parse(document);
        let plain = rewritten(&checklist, &update(&checklist, Status::Pass, ""));
        for reason in reasons() {
            let failed = parse(&rewritten(
                &checklist,
                &update(&checklist, Status::Fail, &reason),
            ));
            let passed = rewritten(&failed, &update(&failed, Status::Pass, &reason));
            let (passed, plain) = (parse(&passed), parse(&plain));
            for (a, b) in passed.items().iter().zip(plain.items()) {
                assert_eq!((a.state(), a.notes()), (b.state(), b.notes()));
            }
            let text = String::from_utf8_lossy(passed.bytes()).into_owned();
            assert!(!text.contains("<!-- readiness -->"), "{text}");
        }
    }
}
