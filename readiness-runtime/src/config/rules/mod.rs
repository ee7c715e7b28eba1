//! What the command judges a run by and a test target does not look at: the gate, what reports of other
//! tools mean, who may sign, and what people state. With the feature `assess` alone: a test target knows
//! the names of these tables, so that a mistyped one is named, and leaves what is in them to the command.

use crate::config::reader::{Source, Table};

pub mod date;
mod gate;
pub mod import;
mod sign_off;
mod statement;

pub use gate::{Deny, GateConfig, PartRule};
pub use sign_off::SignOffConfig;
pub use statement::{Statement, StatementKind};

/// The longest that a statement may hold unless configured otherwise. A year is the longest
/// interval at which audits of the common standards ask for renewed evidence.
const MAX_STATEMENT_DAYS: u32 = 365;

/// The part of `readiness.toml` that is for the command.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rules {
    /// The go/no-go.
    pub gate: GateConfig,
    /// What the reports of other tools mean.
    pub import: import::ImportConfig,
    /// Who may sign.
    pub sign_off: SignOffConfig,
    /// Attestations, in file order.
    pub attestation: Vec<Statement>,
    /// Waivers, in file order.
    pub waiver: Vec<Statement>,
    /// Exclusions, in file order.
    pub not_applicable: Vec<Statement>,
}

impl Rules {
    /// Every statement: attestations, waivers, exclusions.
    pub fn statements(&self) -> impl Iterator<Item = &Statement> {
        self.attestation
            .iter()
            .chain(&self.waiver)
            .chain(&self.not_applicable)
    }
}

impl<'t> Table<'t> {
    /// The tables of `[[key]]`.
    pub(super) fn tables(&self, source: &mut Source<'_>, key: &str) -> Vec<Table<'t>> {
        let Some(entry) = self.get(key) else {
            return Vec::new();
        };
        let name = format!("[[{key}]]");
        let tables = entry.value.as_array().and_then(|array| {
            array
                .iter()
                .map(|value| {
                    let table = value.get_ref().as_table()?;
                    Some(Table::new(&*name, value.span().start, table))
                })
                .collect::<Option<Vec<_>>>()
        });
        tables.unwrap_or_else(|| {
            self.wrong_type(source, entry, &format!("a list of tables, `{name}`"));
            Vec::new()
        })
    }
}

/// Reads the tables of the command.
pub(super) fn read(source: &mut Source<'_>, root: &Table<'_>) -> Rules {
    let mut rules = Rules {
        gate: gate::read(source, root),
        import: import::read(source, root),
        sign_off: sign_off::read(source, root),
        ..Rules::default()
    };
    let maximum = read_maximum(source, root);
    for statement in statement::read_all(source, root, maximum) {
        match statement.kind {
            StatementKind::Attestation => rules.attestation.push(statement),
            StatementKind::Waiver => rules.waiver.push(statement),
            StatementKind::NotApplicable => rules.not_applicable.push(statement),
        }
    }
    rules
}

fn read_maximum(source: &mut Source<'_>, root: &Table<'_>) -> u32 {
    let Some(table) = root.table(source, "statements") else {
        return MAX_STATEMENT_DAYS;
    };
    table.only(source, &["maximum"]);
    table.days(source, "maximum").unwrap_or(MAX_STATEMENT_DAYS)
}

#[cfg(test)]
mod tests;
