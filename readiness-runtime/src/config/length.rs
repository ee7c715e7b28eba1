//! Lengths of time as configuration has them: a whole number and a unit, `500ms`, `30s`, `5m`, `2h`,
//! `90d`.

use std::time::Duration;

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
