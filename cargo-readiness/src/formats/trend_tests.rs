use super::*;

fn next(items: &mut Items<'_>, own: &[(&'static str, Outcome)]) -> Vec<String> {
    let run = format!("r-{}", items.runs + 1);
    let moves = items.next(own.iter().copied(), "2026-11-22", &run);
    let word = |o: Option<Outcome>| o.map_or("none", Outcome::as_str);
    let words = |m: &Move| format!("{} {} {}", m.id, word(m.from), word(m.to));
    moves.iter().map(words).collect()
}

#[test]
fn what_moved_is_named_reddest_first_and_what_is_gone_last() {
    use Outcome::{Failed, NotVerified, Passed};
    let redactor = Redactor::default();
    let mut items = Items::new(&redactor);
    assert!(next(&mut items, &[("A", Passed), ("B", Passed), ("C", Failed)]).is_empty());
    assert!(next(&mut items, &[("A", Passed), ("B", Passed), ("C", Failed)]).is_empty());
    // A is gone, D is new: as many as before.
    assert_eq!(
        next(
            &mut items,
            &[("B", Failed), ("C", Passed), ("D", NotVerified)]
        ),
        [
            "B passed failed",
            "D none not-verified",
            "C failed passed",
            "A passed none"
        ]
    );
    assert_eq!(
        next(
            &mut items,
            &[
                ("A", Passed),
                ("B", Failed),
                ("C", Passed),
                ("D", NotVerified)
            ]
        ),
        ["A none passed"]
    );
    let histories = items.finish();
    let of = |id: &str| {
        let history = &histories[id];
        let words = history.changes.iter().map(|change| {
            let outcome = change.outcome.map_or("gone", Outcome::as_str);
            format!("{} {outcome}", change.run)
        });
        (history.runs, words.collect::<Vec<_>>().join(", "))
    };
    assert_eq!(of("A"), (3, "r-1 passed, r-3 gone, r-4 passed".to_owned()));
    assert_eq!(of("C"), (4, "r-1 failed, r-3 passed".to_owned()));
}

#[test]
fn an_item_that_flaps_keeps_its_latest_changes() {
    let redactor = Redactor::default();
    let mut items = Items::new(&redactor);
    for run in 0..50 {
        let outcome = [Outcome::Passed, Outcome::Failed][run % 2];
        // Twice in a line, which no run writes: the first one counts.
        next(&mut items, &[("A", outcome), ("A", Outcome::Warned)]);
    }
    let history = &items.finish()["A"];
    assert_eq!((history.runs, history.earlier), (50, 30));
    assert_eq!(history.changes.len(), MOST_CHANGES);
    assert_eq!(history.changes[MOST_CHANGES - 1].run, "r-50");
}
