//! Changes to the statements in `readiness.toml`, on its text: everything that a change is not
//! about stays as it is, comments and layout included. Pure.

use std::path::Path;

use anyhow::{Context as _, bail};
use readiness::config::StatementKind;
use toml_edit::{ArrayOfTables, Datetime, DocumentMut, Item, Table, Value};

/// All kinds, in the order of the file.
pub(crate) const KINDS: [StatementKind; 3] = [
    StatementKind::Attestation,
    StatementKind::Waiver,
    StatementKind::NotApplicable,
];

/// A field's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Field {
    /// Text; one that is a day is written as a day.
    Text(String),
    /// A day, `YYYY-MM-DD`.
    Day(String),
    /// Left out.
    Absent,
}

impl Field {
    /// Text, or nothing.
    pub(crate) fn maybe(text: Option<&String>) -> Self {
        text.map_or(Self::Absent, |text| Self::Text(text.clone()))
    }

    fn value(&self) -> Option<Value> {
        let (Self::Text(text) | Self::Day(text)) = self else {
            return None;
        };
        let day = readiness::config::date::parse_day(text);
        match text.parse::<Datetime>() {
            Ok(datetime) if day.is_some() => Some(Value::from(datetime)),
            _ => Some(Value::from(text.as_str())),
        }
    }
}

/// A change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// One more statement, after the others of its kind.
    Add {
        /// Its kind.
        kind: StatementKind,
        /// Its fields, in order.
        fields: Vec<(&'static str, Field)>,
    },
    /// No more statements of these kinds about a requirement. Earlier ones would otherwise come
    /// into force again.
    Remove {
        /// The kinds.
        kinds: Vec<StatementKind>,
        /// The requirement.
        id: String,
    },
    /// Another text hash in all statements about a requirement that have one.
    SetText {
        /// The requirement.
        id: String,
        /// 64 hexadecimal digits.
        text: String,
    },
}

impl Change {
    /// The text afterwards.
    pub(crate) fn apply(&self, text: &str, path: &Path) -> anyhow::Result<String> {
        let mut document: DocumentMut = text
            .parse()
            .with_context(|| format!("failed to read {}", path.display()))?;
        match self {
            Self::Add { kind, fields } => add(&mut document, *kind, fields, path)?,
            Self::Remove { kinds, id } => remove(&mut document, kinds, id)?,
            Self::SetText { id, text } => set_text(&mut document, id, text)?,
        }
        Ok(document.to_string())
    }
}

fn add(
    document: &mut DocumentMut,
    kind: StatementKind,
    fields: &[(&'static str, Field)],
    path: &Path,
) -> anyhow::Result<()> {
    let mut table = Table::new();
    for (key, field) in fields {
        if let Some(value) = field.value() {
            table.insert(key, Item::Value(value));
        }
    }
    table.decor_mut().set_prefix("\n");
    let tables = document
        .entry(kind.table())
        .or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    match tables.as_array_of_tables_mut() {
        Some(tables) => tables.push(table),
        None => bail!(
            "`{}` in {} is not a list of tables",
            kind.table(),
            path.display()
        ),
    }
    Ok(())
}

fn remove(document: &mut DocumentMut, kinds: &[StatementKind], id: &str) -> anyhow::Result<()> {
    let mut removed = 0;
    for kind in kinds {
        let Some(tables) = tables(document, *kind) else {
            continue;
        };
        let before = tables.len();
        tables.retain(|table| !is_about(table, id));
        removed += before - tables.len();
    }
    if removed == 0 {
        bail!("nothing is stated about `{id}`");
    }
    Ok(())
}

fn set_text(document: &mut DocumentMut, id: &str, text: &str) -> anyhow::Result<()> {
    let new = format!("sha256:{text}");
    let mut changed = 0;
    for kind in KINDS {
        for table in tables(document, kind)
            .into_iter()
            .flat_map(ArrayOfTables::iter_mut)
        {
            if !is_about(table, id) {
                continue;
            }
            let old = table.get("text").and_then(Item::as_str);
            // An attestation without one is given one: until then it counts for nothing.
            let wanted = old.is_some() || kind == StatementKind::Attestation;
            if wanted && old != Some(&new) {
                table.insert("text", Item::Value(Value::from(new.as_str())));
                changed += 1;
            }
        }
    }
    if changed == 0 {
        bail!("nothing that is stated about `{id}` is for another text");
    }
    Ok(())
}

fn tables(document: &mut DocumentMut, kind: StatementKind) -> Option<&mut ArrayOfTables> {
    document.get_mut(kind.table())?.as_array_of_tables_mut()
}

fn is_about(table: &Table, id: &str) -> bool {
    table.get("id").and_then(Item::as_str) == Some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# ours\nchecklist = \"C.md\" # here\n\n[gate]\nminimum   =  95\n\n# rehearsed\n[[attestation]]\nid = \"A-1\"\nby = 'ann'\ntext = \"sha256:old\"\n\n[[waiver]]\nid = \"A-2\"\n";

    fn apply(change: &Change) -> anyhow::Result<String> {
        change.apply(FILE, Path::new("readiness.toml"))
    }

    #[test]
    fn adding_leaves_everything_else_as_it_is() {
        let change = Change::Add {
            kind: StatementKind::Attestation,
            fields: vec![
                ("id", Field::Text("B-1".to_owned())),
                ("by", Field::Text("a \"b\"\nc".to_owned())),
                ("on", Field::Day("2026-11-20".to_owned())),
                ("expires", Field::Text("90d".to_owned())),
                ("evidence", Field::Absent),
            ],
        };
        let text = apply(&change).unwrap();
        let added = "\n[[attestation]]\nid = \"B-1\"\nby = \"\"\"\na \"b\"\nc\"\"\"\non = 2026-11-20\nexpires = \"90d\"\n";
        let at = FILE.find("\n[[waiver]]").unwrap();
        assert_eq!(text, format!("{}{added}{}", &FILE[..at], &FILE[at..]));
    }

    #[test]
    fn removing_takes_all_of_the_requirement_and_nothing_else() {
        let remove = |id: &str, kinds: &[StatementKind]| {
            apply(&Change::Remove {
                kinds: kinds.to_vec(),
                id: id.to_owned(),
            })
        };
        let text = remove("A-2", &KINDS).unwrap();
        assert_eq!(text, FILE.replace("\n[[waiver]]\nid = \"A-2\"\n", ""));
        assert!(remove("A-9", &KINDS).is_err());
        assert!(remove("A-2", &[StatementKind::Attestation]).is_err());
    }

    #[test]
    fn another_text_changes_one_value() {
        let change = Change::SetText {
            id: "A-1".to_owned(),
            text: "new".to_owned(),
        };
        assert_eq!(
            apply(&change).unwrap(),
            FILE.replace("sha256:old", "sha256:new")
        );
        let change = Change::SetText {
            id: "A-1".to_owned(),
            text: "old".to_owned(),
        };
        assert!(apply(&change).is_err());
    }
}
