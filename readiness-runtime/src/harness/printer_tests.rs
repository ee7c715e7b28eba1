use super::*;
use std::ffi::OsString;

/// What a printer prints about one trial of each answer.
fn printed(options: &[&str], in_turn: bool) -> String {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("log");
    let log = ["suite", "--logfile", file.to_str().unwrap()];
    let line = log.iter().chain(options).map(OsString::from);
    let args = Args::parse_from(line).unwrap();
    let mut printer = Printer::new(&args).unwrap();
    let trials = [
        ("A-1::a", Answer::Passed),
        ("A-22::a", Answer::Warned("slow".into())),
        ("B-1::ä", Answer::Failed("status 500\n  \"x\"".into())),
        (
            "C-1::c",
            Answer::NotVerified("no\n  answer\u{1b}[31m".into()),
        ),
        ("D-1::d", Answer::NotApplicable("no cards".into())),
    ];
    printer.begin(trials.iter().map(|(name, _)| *name).chain(["E-1::e"]), 7);
    for (name, answer) in &trials {
        if in_turn {
            printer.starts(name);
        }
        printer.ended(name, &Printed::Answered(answer));
    }
    printer.ended("E-1::e", &Printed::Ignored("later"));
    printer.end(Duration::from_millis(1_250));
    assert!(printer.broken().is_none());
    std::fs::read_to_string(file).unwrap()
}

const PRETTY: &str = "
running 6 tests
test A-1::a  ... ok
test A-22::a ... ok
test B-1::ä  ... FAILED
test C-1::c  ... ignored (not verified: no answer [31m)
test D-1::d  ... ignored (not applicable: no cards)
test E-1::e  ... ignored (later)

failures:

---- B-1::ä ----
status 500
  \"x\"


failures:
    B-1::ä

test result: FAILED. 2 passed; 1 failed; 3 ignored; 0 measured; 7 filtered out; finished in 1.25s

";

#[test]
fn a_line_for_each_trial() {
    assert_eq!(printed(&[], false), PRETTY);
    assert_eq!(printed(&[], true), PRETTY);
}

#[test]
fn colours_are_for_those_who_ask() {
    let text = printed(&["--color=always"], false);
    for coloured in [
        "test A-1::a  ... \u{1b}[32mok\u{1b}[0m\n",
        "... \u{1b}[31mFAILED\u{1b}[0m\n",
        "... \u{1b}[33mignored (later)\u{1b}[0m\n",
        "test result: \u{1b}[31mFAILED\u{1b}[0m. 2 passed",
    ] {
        assert!(text.contains(coloured), "{coloured:?} in {text}");
    }
}

#[test]
fn a_letter_for_each_trial() {
    let text = printed(&["--quiet"], false);
    assert!(
        text.starts_with("\nrunning 6 tests\n..Fiii\nfailures:\n"),
        "{text}"
    );
}

#[test]
fn an_event_for_each_trial() {
    let text = printed(&["--format=json", "-Zunstable-options"], false);
    let events: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(events.len(), 1 + 2 * 6 + 1, "{text}");
    assert_eq!(events[0]["test_count"], 6);
    assert_eq!(events[1]["event"], "started");
    assert_eq!(events[6]["name"], "B-1::ä");
    assert_eq!(events[6]["event"], "failed");
    assert_eq!(events[6]["stdout"], "Error: \"status 500\n  \"x\"\"\n");
    assert_eq!(events[8]["event"], "ignored");
    assert_eq!(events[8]["message"], "not verified: no answer [31m");
    assert_eq!(events[13]["event"], "failed");
    assert_eq!(events[13]["filtered_out"], 7);
}

#[test]
fn reasons_stay_on_one_line() {
    assert_eq!(one_line("x: ", "a\n  b\u{1b}[31m\n"), "x: a b [31m");
}
