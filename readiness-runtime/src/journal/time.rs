//! Points in time as the journal writes them: RFC 3339, UTC, always six fractional digits, so that
//! the text of two of them sorts like the times.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

/// The last second that was written, and its text up to the dot: thousands of records share one.
static LAST: Mutex<(i64, String)> = Mutex::new((i64::MIN, String::new()));

/// Now, e.g. `2026-11-22T10:00:00.000123Z`.
pub fn now() -> String {
    text(Timestamp::now())
}

fn text(at: Timestamp) -> String {
    let second = at.as_second();
    let micros = at.subsec_microsecond();
    if second < 0 || micros < 0 {
        return format!("{at:.6}");
    }
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if last.0 != second {
        let whole = format!("{at:.0}");
        *last = (second, whole.trim_end_matches('Z').to_owned());
    }
    format!("{}.{micros:06}Z", last.1)
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
        for micros in [
            0,
            1,
            999_999,
            1_000_000,
            1_000_001,
            1_790_000_000_123_456,
            -1,
        ] {
            let at = Timestamp::from_microsecond(micros).unwrap();
            assert_eq!(text(at), format!("{at:.6}"));
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
