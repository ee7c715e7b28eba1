//! How fast a document is read and rewritten, beside a copy and another parser.
//!
//! `cargo bench -p readiness-checklist` prints megabytes per second for checklists of 121, 10,000
//! and 200,000 rows (about 19 kB, 1.6 MB and 33 MB); each round measures all contestants in turn,
//! so that noise hits them alike, and the median of the per-round ratios is what counts.
//! `--growth` measures inputs that a careless parser reads in quadratic time, at two sizes a factor
//! of ten apart. `--memory N` reads and rewrites N rows once and prints the peak of the process.
//! `--hostile NAME SIZE` runs one of them once, to count its instructions; without a name it lists
//! them.
//! `--once parse|rewrite|events|none N` runs one contestant ten times, to count its instructions.
//! `--test` only checks that the output is right at a tiny size.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::format_push_string,
    reason = "a bench prints, and fails like a test"
)]

mod hostile;

use std::hint::black_box;
use std::time::Duration;

use hostile::all_at_once;
use readiness_checklist::{Checklist, ItemUpdate, Status, Update};

const ROUNDS: usize = 7;

/// A checklist of the common kind with this many rows, 20 to a section.
fn document(rows: usize) -> String {
    let mut text = String::from(
        "# Production Readiness Checklist\n\n### Status Legend\n- ✅ **PASS** - met\n- ❌ **FAIL** - not met\n",
    );
    for row in 0..rows {
        if row % 20 == 0 {
            text.push_str("\n## Section\n\n| ID | Requirement | Test | Status | Notes |\n|----|-------------|------|--------|-------|\n");
        }
        text.push_str(&format!(
            "| SEC-{row:06} | Requirement number {row} holds in production | `tests/api/suite.test.py::TestGroup::test_case_{row}` | ⏸️ | Applied with P0-{} |\n",
            row % 7
        ));
    }
    text
}

fn update(rows: usize) -> Update {
    let result = |row: usize| {
        let status = if row.is_multiple_of(10) {
            Status::Fail
        } else {
            Status::Pass
        };
        let reason = None;
        (format!("SEC-{row:06}"), ItemUpdate { status, reason })
    };
    // All at once: a map that grows result by result is half empty.
    Update {
        items: (0..rows).map(result).collect(),
        ..Update::default()
    }
}

fn events(text: &str) -> usize {
    use pulldown_cmark::{Options, Parser};
    Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS)
        .into_offset_iter()
        .count()
}

/// The document as often as it is wanted; every contestant finds it in memory.
fn copies(text: &str, count: usize) -> Vec<Vec<u8>> {
    vec![text.as_bytes().to_vec(); count]
}

fn each(inputs: Vec<Vec<u8>>, work: impl FnMut(Vec<u8>)) -> Duration {
    time(|| inputs.into_iter().for_each(work))
}

/// The CPU time that some work takes; where the system does not tell, the time.
fn time(work: impl FnOnce()) -> Duration {
    let start = now();
    work();
    now().saturating_sub(start)
}

#[cfg(unix)]
fn now() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap()
}

#[cfg(not(unix))]
fn now() -> Duration {
    use std::sync::OnceLock;
    use std::time::Instant;
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

fn check(rows: usize) {
    let text = document(rows);
    let checklist = Checklist::parse(text.clone().into_bytes()).unwrap();
    assert_eq!(checklist.items().len(), rows);
    let rewrite = checklist.rewrite(&update(rows));
    assert_eq!(rewrite.edits.len(), rows);
    let expected = text
        .lines()
        .filter(|line| line.starts_with("| SEC-"))
        .count();
    let after = String::from_utf8(rewrite.bytes).unwrap();
    assert_eq!(
        after.matches("| ✅ |").count() + after.matches("| ❌ |").count(),
        expected
    );
}

fn compare(rows: usize) {
    let text = document(rows);
    let update = update(rows);
    let size = text.len();
    let repeat = (2_000_000 / size).max(1);
    let mut rounds: Vec<[f64; 4]> = Vec::new();
    for round in 0..=ROUNDS {
        let mut copy = vec![0; size];
        let seconds = |duration: Duration| duration.as_secs_f64() / repeat as f64;
        let measured = [
            time(|| (0..repeat).for_each(|_| copy.copy_from_slice(black_box(text.as_bytes())))),
            each(copies(&text, repeat), |bytes| {
                black_box(Checklist::parse(bytes).unwrap());
            }),
            each(copies(&text, repeat), |bytes| {
                black_box(Checklist::parse(bytes).unwrap().rewrite(&update));
            }),
            time(|| {
                for _ in 0..repeat {
                    black_box(events(&text));
                }
            }),
        ];
        black_box(&copy);
        // The first round warms up.
        if round > 0 {
            rounds.push(measured.map(seconds));
        }
    }
    let median = |value: &dyn Fn(&[f64; 4]) -> f64| {
        let mut values: Vec<f64> = rounds.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        (
            values[values.len() / 2],
            values[0],
            values[values.len() - 1],
        )
    };
    println!("{rows} rows, {size} bytes");
    for (index, name) in [
        "copy",
        "parse",
        "parse and rewrite",
        "pulldown-cmark events",
    ]
    .iter()
    .enumerate()
    {
        let (speed, ..) = median(&|round| size as f64 / 1e6 / round[index]);
        println!("  {name:<24} {speed:>10.0} MB/s");
    }
    for (index, name) in [(1, "parse"), (2, "parse and rewrite")] {
        let (ratio, least, most) = median(&|round| round[3] / round[index]);
        println!("  {name} against pulldown-cmark: {ratio:.1}x (from {least:.1} to {most:.1})");
    }
}

fn growth(size: usize) {
    println!(
        "seconds at {size} and {} bytes; linear is about 10x",
        size * 10
    );
    for ((name, small), (_, large)) in hostile::inputs(size)
        .into_iter()
        .zip(hostile::inputs(size * 10))
    {
        let run = |text: String| time(|| all_at_once(text)).as_secs_f64();
        let (small, large) = (run(small), run(large));
        println!(
            "  {name:<28} {small:>9.4} {large:>9.4}  {:>6.1}x",
            large / small
        );
    }
}

fn memory(rows: usize) {
    let text = document(rows).into_bytes();
    let size = text.len();
    let without = held("VmRSS:");
    let update = update(rows);
    let before = held("VmRSS:");
    let results = before.saturating_sub(without);
    let checklist = Checklist::parse(text).unwrap();
    let parsed = peak();
    let rewrite = checklist.rewrite(&update);
    println!("{rows} rows, {size} bytes, {} edits", rewrite.edits.len());
    println!(
        "held before {before} kB (document and {results} kB of results), peak parsed {parsed} kB, rewritten {} kB",
        peak()
    );
}

/// One contestant, ten times, for counting instructions; `none` prepares only.
fn once(name: &str, rows: usize) {
    let (text, update) = (document(rows), update(rows));
    for _ in 0..10 {
        match name {
            "parse" => drop(black_box(Checklist::parse(text.clone().into_bytes()))),
            "rewrite" => drop(black_box(
                Checklist::parse(text.clone().into_bytes())
                    .unwrap()
                    .rewrite(&update),
            )),
            "events" => drop(black_box(events(&text))),
            _ => drop(black_box(text.clone())),
        }
    }
}

/// One hostile input of this size, read and rewritten once, for counting instructions; without a name
/// their names.
fn one_hostile(name: &str, size: usize) {
    for (known, text) in hostile::inputs(size) {
        if name.is_empty() {
            println!("{known}");
        } else if known == name {
            all_at_once(text);
        }
    }
}

/// The most memory this process has held, in kB; Linux only.
fn peak() -> u64 {
    held("VmHWM:")
}

/// What the kernel says of this process' memory, in kB.
fn held(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find(|line| line.starts_with(name))
        .unwrap_or_default();
    line.split_whitespace()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(0)
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    check(121);
    if has("--test") {
        return;
    }
    if let Some(at) = arguments.iter().position(|argument| argument == "--memory") {
        return memory(
            arguments
                .get(at + 1)
                .and_then(|text| text.parse().ok())
                .unwrap_or(200_000),
        );
    }
    if let Some(at) = arguments.iter().position(|argument| argument == "--once") {
        let rows = arguments
            .get(at + 2)
            .and_then(|text| text.parse().ok())
            .unwrap_or(10_000);
        return once(arguments.get(at + 1).map_or("", String::as_str), rows);
    }
    if let Some(at) = arguments
        .iter()
        .position(|argument| argument == "--hostile")
    {
        let name = arguments.get(at + 1).map_or("", String::as_str);
        let size = arguments.get(at + 2).and_then(|text| text.parse().ok());
        return one_hostile(name, size.unwrap_or(20_000));
    }
    if has("--growth") {
        return growth(200_000);
    }
    for rows in [121, 10_000, 200_000] {
        compare(rows);
    }
}
