//! Reads one journal file into a [`ProcessJournal`].
//!
//! Hostile or damaged input is expected: lines are bounded, bytes need not be UTF-8, the last line
//! may be torn. Whatever is left out is a [`Problem`]; only a newer format version is an error,
//! because guessing its meaning could turn a failure into a pass.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::merge::{MergedRun, ProcessJournal};
use super::problem::{Problem, ProblemKind};
use crate::journal::error::JournalError;
use crate::journal::lines::{Line, Lines, tag};
use crate::journal::record::{FORMAT, Record};

/// Reads every `*.jsonl` of a run's folder. A missing folder is an empty run.
///
/// # Errors
/// [`JournalError::Newer`] and [`JournalError::Io`].
pub fn read_folder(folder: &Path) -> Result<MergedRun, JournalError> {
    let io = |source| JournalError::Io {
        action: "read",
        path: folder.to_owned(),
        source,
    };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(MergedRun::default());
        }
        Err(error) => return Err(io(error)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(io)?.path();
        if path.extension().is_some_and(|e| e == "jsonl") && path.is_file() {
            paths.push(path);
        }
    }
    read_files(&paths)
}

/// Fewer files than this for each thread are not worth one.
const FILES_FOR_A_THREAD: usize = 16;

/// Reads files on as many threads as there are cores: parsing is nearly all of a merge, and the order
/// in which parts are joined makes no difference.
fn read_files(paths: &[PathBuf]) -> Result<MergedRun, JournalError> {
    let one_after_the_other = |paths: &[PathBuf]| {
        let mut run = MergedRun::default();
        for path in paths {
            run.add(read_file(path)?);
        }
        Ok(run)
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = cores.min(paths.len() / FILES_FOR_A_THREAD);
    if threads < 2 {
        return one_after_the_other(paths);
    }
    std::thread::scope(|scope| {
        let mut parts = paths.chunks(paths.len().div_ceil(threads));
        let own = parts.next().unwrap_or_default();
        let others: Vec<_> = parts
            .map(|part| scope.spawn(move || one_after_the_other(part)))
            .collect();
        let mut run = one_after_the_other(own)?;
        for other in others {
            let part = other
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            run.add(part);
        }
        Ok(run)
    })
}

/// Reads one file.
///
/// # Errors
/// [`JournalError::Newer`] and [`JournalError::Io`].
pub fn read_file(path: &Path) -> Result<MergedRun, JournalError> {
    let file = File::open(path).map_err(|source| JournalError::Io {
        action: "read",
        path: path.to_owned(),
        source,
    })?;
    read(BufReader::with_capacity(64 * 1024, file), path)
}

/// Reads one journal from `input`; `path` is for messages.
///
/// # Errors
/// [`JournalError::Newer`] and [`JournalError::Io`].
pub fn read(input: impl BufRead, path: &Path) -> Result<MergedRun, JournalError> {
    let mut lines = Lines::new(input);
    let mut reading = Reading {
        name: path
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
        journal: None,
        foreign: false,
        problems: Vec::new(),
    };
    loop {
        let line = lines.next().map_err(|source| JournalError::Io {
            action: "read",
            path: path.to_owned(),
            source,
        })?;
        match line {
            Line::End => break,
            Line::TooLong => reading.problem(lines.number, ProblemKind::TooLong),
            Line::Text => {
                let terminated = lines.buffer.ends_with(b"\n");
                let bytes = lines.buffer.trim_ascii();
                if !bytes.is_empty() {
                    reading.line(bytes, lines.number, terminated, path)?;
                }
            }
        }
    }
    Ok(reading.finish())
}

struct Reading {
    name: String,
    journal: Option<ProcessJournal>,
    /// After a second, different header nothing more is taken.
    foreign: bool,
    problems: Vec<Problem>,
}

impl Reading {
    fn problem(&mut self, line: usize, kind: ProblemKind) {
        self.problems.push(Problem {
            file: self.name.clone(),
            line,
            kind,
        });
    }

    fn line(
        &mut self,
        bytes: &[u8],
        number: usize,
        terminated: bool,
        path: &Path,
    ) -> Result<(), JournalError> {
        if self.foreign {
            return Ok(());
        }
        let Ok(record) = parse(bytes) else {
            // A header of a later format need not have today's fields: ask for its version alone.
            refuse_newer(bytes, path)?;
            let kind = if terminated {
                ProblemKind::Malformed
            } else {
                ProblemKind::Torn
            };
            self.problem(number, kind);
            return Ok(());
        };
        match (record, &mut self.journal) {
            (Record::Header(header), journal) => {
                if header.format > FORMAT {
                    return Err(newer(u64::from(header.format), path));
                }
                match journal {
                    None => self.journal = Some(ProcessJournal::new(header)),
                    // The same header again is the same file joined to itself.
                    Some(journal) if *journal.header() == header => {}
                    Some(_) => {
                        self.foreign = true;
                        self.problem(number, ProblemKind::ForeignHeader);
                    }
                }
            }
            (_, None) => {
                self.foreign = true;
                self.problem(0, ProblemKind::NoHeader);
            }
            (record, Some(journal)) => {
                if !journal.take(record) {
                    self.problem(number, ProblemKind::Malformed);
                }
            }
        }
        Ok(())
    }

    fn finish(mut self) -> MergedRun {
        if self.journal.is_none() && !self.foreign {
            self.problem(0, ProblemKind::NoHeader);
        }
        MergedRun::of(self.journal, self.problems)
    }
}

/// Reads a line. The two shapes that a journal consists of are recognised by how their lines begin;
/// the general way has to keep a record's fields until it has seen which record it is, which costs
/// about as much again.
fn parse(bytes: &[u8]) -> serde_json::Result<Record> {
    match tag(bytes) {
        b"started" => serde_json::from_slice(bytes).map(Record::Started),
        b"finished" => serde_json::from_slice(bytes).map(Record::Finished),
        _ => serde_json::from_slice(bytes),
    }
}

fn newer(found: u64, path: &Path) -> JournalError {
    JournalError::Newer {
        file: path.to_owned(),
        found,
        known: FORMAT,
    }
}

fn refuse_newer(bytes: &[u8], path: &Path) -> Result<(), JournalError> {
    #[derive(Deserialize)]
    struct Version {
        record: String,
        format: u64,
    }
    match serde_json::from_slice::<Version>(bytes) {
        Ok(version) if version.record == "header" && version.format > u64::from(FORMAT) => {
            Err(newer(version.format, path))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
