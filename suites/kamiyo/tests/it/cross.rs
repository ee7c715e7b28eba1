//! The full cross: all rows under each fault. `collateral.txt` beside this file has what came of it,
//! reviewed: a fault that turns a row of which nobody expected it breaks this test, and so does one
//! that no longer turns a row.
//!
//! ```text
//! READINESS_BLESS=1 cargo test --release -p readiness-kamiyo --test it -- --ignored cross
//! ```
//!
//! writes the list anew, without `READINESS_BLESS` it is compared. `READINESS_ROWS=HDR-,SEC-002` runs
//! the faults of these rows only, `READINESS_WORKERS=6` as many at a time. The other tests of this file
//! need a second: they hold the list against the catalogue of faults.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Mutex;
use std::time::Instant;

use readiness_probes::servers::PostgresTemplate;
use readiness_reference::Fault;

use crate::matrix;
use crate::suite::{Outcome, Suite, in_parallel, workers};

/// Rows that judge by the time that something took on this machine. Under another row's fault only
/// their failures are listed, marked with [`MARK`], and what is marked is not compared.
const BY_TIME: [&str; 9] = [
    "DB-004", "PERF-001", "PERF-002", "PERF-003", "PERF-004", "PERF-005", "PERF-006", "PERF-007",
    "SEC-003",
];
const MARK: char = '~';

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/collateral.txt");

const HEAD: &str = "\
# Which rows each fault turns: those whose outcome is another one than on a healthy service.
# Written by the test `cross`, see cross.rs, and reviewed. Its own row is first. A row after ~ judges
# by the time that something took: it turned when this was written and need not do so every time.
# The PERF rows judge one load test, so what slows or fails its requests turns more than one of them.
";

/// What one fault turns.
type Turned = BTreeMap<String, Outcome>;

/// The list: what was measured, and a line a fault.
struct Collateral {
    took: String,
    lines: BTreeMap<Fault, String>,
}

impl Collateral {
    fn read() -> Collateral {
        let text = std::fs::read_to_string(PATH).unwrap_or_default();
        let took = text.lines().find(|line| line.starts_with("# Took "));
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let lines = lines.map(|line| {
            let (name, _) = line.split_once(':').unwrap();
            (Fault::parse(name).unwrap(), line.to_owned())
        });
        Collateral {
            took: took.unwrap_or_default().to_owned(),
            lines: lines.collect(),
        }
    }

    fn write(&self) {
        let mut text = HEAD.to_owned();
        if !self.took.is_empty() {
            writeln!(text, "{}", self.took).unwrap();
        }
        for line in self.lines.values() {
            writeln!(text, "{line}").unwrap();
        }
        std::fs::write(PATH, text).unwrap();
    }
}

/// A line of the list: the fault, its own row, the others, those by time last.
fn line(fault: Fault, turned: &Turned) -> String {
    let own = fault.requirement();
    let mut line = format!("{fault}:");
    if let Some(outcome) = turned.get(own) {
        write!(line, " {own}={outcome:?}").unwrap();
    }
    let others = || turned.iter().filter(|(id, _)| *id != own);
    for (id, outcome) in others().filter(|(id, _)| !BY_TIME.contains(&id.as_str())) {
        write!(line, " {id}={outcome:?}").unwrap();
    }
    for (id, outcome) in others().filter(|(id, _)| BY_TIME.contains(&id.as_str())) {
        write!(line, " {MARK}{id}={outcome:?}").unwrap();
    }
    line
}

/// A line without what need not be so every time.
fn lasting(line: &str) -> Vec<&str> {
    let words = line.split(' ');
    words.filter(|word| !word.starts_with(MARK)).collect()
}

/// What a run of these rows, or of all, turns under a fault.
fn turned_once(fault: Fault, rows: Option<&Turned>, template: Option<&PostgresTemplate>) -> Turned {
    let checked = matrix::checked();
    let wanted = |id: &&str| rows.is_none_or(|rows| rows.contains_key(*id));
    let mut suite = Suite::new().template(template).fault(fault.id());
    if rows.is_some() {
        let ids = checked.keys().copied().filter(wanted);
        let trials: Vec<&str> = ids
            .flat_map(|id| &checked[id])
            .map(String::as_str)
            .collect();
        suite = suite.args(&["--exact"]).args(&trials);
    }
    let ran = suite.run();
    let mut turned = Turned::new();
    for id in checked.keys().copied().filter(wanted) {
        let (outcome, reason) = ran
            .of(id)
            .unwrap_or_else(|| panic!("{fault}: no result for {id}\n{}", ran.output));
        assert!(!reason.contains("is not installed"), "{id}: {reason}");
        let concerns =
            id == fault.requirement() || !BY_TIME.contains(&id) || outcome == Outcome::Fail;
        if concerns && outcome != matrix::when_healthy(id) {
            turned.insert(id.to_owned(), outcome);
        }
    }
    turned
}

/// What a fault turns. Whatever it is, it is looked at again: first these rows by themselves, which is
/// quick. Rows that only turn in company, or were a busy moment of the machine, are told apart by two
/// more runs of the whole: what two of three show is listed.
fn turned(fault: Fault, template: Option<&PostgresTemplate>) -> Turned {
    let own = fault.requirement();
    let first = turned_once(fault, None, template);
    let by_time = |id: &String| BY_TIME.contains(&id.as_str());
    let others = |turned: &Turned| {
        let mut others = turned.clone();
        others.retain(|id, _| !by_time(id));
        others
    };
    let alone = Turned::from([(own.to_owned(), matrix::expected(fault))]);
    if first == alone {
        return first;
    }
    let again = turned_once(fault, Some(&first), template);
    let mut turned = if others(&first) == others(&again) {
        first
    } else {
        let second = turned_once(fault, None, template);
        let third = if others(&first) == others(&second) {
            second.clone()
        } else {
            turned_once(fault, None, template)
        };
        eprintln!("{fault}: not the same each time: {first:?} {again:?} {second:?} {third:?}");
        let runs = [&first, &second, &third];
        let is_frequent = |id: &String, outcome: &Outcome| {
            let agreeing = runs.iter().filter(|run| run.get(id) == Some(outcome));
            agreeing.count() >= 2
        };
        let all = runs.iter().flat_map(|run| run.iter());
        all.filter(|(id, outcome)| is_frequent(id, outcome))
            .map(|(id, outcome)| (id.clone(), *outcome))
            .collect()
    };
    if BY_TIME.contains(&own) && turned.get(own) != Some(&matrix::expected(fault)) {
        let ran = matrix::own_row_alone(fault, template);
        if let Some((outcome, _)) = ran.of(own) {
            turned.insert(own.to_owned(), outcome);
        }
    }
    turned
}

#[test]
#[ignore = "the whole suite once for each fault: an hour"]
fn cross() {
    let template = matrix::template();
    let blesses = std::env::var_os("READINESS_BLESS").is_some();
    let reviewed = Collateral::read();
    assert!(
        blesses || !reviewed.lines.is_empty(),
        "there is no reviewed list: READINESS_BLESS=1 writes one"
    );
    let faults = matrix::faults();
    let written = Mutex::new(Collateral::read());
    let began = Instant::now();
    let lines = in_parallel(&faults, |fault| {
        let line = line(*fault, &turned(*fault, template.as_ref()));
        if blesses {
            // At once, so that a run that is interrupted was not for nothing.
            let mut written = written.lock().unwrap();
            written.lines.insert(*fault, line.clone());
            written.write();
        }
        line
    });
    if blesses {
        let mut written = written.into_inner().unwrap();
        if faults.len() == all_faults().len() {
            let minutes = began.elapsed().as_secs().div_ceil(60);
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            written.took = format!(
                "# Took {minutes} minutes for {} faults, {} at a time, on {cores} cores.",
                faults.len(),
                workers()
            );
        }
        written
            .lines
            .retain(|fault, _| all_faults().contains(fault));
        written.write();
        return;
    }
    let known = |line: &String| {
        let mut reviewed = reviewed.lines.values();
        reviewed.any(|known| lasting(known) == lasting(line))
    };
    let new: Vec<_> = lines.iter().filter(|line| !known(line)).collect();
    assert!(
        new.is_empty(),
        "not as reviewed (READINESS_BLESS=1 writes it anew):\n{new:#?}"
    );
}

/// All faults that the embedded target can show, whatever this run is shortened to.
fn all_faults() -> BTreeSet<Fault> {
    matrix::faults_of("").into_iter().collect()
}

#[test]
fn the_list_has_each_fault_with_its_own_row_first() {
    let reviewed = Collateral::read();
    let listed: BTreeSet<Fault> = reviewed.lines.keys().copied().collect();
    let missing: Vec<_> = all_faults().difference(&listed).copied().collect();
    let needless: Vec<_> = listed.difference(&all_faults()).copied().collect();
    assert!(
        missing.is_empty() && needless.is_empty(),
        "missing: {missing:?}, of no use: {needless:?}"
    );
    assert!(reviewed.took.contains("minutes"), "{}", reviewed.took);
    for (fault, line) in &reviewed.lines {
        let own = format!("{}={:?}", fault.requirement(), matrix::expected(*fault));
        assert_eq!(line.split(' ').nth(1), Some(own.as_str()), "{line}");
    }
}

#[test]
fn the_list_names_rows_that_there_are_as_they_are_not_when_healthy() {
    let rows = matrix::checked();
    for line in Collateral::read().lines.values() {
        for word in line.split(' ').skip(1) {
            let (id, outcome) = word.trim_start_matches(MARK).split_once('=').unwrap();
            assert!(rows.contains_key(id), "{id} is no row: {line}");
            let healthy = format!("{:?}", matrix::when_healthy(id));
            assert_ne!(outcome, healthy, "{line}");
        }
        let marked = |word: &str| word.starts_with(MARK);
        let is_own = |at: usize| at == 1;
        for (at, word) in line.split(' ').enumerate().skip(1) {
            let id = word.trim_start_matches(MARK).split('=').next().unwrap();
            let is_by_time = BY_TIME.contains(&id) && !is_own(at);
            assert_eq!(marked(word), is_by_time, "{line}");
        }
    }
}
