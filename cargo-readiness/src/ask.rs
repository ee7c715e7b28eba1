//! Questions at the terminal, and what an unasked question means: one place for both, because a
//! command that writes without being told to is worse than one that does not.

use std::io::{self, IsTerminal as _, Write as _};

use anyhow::{Context as _, bail};

/// What is done where nobody can be asked, in a script or in CI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unasked {
    /// It goes on: whoever wrote the command line said everything that there is to say.
    GoOn,
    /// It ends with an error: what would be written was nobody's wish yet.
    Refuse,
}

/// Whether it may go on: yes with `--yes`; asked at a terminal; elsewhere as `unasked` says.
///
/// # Errors
/// If it is refused, or the answer cannot be read.
pub(crate) fn agreed(yes: bool, unasked: Unasked, question: &str) -> anyhow::Result<bool> {
    if yes {
        return Ok(true);
    }
    match (can_ask(), unasked) {
        (true, _) => Ok(answer(question)? == "y"),
        (false, Unasked::GoOn) => Ok(true),
        (false, Unasked::Refuse) => {
            bail!("nothing written: nobody can be asked here\n  hint: --yes writes what is shown")
        }
    }
}

/// Whether somebody is there to answer.
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal()
}

/// A line from the terminal.
pub(crate) fn answer(question: &str) -> anyhow::Result<String> {
    let mut stderr = io::stderr();
    // A closed terminal answers nothing; the empty answer is the careful one.
    let _ = stderr.write_all(question.as_bytes());
    let _ = stderr.flush();
    let mut answer = String::new();
    io::stdin()
        .read_line(&mut answer)
        .context("failed to read the answer")?;
    Ok(answer.trim().to_owned())
}
