//! What was typed: libtest's arguments and a few of our own.
//!
//! All of libtest's flags are known. Those that mean nothing here (there is no output capture to
//! switch off, no `should_panic`) are accepted, because people and tools pass them to every binary
//! of a `cargo test`; those that would promise something that is not done are refused with a reason.

use std::ffi::OsString;

mod options;
mod parse;

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// One line per trial.
    Pretty,
    /// One character per trial.
    Terse,
    /// One JSON event per line.
    Json,
    /// Refused: see [`Args::check`].
    Junit,
}

/// When output is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The command line of a test target; what each means is in [`options`].
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one field per flag of libtest's command line"
)]
pub(crate) struct Args {
    pub(crate) filters: Vec<String>,
    pub(crate) list: bool,
    pub(crate) exact: bool,
    pub(crate) skip: Vec<String>,
    pub(crate) ignored: bool,
    pub(crate) include_ignored: bool,
    pub(crate) isolate: bool,
    pub(crate) test_threads: Option<usize>,
    pub(crate) quiet: bool,
    pub(crate) format: Option<Format>,
    pub(crate) color: Option<Color>,
    pub(crate) logfile: Option<String>,
    pub(crate) test: bool,
    pub(crate) bench: bool,
    pub(crate) nocapture: bool,
    help: bool,
    /// A flag that would promise something that is not done.
    refused: Option<&'static str>,

    /// Print the registry as one JSON object.
    pub(crate) readiness_describe: bool,
    /// Start the services of a run, but for these, and stay until stdin ends.
    pub(crate) readiness_serve: Option<String>,
    /// This process runs one trial for the process with this journal.
    pub(crate) readiness_child: Option<String>,
    /// First attempt of a child, from 1; 0 when it is not said.
    pub(crate) readiness_attempt: u32,
}

/// What ends a process before anything runs: what to print, where, and the exit code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exit {
    /// What to say.
    pub(crate) text: String,
    /// Zero for `--help`, which goes to stdout; 2 otherwise.
    pub(crate) code: u8,
}

impl Args {
    /// Reads a command line, the program's name first.
    pub(crate) fn parse_from(
        line: impl IntoIterator<Item = OsString>,
    ) -> std::result::Result<Args, Exit> {
        let args = parse::parse(line.into_iter().skip(1))?;
        args.check()?;
        Ok(args)
    }

    /// Flags of libtest that would promise something that is not done.
    fn check(&self) -> std::result::Result<(), Exit> {
        let junit = (self.format == Some(Format::Junit)).then_some("--format junit");
        let Some(flag) = self.refused.or(junit) else {
            return Ok(());
        };
        let instead = match flag {
            "--ensure-time" => {
                "give a check `timeout = \"…\"`, or `[run] timeout` in readiness.toml"
            }
            "--shuffle" => "trials run by phase, then in the order of their ids",
            "--fail-fast" => "every requirement is judged in every run; use filters to run fewer",
            _ => "run first, then write it with `cargo readiness report`",
        };
        Err(Exit {
            text: format!("error: {flag} is not supported: {instead}\n"),
            code: 2,
        })
    }

    /// Whether the filters and `--skip` let a trial through; no filter lets every one through.
    pub(crate) fn selects(&self, name: &str) -> bool {
        let matches = |filter: &String| {
            if self.exact {
                name == filter
            } else {
                name.contains(filter.as_str())
            }
        };
        (self.filters.is_empty() || self.filters.iter().any(matches))
            && !self.skip.iter().any(matches)
    }

    /// Whether a declared `ignore` is heeded.
    pub(crate) fn heeds_ignore(&self) -> bool {
        !self.ignored && !self.include_ignored
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &[&str]) -> std::result::Result<Args, Exit> {
        let line = std::iter::once("suite").chain(line.iter().copied());
        Args::parse_from(line.map(OsString::from))
    }

    #[test]
    fn names_are_told_apart() {
        let mut seen = std::collections::BTreeSet::new();
        for opt in options::OPTIONS {
            let short = opt.short.map(String::from);
            let names = [opt.long, opt.alias, short.as_deref().unwrap_or_default()];
            for name in names.into_iter().filter(|name| !name.is_empty()) {
                assert!(seen.insert(name.to_owned()), "{name} twice");
            }
            let is_known = |long| options::OPTIONS.iter().any(|other| other.long == long);
            assert!(opt.not_with.is_empty() || is_known(opt.not_with));
        }
    }

    #[test]
    fn everything_that_libtest_takes_is_taken() {
        for line in [
            &["--nocapture"][..],
            &["--no-capture"],
            &["--show-output", "--report-time", "-Z", "unstable-options"],
            &["--report-time=colored"],
            &["-Zunstable-options", "--format", "json"],
            &["--format=terse"],
            &["-q"],
            &["--quiet", "--test-threads", "4", "--test-threads=0"],
            &["--color", "never", "--logfile", "x"],
            &["--exclude-should-panic", "--force-run-in-process"],
            &["--test"],
            &["--bench"],
            &["--list", "--format", "terse", "--ignored"],
            &[
                "--include-ignored",
                "--exact",
                "--skip",
                "a",
                "--skip",
                "b",
                "f",
                "g",
            ],
        ] {
            // A repeated option is refused; libtest's own parser does too.
            let line: Vec<_> = line
                .iter()
                .filter(|a| **a != "--test-threads=0")
                .copied()
                .collect();
            parse(&line).unwrap_or_else(|exit| panic!("{line:?}: {}", exit.text));
        }
    }

    #[test]
    fn what_is_not_done_is_refused_with_a_way_out() {
        for flag in [
            "--shuffle",
            "--shuffle-seed=3",
            "--ensure-time",
            "--fail-fast",
            "--format=junit",
        ] {
            let exit = parse(&[flag]).unwrap_err();
            assert_eq!(exit.code, 2, "{flag}");
            assert!(exit.text.contains("is not supported: "), "{}", exit.text);
        }
        let exit = parse(&["--frobnicate"]).unwrap_err();
        assert_eq!(exit.code, 2);
        assert!(exit.text.contains("--frobnicate"), "{}", exit.text);
        let help = parse(&["--help"]).unwrap_err();
        assert_eq!(help.code, 0);
        assert!(!help.text.contains("readiness-child"), "{}", help.text);
    }

    /// What is said of a command line, without the way to the help.
    fn said(line: &[&str]) -> String {
        let exit = parse(line).unwrap_err();
        assert_eq!(exit.code, 2, "{line:?}");
        let text = exit.text.replace("Usage: [OPTIONS] [FILTER]...\n\n", "");
        let end = "\nFor more information, try '--help'.\n";
        text.strip_suffix(end).unwrap_or(&text).trim().to_owned()
    }

    #[test]
    fn mistakes_are_told_with_what_was_meant() {
        for (line, expected) in [
            (
                &["--testthreads", "3"][..],
                "unexpected argument '--testthreads' found\n\n  tip: a similar argument exists: '--test-threads'",
            ),
            (
                &["--exac"],
                "unexpected argument '--exac' found\n\n  tip: a similar argument exists: '--exact'",
            ),
            (
                &["--frobnicate"],
                "unexpected argument '--frobnicate' found\n\n  tip: to pass '--frobnicate' as a value, use '-- --frobnicate'",
            ),
            (
                &["-qx"],
                "unexpected argument '-x' found\n\n  tip: to pass '-x' as a value, use '-- -x'",
            ),
            (
                &["--list=3"],
                "unexpected value '3' for '--list' found; no more were expected",
            ),
            (
                &["--skip"],
                "a value is required for '--skip <FILTER>' but none was supplied",
            ),
            (
                &["--skip", "--list"],
                "a value is required for '--skip <FILTER>' but none was supplied",
            ),
            (
                &["--test-threads", "x"],
                "invalid value 'x' for '--test-threads <N>': invalid digit found in string",
            ),
            (
                &["--format=prety"],
                "invalid value 'prety' for '--format <FORMAT>'\n  [possible values: pretty, terse, json, junit]\n\n  tip: a similar value exists: 'pretty'",
            ),
            (
                &["--color", "sometimes"],
                "invalid value 'sometimes' for '--color <COLOR>'\n  [possible values: auto, always, never]",
            ),
            (
                &["--color=never", "--color", "always"],
                "the argument '--color <COLOR>' cannot be used multiple times",
            ),
            (
                &["--no-capture", "--nocapture"],
                "the argument '--nocapture' cannot be used multiple times",
            ),
            (
                &["--format", "terse", "--quiet"],
                "the argument '--quiet' cannot be used with '--format <FORMAT>'",
            ),
            (
                &["--ignored", "--include-ignored"],
                "the argument '--ignored' cannot be used with '--include-ignored'",
            ),
            (
                &["--readiness-serve", "x"],
                "equal sign is needed when assigning values to '--readiness-serve=<NAMES>'",
            ),
        ] {
            assert_eq!(said(line), format!("error: {expected}"), "{line:?}");
        }
    }

    #[test]
    fn values_stand_where_others_take_them() {
        for line in [
            &["-qZunstable-options", "a"][..],
            &["-qZ", "unstable-options", "a"],
            &["-Z=unstable-options", "-q", "a"],
            &["-q", "--report-time", "a"],
        ] {
            let args = parse(line).unwrap();
            assert!(args.quiet && args.filters == ["a"], "{line:?}");
        }
        let args = parse(&["--skip=", "--skip", "-", "--", "--list", "--"]).unwrap();
        assert_eq!(
            (&*args.skip, args.list),
            (&[String::new(), "-".to_owned()][..], false)
        );
        assert_eq!(args.filters, ["--list", "--"]);
        assert_eq!(parse(&["-", "", "x"]).unwrap().filters, ["-", "", "x"]);
    }

    #[test]
    fn filters() {
        let names = ["RT-1::limits::a", "RT-10::limits::b", "PCI-1::cards::a"];
        let selected = |line: &[&str]| {
            let args = parse(line).unwrap();
            let selected: Vec<_> = names.into_iter().filter(|n| args.selects(n)).collect();
            selected
        };
        assert_eq!(selected(&[]), names);
        assert_eq!(selected(&["RT-1"]), names[..2]);
        assert_eq!(selected(&["limits::b", "PCI"]), names[1..]);
        assert_eq!(selected(&["RT", "--skip", "::a"]), [names[1]]);
        assert_eq!(selected(&["--exact", names[0]]), [names[0]]);
        assert_eq!(
            selected(&["--exact", names[0], names[2]]),
            [names[0], names[2]]
        );
        assert_eq!(selected(&["--exact", "--skip", names[0]]), names[1..]);
        assert!(selected(&["--exact", "RT-1"]).is_empty());
    }
}
