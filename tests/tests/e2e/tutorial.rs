//! The tutorial of the book, command by command: what it tells a newcomer to type is typed, what it
//! shows is compared with what came.
//!
//! | in the page | is |
//! |---|---|
//! | a `sh` block | run, line by line; its exit code is 0, or the block's `exit=` |
//! | a `text` block | lines that the commands before it printed, in this order |
//! | `<!-- file: NAME -->` and a block | what the file becomes |
//! | `<!-- file: NAME has -->` and a block | lines that the file has, in this order |
//! | `<!-- body of: NAME -->` and a block | what the function's body becomes |
//! | `<!-- not run: WHY -->` and a block | left out |

use readiness_tests::Project;

const PAGE: &str = include_str!("../../../docs/src/tutorial.md");
const CHECKS: &str = "tests/readiness.rs";

/// A fenced block with the comment before it.
#[derive(Debug)]
struct Block<'a> {
    language: &'a str,
    comment: Option<&'a str>,
    text: String,
    line: usize,
}

fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut comment = None;
    let mut lines = page.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let text = lines.by_ref().map(|(_, line)| line);
            let text: Vec<_> = text.take_while(|line| *line != "```").collect();
            blocks.push(Block {
                language,
                comment: comment.take(),
                text: text.join("\n") + "\n",
                line: number + 1,
            });
        } else if !line.is_empty() {
            comment = line
                .strip_prefix("<!-- ")
                .and_then(|rest| rest.strip_suffix(" -->"));
        }
    }
    blocks
}

/// Types one line. `cargo new` made the folder before: its lock file has to be there offline.
fn type_in(project: &Project, line: &str) -> readiness_tests::Ran {
    let words: Vec<_> = line.split(' ').collect();
    match words.as_slice() {
        ["cargo", "readiness", rest @ ..] => project.readiness(rest).run(),
        [program, rest @ ..] => project.step(program, rest).run(),
        [] => unreachable!("split gives at least one word"),
    }
}

/// All of these lines are parts of lines of `text`, in this order.
fn assert_has_lines(text: &str, expected: &str, what: &str) {
    let mut lines = text.lines();
    for wanted in expected.lines() {
        assert!(
            lines.any(|line| line.contains(wanted)),
            "{what}: `{wanted}` is not there, or not in this order:\n{text}"
        );
    }
}

fn with_body(source: &str, function: &str, body: &str) -> String {
    let start = source
        .find(&format!("fn {function}("))
        .expect("the function");
    let open = start + source[start..].find("{\n").expect("its body") + 2;
    let close = open + source[open..].find("\n}\n").expect("its end") + 1;
    format!("{}{body}{}", &source[..open], &source[close..])
}

#[test]
fn every_command_of_the_tutorial_does_what_it_says() {
    let (start, page) = PAGE
        .split_once("cd shop\n```\n")
        .expect("the project is made");
    assert!(start.ends_with("cargo new --lib shop\n"));
    let project = Project::untouched(env!("CARGO_TARGET_TMPDIR"), "shop");
    let skipped = start.lines().count() + 1;
    let mut printed = String::new();
    let mut commands = 0;
    for block in blocks(page) {
        let at = format!("tutorial.md:{}", skipped + block.line);
        match (block.language, block.comment) {
            (_, Some(comment)) if comment.starts_with("not run: ") => {}
            ("text", None) => assert_has_lines(&printed, &block.text, &at),
            (_, Some(comment)) => apply(&project, comment, &block.text, &at),
            (shell, None) => {
                let (_, exit) = shell.split_once("exit=").unwrap_or(("", "0"));
                let exit = exit.parse().expect("an exit code");
                printed.clear();
                for line in block.text.lines() {
                    let ran = type_in(&project, line).exits(exit);
                    // The checks' own lines are progress and come first on a terminal.
                    printed = [&printed, &*ran.stderr, &ran.stdout].join("\n");
                    commands += 1;
                }
            }
        }
    }
    assert!(commands >= 9, "{commands} commands");
}

fn apply(project: &Project, comment: &str, text: &str, at: &str) {
    if let Some(function) = comment.strip_prefix("body of: ") {
        project.write(CHECKS, with_body(&project.read(CHECKS), function, text));
    } else if let Some(name) = comment.strip_prefix("file: ") {
        match name.strip_suffix(" has") {
            Some(name) => assert_has_lines(&project.read(name), text, at),
            None => project.write(name, text),
        }
    } else {
        panic!("{at}: what is `{comment}`?");
    }
}
