//! Alterations of one plain value: what settings, environment variables and JSON leaves share.

use serde_json::{Number, Value};

/// One alteration.
pub(crate) struct Change {
    /// The operator's stable name.
    pub(crate) operator: &'static str,
    /// After the name of the value: `is empty`, `is 36`.
    pub(crate) words: String,
    /// What stands there instead; differs from what stood there.
    pub(crate) value: Value,
}

fn change(operator: &'static str, words: impl Into<String>, value: Value) -> Change {
    Change {
        operator,
        words: words.into(),
        value,
    }
}

/// The alterations of a value within its type, the strongest first, and then into another type.
pub(crate) fn changes(value: &Value) -> Vec<Change> {
    let mut changes = match value {
        Value::String(text) => texts(text),
        Value::Number(number) => numbers(number),
        Value::Bool(flag) => vec![change(
            "flipped",
            format!("is {}", !flag),
            Value::Bool(!flag),
        )],
        Value::Array(items) if !items.is_empty() => {
            vec![change("list-emptied", "is empty", Value::Array(Vec::new()))]
        }
        Value::Object(fields) if !fields.is_empty() => {
            vec![change(
                "object-emptied",
                "is empty",
                Value::Object(serde_json::Map::new()),
            )]
        }
        _ => Vec::new(),
    };
    changes.push(of_another_type(value));
    changes
}

fn of_another_type(value: &Value) -> Change {
    match value {
        Value::String(_) => change("wrong-type", "is a number", Value::from(0)),
        Value::Array(_) | Value::Object(_) | Value::Null => {
            change("wrong-type", "is a text", Value::from("x"))
        }
        Value::Number(_) | Value::Bool(_) => {
            change("wrong-type", "is a text", Value::from(format!("~{value}")))
        }
    }
}

fn numbers(number: &Number) -> Vec<Change> {
    let mut values = Vec::new();
    if let Some(whole) = number.as_i64() {
        values.push(("number-above", whole.checked_add(1).map(Value::from)));
        values.push(("number-below", whole.checked_sub(1).map(Value::from)));
        values.push(("number-large", whole.checked_mul(1_000).map(Value::from)));
        values.push((
            "number-negative",
            whole.checked_abs().map(|n| Value::from(-n - 1)),
        ));
    } else if let Some(float) = number.as_f64() {
        let step = (float.abs() * 0.01).max(f64::MIN_POSITIVE);
        values.push(("number-above", finite(float + step)));
        values.push(("number-below", finite(float - step)));
        values.push(("number-large", finite(float * 1_000.0)));
        values.push(("number-negative", finite(-float.abs() - 1.0)));
    }
    let original = Value::Number(number.clone());
    let mut changes: Vec<Change> = Vec::new();
    for (operator, value) in values {
        let Some(value) = value else { continue };
        if value != original && changes.iter().all(|other| other.value != value) {
            changes.push(change(operator, format!("is {value}"), value));
        }
    }
    changes
}

fn finite(float: f64) -> Option<Value> {
    Number::from_f64(float).map(Value::Number)
}

fn texts(text: &str) -> Vec<Change> {
    let mut changes = Vec::new();
    if let Some((earlier, later)) = moved(text) {
        changes.push(change(
            "time-later",
            "is ten years later",
            Value::from(later),
        ));
        changes.push(change(
            "time-earlier",
            "is ten years earlier",
            Value::from(earlier),
        ));
    }
    if !text.is_empty() {
        changes.push(change("emptied", "is empty", Value::from("")));
    }
    changes.push(change(
        "altered",
        "has another value",
        Value::from(altered(text)),
    ));
    if let Ok(number) = text.parse::<i64>() {
        // Numbers in texts (environment variables, headers) are compared as numbers.
        for other in [number.checked_add(1), number.checked_sub(1)]
            .into_iter()
            .flatten()
        {
            changes.push(change(
                "off-by-one",
                format!("is {other}"),
                Value::from(other.to_string()),
            ));
        }
    }
    changes
}

/// Another text of about the same shape: its first letter or digit replaced, else one put in front.
pub(crate) fn altered(text: &str) -> String {
    let swap = |c: char| match c {
        '0'..='8' | 'a'..='y' | 'A'..='Y' => char::from_u32(u32::from(c) + 1),
        '9' => Some('0'),
        'z' => Some('a'),
        'Z' => Some('A'),
        _ => None,
    };
    let place = text.char_indices().find_map(|(at, c)| Some((at, swap(c)?)));
    match place {
        Some((at, other)) => format!("{}{other}{}", &text[..at], &text[at + 1..]),
        None => format!("x{text}"),
    }
}

/// A time (RFC 3339, or a date) ten years earlier and later, in the same form: beyond every window
/// that a check of freshness allows, and it survives time zones.
fn moved(text: &str) -> Option<(String, String)> {
    let year: i32 = text.get(..4)?.parse().ok()?;
    let rest = text.get(4..)?;
    let bytes = rest.as_bytes();
    let date = bytes.len() >= 6
        && bytes[0] == b'-'
        && bytes[3] == b'-'
        && [1, 2, 4, 5].iter().all(|&at| bytes[at].is_ascii_digit());
    let ends = bytes.len() == 6 || matches!(bytes.get(6), Some(b'T' | b't' | b' '));
    if !date || !ends || !(1000..=9000).contains(&year) {
        return None;
    }
    // The 29th of February is there every four years, not every ten.
    let rest = rest.replacen("-02-29", "-02-28", 1);
    Some((
        format!("{:04}{rest}", year - 10),
        format!("{:04}{rest}", year + 10),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_change_differs_from_the_original_and_from_the_others() {
        let values = [
            json!(null),
            json!(true),
            json!(0),
            json!(-1),
            json!(1),
            json!(35),
            json!(i64::MIN),
            json!(i64::MAX),
            json!(u64::MAX),
            json!(0.0),
            json!(1.5),
            json!(-2.5e300),
            json!(""),
            json!("x"),
            json!("~"),
            json!("zz"),
            json!("42"),
            json!("2026-02-29T00:00:00Z"),
            json!([]),
            json!([1]),
            json!({}),
            json!({"a": 1}),
            json!("émoji 🦀"),
        ];
        for value in values {
            let changes = changes(&value);
            assert!(!changes.is_empty(), "{value}");
            for (at, change) in changes.iter().enumerate() {
                assert_ne!(change.value, value, "{}", change.operator);
                assert!(
                    changes[..at]
                        .iter()
                        .all(|other| other.value != change.value),
                    "{value}: {}",
                    change.words
                );
            }
        }
    }

    #[test]
    fn times_keep_their_form() {
        assert_eq!(
            moved("2026-11-22"),
            Some(("2016-11-22".into(), "2036-11-22".into()))
        );
        assert_eq!(
            moved("2024-02-29T23:59:60+02:00"),
            Some((
                "2014-02-28T23:59:60+02:00".into(),
                "2034-02-28T23:59:60+02:00".into()
            ))
        );
        for text in [
            "",
            "2026",
            "2026-1-1",
            "2026-11-22x",
            "20261122",
            "x026-11-22",
            "0000-01-01",
        ] {
            assert_eq!(moved(text), None, "{text}");
        }
    }
}
