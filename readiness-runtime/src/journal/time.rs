//! Points in time as the journal writes them: RFC 3339, UTC, always six fractional digits, so that
//! the text of two of them sorts like the times.

use jiff::Timestamp;

/// Now, e.g. `2026-11-22T10:00:00.000123Z`.
pub fn now() -> String {
    format!("{:.6}", Timestamp::now())
}

/// Microseconds since 1970, for ordering; `None` when it is no RFC 3339 time.
pub fn micros(at: &str) -> Option<i64> {
    at.parse::<Timestamp>().ok().map(Timestamp::as_microsecond)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_fixed_width_and_read_back() {
        let at = now();
        assert_eq!(at.len(), "2026-11-22T10:00:00.000123Z".len(), "{at}");
        assert!(micros(&at).is_some());
        assert_eq!(micros("1970-01-01T00:00:01Z"), Some(1_000_000));
        assert_eq!(micros("yesterday"), None);
    }
}
