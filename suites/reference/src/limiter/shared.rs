//! Counting in the store that all instances of a deployment share, for fixed windows.
//!
//! A counter is called `kamiyo:limit:<caller>:<window>:<number>`, with the number of the window since
//! the epoch. What the store cannot do, or does not answer in time, is left to the limiter in memory.

use std::time::Duration;

use jiff::Timestamp;

use super::{Decision, MICROS, timestamp};
use crate::stores::{Counter, KeyValue, bounded};
use crate::tiers::{Limits, Window};

/// All counters begin with this.
const PREFIX: &str = "kamiyo:limit:";

/// What the shared counters say about one request, and how much of each window is used by now.
pub(crate) struct Shared {
    pub decision: Decision,
    pub used: Vec<(Window, u32)>,
}

/// Takes one request out of the caller's limits, if all of them have room; nothing if the store does
/// not count.
pub(crate) async fn take(
    store: &dyn KeyValue,
    caller: &str,
    limits: &Limits,
    now: Timestamp,
) -> Option<Shared> {
    let limited: Vec<(Window, u32)> = Window::ALL
        .into_iter()
        .filter_map(|window| Some((window, limits.of(window)?)))
        .collect();
    if limited.is_empty() {
        return None;
    }
    let counters: Vec<Counter> = limited
        .iter()
        .map(|&(window, limit)| Counter {
            key: format!(
                "{PREFIX}{caller}:{}:{}",
                window.as_str(),
                number(window, now)
            ),
            limit,
            life: Duration::from_secs(window.seconds().unsigned_abs()),
        })
        .collect();
    let before = bounded(store.count(&counters)).await.ok()??;
    let seen = || limited.iter().zip(&before);
    let refusal = seen()
        .filter(|((_, limit), used)| *used >= limit)
        .map(|(&(window, _), &used)| decision(false, window, used, now))
        .max_by_key(|decision| decision.reset);
    let is_allowed = refusal.is_none();
    let used: Vec<_> = seen()
        .map(|(&(window, _), &before)| (window, before.saturating_add(u32::from(is_allowed))))
        .collect();
    let minute = used.iter().find(|(window, _)| *window == Window::Minute);
    let minute = minute.map_or(0, |(_, used)| *used);
    Some(Shared {
        decision: refusal.unwrap_or_else(|| decision(true, Window::Minute, minute, now)),
        used,
    })
}

fn decision(allowed: bool, window: Window, used: u32, now: Timestamp) -> Decision {
    let end = (number(window, now) + 1) * window.seconds() * MICROS;
    Decision {
        allowed,
        window,
        used,
        reset: timestamp(end),
    }
}

fn number(window: Window, now: Timestamp) -> i64 {
    now.as_second().div_euclid(window.seconds())
}
