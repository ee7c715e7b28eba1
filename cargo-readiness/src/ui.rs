//! Everything that is printed. Results go to stdout, progress and findings to stderr. A closed pipe
//! ends the printing, not the work: what was to be written to files is written all the same.

use std::fmt::Display;
use std::io::{self, BufWriter, Stdout, Write};

use readiness::diagnostic::{Diagnostic, plain};
use readiness::document::DocumentError;

/// The terminal, or whatever stands in its place.
#[derive(Debug)]
pub(crate) struct Ui {
    out: BufWriter<Stdout>,
    out_closed: bool,
    err_closed: bool,
}

impl Ui {
    pub(crate) fn new() -> Self {
        Self {
            out: BufWriter::new(io::stdout()),
            out_closed: false,
            err_closed: false,
        }
    }

    /// A line of results.
    pub(crate) fn line(&mut self, text: impl Display) {
        if !self.out_closed {
            let line = text.to_string();
            self.out_closed = writeln!(self.out, "{}", plain(&line)).is_err();
        }
    }

    /// A line of progress.
    pub(crate) fn progress(&mut self, text: impl Display) {
        let text = text.to_string();
        self.print_err(&plain(&text));
    }

    /// A finding: its message, then its hint.
    pub(crate) fn diagnostic(&mut self, diagnostic: &Diagnostic) {
        let text = diagnostic.to_string();
        self.print_err(&text);
    }

    /// What ends the command.
    pub(crate) fn error(&mut self, error: &anyhow::Error) {
        // A finding says itself that it is an error.
        let finding = error.is::<Diagnostic>() || error.is::<DocumentError>();
        let text = if finding {
            error.to_string()
        } else {
            format!("error: {error:#}")
        };
        self.print_err(&text);
    }

    fn print_err(&mut self, text: &str) {
        // What is already on its way to stdout comes first: the two often share a terminal.
        if !self.out_closed {
            self.out_closed = self.out.flush().is_err();
        }
        if !self.err_closed {
            self.err_closed = writeln!(io::stderr(), "{text}").is_err();
        }
    }

    /// Hands everything to the system.
    pub(crate) fn flush(&mut self) {
        if !self.out_closed {
            self.out_closed = self.out.flush().is_err();
        }
    }
}
