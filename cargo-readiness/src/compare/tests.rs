use super::*;

fn item(id: &str, text: &str, section: &str, line: usize, word: &str) -> Item {
    Item {
        id: id.to_owned(),
        text: Some(text.to_owned()),
        wording: text.to_owned(),
        section: Some(vec![section.to_owned()]),
        line: Some(line),
        status: Status {
            word: word.to_owned(),
            met: word == "PASS",
            typed: false,
        },
    }
}

fn ids<T>(list: &[T], id: impl Fn(&T) -> &str) -> Vec<String> {
    list.iter().map(|one| id(one).to_owned()).collect()
}

#[test]
fn equal_sides_have_no_changes() {
    let side = [
        item("A-1", "a", "s", 1, "PASS"),
        item("A-1", "a", "s", 2, "PASS"),
    ];
    assert!(compare(&side, &side).is_empty());
    assert!(compare(&[], &[]).is_empty());
}

#[test]
fn each_kind_of_change_is_told_apart() {
    let old = [
        item("A-1", "it starts", "s", 1, "FAIL"),
        item("A-2", "it stops", "s", 2, "PASS"),
        item("A-3", "it is fast", "s", 3, "not run"),
        item("A-4", "it goes", "s", 4, "PASS"),
        item("A-5", "it is old", "s", 5, "PASS"),
    ];
    let new = [
        item("A-1", "it starts", "s", 1, "PASS"),
        item("A-2", "it stops cleanly", "s", 2, "PASS"),
        item("A-3", "it is fast", "t", 9, "WARN"),
        item("A-4", "it goes", "s", 4, "FAIL"),
        item("A-6", "something else altogether", "s", 5, "PASS"),
    ];
    let changes = compare(&old, &new);
    assert_eq!(ids(&changes.added, |one| &one.id), ["A-6"]);
    assert_eq!(ids(&changes.removed, |one| &one.id), ["A-5"]);
    assert_eq!(ids(&changes.reworded, |one| &one.id), ["A-2"]);
    assert_eq!(ids(&changes.moved, |one| &one.id), ["A-3"]);
    let turned: Vec<_> = changes
        .statuses
        .iter()
        .map(|one| (one.id.as_str(), one.change))
        .collect();
    assert_eq!(
        turned,
        [
            ("A-1", Turn::Gained),
            ("A-3", Turn::Changed),
            ("A-4", Turn::Lost)
        ]
    );
    assert_eq!(changes.renamed, []);
}

#[test]
fn an_id_that_changed_with_its_words_is_the_same_item() {
    let old = [
        item("s/keys-are-rotated", "keys are rotated", "s", 1, "PASS"),
        item("s/b", "backups exist", "s", 2, "PASS"),
    ];
    let new = [
        item(
            "s/keys-are-always-rotated",
            "keys are always rotated",
            "s",
            1,
            "PASS",
        ),
        item("t/b", "backups exist", "t", 2, "PASS"),
    ];
    let changes = compare(&old, &new);
    assert_eq!((changes.added.len(), changes.removed.len()), (0, 0));
    assert_eq!(
        changes.reworded[0].old_id.as_deref(),
        Some("s/keys-are-rotated")
    );
    assert_eq!(changes.renamed[0].old_id, "s/b");
    assert_eq!(ids(&changes.moved, |one| &one.id), ["t/b"]);
}

#[test]
fn of_rows_that_changed_places_the_fewest_moved() {
    let row = |id: &str, line| item(id, id, "s", line, "PASS");
    let old = [row("A", 1), row("B", 2), row("C", 3), row("D", 4)];
    let new = [row("D", 1), row("A", 2), row("B", 3), row("C", 4)];
    let changes = compare(&old, &new);
    assert_eq!(ids(&changes.moved, |one| &one.id), ["D"]);
    assert_eq!(
        (changes.moved[0].from.line, changes.moved[0].to.line),
        (Some(4), Some(1))
    );
}

#[test]
fn a_status_that_somebody_typed_differs_from_one_that_stands_on_a_record() {
    let mut new = item("A-1", "a", "s", 1, "PASS");
    let old = new.clone();
    new.status.typed = true;
    assert_eq!(compare(&[old], &[new]).statuses[0].change, Turn::Changed);
}

#[test]
fn a_text_without_end_is_not_looked_at_for_likeness_and_hinders_no_other() {
    let endless = "word ".repeat(LONGEST);
    let old = [
        item("s/endless", &endless, "s", 1, "PASS"),
        item("s/keys-are-rotated", "keys are rotated", "s", 2, "PASS"),
    ];
    let new = [
        item("s/endless-now", &format!("{endless}now"), "s", 1, "PASS"),
        item("s/keys-were-rotated", "keys were rotated", "s", 2, "PASS"),
    ];
    let changes = compare(&old, &new);
    assert_eq!(
        ids(&changes.reworded, |one| &one.id),
        ["s/keys-were-rotated"]
    );
    assert_eq!(ids(&changes.removed, |one| &one.id), ["s/endless"]);
    assert_eq!(ids(&changes.added, |one| &one.id), ["s/endless-now"]);
}
