//! Panics: whose they are, what they said and where.
//!
//! The hook is global and runs on the panicking thread, so it knows the place of a panic but not the
//! trial. A thread-local says whose code runs: a trial's (the panic is kept for its report and not
//! printed), a replay's (a check that fails on an altered observation is expected: silent), or
//! nobody's. A panic of nobody's code is printed at once, masked, and kept: it fails the run.
//!
//! Where panics abort, the hook is the last that runs: it prints what the panic said, and the journal
//! shows whose it was by the end that is missing.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, Location, PanicHookInfo};
use std::sync::{Mutex, OnceLock, PoisonError};

use super::{backtrace, notice};
use crate::redact::Redactor;

/// More unattributed panics than this are counted by the last entry only.
const MOST_UNATTRIBUTED: usize = 20;

/// Longest message that is kept, in bytes: far more than is shown of one. What is shown is masked
/// before it is cut, and that takes what comes behind the cut.
const LONGEST_MESSAGE: usize = 4 * super::report::LONGEST_REASON;

/// Whose code runs on this thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Watch {
    Nobody,
    Trial,
    Replay,
}

thread_local! {
    static WATCH: Cell<Watch> = const { Cell::new(Watch::Nobody) };
    /// The last panic of a trial's code on this thread.
    static SEEN: RefCell<Option<Seen>> = const { RefCell::new(None) };
}

static UNATTRIBUTED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// What the hook saw.
#[derive(Debug)]
struct Seen {
    location: String,
    backtrace: Option<String>,
}

/// A panic that was caught.
#[derive(Debug)]
pub(crate) struct PanicInfo {
    /// What it said.
    pub(crate) message: String,
    /// `file:line:column`; none for an unwind that was resumed and not raised here.
    pub(crate) location: Option<String>,
    /// Where `RUST_BACKTRACE` asks for it.
    pub(crate) backtrace: Option<String>,
    /// What was thrown.
    pub(crate) payload: Box<dyn Any + Send>,
}

/// What the hook goes by.
#[derive(Debug)]
struct Hook {
    /// Masks what is printed.
    redactor: Redactor,
    /// The executable was linked without unwinding.
    aborts: bool,
}

static HOOK: OnceLock<Hook> = OnceLock::new();

/// Takes the place of the hook that is there, once per process. `aborts` says whether a panic ends
/// the process: that is a property of the executable, which this crate may not have been built for.
pub(crate) fn install(redactor: &Redactor, aborts: bool) {
    let hook = Hook {
        redactor: redactor.clone(),
        aborts,
    };
    if HOOK.set(hook).is_ok() {
        std::panic::set_hook(Box::new(|info| match WATCH.get() {
            Watch::Replay => {}
            // Nobody is left to report it: the process of this trial ends with it.
            Watch::Trial if aborts_here() => print(&told(info)),
            Watch::Trial => note(info),
            Watch::Nobody => {
                let text = told(info);
                print(&text);
                keep(text);
            }
        }));
    }
}

/// Whether a panic ends this process.
pub(crate) fn aborts_here() -> bool {
    cfg!(panic = "abort") || HOOK.get().is_some_and(|hook| hook.aborts)
}

fn place(info: &PanicHookInfo<'_>) -> String {
    info.location()
        .map_or_else(|| "an unknown place".to_owned(), Location::to_string)
}

fn note(info: &PanicHookInfo<'_>) {
    let backtrace = Backtrace::capture();
    let captured = backtrace.status() == BacktraceStatus::Captured;
    let seen = Seen {
        location: place(info),
        backtrace: captured.then(|| shown(&backtrace)),
    };
    // A panic while the slot is borrowed cannot be: nothing that panics runs inside of the borrow.
    SEEN.with(|slot| {
        if let Ok(mut slot) = slot.try_borrow_mut() {
            *slot = Some(seen);
        }
    });
}

/// As much of a backtrace as is asked for.
fn shown(backtrace: &Backtrace) -> String {
    let all = backtrace.to_string();
    // What std asks for its own messages.
    match std::env::var_os("RUST_BACKTRACE") {
        Some(how) if how == "full" => all,
        _ => backtrace::of_the_check(&all),
    }
}

/// Where it was and what it said.
fn told(info: &PanicHookInfo<'_>) -> String {
    let thread = std::thread::current();
    format!(
        "thread `{}` panicked at {}: {}",
        thread.name().unwrap_or("<unnamed>"),
        place(info),
        words(info.payload())
    )
}

fn print(text: &str) {
    let backtrace = Backtrace::capture();
    let mut text = format!("{text}\n");
    if backtrace.status() == BacktraceStatus::Captured {
        text = format!("{text}{}\n", shown(&backtrace).trim_end());
    }
    let masked = HOOK.get().map(|hook| hook.redactor.text(&text));
    notice::print(&masked.unwrap_or(text));
}

/// Keeps the panic of a thread that belongs to no trial.
fn keep(text: String) {
    let mut all = UNATTRIBUTED.lock().unwrap_or_else(PoisonError::into_inner);
    match all.len() {
        len if len < MOST_UNATTRIBUTED => all.push(text),
        MOST_UNATTRIBUTED => all.push("more panics followed".to_owned()),
        _ => {}
    }
}

/// Takes the panics that belong to no trial, oldest first.
pub(crate) fn take_unattributed() -> Vec<String> {
    std::mem::take(&mut *UNATTRIBUTED.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Runs a trial's code: a panic is caught, and its message and place are the error.
pub(crate) fn catch<T>(code: impl FnOnce() -> T) -> Result<T, PanicInfo> {
    SEEN.take();
    let caught = watched(Watch::Trial, || {
        std::panic::catch_unwind(AssertUnwindSafe(code))
    });
    caught.map_err(|payload| {
        let seen = SEEN.take();
        PanicInfo {
            message: words(&*payload),
            location: seen.as_ref().map(|seen| seen.location.clone()),
            backtrace: seen.and_then(|seen| seen.backtrace),
            payload,
        }
    })
}

/// Runs a replay: its panics are not printed, and are the caller's to catch.
pub(crate) fn quietly<T>(code: impl FnOnce() -> T) -> T {
    watched(Watch::Replay, code)
}

/// As [`catch`] for code that may be part of a live trial or of a replay, as `replay` says.
pub(crate) fn catch_in<T>(replay: bool, code: impl FnOnce() -> T) -> Result<T, PanicInfo> {
    if replay {
        SEEN.take();
        let caught = quietly(|| std::panic::catch_unwind(AssertUnwindSafe(code)));
        return caught.map_err(|payload| PanicInfo {
            message: words(&*payload),
            location: None,
            backtrace: None,
            payload,
        });
    }
    catch(code)
}

/// Sets the watch for `code` and puts the former one back, also when `code` unwinds.
fn watched<T>(watch: Watch, code: impl FnOnce() -> T) -> T {
    struct Restore(Watch);
    impl Drop for Restore {
        fn drop(&mut self) {
            WATCH.set(self.0);
        }
    }
    let _restore = Restore(WATCH.replace(watch));
    code()
}

/// The message of a panic.
fn words(payload: &(dyn Any + Send)) -> String {
    let text = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied());
    let text = text.unwrap_or("a panic without a message");
    crate::journal::bounded(text, LONGEST_MESSAGE).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_and_place() {
        install(&Redactor::default(), false);
        let of = std::hint::black_box(7);
        let line = line!() + 1;
        let panic = catch(|| panic!("of {of}")).map(|(): ()| ()).unwrap_err();
        assert_eq!(panic.message, "of 7");
        let place = panic.location.unwrap();
        assert!(
            place.starts_with(&format!("{}:{line}:", file!())),
            "{place}"
        );
        assert!(panic.payload.is::<String>());
    }

    #[test]
    fn an_odd_payload_has_words_and_a_resumed_one_no_place() {
        install(&Redactor::default(), false);
        let odd = catch(|| std::panic::panic_any(7_u8))
            .map(|(): ()| ())
            .unwrap_err();
        assert_eq!(odd.message, "a panic without a message");
        assert!(odd.location.is_some());
        let resumed = catch(|| std::panic::resume_unwind(Box::new("again")))
            .map(|(): ()| ())
            .unwrap_err();
        assert_eq!(
            (resumed.message.as_str(), resumed.location),
            ("again", None)
        );
    }

    #[test]
    fn a_panic_that_the_check_caught_is_not_its_end() {
        install(&Redactor::default(), false);
        let value = catch(|| {
            drop(std::panic::catch_unwind(|| panic!("inner")));
            5
        });
        assert_eq!(value.unwrap(), 5);
    }

    #[test]
    fn threads_of_nobody_are_kept_and_replays_are_not() {
        install(&Redactor::default(), false);
        quietly(|| {
            drop(std::panic::catch_unwind(|| panic!("expected under replay")));
        });
        drop(catch(|| panic!("a trial's own")));
        let stray = std::thread::Builder::new().name("stray".into());
        let joined = stray.spawn(|| panic!("nobody's")).unwrap().join();
        assert!(joined.is_err());
        let all = take_unattributed().join("\n");
        assert!(
            all.contains("thread `stray` panicked at") && all.contains("nobody's"),
            "{all}"
        );
        assert!(
            !all.contains("expected under replay") && !all.contains("a trial's own"),
            "{all}"
        );
    }

    #[test]
    fn a_replay_inside_of_a_trial_gives_the_watch_back() {
        install(&Redactor::default(), false);
        let panic = catch(|| {
            quietly(|| ());
            panic!("live again")
        })
        .map(|(): ()| ())
        .unwrap_err();
        assert!(panic.location.is_some());
    }
}
