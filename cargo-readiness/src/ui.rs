//! Everything that is printed. Results go to stdout, progress and findings to stderr. A closed pipe
//! ends the printing, not the work: what was to be written to files is written all the same.

use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};

use readiness::diagnostic::{Diagnostic, Severity, plain};
use readiness::document::DocumentError;

use crate::documents::shown;
use crate::render::{self, Sources};
use crate::summary::Screen;

/// How findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Findings {
    /// One line and its hint: for logs and scripts.
    Short,
    /// With the line they are about.
    Full {
        /// Columns of the terminal.
        width: usize,
        /// Whether it shows colours.
        colour: bool,
    },
}

/// Columns of what is no terminal, or does not say: rustc's own.
const WIDTH: usize = 140;

impl Findings {
    /// As stderr calls for: in full on a terminal, else short.
    fn suitable() -> Self {
        if io::stderr().is_terminal() {
            Self::full()
        } else {
            Self::Short
        }
    }

    /// In full, in the width and the colours that there are.
    pub(crate) fn full() -> Self {
        Self::Full {
            width: width(),
            colour: colour(io::stderr().is_terminal(), &variable),
        }
    }
}

/// Lines of a summary besides the items that it lists one by one.
const OTHER_LINES: usize = 16;

/// A line of results with its first word in colour.
fn painted(line: &str) -> String {
    const RED: &str = "31";
    const YELLOW: &str = "33";
    const GREEN: &str = "32";
    let words = [
        ("FAIL  ", RED),
        ("WARN  ", YELLOW),
        ("  fails  ", RED),
        ("  holds  ", GREEN),
        ("gate: met", GREEN),
        ("gate: not met", RED),
    ];
    match words.iter().find(|(word, _)| line.starts_with(word)) {
        Some((word, colour)) => {
            let rest = &line[word.len()..];
            format!("\u{1b}[1;{colour}m{word}\u{1b}[0m{rest}")
        }
        None => line.to_owned(),
    }
}

fn width() -> usize {
    let stated = std::env::var("COLUMNS")
        .ok()
        .and_then(|text| text.parse().ok());
    stated
        .or_else(terminal_width)
        .unwrap_or(WIDTH)
        .clamp(40, 400)
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Rows and columns of the terminal that stdout is.
#[cfg(unix)]
fn terminal_size() -> Option<(usize, usize)> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    (size.ws_row > 0 && size.ws_col > 0).then_some((size.ws_row.into(), size.ws_col.into()))
}

#[cfg(not(unix))]
fn terminal_size() -> Option<(usize, usize)> {
    None
}

#[cfg(unix)]
fn terminal_width() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(io::stderr()).ok()?;
    (size.ws_col > 0).then_some(size.ws_col.into())
}

#[cfg(not(unix))]
fn terminal_width() -> Option<usize> {
    None
}

/// Whether to colour: never with `NO_COLOR` or on a dumb terminal, else as `CARGO_TERM_COLOR` says,
/// else on terminals.
fn colour(terminal: bool, variable: &dyn Fn(&str) -> Option<String>) -> bool {
    if variable("NO_COLOR").is_some() {
        return false;
    }
    match variable("CARGO_TERM_COLOR").as_deref() {
        Some("always") => true,
        Some("never") => false,
        _ => terminal && variable("TERM").is_none_or(|term| term != "dumb"),
    }
}

/// The terminal, or whatever stands in its place.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "two streams that may close, and two wishes: nothing to make a state of"
)]
pub(crate) struct Ui {
    out: BufWriter<Stdout>,
    out_closed: bool,
    err_closed: bool,
    findings: Findings,
    sources: Sources,
    /// Stdout shows colours.
    paint: bool,
    /// Errors alone.
    quiet: bool,
    /// Stdout belongs to a report: results go to stderr.
    taken: bool,
}

impl Ui {
    pub(crate) fn new(quiet: bool) -> Self {
        Self {
            out: BufWriter::new(io::stdout()),
            out_closed: false,
            err_closed: false,
            findings: Findings::suitable(),
            sources: Sources::default(),
            paint: colour(io::stdout().is_terminal(), &variable),
            quiet,
            taken: false,
        }
    }

    /// From here on stdout is for [`Ui::raw`] alone.
    pub(crate) fn leave_stdout(&mut self) {
        self.taken = true;
    }

    /// Whether only errors are wanted.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Prints findings in this way from now on.
    pub(crate) fn show_findings(&mut self, how: Findings) {
        self.findings = how;
    }

    /// Whether findings come with the lines they are about.
    pub(crate) fn shows_sources(&self) -> bool {
        matches!(self.findings, Findings::Full { .. })
    }

    /// A line of results.
    pub(crate) fn line(&mut self, text: impl Display) {
        if self.quiet {
            return;
        }
        let line = text.to_string();
        if self.taken {
            self.print_err(&plain(&line));
        } else {
            self.print(&line);
        }
    }

    fn print(&mut self, line: &str) {
        if self.out_closed {
            return;
        }
        let line = plain(line);
        let written = if self.paint {
            writeln!(self.out, "{}", painted(&line))
        } else {
            writeln!(self.out, "{line}")
        };
        self.out_closed = written.is_err();
    }

    /// The screen that a summary goes to, less what is always said; none for a file, a pipe, and what
    /// does not say how large it is.
    pub(crate) fn screen(&self) -> Option<Screen> {
        let (rows, columns) = (!self.taken).then(terminal_size).flatten()?;
        Some(Screen {
            rows: rows.saturating_sub(OTHER_LINES),
            columns,
        })
    }

    /// Lines of results.
    pub(crate) fn lines(&mut self, lines: impl IntoIterator<Item = String>) {
        for line in lines {
            self.line(line);
        }
    }

    /// A line of progress.
    pub(crate) fn progress(&mut self, text: impl Display) {
        if self.quiet {
            return;
        }
        let text = text.to_string();
        self.print_err(&plain(&text));
    }

    /// Bytes of a result as they are, for another program; a terminal gets what it can show.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        if io::stdout().is_terminal() {
            for line in bytes.split_inclusive(|&b| b == b'\n') {
                let line = String::from_utf8_lossy(line);
                self.print(line.strip_suffix('\n').unwrap_or(&line));
            }
        } else if !self.out_closed {
            self.out_closed = self.out.write_all(bytes).is_err();
        }
    }

    /// A finding: in full, or its message, then its hint.
    pub(crate) fn diagnostic(&mut self, diagnostic: &Diagnostic) {
        if self.quiet && diagnostic.severity() < Severity::Error {
            return;
        }
        let text = self.finding(diagnostic);
        self.print_err(&text);
    }

    /// A finding as one line of JSON, a result.
    pub(crate) fn json_finding(&mut self, diagnostic: &Diagnostic) {
        let text = render::json(diagnostic, &mut self.sources);
        self.print(&text);
    }

    fn finding(&mut self, diagnostic: &Diagnostic) -> String {
        match self.findings {
            Findings::Short => {
                let mut near = diagnostic.clone();
                near.path = shown(&diagnostic.path).into();
                near.to_string()
            }
            Findings::Full { width, colour } => {
                let text = render::render(diagnostic, &mut self.sources, width, colour);
                format!("{text}\n")
            }
        }
    }

    /// What ends the command.
    pub(crate) fn error(&mut self, error: &anyhow::Error) {
        // A finding says itself that it is an error.
        if let Some(finding) = error.downcast_ref::<Diagnostic>() {
            self.diagnostic(finding);
        } else if let Some(findings) = error.downcast_ref::<DocumentError>() {
            for finding in &findings.0 {
                self.diagnostic(finding);
            }
        } else {
            self.print_err(&format!("error: {error:#}"));
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_for_terminals_unless_somebody_says_otherwise() {
        let says = |terminal, set: &[(&str, &str)]| {
            colour(terminal, &|name| {
                let found = set.iter().find(|(known, _)| *known == name)?;
                Some(found.1.to_owned())
            })
        };
        assert!(says(true, &[]));
        assert!(!says(false, &[]));
        assert!(!says(true, &[("NO_COLOR", "1")]));
        assert!(!says(
            true,
            &[("NO_COLOR", "1"), ("CARGO_TERM_COLOR", "always")]
        ));
        assert!(!says(true, &[("CARGO_TERM_COLOR", "never")]));
        assert!(says(false, &[("CARGO_TERM_COLOR", "always")]));
        assert!(!says(true, &[("TERM", "dumb")]));
    }
}
