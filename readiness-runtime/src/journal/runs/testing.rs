//! Hand-written records for this module's tests.

use std::path::Path;

use super::merge::MergedRun;
use super::reader;
use crate::journal::record::*;

/// A header of process `process` in run `r`.
pub fn header(process: &str) -> Header {
    Header {
        format: FORMAT,
        run: "r".into(),
        process: process.into(),
        package: "suite".into(),
        manifest_dir: "/suite".into(),
        checklist: "CHECKLIST.md".into(),
        target: None,
        at: "2026-11-22T10:00:00.000000Z".into(),
        commit: None,
        shard: None,
        config_digest: None,
        import: None,
    }
}

/// A registered trial, selected.
pub fn info(trial: &str) -> TrialInfo {
    TrialInfo {
        trial: trial.into(),
        id: trial.split("::").next().unwrap().into(),
        selected: true,
        ignored: None,
        digest: "d1".into(),
        source: "src/lib.rs:7".into(),
    }
}

/// The start of an attempt, at second `second`.
pub fn started(trial: &str, attempt: u32, second: u32) -> Record {
    Record::Started(Started {
        trial: trial.into(),
        attempt,
        at: format!("2026-11-22T10:00:{second:02}.000000Z"),
    })
}

/// Its end.
pub fn finished(trial: &str, attempt: u32, second: u32, outcome: TrialOutcome) -> Record {
    Record::Finished(Box::new(Finished {
        trial: trial.into(),
        id: trial.split("::").next().unwrap().into(),
        attempt,
        outcome,
        reason: None,
        origin: None,
        location: None,
        at: format!("2026-11-22T10:00:{second:02}.500000Z"),
        micros: 500_000,
        parts: Vec::new(),
        proof: None,
        evidence: Vec::new(),
        digest: "d1".into(),
        process: None,
    }))
}

/// Its end, as reported by another process than the one that ran it.
pub fn reported(trial: &str, attempt: u32, second: u32, process: &str) -> Record {
    let Record::Finished(mut record) = finished(trial, attempt, second, TrialOutcome::Failed)
    else {
        unreachable!()
    };
    record.process = Some(process.into());
    Record::Finished(record)
}

/// A signal.
pub fn interrupted() -> Record {
    Record::Interrupted(Interrupted {
        trials: Vec::new(),
        signal: "interrupt".into(),
        at: "2026-11-22T10:01:00.000000Z".into(),
    })
}

/// The end of a process.
pub fn closed() -> Record {
    Record::Closed(Closed {
        unattributed: Vec::new(),
        at: "2026-11-22T10:01:00.000000Z".into(),
        more: std::collections::BTreeMap::new(),
    })
}

/// The text of a journal.
pub fn text(process: &str, registered: &[TrialInfo], records: &[Record]) -> String {
    let mut all = vec![
        Record::Header(header(process)),
        Record::Registered(Registered {
            trials: registered.to_vec(),
        }),
    ];
    all.extend_from_slice(records);
    all.iter()
        .map(|record| serde_json::to_string(record).unwrap() + "\n")
        .collect()
}

/// A journal, read.
pub fn journal(process: &str, registered: &[&str], records: &[Record]) -> MergedRun {
    let registered: Vec<_> = registered.iter().map(|trial| info(trial)).collect();
    read(text(process, &registered, records).as_bytes())
}

/// Bytes, read as a file.
pub fn read(bytes: &[u8]) -> MergedRun {
    reader::read(bytes, Path::new("some/p.jsonl")).unwrap()
}
