//! Ctrl-C and termination: what is in flight is recorded as interrupted, then the process ends with
//! exit code 130. Results that are already on disk stay.

use std::sync::Arc;

use super::notice;
use super::session::Session;
use crate::journal::record::{Interrupted, Record};
use crate::journal::time;

/// Exit code of an interrupted run: 128 and the number of SIGINT, as shells have it.
pub(crate) const INTERRUPTED: i32 = 130;

/// Handles signals from now on.
pub(crate) fn install(session: &Arc<Session>) {
    // Weak: a session that is over has nothing in flight.
    let session = Arc::downgrade(session);
    let installed = ctrlc::set_handler(move || {
        if let Some(session) = session.upgrade() {
            interrupt(&session, "interrupt");
        }
        std::process::exit(INTERRUPTED);
    });
    if let Err(error) = installed {
        notice::warn(&format!("interrupts are not recorded: {error}"));
    }
}

/// Records what is in flight. The process is about to end.
pub(crate) fn interrupt(session: &Session, signal: &str) {
    let trials = session.in_flight();
    let count = trials.len();
    let record = Record::Interrupted(Interrupted {
        trials,
        signal: signal.to_owned(),
        at: time::now(),
    });
    match session.journal.write(&record) {
        Ok(()) => notice::warn(&format!(
            "interrupted: {count} trial(s) in flight and what had not run are not verified"
        )),
        Err(error) => notice::warn(&error.to_string()),
    }
}
