//! Options of the commands for what people state and sign.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{PlaceOptions, SourceOptions};

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

/// `expiring`.
#[derive(Debug, Args)]
pub(crate) struct ExpiringOptions {
    /// How far to look ahead, in days
    #[arg(long, value_name = "14d", default_value = "14d")]
    pub(crate) within: String,
    #[command(flatten)]
    pub(crate) source: SourceOptions,
}
