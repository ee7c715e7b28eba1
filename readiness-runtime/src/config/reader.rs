//! Reading one TOML table with positions: every misuse becomes a diagnostic with file and line,
//! and reading goes on, so that one look at a file names everything that is wrong with it.

use std::path::Path;

use readiness_checklist::Percent;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::length::parse_days;
use crate::diagnostic::{Code, Diagnostic, nearest};

/// The file that is being read, and what was found wrong in it so far.
pub(super) struct Source<'a> {
    path: &'a Path,
    text: &'a str,
    pub(super) found: Vec<Diagnostic>,
}

impl<'a> Source<'a> {
    pub(super) fn new(path: &'a Path, text: &'a str) -> Self {
        Self {
            path,
            text,
            found: Vec::new(),
        }
    }

    /// Line of a byte offset, 1-based.
    pub(super) fn line(&self, offset: usize) -> usize {
        let before = self.text.get(..offset).unwrap_or(self.text);
        1 + before.matches('\n').count()
    }

    pub(super) fn report(&mut self, code: Code, offset: usize, message: String, hint: String) {
        let line = self.line(offset);
        self.found.push(
            Diagnostic::new(code, self.path, message)
                .at(line)
                .hint(hint),
        );
    }
}

/// A value with the place of its key.
pub(super) struct Entry<'t> {
    pub(super) key: &'t str,
    pub(super) offset: usize,
    pub(super) value: &'t DeValue<'t>,
}

/// A table of the file, with its name for messages: `[gate]`.
pub(super) struct Table<'t> {
    pub(super) name: String,
    #[cfg_attr(
        not(feature = "assess"),
        expect(
            dead_code,
            reason = "a whole table is at fault in the command's part alone"
        )
    )]
    pub(super) offset: usize,
    entries: Vec<Entry<'t>>,
}

impl<'t> Table<'t> {
    pub(super) fn new(name: impl Into<String>, offset: usize, table: &'t DeTable<'t>) -> Self {
        let entries = table
            .iter()
            .map(|(key, value)| Entry {
                key: key.get_ref(),
                offset: key.span().start,
                value: value.get_ref(),
            })
            .collect();
        Self {
            name: name.into(),
            offset,
            entries,
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Entry<'t>> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    pub(super) fn entries(&self) -> &[Entry<'t>] {
        &self.entries
    }

    /// Reports every key that is not among `known`.
    pub(super) fn only(&self, source: &mut Source<'_>, known: &[&str]) {
        for entry in &self.entries {
            if !known.contains(&entry.key) {
                let hint = match nearest(entry.key, known.iter().copied()) {
                    Some(key) => format!("did you mean `{key}`?"),
                    None => format!("{} takes {}", self.name, known.join(", ")),
                };
                let message = format!("unknown key `{}` in {}", entry.key, self.name);
                source.report(Code::ConfigUnknownKey, entry.offset, message, hint);
            }
        }
    }

    pub(super) fn string(&self, source: &mut Source<'_>, key: &str) -> Option<String> {
        let entry = self.get(key)?;
        let text = entry.value.as_str().map(str::to_owned);
        if text.is_none() {
            self.wrong_type(source, entry, "a string");
        }
        text
    }

    pub(super) fn boolean(&self, source: &mut Source<'_>, key: &str) -> Option<bool> {
        let entry = self.get(key)?;
        let value = entry.value.as_bool();
        if value.is_none() {
            self.wrong_type(source, entry, "true or false");
        }
        value
    }

    pub(super) fn whole(&self, source: &mut Source<'_>, key: &str) -> Option<u64> {
        let entry = self.get(key)?;
        let value = entry
            .value
            .as_integer()
            .and_then(|i| u64::from_str_radix(i.as_str(), i.radix()).ok());
        if value.is_none() {
            self.wrong_type(source, entry, "a whole number that is not negative");
        }
        value
    }

    /// A percentage from 0 to 100 with at most two decimals, exactly as typed.
    pub(super) fn percent(&self, source: &mut Source<'_>, key: &str) -> Option<Percent> {
        let entry = self.get(key)?;
        let text = match entry.value {
            DeValue::Integer(number) if number.radix() == 10 => number.as_str(),
            DeValue::Float(number) => number.as_str(),
            _ => {
                self.wrong_type(source, entry, "a number of percent, for example 95");
                return None;
            }
        };
        let parsed = hundredths(text);
        if parsed.is_none() {
            let message = format!("{text} is no percentage");
            let hint = "from 0 to 100, with at most two decimals".to_owned();
            self.wrong_value(source, entry, message, hint);
        }
        parsed.map(|hundredths| Percent { hundredths })
    }

    /// A number of days, `90d`.
    pub(super) fn days(&self, source: &mut Source<'_>, key: &str) -> Option<u32> {
        let text = self.string(source, key)?;
        let days = parse_days(&text);
        if let (None, Some(entry)) = (days, self.get(key)) {
            let message = format!("`{text}` is no number of days");
            self.wrong_value(source, entry, message, "write \"90d\"".to_owned());
        }
        days
    }

    pub(super) fn strings(&self, source: &mut Source<'_>, key: &str) -> Option<Vec<String>> {
        let entry = self.get(key)?;
        let list: Option<Vec<String>> = entry.value.as_array().and_then(|array| {
            array
                .iter()
                .map(|value: &Spanned<DeValue<'_>>| value.get_ref().as_str().map(str::to_owned))
                .collect()
        });
        if list.is_none() {
            self.wrong_type(source, entry, "a list of strings");
        }
        list
    }

    /// A table inside this one, `[name.key]`.
    pub(super) fn table(&self, source: &mut Source<'_>, key: &str) -> Option<Table<'t>> {
        let entry = self.get(key)?;
        if let Some(table) = entry.value.as_table() {
            return Some(Table::new(format!("[{key}]"), entry.offset, table));
        }
        self.wrong_type(source, entry, &format!("a table, `[{key}]`"));
        None
    }

    pub(super) fn wrong_type(&self, source: &mut Source<'_>, entry: &Entry<'_>, wanted: &str) {
        let message = format!(
            "`{}` in {} is {} {}",
            entry.key,
            self.name,
            article(entry.value.type_str()),
            entry.value.type_str()
        );
        let hint = format!("it takes {wanted}");
        source.report(Code::ConfigWrongType, entry.offset, message, hint);
    }

    pub(super) fn wrong_value(
        &self,
        source: &mut Source<'_>,
        entry: &Entry<'_>,
        message: impl std::fmt::Display,
        hint: String,
    ) {
        let message = format!("`{}` in {}: {message}", entry.key, self.name);
        source.report(Code::ConfigValue, entry.offset, message, hint);
    }
}

fn article(word: &str) -> &'static str {
    if word.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    }
}

fn hundredths(text: &str) -> Option<u32> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 3 || part.len() > 2 || !digits(whole) || !digits(part) {
        return None;
    }
    let value = whole.parse::<u32>().ok()? * 100 + format!("{part:0<2}").parse::<u32>().ok()?;
    (value <= 10_000).then_some(value)
}
