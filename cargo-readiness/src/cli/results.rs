//! Options of the commands that make results and turn them into documents and reports: `run`, `report`,
//! `gate`, `merge`, `import`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{BuildOptions, FormatOptions, SourceOptions};

/// `run`.
#[derive(Debug, Args)]
pub(crate) struct RunOptions {
    #[command(flatten)]
    pub(crate) build: BuildOptions,
    #[command(flatten)]
    pub(crate) formats: FormatOptions,
    /// Filters and flags for the test targets, as for `cargo test -- …`
    #[arg(last = true, value_name = "FILTERS AND FLAGS")]
    pub(crate) arguments: Vec<String>,
}

/// `report`.
#[derive(Debug, Args)]
pub(crate) struct ReportOptions {
    #[command(flatten)]
    pub(crate) source: SourceOptions,
    #[command(flatten)]
    pub(crate) formats: FormatOptions,
    /// Write here instead of in place; with formats: their file, or their folder if there are several
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Overwrite the typed status of this requirement with ours (may be repeated)
    #[arg(long, value_name = "ID")]
    pub(crate) accept: Vec<String>,
    /// Write nothing; exit with 1 and name the rows if the document is out of date
    #[arg(long, conflicts_with_all = ["output", "formats"])]
    pub(crate) check: bool,
}

/// `gate`.
#[derive(Debug, Args)]
pub(crate) struct GateOptions {
    #[command(flatten)]
    pub(crate) source: SourceOptions,
}

/// `merge`.
#[derive(Debug, Args)]
pub(crate) struct MergeOptions {
    /// Folders of runs or journals (*.jsonl), in any order
    #[arg(required = true, value_name = "FOLDER|FILE")]
    pub(crate) sources: Vec<PathBuf>,
    /// Folder of the merged run (default: readiness/merged in the target folder)
    #[arg(long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
}

/// `import`.
#[derive(Debug, Args)]
pub(crate) struct ImportOptions {
    #[command(subcommand)]
    pub(crate) tool: ImportTool,
}

/// The tools whose reports are understood.
#[derive(Debug, Subcommand)]
pub(crate) enum ImportTool {
    /// An end-of-test summary of k6, by the rules in [[import.k6]] of readiness.toml
    K6(ImportK6Options),
    /// Test results as JUnit XML (pytest, Jest, Go, nextest, …), by ids or by the items' Test cells
    Junit(ImportJunitOptions),
}

/// `import junit`.
#[derive(Debug, Args)]
pub(crate) struct ImportJunitOptions {
    /// The reports
    #[arg(required = true, value_name = "FILE.xml")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) source: SourceOptions,
}

/// `import k6`.
#[derive(Debug, Args)]
pub(crate) struct ImportK6Options {
    /// The summary: from `--summary-export`, or the data of `handleSummary` as JSON
    #[arg(value_name = "SUMMARY.json")]
    pub(crate) summary: PathBuf,
    #[command(flatten)]
    pub(crate) source: SourceOptions,
}
