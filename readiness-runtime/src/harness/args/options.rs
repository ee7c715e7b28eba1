//! What can be typed: one table, from which the command line is parsed, mistypes are told and the help is
//! printed.

use super::{Args, Color, Format};

/// An option.
pub(super) struct Opt {
    /// Without its dashes; empty for one that is short alone.
    pub(super) long: &'static str,
    /// Another spelling of it.
    pub(super) alias: &'static str,
    pub(super) short: Option<char>,
    pub(super) takes: Takes,
    /// Whether it may be given again.
    pub(super) again: bool,
    /// An option that contradicts it.
    pub(super) not_with: &'static str,
    /// What the help says; none for one that is known but not shown.
    pub(super) help: Option<&'static str>,
}

/// What follows an option.
pub(super) enum Takes {
    Nothing(fn(&mut Args)),
    Value {
        /// What the help calls it.
        name: &'static str,
        /// What it may be; anything when empty.
        choices: &'static [&'static str],
        from: From,
        /// What it means; the error says why it means nothing.
        set: fn(&mut Args, &str) -> Result<(), String>,
    },
}

/// Where a value may stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    /// After `=`, or in the next argument.
    EqualsOrNext,
    /// After `=`.
    Equals,
    /// After `=`, or nowhere.
    MayEqual,
}

impl Opt {
    const fn flag(long: &'static str, set: fn(&mut Args)) -> Self {
        Self::new(long, Takes::Nothing(set))
    }

    const fn value(
        long: &'static str,
        name: &'static str,
        set: fn(&mut Args, &str) -> Result<(), String>,
    ) -> Self {
        let takes = Takes::Value {
            name,
            choices: &[],
            from: From::EqualsOrNext,
            set,
        };
        Self::new(long, takes)
    }

    const fn new(long: &'static str, takes: Takes) -> Self {
        Self {
            long,
            alias: "",
            short: None,
            takes,
            again: false,
            not_with: "",
            help: None,
        }
    }

    const fn help(mut self, help: &'static str) -> Self {
        self.help = Some(help);
        self
    }

    const fn short(mut self, short: char) -> Self {
        self.short = Some(short);
        self
    }

    const fn not_with(mut self, long: &'static str) -> Self {
        self.not_with = long;
        self
    }

    const fn again(mut self) -> Self {
        self.again = true;
        self
    }

    const fn alias(mut self, alias: &'static str) -> Self {
        self.alias = alias;
        self
    }

    const fn one_of(mut self, known: &'static [&'static str]) -> Self {
        if let Takes::Value { choices, .. } = &mut self.takes {
            *choices = known;
        }
        self
    }

    const fn from(mut self, place: From) -> Self {
        if let Takes::Value { from, .. } = &mut self.takes {
            *from = place;
        }
        self
    }

    /// As people write it: `--skip <FILTER>`.
    pub(super) fn shown(&self) -> String {
        let name = self.name();
        match &self.takes {
            Takes::Nothing(_) => name,
            Takes::Value {
                name: value, from, ..
            } => match from {
                From::EqualsOrNext => format!("{name} <{value}>"),
                From::Equals => format!("{name}=<{value}>"),
                From::MayEqual => format!("{name}[=<{value}>]"),
            },
        }
    }

    /// With its dashes.
    pub(super) fn name(&self) -> String {
        match self.short {
            Some(short) if self.long.is_empty() => format!("-{short}"),
            _ => format!("--{}", self.long),
        }
    }
}

/// Every option; the help shows them in this order.
pub(super) static OPTIONS: &[Opt] = &[
    Opt::flag("list", |args| args.list = true).help("List all trials"),
    Opt::flag("exact", |args| args.exact = true)
        .help("Match filters exactly rather than by substring"),
    Opt::value("skip", "FILTER", |args, text| {
        args.skip.push(text.to_owned());
        Ok(())
    })
    .again()
    .help("Leave out trials whose name contains FILTER (may be repeated)"),
    Opt::flag("ignored", |args| args.ignored = true)
        .not_with("include-ignored")
        .help("Run only ignored trials"),
    Opt::flag("include-ignored", |args| args.include_ignored = true)
        .help("Run ignored trials as well"),
    Opt::flag("isolate", |args| args.isolate = true).help(
        "Run each trial in a process of its own: output is captured per trial, a hanging trial is \
         killed, a crash is attributed",
    ),
    Opt::value("test-threads", "N", |args, text| {
        args.test_threads = Some(number(text)?);
        Ok(())
    })
    .help("Trials at once (default: `run.threads` of readiness.toml, else 32)"),
    Opt::flag("quiet", |args| args.quiet = true)
        .short('q')
        .not_with("format")
        .help("Display one character per trial"),
    Opt::value("format", "FORMAT", |args, text| {
        args.format = Some(match text {
            "pretty" => Format::Pretty,
            "terse" => Format::Terse,
            "json" => Format::Json,
            _ => Format::Junit,
        });
        Ok(())
    })
    .one_of(&["pretty", "terse", "json", "junit"])
    .help("How results are printed: a line for each, a character for each, or events"),
    Opt::value("color", "COLOR", |args, text| {
        args.color = Some(match text {
            "always" => Color::Always,
            "never" => Color::Never,
            _ => Color::Auto,
        });
        Ok(())
    })
    .one_of(&["auto", "always", "never"])
    .help("When output is coloured; auto: on a terminal"),
    Opt::value("logfile", "PATH", |args, text| {
        args.logfile = Some(text.to_owned());
        Ok(())
    })
    .help("Write the results to a file instead of stdout"),
    Opt::flag("test", |args| args.test = true)
        .not_with("bench")
        .help("Run tests and not benchmarks (there are only tests)"),
    Opt::flag("bench", |args| args.bench = true)
        .help("Run benchmarks instead of tests (there are none)"),
    Opt::flag("nocapture", |args| args.nocapture = true)
        .alias("no-capture")
        .help("Accepted: output of trials is never captured without --isolate"),
    Opt::flag("help", |args| args.help = true)
        .short('h')
        .help("Print help"),
    // Accepted, because people and tools pass them to every binary of a `cargo test`.
    Opt::flag("show-output", |_| ()),
    Opt::value("report-time", "STYLE", |_, _| Ok(())).from(From::MayEqual),
    Opt::flag("exclude-should-panic", |_| ()),
    Opt::flag("force-run-in-process", |_| ()),
    Opt::value("", "unstable-options", |_, _| Ok(()))
        .short('Z')
        .again(),
    // Refused, with what to do instead.
    Opt::flag("ensure-time", |args| args.refused = Some("--ensure-time")),
    Opt::flag("shuffle", |args| args.refused = Some("--shuffle")),
    Opt::value("shuffle-seed", "SEED", |args, _| {
        args.refused = Some("--shuffle");
        Ok(())
    }),
    Opt::flag("fail-fast", |args| args.refused = Some("--fail-fast")),
    // Between the command, a test target and its children.
    Opt::flag("readiness-describe", |args| args.readiness_describe = true),
    Opt::value("readiness-serve", "NAMES", |args, text| {
        args.readiness_serve = Some(text.to_owned());
        Ok(())
    })
    .from(From::Equals),
    Opt::value("readiness-child", "NAME", |args, text| {
        args.readiness_child = Some(text.to_owned());
        Ok(())
    }),
    Opt::value("readiness-attempt", "N", |args, text| {
        args.readiness_attempt = number(text)?;
        Ok(())
    }),
];

fn number<T: std::str::FromStr<Err = std::num::ParseIntError>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}
