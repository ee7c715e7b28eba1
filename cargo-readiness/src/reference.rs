//! Pages of the book that are written from the program's own tables: the commands, the exit codes and the
//! diagnostics. A test compares them with what is committed; `READINESS_BLESS=1` writes them anew.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Arg, Command, CommandFactory as _};

use crate::cli::Cli;
use crate::codes::Exit;

const WRITTEN: &str = "<!-- Written from the program's own tables: READINESS_BLESS=1 cargo test -p \
                       cargo-readiness reference -->";

/// The page of all commands.
fn commands() -> String {
    let mut cli = Cli::command();
    cli.build();
    let mut page = format!("# Commands\n\n{WRITTEN}\n");
    for command in cli.get_subcommands() {
        if command.is_hide_set() || command.get_name() == "help" {
            continue;
        }
        section(&mut page, command, 2);
    }
    page
}

// Writing to a string cannot fail, here and below.
fn section(page: &mut String, command: &Command, level: usize) {
    let mut command = command.clone();
    let usage = command.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    let name = usage.split([' ', '\n']).skip(2);
    let name: Vec<_> = name
        .take_while(|word| word.starts_with(|c: char| c.is_ascii_lowercase()))
        .collect();
    let name = name.join(" ");
    let about = command
        .get_about()
        .map(ToString::to_string)
        .unwrap_or_default();
    let _ = write!(
        page,
        "\n{} `{name}`\n\n{about}.\n\n```text\n{usage}\n```\n",
        "#".repeat(level)
    );
    let arguments: Vec<_> = command
        .get_arguments()
        .filter(|argument| !argument.is_hide_set() && argument.get_id() != "help")
        .collect();
    if !arguments.is_empty() {
        let _ = write!(page, "\n| argument | |\n|---|---|\n");
        for argument in arguments {
            let _ = writeln!(page, "| `{}` | {} |", spelled(argument), meaning(argument));
        }
    }
    for inner in command.get_subcommands() {
        if inner.get_name() != "help" && !inner.is_hide_set() {
            section(page, inner, level + 1);
        }
    }
}

fn spelled(argument: &Arg) -> String {
    let mut names = Vec::new();
    if let Some(short) = argument.get_short() {
        names.push(format!("-{short}"));
    }
    if let Some(long) = argument.get_long() {
        names.push(format!("--{long}"));
    }
    let value = argument
        .get_value_names()
        .filter(|_| argument.get_action().takes_values())
        .map(|names| {
            names
                .iter()
                .map(|name| format!("<{name}>"))
                .collect::<Vec<_>>()
                .join(" ")
        });
    let names = names.join(", ");
    let spelled = match value {
        Some(value) if names.is_empty() => value,
        Some(value) => format!("{names} {value}"),
        None => names,
    };
    spelled.replace('|', "\\|")
}

fn meaning(argument: &Arg) -> String {
    let mut text = argument
        .get_help()
        .map(ToString::to_string)
        .unwrap_or_default();
    let values: Vec<_> = argument
        .get_possible_values()
        .iter()
        .filter(|_| argument.get_action().takes_values())
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    if !values.is_empty() {
        let _ = write!(text, ": {}", values.join(", "));
    }
    if let [default] = argument.get_default_values()
        && argument.get_action().takes_values()
    {
        let _ = write!(text, " (default: `{}`)", default.to_string_lossy());
    }
    text.replace('|', "\\|").replace('<', "&lt;")
}

/// The page of all exit codes.
fn exit_codes() -> String {
    let mut page = format!("# Exit codes\n\n{WRITTEN}\n\n| code | means |\n|---|---|\n");
    for exit in Exit::ALL {
        let _ = writeln!(page, "| {} | {} |", exit.code(), exit.meaning());
    }
    page.push_str(
        "\nNever a count. `cargo test` and nextest have codes of their own: 101 and 100 when a check failed.\n",
    );
    page
}

/// The page of all diagnostics.
fn diagnostics() -> String {
    let mut page = format!(
        "# Diagnostics\n\n{WRITTEN}\n\nCodes are stable: a script may rely on them. `cargo readiness check \
         --message-format json` prints them, one object a line.\n\n\
         ## About a document\n\n\
         An *item error* leaves that item as it is; a *file error* leaves the whole file as it is.\n\n\
         | code | severity |\n|---|---|\n"
    );
    let mut document: Vec<_> = readiness_checklist::Code::ALL.to_vec();
    document.sort_by_key(|code| code.as_str());
    for code in document {
        let _ = writeln!(page, "| `{}` | {} |", code.as_str(), code.severity());
    }
    page.push_str("\n## About configuration, statements, runs and results\n\n| code | severity | |\n|---|---|---|\n");
    let mut ours: Vec<_> = readiness::diagnostic::Code::ALL.to_vec();
    ours.sort_by_key(|code| code.as_str());
    for code in ours {
        let (name, severity) = (code.as_str(), code.severity());
        let _ = writeln!(page, "| `{name}` | {severity} | {} |", code.description());
    }
    page
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/src/reference")
}

#[test]
fn the_book_says_what_the_program_does() {
    let folder = folder();
    if !folder.is_dir() {
        eprintln!("skipped: the book is not part of this package");
        return;
    }
    let pages = [
        ("commands.md", commands()),
        ("exit-codes.md", exit_codes()),
        ("diagnostics.md", diagnostics()),
    ];
    for (name, page) in pages {
        let path = folder.join(name);
        if std::env::var_os("READINESS_BLESS").is_some_and(|value| value == "1") {
            std::fs::write(&path, &page).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed.replace("\r\n", "\n") == page,
            "{name} is out of date: READINESS_BLESS=1 cargo test -p cargo-readiness reference"
        );
    }
}

/// Keys of a table of `readiness.toml`, as the program itself lists them to somebody who mistyped one.
fn keys(table: &str) -> Vec<String> {
    let nonsense = "qqqqqqqqqqqqqqqqqqqqqq";
    let text = match table {
        "" => format!("{nonsense} = 1\n"),
        table => format!("{table}\n{nonsense} = 1\n"),
    };
    let found = readiness::config::Config::parse(Path::new("readiness.toml"), &text).unwrap_err();
    let listed = found.iter().find_map(|found| {
        let (_, keys) = found.hint.split_once(" takes ")?;
        Some(keys.split(", ").map(str::to_owned).collect::<Vec<_>>())
    });
    let mut keys = listed.unwrap_or_else(|| panic!("{table}: {found:?}"));
    keys.sort();
    keys
}

#[test]
fn the_page_about_the_configuration_lists_every_key_and_no_other() {
    let Ok(page) = std::fs::read_to_string(folder().join("configuration.md")) else {
        return;
    };
    let mut tables = 0;
    for part in page.split("\n## ").skip(1) {
        let (heading, text) = part.split_once('\n').unwrap_or((part, ""));
        let table = heading.trim_matches('`');
        if table.starts_with("[target") || table == "[ids]" || table == "Environment" {
            continue;
        }
        let table = if table.starts_with('[') { table } else { "" };
        let mut listed: Vec<_> = text
            .lines()
            .filter_map(|line| {
                line.strip_prefix("| `")?
                    .split('`')
                    .next()
                    .map(str::to_owned)
            })
            .collect();
        listed.sort();
        assert_eq!(listed, keys(table), "{heading}");
        tables += 1;
    }
    assert!(tables >= 7, "{tables} tables");
}
