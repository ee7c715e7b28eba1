//! Turns what another tool found out into a journal like any other: the same records, joined and
//! assessed in the same way, with the tool, the file and its digest in the header.
//!
//! An imported pass was never replayed on altered observations. It counts, and is shown apart from
//! those that were proven able to fail.

use std::path::{Path, PathBuf};

use crate::diagnostic::Diagnostic;
use crate::digest::{hex, sha256};
use crate::document::{Located, write_atomically};
use crate::journal::record::{
    Closed, Evidence, FORMAT, Finished, Header, Import, Proof, ProofStrength, Record, Registered,
    Started, Tally, Target, TrialInfo, TrialOutcome,
};
use crate::journal::{bounded, line, time};
use crate::redact::Redactor;

/// The longest reason that is kept of one result, in bytes.
const MAX_REASON: usize = 4 * 1024;

/// The run that results are added to.
#[derive(Debug, Clone, Copy)]
pub struct Into<'a> {
    /// Its folder; must exist.
    pub folder: &'a Path,
    /// Its id.
    pub run: &'a str,
    /// A process of it that answers to the same checklist, if there is one: the target is the same.
    pub beside: Option<&'a Header>,
}

/// A report of another tool.
#[derive(Debug)]
pub struct Report {
    /// What it is.
    pub import: Import,
    /// The folder of the file: two files of one name are two reports.
    pub from: PathBuf,
    /// When the tool ran, RFC 3339 in UTC.
    pub at: String,
    /// What it says.
    pub results: Vec<ImportedResult>,
}

/// One result of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedResult {
    /// The item.
    pub id: String,
    /// What was tried, unique among the results for one item.
    pub name: String,
    /// What it came to.
    pub outcome: TrialOutcome,
    /// Why; required for everything but a pass.
    pub reason: Option<String>,
    /// How long it took, in microseconds.
    pub micros: u64,
    /// Changes when what was asked of the tool changes: a threshold, for one.
    pub digest: String,
    /// `file:line` of what asks for it; may be empty.
    pub source: String,
    /// What the tool saw.
    pub evidence: Vec<Evidence>,
}

/// Writes a report into a run as the journal of one process, in place of what the same report said
/// before. Secrets are masked as in every journal.
///
/// # Errors
/// [`Code::WriteFailed`](crate::diagnostic::Code::WriteFailed).
pub fn write(located: &Located, run: Into<'_>, report: Report) -> Result<PathBuf, Diagnostic> {
    let process = process_name(&report);
    let path = run.folder.join(format!("{process}.jsonl"));
    let redactor = Redactor::of_environment(&located.config.prove.redact);
    let mut text = String::new();
    for record in records(located, run, report, process, &redactor) {
        let line = line::line(&record).map_err(|error| {
            Diagnostic::new(
                crate::diagnostic::Code::WriteFailed,
                &path,
                error.to_string(),
            )
        })?;
        text.push_str(&line);
    }
    write_atomically(&path, text.as_bytes())?;
    Ok(path)
}

/// The same report has the same name, so that it replaces what it said before.
fn process_name(report: &Report) -> String {
    let file = report.from.join(&report.import.file);
    let digest = digest(file.as_os_str().as_encoded_bytes());
    format!("import-{}-{}", plain(&report.import.tool), &digest[..8])
}

fn plain(text: &str) -> String {
    text.chars()
        .take(64)
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect()
}

fn records(
    located: &Located,
    run: Into<'_>,
    report: Report,
    process: String,
    redactor: &Redactor,
) -> Vec<Record> {
    let Report {
        import,
        at,
        results,
        ..
    } = report;
    let provenance = format!("{} {}", import.tool, import.file);
    let prefix = format!("{}::{}", plain(&import.tool), plain(&import.file));
    let finished: Vec<_> = results
        .into_iter()
        .map(|result| finished(result, &prefix, &provenance, &at, redactor))
        .collect();
    let mut trials: Vec<_> = finished.iter().map(|(info, _)| info.clone()).collect();
    trials.sort_by(|a, b| a.trial.cmp(&b.trial));
    let mut records = vec![
        Record::Header(header(located, run, import, process, &at)),
        Record::Registered(Registered { trials }),
    ];
    for (info, finished) in finished {
        records.push(Record::Started(Started {
            trial: info.trial,
            attempt: 1,
            at: at.clone(),
        }));
        records.push(Record::Finished(Box::new(finished)));
    }
    records.push(Record::Closed(Closed {
        unattributed: Vec::new(),
        at,
        more: std::collections::BTreeMap::new(),
    }));
    records
}

fn header(located: &Located, run: Into<'_>, import: Import, process: String, at: &str) -> Header {
    let folder = std::path::absolute(&located.path)
        .unwrap_or_else(|_| located.path.clone())
        .parent()
        .map_or_else(PathBuf::new, Path::to_owned);
    let fresh = || Header {
        format: FORMAT,
        run: String::new(),
        process: String::new(),
        package: String::new(),
        manifest_dir: folder.display().to_string(),
        checklist: std::path::absolute(&located.path)
            .unwrap_or_else(|_| located.path.clone())
            .display()
            .to_string(),
        target: located.config.target.as_ref().and_then(Target::of),
        at: String::new(),
        commit: None,
        shard: None,
        config_digest: None,
        import: None,
    };
    Header {
        run: run.run.to_owned(),
        process,
        at: at.to_owned(),
        // Of the process beside it these are not ours to state: what was tested by the other tool
        // need not be this working tree under this configuration.
        commit: None,
        shard: None,
        config_digest: None,
        import: Some(import),
        ..run.beside.cloned().unwrap_or_else(fresh)
    }
}

fn finished(
    result: ImportedResult,
    prefix: &str,
    provenance: &str,
    at: &str,
    redactor: &Redactor,
) -> (TrialInfo, Finished) {
    let id = result.id;
    let trial = format!("{id}::{prefix}::{}", redactor.text(&result.name));
    let info = TrialInfo {
        trial: trial.clone(),
        id: id.clone(),
        selected: true,
        ignored: None,
        digest: result.digest.clone(),
        source: result.source,
    };
    let reason = result.reason.map(|reason| {
        let reason = redactor.text(bounded(&reason, MAX_REASON));
        format!("{reason} ({provenance})")
    });
    let passed = result.outcome == TrialOutcome::Passed;
    let evidence = result.evidence.into_iter().map(|seen| Evidence {
        value: redactor.json(seen.value),
        ..seen
    });
    let finished = Finished {
        trial,
        id,
        attempt: 1,
        outcome: result.outcome,
        reason,
        origin: (result.outcome == TrialOutcome::Failed).then_some(crate::verdict::Origin::Verdict),
        location: None,
        at: at.to_owned(),
        micros: result.micros,
        parts: Vec::new(),
        proof: passed.then(|| Proof {
            strength: ProofStrength::Imported,
            reason: Some(provenance.to_owned()),
            fine: Tally::default(),
            gross: Tally::default(),
            mutants: Vec::new(),
        }),
        evidence: evidence.collect(),
        digest: result.digest,
        process: None,
    };
    (info, finished)
}

/// SHA-256 of some bytes, in hexadecimal: of a file for [`Import::sha256`], of what a rule asks for
/// [`ImportedResult::digest`].
pub fn digest(bytes: &[u8]) -> String {
    hex(&sha256(bytes))
}

/// A point in time as journals write it.
pub fn at(moment: std::time::SystemTime) -> String {
    jiff::Timestamp::try_from(moment).map_or_else(|_| time::now(), |at| format!("{at:.6}"))
}
