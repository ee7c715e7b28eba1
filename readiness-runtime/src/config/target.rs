//! `[target]`: what the suites look at. Its keys belong to the suites, so it is kept as it stands;
//! only `kind`, `name` and `version` mean something here. The version is what the target reports of itself or
//! the pipeline deployed, as in `READINESS_VERSION=1.4.2`: a pass for one version is none for another.
//!
//! Every key may also come from the environment, as `READINESS_` and the dotted path in capitals
//! with `_` for `.`: `READINESS_BASE_URL` for `base_url`, `READINESS_LIMITS_PRO_MINUTE` for
//! `limits.pro.minute`.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::Config;
use super::reader::{Source, Table};
use super::value::{self, Value, Values};
use crate::diagnostic::{Code, Diagnostic, nearest};

/// The keys of one table that a suite reads. Submit one per table with `inventory::submit!`, so
/// that a mistyped key is named instead of ignored.
///
/// ```
/// readiness::config::ConfigSchema {
///     table: "target.identities.*",       // any name in the place of `*`
///     keys: &["tier", "api_key_env"],
/// };
/// ```
#[derive(Debug, Clone, Copy)]
pub struct ConfigSchema {
    /// Dotted path that begins with `target`; `*` stands for one key of any name.
    pub table: &'static str,
    /// The keys it may hold; `*` alone allows all.
    pub keys: &'static [&'static str],
}

inventory::collect!(ConfigSchema);

/// Environment variables with the prefix that are not keys of a target.
const RESERVED: &[&str] = &[
    "READINESS_RUN_ID",
    "READINESS_DIR",
    "READINESS_CONFIG",
    "READINESS_PROVE",
    "READINESS_SHARD",
    "READINESS_REQUIRE_SHARED",
];

/// Keys that every target may have, whatever the suites read.
const COMMON: [&str; 3] = ["kind", "name", "version"];

const PREFIX: &str = "READINESS_";

pub(super) fn read(source: &mut Source<'_>, root: &Table<'_>) -> Option<Values> {
    let table = root.table(source, "target")?;
    for key in ["kind", "name", "version"] {
        if let Some(word) = table.string(source, key)
            && let Some(entry) = table.get(key)
        {
            let kinds = ["embedded", "remote"];
            if key == "kind" && !kinds.contains(&word.as_str()) {
                let hint = "it takes \"embedded\" or \"remote\"".to_owned();
                table.wrong_value(source, entry, format!("no kind is called `{word}`"), hint);
            } else if word.trim().is_empty() {
                table.wrong_value(
                    source,
                    entry,
                    format!("the {key} is empty"),
                    "name what is looked at".to_owned(),
                );
            }
        }
    }
    let entry = root.get("target")?;
    let mut too_large = Vec::new();
    let values = value::values(entry.value.as_table()?, &mut too_large);
    for offset in too_large {
        let message = "a number in [target] is too large".to_owned();
        let hint = "numbers have 64 bits; write it as a string".to_owned();
        source.report(Code::ConfigValue, offset, message, hint);
    }
    Some(values)
}

/// Lines of all keys below `[target]`.
pub(super) fn lines(source: &Source<'_>, root: &Table<'_>) -> BTreeMap<String, usize> {
    let mut lines = BTreeMap::new();
    if let Some(table) = root.get("target").and_then(|entry| entry.value.as_table()) {
        collect_lines(source, table, "", &mut lines);
    }
    lines
}

fn collect_lines(
    source: &Source<'_>,
    table: &DeTable<'_>,
    prefix: &str,
    lines: &mut BTreeMap<String, usize>,
) {
    for (key, value) in table {
        let path = join(prefix, key.get_ref());
        lines.insert(path.clone(), source.line(key.span().start));
        if let DeValue::Table(inner) = value.get_ref() {
            collect_lines(source, inner, &path, lines);
        }
    }
}

fn join(prefix: &str, key: &str) -> String {
    if prefix.is_empty() {
        key.to_owned()
    } else {
        format!("{prefix}.{key}")
    }
}

/// The target with what the environment says instead.
///
/// A value takes the type of what it replaces; without one, `true`, `false` and whole numbers are
/// what they look like and everything else is a string. Returned beside it: the variables that
/// match no key, which are not applied.
pub fn with_overrides<'a>(
    target: Option<&Values>,
    environment: impl IntoIterator<Item = (String, String)>,
    schemas: impl IntoIterator<Item = &'a ConfigSchema>,
) -> (Values, Vec<String>) {
    let mut table = target.cloned().unwrap_or_default();
    let schemas: Vec<_> = schemas.into_iter().collect();
    let mut variables: Vec<_> = environment
        .into_iter()
        .filter(|(name, _)| name.starts_with(PREFIX) && !RESERVED.contains(&name.as_str()))
        .collect();
    variables.sort();
    let mut unmatched = Vec::new();
    for (name, value) in variables {
        let wanted = &name[PREFIX.len()..];
        let path = known_paths(&table, &schemas)
            .into_iter()
            .find(|path| path.replace(['.', '-'], "_").eq_ignore_ascii_case(wanted))
            .or_else(|| schemas.is_empty().then(|| wanted.to_lowercase()));
        match path {
            Some(path) => set(&mut table, &path, &value),
            None => unmatched.push(name),
        }
    }
    (table, unmatched)
}

/// Paths that may be set: those that are there, those of a schema, and the two that always are.
fn known_paths(table: &Values, schemas: &[&ConfigSchema]) -> Vec<String> {
    let mut paths: Vec<String> = COMMON.map(str::to_owned).to_vec();
    present_paths(table, "", &mut paths);
    for schema in schemas {
        for inside in expand(table, schema.table) {
            paths.extend(
                schema
                    .keys
                    .iter()
                    .filter(|key| **key != "*")
                    .map(|key| join(&inside, key)),
            );
        }
    }
    paths
}

fn present_paths(table: &Values, prefix: &str, paths: &mut Vec<String>) {
    for (key, value) in table {
        let path = join(prefix, key);
        match value {
            Value::Table(inner) => present_paths(inner, &path, paths),
            _ => paths.push(path),
        }
    }
}

/// The tables, relative to `[target]`, that a schema's path stands for in this target.
fn expand(target: &Values, schema: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    for segment in schema.split('.').skip(1) {
        found = found
            .into_iter()
            .flat_map(|path| {
                if segment != "*" {
                    return vec![join(&path, segment)];
                }
                let names = lookup(target, &path).and_then(Value::as_table);
                names.map_or_else(Vec::new, |names| {
                    names.keys().map(|name| join(&path, name)).collect()
                })
            })
            .collect();
    }
    found
}

fn lookup<'t>(table: &'t Values, path: &str) -> Option<&'t Value> {
    let (first, rest) = path
        .split_once('.')
        .map_or((path, None), |(a, b)| (a, Some(b)));
    let value = table.get(first)?;
    match rest {
        Some(rest) => lookup(value.as_table()?, rest),
        None => Some(value),
    }
}

fn set(table: &mut Values, path: &str, text: &str) {
    let Some((first, rest)) = path.split_once('.') else {
        let value = typed(table.get(path), text);
        table.insert(path.to_owned(), value);
        return;
    };
    let inner = table
        .entry(first.to_owned())
        .or_insert_with(|| Value::Table(Values::new()));
    if let Value::Table(inner) = inner {
        set(inner, rest, text);
    }
}

fn typed(old: Option<&Value>, text: &str) -> Value {
    let whole = text.parse().map(Value::Integer).ok();
    let truth = text.parse().map(Value::Boolean).ok();
    let typed = match old {
        Some(Value::Text(_)) => None,
        Some(Value::Float(_)) => text.parse().map(Value::Float).ok(),
        Some(Value::Array(_)) => Some(Value::Array(
            text.split(',')
                .map(|part| Value::Text(part.trim().to_owned()))
                .collect(),
        )),
        _ => truth.or(whole),
    };
    typed.unwrap_or_else(|| Value::Text(text.to_owned()))
}

pub(super) fn unknown_keys(config: &Config, schemas: &[&ConfigSchema]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if let (Some(target), false) = (&config.target, schemas.is_empty()) {
        unknown_below(config, schemas, target, "target", &mut found);
    }
    found
}

fn unknown_below(
    config: &Config,
    schemas: &[&ConfigSchema],
    table: &Values,
    path: &str,
    found: &mut Vec<Diagnostic>,
) {
    let mut known: Vec<&str> = Vec::new();
    for schema in schemas.iter().filter(|schema| matches(schema.table, path)) {
        known.extend(schema.keys);
    }
    // A key that leads to a table which some suite describes is known as well.
    for schema in schemas {
        known.extend(next_segment(schema.table, path));
    }
    if path == "target" {
        known.extend(COMMON);
    }
    for (key, value) in table {
        let dotted = join(path, key);
        if !known.contains(&"*") && !known.contains(&key.as_str()) {
            let hint = match nearest(key, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("[{path}] takes {}", known.join(", ")),
            };
            let message = format!("unknown key `{key}` in [{path}]");
            let mut diagnostic =
                Diagnostic::new(Code::ConfigUnknownKey, config.name(), message).hint(hint);
            diagnostic.line = config.target_line(&dotted["target.".len()..]);
            found.push(diagnostic);
        } else if let Value::Table(inner) = value
            && schemas.iter().any(|schema| reaches(schema.table, &dotted))
        {
            unknown_below(config, schemas, inner, &dotted, found);
        }
    }
}

fn matches(pattern: &str, path: &str) -> bool {
    pattern.split('.').count() == path.split('.').count() && reaches(pattern, path)
}

/// Whether `pattern` describes `path` or something below it.
fn reaches(pattern: &str, path: &str) -> bool {
    let mut pattern = pattern.split('.');
    path.split('.').all(|segment| {
        pattern
            .next()
            .is_some_and(|wanted| wanted == "*" || wanted == segment)
    })
}

fn next_segment<'p>(pattern: &'p str, path: &str) -> Option<&'p str> {
    reaches(pattern, path)
        .then(|| pattern.split('.').nth(path.split('.').count()))
        .flatten()
}
