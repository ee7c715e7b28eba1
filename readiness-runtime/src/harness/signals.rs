//! Ctrl-C and termination: what is in flight is recorded as interrupted, what it holds is released,
//! then the process ends with exit code 130. Results that are already on disk stay. A second signal
//! ends it at once.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::notice;
use super::session::Session;
use crate::journal::record::{Interrupted, Record};
use crate::journal::time;

/// Exit code of an interrupted run: 128 and the number of SIGINT, as shells have it.
const INTERRUPTED: i32 = 130;

/// What is held is given this long to be released after a signal.
const RELEASING: Duration = Duration::from_secs(10);

/// Of that, what trials in flight get to end by themselves.
const WINDING_DOWN: Duration = Duration::from_secs(4);

/// Handles signals from now on.
pub(crate) fn install(session: &Arc<Session>) {
    // Weak: a session that is over has nothing in flight.
    let session = Arc::downgrade(session);
    let installed = ctrlc::set_handler(move || match session.upgrade() {
        Some(session) if !session.is_stopping() => interrupt(&session, "interrupt"),
        _ => std::process::exit(INTERRUPTED),
    });
    if let Err(error) = installed {
        notice::warn(&format!("interrupts are not recorded: {error}"));
    }
}

/// Records what is in flight, releases it and ends the process, on another thread.
pub(crate) fn interrupt(session: &Arc<Session>, signal: &str) {
    session.stopping.store(true, Ordering::Relaxed);
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
    let (done, released) = std::sync::mpsc::channel::<()>();
    let releasing = Arc::clone(session);
    // Whether it could be started, ended or panicked: the channel closes with it.
    let _ = session.pool.run(move || {
        // What has ended so far is to be seen, unless nobody reads.
        crate::run::lock(&releasing.printer).flush();
        releasing.wind_down(WINDING_DOWN);
        let _ = super::panics::catch(|| releasing.release_all());
        drop(done);
    });
    let _ = std::thread::Builder::new().spawn(move || {
        let _ = released.recv_timeout(RELEASING);
        std::process::exit(INTERRUPTED);
    });
}

/// For the main thread, when everything ended by itself after a signal: the exit code is the
/// signal's, not that of the results.
pub(crate) fn wait_for_exit() -> ! {
    std::thread::sleep(RELEASING + RELEASING);
    std::process::exit(INTERRUPTED)
}
