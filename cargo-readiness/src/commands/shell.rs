//! `cargo readiness completions SHELL` and `cargo readiness man`: from the table that the help is
//! printed from, so that none of the three can lag behind.

use clap::CommandFactory;

use crate::cli::{Cli, CompletionsOptions, ManOptions};
use crate::codes::Exit;
use crate::documents::shown;
use crate::report::put;
use crate::ui::Ui;

/// The name of the executable: cargo finds it by this name, and a shell completes it by this name.
const BINARY: &str = "cargo-readiness";

/// Prints a completion script.
pub(crate) fn completions(options: &CompletionsOptions, ui: &mut Ui) -> Exit {
    let mut script = Vec::new();
    let mut command = Cli::command().bin_name(BINARY);
    clap_complete::generate(options.shell, &mut command, BINARY, &mut script);
    ui.raw(&script);
    Exit::Met
}

/// Prints the manual page of the command, or writes one for each subcommand as well.
pub(crate) fn man(options: &ManOptions, ui: &mut Ui) -> anyhow::Result<Exit> {
    let mut command = Cli::command().bin_name(BINARY);
    command.build();
    let Some(folder) = &options.output else {
        ui.raw(&page(&command, BINARY)?);
        return Ok(Exit::Met);
    };
    put(
        &folder.join(format!("{BINARY}.1")),
        &page(&command, BINARY)?,
    )?;
    for subcommand in command.get_subcommands().filter(|c| c.get_name() != "help") {
        let name = format!("{BINARY}-{}", subcommand.get_name());
        put(&folder.join(format!("{name}.1")), &page(subcommand, &name)?)?;
    }
    ui.line(format!("manual pages: {}", shown(folder)));
    Ok(Exit::Met)
}

fn page(command: &clap::Command, name: &str) -> std::io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let command = command.clone().display_name(name.to_owned());
    clap_mangen::Man::new(command)
        .title(name)
        .render(&mut page)?;
    Ok(page)
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;
    use clap_complete::Shell;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_shell_and_page_knows_every_subcommand() {
        let mut command = Cli::command().bin_name(BINARY);
        command.build();
        let names: Vec<_> = command
            .get_subcommands()
            .map(|c| c.get_name().to_owned())
            .collect();
        assert!(names.len() > 15, "{names:?}");
        for shell in Shell::value_variants() {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut command, BINARY, &mut script);
            let script = String::from_utf8(script).unwrap();
            for name in &names {
                assert!(script.contains(name.as_str()), "{shell}: {name}");
            }
        }
        let page = String::from_utf8(page(&command, BINARY).unwrap()).unwrap();
        assert!(page.contains(".TH cargo-readiness 1"), "{page}");
        for name in &names {
            let written = name.replace('-', "\\-");
            assert!(page.contains(&written), "{name}");
        }
    }
}
