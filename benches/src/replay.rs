//! What proof costs: by alteration, and as a part of the wall time of a whole suite.
//!
//! Both are differences of two runs of the same executable, one with `READINESS_PROVE=off`, that take
//! turns: round by round, and first one of them, then the other.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::clock::{Cost, Sink};
use crate::peers::{ALTERATIONS, Peer, Project};
use crate::table::Table;

/// The cost of a run that proves its passes beside one that does not, by alteration.
pub fn compare(root: &Path, trials: usize, release: bool, rounds: usize) -> Result<Table> {
    let binary = Project::generate(root, Peer::Observing, trials)?.test_binary(release)?;
    let mut table = Table::new("CPU µs an alteration", "wall µs an alteration");
    let each = trials * ALTERATIONS;
    for round in 0..=rounds {
        let (on, off) = interleaved(round, || binary.command())?;
        // The first round warms caches up.
        if round > 0 {
            table.round(vec![
                ("a run that proves".to_owned(), on.per(each)),
                ("the same without".to_owned(), off.per(each)),
                ("the proofs alone".to_owned(), (on - off).per(each)),
            ]);
        }
    }
    Ok(table)
}

/// The cost of the Kamiyo suite with and without proof, in seconds.
pub fn suite(root: &Path, release: bool, rounds: usize) -> Result<Table> {
    let target = root.join("target/benches/suite");
    let mut build = Command::new("cargo");
    build.args(["build", "--package", "readiness-kamiyo", "--target-dir"]);
    build.arg(&target).current_dir(root);
    if release {
        build.arg("--release");
    }
    ensure!(
        build.status().context("cargo starts")?.success(),
        "the suite does not build"
    );
    let profile = if release { "release" } else { "debug" };
    let program = target.join(profile).join("readiness-kamiyo");
    let mut table = Table::new("CPU s a run", "wall s a run");
    for round in 0..=rounds {
        let (on, off) = interleaved(round, || {
            let mut command = Command::new(&program);
            command
                .current_dir(root.join("suites/kamiyo"))
                .env("READINESS_DIR", target.join("runs"));
            command
        })?;
        if round > 0 {
            // Shown in seconds: the table's unit is microseconds.
            table.round(vec![
                ("a run that proves".to_owned(), on.per(1_000_000)),
                ("the same without".to_owned(), off.per(1_000_000)),
                ("the proofs alone".to_owned(), (on - off).per(1_000_000)),
            ]);
        }
    }
    Ok(table)
}

/// The cost with proof and without, which one first by turns.
fn interleaved(round: usize, command: impl Fn() -> Command) -> Result<(Cost, Cost)> {
    let on = || Cost::of(command(), Sink::File);
    let off = || {
        let mut command = command();
        command.env("READINESS_PROVE", "off");
        Cost::of(command, Sink::File)
    };
    if round.is_multiple_of(2) {
        let on = on()?;
        Ok((on, off()?))
    } else {
        let off = off()?;
        Ok((on()?, off))
    }
}
