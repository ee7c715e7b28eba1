//! What backups must be.

use readiness::observation::json::Json;
use readiness::{Result, Verdict};
use serde_json::Value;

use super::{Generations, format};
use crate::seen::{amount, count};

/// Generations that the newest is compared with.
const PREDECESSORS: usize = 7;
/// Least number of generations: one alone is overwritten by a bad one.
const LEAST: usize = 2;

/// What is asked of backups.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy {
    /// Oldest that the newest may be, in hours.
    pub max_age_h: f64,
    /// Smallest that the newest may be against the median of its predecessors.
    pub min_ratio: f64,
}

impl Default for Policy {
    /// A daily backup with two hours to spare; half the usual size.
    fn default() -> Self {
        Self {
            max_age_h: 26.0,
            min_ratio: 0.5,
        }
    }
}

/// Whether the backups of a store are fresh, whole and more than one.
///
/// # Errors
/// A finding if a fact is missing.
pub fn judge(seen: &Generations, policy: &Policy) -> Result<Verdict> {
    let fail = |reason: String| Ok(Verdict::Fail(reason));
    if seen.get("beside_data").bool()? {
        return fail("what lies in the store's own data directory is no backup".to_owned());
    }
    let generations = seen.get("generations").items()?;
    let Some(newest) = generations.first() else {
        return fail("there is no backup".to_owned());
    };
    let name = shown(newest);
    let age = amount(&newest.get("age_h"))?;
    if age > policy.max_age_h {
        return fail(format!(
            "the newest backup, {name}, is {age:.1} h old, {:.0} h at most are allowed",
            policy.max_age_h
        ));
    }
    let bytes = count(&newest.get("bytes"))?;
    if bytes == 0 {
        return fail(format!("the newest backup, {name}, is empty"));
    }
    if !format::is_known(newest.get("format").str()?) {
        return fail(format!(
            "the newest backup, {name}, does not begin like a backup"
        ));
    }
    let opened = seen.get("opened");
    // Null where the tool is not installed or the format has none.
    if !opened.is_null() && !opened.bool()? {
        let problem = seen.get("problem");
        let problem = problem
            .peek()
            .and_then(Value::as_str)
            .unwrap_or("no reason given");
        return fail(format!(
            "the newest backup, {name}, cannot be read: {}",
            problem.escape_debug()
        ));
    }
    if generations.len() < LEAST {
        return fail(format!(
            "there is one backup alone, {name}; the next bad one replaces it"
        ));
    }
    shrunk(&name, bytes, &generations[1..], policy)
}

/// Compares the newest with the median of those before it.
#[expect(
    clippy::cast_precision_loss,
    reason = "sizes of files are exact up to 8 PiB"
)]
fn shrunk(name: &str, bytes: i64, before: &[Json], policy: &Policy) -> Result<Verdict> {
    let sizes = before
        .iter()
        .take(PREDECESSORS)
        .map(|generation| count(&generation.get("bytes")));
    let mut sizes = sizes.collect::<Result<Vec<i64>>>()?;
    sizes.sort_unstable();
    let median = sizes[sizes.len() / 2];
    if (bytes as f64) < policy.min_ratio * median as f64 {
        return Ok(Verdict::Fail(format!(
            "the newest backup, {name}, has {bytes} bytes, its predecessors {median}: less than \
             {:.0} %",
            policy.min_ratio * 100.0
        )));
    }
    Ok(Verdict::Pass)
}

fn shown(generation: &Json) -> String {
    let name = generation.get("name");
    name.peek()
        .and_then(Value::as_str)
        .unwrap_or("?")
        .escape_debug()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn judged(generations: &Value, opened: Option<bool>) -> Verdict {
        let seen = json!({
            "generations": generations, "opened": opened, "problem": "truncated",
            "beside_data": false,
        });
        judge(&Generations::new(seen), &Policy::default()).unwrap()
    }

    fn generation(age_h: f64, bytes: i64) -> Value {
        json!({"name": "a", "age_h": age_h, "bytes": bytes, "format": "pg_dump"})
    }

    #[test]
    fn each_fault_names_what_was_seen() {
        let old = || generation(24.0, 1_000);
        assert_eq!(
            judged(&json!([generation(26.0, 500), old()]), None),
            Verdict::Pass
        );
        assert_eq!(
            judged(&json!([generation(1.0, 900), old()]), Some(true)),
            Verdict::Pass
        );
        let mut garbled = generation(1.0, 900);
        garbled["format"] = json!("unknown");
        for (generations, opened, words) in [
            (json!([]), None, "there is no backup"),
            (json!([generation(26.1, 900), old()]), None, "26.1 h old"),
            (json!([generation(1.0, 0), old()]), None, "is empty"),
            (json!([generation(1.0, 499), old()]), None, "499 bytes"),
            (json!([generation(1.0, 900)]), None, "one backup alone"),
            (json!([garbled, old()]), None, "does not begin like"),
            (
                json!([generation(1.0, 900), old()]),
                Some(false),
                "truncated",
            ),
        ] {
            let Verdict::Fail(reason) = judged(&generations, opened) else {
                panic!("{words}")
            };
            assert!(reason.contains(words), "{reason}");
        }
    }

    #[test]
    fn a_copy_beside_the_data_is_none() {
        let seen = json!({
            "generations": [generation(1.0, 9), generation(2.0, 9)], "opened": null,
            "problem": null, "beside_data": true,
        });
        let verdict = judge(&Generations::new(seen), &Policy::default()).unwrap();
        assert!(matches!(verdict, Verdict::Fail(reason) if reason.contains("data directory")));
    }
}
