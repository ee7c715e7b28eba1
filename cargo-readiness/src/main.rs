//! `cargo readiness`: run the checks of a production-readiness checklist, turn their journals into
//! the document, and decide whether it is a go.
//!
//! Exit codes: 0 met; 1 the gate is not met (or `--check` found the document out of date); 2 usage,
//! configuration or document error; 101 a check failed on a demonstration, where there is no gate
//! to be met. Never a count.

use std::process::ExitCode;

use clap::Parser;

mod ask;
mod cli;
mod codes;
mod commands;
mod compare;
mod deliver;
mod describe;
mod documents;
mod execute;
mod formats;
mod history;
mod journals;
mod progress;
#[cfg(test)]
mod reference;
mod render;
mod report;
mod scaffold;
mod services;
mod signoff;
mod statements;
mod summary;
mod ui;
mod unified;
mod wording;
mod workspace;

use cli::{Cli, Command};
use codes::Exit;
use ui::Ui;

fn main() -> ExitCode {
    // As a cargo subcommand the first argument is the subcommand's own name.
    let mut arguments: Vec<_> = std::env::args_os().collect();
    if arguments.get(1).is_some_and(|word| word == "readiness") {
        arguments.remove(1);
    }
    let cli = Cli::parse_from(arguments);
    let mut ui = Ui::new(cli.quiet && cli.command.ends_in_a_summary());
    let exit = match dispatch(&cli.command, &mut ui) {
        Ok(exit) => exit,
        Err(error) => {
            ui.error(&error);
            Exit::Misuse
        }
    };
    ui.flush();
    ExitCode::from(exit.code())
}

fn dispatch(command: &Command, ui: &mut Ui) -> anyhow::Result<Exit> {
    match command {
        Command::Init(options) => commands::init::run(options, ui),
        Command::New(options) => commands::new::run(options, ui),
        Command::Run(options) => commands::run::run(options, ui),
        Command::Report(options) => commands::report::run(options, ui),
        Command::Gate(options) => commands::gate::run(options, ui),
        Command::Check(options) => commands::check::run(options, ui),
        Command::Adopt(options) => commands::adopt::run(options, ui),
        Command::Diff(options) => commands::diff::run(options, ui),
        Command::List(options) => commands::list::run(options, ui),
        Command::Explain(options) => commands::explain::run(options, ui),
        Command::Prove(options) => commands::prove::run(options, ui),
        Command::Merge(options) => commands::merge::run(options, ui),
        Command::Import(options) => commands::import::run(options, ui),
        Command::Completions(options) => Ok(commands::shell::completions(options, ui)),
        Command::Man(options) => commands::shell::man(options, ui),
        Command::NextestConfig(options) => commands::nextest_config::run(options, ui),
        Command::Attest(options) => commands::people::attest(options, ui),
        Command::Waive(options) => commands::people::waive(options, ui),
        Command::Exclude(options) => commands::people::exclude(options, ui),
        Command::Revoke(options) => commands::people::revoke(options, ui),
        Command::Ack(options) => commands::ack::run(options, ui),
        Command::Sign(options) => commands::sign::run(options, ui),
        Command::Verify(options) => commands::verify::run(options, ui),
        Command::History(options) => commands::history::run(options, ui),
        Command::Expiring(options) => commands::expiring::run(options, ui),
    }
}
