//! Dates as configuration has them: a day is `YYYY-MM-DD` in UTC, nothing else.

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
