//! Reads a command line by the table of options, says what is wrong with it, and prints the help.
//!
//! By hand, because a test target is compiled by everybody who has a check: parsers of command lines cost
//! more to compile than the harness that would use them. It reads as others do: `--name value`,
//! `--name=value`, `-q`, `-qZvalue`, filters anywhere, everything after `--` a filter.

use std::ffi::OsString;
use std::fmt::Write;

use super::options::{From, OPTIONS, Opt, Takes};
use super::{Args, Exit};
use crate::diagnostic::nearest;

const USAGE: &str = "Usage: [OPTIONS] [FILTER]...\n";

/// Reads the arguments, without the program's name.
pub(super) fn parse(line: impl Iterator<Item = OsString>) -> Result<Args, Exit> {
    let mut parser = Parser {
        line: line.peekable(),
        args: Args::default(),
        given: Vec::new(),
    };
    let mut options_ended = false;
    while let Some(argument) = parser.next()? {
        match argument.strip_prefix('-') {
            Some("-") if !options_ended => options_ended = true,
            Some(rest) if !options_ended && !rest.is_empty() => match rest.strip_prefix('-') {
                Some(long) => parser.long(long)?,
                None => parser.shorts(rest)?,
            },
            _ => parser.args.filters.push(argument),
        }
        if parser.args.help {
            return Err(Exit {
                text: help(),
                code: 0,
            });
        }
    }
    parser.contradictions()?;
    Ok(parser.args)
}

struct Parser<I: Iterator> {
    line: std::iter::Peekable<I>,
    args: Args,
    /// The options so far.
    given: Vec<&'static Opt>,
}

impl<I: Iterator<Item = OsString>> Parser<I> {
    fn next(&mut self) -> Result<Option<String>, Exit> {
        let text = self.line.next().map(OsString::into_string).transpose();
        text.map_err(|_| wrong("invalid UTF-8 was detected in one or more arguments", USAGE))
    }

    /// `--name` or `--name=value`, without the dashes.
    fn long(&mut self, text: &str) -> Result<(), Exit> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        let named = |opt: &&Opt| !name.is_empty() && (opt.long == name || opt.alias == name);
        match OPTIONS.iter().find(named) {
            Some(opt) => self.take(opt, value),
            None => Err(unknown(&format!("--{name}"), similar(name))),
        }
    }

    /// `-q`, several of them, the last one with its value: `-qZvalue`, `-Z=value`.
    fn shorts(&mut self, text: &str) -> Result<(), Exit> {
        let mut rest = text.chars();
        while let Some(short) = rest.next() {
            let Some(opt) = OPTIONS.iter().find(|opt| opt.short == Some(short)) else {
                return Err(unknown(&format!("-{short}"), None));
            };
            let value = rest.as_str();
            if !value.is_empty() && matches!(opt.takes, Takes::Value { .. }) {
                return self.take(opt, Some(value.strip_prefix('=').unwrap_or(value)));
            }
            self.take(opt, None)?;
        }
        Ok(())
    }

    /// Takes an option with the value that is written with it, or one from the next argument.
    fn take(&mut self, opt: &'static Opt, value: Option<&str>) -> Result<(), Exit> {
        let shown = opt.shown();
        if !opt.again && self.given.iter().any(|given| std::ptr::eq(*given, opt)) {
            let message = format!("the argument '{shown}' cannot be used multiple times");
            return Err(wrong(&message, USAGE));
        }
        self.given.push(opt);
        match (&opt.takes, value) {
            (Takes::Nothing(set), None) => set(&mut self.args),
            (Takes::Nothing(_), Some(value)) => {
                let message = format!(
                    "unexpected value '{value}' for '{shown}' found; no more were expected"
                );
                return Err(wrong(&message, USAGE));
            }
            (
                Takes::Value {
                    from: From::MayEqual,
                    ..
                },
                None,
            ) => {}
            (
                Takes::Value {
                    from: From::Equals, ..
                },
                None,
            ) => {
                let message = format!("equal sign is needed when assigning values to '{shown}'");
                return Err(wrong(&message, USAGE));
            }
            (Takes::Value { .. }, Some(value)) => return self.set(opt, value),
            (Takes::Value { choices, .. }, None) => {
                // What looks like an option is one: the value was forgotten.
                let is_value = |next: &OsString| {
                    let bytes = next.as_encoded_bytes();
                    bytes == b"-" || !bytes.starts_with(b"-")
                };
                if !self.line.peek().is_some_and(is_value) {
                    let message =
                        format!("a value is required for '{shown}' but none was supplied");
                    return Err(wrong(&message, &possible(choices)));
                }
                let value = self.next()?.unwrap_or_default();
                return self.set(opt, &value);
            }
        }
        Ok(())
    }

    fn set(&mut self, opt: &Opt, value: &str) -> Result<(), Exit> {
        let Takes::Value { choices, set, .. } = &opt.takes else {
            return Ok(());
        };
        let message = format!("invalid value '{value}' for '{}'", opt.shown());
        if !choices.is_empty() && !choices.contains(&value) {
            let tip = nearest(value, choices.iter().copied());
            let tip = tip.map(|near| format!("\n  tip: a similar value exists: '{near}'\n"));
            return Err(wrong(
                &message,
                &(possible(choices) + &tip.unwrap_or_default()),
            ));
        }
        set(&mut self.args, value).map_err(|why| wrong(&format!("{message}: {why}"), ""))
    }

    fn contradictions(&self) -> Result<(), Exit> {
        for opt in &self.given {
            let other = self.given.iter().find(|other| other.long == opt.not_with);
            if let (false, Some(other)) = (opt.not_with.is_empty(), other) {
                let (one, other) = (opt.shown(), other.shown());
                let message = format!("the argument '{one}' cannot be used with '{other}'");
                return Err(wrong(&message, USAGE));
            }
        }
        Ok(())
    }
}

/// The option that was meant: the one that begins like this, else the nearest.
fn similar(name: &str) -> Option<&'static str> {
    let names = || OPTIONS.iter().flat_map(|opt| [opt.long, opt.alias]);
    let begins = |known: &&str| name.len() > 1 && known.starts_with(name);
    names().find(begins).or_else(|| nearest(name, names()))
}

fn unknown(given: &str, similar: Option<&str>) -> Exit {
    let tip = match similar {
        Some(name) => format!("a similar argument exists: '--{name}'"),
        None => format!("to pass '{given}' as a value, use '-- {given}'"),
    };
    let message = format!("unexpected argument '{given}' found\n\n  tip: {tip}");
    wrong(&message, USAGE)
}

/// The values that an option takes, for an error.
fn possible(choices: &[&str]) -> String {
    if choices.is_empty() {
        return String::new();
    }
    format!("  [possible values: {}]\n", choices.join(", "))
}

fn wrong(message: &str, more: &str) -> Exit {
    let gap = if more == USAGE { "\n" } else { "" };
    Exit {
        text: format!("error: {message}\n{gap}{more}\nFor more information, try '--help'.\n"),
        code: 2,
    }
}

fn help() -> String {
    let filter = "[FILTER]...";
    let mut text = format!(
        "Runs the checks that are registered in this test target.\n\n{USAGE}\nArguments:\n  {filter}  \
         Run only trials whose name contains any FILTER (with --exact: is any FILTER)\n\nOptions:\n"
    );
    let shown = OPTIONS.iter().filter_map(|opt| Some((opt, opt.help?)));
    let width = shown.clone().map(|(opt, _)| opt.shown().len()).max();
    let width = width.unwrap_or(0);
    for (opt, help) in shown {
        let short = opt
            .short
            .map_or_else(|| "    ".to_owned(), |short| format!("-{short}, "));
        let choices = match &opt.takes {
            Takes::Value { choices, .. } if !choices.is_empty() => {
                format!(" [possible values: {}]", choices.join(", "))
            }
            _ => String::new(),
        };
        let _ = writeln!(text, "  {short}{:width$}  {help}{choices}", opt.shown());
    }
    text += "\nA trial is named ID::module::function, so a requirement, a tier or a module is a filter.\n\
             The results are in target/readiness/<run>/; `cargo readiness report` turns them into the \
             document.\n";
    text
}
