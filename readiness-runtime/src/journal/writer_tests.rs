use super::super::line::line;
use super::super::reader::{read, read_folder};
use super::super::record::{Evidence, TrialOutcome};
use super::super::runs::testing::{finished, header, started};
use super::*;

/// Takes `room` bytes, like a disk that fills up.
#[derive(Debug)]
struct Disk {
    room: usize,
    file: std::fs::File,
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.room == 0 {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        let taken = bytes.len().min(self.room);
        self.room -= taken;
        self.file.write_all(&bytes[..taken])?;
        Ok(taken)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn what_is_written_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let journal = Journal::create(dir.path(), header("p")).unwrap();
    assert_eq!(journal.path(), dir.path().join("p.jsonl"));
    journal.write(&started("A-1::f", 1, 1)).unwrap();
    // Nothing is buffered: the line is there while the process still runs.
    let run = read_folder(dir.path()).unwrap();
    assert_eq!(run.processes().next().unwrap().attempts().len(), 1);
    assert_eq!(run.problems().count(), 0);
    // A second process never writes into the file of the first.
    let error = Journal::create(dir.path(), header("p")).unwrap_err();
    assert_eq!(error.code(), "journal-read-only");
}

#[test]
fn a_full_disk_fails_loudly_and_harms_nothing_earlier() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("p.jsonl");
    let mut file = std::fs::File::create(&path).unwrap();
    file.write_all(line(&Record::Header(header("p"))).unwrap().as_bytes())
        .unwrap();
    let first = line(&started("A-1::f", 1, 1)).unwrap().len();
    let journal = Journal::over(
        path.clone(),
        Disk {
            room: first + 20,
            file,
        },
    );
    journal.write(&started("A-1::f", 1, 1)).unwrap();
    assert_eq!(journal.broken(), None);
    let error = journal.write(&started("B-2::g", 1, 2)).unwrap_err();
    assert!(error.to_string().contains("journal-write"), "{error}");
    // Also when there is room again: the half line must stay the last.
    assert_eq!(journal.write(&started("C-3::h", 1, 2)), Err(error.clone()));
    assert_eq!(journal.broken(), Some(error));
    let run = read_folder(dir.path()).unwrap();
    assert_eq!(run.processes().next().unwrap().attempts().len(), 1);
    assert_eq!(run.problems().count(), 1);
}

#[test]
fn an_oversized_record_keeps_its_verdict() {
    let Record::Finished(mut record) = finished("A-1::f", 1, 1, TrialOutcome::Failed) else {
        unreachable!()
    };
    record.reason = Some("ä".repeat(100_000));
    record.evidence.push(Evidence {
        observation: "log app #1".into(),
        value: "x".repeat(MAX_LINE).into(),
        read: Vec::new(),
        truncated: false,
    });
    let dir = tempfile::tempdir().unwrap();
    let journal = Journal::create(dir.path(), header("p")).unwrap();
    journal.write(&Record::Finished(record)).unwrap();
    let bytes = std::fs::read(journal.path()).unwrap();
    assert!(bytes.len() < MAX_LINE);
    let run = read(bytes.as_slice(), journal.path()).unwrap();
    let trials = run.trials();
    let kept = trials["A-1::f"].finished().unwrap();
    assert_eq!(kept.outcome, TrialOutcome::Failed);
    assert!(kept.evidence.is_empty());
    assert_eq!(run.problems().count(), 0);
}
