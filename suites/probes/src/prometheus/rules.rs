//! Whether an alert can fire, and whether anybody hears it.

use readiness::observation::json::Json;
use readiness::{Result, Verdict};
use serde_json::Value;

use super::{Expression, PromAnswer};

/// Whether there is an alerting rule about `topic` (a word in its name, its expression or its
/// labels, in any case) that evaluates without error, reads series that exist, and has a threshold
/// that can be crossed. The list has `name`, `query`, `health`, `error`, `dead` (metrics without a
/// series) for each alerting rule.
///
/// One such rule is enough; otherwise the reason is that of the last one about the topic.
///
/// # Errors
/// A finding if a fact is missing.
pub fn alerting(rules: &PromAnswer, topic: &str) -> Result<Verdict> {
    let all = rules.items()?;
    let wanted = topic.to_lowercase();
    let mut fault = None;
    for rule in &all {
        let is_about = ["name", "query"].into_iter().any(|field| {
            let field = rule.get(field);
            field
                .as_str()
                .is_some_and(|text| text.to_lowercase().contains(&wanted))
        });
        if !is_about {
            continue;
        }
        match rule_fault(rule)? {
            None => return Ok(Verdict::Pass),
            Some(found) => fault = Some(found),
        }
    }
    Ok(Verdict::Fail(fault.unwrap_or_else(|| {
        format!("none of {} alerting rules is about \"{topic}\"", all.len())
    })))
}

fn rule_fault(rule: &Json) -> Result<Option<String>> {
    let name = rule.get("name");
    let name = name
        .peek()
        .and_then(Value::as_str)
        .unwrap_or("?")
        .escape_debug();
    let health = rule.get("health");
    let health = health.str()?;
    if health != "ok" {
        let error = rule.get("error");
        let error = error.peek().and_then(Value::as_str).unwrap_or_default();
        return Ok(Some(format!(
            "the rule {name} does not evaluate (its health is {}): {}",
            health.escape_debug(),
            error.escape_debug()
        )));
    }
    let dead = rule.get("dead");
    if let Some(metric) = dead.items()?.first() {
        return Ok(Some(format!(
            "the rule {name} reads {}, which has no series",
            metric.str()?.escape_debug()
        )));
    }
    let query = rule.get("query");
    let fault = Expression::scan(query.str()?).fault();
    Ok(fault.map(|fault| format!("the rule {name} cannot fire as meant: {fault}")))
}

/// Whether Alertmanager is ready and its default receiver reaches somebody: `ready`, `receiver` (the
/// default route's), `destinations` (kinds of it, e.g. `email`).
///
/// # Errors
/// A finding if a fact is missing.
pub fn notified(routing: &PromAnswer) -> Result<Verdict> {
    if !routing.get("ready").bool()? {
        return Ok(Verdict::Fail("Alertmanager is not ready".to_owned()));
    }
    let receiver = routing.get("receiver");
    let receiver = receiver.str()?;
    if receiver.is_empty() {
        return Ok(Verdict::Fail(
            "Alertmanager has no default route".to_owned(),
        ));
    }
    let destinations = routing.get("destinations").items()?;
    if destinations.is_empty() {
        return Ok(Verdict::Fail(format!(
            "the receiver {} of the default route has no destination",
            receiver.escape_debug()
        )));
    }
    Ok(Verdict::Pass)
}

/// The default route's receiver and the kinds of its destinations, from Alertmanager's own rendering
/// of its configuration: keys at the start of a line open a section, receivers are a list of names
/// with `…_configs` below them.
#[cfg(any(feature = "http", test))]
pub(super) fn routing_of(yaml: &str) -> (String, Vec<String>) {
    let mut section = "";
    let mut default = String::new();
    let mut current = String::new();
    let mut kinds: Vec<(String, String)> = Vec::new();
    for line in yaml.lines() {
        let text = line.trim();
        let is_top = !line.starts_with([' ', '-', '\t']) && text.ends_with(':');
        if is_top {
            section = text.trim_end_matches(':');
            continue;
        }
        let text = text.strip_prefix("- ").unwrap_or(text);
        let Some((key, value)) = text.split_once(':') else {
            continue;
        };
        let value = value.trim().trim_matches(['"', '\'']);
        match (section, key) {
            // The first one is the root's; those of its children follow.
            ("route", "receiver") if default.is_empty() => value.clone_into(&mut default),
            ("receivers", "name") => value.clone_into(&mut current),
            ("receivers", key) => {
                if let Some(kind) = key.strip_suffix("_configs")
                    && value != "[]"
                {
                    kinds.push((current.clone(), kind.to_owned()));
                }
            }
            _ => {}
        }
    }
    let destinations = kinds.into_iter().filter(|(name, _)| *name == default);
    let destinations = destinations.map(|(_, kind)| kind).collect();
    (default, destinations)
}

/// Whether an entry of a rule group alerts, rather than records.
#[cfg(feature = "http")]
pub(super) fn is_alerting(rule: &Value) -> bool {
    rule["type"] == "alerting"
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[expect(
        clippy::needless_pass_by_value,
        reason = "a literal reads better at the call"
    )]
    fn rule(change: Value) -> Value {
        let mut rule = json!({
            "name": "HighErrorRate", "query": "rate(errors_total[5m]) > 0.05", "health": "ok",
            "error": "", "dead": [],
        });
        for (name, value) in change.as_object().unwrap() {
            rule[name] = value.clone();
        }
        rule
    }

    #[test]
    fn one_working_rule_is_enough() {
        let rules = PromAnswer::new(json!([rule(json!({"health": "err"})), rule(json!({}))]));
        assert_eq!(alerting(&rules, "error").unwrap(), Verdict::Pass);
        for (rules, words) in [
            (json!([]), "none of 0 alerting rules"),
            (
                json!([rule(json!({"name": "Slow", "query": "latency > 1"}))]),
                "none of 1",
            ),
            (
                json!([rule(json!({"health": "err", "error": "no"}))]),
                "does not evaluate",
            ),
            (
                json!([rule(json!({"dead": ["errors_total"]}))]),
                "errors_total, which has no series",
            ),
            (
                json!([rule(json!({"query": "errors_total"}))]),
                "compares nothing",
            ),
        ] {
            let Verdict::Fail(reason) = alerting(&PromAnswer::new(rules), "error").unwrap() else {
                panic!("{words}")
            };
            assert!(reason.contains(words), "{reason}");
        }
    }

    #[test]
    fn the_default_route_is_followed() {
        let yaml = "global:\n  resolve_timeout: 5m\nroute:\n  receiver: ops\n  routes:\n  \
                    - receiver: \"null\"\nreceivers:\n- name: ops\n  email_configs:\n  - to: a@b\n\
                    - name: \"null\"\ntemplates: []\n";
        assert_eq!(
            routing_of(yaml),
            ("ops".to_owned(), vec!["email".to_owned()])
        );
        let silent = yaml.replace("receiver: ops", "receiver: \"null\"");
        assert_eq!(routing_of(&silent), ("null".to_owned(), Vec::new()));
        assert_eq!(routing_of(""), (String::new(), Vec::new()));
    }

    #[test]
    fn somebody_must_hear_it() {
        let judged = |ready: bool, destinations: &[&str]| {
            notified(&PromAnswer::new(json!({
                "ready": ready, "receiver": "ops", "destinations": destinations,
            })))
            .unwrap()
        };
        assert_eq!(judged(true, &["email"]), Verdict::Pass);
        assert!(matches!(judged(false, &["email"]), Verdict::Fail(_)));
        assert!(matches!(judged(true, &[]), Verdict::Fail(reason) if reason.contains("ops")));
    }
}
