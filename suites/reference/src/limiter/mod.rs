//! The request limiter: for each caller one meter a window, asked before a request is served.
//!
//! A request is charged to all windows or, when any of them is exhausted, to none. Time comes in
//! as a parameter, so the limiter stands still with the service's clock. Faults are not known
//! here: they reach the limiter as altered limits (see `http::rate_limit`).

mod meter;
mod shared;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use self::meter::Meter;
use crate::stores::KeyValue;
use crate::tiers::{Limits, Window};

/// How requests are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Algorithm {
    /// Windows aligned to the minute, hour and day in UTC.
    #[default]
    Fixed,
    /// The requests of the last 60, 3,600 and 86,400 seconds.
    Sliding,
    /// A bucket that holds a window's limit and refills evenly over it.
    TokenBucket,
}

/// What the limiter says about one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether the request may be served.
    pub allowed: bool,
    /// The window that the other fields are about: the one that refuses, else the minute.
    pub window: Window,
    /// How many requests the caller has used in that window, this one included when allowed.
    pub used: u32,
    /// When the window starts afresh, or when the next request is allowed after a refusal.
    pub reset: Timestamp,
}

impl Decision {
    /// Whole seconds until [`Decision::reset`], rounded up, at least 1.
    pub fn seconds_to_reset(&self, now: Timestamp) -> i64 {
        let micros = self.reset.as_microsecond() - now.as_microsecond();
        ((micros + MICROS - 1) / MICROS).max(1)
    }
}

/// Microseconds in a second.
const MICROS: i64 = 1_000_000;

/// Counts requests by caller. Clones of the service's state share one limiter.
#[derive(Debug)]
pub struct Limiter {
    algorithm: Algorithm,
    meters: Mutex<HashMap<String, [Meter; 3]>>,
}

impl Limiter {
    /// A limiter that has counted nothing.
    pub fn new(algorithm: Algorithm) -> Limiter {
        Limiter {
            algorithm,
            meters: Mutex::new(HashMap::new()),
        }
    }

    /// The same, counted in the store that all instances share where that can count; what it counted
    /// is kept in mind for the time that it is away.
    pub async fn take_shared(
        &self,
        store: &dyn KeyValue,
        caller: &str,
        limits: &Limits,
        now: Timestamp,
    ) -> Decision {
        let shared = match self.algorithm {
            Algorithm::Fixed => shared::take(store, caller, limits, now).await,
            Algorithm::Sliding | Algorithm::TokenBucket => None,
        };
        let Some(shared) = shared else {
            return self.take(caller, limits, now);
        };
        for (window, used) in shared.used {
            self.seed(caller, window, used, now);
        }
        shared.decision
    }

    /// Takes one request out of the caller's limits, if all of them have room.
    pub fn take(&self, caller: &str, limits: &Limits, now: Timestamp) -> Decision {
        let now = now.as_microsecond();
        let mut meters = self.meters();
        let meters = meters
            .entry(caller.to_owned())
            .or_insert_with(|| self.unused());
        let refusal = Window::ALL
            .into_iter()
            .zip(meters.iter_mut())
            .filter_map(|(window, meter)| refuse(window, meter, limits, now))
            .max_by_key(|decision| decision.reset);
        refusal.unwrap_or_else(|| allow(meters, limits, now))
    }

    /// Sets how much of a window the caller has used, as if it had sent the requests just now.
    pub fn seed(&self, caller: &str, window: Window, used: u32, now: Timestamp) {
        let mut meters = self.meters();
        let meters = meters
            .entry(caller.to_owned())
            .or_insert_with(|| self.unused());
        meters[window as usize].seed(window, used, now.as_microsecond());
    }

    /// Forgets what the caller has used.
    pub fn reset(&self, caller: &str) {
        self.meters().remove(caller);
    }

    fn unused(&self) -> [Meter; 3] {
        std::array::from_fn(|_| Meter::new(self.algorithm))
    }

    fn meters(&self) -> MutexGuard<'_, HashMap<String, [Meter; 3]>> {
        // Counters stay usable whatever happened to the thread that held them.
        self.meters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn refuse(window: Window, meter: &mut Meter, limits: &Limits, now: i64) -> Option<Decision> {
    let limit = limits.of(window)?;
    let used = meter.used(window, limit, now);
    (used >= limit).then(|| Decision {
        allowed: false,
        window,
        used,
        reset: timestamp(meter.next_slot(window, limit, now)),
    })
}

fn allow(meters: &mut [Meter; 3], limits: &Limits, now: i64) -> Decision {
    for (window, meter) in Window::ALL.into_iter().zip(meters.iter_mut()) {
        if limits.of(window).is_some() {
            meter.charge(window, now);
        }
    }
    let window = Window::Minute;
    let meter = &mut meters[window as usize];
    let limit = limits.of(window).unwrap_or(u32::MAX);
    Decision {
        allowed: true,
        window,
        used: meter.used(window, limit, now),
        reset: timestamp(meter.fresh(window, limit, now)),
    }
}

fn timestamp(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
