//! The record of a burst, and which parts of it a judgement read.

use std::sync::Arc;
use std::time::Duration;

use readiness::observation::Reads;
use readiness::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::http::{HttpReply, Scope};

/// A window of a limiter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Window {
    /// 60 seconds.
    Minute,
    /// 3,600 seconds.
    Hour,
    /// 86,400 seconds.
    Day,
}

impl Window {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Window::Minute => "minute",
            Window::Hour => "hour",
            Window::Day => "day",
        }
    }

    /// The window of that name.
    pub fn named(name: &str) -> Option<Window> {
        [Window::Minute, Window::Hour, Window::Day]
            .into_iter()
            .find(|window| window.name() == name)
    }

    /// How long it is.
    pub fn length(self) -> Duration {
        Duration::from_secs(match self {
            Window::Minute => 60,
            Window::Hour => 3_600,
            Window::Day => 86_400,
        })
    }
}

/// What came back from a burst: the requests in the order sent, one with a forged address while the
/// limit was used up, and those after waiting.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Burst {
    pub(super) identity: String,
    /// Shared: each alteration of one of a thousand has the others as they are.
    pub(super) shots: Arc<Vec<HttpReply>>,
    pub(super) forged: Option<HttpReply>,
    /// After waiting as `Retry-After` says, then, if that was refused, after a whole window.
    pub(super) after: Vec<HttpReply>,
    pub(super) elapsed_us: u64,
    #[serde(skip)]
    pub(super) reads: Reads,
}

/// How many were let through, exactly.
pub(super) const COUNT: &str = "count";
/// Whether any was refused.
pub(super) const ANY_REFUSED: &str = "any refused";
/// Which of them, by their places in the row.
pub(super) const ORDER: &str = "order";
/// How long it took.
pub(super) const ELAPSED: &str = "elapsed";

impl Burst {
    /// Records what `look` does under `burst/<identity>`.
    ///
    /// # Errors
    /// Those of `look`.
    pub async fn observe<F, Fut>(cx: &Context, identity: &str, look: F) -> Result<Burst>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<Burst>>,
    {
        cx.observe(format!("burst/{identity}"), look).await
    }

    /// Who sent it.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// How many requests it was made of.
    pub fn sent(&self) -> usize {
        self.shots.len()
    }

    /// How many were let through.
    pub fn allowed_count(&self) -> u64 {
        self.reads.note(COUNT);
        self.shots.iter().filter(|shot| is_success(shot)).count() as u64
    }

    /// How many were let through after the first that was not.
    pub fn allowed_after_refusal(&self) -> usize {
        self.reads.note(ORDER);
        let after = self.shots.iter().skip_while(|shot| is_success(shot));
        after.filter(|shot| is_success(shot)).count()
    }

    /// The replies with a 2xx, in order.
    pub fn allowed(&self) -> Vec<&HttpReply> {
        self.shots.iter().filter(|shot| is_success(shot)).collect()
    }

    /// All others, in order.
    pub fn refused(&self) -> Vec<&HttpReply> {
        self.reads.note(ANY_REFUSED);
        self.shots.iter().filter(|shot| !is_success(shot)).collect()
    }

    /// The reply to whom was tried while the limit was used up: the same caller with a forged address,
    /// or somebody else at the same address.
    pub fn forged(&self) -> Option<&HttpReply> {
        self.forged.as_ref()
    }

    /// The reply after waiting as long as `Retry-After` asked for.
    pub fn after_waiting(&self) -> Option<&HttpReply> {
        self.after.first()
    }

    /// The last reply after waiting: a whole window if `Retry-After` was not enough.
    pub fn in_the_end(&self) -> Option<&HttpReply> {
        self.after.last()
    }

    /// From the first request to the last reply.
    pub fn elapsed(&self) -> Duration {
        self.reads.note(ELAPSED);
        Duration::from_micros(self.elapsed_us)
    }

    pub(super) fn attach_reads(&mut self, reads: &Reads) {
        let was_listening = self.reads.is_listening();
        self.reads = reads.clone();
        // A replay, which notes nothing: the replies listen to nobody yet.
        if !was_listening && !reads.is_listening() {
            return;
        }
        for shot in Arc::make_mut(&mut self.shots) {
            let scope = if is_success(shot) {
                Scope::Allowed
            } else {
                Scope::Refused
            };
            shot.attach_within(reads.clone(), scope);
        }
        if let Some(forged) = &mut self.forged {
            forged.attach_within(reads.clone(), Scope::Forged);
        }
        for reply in &mut self.after {
            reply.attach_within(reads.clone(), Scope::After);
        }
    }
}

/// By the recorded status, without noting a read: `allowed` and `refused` note the count.
pub(super) fn is_success(reply: &HttpReply) -> bool {
    (200..300).contains(&reply.raw_status())
}
