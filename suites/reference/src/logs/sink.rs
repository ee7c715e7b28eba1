//! Where log lines go: a ring in memory, and a file when one is configured.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

/// How many lines are remembered: the records of a whole suite, some 20 MB at most.
const REMEMBERED: usize = 50_000;

/// The log lines of a service. Reading is by mark: take one, do something, read what came since.
#[derive(Debug, Default)]
pub struct LogSink {
    lines: Mutex<Lines>,
}

#[derive(Debug, Default)]
struct Lines {
    /// How many lines were written before the first one that is remembered.
    forgotten: u64,
    remembered: VecDeque<String>,
    file: Option<File>,
}

impl LogSink {
    pub(crate) fn new(file: Option<File>) -> LogSink {
        let lines = Lines {
            file,
            ..Lines::default()
        };
        LogSink {
            lines: Mutex::new(lines),
        }
    }

    /// The present end of the log.
    pub fn mark(&self) -> u64 {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.forgotten + lines.remembered.len() as u64
    }

    /// The lines since a mark, as far as they are remembered; 0 is the start.
    pub fn since(&self, mark: u64) -> Vec<String> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let skip = usize::try_from(mark.saturating_sub(lines.forgotten)).unwrap_or(usize::MAX);
        lines.remembered.iter().skip(skip).cloned().collect()
    }

    /// Writes a text of one or more lines.
    pub(crate) fn write(&self, text: &str) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = &mut lines.file {
            // A full disk must not stop the service; memory still has the line.
            let _ = writeln!(file, "{text}");
        }
        for line in text.lines() {
            if lines.remembered.len() == REMEMBERED {
                lines.remembered.pop_front();
                lines.forgotten += 1;
            }
            lines.remembered.push_back(line.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_survives_what_is_forgotten() {
        let sink = LogSink::default();
        sink.write("first");
        let mark = sink.mark();
        sink.write("second\nthird");
        assert_eq!(sink.since(mark), ["second", "third"]);
        for _ in 0..REMEMBERED {
            sink.write("later");
        }
        assert_eq!(sink.since(mark).len(), REMEMBERED);
        let mark = sink.mark();
        sink.write("last");
        assert_eq!(sink.since(mark), ["last"]);
    }
}
