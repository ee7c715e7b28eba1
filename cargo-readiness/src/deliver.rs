//! Where reports go: what was asked for on the command line, settled before any work is done, then
//! written. Files are replaced whole or not at all; at most one report goes to stdout.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::cli::{FormatOptions, Requested};
use crate::documents::shown;
use crate::formats::{self, Format, model::Report};
use crate::report::put;
use crate::ui::Ui;

/// The file that GitHub shows as the summary of a step.
const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// Every report that was asked for, with its place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Deliveries(Vec<(Format, Place)>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    File(PathBuf),
    /// Added to what is in the file: other steps write there too.
    Append(PathBuf),
    Stdout,
}

impl Deliveries {
    /// Settles places: the file that was named with the format, else `output` (the file of a single
    /// report, the folder of several), else stdout for a single one.
    pub(crate) fn plan(options: &FormatOptions, output: Option<&Path>) -> anyhow::Result<Self> {
        let summary = std::env::var_os(STEP_SUMMARY).filter(|path| !path.is_empty());
        let summary = summary.map(PathBuf::from);
        let unplaced = options.formats.iter().filter(|r| r.file.is_none());
        let alone = options.formats.len() == 1;
        if output.is_some() && unplaced.clone().count() == 0 && !options.formats.is_empty() {
            bail!("--output is for a report without a file of its own; every one has one");
        }
        let mut planned: Vec<(Format, Place)> = Vec::new();
        for requested in &options.formats {
            let place = match (&requested.file, output, &summary) {
                (Some(file), _, _) => Place::File(file.clone()),
                (None, Some(output), _) if alone => Place::File(output.to_path_buf()),
                (None, Some(output), _) => Place::File(output.join(requested.format.file_name())),
                (None, None, Some(path)) if requested.format == Format::Github => {
                    Place::Append(path.clone())
                }
                (None, None, _) => Place::Stdout,
            };
            if planned.iter().any(|(_, other)| *other == place) {
                bail!("{}", twice(requested, &place));
            }
            planned.push((requested.format, place));
        }
        Ok(Self(planned))
    }

    /// Whether there is nothing to write.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a report goes to stdout; then nothing else may.
    pub(crate) fn uses_stdout(&self) -> bool {
        self.0.iter().any(|(_, place)| *place == Place::Stdout)
    }

    /// Writes all of them. `of` names the document where there are several: it goes into the names of
    /// files.
    pub(crate) fn write(
        &self,
        report: &Report,
        of: Option<&str>,
        ui: &mut Ui,
    ) -> anyhow::Result<()> {
        for (format, place) in &self.0 {
            let bytes = formats::render(*format, report)?;
            match place {
                Place::Stdout if of.is_some() => bail!(
                    "the run is about several documents and stdout takes one\n  hint: choose one \
                     with --checklist, or give --format a file"
                ),
                Place::Stdout => ui.raw(&bytes),
                Place::File(path) => {
                    let path = named(path, of);
                    put(&path, &bytes)?;
                    ui.line(format!("{}: {}", format.word(), shown(&path)));
                }
                Place::Append(path) => append(path, &bytes)?,
            }
            if *format == Format::Github {
                ui.raw(&formats::github::annotations(report));
            }
        }
        Ok(())
    }
}

fn twice(requested: &Requested, place: &Place) -> String {
    match place {
        Place::File(path) | Place::Append(path) => format!(
            "two reports in one file, {}: {} is the second",
            path.display(),
            requested.format.word()
        ),
        Place::Stdout => {
            "only one report can go to stdout\n  hint: give each a file, as in --format \
                          html=report.html, or a folder for all with --output"
                .to_owned()
        }
    }
}

/// `report.html` of the package `shop` is `report-shop.html`.
fn named(path: &Path, of: Option<&str>) -> PathBuf {
    let Some(of) = of else {
        return path.to_path_buf();
    };
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let name = match path.extension() {
        Some(extension) => format!("{stem}-{of}.{}", extension.to_string_lossy()),
        None => format!("{stem}-{of}"),
    };
    path.with_file_name(name)
}

fn append(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let failed = || format!("failed to write {}", path.display());
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .with_context(failed)?;
    file.write_all(bytes).with_context(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_documents_have_files_of_their_own() {
        let path = Path::new("out/readiness.junit.xml");
        assert_eq!(named(path, None), path);
        assert_eq!(
            named(path, Some("shop")),
            Path::new("out/readiness.junit-shop.xml")
        );
        assert_eq!(named(Path::new("out/a"), Some("b")), Path::new("out/a-b"));
    }
}
