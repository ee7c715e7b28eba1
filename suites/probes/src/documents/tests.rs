use super::*;
use readiness::Verdict;

const PLAN: &str = "# Backups of audit and trace records

RPO: 15 minutes, RTO: 4 hours. Written daily.

## How to restore

1. Stop the service.
2. Load the newest dump.
3. Start it.

## Last test

On 2026-03-01: RPO 5 minutes, RTO 90 min.
";

fn plan(from: &str, to: &str) -> Plan {
    assert!(PLAN.contains(from), "{from}");
    let text = PLAN.replacen(from, to, 1);
    let today = "2026-03-11".parse().unwrap();
    Plan::new(plan_facts(Some(&text), &["audit", "trace"], today))
}

fn reason(verdict: Result<Verdict>) -> String {
    match verdict.unwrap() {
        Verdict::Fail(reason) | Verdict::Warn(reason) => reason,
        other => format!("{other:?}"),
    }
}

#[test]
fn facts_of_a_plan() {
    let plan = plan("", "");
    let facts = plan.json().peek().unwrap();
    assert_eq!(facts["rpo_min"], 15.0);
    assert_eq!(facts["rto_min"], 240.0);
    assert_eq!(facts["measured_rto_min"], 90.0);
    assert_eq!(facts["tested_days_ago"], 10);
    assert_eq!(facts["steps"], 3);
    assert_eq!(
        backup_plan(&plan, &["audit", "trace"], 180).unwrap(),
        Verdict::Pass
    );
    assert_eq!(recovery_plan(&plan, 365).unwrap(), Verdict::Pass);
}

#[test]
fn each_gap_of_a_plan_is_named() {
    for (from, to, words) in [
        ("trace records", "records", "does not mention trace"),
        ("RPO: 15 minutes", "soon", "no recovery point"),
        ("RTO: 4 hours", "soon", "no recovery time"),
        ("Written daily", "Written", "no schedule"),
        ("2. Load", "Load", "2 numbered steps"),
        ("2026-03-01", "2025-03-01", "375 days ago"),
        ("2026-03-01", "soon", "never tested"),
        ("2026-03-01", "2027-01-01", "never tested"),
    ] {
        let reason = reason(backup_plan(&plan(from, to), &["audit", "trace"], 180));
        assert!(reason.contains(words), "{reason}");
    }
    for (from, to, words) in [
        ("RTO 90 min", "RTO 5 hours", "RTO of 300 min"),
        ("RPO 5 minutes, ", "", "measured no RPO"),
        ("## Last test", "## Thanks", "no record of a test"),
    ] {
        let reason = reason(recovery_plan(&plan(from, to), 365));
        assert!(reason.contains(words), "{reason}");
    }
    let nothing = Plan::new(plan_facts(None, &[], "2026-03-11".parse().unwrap()));
    assert!(reason(backup_plan(&nothing, &[], 1)).contains("no backup plan"));
}

fn files(named: &[(&str, &str)]) -> BTreeMap<String, String> {
    let owned = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
    named.iter().map(owned).collect()
}

#[test]
fn runbooks_need_their_parts() {
    let whole = format!(
        "# Slow\n## Symptoms\nx\n## Diagnosis\nx\n## Mitigation\nx\n## Escalation\n{}",
        "word ".repeat(20)
    );
    let judged = |last: &str| {
        let files = files(&[
            ("a.md", &whole),
            ("b.md", &whole),
            ("c.md", last),
            ("README.md", ""),
        ]);
        reason(usable_runbooks(&Papers::new(runbook_facts(&files))))
    };
    assert_eq!(judged(&whole), "Pass");
    assert!(judged("").contains("c.md has 0 words"));
    let partly = whole.replace("## Escalation", "");
    assert!(judged(&partly).contains("about escalation"));
    let few = files(&[("a.md", &whole)]);
    let few = usable_runbooks(&Papers::new(runbook_facts(&few)));
    assert!(reason(few).contains("there are 1 runbooks"));
}

#[test]
fn references_lead_somewhere() {
    let runbooks = files(&[("slow.md", "words"), ("empty.md", " \n")]);
    let judged = |text: &str| {
        let texts = files(&[("plan.md", text)]);
        let facts = reference_facts(&texts, "docs/runbooks/", &runbooks);
        reason(resolving(&Papers::new(facts)))
    };
    assert_eq!(judged("See [it](../docs/runbooks/slow.md#part)."), "Pass");
    assert_eq!(judged("All are in `docs/runbooks/`."), "Pass");
    assert!(judged("`docs/runbooks/gone.md`").contains("gone.md, which is not there"));
    assert!(judged("docs/runbooks/empty.md.").contains("which is empty"));
    assert!(judged("nothing").contains("no document leads"));
}

#[test]
fn variables_of_a_table() {
    let text =
        "| Name | |\n|---|---|\n| `A_B` | differs |\n| `C` | same |\n| D | x |\n| `e f` | |\n";
    let row = |name: &str, differs| VariableRow {
        name: name.to_owned(),
        differs,
    };
    assert_eq!(
        markdown::variable_rows(text),
        [row("A_B", true), row("C", false)]
    );
}
