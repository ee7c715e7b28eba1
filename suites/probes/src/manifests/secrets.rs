//! Secrets in files that should only name them: by the name of a variable, or by their own form.

use serde_json::{Value, json};

/// Parts of a name that say that its value is a secret.
const SECRET_WORDS: [&str; 8] = [
    "KEY",
    "TOKEN",
    "PASSWORD",
    "PASSWD",
    "SECRET",
    "CREDENTIAL",
    "PEPPER",
    "PRIVATE",
];
/// Parts of a name that say that its value only tells where a secret is.
const PLACE_WORDS: [&str; 5] = ["_FILE", "_PATH", "_NAME", "_REF", "PUBLIC"];
/// Findings that are kept.
const MAX_FOUND: usize = 50;

/// Whether a variable of this name holds a secret.
pub(super) fn is_secret_name(name: &str) -> bool {
    let name = name.to_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    has(&SECRET_WORDS) && !has(&PLACE_WORDS)
}

/// Beginnings of secrets with what they are, and how many characters of the alphabet follow.
const FORMS: [(&str, &str, usize); 7] = [
    ("-----BEGIN", "a private key", 0),
    ("AKIA", "a cloud provider's access key", 16),
    ("ghp_", "a token of a code host", 30),
    ("xoxb-", "a token of a chat", 20),
    ("sk_live_", "a payment provider's key", 20),
    ("eyJhbGciOi", "a signed token", 20),
    ("AGE-SECRET-KEY-", "a private key", 20),
];

/// What a line holds that looks like a secret.
fn form(line: &str) -> Option<&'static str> {
    FORMS.iter().find_map(|(start, what, length)| {
        let at = line.find(start)?;
        let rest = &line[at + start.len()..];
        let follows = rest
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
            .count();
        let is_key_block = *length > 0 || rest.contains("PRIVATE KEY");
        (follows >= *length && is_key_block).then_some(*what)
    })
}

/// What in a text looks like a secret: `file`, `line`, `what`, never the text itself.
pub(super) fn scan(file: &str, text: &str) -> Vec<Value> {
    let found = text.lines().enumerate().filter_map(|(at, line)| {
        let what = form(line)?;
        Some(json!({ "file": file, "line": at + 1, "what": what }))
    });
    found.take(MAX_FOUND).collect()
}

/// Whether the scan finds what is there: one sample of each form. Put together at run time, so that
/// scanners of source code do not take them for leaks.
pub(super) fn is_proven() -> bool {
    FORMS.iter().all(|(start, what, length)| {
        let tail = match *length {
            0 => " EC PRIVATE KEY-----".to_owned(),
            length => "aB3".repeat(length.div_ceil(3)),
        };
        form(&format!("value: {start}{tail}")) == Some(what)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets() {
        for name in ["API_KEY", "db_password", "CAIO_KEY_PEPPER", "GITHUB_TOKEN"] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in ["CAIO_ENV", "TLS_KEY_FILE", "PUBLIC_KEY", "SECRET_NAME"] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn forms_of_secrets() {
        assert!(is_proven());
        let text = format!("a: 1\nb: {}{}\n", "AKIA", "ABCDEFGHIJKLMNOP");
        let found = scan("x.yaml", &text);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0]["line"], 2);
        for harmless in ["AKIA is short", "-----BEGIN CERTIFICATE-----", "task_live_"] {
            assert!(scan("x", harmless).is_empty(), "{harmless}");
        }
    }
}
