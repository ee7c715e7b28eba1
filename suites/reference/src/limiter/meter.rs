//! One caller's use of one window, for each of the three algorithms. Times are microseconds
//! since the Unix epoch.

use std::collections::VecDeque;

use super::{Algorithm, MICROS};
use crate::tiers::Window;

/// How much of a window is used.
#[derive(Debug)]
pub(super) enum Meter {
    /// `used` requests in the window with this number since the epoch.
    Fixed { number: i64, used: u32 },
    /// Requests with their times, the oldest first; equal times share an entry.
    Sliding { requests: VecDeque<(i64, u32)> },
    /// `level` requests taken out of the bucket as of `at`; it refills with time.
    Bucket { level: f64, at: i64 },
}

impl Meter {
    pub(super) fn new(algorithm: Algorithm) -> Meter {
        match algorithm {
            Algorithm::Fixed => Meter::Fixed { number: 0, used: 0 },
            Algorithm::Sliding => Meter::Sliding {
                requests: VecDeque::new(),
            },
            Algorithm::TokenBucket => Meter::Bucket { level: 0.0, at: 0 },
        }
    }

    /// Requests used as of now; old ones are forgotten on the way.
    pub(super) fn used(&mut self, window: Window, limit: u32, now: i64) -> u32 {
        match self {
            Meter::Fixed { number, used } => {
                let current = now.div_euclid(length(window));
                if *number != current {
                    (*number, *used) = (current, 0);
                }
                *used
            }
            Meter::Sliding { requests } => {
                let oldest = now - length(window);
                while requests.front().is_some_and(|&(at, _)| at <= oldest) {
                    requests.pop_front();
                }
                requests
                    .iter()
                    .fold(0, |sum, (_, count)| sum.saturating_add(*count))
            }
            Meter::Bucket { level, at } => {
                let refill = seconds(now - *at) * rate(window, limit);
                (*level, *at) = ((*level - refill).max(0.0), now);
                whole(*level)
            }
        }
    }

    /// When a caller that has used up the window may send the next request.
    pub(super) fn next_slot(&self, window: Window, limit: u32, now: i64) -> i64 {
        match self {
            Meter::Fixed { number, .. } => (number + 1) * length(window),
            Meter::Sliding { requests } => {
                requests.front().map_or(now, |&(at, _)| at + length(window))
            }
            Meter::Bucket { level, .. } => {
                let surplus = *level - (f64::from(limit) - 1.0);
                now + micros(surplus / rate(window, limit)).max(1)
            }
        }
    }

    /// When the window is unused again if no further request comes.
    pub(super) fn fresh(&self, window: Window, limit: u32, now: i64) -> i64 {
        match self {
            Meter::Fixed { number, .. } => (number + 1) * length(window),
            Meter::Sliding { requests } => {
                requests.back().map_or(now, |&(at, _)| at + length(window))
            }
            Meter::Bucket { level, .. } => now + micros(level / rate(window, limit)).max(1),
        }
    }

    /// Counts one request.
    pub(super) fn charge(&mut self, window: Window, now: i64) {
        match self {
            Meter::Fixed { number, used } => {
                let current = now.div_euclid(length(window));
                *used = if *number == current {
                    used.saturating_add(1)
                } else {
                    1
                };
                *number = current;
            }
            Meter::Sliding { requests } => match requests.back_mut() {
                Some((at, count)) if *at == now => *count = count.saturating_add(1),
                _ => requests.push_back((now, 1)),
            },
            Meter::Bucket { level, .. } => *level += 1.0,
        }
    }

    /// Replaces what is used, as if it had been used just now.
    pub(super) fn seed(&mut self, window: Window, count: u32, now: i64) {
        match self {
            Meter::Fixed { number, used } => {
                (*number, *used) = (now.div_euclid(length(window)), count);
            }
            Meter::Sliding { requests } => *requests = VecDeque::from([(now, count)]),
            Meter::Bucket { level, at } => (*level, *at) = (f64::from(count), now),
        }
    }
}

fn length(window: Window) -> i64 {
    window.seconds() * MICROS
}

/// Requests a second that a bucket gets back. A limit of zero never refills, but one second is
/// as long as anybody is told to wait for it.
fn rate(window: Window, limit: u32) -> f64 {
    f64::from(limit.max(1)) / seconds(length(window))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "the microseconds between two requests of one run are far below 2^53"
)]
fn seconds(micros: i64) -> f64 {
    micros as f64 / MICROS as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a waiting time within a day; `as` saturates beyond it"
)]
fn micros(seconds: f64) -> i64 {
    (seconds * MICROS as f64).ceil() as i64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "never negative; `as` saturates"
)]
fn whole(level: f64) -> u32 {
    // A token counts as taken until it is back entirely, less the rounding of the refill.
    (level - 1e-6).ceil() as u32
}
