//! Query parameters: read by name, each with its range, refused with a sentence that says what
//! would be right.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use axum::extract::Query;
use axum::http::Uri;
use jiff::Timestamp;
use jiff::civil::Date;

use super::reply::ApiError;
use crate::faults::{Fault, FaultSet};

/// The longest value of a text parameter, in bytes.
const LONGEST: usize = 100;

/// The parameters of one request.
pub(crate) struct Params {
    pairs: Vec<(String, String)>,
    /// Parameters that a faulty service takes the default for when they are invalid.
    lenient: Option<&'static str>,
}

/// Stands for every parameter.
const EVERY: &str = "*";

/// Which end of a day a date without a time means.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    First,
    Last,
}

impl Params {
    /// The parameters of a request's address.
    ///
    /// # Errors
    /// A parameter that is given twice: which one is meant cannot be known.
    pub fn of(uri: &Uri, faults: &FaultSet) -> Result<Params, ApiError> {
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri)
            .map_err(|_| ApiError::invalid("the query cannot be read"))?;
        let lenient = [
            (Fault::Err002Accepted, EVERY),
            (Fault::Err002OneParamAccepted, "days"),
        ];
        let lenient = faults.first(&lenient);
        for (index, (name, _)) in pairs.iter().enumerate() {
            if pairs[..index].iter().any(|(other, _)| other == name) {
                let name = shorten(name);
                return Err(ApiError::invalid(format!(
                    "the parameter {name} is given twice"
                )));
            }
        }
        Ok(Params { pairs, lenient })
    }

    fn get(&self, name: &str) -> Option<&str> {
        let mut pairs = self.pairs.iter();
        pairs
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// A number within a range, or the default when it is not given.
    pub fn number<T>(&self, name: &str, range: RangeInclusive<T>, default: T) -> Result<T, ApiError>
    where
        T: FromStr + PartialOrd + Display,
    {
        let Some(value) = self.get(name) else {
            return Ok(default);
        };
        let parsed = value.parse().ok().filter(|number| range.contains(number));
        let parsed = parsed.ok_or_else(|| {
            ApiError::invalid(format!(
                "{name} must be a whole number from {} to {}, not {:?}",
                range.start(),
                range.end(),
                shorten(value)
            ))
        });
        self.forgiven(name, parsed, default)
    }

    /// The default in place of an error, where a fault says so.
    fn forgiven<T>(
        &self,
        name: &str,
        parsed: Result<T, ApiError>,
        default: T,
    ) -> Result<T, ApiError> {
        match self.lenient {
            Some(lenient) if lenient == EVERY || lenient == name => Ok(parsed.unwrap_or(default)),
            _ => parsed,
        }
    }

    /// An amount of money: a finite number, zero or more.
    pub fn amount(&self, name: &str) -> Result<Option<f64>, ApiError> {
        let valid = |amount: &f64| amount.is_finite() && *amount >= 0.0;
        let parse = |value: &str| {
            value.parse().ok().filter(valid).ok_or_else(|| {
                let value = shorten(value);
                ApiError::invalid(format!("{name} must be a number, 0 or more, not {value:?}"))
            })
        };
        self.forgiven(name, self.get(name).map(parse).transpose(), None)
    }

    /// A text of printable characters.
    pub fn text(&self, name: &str) -> Result<Option<String>, ApiError> {
        let check = |value: &str| {
            if value.trim().is_empty()
                || value.len() > LONGEST
                || value.chars().any(char::is_control)
            {
                return Err(ApiError::invalid(format!(
                    "{name} must be 1 to {LONGEST} printable characters"
                )));
            }
            Ok(value.to_owned())
        };
        self.forgiven(name, self.get(name).map(check).transpose(), None)
    }

    /// A moment: RFC 3339, or a date, which stands for the given end of that day in UTC.
    pub fn moment(&self, name: &str, end: End) -> Result<Option<Timestamp>, ApiError> {
        let parse = |value: &str| {
            let moment = value.parse().ok().or_else(|| day(value, end));
            moment.ok_or_else(|| {
                let value = shorten(value);
                ApiError::invalid(format!(
                    "{name} must be a date such as 2026-03-01 or a time such as \
                     2026-03-01T12:00:00Z, not {value:?}"
                ))
            })
        };
        self.forgiven(name, self.get(name).map(parse).transpose(), None)
    }
}

fn day(value: &str, end: End) -> Option<Timestamp> {
    let date: Date = value.parse().ok()?;
    let time = match end {
        End::First => date.at(0, 0, 0, 0),
        End::Last => date.at(23, 59, 59, 999_999_999),
    };
    time.to_zoned(jiff::tz::TimeZone::UTC)
        .ok()
        .map(|moment| moment.timestamp())
}

/// What was sent, short enough to repeat.
fn shorten(value: &str) -> String {
    value.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(query: &'static str) -> Params {
        Params::of(&Uri::from_static(query), &FaultSet::default()).unwrap()
    }

    #[test]
    fn a_date_means_its_whole_day() {
        let params = params("/?from=2026-03-01&to=2026-03-01&at=2026-03-01T12:00:00%2B01:00");
        let moment = |name, end| params.moment(name, end).unwrap().unwrap().to_string();
        assert_eq!(moment("from", End::First), "2026-03-01T00:00:00Z");
        assert_eq!(moment("to", End::Last), "2026-03-01T23:59:59.999999999Z");
        assert_eq!(moment("at", End::Last), "2026-03-01T11:00:00Z");
    }

    #[test]
    fn what_is_out_of_range_is_refused_with_the_range() {
        let params = params("/?low=0&high=501&word=x&wide=99999999999999999999&ok=500");
        for name in ["low", "high", "word", "wide"] {
            let error = params.number(name, 1..=500, 100).unwrap_err();
            assert!(error.detail.contains("1 to 500"), "{}", error.detail);
        }
        assert_eq!(params.number("ok", 1..=500, 100), Ok(500));
        assert_eq!(params.number("absent", 1..=500, 100), Ok(100));
    }

    #[test]
    fn amounts_are_finite_and_not_negative() {
        let params = params("/?a=-1&b=NaN&c=inf&d=1e9&e=0");
        for name in ["a", "b", "c"] {
            assert!(params.amount(name).is_err(), "{name}");
        }
        assert_eq!(params.amount("d"), Ok(Some(1e9)));
        assert_eq!(params.amount("e"), Ok(Some(0.0)));
    }

    #[test]
    fn a_repeated_parameter_is_refused() {
        let uri = Uri::from_static("/?page=1&page=2");
        assert!(Params::of(&uri, &FaultSet::default()).is_err());
    }
}
