//! Options of the commands that only look: `check`, `diff`, `list`, `explain`, `prove`, `history`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{BuildOptions, SourceOptions};

/// How findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MessageFormat {
    /// With the line they are about, as rustc does.
    Human,
    /// One line each, and a hint.
    Short,
    /// One JSON object a line, on stdout.
    Json,
}

/// `check`.
#[derive(Debug, Args)]
pub(crate) struct CheckOptions {
    #[command(flatten)]
    pub(crate) build: BuildOptions,
    /// Look at this document alone, without building any checks
    #[arg(long, value_name = "FILE")]
    pub(crate) checklist: Option<PathBuf>,
    /// Warnings count as errors
    #[arg(long)]
    pub(crate) strict: bool,
    /// How findings are printed (default: human on a terminal, else short)
    #[arg(long, alias = "message-format", value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<MessageFormat>,
}

/// How a comparison is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, one for each document.
    Json,
}

/// `diff`.
#[derive(Debug, Args)]
pub(crate) struct DiffOptions {
    /// A document, REV:PATH, a revision, a ledger or a run (default: the last commit)
    pub(crate) old: Option<String>,
    /// The same for the other side (default: the documents as they stand, or the latest run)
    pub(crate) new: Option<String>,
    /// How it is printed
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: DiffFormat,
}

/// `list`.
#[derive(Debug, Args)]
pub(crate) struct ListOptions {
    #[command(flatten)]
    pub(crate) build: BuildOptions,
    /// Only items whose id or requirement contains one of these
    #[arg(value_name = "TEXT")]
    pub(crate) filters: Vec<String>,
    /// Only items of this status (pass, warn, fail, skip, claimed) or outcome (may be repeated)
    #[arg(long, value_name = "STATUS", value_delimiter = ',', value_parser = crate::commands::list::status)]
    pub(crate) status: Vec<String>,
    /// Only items with this behind them: proven, excused, imported, attested, none (may be repeated)
    #[arg(long, value_name = "STRENGTH", value_delimiter = ',')]
    pub(crate) strength: Vec<String>,
    /// Only items of sections whose headings contain this (may be repeated)
    #[arg(long, value_name = "TEXT")]
    pub(crate) section: Vec<String>,
    /// List this document alone, without building any checks
    #[arg(long, value_name = "FILE")]
    pub(crate) checklist: Option<PathBuf>,
    /// A run's id, or a folder with journals (default: the latest run)
    #[arg(long, value_name = "ID|DIR")]
    pub(crate) run: Option<String>,
    /// How it is printed
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: ListFormat,
}

/// How a list is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object.
    Json,
}

/// `explain`.
#[derive(Debug, Args)]
pub(crate) struct ExplainOptions {
    /// The requirement
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) source: SourceOptions,
}

/// `prove`.
#[derive(Debug, Args)]
pub(crate) struct ProveOptions {
    /// Only checks whose trial names contain one of these
    #[arg(value_name = "FILTER")]
    pub(crate) filters: Vec<String>,
    /// Every alteration of one requirement's checks, beside the original observation
    #[arg(long, value_name = "ID", conflicts_with = "filters")]
    pub(crate) explain: Option<String>,
    /// A run's id, or a folder with journals (default: the latest run)
    #[arg(long, value_name = "ID|DIR")]
    pub(crate) run: Option<String>,
}

/// `history`.
#[derive(Debug, Args)]
pub(crate) struct HistoryOptions {
    /// How many runs are shown, the latest last
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) last: usize,
    /// The runs in which this requirement came to something else
    #[arg(long, value_name = "ID")]
    pub(crate) id: Option<String>,
    #[command(flatten)]
    pub(crate) source: SourceOptions,
}
