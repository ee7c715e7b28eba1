//! Reads a command line by the table of options, says what is wrong with it, and prints the help.
//!
//! lexopt takes the line apart. It is one small file: a test target is compiled by everybody who has a
//! check, and a parser with a derive costs more to compile than the harness that would use it.

use std::ffi::{OsStr, OsString};
use std::fmt::Write;

use lexopt::{Arg, Parser};

use super::options::{From, OPTIONS, Opt, Takes};
use super::{Args, Exit};
use crate::diagnostic::nearest;

const USAGE: &str = "Usage: [OPTIONS] [FILTER]...\n";

/// Reads the arguments, without the program's name.
pub(super) fn parse(line: impl Iterator<Item = OsString>) -> Result<Args, Exit> {
    let mut reader = Reader {
        line: Parser::from_args(line),
        args: Args::default(),
        given: Vec::new(),
    };
    while !reader.args.help {
        if !reader.next()? {
            reader.contradictions()?;
            return Ok(reader.args);
        }
    }
    Err(Exit {
        text: help(),
        code: 0,
    })
}

struct Reader {
    line: Parser,
    args: Args,
    /// The options so far.
    given: Vec<&'static Opt>,
}

impl Reader {
    /// Reads an option with its value, or a filter; whether there was one.
    fn next(&mut self) -> Result<bool, Exit> {
        let unexpected = |error: lexopt::Error| wrong(&error.to_string(), USAGE);
        let (opt, is_long) = match self.line.next().map_err(unexpected)? {
            None => return Ok(false),
            Some(Arg::Value(filter)) => {
                self.args.filters.push(utf8(filter)?);
                return Ok(true);
            }
            Some(Arg::Long(name)) => {
                let named =
                    |opt: &&Opt| !name.is_empty() && (opt.long == name || opt.alias == name);
                let known = OPTIONS.iter().find(named);
                let unknown = || unknown(&format!("--{name}"), similar(name));
                (known.ok_or_else(unknown)?, true)
            }
            Some(Arg::Short(letter)) => {
                let known = OPTIONS.iter().find(|opt| opt.short == Some(letter));
                let unknown = || unknown(&format!("-{letter}"), None);
                (known.ok_or_else(unknown)?, false)
            }
        };
        if !opt.again && self.given.iter().any(|given| std::ptr::eq(*given, opt)) {
            let message = format!(
                "the argument '{}' cannot be used multiple times",
                opt.shown()
            );
            return Err(wrong(&message, USAGE));
        }
        self.given.push(opt);
        match &opt.takes {
            Takes::Nothing(set) => {
                set(&mut self.args);
                // What follows a short flag at once is more of them.
                let value = if is_long {
                    self.line.optional_value()
                } else {
                    None
                };
                value.map_or(Ok(true), |value| Err(superfluous(opt, &value)))
            }
            Takes::Value { choices, from, .. } => {
                if let Some(value) = self.value(opt, choices, *from)? {
                    self.set(opt, &utf8(value)?)?;
                }
                Ok(true)
            }
        }
    }

    /// The value of an option, from where it may stand.
    fn value(&mut self, opt: &Opt, choices: &[&str], from: From) -> Result<Option<OsString>, Exit> {
        let attached = self.line.optional_value();
        if attached.is_some() || from == From::MayEqual {
            return Ok(attached);
        }
        let shown = opt.shown();
        if from == From::Equals {
            let message = format!("equal sign is needed when assigning values to '{shown}'");
            return Err(wrong(&message, USAGE));
        }
        let rest = self.line.raw_args().ok();
        let next = rest.and_then(|mut rest| rest.next_if(is_value));
        next.map(Some).ok_or_else(|| {
            let message = format!("a value is required for '{shown}' but none was supplied");
            wrong(&message, &possible(choices))
        })
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

fn utf8(text: OsString) -> Result<String, Exit> {
    let wrong = |_| wrong("invalid UTF-8 was detected in one or more arguments", USAGE);
    text.into_string().map_err(wrong)
}

/// What looks like an option is one: the value before it was forgotten.
fn is_value(next: &OsStr) -> bool {
    next == "-" || !next.as_encoded_bytes().starts_with(b"-")
}

fn superfluous(opt: &Opt, value: &OsStr) -> Exit {
    let (value, shown) = (value.display(), opt.shown());
    let message = format!("unexpected value '{value}' for '{shown}' found; no more were expected");
    wrong(&message, USAGE)
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
