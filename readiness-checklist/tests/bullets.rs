//! Boxes and their Status bullets: what is written, where, and what is left to people.

mod common;

use common::{after, parse, put};
use readiness_checklist::{Checklist, Code, Options, State, Status};

fn fail(text: &str) -> String {
    let id = parse(text.as_bytes()).items()[0].id().to_owned();
    after(text, &[(&id, Status::Fail, Some("no"))])
}

fn pass(text: &str) -> String {
    let id = parse(text.as_bytes()).items()[0].id().to_owned();
    after(text, &[(&id, Status::Pass, Some("never shown"))])
}

#[test]
fn a_new_bullet_follows_the_text() {
    assert_eq!(
        fail("- [x] a\n- [ ] b\n"),
        "- [ ] a\n  - **Status:** FAIL <!-- readiness --> no\n- [ ] b\n"
    );
    assert_eq!(
        fail("1. [ ] a\n   more\n\n   para\n"),
        "1. [ ] a\n   more\n   - **Status:** FAIL <!-- readiness --> no\n\n   para\n"
    );
    assert_eq!(
        fail("- [ ] a"),
        "- [ ] a\n  - **Status:** FAIL <!-- readiness --> no"
    );
    assert_eq!(
        fail("> - [ ] a\n> b\n"),
        "> - [ ] a\n> b\n>   - **Status:** FAIL <!-- readiness --> no\n"
    );
    assert_eq!(
        fail("-\t[ ] a\n"),
        "-\t[ ] a\n \t- **Status:** FAIL <!-- readiness --> no\n"
    );
    // The space that a quote mark takes would make the tab a column narrower.
    assert_eq!(
        fail(">-\t[ ] a\n"),
        ">-\t[ ] a\n>    - **Status:** FAIL <!-- readiness --> no\n"
    );
    assert_eq!(
        fail("- - [ ] a\n"),
        "- - [ ] a\n    - **Status:** FAIL <!-- readiness --> no\n"
    );
    // The space behind the quote mark would make the tab narrower by one column.
    assert_eq!(
        fail(">- \t[ ] a\n"),
        ">- \t[ ] a\n>    - **Status:** FAIL <!-- readiness --> no\n"
    );
}

#[test]
fn a_new_bullet_looks_like_its_siblings_and_follows_the_last() {
    assert_eq!(
        fail("- [ ] a\n    * _Test:_ x\n    * _Note:_ y\n      more\n- [ ] b\n"),
        "- [ ] a\n    * _Test:_ x\n    * _Note:_ y\n      more\n    * _Status:_ FAIL <!-- readiness --> no\n- [ ] b\n"
    );
    assert_eq!(
        fail("- [ ] a\n  + **Test**: x\n    - detail\n"),
        "- [ ] a\n  + **Test**: x\n    - detail\n  + **Status**: FAIL <!-- readiness --> no\n"
    );
    assert_eq!(
        fail("- [ ] a\n  - Owner: me\n"),
        "- [ ] a\n  - Owner: me\n  - Status: FAIL <!-- readiness --> no\n"
    );
}

#[test]
fn deeper_children_stay_children_of_their_box() {
    let text = "- [ ] a\n    - [ ] b\n";
    let after = fail(text);
    assert_eq!(
        after,
        "- [ ] a\n    - **Status:** FAIL <!-- readiness --> no\n    - [ ] b\n"
    );
    assert_eq!(parse(after.as_bytes()).items()[1].parent(), Some(0));
}

#[test]
fn of_two_bullets_at_one_place_the_inner_one_comes_first() {
    // The metadata of the outer box ends with the inner box.
    let no = Some("no");
    let results = [
        ("document/a", Status::Fail, no),
        ("document/b", Status::Fail, no),
    ];
    assert_eq!(
        after("- [ ] a\n  - Test: t\n    - [ ] b\n", &results),
        "- [ ] a\n  - Test: t\n    - [ ] b\n      - **Status:** FAIL <!-- readiness --> no\n  - Status: FAIL <!-- readiness --> no\n"
    );
}

#[test]
fn what_follows_stays_beside_the_bullet() {
    // An open fence would end with the bullet if it became its child.
    assert_eq!(
        fail("- [ ] a\n\t```\n\tcode\n"),
        "- [ ] a\n\t- **Status:** FAIL <!-- readiness --> no\n\t```\n\tcode\n"
    );
    // Indented code would become text of the bullet, and a box in it an item.
    let code = "- [x] a\n\n      - [ ] code\n";
    assert_eq!(fail(code), code.replace("[x]", "[ ]"));
}

#[test]
fn a_bullet_stands_in_the_quote_of_its_box() {
    // What follows is in another quote, not below the box.
    assert_eq!(
        fail("- [ ] a\n  > - b\n"),
        "- [ ] a\n  - **Status:** FAIL <!-- readiness --> no\n  > - b\n"
    );
    assert_eq!(
        fail("- > - [ ] a\n\n>       - b\n"),
        "- > - [ ] a\n  >   - **Status:** FAIL <!-- readiness --> no\n\n>       - b\n"
    );
    // A quote that is deeper than a bullet would be part of it, and the line below it a box.
    assert_eq!(
        fail("- [ ] a\n    > - b\n\n          - [ ] c\n"),
        "- [ ] a\n    - **Status:** FAIL <!-- readiness --> no\n    > - b\n\n          - [ ] c\n"
    );
    // The tab behind the second quote mark is shorter than the one behind the first.
    assert_eq!(
        fail(">\t- [ ] a\n   >\t- b\n"),
        ">\t- [ ] a\n>\t  - **Status:** FAIL <!-- readiness --> no\n   >\t- b\n"
    );
}

#[test]
fn a_bullet_stands_beside_the_metadata_it_follows() {
    // Not beside the id, which the box within would be the parent of.
    assert_eq!(
        fail("- [ ] a\n  - Owner: me\n    - [ ] b\n    - x\n      - Note: y\n    - [ ] c\n"),
        "- [ ] a\n  - Owner: me\n    - [ ] b\n    - x\n      - Note: y\n    - [ ] c\n  - Status: FAIL <!-- readiness --> no\n"
    );
}

#[test]
fn a_pass_needs_no_bullet_and_cleans_an_existing_one() {
    assert_eq!(pass("- [ ] a\n"), "- [x] a\n");
    assert_eq!(
        pass("- [ ] a\n  - **Status:** FAIL <!-- readiness --> no\n"),
        "- [x] a\n  - **Status:** PASS\n"
    );
    assert_eq!(
        pass("- [ ] a\n  - Status: **TODO**\n"),
        "- [x] a\n  - Status: **PASS**\n"
    );
    assert_eq!(
        pass("- [ ] a\n  - Status: **Done**\n"),
        "- [x] a\n  - Status: **Done**\n"
    );
}

#[test]
fn an_existing_bullet_is_updated_in_place() {
    assert_eq!(
        fail("- [x] a\n  - **Status:** ✅ Done  \n  - **Test:** x\n"),
        "- [ ] a\n  - **Status:** FAIL <!-- readiness --> no  \n  - **Test:** x\n"
    );
    assert_eq!(
        fail("- [ ] a\n  - **Status:** FAIL <!-- readiness --> old\n"),
        "- [ ] a\n  - **Status:** FAIL <!-- readiness --> no\n"
    );
    assert_eq!(
        fail("- [ ] a\n  - **Status:**\n"),
        "- [ ] a\n  - **Status:** FAIL <!-- readiness --> no\n"
    );
    assert_eq!(
        fail("- [ ] a\n\n  Status: open\n"),
        "- [ ] a\n\n  Status: FAIL <!-- readiness --> no\n"
    );
}

#[test]
fn human_words_in_a_bullet_are_left_alone() {
    let text = "- [x] a\n  - **Status:** TODO, waiting for vendor\n";
    assert_eq!(fail(text), text.replace("[x]", "[ ]"));
    assert_eq!(
        parse(text.as_bytes()).diagnostics()[0].code,
        Code::StatusNoteHuman
    );
    let twice = "- [x] a\n  - Status: TODO\n  - Status: done\n";
    assert_eq!(fail(twice), twice.replace("[x]", "[ ]"));
    assert_eq!(
        parse(twice.as_bytes()).diagnostics()[0].code,
        Code::StatusNoteDuplicate
    );
}

#[test]
fn a_skip_adds_a_bullet_only_where_it_says_more() {
    let skip = |text: &str, reason| {
        let id = parse(text.as_bytes()).items()[0].id().to_owned();
        after(text, &[(&id, Status::Skip, reason)])
    };
    assert_eq!(skip("- [ ] a\n", None), "- [ ] a\n");
    assert_eq!(skip("- [x] a\n", None), "- [ ] a\n  - **Status:** SKIP\n");
    assert_eq!(
        skip("- [ ] a\n", Some("not run")),
        "- [ ] a\n  - **Status:** SKIP <!-- readiness --> not run\n"
    );
}

#[test]
fn bullets_can_be_switched_off() {
    let options = Options {
        status_bullets: false,
        ..Options::default()
    };
    let text = "- [x] a\n- [ ] b\n  - **Status:** TODO\n";
    let checklist = Checklist::parse_with(text.as_bytes().to_vec(), &options).unwrap();
    let update = put(&[
        ("document/a", Status::Fail, Some("no")),
        ("document/b", Status::Pass, None),
    ]);
    let expected = "- [ ] a\n- [x] b\n  - **Status:** TODO\n";
    assert_eq!(
        String::from_utf8(checklist.rewrite(&update).bytes).unwrap(),
        expected
    );
}

#[test]
fn no_bullet_is_put_inside_a_comment() {
    let text = "- [ ] a <!-- note\n  goes on -->\n- [ ] b\n";
    assert_eq!(fail(text), text);
    let text = "- [ ] a\n\n  Test: x\n  y <!-- note\n  goes on -->\n- [ ] b\n";
    assert_eq!(fail(text), text);
    let text = "- [ ] a\n  - Test: x <!-- note\n";
    assert_eq!(fail(text), text);
}

#[test]
fn a_word_behind_the_text_is_believed_until_a_bullet_says_otherwise() {
    let text = "- [ ] Audit ✅ DONE\n";
    let checklist = parse(text.as_bytes());
    assert_eq!(checklist.items()[0].state(), State::Pass);
    assert_eq!(checklist.items()[0].requirement(), "Audit");
    assert_eq!(checklist.diagnostics()[0].code, Code::StateContradiction);
    let after = fail(text);
    assert_eq!(
        after,
        "- [ ] Audit ✅ DONE\n  - **Status:** FAIL <!-- readiness --> no\n"
    );
    assert_eq!(parse(after.as_bytes()).items()[0].state(), State::Fail);
}

#[test]
fn metadata_is_read() {
    let text = "- [ ] a\n  - **Test:** `t::u` | Owner: ops\n  - Priority: P1\n  - Due: 2026-01-01\n  - **Evidence**: [log](x)\n  - Comments: two\n    words\n";
    let checklist = parse(text.as_bytes());
    let item = &checklist.items()[0];
    assert_eq!((item.test(), item.owner()), (Some("t::u"), Some("ops")));
    assert_eq!(
        (item.priority(), item.due()),
        (Some("P1"), Some("2026-01-01"))
    );
    assert_eq!((item.evidence(), item.notes()), (Some("log"), Some("two")));
}

#[test]
fn sign_off_boxes_are_set_only_by_name() {
    let text = "- [ ] real\n\n## Sign-Off\n\n- [ ] **Lead** - met\n- [x] Security\n";
    let checklist = parse(text.as_bytes());
    assert_eq!(checklist.items().len(), 1);
    let texts: Vec<_> = checklist
        .sign_offs()
        .iter()
        .map(|s| (s.text(), s.ticked(), s.line()))
        .collect();
    assert_eq!(texts, [("Lead - met", false, 5), ("Security", true, 6)]);
    let mut update = put(&[]);
    update.sign_offs.insert("Lead - met".into(), true);
    update.sign_offs.insert("Nobody".into(), true);
    let after = checklist.rewrite(&update);
    assert_eq!(
        String::from_utf8(after.bytes).unwrap(),
        text.replace("- [ ] **Lead**", "- [x] **Lead**")
    );
}

#[test]
fn no_bullet_is_put_where_it_would_swallow_what_follows() {
    // A table header right below would become a continuation of the bullet.
    let table = "- [x] a\n  | b | c |\n  |---|---|\n  | 1 | 2 |\n";
    assert_eq!(fail(table), table.replace("[x]", "[ ]"));
    // So would text behind metadata that ends in code.
    let code = "- [x] a\n  - Test: x\n    ```\n    code\n    ```\ntext\n";
    assert_eq!(fail(code), code.replace("[x]", "[ ]"));
    // And an underline belongs to the line above it.
    let underlined = "- [x] a\n  ---\n";
    assert_eq!(fail(underlined), underlined.replace("[x]", "[ ]"));
    let labelled = "- [x] a\n  **Test:** b\n  ---\n";
    assert_eq!(fail(labelled), labelled.replace("[x]", "[ ]"));
    let heading = "- [x] a\n# b\n";
    assert_eq!(
        fail(heading),
        "- [ ] a\n  - **Status:** FAIL <!-- readiness --> no\n# b\n"
    );
}
