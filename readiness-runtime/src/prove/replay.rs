//! One run of a check on its recording.

use std::time::Duration;

use crate::context::{Altered, Context, Replay};
use crate::harness::panics;
use crate::registry::Body;
use crate::run::invoke;
use crate::verdict::{CheckResult, Origin};

/// One replay. Checks are replayed in microseconds; what takes this long, on however busy a machine,
/// waits for something that is not in its recording.
const LIMIT: Duration = Duration::from_secs(5);

/// How a replay ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// With an answer of the check.
    Answered(CheckResult),
    /// Outside of its recording: neither for nor against the check.
    Diverged(String),
}

/// Runs the check on what `cx` recorded, with the entry at a place altered.
pub(super) fn replay(body: &Body, cx: &Context, altered: Option<(usize, Altered)>) -> Ended {
    let replay = Replay::new(cx.recording(), altered, LIMIT);
    let replayed = cx.for_replay(&replay);
    let ended = ended(body, &replayed, Some(LIMIT));
    replayed.stop_tasks();
    // The flags are out of the check's reach: whatever it made of the errors, they stand.
    if let Some(resource) = replay.formless() {
        return Ended::Diverged(format!("its resource `{resource}` has no replay form"));
    }
    match replay.diverged() {
        Some(why) => Ended::Diverged(why.to_owned()),
        None => ended,
    }
}

/// Runs a body whose failure is expected: its panics are silent.
pub(super) fn ended(body: &Body, cx: &Context, limit: Option<Duration>) -> Ended {
    let caught = panics::catch_in(true, || invoke(body, cx, limit));
    match caught {
        Ok(CheckResult::Failed {
            origin: Origin::Timeout,
            reason,
        }) => Ended::Diverged(reason),
        Ok(answer) => Ended::Answered(answer),
        Err(panic) => Ended::Answered(CheckResult::Failed {
            reason: panic.message,
            origin: Origin::Panic,
        }),
    }
}
