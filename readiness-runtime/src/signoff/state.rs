//! Everything that decides, as facts: what a signature is for.
//!
//! ```text
//! attestation A-5 1⇥by=dba@example.com⇥expires=2027-02-20⇥on=2026-11-22⇥text=…
//! checklist⇥file=CHECKLIST.md⇥minimum=95%⇥title=Shop
//! gate⇥deny=fail⇥minimum=95%⇥sign-offs=Engineering Lead
//! item A-1⇥check=…⇥outcome=passed⇥requirement=It starts⇥shows=PASS⇥target=staging
//! result⇥gate=met⇥score=3/5
//! ```
//!
//! One subject a line, sorted; fields sorted, separated by tabs (`⇥`), escaped as in the ledger. Equal
//! states have equal text, and different ones different text.
//!
//! Left out on purpose are the run, the commit and the day of each result: a nightly run that finds
//! the same does not take a signature away. A pass that grows too old does, because its outcome
//! changes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use jiff::civil::Date;
use readiness_checklist::Checklist;

use crate::assess::{self, Assessment, Inputs, gate};
use crate::config::{Config, Deny, Statement, Value, Values};
use crate::digest::{Sha256, hex, sha256};
use crate::ledger::{LedgerState, escape, unescape};

/// The fields of one subject.
pub type Facts = BTreeMap<String, String>;

/// Everything that decides.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct State {
    facts: BTreeMap<String, Facts>,
}

/// What a state is made from.
#[derive(Debug, Clone, Copy)]
pub struct StateInputs<'a> {
    /// The document.
    pub checklist: &'a Checklist,
    /// Its path; only the file's name becomes part of the state.
    pub path: &'a Path,
    /// Its configuration.
    pub config: &'a Config,
    /// What was written before.
    pub ledger: &'a LedgerState,
    /// The day of judging, in UTC.
    pub today: Date,
}

impl State {
    /// The state of a checklist on a day, and the assessment it rests on, which looks at no run.
    pub fn of(inputs: &StateInputs<'_>) -> (Self, Assessment) {
        let assessment = assess::assess(&Inputs {
            checklist: inputs.checklist,
            path: inputs.path,
            config: inputs.config,
            ledger: inputs.ledger,
            run: None,
            today: inputs.today,
        });
        let mut state = Self::default();
        state.checklist(inputs);
        state.config(inputs.config);
        for statement in inputs.config.rules.statements() {
            state.statement(statement);
        }
        state.items(inputs, &assessment);
        let stated = inputs.checklist.minimum_score();
        let gate = gate::judge_results(&assessment, inputs.config, stated);
        let score = assessment.score();
        state.put(
            "result",
            [
                ("score", format!("{}/{}", score.passed, score.applicable)),
                ("gate", if gate.met { "met" } else { "not met" }.to_owned()),
            ],
        );
        (state, assessment)
    }

    fn put<const N: usize>(&mut self, subject: &str, fields: [(&str, String); N]) {
        let facts = self.facts.entry(subject.to_owned()).or_default();
        for (key, value) in fields {
            // What is empty is not there: one way of saying nothing.
            if !value.is_empty() {
                facts.insert(key.to_owned(), value);
            }
        }
    }

    fn checklist(&mut self, inputs: &StateInputs<'_>) {
        let file = inputs.path.file_name().unwrap_or_default();
        let stated = inputs.checklist.minimum_score();
        self.put(
            "checklist",
            [
                ("file", file.to_string_lossy().into_owned()),
                (
                    "title",
                    inputs.checklist.title().unwrap_or_default().to_owned(),
                ),
                (
                    "minimum",
                    stated.map_or_else(String::new, |percent| percent.to_string()),
                ),
            ],
        );
        for (index, sign_off) in inputs.checklist.sign_offs().iter().enumerate() {
            self.put(
                &format!("box {}", index + 1),
                [("text", sign_off.text().to_owned())],
            );
        }
    }

    fn config(&mut self, config: &Config) {
        let percent = |percent: Option<readiness_checklist::Percent>| {
            percent.map_or_else(String::new, |percent| percent.to_string())
        };
        let gate = &config.rules.gate;
        self.put(
            "gate",
            [
                ("minimum", percent(gate.minimum)),
                ("deny", words(&gate.deny)),
                ("require", list(&gate.require)),
                ("sign-offs", list(&gate.sign_offs)),
                ("noticed", percent(config.prove.minimum)),
                (
                    "max-age",
                    config
                        .run
                        .max_age
                        .map_or_else(String::new, |days| format!("{days}d")),
                ),
            ],
        );
        for (index, part) in gate.parts.iter().enumerate() {
            self.put(
                &format!("gate part {}", index + 1),
                [
                    ("section", list(&part.section)),
                    ("priority", list(&part.priority)),
                    ("id", list(&part.id)),
                    ("minimum", percent(part.minimum)),
                    ("deny", words(&part.deny)),
                ],
            );
        }
        for (role, signers) in &config.rules.sign_off.roles {
            self.put(&format!("role {role}"), [("signers", list(signers))]);
        }
        if let Some(target) = &config.target {
            let word = |key: &str| target.get(key).and_then(Value::as_str).unwrap_or_default();
            let mut whole = Sha256::new();
            digest_table(&mut whole, target);
            self.put(
                "target",
                [
                    ("kind", word("kind").to_owned()),
                    ("name", word("name").to_owned()),
                    ("settings", hex(&whole.finalize())),
                ],
            );
        }
    }

    fn statement(&mut self, statement: &Statement) {
        // Several may be about one requirement; the order of the file tells them apart.
        let name = format!("{} {}", statement.kind.table(), statement.id);
        let subject = self.free(&name, 1);
        let day = |day: Option<Date>| day.map_or_else(String::new, |day| day.to_string());
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        self.put(
            &subject,
            [
                ("by", text(&statement.by)),
                ("on", day(statement.on)),
                ("expires", day(statement.expires)),
                ("reason", text(&statement.reason)),
                ("evidence", text(&statement.evidence)),
                ("text", text(&statement.text)),
            ],
        );
    }

    fn items(&mut self, inputs: &StateInputs<'_>, assessment: &Assessment) {
        for assessed in &assessment.items {
            let item = &inputs.checklist.items()[assessed.index];
            // Items that collide on a derived id are told apart by their order.
            let subject = self.free(&format!("item {}", item.id()), 0);
            let entry = inputs.ledger.entry(item.id());
            let field = |field: Option<&String>| field.cloned().unwrap_or_default();
            self.put(
                &subject,
                [
                    ("requirement", item.normalized_text().to_owned()),
                    ("section", item.section().join(" / ")),
                    ("priority", item.priority().unwrap_or_default().to_owned()),
                    ("shows", item.state_text().to_owned()),
                    ("outcome", assessed.resolved.outcome.as_str().to_owned()),
                    ("before-statements", assessed.base.as_str().to_owned()),
                    (
                        "passed-text",
                        entry.map_or_else(String::new, |entry| entry.text.clone()),
                    ),
                    ("check", field(entry.and_then(|entry| entry.check.as_ref()))),
                    (
                        "target",
                        field(entry.and_then(|entry| entry.target.as_ref())),
                    ),
                    (
                        "version",
                        field(entry.and_then(|entry| entry.version.as_ref())),
                    ),
                    (
                        "configuration",
                        field(entry.and_then(|entry| entry.config.as_ref())),
                    ),
                    (
                        "strength",
                        field(entry.and_then(|entry| entry.strength.as_ref())),
                    ),
                ],
            );
        }
    }

    /// The first subject of this name that is free. The number behind it cannot be taken for a part
    /// of it: neither ids nor what is numbered from the start end in a blank and a number.
    fn free(&self, name: &str, first: usize) -> String {
        let mut subject = if first == 0 {
            name.to_owned()
        } else {
            format!("{name} {first}")
        };
        let mut number = first.max(1);
        while self.facts.contains_key(&subject) {
            number += 1;
            subject = format!("{name} {number}");
        }
        subject
    }

    /// The text that is signed and hashed.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for (subject, facts) in &self.facts {
            text.push_str(&escape(subject));
            for (key, value) in facts {
                // Writing to a string cannot fail.
                let _ = write!(text, "\t{key}={}", escape(value));
            }
            text.push('\n');
        }
        text
    }

    /// SHA-256 of the text, in hexadecimal.
    pub fn digest(&self) -> String {
        hex(&sha256(self.to_text().as_bytes()))
    }

    /// Reads [`State::to_text`]; none for a text that no state has.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut state = Self::default();
        for line in text.lines() {
            let mut parts = line.split('\t');
            let subject = parts.next().and_then(unescape)?;
            let mut facts = Facts::new();
            for part in parts {
                let (key, value) = part.split_once('=')?;
                facts.insert(key.to_owned(), unescape(value)?);
            }
            state.facts.insert(subject, facts);
        }
        // Only the one way of writing it: whatever else a text may hold would be signed unseen.
        (state.to_text() == text).then_some(state)
    }

    /// What there are facts about, sorted.
    pub fn subjects(&self) -> impl Iterator<Item = &str> {
        self.facts.keys().map(String::as_str)
    }

    /// The fields of a subject.
    pub fn facts(&self, subject: &str) -> Option<&Facts> {
        self.facts.get(subject)
    }

    /// What is different now, in words, one change a line. Empty only for equal states.
    pub fn changes_to(&self, now: &Self) -> Vec<String> {
        let mut changes = Vec::new();
        for (subject, old) in &self.facts {
            match now.facts.get(subject) {
                None => changes.push(format!("{subject}: is gone")),
                Some(new) => changes.extend(changed(subject, old, new)),
            }
        }
        let added = now
            .facts
            .keys()
            .filter(|subject| !self.facts.contains_key(*subject));
        changes.extend(added.map(|subject| format!("{subject}: is new")));
        changes
    }
}

fn changed(subject: &str, old: &Facts, new: &Facts) -> Vec<String> {
    let mut keys: Vec<_> = old.keys().chain(new.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    let words: Vec<_> = keys
        .into_iter()
        .filter_map(|key| match (old.get(key), new.get(key)) {
            (Some(old), Some(new)) if old == new => None,
            (Some(old), Some(new)) if key == "requirement" => {
                Some(format!("{key}: {}", crate::words::diff(old, new)))
            }
            // A hash says nothing to a reader beyond that it is another one.
            (Some(old), Some(_)) if is_hash(old) => Some(format!("{key} changed")),
            (Some(old), None) if is_hash(old) => Some(format!("{key} is gone")),
            (Some(old), Some(new)) => Some(format!("{key} was `{old}`, is `{new}`")),
            (Some(old), None) => Some(format!("{key} was `{old}`, is gone")),
            (None, Some(new)) if is_hash(new) => Some(format!("{key} is new")),
            (None, Some(new)) => Some(format!("{key} is new, `{new}`")),
            (None, None) => None,
        })
        .collect();
    if words.is_empty() {
        return Vec::new();
    }
    vec![format!("{subject}: {}", words.join("; "))]
}

fn words(denied: &[Deny]) -> String {
    let known = Deny::ALL.iter().filter(|(deny, _)| denied.contains(deny));
    known.map(|(_, word)| *word).collect::<Vec<_>>().join(", ")
}

/// A list on one line; a comma inside an entry is told from one between two.
fn list(entries: &[String]) -> String {
    let entries = entries
        .iter()
        .map(|entry| entry.replace('\\', "\\\\").replace(',', "\\,"));
    entries.collect::<Vec<_>>().join(", ")
}

fn is_hash(value: &str) -> bool {
    value.len() >= 16 && value.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Every key and value, with lengths and types, in the order of the keys.
fn digest_table(hasher: &mut Sha256, table: &Values) {
    let mut keys: Vec<_> = table.keys().collect();
    keys.sort_unstable();
    for key in keys {
        digest_part(hasher, 'k', key);
        digest_value(hasher, &table[key]);
    }
    digest_part(hasher, 'e', "");
}

fn digest_value(hasher: &mut Sha256, value: &Value) {
    match value {
        Value::Text(text) => digest_part(hasher, 's', text),
        Value::Integer(number) => digest_part(hasher, 'i', &number.to_string()),
        Value::Float(number) => digest_part(hasher, 'f', &number.to_string()),
        Value::Boolean(truth) => digest_part(hasher, 'b', &truth.to_string()),
        Value::Datetime(time) => digest_part(hasher, 'd', time),
        Value::Array(values) => {
            digest_part(hasher, 'a', &values.len().to_string());
            for value in values {
                digest_value(hasher, value);
            }
        }
        Value::Table(table) => {
            digest_part(hasher, 't', "");
            digest_table(hasher, table);
        }
    }
}

fn digest_part(hasher: &mut Sha256, kind: char, text: &str) {
    hasher.update(format!("{kind}{}:", text.len()));
    hasher.update(text.as_bytes());
}
