//! **Documents of people, judged by what they hold**: plans, runbooks, references of variables. Not
//! whether the prose is any good, which only people can tell: whether it is there, has the parts that
//! somebody in trouble looks for, is not older than allowed, and leads nowhere that is not there.
//!
//! ```ignore
//! let plan = documents::plan(&cx, "backup plan", text.as_deref(), &["audit"])?;
//! documents::backup_plan(&plan, &["audit"], 180)
//! ```
//!
//! | look | judgement | wants |
//! |---|---|---|
//! | [`plan`] | [`backup_plan`] | scope, schedule, steps to restore, objectives, a recent test |
//! | [`plan`] | [`recovery_plan`] | objectives, steps, a test that met them |
//! | [`runbooks`] | [`usable_runbooks`] | symptom, diagnosis, mitigation, escalation in each |
//! | [`references`] | [`resolving`] | links into a folder lead to files with something in them |
//! | [`variable_table`] | – | the variables that a reference document lists |
//!
//! Texts are Markdown: headings that begin with `#`, lists, tables, links in brackets or code marks.

mod judge;
mod markdown;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;
use std::time::SystemTime;

use jiff::civil::Date;
use jiff::{Timestamp, tz::TimeZone};
use readiness::{Context, Result};
use serde_json::{Value, json};

use self::markdown::{Section, duration_after, section_titles, sections};
use crate::seen::{Change, Kind, Seen};

pub use judge::{backup_plan, recovery_plan, resolving, usable_runbooks};
pub use markdown::VariableRow;

/// Documents of a folder, and references, at most.
const MAX_LIST: usize = 500;

/// The kind of what is seen of documents.
#[derive(Debug, Clone)]
pub struct Paper;

/// What a plan holds: `exists`, `mentions` (of the words asked for), `schedule` and `steps` (numbered
/// ones of the section about restoring or recovering), `rpo_min` and `rto_min` (promised minutes),
/// `tested` (whether there is a section about a test), `tested_days_ago` (the latest date in it),
/// `measured_rpo_min`, `measured_rto_min`; null for what is not there.
pub type Plan = Seen<Paper>;

/// A list of documents or references.
pub type Papers = Seen<Paper>;

impl Kind for Paper {
    const KIND: &'static str = "document";

    fn changes(name: &str, value: &Value) -> Vec<Change> {
        match (name, value) {
            ("exists", Value::Bool(true)) => vec![Change::new("removed", false)],
            ("words" | "steps", Value::Number(number)) if number.as_i64() != Some(0) => {
                vec![Change::new("emptied", 0)]
            }
            ("tested_days_ago", Value::Number(_)) => vec![Change::new("aged", 10_000)],
            _ => Vec::new(),
        }
    }
}

/// Looks at a plan; `None` where there is no such document. `words` are those that it must mention.
///
/// # Errors
/// Other under a replay that has no such recording.
pub fn plan(cx: &Context, name: &str, text: Option<&str>, words: &[&str]) -> Result<Plan> {
    let now = cx.now();
    cx.observe_now(name, || Ok(Plan::new(plan_facts(text, words, today(now)))))
}

/// The day in UTC.
fn today(now: SystemTime) -> Date {
    let now = Timestamp::try_from(now).unwrap_or(Timestamp::UNIX_EPOCH);
    now.to_zoned(TimeZone::UTC).date()
}

fn plan_facts(text: Option<&str>, words: &[&str], today: Date) -> Value {
    let Some(text) = text else {
        return json!({ "exists": false });
    };
    let all = sections(text);
    let lower = text.to_lowercase();
    let mentions: serde_json::Map<String, Value> = words
        .iter()
        .map(|word| {
            (
                (*word).to_owned(),
                json!(lower.contains(&word.to_lowercase())),
            )
        })
        .collect();
    let named = |parts: &[&str]| -> Vec<&Section> {
        let has = |section: &&Section| parts.iter().any(|part| section.title.contains(part));
        all.iter().filter(has).collect()
    };
    let steps = named(&["restor", "recover", "steps", "procedure"]);
    let steps = steps.iter().map(|section| section.steps).max();
    let tests = named(&["test", "rehears", "drill", "exercise"]);
    let dates = tests.iter().flat_map(|section| section.dates());
    let latest = dates.filter(|date| *date <= today).max();
    let ago = latest
        .and_then(|date| today.since(date).ok())
        .map(|span| span.get_days());
    let is_test = |section: &&Section| tests.iter().any(|test| std::ptr::eq(*test, *section));
    let promised = |word: &str| {
        let others = all.iter().filter(|section| !is_test(section));
        others
            .flat_map(|section| &section.lines)
            .find_map(|line| duration_after(line, word))
    };
    let measured = |word: &str| {
        let lines = tests.iter().flat_map(|section| &section.lines);
        lines
            .into_iter()
            .find_map(|line| duration_after(line, word))
    };
    let often = ["hourly", "daily", "weekly", "every "];
    let has_schedule = often.iter().any(|word| lower.contains(word));
    json!({
        "exists": true,
        "mentions": mentions,
        "schedule": has_schedule,
        "steps": steps.unwrap_or(0),
        "rpo_min": promised("RPO"),
        "rto_min": promised("RTO"),
        "tested": !tests.is_empty(),
        "tested_days_ago": ago,
        "measured_rpo_min": measured("RPO"),
        "measured_rto_min": measured("RTO"),
    })
}

/// Looks at the runbooks of a folder: a list of `name`, `words` and the parts `symptom`, `diagnosis`,
/// `mitigation`, `escalation`. Indexes (`README.md`, `index.md`) are none.
///
/// # Errors
/// Other under a replay that has no such recording.
pub fn runbooks(cx: &Context, files: &BTreeMap<String, String>) -> Result<Papers> {
    cx.observe_now("runbooks", || Ok(Papers::new(runbook_facts(files))))
}

fn runbook_facts(files: &BTreeMap<String, String>) -> Value {
    let is_runbook = |name: &&String| {
        let path = Path::new(name);
        let is_named = |part: Option<&OsStr>, word: &str| {
            part.is_some_and(|part| part.eq_ignore_ascii_case(word))
        };
        let is_index = |word| is_named(path.file_stem(), word);
        is_named(path.extension(), "md") && !is_index("readme") && !is_index("index")
    };
    let one = |name: &String| {
        let text = &files[name];
        let titles = section_titles(text);
        let has = |part: &str| titles.iter().any(|title| title.contains(part));
        json!({
            "name": name,
            "words": text.split_whitespace().count(),
            "symptom": has("symptom"),
            "diagnosis": has("diagnos"),
            "mitigation": has("mitigat"),
            "escalation": has("escalat"),
        })
    };
    files
        .keys()
        .filter(is_runbook)
        .take(MAX_LIST)
        .map(one)
        .collect()
}

/// Looks at where texts lead to, as far as it is below `folder`: a list of `from`, `target`, `exists`
/// and `words`. `folder_files` are the files there, by name.
///
/// # Errors
/// Other under a replay that has no such recording.
pub fn references(
    cx: &Context,
    texts: &BTreeMap<String, String>,
    folder: &str,
    folder_files: &BTreeMap<String, String>,
) -> Result<Papers> {
    cx.observe_now(format!("references below {folder}"), || {
        Ok(Papers::new(reference_facts(texts, folder, folder_files)))
    })
}

fn reference_facts(
    texts: &BTreeMap<String, String>,
    folder: &str,
    folder_files: &BTreeMap<String, String>,
) -> Value {
    let mut seen = Vec::new();
    for (from, text) in texts {
        for target in markdown::targets_below(text, folder) {
            if seen.len() == MAX_LIST {
                break;
            }
            // The folder itself is there if it holds anything.
            let words = |text: &String| text.split_whitespace().count();
            let file = target.trim_start_matches('/');
            let (exists, words) = match folder_files.get(file) {
                Some(text) => (true, words(text)),
                None if file.is_empty() => (
                    !folder_files.is_empty(),
                    folder_files.values().map(words).sum(),
                ),
                None => (false, 0),
            };
            seen.push(json!({
                "from": from,
                "target": format!("{folder}{target}"),
                "exists": exists,
                "words": words,
            }));
        }
    }
    Value::from(seen)
}

/// The variables that a reference document lists: table rows whose first cell is a name in code
/// marks. A variable may differ between environments if a cell of its row says `differs`.
///
/// # Errors
/// Other under a replay that has no such recording.
pub fn variable_table(cx: &Context, text: &str) -> Result<Papers> {
    cx.observe_now("documented variables", || {
        let rows = markdown::variable_rows(text).into_iter();
        let rows = rows.map(|row| json!({ "name": row.name, "differs": row.differs }));
        Ok(Papers::new(rows.take(MAX_LIST).collect()))
    })
}

#[cfg(test)]
mod tests;
