//! What can be typed. Meaning is given to it in [`crate::commands`].

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::formats::Format;

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

impl Command {
    /// Whether what it prints is a summary of what it did, and not what was asked for.
    pub(crate) fn ends_in_a_summary(&self) -> bool {
        matches!(
            self,
            Self::Run(_) | Self::Report(_) | Self::Gate(_) | Self::Merge(_) | Self::Import(_)
        )
    }
}

/// Which packages are built, and how.
#[derive(Debug, Clone, Default, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one field per flag of cargo's command line"
)]
pub(crate) struct BuildOptions {
    /// Package with checks (may be repeated; default: [workspace.metadata.readiness] packages)
    #[arg(short, long = "package", value_name = "NAME")]
    pub(crate) packages: Vec<String>,
    /// Features to build with
    #[arg(short = 'F', long, value_name = "FEATURES")]
    pub(crate) features: Vec<String>,
    /// Build with all features
    #[arg(long)]
    pub(crate) all_features: bool,
    /// Build without default features
    #[arg(long)]
    pub(crate) no_default_features: bool,
    /// Build with this profile
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: Option<String>,
    /// Cargo.lock must not change
    #[arg(long)]
    pub(crate) locked: bool,
    /// Do not use the network for building
    #[arg(long)]
    pub(crate) offline: bool,
}

impl BuildOptions {
    /// The same for cargo.
    pub(crate) fn cargo_flags(&self) -> Vec<String> {
        let mut flags = Vec::new();
        for features in &self.features {
            flags.extend(["--features".to_owned(), features.clone()]);
        }
        if let Some(profile) = &self.profile {
            flags.extend(["--profile".to_owned(), profile.clone()]);
        }
        for (set, flag) in [
            (self.all_features, "--all-features"),
            (self.no_default_features, "--no-default-features"),
            (self.locked, "--locked"),
            (self.offline, "--offline"),
        ] {
            if set {
                flags.push(flag.to_owned());
            }
        }
        flags
    }
}

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

/// Which results are looked at, for which document.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct SourceOptions {
    /// The document (default: those that the run is about)
    #[arg(long, value_name = "FILE")]
    pub(crate) checklist: Option<PathBuf>,
    /// The configuration (default: the document's readiness.toml)
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// A run's id, or a folder with journals (default: the latest run)
    #[arg(long, value_name = "ID|DIR")]
    pub(crate) run: Option<String>,
}

/// Reports beside the document.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct FormatOptions {
    /// Write a report in this format; FORMAT=FILE names its file
    ///
    /// html, json, junit, sarif, github, badge, badge-json or csv; may be repeated, or several with
    /// commas. A single one without a file goes to stdout.
    #[arg(long = "format", value_name = "FORMAT[=FILE]", value_delimiter = ',', value_parser = Requested::parse)]
    pub(crate) formats: Vec<Requested>,
}

/// One report that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Requested {
    /// As what.
    pub(crate) format: Format,
    /// Where to.
    pub(crate) file: Option<PathBuf>,
}

impl Requested {
    /// `json` or `json=report.json`.
    fn parse(text: &str) -> Result<Self, String> {
        let (word, file) = match text.split_once('=') {
            Some((_, "")) => return Err("a file is missing after `=`".to_owned()),
            Some((word, file)) => (word, Some(PathBuf::from(file))),
            None => (text, None),
        };
        let formats = Format::value_variants();
        let format = formats.iter().find(|format| format.word() == word);
        let format = format.copied().ok_or_else(|| {
            let words: Vec<_> = formats.iter().map(|format| format.word()).collect();
            format!("`{word}` is no format; there are {}", words.join(", "))
        })?;
        Ok(Self { format, file })
    }
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

/// How a comparison is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object.
    Json,
}

/// `diff`.
#[derive(Debug, Args)]
pub(crate) struct DiffOptions {
    /// A document, REV:PATH, a ledger or a run (default: the document as committed)
    pub(crate) old: Option<String>,
    /// The same for the other side (default: the document as it stands, or the latest run)
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

/// Where statements are kept, and whether to ask.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct PlaceOptions {
    #[command(flatten)]
    pub(crate) source: SourceOptions,
    /// Write without asking
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Show the effect and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `attest`.
#[derive(Debug, Args)]
pub(crate) struct AttestOptions {
    /// The requirement
    pub(crate) id: String,
    /// Who attests
    #[arg(long, value_name = "WHO")]
    pub(crate) by: Option<String>,
    /// The last day it holds: YYYY-MM-DD, or a number of days as in 90d
    #[arg(long, value_name = "DAY|90d")]
    pub(crate) expires: Option<String>,
    /// Where the evidence is
    #[arg(long, value_name = "URL|PATH")]
    pub(crate) evidence: Option<String>,
    #[command(flatten)]
    pub(crate) place: PlaceOptions,
}

/// `waive`.
#[derive(Debug, Args)]
pub(crate) struct WaiveOptions {
    /// The requirement
    pub(crate) id: String,
    /// Who answers for it
    #[arg(long, value_name = "WHO")]
    pub(crate) owner: Option<String>,
    /// Why it may be unmet
    #[arg(long, value_name = "WHY")]
    pub(crate) reason: Option<String>,
    /// The last day it holds: YYYY-MM-DD, or a number of days as in 90d
    #[arg(long, value_name = "DAY|90d")]
    pub(crate) expires: Option<String>,
    #[command(flatten)]
    pub(crate) place: PlaceOptions,
}

/// `exclude`.
#[derive(Debug, Args)]
pub(crate) struct ExcludeOptions {
    /// The requirement
    pub(crate) id: String,
    /// Why it does not apply
    #[arg(long, value_name = "WHY")]
    pub(crate) reason: Option<String>,
    /// Who says so
    #[arg(long, value_name = "WHO")]
    pub(crate) by: Option<String>,
    #[command(flatten)]
    pub(crate) place: PlaceOptions,
}

/// A kind of statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// `[[attestation]]`
    Attestation,
    /// `[[waiver]]`
    Waiver,
    /// `[[not-applicable]]`
    NotApplicable,
}

/// `revoke`.
#[derive(Debug, Args)]
pub(crate) struct RevokeOptions {
    /// The requirement
    pub(crate) id: String,
    /// Only statements of this kind
    #[arg(long, value_enum)]
    pub(crate) kind: Option<Kind>,
    #[command(flatten)]
    pub(crate) place: PlaceOptions,
}

/// `ack`.
#[derive(Debug, Args)]
pub(crate) struct AckOptions {
    /// The requirement; one at a time, so that each text is read
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) place: PlaceOptions,
}

/// `sign`.
#[derive(Debug, Args)]
pub(crate) struct SignOptions {
    /// The role, as its sign-off box has it
    #[arg(value_name = "ROLE")]
    pub(crate) role: String,
    /// The key: a private key's file, or a public one's whose private half an agent holds
    /// (default: the one git signs with, else ~/.ssh/id_*)
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// Who signs (default: whom the allowed signers know the key as, else git's user.email)
    #[arg(long = "as", value_name = "WHO")]
    pub(crate) signer: Option<String>,
    /// Whose keys count (default: the file `allowed_signers` beside the configuration)
    #[arg(long, value_name = "FILE")]
    pub(crate) allowed_signers: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) place: PlaceOptions,
}

/// `verify`.
#[derive(Debug, Args)]
pub(crate) struct VerifyOptions {
    /// Only these roles (default: those that the gate asks for, else all)
    #[arg(value_name = "ROLE")]
    pub(crate) roles: Vec<String>,
    /// Whose keys count (default: the file `allowed_signers` beside the configuration)
    #[arg(long, value_name = "FILE")]
    pub(crate) allowed_signers: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) source: SourceOptions,
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

/// `expiring`.
#[derive(Debug, Args)]
pub(crate) struct ExpiringOptions {
    /// How far to look ahead, in days
    #[arg(long, value_name = "14d", default_value = "14d")]
    pub(crate) within: String,
    #[command(flatten)]
    pub(crate) source: SourceOptions,
}
