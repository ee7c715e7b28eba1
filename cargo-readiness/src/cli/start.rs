//! Options of the commands that set something up: `init`, `new`, `adopt`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Whose CI gets a workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Ci {
    /// `.github/workflows/readiness.yml`
    Github,
    /// Nobody's
    None,
}

/// `init`.
#[derive(Debug, Args)]
pub(crate) struct InitOptions {
    /// Package that gets the checks (default: the one we stand in, or the only one)
    #[arg(short, long, value_name = "NAME")]
    pub(crate) package: Option<String>,
    /// Your checklist (default: one that is found by its name, else a starter, CHECKLIST.md)
    #[arg(long, value_name = "FILE")]
    pub(crate) checklist: Option<PathBuf>,
    /// Whose CI gets a workflow
    #[arg(long, value_enum, default_value = "github", value_name = "CI")]
    pub(crate) ci: Ci,
    /// Write without asking
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Show the changes and write nothing
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,
}

/// `new`.
#[derive(Debug, Args)]
pub(crate) struct NewOptions {
    /// The requirement
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// Package whose checks it joins (default: the one whose document has the id)
    #[arg(short, long, value_name = "NAME")]
    pub(crate) package: Option<String>,
    /// Append to this file (default: the main file of the package's readiness target)
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Even if the requirement has a check already
    #[arg(long)]
    pub(crate) another: bool,
}

/// `adopt`.
#[derive(Debug, Args)]
pub(crate) struct AdoptOptions {
    /// The document (default: those of the workspace)
    #[arg(long, value_name = "FILE")]
    pub(crate) checklist: Option<PathBuf>,
    /// The configuration (default: the document's readiness.toml)
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The id for the item on a line, where the derived one will not do (may be repeated)
    #[arg(long = "id", value_name = "LINE=ID")]
    pub(crate) ids: Vec<String>,
    /// Write what was shown
    #[arg(short, long)]
    pub(crate) yes: bool,
}
