//! Report formats: what does a report of ten thousand items with evidence cost?
//!
//! A run of [`ITEMS`] checks is written by hand, each with a reply as evidence and its proof. The
//! command, built with optimisation, reads it, judges it and writes the reports; the same without a
//! report is what reading and judging cost.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::clock::{Cost, Sink};
use crate::table::Table;

const ITEMS: usize = 10_000;

const FORMATS: [&str; 8] = [
    "html",
    "json",
    "junit",
    "sarif",
    "csv",
    "github",
    "badge",
    "badge-json",
];

/// Cost of one report in each format, in milliseconds.
pub fn compare(root: &Path, rounds: usize) -> Result<Table> {
    let built = Command::new("cargo")
        .current_dir(root)
        .args([
            "build",
            "--release",
            "--quiet",
            "--package",
            "cargo-readiness",
        ])
        .status()?;
    ensure!(built.success(), "the command could not be built");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or(root.join("target"), Into::into);
    let program = target.join("release/cargo-readiness");
    let folder = root.join("target/benches/reports");
    generate(&folder)?;
    let mut table = Table::new("CPU ms a report", "wall ms a report");
    for round in 0..=rounds {
        let mut costs = Vec::new();
        let mut subjects = vec![("judged, no report".to_owned(), vec!["gate".to_owned()])];
        subjects.extend(FORMATS.map(|format| {
            let file = folder.join("out").join(format);
            let arguments = [
                "report".to_owned(),
                "--format".to_owned(),
                format!("{format}={}", file.display()),
            ];
            (format.to_owned(), arguments.to_vec())
        }));
        for (name, arguments) in subjects {
            let mut command = Command::new(&program);
            command
                .current_dir(&folder)
                .env("READINESS_DIR", folder.join("runs"))
                .args(["readiness", "--quiet"])
                .args(arguments);
            let cost = Cost::of(command, Sink::Null)?;
            // The table prints microseconds per unit; a thousandth of a report is its unit here.
            costs.push((name, cost.per(1_000)));
        }
        // The first round warms caches up.
        if round > 0 {
            table.round(costs);
        }
    }
    Ok(table)
}

fn generate(folder: &Path) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    let run = folder.join("runs/r-1");
    std::fs::create_dir_all(&run)?;
    let at = "2026-11-22T10:00:00.000000Z";
    let mut document = String::from("# Large\n\nMinimum Required Score: 0%\n");
    let mut registered = String::new();
    let mut finished = String::new();
    for n in 0..ITEMS {
        if n % 100 == 0 {
            write!(
                document,
                "\n## Section {}\n\n| ID | Requirement | Status | Notes |\n|--|--|--|--|\n",
                n / 100
            )?;
        }
        writeln!(document, "| L-{n:05} | It holds for number {n} | ⏸️ | |")?;
        let comma = if n > 0 { "," } else { "" };
        write!(
            registered,
            "{comma}{{\"trial\":\"L-{n:05}::it\",\"id\":\"L-{n:05}\",\"selected\":true,\"digest\":\"0f\",\"source\":\"a.rs:1\"}}"
        )?;
        writeln!(
            finished,
            "{{\"record\":\"finished\",\"trial\":\"L-{n:05}::it\",\"id\":\"L-{n:05}\",\"attempt\":1,\"outcome\":\"passed\",\
             \"at\":\"{at}\",\"micros\":1500,\"digest\":\"0f\",\"proof\":{{\"strength\":\"proven\",\"fine\":{{\"killed\":3,\
             \"survived\":0,\"diverged\":0}},\"mutants\":[{{\"observation\":\"http GET /limited #1\",\"operator\":\"no-header\",\
             \"facet\":\"header retry-after\",\"words\":\"retry-after is missing\",\"strength\":\"fine\",\"fate\":\"killed\",\
             \"reason\":\"retry-after is absent\"}}]}},\"evidence\":[{{\"observation\":\"http GET /limited #1\",\"value\":\
             {{\"status\":429,\"headers\":[[\"retry-after\",\"60\"],[\"content-type\",\"application/json\"]],\"body\":\
             {{\"error\":\"too many requests\",\"limit\":60,\"page\":{n},\"text\":\"{}\"}},\"elapsed_us\":812}},\"read\":[\"status\"]}}]}}",
            "lorem ipsum ".repeat(30)
        )?;
    }
    std::fs::write(folder.join("CHECKLIST.md"), document)?;
    let header = format!(
        "{{\"record\":\"header\",\"format\":1,\"run\":\"r-1\",\"process\":\"1-1-0\",\"package\":\"large\",\
         \"manifest_dir\":\"{}\",\"checklist\":\"CHECKLIST.md\",\"target\":{{\"name\":\"staging\",\"kind\":\"remote\"}},\"at\":\"{at}\"}}",
        folder.display()
    );
    std::fs::write(
        run.join("1-1-0.jsonl"),
        format!(
            "{header}\n{{\"record\":\"registered\",\"trials\":[{registered}]}}\n{finished}{{\"record\":\"closed\",\"at\":\"{at}\"}}\n"
        ),
    )?;
    Ok(())
}
