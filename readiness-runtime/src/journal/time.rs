//! Points in time as the journal writes them: RFC 3339, UTC, always six fractional digits, so that
//! the text of two of them sorts like the times.

use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

/// The last second that was written, and its text up to the dot: thousands of records share one.
static LAST: Mutex<(u64, String)> = Mutex::new((u64::MAX, String::new()));

/// Now, e.g. `2026-11-22T10:00:00.000123Z`.
pub fn now() -> String {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => text(since.as_secs(), since.subsec_micros()),
        Err(_) => format!("{:.6}", Timestamp::now()),
    }
}
/// Twice for each trial, so it does without the formatting machinery where the second is known.
fn text(second: u64, mut micros: u32) -> String {
    let mut last = crate::run::lock(&LAST);
    if last.0 != second {
        let second_alone = i64::try_from(second)
            .ok()
            .and_then(|second| Timestamp::from_second(second).ok())
            .unwrap_or(Timestamp::MAX);
        let whole = format!("{second_alone:.0}");
        *last = (second, whole.trim_end_matches('Z').to_owned());
    }
    let mut digits = *b".000000Z";
    let mut at = digits.len() - 1;
    while at > 1 {
        at -= 1;
        digits[at] += (micros % 10) as u8;
        micros /= 10;
    }
    let mut text = String::with_capacity(last.1.len() + digits.len());
    text.push_str(&last.1);
    text.push_str(std::str::from_utf8(&digits).unwrap_or(".000000Z"));
    text
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
