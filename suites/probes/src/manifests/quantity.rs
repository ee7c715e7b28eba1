//! Amounts as Kubernetes writes them: `500m` of a processor, `512Mi` of memory.

use serde_json::Value;

const SUFFIXES: [(&str, f64); 13] = [
    ("Ki", 1024.0),
    ("Mi", 1_048_576.0),
    ("Gi", 1_073_741_824.0),
    ("Ti", 1_099_511_627_776.0),
    ("Pi", 1_125_899_906_842_624.0),
    ("m", 0.001),
    ("k", 1e3),
    ("M", 1e6),
    ("G", 1e9),
    ("T", 1e12),
    ("P", 1e15),
    ("u", 1e-6),
    ("n", 1e-9),
];

/// The amount; `None` if it is none.
pub(super) fn amount(value: &Value) -> Option<f64> {
    let text = match value {
        Value::Number(number) => return number.as_f64(),
        Value::String(text) => text.trim(),
        _ => return None,
    };
    let (number, factor) = SUFFIXES
        .iter()
        .find_map(|(suffix, factor)| Some((text.strip_suffix(suffix)?, *factor)))
        .unwrap_or((text, 1.0));
    let number: f64 = number.parse().ok()?;
    (number.is_finite() && number >= 0.0).then_some(number * factor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn amounts() {
        for (value, expected) in [
            (json!("500m"), Some(0.5)),
            (json!("2"), Some(2.0)),
            (json!(0.25), Some(0.25)),
            (json!("512Mi"), Some(536_870_912.0)),
            (json!("1G"), Some(1e9)),
            (json!("1e3"), Some(1000.0)),
            (json!("much"), None),
            (json!("-1"), None),
            (json!(""), None),
            (json!(null), None),
        ] {
            assert_eq!(amount(&value), expected, "{value}");
        }
    }
}
