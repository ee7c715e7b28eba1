//! As much of JSON Schema as the schemas here use, so that tests need no validator of 60 crates.
//! A keyword that it does not know fails the test instead of being skipped.

use serde_json::{Map, Value};

/// Words that hold nobody to anything.
const NOTES: [&str; 8] = [
    "$schema",
    "$id",
    "title",
    "description",
    "default",
    "definitions",
    "format",
    "uniqueItems",
];

/// Everything in `value` that `schema` does not allow. With `closed`, an object may hold only what
/// its schema names, whether the schema says so or not.
pub fn faults(schema: &Value, value: &Value, closed: bool) -> Vec<String> {
    let mut faults = Vec::new();
    Checker {
        root: schema,
        closed,
    }
    .check(schema, value, "$", &mut faults);
    faults
}

struct Checker<'a> {
    root: &'a Value,
    closed: bool,
}

impl Checker<'_> {
    fn check(&self, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
        let Some(schema) = schema.as_object() else {
            assert_eq!(schema, &Value::Bool(true), "{at}: no schema");
            return;
        };
        for (word, rule) in schema {
            match word.as_str() {
                "$ref" => {
                    let path = rule.as_str().unwrap().strip_prefix('#').unwrap();
                    let target = self.root.pointer(path).unwrap();
                    self.check(target, value, at, faults);
                }
                "type" => of_type(rule, value, at, faults),
                "const" if value != rule => faults.push(format!("{at}: is {value}, not {rule}")),
                "enum" if !rule.as_array().unwrap().contains(value) => {
                    faults.push(format!("{at}: {value} is none of {rule}"));
                }
                "required" => required(rule, value, at, faults),
                "properties" => self.properties(schema, value, at, faults),
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.check(rule, item, &format!("{at}[{index}]"), faults);
                    }
                }
                "additionalProperties" if !schema.contains_key("properties") => {
                    for (name, part) in value.as_object().into_iter().flatten() {
                        self.check(rule, part, &format!("{at}.{name}"), faults);
                    }
                }
                "anyOf" | "oneOf" => self.any(rule, value, at, faults),
                "minimum" | "maximum" | "minItems" | "minLength" => {
                    bound(word, rule, value, at, faults);
                }
                "pattern" => pattern(rule.as_str().unwrap(), value, at, faults),
                "const" | "enum" | "additionalProperties" => {}
                known => assert!(NOTES.contains(&known), "{at}: unknown keyword {known}"),
            }
        }
    }

    fn properties(
        &self,
        schema: &Map<String, Value>,
        value: &Value,
        at: &str,
        faults: &mut Vec<String>,
    ) {
        let known = schema["properties"].as_object().unwrap();
        let more = schema.get("additionalProperties");
        for (name, part) in value.as_object().into_iter().flatten() {
            let at = format!("{at}.{name}");
            match (known.get(name), more) {
                (Some(schema), _) => self.check(schema, part, &at, faults),
                (None, Some(schema)) if schema.is_object() => self.check(schema, part, &at, faults),
                (None, Some(Value::Bool(true))) => {}
                (None, None) if !self.closed => {}
                (None, _) => faults.push(format!("{at}: not in the schema")),
            }
        }
    }

    fn any(&self, rule: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
        let mut all = Vec::new();
        for choice in rule.as_array().unwrap() {
            let mut own = Vec::new();
            self.check(choice, value, at, &mut own);
            if own.is_empty() {
                return;
            }
            all.extend(own);
        }
        faults.push(format!("{at}: fits nothing: {}", all.join("; ")));
    }
}

fn of_type(rule: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
    let is = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        other => panic!("{at}: unknown type {other}"),
    };
    let fits = match rule {
        Value::String(name) => is(name),
        Value::Array(names) => names.iter().any(|name| is(name.as_str().unwrap())),
        other => panic!("{at}: {other} is no type"),
    };
    if !fits {
        faults.push(format!("{at}: {value} is not of type {rule}"));
    }
}

fn required(rule: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
    if let Some(fields) = value.as_object() {
        for name in rule.as_array().unwrap() {
            if !fields.contains_key(name.as_str().unwrap()) {
                faults.push(format!("{at}: lacks {name}"));
            }
        }
    }
}

fn bound(word: &str, rule: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
    let limit = rule.as_i64().unwrap();
    let measured = match (word, value) {
        ("minItems", Value::Array(items)) => i64::try_from(items.len()).unwrap(),
        ("minLength", Value::String(text)) => i64::try_from(text.chars().count()).unwrap(),
        ("minimum" | "maximum", Value::Number(number)) => number.as_i64().unwrap(),
        _ => return,
    };
    let fits = if word == "maximum" {
        measured <= limit
    } else {
        measured >= limit
    };
    if !fits {
        faults.push(format!("{at}: {measured} against {word} {limit}"));
    }
}

/// The patterns of the schemas, each by hand: tests have no regular expressions.
fn pattern(pattern: &str, value: &Value, at: &str, faults: &mut Vec<String>) {
    let Some(text) = value.as_str() else { return };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let fits = match pattern {
        "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" => {
            let parts: Vec<_> = text.split('-').collect();
            matches!(parts.as_slice(), [y, m, d] if y.len() == 4 && m.len() == 2 && d.len() == 2
                && digits(y) && digits(m) && digits(d))
        }
        "^[0-9a-f]{64}$" => {
            text.len() == 64 && text.bytes().all(|b| b"0123456789abcdef".contains(&b))
        }
        // Of SARIF: used by fields that are not written here.
        other => panic!("{at}: pattern {other} is not known to this test"),
    };
    if !fits {
        faults.push(format!("{at}: {text:?} does not match {pattern}"));
    }
}

#[test]
fn it_finds_what_is_wrong() {
    let schema = serde_json::json!({
        "type": "object", "required": ["a"],
        "properties": {"a": {"type": "integer", "minimum": 1}, "b": {"enum": ["x", null]}},
    });
    for (value, words) in [
        (serde_json::json!({}), "lacks \"a\""),
        (serde_json::json!({"a": "1"}), "not of type"),
        (serde_json::json!({"a": 0}), "against minimum"),
        (serde_json::json!({"a": 1, "b": "y"}), "none of"),
        (serde_json::json!({"a": 1, "c": 1}), "not in the schema"),
    ] {
        let found = faults(&schema, &value, true).join("\n");
        assert!(found.contains(words), "{value}: {found}");
    }
    assert!(faults(&schema, &serde_json::json!({"a": 1, "b": null}), true).is_empty());
}
