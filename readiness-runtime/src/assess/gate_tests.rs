use super::*;
use crate::assess::{
    Action, AssessedItem, Counts, Resolved, RunSummary, Standing, TrialResult, TrialSummary,
};
use crate::config::GateConfig;

fn assessment(outcomes: &[Outcome]) -> Assessment {
    let mut counts = Counts::default();
    let items = outcomes
        .iter()
        .enumerate()
        .map(|(index, &outcome)| {
            *counts.outcomes.entry(outcome).or_default() += 1;
            AssessedItem {
                id: format!("A-{index}"),
                index,
                line: index + 1,
                section: Vec::new(),
                priority: None,
                state: readiness_checklist::State::NotRun,
                resolved: Resolved {
                    outcome,
                    reason: None,
                },
                base: outcome,
                carried: false,
                strength: None,
                standing: Standing::Empty,
                action: Action::Untouched,
                text: String::new(),
                check: None,
                trials: Vec::new(),
                stated_on: None,
                collides: false,
            }
        })
        .collect();
    Assessment {
        items,
        counts,
        demonstration: false,
        faults: Vec::new(),
        diagnostics: Vec::new(),
        day: jiff::civil::date(2026, 11, 22),
        run: None,
        sign_offs: Vec::new(),
    }
}

fn of(outcome: Outcome, passed: usize) -> Assessment {
    let mut outcomes = vec![Outcome::Passed; passed];
    outcomes.push(outcome);
    assessment(&outcomes)
}

fn gated(gate: GateConfig) -> Config {
    let mut config = Config::default();
    config.rules.gate = gate;
    config
}

const STATED: Option<Percent> = Some(Percent { hundredths: 5000 });

fn met(assessment: &Assessment, deny: &[Deny]) -> bool {
    let config = gated(GateConfig {
        deny: deny.to_vec(),
        ..GateConfig::default()
    });
    judge(assessment, &config, STATED).met
}

#[test]
fn a_failure_closes_the_gate_whatever_the_score() {
    let failed = of(Outcome::Failed, 99);
    assert!(!met(&failed, &[]));
    assert!(!met(&failed, &[Deny::Warn]));
    assert_eq!(
        judge(&failed, &Config::default(), STATED).rules[1].ids,
        ["A-99"]
    );
}

#[test]
fn each_outcome_can_be_denied() {
    for (deny, outcome) in [
        (Deny::Warn, Outcome::Warned),
        (Deny::NotVerified, Outcome::NotVerified),
        (Deny::Vacuous, Outcome::Vacuous),
        (Deny::Stale, Outcome::Stale),
        (Deny::Waived, Outcome::Waived),
    ] {
        let assessment = of(outcome, 99);
        assert!(met(&assessment, &[]), "{outcome} allowed");
        assert!(!met(&assessment, &[deny]), "{outcome} denied");
    }
}

#[test]
fn the_minimum_is_the_configured_one_then_the_documents_then_everything() {
    let half = of(Outcome::NotVerified, 1);
    let gate = |minimum, stated| {
        let config = gated(GateConfig {
            minimum,
            ..GateConfig::default()
        });
        judge(&half, &config, stated)
    };
    let percent = |hundredths| Some(Percent { hundredths });
    assert!(gate(None, percent(5000)).met);
    assert!(!gate(percent(5100), percent(5000)).met);
    assert!(gate(percent(4000), percent(9500)).met);
    assert!(!gate(None, None).met);
}

#[test]
fn the_score_is_compared_in_whole_numbers() {
    let mut outcomes = vec![Outcome::Passed; 114];
    outcomes.extend([Outcome::NotVerified; 7]);
    let gate = judge(
        &assessment(&outcomes),
        &Config::default(),
        Some(Percent { hundredths: 9500 }),
    );
    assert!(!gate.met);
    assert_eq!(
        gate.rules[0].words,
        "score 114/121 = 94.21 %: 114·100 < 95·121 (95% the document's own), 1 more needed"
    );
}

#[test]
fn nothing_applicable_is_no_go() {
    assert!(!met(&assessment(&[Outcome::NotApplicable]), &[]));
    assert!(!met(&assessment(&[]), &[]));
}

#[test]
fn a_demonstration_is_never_a_go() {
    let mut perfect = assessment(&[Outcome::Passed]);
    perfect.demonstration = true;
    let gate = judge(&perfect, &Config::default(), STATED);
    assert!(!gate.met && gate.demonstration);
    assert!(gate.rules.iter().all(|rule| rule.met));
}

#[test]
fn a_run_that_failed_is_no_go() {
    let mut perfect = assessment(&[Outcome::Passed]);
    perfect
        .faults
        .push("a panic outside of any trial".to_owned());
    assert!(!met(&perfect, &[]));
}

#[test]
fn required_ids_must_be_there_and_met() {
    let some = assessment(&[
        Outcome::Passed,
        Outcome::NotVerified,
        Outcome::NotApplicable,
    ]);
    let require = |pattern: &str| {
        let config = gated(GateConfig {
            require: vec![pattern.to_owned()],
            minimum: Some(Percent { hundredths: 1 }),
            ..GateConfig::default()
        });
        judge(&some, &config, None).met
    };
    assert!(require("A-0"));
    assert!(!require("A-1"));
    assert!(require("A-2"));
    assert!(!require("A-*"));
    assert!(!require("B-*"));
}

#[test]
fn a_demanded_share_of_alterations_must_be_noticed() {
    let noticed = |noticed| {
        let mut perfect = assessment(&[Outcome::Passed]);
        let trial = TrialSummary {
            trial: "A-0::f".to_owned(),
            id: "A-0".to_owned(),
            digest: String::new(),
            source: String::new(),
            day: None,
            result: TrialResult::NotSelected,
            noticed,
            stands_in: false,
        };
        perfect.run = Some(RunSummary {
            trials: vec![trial],
            ..RunSummary::default()
        });
        let mut config = Config::default();
        config.prove.minimum = Some(Percent { hundredths: 8000 });
        judge(&perfect, &config, STATED).met
    };
    assert!(noticed((4, 5)));
    assert!(!noticed((3, 4)));
    assert!(!noticed((0, 0)));
}

#[test]
fn parts_are_judged_by_section_priority_and_id() {
    let mut some = assessment(&[
        Outcome::Passed,
        Outcome::NotVerified,
        Outcome::Passed,
        Outcome::Passed,
    ]);
    for (item, (section, priority)) in some.items.iter_mut().zip([
        ("3. Security Hardening (2 items)", Some("🔴 P0")),
        ("🔒 Security", Some("P1 - high")),
        ("Speed", Some("P0")),
        ("Speed", None),
    ]) {
        item.section = vec!["Part one".to_owned(), section.to_owned()];
        item.priority = priority.map(str::to_owned);
    }
    let gate = |section: &[&str], priority: &[&str], id: &[&str]| {
        let list = |list: &[&str]| list.iter().map(ToString::to_string).collect();
        let config = gated(GateConfig {
            minimum: Some(Percent { hundredths: 1 }),
            parts: vec![PartRule {
                section: list(section),
                priority: list(priority),
                id: list(id),
                minimum: Some(Percent { hundredths: 10_000 }),
                deny: vec![Deny::NotVerified],
            }],
            ..GateConfig::default()
        });
        judge(&some, &config, None)
    };
    assert!(!gate(&["security*"], &[], &[]).met);
    assert!(gate(&["SPEED"], &[], &[]).met);
    assert!(gate(&[], &["p0"], &[]).met);
    assert!(!gate(&[], &["P0", "high"], &[]).met);
    assert!(gate(&["Security*"], &["P0"], &[]).met);
    assert!(gate(&[], &[], &["A-0", "A-3"]).met);
    assert!(!gate(&["Part one"], &[], &["A-1"]).met);
    // A part that is not there is no go.
    let none = gate(&["Secrecy"], &[], &[]);
    assert!(!none.met);
    assert_eq!(
        none.rules[2].words,
        "section Secrecy: no item is of this part"
    );
    let open = gate(&["Security*"], &[], &[]);
    assert_eq!(
        open.rules[2].words,
        "section Security*: score 1/2 = 50.00 %: 1·100 < 100·2 (100% of this part), 1 more needed"
    );
    assert_eq!(open.rules[3].ids, ["A-1"]);
}

#[test]
fn every_rule_that_fails_says_what_would_make_it_hold() {
    let mut worst = assessment(&[
        Outcome::Failed,
        Outcome::Warned,
        Outcome::Vacuous,
        Outcome::Stale,
        Outcome::Waived,
        Outcome::NotVerified,
    ]);
    worst.faults.push("a process died".to_owned());
    let mut config = gated(GateConfig {
        deny: Deny::ALL.map(|(deny, _)| deny).to_vec(),
        require: vec!["A-*".to_owned(), "B-*".to_owned()],
        parts: vec![PartRule {
            id: vec!["B-*".to_owned()],
            ..PartRule::default()
        }],
        sign_offs: vec!["Engineering Lead".to_owned()],
        ..GateConfig::default()
    });
    config.prove.minimum = Some(Percent { hundredths: 100 });
    let gate = judge(&worst, &config, STATED);
    assert!(!gate.met);
    assert_eq!(gate.rules.len(), 1 + 6 + 2 + 1 + 1 + 1 + 1);
    for rule in &gate.rules {
        assert!(!rule.met && !rule.fix.is_empty(), "{rule:?}");
    }
    let better = judge(&assessment(&[Outcome::Passed]), &Config::default(), STATED);
    assert!(better.rules.iter().all(|rule| rule.fix.is_empty()));
}
