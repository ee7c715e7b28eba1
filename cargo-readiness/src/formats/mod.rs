//! The report formats. Each is a pure function from [`model::Report`] to bytes; [`view()`] makes the
//! model from an assessment. The same assessment gives the same bytes, in every format, always:
//! nothing here looks at a clock, the environment or the order of a hash map.
//!
//! | format | module | for |
//! |---|---|---|
//! | `json` | [`json`] | programs; schema in `schemas/` |
//! | `html` | [`html`] | people: one file, no network |
//! | `junit` | [`junit`] | CI |
//! | `sarif` | [`sarif`] | code scanning |
//! | `github` | [`github`] | the summary of a step; its annotations go to stdout |
//! | `badge`, `badge-json` | [`badge`] | a README |
//! | `csv` | [`csv`] | spreadsheets |

mod badge;
mod csv;
pub(crate) mod escape;
pub(crate) mod github;
mod html;
mod json;
mod junit;
mod mask;
pub(crate) mod model;
mod sarif;
mod trend;
mod view;

pub(crate) use view::view;

use clap::ValueEnum;
use model::Report;

/// What a report can be written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Format {
    /// One page for people: filter, search, evidence, proofs
    Html,
    /// Everything, for programs
    Json,
    /// JUnit XML
    Junit,
    /// SARIF 2.1.0
    Sarif,
    /// Summary of a GitHub step; annotations on stdout
    Github,
    /// SVG badge
    Badge,
    /// JSON of an endpoint badge (shields.io)
    BadgeJson,
    /// One line per item
    Csv,
}

impl Format {
    /// The name of its file where a folder was asked for.
    pub(crate) fn file_name(self) -> &'static str {
        match self {
            Self::Html => "readiness.html",
            Self::Json => "readiness.json",
            Self::Junit => "readiness.junit.xml",
            Self::Sarif => "readiness.sarif",
            Self::Github => "readiness.md",
            Self::Badge => "readiness.svg",
            Self::BadgeJson => "readiness-badge.json",
            Self::Csv => "readiness.csv",
        }
    }

    /// Its word on the command line.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Json => "json",
            Self::Junit => "junit",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Badge => "badge",
            Self::BadgeJson => "badge-json",
            Self::Csv => "csv",
        }
    }
}

/// Writes a report in one format.
pub(crate) fn render(format: Format, report: &Report) -> anyhow::Result<Vec<u8>> {
    match format {
        Format::Html => Ok(html::render(report)),
        Format::Json => json::render(report),
        Format::Junit => junit::render(report),
        Format::Sarif => sarif::render(report),
        Format::Github => Ok(github::summary(report)),
        Format::Badge => Ok(badge::svg(report)),
        Format::BadgeJson => badge::endpoint(report),
        Format::Csv => csv::render(report),
    }
}
