//! Merging journals: does the cost of a record grow with the number of files?
//!
//! The journals are written by hand, as shards of one run leave them: a header, what is registered,
//! then `started` and `finished` of half as many trials as there are records, with the evidence of
//! one small reply. A child process reads and resolves them, so that its start is counted as well.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use readiness::journal::reader;

use crate::clock::{Cost, Sink};
use crate::table::Table;

/// Journals of the large and of the small run, and how often the small one is read to be as long.
const LARGE: usize = 1_000;
const SMALL: usize = 100;
const RECORDS: usize = 100;

/// Cost per record of the large run beside the small one: their ratio is the growth.
pub fn compare(root: &Path, rounds: usize) -> Result<Table> {
    let folder = root.join("target/benches/merge");
    let large = generate(&folder.join("large"), LARGE)?;
    let small = generate(&folder.join("small"), SMALL)?;
    let mut table = Table::new("CPU µs a record", "wall µs a record");
    for round in 0..=rounds {
        let mut costs = Vec::new();
        for (name, run, times) in [
            ("1,000 journals of 100 records", &large, 1),
            (
                "100 journals of 100 records, 10 times",
                &small,
                LARGE / SMALL,
            ),
        ] {
            let cost = Cost::of(child(run, times)?, Sink::Null)?;
            costs.push((name.to_owned(), cost.per(LARGE * RECORDS)));
        }
        // The first round warms caches up.
        if round > 0 {
            table.round(costs);
        }
    }
    Ok(table)
}

/// The child's part: reads and resolves the run, and checks that all of it is there.
pub fn once(run: &Path, times: usize) -> Result<()> {
    let expected = std::fs::read_dir(run)?.count() * RECORDS / 2;
    for _ in 0..times {
        let merged = reader::read_folder(run)?;
        let trials = merged.trials();
        let finished = trials.values().filter(|trial| trial.finished().is_some());
        ensure!(finished.count() == expected, "trials are missing");
        ensure!(merged.faults().is_empty(), "{:?}", merged.faults());
        ensure!(merged.problems().next().is_none(), "lines are missing");
    }
    Ok(())
}

fn child(run: &Path, times: usize) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe().context("no executable")?);
    command
        .arg("merge-once")
        .arg(run)
        .args(["--times", &times.to_string()]);
    Ok(command)
}

fn generate(run: &Path, journals: usize) -> Result<PathBuf> {
    if run.exists() {
        std::fs::remove_dir_all(run)?;
    }
    std::fs::create_dir_all(run)?;
    for shard in 1..=journals {
        let text = journal(shard, journals)?;
        std::fs::write(run.join(format!("{shard}-1-0.jsonl")), text)?;
    }
    Ok(run.to_owned())
}

fn journal(shard: usize, total: usize) -> Result<String> {
    let at = "2026-11-22T10:00:00.000000Z";
    let trials: Vec<String> = (0..RECORDS / 2)
        .map(|n| format!("REQ-{shard:04}-{n:02}::suite::limits::is_limited"))
        .collect();
    let mut text = String::new();
    writeln!(
        text,
        "{{\"record\":\"header\",\"format\":1,\"run\":\"r{shard}\",\"process\":\"{shard}-1-0\",\
         \"package\":\"suite\",\"manifest_dir\":\"/suite\",\"checklist\":\"CHECKLIST.md\",\
         \"at\":\"{at}\",\"shard\":[{shard},{total}]}}"
    )?;
    text.push_str("{\"record\":\"registered\",\"trials\":[");
    for (index, trial) in trials.iter().enumerate() {
        let comma = if index > 0 { "," } else { "" };
        let id = &trial[..11];
        write!(
            text,
            "{comma}{{\"trial\":\"{trial}\",\"id\":\"{id}\",\"selected\":true,\"digest\":\"0f\",\
             \"source\":\"src/limits.rs:7\"}}"
        )?;
    }
    text.push_str("]}\n");
    for trial in &trials {
        let id = &trial[..11];
        writeln!(
            text,
            "{{\"record\":\"started\",\"trial\":\"{trial}\",\"attempt\":1,\"at\":\"{at}\"}}"
        )?;
        writeln!(
            text,
            "{{\"record\":\"finished\",\"trial\":\"{trial}\",\"id\":\"{id}\",\"attempt\":1,\
             \"outcome\":\"passed\",\"at\":\"{at}\",\"micros\":1500,\"proof\":{{\"strength\":\"proven\",\
             \"fine\":{{\"killed\":3,\"survived\":0,\"diverged\":0}}}},\"evidence\":[{{\"observation\":\
             \"http GET /limited #1\",\"value\":{{\"status\":429,\"headers\":[[\"retry-after\",\"60\"]]}},\
             \"read\":[\"status\",\"header retry-after\"]}}],\"digest\":\"0f\"}}"
        )?;
    }
    writeln!(text, "{{\"record\":\"closed\",\"at\":\"{at}\"}}")?;
    Ok(text)
}
