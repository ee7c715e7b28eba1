//! What can be typed: one table from which the help, the completions and the man page come. Meaning is
//! given to it in [`crate::commands`].

mod look;
mod results;
mod shared;
mod start;
mod statements;
mod tools;

use clap::{Parser, Subcommand};

pub(crate) use look::{
    CheckOptions, DiffFormat, DiffOptions, ExplainOptions, HistoryOptions, ListFormat, ListOptions,
    MessageFormat, ProveOptions,
};
pub(crate) use results::{
    GateOptions, ImportJunitOptions, ImportK6Options, ImportOptions, ImportTool, MergeOptions,
    ReportOptions, RunOptions,
};
pub(crate) use shared::{BuildOptions, FormatOptions, PlaceOptions, Requested, SourceOptions};
pub(crate) use start::{AdoptOptions, Ci, InitOptions, NewOptions};
pub(crate) use statements::{
    AckOptions, AttestOptions, ExcludeOptions, ExpiringOptions, Kind, RevokeOptions, SignOptions,
    VerifyOptions, WaiveOptions,
};
pub(crate) use tools::{CompletionsOptions, ManOptions, NextestConfigOptions};

/// The command line.
#[derive(Debug, Parser)]
#[command(
    name = "cargo-readiness",
    bin_name = "cargo readiness",
    version,
    about = "Your production checklist is a program: run it, report it, gate on it.",
    after_help = "Exit codes: 0 met; 1 the gate is not met; 2 usage, configuration or document error; \
                  101 a check failed on a demonstration."
)]
pub(crate) struct Cli {
    /// Print errors alone: no progress, no summary
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Set a cargo workspace up: checklist, test target, first check, CI
    Init(InitOptions),
    /// Write the skeleton of a check for a requirement
    New(NewOptions),
    /// Build and run the checks, write the document, decide
    Run(RunOptions),
    /// Turn the journals of a run into the document
    Report(ReportOptions),
    /// Decide on the results there are, rule by rule; writes nothing
    Gate(GateOptions),
    /// Compare documents with the registered checks
    Check(CheckOptions),
    /// Write ids to a document that has none; shows what would change first
    Adopt(AdoptOptions),
    /// What changed between two revisions of a document, or two runs
    Diff(DiffOptions),
    /// List items and the checks that answer to them
    List(ListOptions),
    /// Everything that is known about one requirement
    Explain(ExplainOptions),
    /// Which alterations of what it saw each passing check noticed
    Prove(ProveOptions),
    /// Join the journals of several machines into one run
    Merge(MergeOptions),
    /// Turn the report of another tool into results of a run
    Import(ImportOptions),
    /// Print a script that completes this command in a shell
    Completions(CompletionsOptions),
    /// Print the manual page
    Man(ManOptions),
    /// Print nextest's configuration for the groups and phases of the checks
    NextestConfig(NextestConfigOptions),
    /// State that a requirement is met, on your word, until a day
    Attest(AttestOptions),
    /// State that a requirement may be unmet for now, until a day
    Waive(WaiveOptions),
    /// State that a requirement does not apply
    Exclude(ExcludeOptions),
    /// Take back what was stated about a requirement
    Revoke(RevokeOptions),
    /// Say that what was stated still holds for a requirement's changed text
    Ack(AckOptions),
    /// Sign off, with an SSH key, what the files say now
    Sign(SignOptions),
    /// Say who signed off what the files say now; exit with 1 if somebody who has to did not
    Verify(VerifyOptions),
    /// How the score went from run to run, and what moved
    History(HistoryOptions),
    /// List statements that end soon; exit with 1 if there are any
    Expiring(ExpiringOptions),
}

impl Command {
    /// Whether what it prints is a summary of what it did, and not what was asked for.
    pub(crate) fn ends_in_a_summary(&self) -> bool {
        matches!(
            self,
            Self::Run(_) | Self::Report(_) | Self::Gate(_) | Self::Merge(_) | Self::Import(_)
        )
    }
}
