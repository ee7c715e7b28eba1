//! When a certificate ends: the one field of X.509 that is needed here, found by walking DER.
//!
//! The chain itself is verified by the TLS library. The walk never panics and never loops: each step
//! consumes input, and anything unexpected is "not known".

/// The end of a certificate's validity, in seconds since 1970; `None` if it is no certificate.
pub(super) fn not_after(certificate: &[u8]) -> Option<i64> {
    // Certificate ::= SEQUENCE { tbsCertificate SEQUENCE { … }, … }
    let (certificate, _) = element(certificate, SEQUENCE)?;
    let (mut rest, _) = element(certificate, SEQUENCE)?;
    // version [0] EXPLICIT, absent in the first version
    if let Some((_, after)) = element(rest, EXPLICIT_0) {
        rest = after;
    }
    // serialNumber, signature, issuer
    for tag in [INTEGER, SEQUENCE, SEQUENCE] {
        rest = element(rest, tag)?.1;
    }
    // validity ::= SEQUENCE { notBefore, notAfter }
    let (validity, _) = element(rest, SEQUENCE)?;
    let (_, after) = time(validity)?;
    time(after).map(|(second, _)| second)
}

const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const EXPLICIT_0: u8 = 0xa0;

/// The content of the element with this tag, and what follows it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = bytes.split_first()?;
    if found != tag {
        return None;
    }
    let (&first, mut rest) = rest.split_first()?;
    let length = if first < 0x80 {
        usize::from(first)
    } else {
        // The long form: so many bytes of length. More than four is no certificate.
        let count = usize::from(first & 0x7f);
        if count == 0 || count > 4 {
            return None;
        }
        let (digits, after) = rest.split_at_checked(count)?;
        rest = after;
        digits
            .iter()
            .fold(0, |length, &digit| (length << 8) | usize::from(digit))
    };
    rest.split_at_checked(length)
}

/// A time and what follows it. RFC 5280 wants it in UTC with seconds, ending in `Z`.
fn time(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let (year_digits, (text, rest)) = match element(bytes, UTC_TIME) {
        Some(found) => (2, found),
        None => (4, element(bytes, GENERALIZED_TIME)?),
    };
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (year, fields) = text.split_at_checked(year_digits)?;
    if fields.len() != 10 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut year: i16 = year.parse().ok()?;
    if year_digits == 2 {
        // RFC 5280, 4.1.2.5.1: 50 and above is the last century.
        year += if year < 50 { 2000 } else { 1900 };
    }
    let field = |at: usize| fields.get(at..at + 2)?.parse::<i8>().ok();
    let moment = jiff::civil::DateTime::new(
        year,
        field(0)?,
        field(2)?,
        field(4)?,
        field(6)?,
        field(8)?,
        0,
    )
    .ok()?;
    let moment = moment.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some((moment.timestamp().as_second(), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_time_are_read() {
        // 2049-12-31T23:59:59Z and 2050-01-01T00:00:00Z, by `date -d … +%s`.
        let utc = [&[UTC_TIME, 13][..], b"491231235959Z"].concat();
        assert_eq!(time(&utc), Some((2_524_607_999, &[][..])));
        let generalized = [&[GENERALIZED_TIME, 15][..], b"20500101000000Z"].concat();
        assert_eq!(time(&generalized), Some((2_524_608_000, &[][..])));
    }

    #[test]
    fn hostile_bytes_are_not_known() {
        for bytes in [
            &[][..],
            &[SEQUENCE],
            &[SEQUENCE, 0x80],
            &[SEQUENCE, 0x84, 0xff, 0xff, 0xff, 0xff],
            &[SEQUENCE, 0x89, 1, 1, 1, 1, 1, 1, 1, 1, 1],
            &[SEQUENCE, 2, SEQUENCE, 0x7f],
        ] {
            assert_eq!(not_after(bytes), None, "{bytes:?}");
        }
        let wrong = [&[UTC_TIME, 13][..], b"49123123595\xffZ"].concat();
        assert_eq!(time(&wrong), None);
        let no_such_day = [&[UTC_TIME, 13][..], b"490231235959Z"].concat();
        assert_eq!(time(&no_such_day), None);
    }
}
