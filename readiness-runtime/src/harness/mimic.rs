//! The libtest protocol: listing, progress, summary. The only file that knows libtest-mimic.

use libtest_mimic::{Arguments, ColorSetting, Completion, Failed, FormatSetting, Trial};

use super::args::{Args, Color, Format};
use super::report::Answer;

/// A line of the listing, and what runs behind it.
pub(crate) struct Row {
    pub(crate) name: String,
    /// Chosen by filters and shard; the others are only counted.
    pub(crate) selected: bool,
    /// Declared so.
    pub(crate) ignored: bool,
    pub(crate) run: Box<dyn FnOnce() -> Answer + Send>,
}

/// The name of everything that is filtered out. Selecting is ours (several filters, shards); the
/// printer's own filter only has to count, and one name makes that cheap.
const LEFT_OUT: &str = "(left out)";

/// Lists or runs the rows, in order, on `threads` threads, and prints as `args` say.
pub(crate) fn run(args: &Args, threads: usize, rows: Vec<Row>) {
    let arguments = Arguments {
        include_ignored: args.include_ignored,
        ignored: args.ignored,
        test: args.test,
        bench: args.bench,
        list: args.list,
        quiet: args.quiet,
        exact: true,
        skip: vec![LEFT_OUT.to_owned()],
        test_threads: Some(threads.max(1)),
        logfile: args.logfile.clone(),
        color: args.color.map(|color| match color {
            Color::Auto => ColorSetting::Auto,
            Color::Always => ColorSetting::Always,
            Color::Never => ColorSetting::Never,
        }),
        format: args.format.map(|format| match format {
            Format::Pretty | Format::Junit => FormatSetting::Pretty,
            Format::Terse => FormatSetting::Terse,
            Format::Json => FormatSetting::Json,
        }),
        ..Arguments::default()
    };
    let trials = rows.into_iter().map(trial).collect();
    // Its conclusion counts what it printed; the exit code follows from what was recorded.
    let _ = libtest_mimic::run(&arguments, trials);
}

fn trial(row: Row) -> Trial {
    if !row.selected {
        return Trial::test(LEFT_OUT, || Ok(()));
    }
    let Row {
        name, ignored, run, ..
    } = row;
    Trial::ignorable_test(name, move || match run() {
        Answer::Passed | Answer::Warned(_) => Ok(Completion::Completed),
        Answer::Failed(text) => Err(Failed::from(text)),
        Answer::NotVerified(reason) => Ok(Completion::ignored_with(one_line(
            "not verified: ",
            &reason,
        ))),
        Answer::NotApplicable(reason) => Ok(Completion::ignored_with(one_line(
            "not applicable: ",
            &reason,
        ))),
    })
    .with_ignored_flag(ignored)
}

/// A reason that stays on its line of the listing.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_stay_on_one_line() {
        assert_eq!(one_line("x: ", "a\n  b\u{1b}[31m\n"), "x: a b [31m");
    }
}
