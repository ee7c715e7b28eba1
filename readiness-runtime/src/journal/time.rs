//! Points in time as the journal writes them: RFC 3339, UTC, always six fractional digits, so that
//! the text of two of them sorts like the times.

use std::cell::RefCell;
use std::time::{SystemTime, UNIX_EPOCH};

thread_local! {
    /// The last second that was written, and a text of it: thousands of records share one.
    static LAST: RefCell<(u64, String)> = const { RefCell::new((u64::MAX, String::new())) };
}

/// Now, e.g. `2026-11-22T10:00:00.000123Z`.
pub fn now() -> String {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => text(since.as_secs(), since.subsec_micros()),
        // A clock that was never set.
        Err(_) => text(0, 0),
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

/// The last second of the year 9999, after which years have no four digits.
const LAST_SECOND: u64 = 253_402_300_799;

/// The beginning of a second since 1970.
fn whole(second: u64) -> String {
    let second = second.min(LAST_SECOND);
    let (days, of_day) = (second / 86_400, second % 86_400);
    // Years are counted from March, so that the leap day is the last one of a year, and in the 400 years
    // after which the calendar repeats itself, of 146,097 days; 719,468 lie between 0000-03-01 and 1970.
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let leap_days = day_of_era / 1_460 - day_of_era / 36_524 + day_of_era / 146_096;
    let year_of_era = (day_of_era - leap_days) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // From March, months have 31, 30, 31, 30, 31 days, again and again: 153 in five of them.
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.000000Z")
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_second_is_the_one_of_the_calendar() {
        let known = |second, text: &str| assert_eq!(whole(second), text);
        known(951_782_399, "2000-02-28T23:59:59.000000Z");
        known(951_782_400, "2000-02-29T00:00:00.000000Z");
        known(4_107_542_400, "2100-03-01T00:00:00.000000Z");
        known(u64::MAX, "9999-12-31T23:59:59.000000Z");
    }

    proptest::proptest! {
        #[test]
        fn every_second_is_as_another_calendar_has_it(second in 0..=LAST_SECOND) {
            let other = Timestamp::from_second(i64::try_from(second).unwrap()).unwrap();
            assert_eq!(whole(second), format!("{other:.6}"));
        }
    }

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
        assert!(at.parse::<Timestamp>().is_ok(), "{at}");
    }
}
