//! What several commands take: how packages are built, which results are looked at, what is written.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::formats::Format;

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
