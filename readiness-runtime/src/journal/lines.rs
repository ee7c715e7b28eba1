//! The lines of a journal, bounded, and what a process that ran one attempt left of it.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use super::record::Finished;

/// Longest line that is read, in bytes. The writer keeps below it by leaving evidence out.
pub const MAX_LINE: usize = 4 * 1024 * 1024;

/// What [`Lines::next`] came to.
pub(super) enum Line {
    /// A line, in the buffer; the last one of a file may end in the middle.
    Text,
    /// Longer than [`MAX_LINE`]; passed over.
    TooLong,
    /// There is no more.
    End,
}

/// Lines of bounded length, in one reused buffer.
pub(super) struct Lines<R> {
    input: R,
    pub(super) buffer: Vec<u8>,
    /// Of the line in the buffer, from 1.
    pub(super) number: usize,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            buffer: Vec::new(),
            number: 0,
        }
    }

    /// Reads the next line.
    pub(super) fn next(&mut self) -> std::io::Result<Line> {
        self.buffer.clear();
        let limit = u64::try_from(MAX_LINE).unwrap_or(u64::MAX);
        let read = (&mut self.input)
            .take(limit)
            .read_until(b'\n', &mut self.buffer)?;
        if read == 0 {
            return Ok(Line::End);
        }
        self.number += 1;
        if self.buffer.ends_with(b"\n") || read < MAX_LINE {
            return Ok(Line::Text);
        }
        self.input.skip_until(b'\n')?;
        Ok(Line::TooLong)
    }
}

/// The kind of record that a line is, by how each that this version writes begins; empty for others.
pub(super) fn tag(line: &[u8]) -> &[u8] {
    let rest = line.strip_prefix(b"{\"record\":\"").unwrap_or_default();
    let end = rest.iter().position(|byte| *byte == b'"').unwrap_or(0);
    &rest[..end]
}

/// What a process left of an attempt.
pub(crate) enum Left {
    /// Its end.
    Finished(Box<Finished>),
    /// A signal ended it: the parent got it as well.
    Interrupted,
    /// Nothing.
    Nothing,
}

/// What the process with this journal left of an attempt. For a process of the same executable, as the
/// children of `--isolate` are: what else is in the file is not looked at.
pub(crate) fn left(journal: &Path, trial: &str, attempt: u32) -> Left {
    let Ok(file) = File::open(journal) else {
        return Left::Nothing;
    };
    let mut lines = Lines::new(BufReader::new(file));
    let mut left = Left::Nothing;
    loop {
        match lines.next() {
            Ok(Line::End) | Err(_) => return left,
            Ok(Line::TooLong) => {}
            Ok(Line::Text) => match tag(&lines.buffer) {
                b"finished" => {
                    let finished = serde_json::from_slice::<Box<Finished>>(&lines.buffer);
                    if let Ok(finished) = finished
                        && finished.trial == trial
                        && finished.attempt == attempt
                    {
                        return Left::Finished(finished);
                    }
                }
                b"interrupted" => left = Left::Interrupted,
                _ => {}
            },
        }
    }
}
