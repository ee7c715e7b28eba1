//! The service's clock. Limiter windows, the data delay, token life, cache life, `Date` and log
//! time stamps all read it; nothing else in the crate reads the system's time.
//!
//! A *virtual* clock stands still until it is advanced, so that a burst of requests falls into
//! one window exactly, however slow the machine. A *real* clock follows the system and may be
//! shifted, which is what the stand-alone binary uses.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// A handle on one clock; clones share it.
#[derive(Clone, Debug)]
pub struct Clock {
    mode: Arc<Mutex<Mode>>,
}

#[derive(Clone, Copy, Debug)]
enum Mode {
    Virtual(Timestamp),
    Real { ahead: SignedDuration },
}

impl Clock {
    /// A clock that stands at `start`.
    pub fn frozen_at(start: Timestamp) -> Clock {
        Clock::new(Mode::Virtual(start))
    }

    /// A clock that stands at the system's present second, read once.
    pub fn frozen_now() -> Clock {
        let second = Timestamp::from_second(Timestamp::now().as_second());
        Clock::frozen_at(second.unwrap_or(Timestamp::UNIX_EPOCH))
    }

    /// A clock that follows the system's time.
    pub fn real_time() -> Clock {
        Clock::new(Mode::Real {
            ahead: SignedDuration::ZERO,
        })
    }

    fn new(mode: Mode) -> Clock {
        Clock {
            mode: Arc::new(Mutex::new(mode)),
        }
    }

    /// The service's time.
    pub fn now(&self) -> Timestamp {
        self.mode().now()
    }

    /// Moves the clock forward. The end of time representable (year 9999) is where it stops.
    pub fn advance(&self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        let mut mode = self.mode();
        *mode = match *mode {
            Mode::Virtual(now) => Mode::Virtual(later(now, by)),
            Mode::Real { ahead } => Mode::Real {
                ahead: ahead.saturating_add(by),
            },
        };
    }

    /// Sets the clock to a time, also backwards.
    pub fn set(&self, to: Timestamp) {
        let mut mode = self.mode();
        *mode = match *mode {
            Mode::Virtual(_) => Mode::Virtual(to),
            Mode::Real { .. } => Mode::Real {
                ahead: to.duration_since(Timestamp::now()),
            },
        };
    }

    /// From now on the clock runs with the system's, without a jump.
    pub fn follow_real_time(&self) {
        let mut mode = self.mode();
        *mode = Mode::Real {
            ahead: mode.now().duration_since(Timestamp::now()),
        };
    }

    /// From now on the clock stands still, without a jump.
    pub fn freeze(&self) {
        let mut mode = self.mode();
        *mode = Mode::Virtual(mode.now());
    }

    /// Whether the clock stands still between calls of [`Clock::advance`].
    pub fn is_virtual(&self) -> bool {
        matches!(*self.mode(), Mode::Virtual(_))
    }

    fn mode(&self) -> MutexGuard<'_, Mode> {
        // A `Mode` is copied in and out whole, so a panic elsewhere cannot leave it half-written.
        self.mode.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mode {
    fn now(self) -> Timestamp {
        match self {
            Mode::Virtual(now) => now,
            Mode::Real { ahead } => later(Timestamp::now(), ahead),
        }
    }
}

fn later(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> Timestamp {
        "2026-03-01T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_virtual_clock_moves_only_when_told() {
        let clock = Clock::frozen_at(noon());
        assert_eq!(clock.now(), noon());
        assert_eq!(clock.now(), noon());
        clock.clone().advance(Duration::from_secs(61));
        assert_eq!(clock.now().to_string(), "2026-03-01T12:01:01Z");
    }

    #[test]
    fn the_end_of_time_is_a_stop_not_a_panic() {
        let clock = Clock::frozen_at(noon());
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), Timestamp::MAX);
    }

    #[test]
    fn a_shifted_real_clock_runs_on_from_where_it_was_set() {
        let clock = Clock::real_time();
        clock.set(noon());
        let first = clock.now();
        assert!(first >= noon());
        clock.freeze();
        assert_eq!(clock.now(), clock.now());
        clock.follow_real_time();
        assert!(!clock.is_virtual());
        assert!(clock.now() >= first);
    }
}
