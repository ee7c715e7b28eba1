//! Points in time as the journal writes them: RFC 3339, UTC, always six fractional digits, so that
//! the text of two of them sorts like the times.

use std::cell::RefCell;
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

thread_local! {
    /// The last second that was written, and a text of it: thousands of records share one.
    static LAST: RefCell<(u64, String)> = const { RefCell::new((u64::MAX, String::new())) };
}

/// Now, e.g. `2026-11-22T10:00:00.000123Z`.
pub fn now() -> String {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => text(since.as_secs(), since.subsec_micros()),
        Err(_) => format!("{:.6}", Timestamp::now()),
    }
}

/// Twice for each trial, so it does without a calendar where the second is known.
fn text(second: u64, mut micros: u32) -> String {
    let mut digits = LAST.with_borrow_mut(|last| {
        if last.0 != second {
            *last = (second, whole(second));
        }
        last.1.clone().into_bytes()
    });
    // The six digits before the `Z`.
    let mut at = digits.len() - 1;
    let first = at - 6;
    while at > first {
        at -= 1;
        digits[at] = b'0' + (micros % 10) as u8;
        micros /= 10;
    }
    String::from_utf8(digits).unwrap_or_default()
}

/// The beginning of a second.
fn whole(second: u64) -> String {
    let time = i64::try_from(second).ok().map(Timestamp::from_second);
    let time = time.and_then(Result::ok).unwrap_or(Timestamp::MAX);
    format!("{time:.6}")
}

/// Microseconds since 1970, for ordering; `None` when it is no RFC 3339 time.
pub fn micros(at: &str) -> Option<i64> {
    at.parse::<Timestamp>().ok().map(Timestamp::as_microsecond)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_that_are_shared_and_those_that_are_not() {
        for micros in [0, 1, 999_999, 1_000_000, 1_000_001, 1_790_000_000_123_456] {
            let at = Timestamp::from_microsecond(micros).unwrap();
            let second = u64::try_from(at.as_second()).unwrap();
            let micros = u32::try_from(at.subsec_microsecond()).unwrap();
            assert_eq!(text(second, micros), format!("{at:.6}"));
        }
    }

    #[test]
    fn is_fixed_width_and_read_back() {
        let at = now();
        assert_eq!(at.len(), "2026-11-22T10:00:00.000123Z".len(), "{at}");
        assert!(micros(&at).is_some());
        assert_eq!(micros("1970-01-01T00:00:01Z"), Some(1_000_000));
        assert_eq!(micros("yesterday"), None);
    }
}
