//! Dates and lengths of time as configuration has them.
//!
//! A day is `YYYY-MM-DD` in UTC, nothing else. A length is a whole number and a unit: `500ms`,
//! `30s`, `5m`, `2h`, `90d`.

use std::time::Duration;

use jiff::civil::Date;

/// A day of the calendar.
pub type Day = Date;

/// Reads `YYYY-MM-DD`; a time, a zone, a two-digit year or a day that does not exist is none.
pub fn parse_day(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| -> Option<i16> {
        let part = bytes.get(range)?;
        part.iter().all(u8::is_ascii_digit).then_some(())?;
        std::str::from_utf8(part).ok()?.parse().ok()
    };
    (bytes.len() == 10 && bytes[4] == b'-' && bytes[7] == b'-').then_some(())?;
    let month = i8::try_from(digits(5..7)?).ok()?;
    let day = i8::try_from(digits(8..10)?).ok()?;
    Date::new(digits(0..4)?, month, day).ok()
}

/// Reads `90d`: one to five digits and the letter.
pub fn parse_days(text: &str) -> Option<u32> {
    let digits = text.strip_suffix('d')?;
    ((1..=5).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())).then_some(())?;
    digits.parse().ok().filter(|days| *days > 0)
}

/// Reads `500ms`, `30s`, `5m`, `2h` or `90d`; zero is none.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let split = text.find(|c: char| !c.is_ascii_digit())?;
    let (digits, unit) = text.split_at(split);
    let number: u64 = (digits.len() <= 9).then(|| digits.parse().ok()).flatten()?;
    let duration = match unit {
        "ms" => Duration::from_millis(number),
        "s" => Duration::from_secs(number),
        "m" => Duration::from_secs(number * 60),
        "h" => Duration::from_secs(number * 3_600),
        "d" => Duration::from_secs(number * 86_400),
        _ => return None,
    };
    (!duration.is_zero()).then_some(duration)
}

/// The day so many days later; none past the end of the calendar.
pub fn days_after(day: Date, days: u32) -> Option<Date> {
    day.checked_add(jiff::Span::new().try_days(i64::from(days)).ok()?)
        .ok()
}

/// How many days lie between two days; negative when `later` is the earlier one.
pub fn days_between(earlier: Date, later: Date) -> i64 {
    earlier.duration_until(later).as_hours() / 24
}

/// The day, in UTC, of an RFC 3339 time.
pub fn day_of(time: &str) -> Option<Date> {
    let timestamp: jiff::Timestamp = time.parse().ok()?;
    Some(day_of_timestamp(timestamp))
}

/// Today, in UTC.
pub fn today() -> Date {
    day_of_timestamp(jiff::Timestamp::now())
}

/// The day, in UTC, of a moment.
pub fn day_of_timestamp(timestamp: jiff::Timestamp) -> Date {
    jiff::tz::Offset::UTC.to_datetime(timestamp).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_iso_and_exists() {
        assert!(parse_day("2026-11-20").is_some());
        assert!(parse_day("2028-02-29").is_some());
        for wrong in [
            "2027-02-29",
            "2026-13-01",
            "2026-04-31",
            "26-11-20",
            "2026-1-2",
            "20.11.2026",
            "11/20/2026",
            "2026-11-20T00:00:00Z",
            " 2026-11-20",
            "+026-11-20",
            "",
        ] {
            assert_eq!(parse_day(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_number_of_days_is_digits_and_a_letter() {
        assert_eq!(parse_days("90d"), Some(90));
        for wrong in ["0d", "90", "-1d", "90 d", "1.5d", "3m", "d", "999999d"] {
            assert_eq!(parse_days(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn lengths_have_one_unit() {
        assert_eq!(parse_duration("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(parse_duration("5m"), Some(Duration::from_secs(300)));
        assert_eq!(parse_duration("90d"), Some(Duration::from_secs(7_776_000)));
        for wrong in ["", "30", "s", "0s", "1h30m", "1 s", "-1s", "99999999999d"] {
            assert_eq!(parse_duration(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn days_cross_months_and_leap_years() {
        let day = |text| parse_day(text).unwrap();
        assert_eq!(days_after(day("2028-02-28"), 1), Some(day("2028-02-29")));
        assert_eq!(days_after(day("2027-02-28"), 1), Some(day("2027-03-01")));
        assert_eq!(days_between(day("2026-12-31"), day("2027-01-01")), 1);
        assert_eq!(days_between(day("2027-01-01"), day("2026-12-31")), -1);
    }

    #[test]
    fn the_day_of_a_time_is_the_one_in_utc() {
        assert_eq!(day_of("2026-11-20T23:59:59Z"), parse_day("2026-11-20"));
        assert_eq!(day_of("2026-11-20T23:30:00-05:00"), parse_day("2026-11-21"));
        assert_eq!(day_of("2026-11-20T00:30:00+01:00"), parse_day("2026-11-19"));
        assert_eq!(day_of("yesterday"), None);
    }
}
