//! What a command did, in a form that is the same every time.

use std::fmt;
use std::process::Output;

use crate::normal::{Normal, without_building};

/// A finished command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// Exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// Normalised standard output.
    pub stdout: String,
    /// Normalised standard error.
    pub stderr: String,
}

impl Ran {
    /// Takes out of `output` what differs between runs.
    pub fn new(output: &Output, normal: &Normal) -> Self {
        Self {
            code: output.status.code(),
            stdout: normal.text(&String::from_utf8_lossy(&output.stdout)),
            stderr: without_building(&normal.text(&String::from_utf8_lossy(&output.stderr))),
        }
    }

    /// Says that this exit code is expected, with all output if another came.
    ///
    /// # Panics
    /// If another came.
    #[track_caller]
    #[expect(
        clippy::return_self_not_must_use,
        reason = "an assertion that may be chained"
    )]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    /// Both streams, for a search.
    pub fn all(&self) -> String {
        format!("{}\n{}", self.stdout, self.stderr)
    }
}

/// The page that snapshots hold.
impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => writeln!(f, "exit {code}")?,
            None => writeln!(f, "ended by a signal")?,
        }
        writeln!(f, "--- stdout")?;
        writeln!(f, "{}", self.stdout.trim_end())?;
        writeln!(f, "--- stderr")?;
        write!(f, "{}", self.stderr.trim_end())
    }
}
