use std::path::Path;

use proptest::prelude::*;
use readiness_checklist::Checklist;

use super::*;
use crate::config::Config;
use crate::config::date::parse_day;
use crate::ledger::LedgerState;

const DOCUMENT: &str = "\
# Shop

Minimum Required Score: 60%

## Basics

| ID | Requirement | Priority | Status | Notes |
|----|-------------|----------|--------|-------|
| A-1 | It starts | P0 | ✅ | |
| A-2 | It stops | P1 | ⚠️ | |
| A-3 | It is backed up | P1 | ⏸️ | |
| A-4 | It is documented | P2 | ⏸️ | |

## Sign-off

- [ ] Engineering Lead - all of it
- [ ] Security Lead
";

const CONFIG: &str = "\
checklist = \"CHECKLIST.md\"

[gate]
minimum = 75
deny = [\"stale\"]
require = [\"A-1\"]
sign_offs = [\"Engineering Lead\"]

[[gate.part]]
section = [\"Basics\"]
priority = [\"P0\"]
id = [\"A-1\"]
minimum = 99
deny = [\"vacuous\"]

[prove]
minimum = 50

[run]
max_age = \"30d\"

[sign-off.roles]
\"Engineering Lead\" = [\"ann@example.com\"]

[target]
kind = \"remote\"
name = \"staging\"
base_url = \"https://staging.example\"
identities.pro = { tier = \"pro\", limit = 60 }

[[attestation]]
id = \"A-3\"
by = \"dba@example.com\"
on = 2026-11-20
expires = 2027-02-20
evidence = \"https://example.com/drill\"
text = \"sha256:dc65e7ba10b9b5a2ed4d0638bf5af88fb76a401c6c17f3e336daf7cf30f0aff0\"

[[waiver]]
id = \"A-2\"
owner = \"ops@example.com\"
reason = \"next release\"
on = 2026-11-19
expires = 2026-12-31

[[not-applicable]]
id = \"A-4\"
reason = \"nothing to document\"
by = \"ann@example.com\"
on = 2026-11-18
";

fn ledger() -> String {
    let text = |text: &str| crate::digest::hex(&<sha2::Sha256 as sha2::Digest>::digest(text));
    format!(
        "readiness-lock 1\n\
         A-1\tstatus=PASS\toutcome=passed\trun=r-1\ttarget=staging\tversion=1.2\tcommit=abc\tday=2026-11-20\ttext=sha256:{}\tcheck=c1\tconfig=g1\tstrength=proven\n\
         A-2\tstatus=WARN\toutcome=waived\tbase=failed\trun=r-1\ttarget=staging\tday=2026-11-20\ttext=sha256:{}\tcheck=c2\n",
        text("It starts"),
        text("It stops")
    )
}

/// The state of three files on a day; none when a file is not read at all, which nobody can miss.
fn state(document: &str, config: &str, ledger: &str, today: &str) -> Option<State> {
    let path = Path::new("/a/CHECKLIST.md");
    let config = Config::parse(Path::new("/a/readiness.toml"), config).ok()?;
    let options = config.checklist_options();
    let checklist = Checklist::parse_with(document.into(), &options).ok()?;
    let ledger = LedgerState::parse(ledger);
    let (state, _) = State::of(&StateInputs {
        checklist: &checklist,
        path,
        config: &config,
        ledger: &ledger,
        today: parse_day(today)?,
    });
    Some(state)
}

fn signed() -> State {
    state(DOCUMENT, CONFIG, &ledger(), "2026-11-22").unwrap()
}

#[test]
fn the_same_files_give_the_same_state_and_its_text_reads_back() {
    let state = signed();
    assert_eq!(state, signed());
    assert_eq!(State::parse(&state.to_text()), Some(state.clone()));
    assert_eq!(state.changes_to(&signed()), Vec::<String>::new());
    let facts = state.facts("item A-3").unwrap();
    assert_eq!(facts["outcome"], "attested");
    assert_eq!(facts["requirement"], "It is backed up");
    // of three: A-4 does not apply.
    assert_eq!(state.facts("result").unwrap()["score"], "2/3");
}

/// Every place of the three files that decides, with another value.
const MUTATIONS: &[(&str, &str, &str)] = &[
    // The document: requirements, what it shows, where it stands, what it demands, who signs.
    ("# Shop", "# Shop 2", "checklist: title"),
    ("Score: 60%", "Score: 61%", "checklist: minimum"),
    ("It starts", "It starts up", "item A-1: "),
    ("A-2 |", "A-9 |", "item A-2: is gone"),
    ("| P0 |", "| P3 |", "item A-1: priority"),
    ("| ✅ |", "| ❌ |", "item A-1: "),
    ("| ⚠️ |", "| ✅ |", "item A-2: "),
    (
        "| A-4 | It is documented | P2 | ⏸️ | |\n",
        "",
        "item A-4: is gone",
    ),
    ("## Basics", "## Basics of it", "section"),
    ("- [ ] Security Lead\n", "", "box 2: is gone"),
    (
        "Engineering Lead - all of it",
        "Engineering Lead",
        "box 1: text",
    ),
    // The configuration.
    ("minimum = 75", "minimum = 10", "gate: minimum"),
    ("\"stale\"", "\"warn\"", "gate: deny"),
    ("\"A-1\"", "\"A-2\"", "gate: require"),
    ("sign_offs = [\"Engineering Lead\"]", "", "gate: sign-offs"),
    ("section = [\"Basics\"]", "", "gate part 1: section"),
    ("priority = [\"P0\"]", "", "gate part 1: priority"),
    ("id = [\"A-1\"]", "id = [\"A-*\"]", "gate part 1: id"),
    ("minimum = 99", "minimum = 9", "gate part 1: minimum"),
    ("\"vacuous\"", "\"waived\"", "gate part 1: deny"),
    ("minimum = 50", "minimum = 5", "gate: noticed"),
    ("max_age = \"30d\"", "max_age = \"99d\"", "gate: max-age"),
    (
        "ann@example.com\"]",
        "eve@example.com\"]",
        "role Engineering Lead: signers",
    ),
    ("kind = \"remote\"", "kind = \"embedded\"", "target: kind"),
    ("name = \"staging\"", "name = \"other\"", "target: name"),
    (
        "https://staging.example",
        "https://other.example",
        "target: settings",
    ),
    ("limit = 60", "limit = \"60\"", "target: settings"),
    (
        "dba@example.com",
        "eve@example.com",
        "attestation A-3 1: by",
    ),
    ("2027-02-20", "2027-03-20", "attestation A-3 1: expires"),
    (
        "on = 2026-11-20",
        "on = 2026-11-21",
        "attestation A-3 1: on",
    ),
    (
        "example.com/drill",
        "example.com/other",
        "attestation A-3 1: evidence",
    ),
    ("sha256:dc65", "sha256:dc66", "attestation A-3 1: text"),
    ("next release", "never mind", "waiver A-2 1: reason"),
    ("ops@example.com", "eve@example.com", "waiver A-2 1: by"),
    (
        "[[waiver]]\nid = \"A-2\"",
        "[[waiver]]\nid = \"A-1\"",
        "waiver A-2 1: is gone",
    ),
    (
        "nothing to document",
        "no time",
        "not-applicable A-4 1: reason",
    ),
    // The ledger.
    ("outcome=passed", "outcome=warned", "item A-1: "),
    ("base=failed", "base=warned", "item A-2: before-statements"),
    ("strength=proven", "strength=excused", "item A-1: strength"),
    ("check=c1", "check=c9", "item A-1: check"),
    ("config=g1", "config=g9", "item A-1: configuration"),
    ("version=1.2", "version=1.3", "item A-1: version"),
    (
        "target=staging\tversion",
        "target=other\tversion",
        "item A-1: ",
    ),
];

#[test]
fn every_place_that_decides_is_signed_and_a_change_is_named() {
    let before = signed();
    for (old, new, said) in MUTATIONS {
        let ledger = ledger();
        let all = [DOCUMENT, CONFIG, &ledger];
        assert!(
            all.iter().any(|file| file.contains(old)),
            "{old} is nowhere"
        );
        let mut files = all.map(|file| file.replacen(old, new, 1));
        // A role's name stands in two files; each mutation is about one.
        if old.starts_with("sign_offs") || old.contains("ann@example.com\"]") {
            files[0] = DOCUMENT.to_owned();
        }
        let after = state(&files[0], &files[1], &files[2], "2026-11-22").unwrap();
        assert_ne!(before.digest(), after.digest(), "{old} -> {new}");
        let changes = before.changes_to(&after);
        assert!(
            changes.iter().any(|change| change.contains(said)),
            "{said}: {changes:?}"
        );
    }
}

#[test]
fn the_days_that_pass_change_the_state_when_they_change_an_outcome() {
    let on = |day| state(DOCUMENT, CONFIG, &ledger(), day).unwrap();
    let before = signed();
    assert_eq!(
        before,
        on("2026-12-20"),
        "the pass is 30 days old and fresh"
    );
    let stale = before.changes_to(&on("2026-12-21"));
    assert!(
        stale
            .iter()
            .any(|c| c.contains("outcome was `passed`, is `stale`")),
        "{stale:?}"
    );
    let unwaived = on("2026-12-20").changes_to(&on("2027-01-01"));
    assert!(
        unwaived
            .iter()
            .any(|c| c.contains("outcome was `waived`, is `failed`")),
        "{unwaived:?}"
    );
    let expired = on("2027-02-20").changes_to(&on("2027-02-21"));
    let words = "outcome was `attested`, is `not-verified`";
    assert!(expired.iter().any(|c| c.contains(words)), "{expired:?}");
}

#[test]
fn a_later_run_that_finds_the_same_and_comments_change_nothing() {
    let later = ledger()
        .replace("run=r-1", "run=r-2")
        .replace("commit=abc", "commit=def")
        .replace("day=2026-11-20", "day=2026-11-22");
    assert_eq!(
        state(DOCUMENT, CONFIG, &later, "2026-11-22").unwrap(),
        signed()
    );
    let commented = format!("# a remark\n{CONFIG}");
    assert_eq!(
        state(DOCUMENT, &commented, &ledger(), "2026-11-22").unwrap(),
        signed()
    );
    let prose = DOCUMENT.replace("## Basics\n", "## Basics\n\nSome prose.\n");
    assert_eq!(
        state(&prose, CONFIG, &ledger(), "2026-11-22").unwrap(),
        signed()
    );
    let ticked = DOCUMENT.replace("- [ ] Eng", "- [x] Eng");
    assert_eq!(
        state(&ticked, CONFIG, &ledger(), "2026-11-22").unwrap(),
        signed()
    );
}

#[test]
fn lists_and_texts_cannot_be_moved_into_one_another() {
    let with = |require: &str| {
        let config = CONFIG.replace("[\"A-1\"]", require);
        state(DOCUMENT, &config, &ledger(), "2026-11-22")
            .unwrap()
            .digest()
    };
    let all = [
        with("[\"A\", \"B\"]"),
        with("[\"A, B\"]"),
        with("[\"A\\\\\", \"B\"]"),
        with("[\"A\\\\, B\"]"),
    ];
    let different: std::collections::BTreeSet<_> = all.iter().collect();
    assert_eq!(different.len(), all.len());
}

fn statement() -> Statement {
    Statement {
        role: "Engineering Lead".to_owned(),
        signer: "ann@example.com".to_owned(),
        at: "2026-11-22T10:00:00Z".to_owned(),
        state: signed(),
    }
}

#[test]
fn a_statement_reads_back_and_says_what_keeps_it_from() {
    let text = statement().to_text();
    assert_eq!(Statement::parse(&text), Ok(statement()));
    let parse = |old: &str, new: &str| Statement::parse(&text.replacen(old, new, 1)).unwrap_err();
    assert_eq!(parse("sign-off 1", "sign-off 2"), Malformed::Newer(2));
    assert_eq!(parse("readiness-", "readyness-"), Malformed::Header);
    assert_eq!(parse("signer=", "singer="), Malformed::Field("signer"));
    assert_eq!(
        parse("role=Engineering Lead\n", ""),
        Malformed::Field("role")
    );
    assert_eq!(parse("It starts", "It halts"), Malformed::Hash);
    assert_eq!(parse("item A-1\t", "item A-1\t\t"), Malformed::State);
    assert_eq!(parse("result\t", "result\tscore=9/9\t"), Malformed::State);
    assert!(Statement::parse("").is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is done to one character of the three files: either a file is not read any more, or
    /// the state is another one, or an assessment made from them is the same in every respect.
    #[test]
    fn no_mutation_that_decides_goes_unnoticed(
        file in 0_usize..3,
        at in any::<prop::sample::Index>(),
        new in "[ -~]{0,2}",
    ) {
        let ledger = ledger();
        let mut files = [DOCUMENT, CONFIG, &ledger].map(|text| text.chars().collect::<Vec<_>>());
        let place = at.index(files[file].len());
        files[file].splice(place..=place, new.chars());
        let files = files.map(|text| text.into_iter().collect::<String>());
        let Some(after) = state(&files[0], &files[1], &files[2], "2026-11-22") else {
            return Ok(());
        };
        if after == signed() {
            prop_assert_eq!(deciding(&files), deciding(&[DOCUMENT, CONFIG, &ledger]));
        }
    }

    /// No byte of what is signed can be changed without the statement being another one or none.
    #[test]
    fn every_byte_of_a_statement_counts(at in any::<prop::sample::Index>(), new in any::<char>()) {
        let text = statement().to_text();
        let mut chars: Vec<_> = text.chars().collect();
        let place = at.index(chars.len());
        prop_assume!(chars[place] != new);
        chars[place] = new;
        let altered: String = chars.into_iter().collect();
        prop_assert_ne!(Statement::parse(&altered), Ok(statement()));
    }

    #[test]
    fn states_of_any_words_read_back(words in prop::collection::vec(any::<String>(), 1..6)) {
        let mut statement = statement();
        statement.role = format!("r{}", words[0]);
        let text = statement.to_text();
        prop_assert_eq!(Statement::parse(&text), Ok(statement));
    }
}

/// What the decision rests on, taken from the parsed files and not from the state: items with their
/// texts and outcomes, statements, gate, target.
fn deciding(files: &[impl AsRef<str>; 3]) -> String {
    let config = Config::parse(Path::new("readiness.toml"), files[1].as_ref()).unwrap();
    let options = config.checklist_options();
    let checklist = Checklist::parse_with(files[0].as_ref().into(), &options).unwrap();
    let assessment = crate::assess::assess(&crate::assess::Inputs {
        checklist: &checklist,
        path: Path::new("CHECKLIST.md"),
        config: &config,
        ledger: &LedgerState::parse(files[2].as_ref()),
        run: None,
        today: parse_day("2026-11-22").unwrap(),
    });
    let items: Vec<_> = assessment
        .items
        .iter()
        .map(|item| {
            let parsed = &checklist.items()[item.index];
            (
                &item.id,
                item.resolved.outcome,
                item.base,
                item.state,
                &item.text,
                parsed.section().to_vec(),
            )
        })
        .collect();
    let mut statements: Vec<_> = config.rules.statements().cloned().collect();
    for statement in &mut statements {
        statement.line = 0;
    }
    let boxes: Vec<_> = checklist
        .sign_offs()
        .iter()
        .map(|b| b.text().to_owned())
        .collect();
    format!(
        "{items:?} {statements:?} {boxes:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        config.rules.gate,
        config.target,
        config.rules.sign_off.roles,
        checklist.minimum_score(),
        checklist.title(),
        assessment.counts
    )
}
