use std::path::Path;

use super::*;
use crate::config::date::parse_day;
use crate::journal::reader;

/// One journal of a run: its process, what its header has beside the usual, and its lines.
fn journal(process: &str, more: &str, lines: &[String]) -> MergedRun {
    let header = format!(
        r#"{{"record":"header","format":1,"run":"r","process":"{process}","package":"shop","manifest_dir":"/shop","checklist":"CHECKLIST.md","at":"2026-11-22T10:00:00Z"{more}}}"#
    );
    let text = format!("{header}\n{}", lines.concat());
    reader::read(text.as_bytes(), Path::new("j.jsonl")).unwrap()
}

const TARGET: &str = r#","target":{"name":"staging","kind":"remote"}"#;

fn registered(trials: &[&str]) -> String {
    let trials: Vec<_> = trials
        .iter()
        .map(|rest| format!(r#"{{"digest":"d","source":"a.rs:1",{rest}}}"#))
        .collect();
    format!(
        "{{\"record\":\"registered\",\"trials\":[{}]}}\n",
        trials.join(",")
    )
}

fn selected(id: &str) -> String {
    format!(r#""trial":"{id}::f","id":"{id}","selected":true"#)
}

/// An attempt from start to end; `end` is the rest of its record.
fn attempt(id: &str, number: u32, end: &str) -> String {
    let at = format!("2026-11-22T10:00:{number:02}");
    format!(
        "{{\"record\":\"started\",\"trial\":\"{id}::f\",\"attempt\":{number},\"at\":\"{at}Z\"}}\n{{\"record\":\"finished\",\"trial\":\"{id}::f\",\"id\":\"{id}\",\"attempt\":{number},\"at\":\"{at}.5Z\",\"micros\":1,\"digest\":\"d\",{end}}}\n"
    )
}

const CLOSED: &str = "{\"record\":\"closed\",\"at\":\"2026-11-22T10:00:59Z\"}\n";

/// What one finished trial comes to.
fn result_of(end: &str) -> TrialResult {
    let lines = [
        registered(&[&selected("A-1")]),
        attempt("A-1", 1, end),
        CLOSED.to_owned(),
    ];
    let mut summary = summarise(&journal("1", TARGET, &lines), false);
    assert_eq!(summary.faults, Vec::<String>::new());
    summary.trials.remove(0).result
}

#[test]
fn every_end_of_a_trial() {
    let words = str::to_owned;
    let passed = |proof: &str| format!(r#""outcome":"passed","proof":{{"strength":"{proof}"}}"#);
    let cases = [
        (passed("proven"), TrialResult::Passed(Strength::Proven)),
        (
            r#""outcome":"passed","proof":{"strength":"excused","reason":"by eye"}"#.to_owned(),
            TrialResult::Passed(Strength::Excused(words("by eye"))),
        ),
        (
            passed("vacuous"),
            TrialResult::Vacuous(words("no alteration of what it read changed its verdict")),
        ),
        (
            passed("unproven"),
            TrialResult::Vacuous(words("it cannot be replayed, and no reason is declared")),
        ),
        (
            passed("off"),
            TrialResult::Vacuous(words("unproven: proof was switched off for this run")),
        ),
        (
            r#""outcome":"passed""#.to_owned(),
            TrialResult::Vacuous(words("no proof was recorded")),
        ),
        (
            r#""outcome":"warned","reason":"slow""#.to_owned(),
            TrialResult::Warned(words("slow")),
        ),
        (
            r#""outcome":"failed","reason":"500","location":"a.rs:3:4""#.to_owned(),
            TrialResult::Failed(words("500 (a.rs:3:4)")),
        ),
        (
            r#""outcome":"not-applicable","reason":"no shop""#.to_owned(),
            TrialResult::NotApplicable(words("no shop")),
        ),
        (
            r#""outcome":"unavailable","reason":"no key""#.to_owned(),
            TrialResult::NotVerified(words("no key")),
        ),
    ];
    for (end, expected) in cases {
        assert_eq!(result_of(&end), expected, "{end}");
    }
}

#[test]
fn a_pass_on_a_retry_warns_and_a_failure_on_a_retry_fails() {
    let ends = |first: &str, second: &str| {
        let lines = [
            registered(&[&selected("A-1")]),
            attempt("A-1", 1, first),
            attempt("A-1", 2, second),
        ];
        summarise(&journal("1", TARGET, &lines), false).trials[0]
            .result
            .clone()
    };
    let (failed, passed) = (
        r#""outcome":"failed","reason":"503""#,
        r#""outcome":"passed","proof":{"strength":"proven"}"#,
    );
    assert_eq!(
        ends(failed, passed),
        TrialResult::Warned("flaky: passed on attempt 2, after: 503".to_owned())
    );
    assert_eq!(ends(failed, failed), TrialResult::Failed("503".to_owned()));
}

#[test]
fn a_run_is_a_part_when_something_registered_was_left_out() {
    let left_out = r#""trial":"A-2::f","id":"A-2","selected":false"#;
    let ended = attempt("A-1", 1, r#""outcome":"warned","reason":"w""#);
    let summary = |trials: &[&str]| {
        let lines = [registered(trials), ended.clone(), CLOSED.to_owned()];
        summarise(&journal("1", TARGET, &lines), false)
    };
    let whole = summary(&[&selected("A-1")]);
    assert!(!whole.partial);
    assert_eq!(whole.trials[0].day, parse_day("2026-11-22"));
    let part = summary(&[&selected("A-1"), left_out]);
    assert!(part.partial);
    assert_eq!(part.trials[1].result, TrialResult::NotSelected);
    // A check that is ignored by its own declaration leaves no gap.
    let ignored = r#""trial":"A-3::f","id":"A-3","selected":true,"ignored":"too slow""#;
    let ignoring = summary(&[&selected("A-1"), ignored]);
    assert!(!ignoring.partial);
    assert_eq!(
        ignoring.trials[1].result,
        TrialResult::NotVerified("ignored: too slow".to_owned())
    );
}

#[test]
fn a_missing_shard_is_named_and_makes_a_part() {
    let shard = |index: u32, total: u32| {
        let more = format!(r#"{TARGET},"shard":[{index},{total}]"#);
        journal(
            &format!("s{index}"),
            &more,
            &[registered(&[]), CLOSED.to_owned()],
        )
    };
    let two = shard(1, 3).merge(shard(3, 3));
    let names = |run: &MergedRun| -> Vec<_> {
        missing_shards(run)
            .iter()
            .map(ToString::to_string)
            .collect()
    };
    assert_eq!(names(&two), ["shard 2 of 3 of shop"]);
    assert!(summarise(&two, true).partial);
    let all = two.merge(shard(2, 3));
    assert_eq!(names(&all), Vec::<String>::new());
    assert!(!summarise(&all, true).partial);
    // A journal that claims absurdly many shards does not make the list absurd.
    assert!(missing_shards(&shard(1, u32::MAX)).len() < 10_000);
}

#[test]
fn several_targets_fail_the_run_and_what_differs_is_not_claimed() {
    let here = journal(
        "1",
        &format!(r#"{TARGET},"commit":"c1""#),
        &[CLOSED.to_owned()],
    );
    let other = TARGET.replace("staging", "production");
    let there = journal(
        "2",
        &format!(r#"{other},"commit":"c2""#),
        &[CLOSED.to_owned()],
    );
    let one = summarise(&here, false);
    assert_eq!((one.commit.as_deref(), one.faults.len()), (Some("c1"), 0));
    let both = summarise(&here.merge(there), false);
    assert_eq!(both.commit, None);
    assert!(
        both.faults[0].contains("production (remote), staging (remote)"),
        "{:?}",
        both.faults
    );
}
