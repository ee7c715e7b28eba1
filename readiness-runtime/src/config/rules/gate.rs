//! `[gate]`: what the go/no-go asks.

use readiness_checklist::Percent;

use crate::config::reader::{Source, Table};
use crate::diagnostic::{Code, nearest};

/// An outcome that closes the gate wherever it occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deny {
    /// Closes the gate whether it is listed or not.
    Fail,
    /// A soft limit was crossed, or a check was flaky.
    Warn,
    /// Nobody looked.
    NotVerified,
    /// A pass that could not have failed.
    Vacuous,
    /// A pass that is too old or for something else.
    Stale,
    /// A failure or warning that is accepted for now.
    Waived,
}

impl Deny {
    /// All of them, with the word of the configuration.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::Fail, "fail"),
        (Self::Warn, "warn"),
        (Self::NotVerified, "not-verified"),
        (Self::Vacuous, "vacuous"),
        (Self::Stale, "stale"),
        (Self::Waived, "waived"),
    ];
}

/// The go/no-go's rules.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GateConfig {
    /// The least score; the document's own when none.
    pub minimum: Option<Percent>,
    /// Outcomes that close the gate, sorted, beside failures, which always do.
    pub deny: Vec<Deny>,
    /// Ids that must be passed, attested or not applicable; a trailing `*` stands for any rest.
    pub require: Vec<String>,
    /// What is asked of parts of the checklist, in file order.
    pub parts: Vec<PartRule>,
    /// Roles that must have signed off; a trailing `*` stands for any rest, `*` alone for every box.
    pub sign_offs: Vec<String>,
}

/// `[[gate.part]]`: what is asked of a part of the checklist.
///
/// ```toml
/// [[gate.part]]
/// section = ["Security*"]          # under a heading of this name
/// priority = ["P0", "critical"]    # and of one of these priorities
/// id = ["SEC-*"]                   # and with such an id; each of the three may be left out
/// minimum = 100
/// deny = ["not-verified"]
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PartRule {
    /// Headings, in any case; a trailing `*` stands for any rest. Empty for all.
    pub section: Vec<String>,
    /// Priorities or severities, in any case. Empty for all.
    pub priority: Vec<String>,
    /// Ids; a trailing `*` stands for any rest. Empty for all.
    pub id: Vec<String>,
    /// The least score of the part.
    pub minimum: Option<Percent>,
    /// Outcomes that close the gate where they occur in the part, sorted.
    pub deny: Vec<Deny>,
}

fn read_parts(source: &mut Source<'_>, gate: &Table<'_>) -> Vec<PartRule> {
    let mut parts = Vec::new();
    for mut table in gate.tables(source, "part") {
        "[[gate.part]]".clone_into(&mut table.name);
        table.only(source, &["section", "priority", "id", "minimum", "deny"]);
        let mut list = |key| table.strings(source, key).unwrap_or_default();
        let (section, priority, id) = (list("section"), list("priority"), list("id"));
        let part = PartRule {
            section,
            priority,
            id,
            minimum: table.percent(source, "minimum"),
            deny: read_deny(source, &table),
        };
        let missing = |what: &str, hint: &str| (format!("[[gate.part]] {what}"), hint.to_owned());
        let problem = if part.section.is_empty() && part.priority.is_empty() && part.id.is_empty() {
            Some(missing(
                "does not say which part",
                "add `section`, `priority` or `id`",
            ))
        } else if table.get("minimum").is_none() && table.get("deny").is_none() {
            Some(missing("asks for nothing", "add `minimum` or `deny`"))
        } else {
            None
        };
        if let Some((message, hint)) = problem {
            source.report(Code::ConfigValue, table.offset, message, hint);
        }
        parts.push(part);
    }
    parts
}

pub(super) fn read(source: &mut Source<'_>, root: &Table<'_>) -> GateConfig {
    let Some(table) = root.table(source, "gate") else {
        return GateConfig::default();
    };
    table.only(source, &["minimum", "deny", "require", "part", "sign_offs"]);
    GateConfig {
        minimum: table.percent(source, "minimum"),
        deny: read_deny(source, &table),
        require: table.strings(source, "require").unwrap_or_default(),
        parts: read_parts(source, &table),
        sign_offs: table.strings(source, "sign_offs").unwrap_or_default(),
    }
}

fn read_deny(source: &mut Source<'_>, table: &Table<'_>) -> Vec<Deny> {
    let words = table.strings(source, "deny").unwrap_or_default();
    let mut deny = Vec::new();
    for word in words {
        if let Some((known, _)) = Deny::ALL.iter().find(|(_, known)| *known == word) {
            deny.push(*known);
        } else if let Some(entry) = table.get("deny") {
            let known = Deny::ALL.map(|(_, known)| known);
            let hint = match nearest(&word, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it takes {}", known.join(", ")),
            };
            table.wrong_value(
                source,
                entry,
                format!("no outcome is called `{word}`"),
                hint,
            );
        }
    }
    deny.sort_unstable();
    deny.dedup();
    deny
}
