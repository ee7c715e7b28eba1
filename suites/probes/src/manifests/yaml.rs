//! YAML as JSON values: all documents of a text. Files of a deployment are read with it, so it is
//! strict about what could hurt (depth, size) and refuses aliases, which a handful of lines can blow
//! up to gigabytes and a rendered manifest does not have.

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value};

/// Bytes of a text at most.
const MAX_TEXT: usize = 4 << 20;
/// Levels of nesting at most.
const MAX_DEPTH: usize = 64;

/// What is being put together: a list, or an object with the key that waits for its value.
enum Open {
    List(Vec<Value>),
    Object(Map<String, Value>, Option<String>),
}

/// The documents of a text, empty ones left out.
///
/// # Errors
/// What is wrong with it, in words, with the line where the parser knows it.
pub(super) fn documents(text: &str) -> Result<Vec<Value>, String> {
    if text.len() > MAX_TEXT {
        return Err("it is longer than 4 MiB".to_owned());
    }
    let mut documents = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| format!("no YAML: {error}"))?;
        let line = span.start.line();
        let value = match event {
            Event::Scalar(text, style, _, _) => scalar(&text, style),
            Event::SequenceStart(..) => {
                open.push(Open::List(Vec::new()));
                check_depth(&open, line)?;
                continue;
            }
            Event::MappingStart(..) => {
                open.push(Open::Object(Map::new(), None));
                check_depth(&open, line)?;
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(Open::List(list)) => Value::Array(list),
                Some(Open::Object(object, _)) => Value::Object(object),
                None => continue,
            },
            Event::Alias(_) => return Err(format!("line {line}: aliases are not read")),
            _ => continue,
        };
        match open.last_mut() {
            None if value.is_null() => {}
            None => documents.push(value),
            Some(Open::List(list)) => list.push(value),
            Some(Open::Object(object, key)) => match key.take() {
                None => *key = Some(name(&value, line)?),
                Some(name) => {
                    object.insert(name, value);
                }
            },
        }
    }
    Ok(documents)
}

fn check_depth(open: &[Open], line: usize) -> Result<(), String> {
    if open.len() > MAX_DEPTH {
        return Err(format!("line {line}: more than {MAX_DEPTH} levels"));
    }
    Ok(())
}

/// A key of an object. YAML allows lists there, manifests have none.
fn name(value: &Value, line: usize) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(_) | Value::Bool(_) => Ok(value.to_string()),
        _ => Err(format!("line {line}: a key that is no text")),
    }
}

/// A scalar by YAML's core schema: what is not quoted may be null, a truth value or a number.
fn scalar(text: &str, style: ScalarStyle) -> Value {
    if style != ScalarStyle::Plain {
        return Value::from(text);
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => {
            let starts = text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
            let integer = text.parse::<i64>().ok().map(Value::from);
            let float = || text.parse::<f64>().ok().filter(|f| f.is_finite());
            let number = integer.or_else(|| float().map(Value::from));
            number
                .filter(|_| starts)
                .unwrap_or_else(|| Value::from(text))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn documents_are_read_as_json() {
        let text = "# a comment\nkind: Deployment\nspec: {replicas: 2, cpu: 0.5, 8080: yes}\n\
                    names: [a, \"1\", 1, ~, true]\ntext: |\n  two\n  lines\n---\n---\n- last\n";
        let expected = vec![
            json!({
                "kind": "Deployment",
                "spec": {"replicas": 2, "cpu": 0.5, "8080": "yes"},
                "names": ["a", "1", 1, null, true],
                "text": "two\nlines\n",
            }),
            json!(["last"]),
        ];
        assert_eq!(documents(text).unwrap(), expected);
        assert_eq!(documents("").unwrap(), Vec::<Value>::new());
    }

    #[test]
    fn what_could_hurt_is_refused() {
        let bomb = "a: &a [x, x]\nb: &b [*a, *a]\n";
        assert!(documents(bomb).unwrap_err().contains("aliases"));
        let deep = "[".repeat(100) + &"]".repeat(100);
        assert!(documents(&deep).unwrap_err().contains("levels"));
        for bad in ["a: [1\n", "a: b: c", "? [a]\n: 1\n"] {
            assert!(documents(bad).is_err(), "{bad}");
        }
        assert!(documents(&"a".repeat(MAX_TEXT + 1)).is_err());
    }
}
