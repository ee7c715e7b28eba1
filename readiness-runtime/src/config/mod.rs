//! `readiness.toml`, beside the checklist: which document, what is looked at, what the gate asks,
//! and what people state.
//!
//! [`Config::load`] reads the whole file and reports everything that is wrong with it at once, with
//! file and line. What needs a document or a day to judge (unknown ids, expired statements) is left
//! to the assessment; what needs a suite to judge (the keys of `[target]`) to
//! [`Config::check_target`], which a harness calls because the suites are linked into it. Gate, imports,
//! signers and statements are `rules`, which only the command reads.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use readiness_checklist::Percent;
use toml::de::DeTable;

use crate::diagnostic::{Code, Diagnostic};

mod length;
mod reader;
#[cfg(feature = "assess")]
mod rules;
pub mod target;
pub(crate) mod value;

pub use length::{parse_days, parse_duration};
#[cfg(feature = "assess")]
pub use rules::{
    Deny, GateConfig, PartRule, Rules, SignOffConfig, Statement, StatementKind, date, import,
};
pub use target::ConfigSchema;
pub use value::{Value, Values};

use reader::{Source, Table};

/// What is wrong with a configuration file.
pub type ConfigError = Diagnostic;

/// The name of the configuration file.
pub const FILE_NAME: &str = "readiness.toml";

/// No configuration of people's making is larger; a larger file is a mistake.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// The configuration of one checklist.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Config {
    /// The file it was read from; none when everything is default.
    pub path: Option<PathBuf>,
    /// The checklist, relative to that file's folder; none when not configured.
    pub checklist: Option<PathBuf>,
    /// Whether Status bullets may be written below boxes; `true` unless configured.
    pub status_bullets: Option<bool>,
    /// `[target]` as it stands, for the suites to read; see [`target`].
    pub target: Option<Values>,
    /// Derived id to id, for a document that must not carry markers.
    pub ids: BTreeMap<String, String>,
    /// How passes are proven.
    pub prove: ProveConfig,
    /// How trials run.
    pub run: RunConfig,
    /// What the command judges a run by.
    #[cfg(feature = "assess")]
    pub rules: Rules,
    /// Lines of the keys below `[target]`, by dotted path.
    target_lines: BTreeMap<String, usize>,
}

/// `[prove]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProveConfig {
    /// The share of tried alterations that must be noticed over the run for the gate to be met.
    pub minimum: Option<Percent>,
    /// The most alterations tried on one pass.
    pub budget: Option<u64>,
    /// Picks which alterations are tried when there are more than the budget.
    pub seed: Option<u64>,
    /// Names of environment variables whose values are secrets.
    pub redact: Vec<String>,
}

/// `[run]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunConfig {
    /// Limit of one attempt of a trial that declares none.
    pub timeout: Option<Duration>,
    /// Trials at once.
    pub threads: Option<usize>,
    /// How old a pass may be before it is stale, in days.
    pub max_age: Option<u32>,
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the file.
    pub fn load(path: &Path) -> Result<Self, Vec<ConfigError>> {
        let unreadable = |why: String| {
            vec![
                Diagnostic::new(Code::ConfigUnreadable, path, why)
                    .hint("the configuration is a UTF-8 text file"),
            ]
        };
        let length = std::fs::metadata(path).map_err(|error| unreadable(error.to_string()))?;
        if length.len() > MAX_BYTES {
            return Err(unreadable(format!(
                "the file is larger than {MAX_BYTES} bytes"
            )));
        }
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
        Self::parse(path, &text)
    }

    /// Reads the text of a file; `path` is for messages and for what is relative to it.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn parse(path: &Path, text: &str) -> Result<Self, Vec<ConfigError>> {
        let mut source = Source::new(path, text);
        let root = match DeTable::parse(text) {
            Ok(root) => root,
            Err(error) => {
                let offset = error.span().map_or(0, |span| span.start);
                // A day that does not exist is no TOML either; it is named as what it is.
                let (code, hint) = if error.message().contains("invalid date") {
                    (Code::DateInvalid, "write YYYY-MM-DD; days are in UTC")
                } else {
                    (Code::ConfigSyntax, "")
                };
                source.report(code, offset, error.message().to_owned(), hint.to_owned());
                return Err(source.found);
            }
        };
        let root = Table::new("the file", 0, root.get_ref());
        root.only(&mut source, TOP);
        let config = Self {
            path: Some(path.to_path_buf()),
            checklist: root.string(&mut source, "checklist").map(PathBuf::from),
            status_bullets: root.boolean(&mut source, "status_bullets"),
            target: target::read(&mut source, &root),
            ids: read_ids(&mut source, &root),
            prove: read_prove(&mut source, &root),
            run: read_run(&mut source, &root),
            #[cfg(feature = "assess")]
            rules: rules::read(&mut source, &root),
            target_lines: target::lines(&source, &root),
        };
        if source.found.is_empty() {
            Ok(config)
        } else {
            source.found.sort_by_key(|d| d.line);
            Err(source.found)
        }
    }

    /// How the document is read.
    pub fn checklist_options(&self) -> readiness_checklist::Options {
        readiness_checklist::Options {
            ids: self.ids.clone(),
            status_bullets: self.status_bullets.unwrap_or(true),
        }
    }

    /// The file, for messages.
    pub fn name(&self) -> &Path {
        self.path.as_deref().unwrap_or(Path::new(FILE_NAME))
    }

    /// Line of a key below `[target]`, by its dotted path.
    pub fn target_line(&self, key: &str) -> Option<usize> {
        self.target_lines.get(key).copied()
    }

    /// The keys below `[target]` that no linked suite reads, each with the nearest that one does.
    /// Empty while no suite says which keys it reads.
    pub fn check_target<'a>(
        &self,
        schemas: impl IntoIterator<Item = &'a ConfigSchema>,
    ) -> Vec<ConfigError> {
        let schemas: Vec<_> = schemas.into_iter().collect();
        target::unknown_keys(self, &schemas)
    }
}

/// All of them, also those that are read with the feature `assess` alone.
const TOP: &[&str] = &[
    "checklist",
    "status_bullets",
    "gate",
    "target",
    "ids",
    "prove",
    "run",
    "import",
    "sign-off",
    "statements",
    "attestation",
    "waiver",
    "not-applicable",
];

fn read_ids(source: &mut Source<'_>, root: &Table<'_>) -> BTreeMap<String, String> {
    let Some(table) = root.table(source, "ids") else {
        return BTreeMap::new();
    };
    let mut ids = BTreeMap::new();
    for entry in table.entries() {
        match entry.value.as_str() {
            Some(id) if readiness_checklist::valid_id(id) => {
                ids.insert(entry.key.to_owned(), id.to_owned());
            }
            Some(id) => {
                let message = format!("`{id}` cannot be an id");
                let hint = "letters, digits and . _ / -, at most 128, beginning with a letter or digit, without `--`";
                table.wrong_value(source, entry, message, hint.to_owned());
            }
            None => table.wrong_type(source, entry, "the id, a string"),
        }
    }
    ids
}

fn read_prove(source: &mut Source<'_>, root: &Table<'_>) -> ProveConfig {
    let Some(table) = root.table(source, "prove") else {
        return ProveConfig::default();
    };
    table.only(source, &["minimum", "budget", "seed", "redact"]);
    ProveConfig {
        minimum: table.percent(source, "minimum"),
        budget: table.whole(source, "budget"),
        seed: table.whole(source, "seed"),
        redact: table.strings(source, "redact").unwrap_or_default(),
    }
}

fn read_run(source: &mut Source<'_>, root: &Table<'_>) -> RunConfig {
    let Some(table) = root.table(source, "run") else {
        return RunConfig::default();
    };
    table.only(source, &["timeout", "threads", "max_age"]);
    let mut run = RunConfig {
        max_age: table.days(source, "max_age"),
        ..RunConfig::default()
    };
    if let Some(text) = table.string(source, "timeout") {
        run.timeout = parse_duration(&text);
        if let (None, Some(entry)) = (run.timeout, table.get("timeout")) {
            let message = format!("`{text}` is no length of time");
            table.wrong_value(
                source,
                entry,
                message,
                "write \"500ms\", \"30s\", \"5m\" or \"2h\"".to_owned(),
            );
        }
    }
    if let (Some(threads), Some(entry)) = (table.whole(source, "threads"), table.get("threads")) {
        run.threads = usize::try_from(threads)
            .ok()
            .filter(|n| (1..=1024).contains(n));
        if run.threads.is_none() {
            let message = format!("{threads} is no number of threads");
            table.wrong_value(source, entry, message, "from 1 to 1024".to_owned());
        }
    }
    run
}

#[cfg(test)]
mod tests;
