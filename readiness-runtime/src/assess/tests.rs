//! The whole way from document, ledger, configuration and run to edits, cell by cell.

use super::*;
use crate::config::date::parse_day;
use crate::diagnostic::Code;
use crate::journal::record::Target;

const TODAY: &str = "2026-11-22";

/// `printf 'It starts' | sha256sum`
const TEXT: &str = "4f629a8718313ec6445dca37c841f71ce9d5b4de953e33a4f4b9676375bedb6d";

/// `printf 'It started' | sha256sum`
const OLDER_TEXT: &str = "96dbc293dc211b11a7c61322faec78d3a1c3b690a5014c85d9158808741cc84c";

fn document(status: &str) -> Checklist {
    let text = format!(
        "| ID | Requirement | Status | Notes |\n|--|--|--|--|\n| A-1 | It starts | {status} | |\n| Z-9 | It stops | PASS | |\n"
    );
    Checklist::parse(text.into_bytes()).unwrap()
}

fn config(text: &str) -> Config {
    Config::parse(Path::new("readiness.toml"), text).unwrap()
}

fn trial(id: &str, result: TrialResult) -> TrialSummary {
    TrialSummary {
        trial: format!("{id}::it_works"),
        id: id.to_owned(),
        digest: "d1".to_owned(),
        source: "src/lib.rs:1".to_owned(),
        day: parse_day("2026-11-21"),
        result,
        noticed: (0, 0),
        stands_in: false,
    }
}

fn run(trials: Vec<TrialSummary>, partial: bool) -> RunSummary {
    RunSummary {
        run: "r-2".to_owned(),
        target: Some(Target {
            name: "staging".to_owned(),
            kind: "remote".to_owned(),
            version: None,
        }),
        trials,
        partial,
        ..RunSummary::default()
    }
}

/// A ledger in which A-1 has this status and outcome, of the day before yesterday.
fn ledger(status: &str, outcome: &str) -> LedgerState {
    let text = format!(
        "readiness-lock 1\nA-1\tstatus={status}\toutcome={outcome}\trun=r-1\ttarget=staging\tday=2026-11-20\ttext=sha256:{TEXT}\tstrength=proven\n"
    );
    let state = LedgerState::parse(&text);
    assert!(matches!(state, LedgerState::Present(_)), "{state:?}");
    state
}

fn judge(
    status: &str,
    ledger: &LedgerState,
    config: &Config,
    run: Option<&RunSummary>,
) -> (AssessedItem, String) {
    let checklist = document(status);
    let assessment = assess(&Inputs {
        checklist: &checklist,
        path: Path::new("CHECKLIST.md"),
        config,
        ledger,
        run,
        today: parse_day(TODAY).unwrap(),
    });
    let plan = assessment.plan(ledger);
    let after = Checklist::parse(checklist.rewrite(&plan.update).bytes).unwrap();
    let shown = after.item("A-1").unwrap().state_text().to_owned();
    (assessment.items[0].clone(), shown)
}

/// What is known of A-1, by the names of the second table's columns.
fn known(column: &str) -> Option<RunSummary> {
    let elsewhere = trial("Z-9", TrialResult::Failed("it does not".to_owned()));
    let blind = || trial("A-1", TrialResult::NotVerified("no server".to_owned()));
    Some(match column {
        "no run" => return None,
        "no result" => run(vec![elsewhere], false),
        "left out" => run(
            vec![elsewhere, trial("A-1", TrialResult::NotSelected)],
            true,
        ),
        "not verified" => run(vec![elsewhere, blind()], false),
        "not verified, partial run" => run(vec![elsewhere, blind()], true),
        "verdict" => run(
            vec![trial("A-1", TrialResult::Failed("500".to_owned()))],
            false,
        ),
        other => panic!("{other}"),
    })
}

const COLUMNS: [&str; 6] = [
    "no run",
    "no result",
    "left out",
    "not verified",
    "not verified, partial run",
    "verdict",
];

/// Ledger, what stands in the document, and what stands there afterwards for each column.
const TABLE: &[(&str, &str, [&str; 6])] = &[
    // Empty, or not-run.
    ("absent", "", ["", "", "", "", "", "FAIL"]),
    ("broken", "", ["", "", "", "", "", "FAIL"]),
    ("PASS", "", ["", "", "", "", "", "FAIL"]),
    (
        "absent",
        "todo",
        ["todo", "todo", "todo", "todo", "todo", "FAIL"],
    ),
    // Written by us: the ledger says so.
    (
        "PASS",
        "PASS",
        ["PASS", "PASS", "PASS", "SKIP", "PASS", "FAIL"],
    ),
    (
        "WARN",
        "WARN",
        ["WARN", "WARN", "WARN", "SKIP", "SKIP", "FAIL"],
    ),
    (
        "FAIL",
        "FAIL",
        ["FAIL", "FAIL", "FAIL", "SKIP", "SKIP", "FAIL"],
    ),
    // Claimed by a person: no ledger, a broken one, or one that says otherwise.
    (
        "absent",
        "PASS",
        ["PASS", "PASS", "PASS", "PASS", "PASS", "FAIL"],
    ),
    (
        "broken",
        "PASS",
        ["PASS", "PASS", "PASS", "PASS", "PASS", "FAIL"],
    ),
    (
        "FAIL",
        "PASS",
        ["PASS", "PASS", "PASS", "PASS", "PASS", "FAIL"],
    ),
    (
        "absent",
        "WARN",
        ["WARN", "WARN", "WARN", "WARN", "WARN", "FAIL"],
    ),
    (
        "broken",
        "FAIL",
        ["FAIL", "FAIL", "FAIL", "FAIL", "FAIL", "FAIL"],
    ),
];

#[test]
fn every_cell_of_the_second_table_with_the_ledger_present_absent_and_broken() {
    let config = Config::default();
    for &(ledger_is, status, expected) in TABLE {
        let ledger = match ledger_is {
            "absent" => LedgerState::Absent,
            "broken" => LedgerState::parse("<<<<<<< HEAD\n"),
            "PASS" => ledger("PASS", "passed"),
            "WARN" => ledger("WARN", "warned"),
            "FAIL" => ledger("FAIL", "failed"),
            other => panic!("{other}"),
        };
        for (column, expected) in COLUMNS.into_iter().zip(expected) {
            let (_, shown) = judge(status, &ledger, &config, known(column).as_ref());
            assert_eq!(shown, expected, "`{status}`, ledger {ledger_is}, {column}");
        }
    }
}

#[test]
fn a_pass_past_its_limit_is_stale_and_shown_so() {
    let limit = |days: u32| config(&format!("[run]\nmax_age = \"{days}d\"\n"));
    let ledger = ledger("PASS", "passed");
    let outcome = |config: &Config, column| {
        let (item, shown) = judge("PASS", &ledger, config, known(column).as_ref());
        (item.resolved.outcome, shown)
    };
    // Two days old today.
    assert_eq!(
        outcome(&limit(2), "no result"),
        (Outcome::Passed, "PASS".to_owned())
    );
    assert_eq!(
        outcome(&limit(1), "no result"),
        (Outcome::Stale, "WARN".to_owned())
    );
    assert_eq!(
        outcome(&limit(1), "left out"),
        (Outcome::Stale, "WARN".to_owned())
    );
    // A stale pass does not stand in for a look that failed.
    let (blind, shown) = outcome(&limit(1), "not verified, partial run");
    assert_eq!((blind, shown.as_str()), (Outcome::NotVerified, "SKIP"));
}

#[test]
fn without_results_not_one_byte_changes() {
    for (status, ledger) in [
        ("", LedgerState::Absent),
        ("PASS", LedgerState::Absent),
        ("PASS", ledger("PASS", "passed")),
        ("FAIL", LedgerState::parse("")),
    ] {
        let checklist = document(status);
        let config = Config::default();
        let everything_left_out = run(vec![trial("A-1", TrialResult::NotSelected)], true);
        let all_blind = run(
            vec![trial("A-1", TrialResult::NotVerified("x".to_owned()))],
            true,
        );
        for run in [None, Some(&everything_left_out), Some(&all_blind)] {
            let assessment = assess(&Inputs {
                checklist: &checklist,
                path: Path::new("CHECKLIST.md"),
                config: &config,
                ledger: &ledger,
                run,
                today: parse_day(TODAY).unwrap(),
            });
            let plan = assessment.plan(&ledger);
            let rewrite = checklist.rewrite(&plan.update);
            assert_eq!(rewrite.edits, [], "`{status}` with {run:?}");
        }
    }
}

#[test]
fn a_claim_is_never_counted_and_a_fresh_pass_of_the_ledger_is() {
    let config = Config::default();
    let claimed = judge("PASS", &LedgerState::Absent, &config, None).0;
    assert_eq!(claimed.resolved.outcome, Outcome::NotVerified);
    assert_eq!(claimed.action, Action::UntouchedClaim);
    let ours = judge("PASS", &ledger("PASS", "passed"), &config, None).0;
    assert_eq!(ours.resolved.outcome, Outcome::Passed);
    assert!(ours.carried);
    assert_eq!(ours.strength, Some(Strength::Proven));
}

fn attestation(text: &str) -> Config {
    config(&format!(
        "[[attestation]]\nid = \"A-1\"\nby = \"ann\"\non = 2026-11-01\nexpires = \"30d\"\ntext = \"sha256:{text}\"\n"
    ))
}

#[test]
fn an_attestation_reaches_the_document_and_leaves_it_when_it_lapses() {
    let attested = attestation(TEXT);
    let (item, shown) = judge("", &LedgerState::Absent, &attested, None);
    assert_eq!(
        (item.resolved.outcome, shown.as_str()),
        (Outcome::Attested, "PASS")
    );
    // Once written it is ours, and stays while it is in date.
    let written = ledger("PASS", "attested");
    let (item, shown) = judge("PASS", &written, &attested, known("no result").as_ref());
    assert_eq!(
        (item.resolved.outcome, shown.as_str()),
        (Outcome::Attested, "PASS")
    );
    // The same entry without the statement, or with one for another text.
    for lapsed in [Config::default(), attestation(OLDER_TEXT)] {
        let (item, shown) = judge("PASS", &written, &lapsed, known("no result").as_ref());
        assert_eq!(
            (item.resolved.outcome, shown.as_str()),
            (Outcome::NotVerified, "SKIP")
        );
    }
}

#[test]
fn a_failure_stays_one_beside_an_attestation_and_becomes_waived_by_a_waiver() {
    let failed = known("verdict");
    let (item, shown) = judge(
        "",
        &LedgerState::Absent,
        &attestation(TEXT),
        failed.as_ref(),
    );
    assert_eq!(
        (item.resolved.outcome, shown.as_str()),
        (Outcome::Failed, "FAIL")
    );
    let waiver = config(
        "[[waiver]]\nid = \"A-1\"\nowner = \"o\"\nreason = \"r\"\non = 2026-11-01\nexpires = \"30d\"\n",
    );
    let (item, shown) = judge("", &LedgerState::Absent, &waiver, failed.as_ref());
    assert_eq!(
        (item.resolved.outcome, shown.as_str()),
        (Outcome::Waived, "WARN")
    );
    assert_eq!(item.base, Outcome::Failed);
}

#[test]
fn a_removed_check_takes_its_pass_away_only_when_everything_ran() {
    let ledger = ledger("PASS", "passed");
    let config = Config::default();
    let mut rest = run(
        vec![trial("Z-9", TrialResult::Passed(Strength::Proven))],
        false,
    );
    assert_eq!(judge("PASS", &ledger, &config, Some(&rest)).1, "PASS");
    rest.complete = true;
    let (item, shown) = judge("PASS", &ledger, &config, Some(&rest));
    assert_eq!(
        (item.resolved.outcome, shown.as_str()),
        (Outcome::NotVerified, "SKIP")
    );
}

#[test]
fn a_changed_check_makes_its_carried_pass_stale() {
    let mut ledger_state = ledger("PASS", "passed");
    if let LedgerState::Present(ledger) = &mut ledger_state {
        ledger.entries.get_mut("A-1").unwrap().check = Some("0011223344556677".to_owned());
    }
    let (item, shown) = judge(
        "PASS",
        &ledger_state,
        &Config::default(),
        known("left out").as_ref(),
    );
    assert_eq!(
        (item.resolved.outcome, shown.as_str()),
        (Outcome::Stale, "WARN")
    );
}

#[test]
fn a_result_for_an_unknown_id_is_an_error_with_the_nearest() {
    let checklist = document("");
    let config = Config::default();
    let run = run(
        vec![trial("A-11", TrialResult::Passed(Strength::Proven))],
        false,
    );
    let assessment = assess(&Inputs {
        checklist: &checklist,
        path: Path::new("CHECKLIST.md"),
        config: &config,
        ledger: &LedgerState::Absent,
        run: Some(&run),
        today: parse_day(TODAY).unwrap(),
    });
    let found = &assessment.diagnostics[0];
    assert_eq!(found.code, Code::ResultIdUnknown);
    assert_eq!(found.id.as_deref(), Some("A-11"));
    assert!(found.hint.contains("A-1 (line 3)"), "{found}");
}

#[test]
fn the_ledger_is_written_with_what_was_written_and_only_that() {
    let checklist = document("");
    let config = Config::default();
    let run = run(
        vec![trial("A-1", TrialResult::Passed(Strength::Proven))],
        false,
    );
    let assessment = assess(&Inputs {
        checklist: &checklist,
        path: Path::new("CHECKLIST.md"),
        config: &config,
        ledger: &LedgerState::Absent,
        run: Some(&run),
        today: parse_day(TODAY).unwrap(),
    });
    let text = assessment.plan(&LedgerState::Absent).ledger.to_text();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    let start =
        "A-1\tstatus=PASS\toutcome=passed\trun=r-2\ttarget=staging\tday=2026-11-21\ttext=sha256:";
    assert!(lines[1].starts_with(start), "{text}");
    assert!(lines[1].ends_with("\tstrength=proven"), "{text}");
}

#[test]
fn the_text_hash_is_sha_256_of_the_normalised_text() {
    assert_eq!(text_hash(document("").item("A-1").unwrap()), TEXT);
}

#[test]
fn a_cell_that_may_not_be_the_status_is_nobodys_claim() {
    // Pipes in code before the status, a pipe that renderers disagree on, two status columns, none.
    let tables = [
        "| ID | Requirement | Status |\n|--|--|--|\n| A-1 | `a | done` | PASS |\n",
        "| ID | Requirement | Status |\n|--|--|--|\n| A-1 | a \\\\\\\\| b | PASS |\n",
        "| ID | Requirement | Implemented | Verified |\n|--|--|--|--|\n| A-1 | It starts | yes | no |\n",
        "| ID | Requirement | Owner |\n|--|--|--|\n| A-1 | It starts | me |\n",
    ];
    let passed = trial("A-1", TrialResult::Passed(Strength::Proven));
    let passed = run(vec![passed], false);
    for table in tables {
        let checklist = Checklist::parse(table.as_bytes().to_vec()).unwrap();
        assert!(
            checklist.item("A-1").unwrap().read_only().is_some(),
            "{table}"
        );
        for run in [None, Some(&passed)] {
            let assessment = assess(&Inputs {
                checklist: &checklist,
                path: Path::new("CHECKLIST.md"),
                config: &Config::default(),
                ledger: &LedgerState::Absent,
                run,
                today: parse_day(TODAY).unwrap(),
            });
            let codes: Vec<_> = assessment.diagnostics.iter().map(|d| d.code).collect();
            assert_eq!(codes, [], "{table}");
            assert_eq!(assessment.items[0].standing, Standing::Empty, "{table}");
        }
    }
}
