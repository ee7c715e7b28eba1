//! The libtest protocol on stdout: the listing, a line for each trial, failures, the summary.
//!
//! ```text
//!
//! running 3 tests
//! test HLTH-001::health::answers   ... ok
//! test HLTH-002::health::is_honest ... ignored (not verified: nothing listens there)
//! test RT-ANON-001::limits::is_429 ... FAILED
//!
//! failures:
//! …
//! test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.21s
//!
//! ```
//!
//! The format is libtest's, as libtest-mimic prints it, with the reasons of what is ignored. Lines
//! are collected and written by whoever calls [`Printer::flush`], many at once: a system call for
//! each line would cost more than the rest of a trivial trial. Stdout may hold nothing else: one
//! stray line and nextest refuses the whole list.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use super::args::{Args, Color, Format};
use super::report::Answer;
use crate::buffer::Buffer;

/// Writes what a runner reads.
pub(crate) struct Printer {
    sink: Sink,
    format: Format,
    styled: bool,
    /// The name of the trial that runs alone is printed already.
    named: bool,
    /// Of the longest name, in characters.
    width: usize,
    /// Lines that are not written yet.
    pending: Buffer,
    tally: Tally,
    /// Name and text of what failed.
    failures: Vec<(String, String)>,
    /// Why nothing can be written any more.
    broken: Option<io::Error>,
}

/// Where lines go.
enum Sink {
    Stdout,
    File(File),
    /// A child of `--isolate` says nothing: its parent does.
    Nothing,
}

/// Trials by what was printed about them.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    passed: usize,
    failed: usize,
    ignored: usize,
    filtered_out: usize,
}

/// What is printed about a trial.
pub(crate) enum Printed<'a> {
    /// It ran.
    Answered(&'a Answer),
    /// It was declared as ignored, for this reason.
    Ignored(&'a str),
}

impl Printer {
    /// Prints as `args` say.
    ///
    /// # Errors
    /// When the log file cannot be made.
    pub(crate) fn new(args: &Args) -> io::Result<Self> {
        let sink = match &args.logfile {
            Some(path) => Sink::File(File::create(path)?),
            None => Sink::Stdout,
        };
        let styled = match args.color.unwrap_or(Color::Auto) {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => matches!(sink, Sink::Stdout) && terminal_takes_colours(),
        };
        Ok(Self {
            format: match args.format {
                _ if args.quiet => Format::Terse,
                None | Some(Format::Junit) => Format::Pretty,
                Some(format) => format,
            },
            styled,
            ..Self::to(sink)
        })
    }

    /// Prints nothing.
    pub(crate) fn silent() -> Self {
        Self::to(Sink::Nothing)
    }

    fn to(sink: Sink) -> Self {
        Self {
            sink,
            format: Format::Pretty,
            styled: false,
            named: false,
            width: 0,
            pending: Buffer::default(),
            tally: Tally::default(),
            failures: Vec::new(),
            broken: None,
        }
    }

    /// Prints the names of all trials.
    pub(crate) fn list<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        for name in names {
            self.put(name);
            self.put(": test\n");
        }
        self.flush();
    }

    /// Prints the head; `filtered_out` more trials are not run.
    pub(crate) fn begin<'a>(&mut self, names: impl Iterator<Item = &'a str>, filtered_out: usize) {
        let mut count = 0_usize;
        for name in names {
            count += 1;
            self.width = self.width.max(width(name));
        }
        self.tally.filtered_out = filtered_out;
        if self.format == Format::Json {
            self.write(format_args!(
                "{{ \"type\": \"suite\", \"event\": \"started\", \"test_count\": {count} }}\n"
            ));
        } else {
            let plural = if count == 1 { "" } else { "s" };
            self.write(format_args!("\nrunning {count} test{plural}\n"));
        }
        self.flush();
    }

    /// A trial is about to run, alone: its name is written at once.
    pub(crate) fn starts(&mut self, name: &str) {
        self.name(name);
        self.named = true;
        self.flush();
    }

    /// A trial has ended.
    pub(crate) fn ended(&mut self, name: &str, printed: &Printed<'_>) {
        let in_turn = std::mem::take(&mut self.named);
        if !in_turn {
            self.name(name);
        }
        match self.format {
            Format::Json => self.event(name, printed),
            Format::Terse => {
                let (colour, _, letter) = words(printed);
                self.styled(colour, letter);
            }
            Format::Pretty | Format::Junit => {
                let (colour, word, _) = words(printed);
                match reason(printed) {
                    None => self.styled(colour, word),
                    Some(reason) => self.styled(colour, &format!("{word} ({reason})")),
                }
                self.put("\n");
            }
        }
        match printed {
            Printed::Answered(Answer::Passed | Answer::Warned(_)) => self.tally.passed += 1,
            Printed::Answered(Answer::Failed(text)) => {
                self.tally.failed += 1;
                self.failures.push((name.to_owned(), text.clone()));
            }
            Printed::Answered(Answer::NotVerified(_) | Answer::NotApplicable(_))
            | Printed::Ignored(_) => self.tally.ignored += 1,
        }
        if in_turn {
            self.flush();
        }
    }

    /// Prints what failed, and the summary.
    pub(crate) fn end(&mut self, took: Duration) {
        let Tally {
            passed,
            failed,
            ignored,
            filtered_out,
        } = self.tally;
        let took = took.as_secs_f64();
        if self.format == Format::Json {
            let event = if failed > 0 { "failed" } else { "ok" };
            self.write(format_args!(
                "{{ \"type\": \"suite\", \"event\": \"{event}\", \"passed\": {passed}, \"failed\": \
                 {failed}, \"ignored\": {ignored}, \"measured\": 0, \"filtered_out\": \
                 {filtered_out}, \"exec_time\": {took} }}\n"
            ));
        } else {
            self.print_failures();
            self.put("\ntest result: ");
            match failed {
                0 => self.styled(GREEN, "ok"),
                _ => self.styled(RED, "FAILED"),
            }
            self.write(format_args!(
                ". {passed} passed; {failed} failed; {ignored} ignored; 0 measured; {filtered_out} \
                 filtered out; finished in {took:.2}s\n\n"
            ));
        }
        self.flush();
    }

    fn print_failures(&mut self) {
        let failures = std::mem::take(&mut self.failures);
        if failures.is_empty() {
            return;
        }
        self.put("\nfailures:\n\n");
        for (name, text) in &failures {
            self.write(format_args!("---- {name} ----\n{text}\n\n"));
        }
        self.put("\nfailures:\n");
        for (name, _) in &failures {
            self.write(format_args!("    {name}\n"));
        }
    }

    /// Writes what was collected. A reader that has gone is no failure: the trials are recorded.
    pub(crate) fn flush(&mut self) {
        let pending = self.take();
        let written = self.sink.write(&pending);
        self.note(written);
    }

    /// Takes what was collected, for whoever writes it without keeping others from printing.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        self.pending.take()
    }

    /// Whether lines go to stdout, where anybody can write them.
    pub(crate) fn is_on_stdout(&self) -> bool {
        matches!(self.sink, Sink::Stdout)
    }

    /// Notes what became of writing what was [taken](Self::take).
    pub(crate) fn note(&mut self, written: io::Result<()>) {
        if let Err(error) = written {
            self.broken.get_or_insert(error);
            self.sink = Sink::Nothing;
        }
    }

    /// Why not everything could be written, if so.
    pub(crate) fn broken(&self) -> Option<&io::Error> {
        self.broken.as_ref()
    }

    fn name(&mut self, name: &str) {
        match self.format {
            Format::Pretty | Format::Junit => {
                self.put("test ");
                self.put(name);
                let padding = self.width.saturating_sub(width(name));
                if padding > 0 {
                    self.put(&" ".repeat(padding));
                }
                self.put(" ... ");
            }
            Format::Json => {
                self.put("{ \"type\": \"test\", \"event\": \"started\", \"name\": ");
                self.json(name);
                self.put(" }\n");
            }
            Format::Terse => {}
        }
    }

    fn event(&mut self, name: &str, printed: &Printed<'_>) {
        let event = match words(printed).1 {
            "FAILED" => "failed",
            word => word,
        };
        self.put("{ \"type\": \"test\", \"name\": ");
        self.json(name);
        self.write(format_args!(", \"event\": \"{event}\""));
        if let Printed::Answered(Answer::Failed(text)) = printed {
            self.put(", \"stdout\": ");
            self.json(&format!("Error: \"{text}\"\n"));
        }
        if let Some(reason) = reason(printed) {
            self.put(", \"message\": ");
            self.json(&reason);
        }
        self.put(" }\n");
    }

    fn json(&mut self, text: &str) {
        // A string always has a JSON form, and the buffer takes it.
        let _ = serde_json::to_writer(&mut self.pending, text);
    }

    fn styled(&mut self, colour: &str, text: &str) {
        if self.styled {
            self.put(colour);
            self.put(text);
            self.put("\u{1b}[0m");
        } else {
            self.put(text);
        }
    }

    fn put(&mut self, text: &str) {
        self.pending.put(text);
    }

    fn write(&mut self, text: std::fmt::Arguments<'_>) {
        // The buffer takes everything.
        let _ = self.pending.write_fmt(text);
    }
}

impl Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            _ if bytes.is_empty() => Ok(()),
            Sink::Stdout => to_stdout(bytes),
            Sink::File(file) => file.write_all(bytes),
            Sink::Nothing => Ok(()),
        }
    }
}

/// Writes whole lines to stdout.
pub(crate) fn to_stdout(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

const GREEN: &str = "\u{1b}[32m";
const RED: &str = "\u{1b}[31m";
const YELLOW: &str = "\u{1b}[33m";

/// Colour, word and letter.
fn words(printed: &Printed<'_>) -> (&'static str, &'static str, &'static str) {
    match printed {
        Printed::Answered(Answer::Passed | Answer::Warned(_)) => (GREEN, "ok", "."),
        Printed::Answered(Answer::Failed(_)) => (RED, "FAILED", "F"),
        Printed::Answered(Answer::NotVerified(_) | Answer::NotApplicable(_))
        | Printed::Ignored(_) => (YELLOW, "ignored", "i"),
    }
}

/// Why it is ignored, in words that stay on their line.
fn reason(printed: &Printed<'_>) -> Option<String> {
    match printed {
        Printed::Answered(Answer::NotVerified(reason)) => Some(one_line("not verified: ", reason)),
        Printed::Answered(Answer::NotApplicable(reason)) => {
            Some(one_line("not applicable: ", reason))
        }
        Printed::Ignored(reason) if !reason.is_empty() => Some(one_line("", reason)),
        _ => None,
    }
}

fn one_line(what: &str, reason: &str) -> String {
    let mut line = String::from(what);
    for (index, part) in reason.lines().map(str::trim).enumerate() {
        if index > 0 {
            line.push(' ');
        }
        line.push_str(&crate::diagnostic::plain(part));
    }
    line
}

/// Characters, which are columns for the names that people choose.
fn width(name: &str) -> usize {
    name.chars().count()
}

/// What the usual variables and the terminal say about colours.
fn terminal_takes_colours() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if set("NO_COLOR") {
        return false;
    }
    if std::env::var_os("CLICOLOR_FORCE").is_some_and(|value| !value.is_empty() && value != "0") {
        return true;
    }
    let dumb = match std::env::var_os("TERM") {
        Some(term) => term == "dumb",
        // Consoles of Windows that know escapes say so in variables of their own.
        None => !set("WT_SESSION") && !set("COLORTERM"),
    };
    io::stdout().is_terminal() && !dumb
}

#[cfg(test)]
#[path = "printer_tests.rs"]
mod tests;
