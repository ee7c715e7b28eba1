//! Time and chance go through the context as well: recorded live, and virtual under replay, so that
//! a check that waits a minute is replayed in microseconds.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use crate::digest::{Sha256, hex};

use super::Context;
use super::lane::Source;
use super::recording::{Identity, Stored};
use crate::run::lock;

const CLOCK: &str = "clock";
const NONCE: &str = "nonce";

impl Context {
    /// The time. A check that compares with the current time must ask here: under replay it is the
    /// recorded one, moved on by what was slept.
    pub fn now(&self) -> SystemTime {
        let identity = self.lane.identify(CLOCK, Arc::from("now"));
        match self.aside(&identity) {
            Aside::Recorded(Stored::Time(time)) => {
                self.remember(time);
                time
            }
            Aside::Live => {
                let time = SystemTime::now();
                self.lane.keep_aside(identity, Stored::Time(time));
                time
            }
            Aside::Recorded(_) | Aside::Unknown => self.virtual_now(),
        }
    }

    /// Lets time pass. Under replay it has passed at once.
    pub async fn sleep(&self, duration: Duration) {
        if self.passes_at_once(duration) {
            return;
        }
        crate::exec::sleep(duration).await;
    }

    /// [`Context::sleep`] for blocking code.
    pub fn sleep_now(&self, duration: Duration) {
        if self.passes_at_once(duration) {
            return;
        }
        std::thread::sleep(duration);
    }

    /// Sixteen characters that nobody else uses, from `0-9a-f`: to find one's own request in a log,
    /// or to name one's own objects. Under replay the recorded ones come again.
    pub fn nonce(&self) -> String {
        let identity = self.lane.identify(NONCE, Arc::from("nonce"));
        match self.aside(&identity) {
            Aside::Recorded(Stored::Nonce(nonce)) => nonce,
            Aside::Live => {
                let nonce = fresh_nonce(&self.trial.run.id);
                self.lane.keep_aside(identity, Stored::Nonce(nonce.clone()));
                nonce
            }
            Aside::Recorded(_) | Aside::Unknown => digest(&[identity.to_string().as_bytes()]),
        }
    }

    fn passes_at_once(&self, duration: Duration) -> bool {
        match &self.lane.source {
            Source::Live(_) => false,
            Source::Shared { .. } => true,
            Source::Replay(replay) => {
                replay.step();
                self.lane.pass(duration);
                true
            }
        }
    }

    fn aside(&self, identity: &Identity) -> Aside {
        match &self.lane.source {
            Source::Live(_) => Aside::Live,
            Source::Shared { from, .. } => {
                let mut original = identity.clone();
                original.scope = Arc::clone(&self.lane.within);
                match from.find(&original).map(|(_, stored)| stored) {
                    Some(stored) => {
                        self.lane.keep_aside(identity.clone(), stored.clone());
                        Aside::Recorded(stored)
                    }
                    None => Aside::Unknown,
                }
            }
            Source::Replay(replay) => {
                replay.step();
                match replay.serve(identity) {
                    Some(stored) => Aside::Recorded(stored),
                    None => Aside::Unknown,
                }
            }
        }
    }

    fn remember(&self, time: SystemTime) {
        let mut clock = lock(&self.lane.virtual_clock);
        clock.recorded = Some(time);
        clock.slept = Duration::ZERO;
    }

    fn virtual_now(&self) -> SystemTime {
        let clock = lock(&self.lane.virtual_clock);
        let base = clock.recorded.unwrap_or(SystemTime::UNIX_EPOCH);
        base.checked_add(clock.slept).unwrap_or(base)
    }
}

/// A time or a nonce.
enum Aside {
    Live,
    Recorded(Stored),
    /// An altered observation made the check ask once more than it did live: no divergence, time
    /// just goes on.
    Unknown,
}

fn fresh_nonce(run: &str) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed).to_le_bytes();
    let process = std::process::id().to_le_bytes();
    let time = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos())
        .to_le_bytes();
    // The hasher's keys come from the operating system's randomness.
    let chance =
        std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), 0u8).to_le_bytes();
    digest(&[run.as_bytes(), &process, &time, &count, &chance])
}

fn digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
        hash.update([0]);
    }
    hex(&hash.finalize()[..8])
}
