//! No input costs more than it is long: instructions are counted, at two sizes a factor of ten apart.
//!
//! The test runs itself under callgrind, which writes one count for each call of [`one_input`], so
//! that starting a process is paid for once a size and not once an input.

#![expect(
    clippy::unwrap_used,
    reason = "what is wrong with callgrind is wrong with the test"
)]

#[path = "../../benches/hostile/mod.rs"]
mod hostile;

use std::fs;
use std::path::Path;
use std::process::Command;

/// The smaller size in bytes; without optimisation and under callgrind a megabyte takes half a minute.
const SMALL: usize = 2_000;

/// How many times the instructions of an input may grow when it is ten times as long. Sorting makes it
/// a little more than ten; of a loop in a loop a tenth of the cost is enough to be seen.
const MOST: u64 = 11;

/// Set for the process that is counted: the size of its inputs.
const SIZE: &str = "READINESS_GROWTH_SIZE";

#[test]
fn no_input_is_read_and_written_in_more_than_linear_time() {
    let found = Command::new("valgrind").arg("--version").output();
    if !found.is_ok_and(|output| output.status.success()) {
        let required =
            std::env::var_os("READINESS_REQUIRE_TOOLS").is_some_and(|value| value == "1");
        assert!(!required, "valgrind is required and not installed");
        eprintln!("skipped: valgrind is not installed");
        return;
    }
    let names: Vec<&str> = hostile::inputs(SMALL).iter().map(|input| input.0).collect();
    let (small, large) = (counts(SMALL), counts(10 * SMALL));
    assert_eq!((small.len(), large.len()), (names.len(), names.len()));
    let mut steep = Vec::new();
    for ((name, small), large) in names.iter().zip(small).zip(large) {
        eprintln!("{name}: {small} and {large} instructions");
        assert!(
            small > 10_000,
            "`{name}` was not counted: {small} instructions"
        );
        if large > small * MOST {
            steep.push(*name);
        }
    }
    assert_eq!(
        steep,
        [] as [&str; 0],
        "these grow faster than they are long"
    );
}

/// The instructions of each input at this size.
fn counts(size: usize) -> Vec<u64> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("growth-{size}"));
    drop(fs::remove_dir_all(&folder));
    fs::create_dir_all(&folder).unwrap();
    let ran = Command::new("valgrind")
        .args(["--tool=callgrind", "--dump-before=*growth::one_input*"])
        .arg(format!(
            "--callgrind-out-file={}",
            folder.join("out").display()
        ))
        .arg(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "growth::all_inputs",
            "--ignored",
            "--test-threads=1",
        ])
        .env(SIZE, size.to_string())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}");
    // The part before the first call is `out.1`, and `out` what came after the last.
    let parts = fs::read_dir(&folder).unwrap().count();
    let total = |name: String| {
        let text = fs::read_to_string(folder.join(name)).unwrap();
        let totals = text.lines().find_map(|line| line.strip_prefix("totals: "));
        totals.and_then(|count| count.trim().parse::<u64>().ok())
    };
    let between = (2..parts).map(|part| total(format!("out.{part}")));
    let counts = between.chain([total("out".to_owned())]);
    counts.map(|count| count.expect("a count")).collect()
}

#[test]
#[ignore = "counted by the test above"]
fn all_inputs() {
    let size = std::env::var(SIZE).map_or(SMALL, |size| size.parse().unwrap());
    for (_, text) in hostile::inputs(size) {
        one_input(text);
    }
}

#[inline(never)]
fn one_input(text: String) {
    hostile::all_at_once(text);
}
