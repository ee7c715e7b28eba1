//! Writes one process's journal: append-only, one `write` per line.
//!
//! A line that was written is in the hands of the operating system and survives the death of the
//! process. The first failed write (a full disk) closes the journal for good: a half-written line
//! followed by others would damage what came before. Every later write fails as well, and with it
//! the trial that wanted to be recorded, so that nothing counts that is not on disk.

use std::fmt;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::error::JournalError;
use super::line::{self, FinishedLine, RegisteredLine, Text, line};
use super::lines::MAX_LINE;
use super::record::{Header, Record};

/// An open journal.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    out: Box<dyn Sink>,
    broken: Option<String>,
}

/// What lines go to: a file, or in tests one that fills up.
trait Sink: Write + Send + std::fmt::Debug {}
impl<T: Write + Send + std::fmt::Debug> Sink for T {}

/// A record that is not on disk. Says why, in a sentence that fits a trial's failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotWritten(pub String);

impl fmt::Display for NotWritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the journal cannot be written: {} (journal-write)",
            self.0
        )
    }
}

impl std::error::Error for NotWritten {}

impl Journal {
    /// Creates `<folder>/<process>.jsonl` and writes the header. The folder must exist.
    ///
    /// # Errors
    /// [`JournalError::ReadOnly`] when the file cannot be created or the header cannot be written.
    pub fn create(folder: &Path, header: Header) -> Result<Journal, JournalError> {
        let path = folder.join(format!("{}.jsonl", header.process));
        let refused = |source| JournalError::ReadOnly {
            path: folder.to_owned(),
            source,
        };
        let mut file = OpenOptions::new()
            .append(true)
            .create_new(true)
            .open(&path)
            .map_err(refused)?;
        let line = line(&Record::Header(header)).map_err(|e| refused(e.into()))?;
        file.write_all(line.as_bytes()).map_err(refused)?;
        Ok(Journal::over(path, file))
    }

    fn over(path: PathBuf, out: impl Sink + 'static) -> Journal {
        Journal {
            path,
            state: Mutex::new(State {
                out: Box::new(out),
                broken: None,
            }),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends a record.
    ///
    /// # Errors
    /// [`NotWritten`], for this record and for every later one.
    pub fn write(&self, record: &Record) -> Result<(), NotWritten> {
        if let Record::Finished(finished) = record {
            return self.finished(&FinishedLine::from(&**finished));
        }
        self.append(&line(record).map_err(|error| NotWritten(error.to_string()))?)
    }

    /// Appends `registered`.
    ///
    /// # Errors
    /// As [`Journal::write`].
    pub(crate) fn registered(&self, line: RegisteredLine) -> Result<(), NotWritten> {
        self.append(&line.close())
    }

    /// Appends `started`.
    ///
    /// # Errors
    /// As [`Journal::write`].
    pub(crate) fn started(
        &self,
        trial: Text<'_>,
        attempt: u32,
        at: Text<'_>,
    ) -> Result<(), NotWritten> {
        self.append(&line::started(trial, attempt, at))
    }

    /// Appends `finished`. A record that is too long for the reader keeps its verdict and loses what
    /// supports it.
    ///
    /// # Errors
    /// As [`Journal::write`].
    pub(crate) fn finished(&self, finished: &FinishedLine<'_>) -> Result<(), NotWritten> {
        let put = |finished: &FinishedLine<'_>| {
            line::finished(finished).map_err(|error| NotWritten(error.to_string()))
        };
        let text = put(finished)?;
        if text.len() <= MAX_LINE {
            return self.append(&text);
        }
        let proof = finished.proof.cloned().map(|mut proof| {
            proof.mutants.clear();
            proof
        });
        let short = put(&FinishedLine {
            reason: finished
                .reason
                .map(|reason| super::bounded(reason, 64 * 1024)),
            parts: &[],
            proof: proof.as_ref(),
            evidence: &[],
            ..*finished
        })?;
        self.append(&short)
    }

    /// One `write` for the line, so that it is there whole or not at all.
    fn append(&self, line: &str) -> Result<(), NotWritten> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(why) = &state.broken {
            return Err(NotWritten(why.clone()));
        }
        if let Err(error) = state.out.write_all(line.as_bytes()) {
            let why = format!("{}: {error}", self.path.display());
            state.broken = Some(why.clone());
            return Err(NotWritten(why));
        }
        Ok(())
    }

    /// Why it cannot be written any more.
    pub fn broken(&self) -> Option<NotWritten> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.broken.clone().map(NotWritten)
    }
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
