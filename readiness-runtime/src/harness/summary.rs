//! The end of a test process: releases, the `closed` record, one line about what the results mean,
//! the exit code.

use std::fmt::Write;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::session::{Counts, Session};
use super::start::Start;
use super::{notice, panics, signals};
use crate::journal::record::{Closed, Record};
use crate::journal::time;

/// Exit code of failed tests under the libtest protocol.
const FAILED: u8 = 101;

/// Closes.
pub(crate) fn close(session: &Session, start: &Start) -> ExitCode {
    if session.is_stopping() {
        signals::wait_for_exit();
    }
    session.run.release();
    let redactor = &session.run.redactor;
    let unattributed: Vec<String> = panics::take_unattributed()
        .iter()
        .map(|text| redactor.text(text))
        .collect();
    let mut failed = count(&session.counts.failed) > 0;
    for panic in &unattributed {
        failed = true;
        notice::warn(&format!(
            "a thread that belongs to no trial panicked, which fails the run: {panic}"
        ));
    }
    let closed = session.journal.write(&Record::Closed(Closed {
        unattributed,
        at: time::now(),
        more: std::collections::BTreeMap::new(),
    }));
    if let Err(error) = closed {
        failed = true;
        notice::warn(&error.to_string());
    }
    if let (Some(path), Some(results)) = (&start.sharding.xml, &session.results) {
        let results = std::mem::take(&mut *crate::run::lock(results));
        if let Err(error) = super::xml::write(path, start.site.package, &results) {
            failed = true;
            notice::warn(&format!("XML_OUTPUT_FILE {}: {error}", path.display()));
        }
    }
    let unread = match crate::run::lock(&session.printer).broken() {
        None => false,
        // Whoever read has gone, which is no failure: the trials have run and are recorded.
        Some(error) if error.kind() == std::io::ErrorKind::BrokenPipe => true,
        Some(error) => {
            failed = true;
            notice::warn(&format!("the results cannot be printed: {error}"));
            true
        }
    };
    if !start.one_process_per_trial() && !unread {
        notice::print(&format!(
            "readiness: {}\nreadiness: recorded in {}\n",
            words(&session.counts, session.run.prove.enabled),
            session.run.folder.display()
        ));
    }
    if failed {
        ExitCode::from(FAILED)
    } else {
        ExitCode::SUCCESS
    }
}

fn count(counter: &AtomicUsize) -> usize {
    counter.load(Ordering::Relaxed)
}

fn words(counts: &Counts, proving: bool) -> String {
    let (passed, proven) = (count(&counts.passed), count(&counts.proven));
    let mut words = if proving {
        format!("{passed} passed ({proven} proven able to fail)")
    } else {
        format!("{passed} passed, unproven: proof was switched off")
    };
    for (counter, what) in [
        (&counts.warned, "warned"),
        (&counts.failed, "failed"),
        (&counts.not_verified, "not verified"),
        (&counts.not_applicable, "not applicable"),
    ] {
        if count(counter) > 0 {
            let _ = write!(words, ", {} {what}", count(counter));
        }
    }
    words
}
