//! Options of the commands for shells and other tools: `completions`, `man`, `nextest-config`.

use std::path::PathBuf;

use clap::Args;

use super::BuildOptions;

/// `completions`.
#[derive(Debug, Args)]
pub(crate) struct CompletionsOptions {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

/// `man`.
#[derive(Debug, Args)]
pub(crate) struct ManOptions {
    /// Write a page for each subcommand too, into this folder
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
}

/// `nextest-config`.
#[derive(Debug, Args)]
pub(crate) struct NextestConfigOptions {
    #[command(flatten)]
    pub(crate) build: BuildOptions,
    /// Nextest profile to write the overrides for
    #[arg(long, default_value = "default", value_name = "NAME")]
    pub(crate) nextest_profile: String,
    /// Write here instead of to stdout
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}
