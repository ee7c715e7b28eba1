//! What was typed: libtest's arguments and a few of our own.
//!
//! All of libtest's flags are known. Those that mean nothing here (there is no output capture to
//! switch off, no `should_panic`) are accepted, because people and tools pass them to every binary
//! of a `cargo test`; those that would promise something that is not done are refused with a reason.

use std::ffi::OsString;

use clap::{CommandFactory, FromArgMatches, Parser, ValueEnum};

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The command line of a test target.
#[derive(Debug, Clone, Parser)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one field per flag of libtest's command line"
)]
#[command(
    disable_version_flag = true,
    override_usage = "[OPTIONS] [FILTER]...",
    about = "Runs the checks that are registered in this test target.",
    after_help = "A trial is named ID::module::function, so a requirement, a tier or a module is a \
                  filter.\nThe results are in target/readiness/<run>/; `cargo readiness report` \
                  turns them into the document."
)]
pub(crate) struct Args {
    /// Run only trials whose name contains any FILTER (with --exact: is any FILTER)
    #[arg(value_name = "FILTER")]
    pub(crate) filters: Vec<String>,
    /// List all trials
    #[arg(long)]
    pub(crate) list: bool,
    /// Match filters exactly rather than by substring
    #[arg(long)]
    pub(crate) exact: bool,
    /// Leave out trials whose name contains FILTER (may be repeated)
    #[arg(long, value_name = "FILTER")]
    pub(crate) skip: Vec<String>,
    /// Run only ignored trials
    #[arg(long, conflicts_with = "include_ignored")]
    pub(crate) ignored: bool,
    /// Run ignored trials as well
    #[arg(long)]
    pub(crate) include_ignored: bool,
    /// Run each trial in a process of its own: output is captured per trial, a hanging trial is
    /// killed, a crash is attributed
    #[arg(long)]
    pub(crate) isolate: bool,
    /// Trials at once (default: `run.threads` of readiness.toml, else 32)
    #[arg(long, value_name = "N")]
    pub(crate) test_threads: Option<usize>,
    /// Display one character per trial
    #[arg(short, long, conflicts_with = "format")]
    pub(crate) quiet: bool,
    /// How results are printed
    #[arg(long, value_enum)]
    pub(crate) format: Option<Format>,
    /// When output is coloured
    #[arg(long, value_enum)]
    pub(crate) color: Option<Color>,
    /// Write the results to a file instead of stdout
    #[arg(long, value_name = "PATH")]
    pub(crate) logfile: Option<String>,
    /// Run tests and not benchmarks (there are only tests)
    #[arg(long = "test", conflicts_with = "bench")]
    pub(crate) test: bool,
    /// Run benchmarks instead of tests (there are none)
    #[arg(long)]
    pub(crate) bench: bool,

    /// Accepted: output of trials is never captured without --isolate
    #[arg(long, alias = "no-capture")]
    pub(crate) nocapture: bool,
    /// Accepted: see --nocapture
    #[arg(long, hide = true)]
    show_output: bool,
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "plain")]
    report_time: Option<String>,
    #[arg(long, hide = true)]
    exclude_should_panic: bool,
    #[arg(long, hide = true)]
    force_run_in_process: bool,
    #[arg(short = 'Z', hide = true, value_name = "unstable-options")]
    unstable: Vec<String>,

    #[arg(long, hide = true)]
    ensure_time: bool,
    #[arg(long, hide = true)]
    shuffle: bool,
    #[arg(long, hide = true, value_name = "SEED")]
    shuffle_seed: Option<String>,
    #[arg(long, hide = true)]
    fail_fast: bool,

    /// Print the registry as one JSON object
    #[arg(long, hide = true)]
    pub(crate) readiness_describe: bool,
    /// Start the services of a run, but for these, and stay until stdin ends
    #[arg(long, hide = true, value_name = "NAMES", require_equals = true)]
    pub(crate) readiness_serve: Option<String>,
    /// This process runs one trial for the process with this journal
    #[arg(long, hide = true, value_name = "NAME")]
    pub(crate) readiness_child: Option<String>,
    /// First attempt of a child, from 1
    #[arg(long, hide = true, value_name = "N", default_value_t = 1)]
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
        let matches = Args::command().try_get_matches_from(line);
        let args = matches.and_then(|matches| Args::from_arg_matches(&matches));
        let args = args.map_err(|error| Exit {
            text: error.render().to_string(),
            code: u8::try_from(error.exit_code()).unwrap_or(2),
        })?;
        args.check()?;
        Ok(args)
    }

    /// Flags of libtest that would promise something that is not done.
    fn check(&self) -> std::result::Result<(), Exit> {
        let refused = [
            (
                self.ensure_time,
                "--ensure-time",
                "give a check `timeout = \"…\"`, or `[run] timeout` in readiness.toml",
            ),
            (
                self.shuffle || self.shuffle_seed.is_some(),
                "--shuffle",
                "trials run by phase, then in the order of their ids",
            ),
            (
                self.fail_fast,
                "--fail-fast",
                "every requirement is judged in every run; use filters to run fewer",
            ),
            (
                self.format == Some(Format::Junit),
                "--format junit",
                "run first, then write it with `cargo readiness report`",
            ),
        ];
        match refused.into_iter().find(|(given, ..)| *given) {
            None => Ok(()),
            Some((_, flag, instead)) => Err(Exit {
                text: format!("error: {flag} is not supported: {instead}\n"),
                code: 2,
            }),
        }
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
    fn the_definition_is_sound() {
        Args::command().debug_assert();
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
            // clap refuses a repeated option; libtest's own parser does too.
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
