//! What a value is, said without saying it.

/// Words that stand in files to be filled in, in lower case.
const PLACEHOLDERS: [&str; 14] = [
    "changeme",
    "change-me",
    "change_me",
    "change this",
    "replace",
    "placeholder",
    "your-",
    "your_",
    "todo",
    "fixme",
    "xxxx",
    "example.com",
    "${",
    "<",
];

/// Secrets of documentation and templates, in lower case.
const DEFAULT_SECRETS: [&str; 16] = [
    "secret",
    "jwt_secret",
    "jwt-secret",
    "my_secret",
    "mysecret",
    "supersecret",
    "super-secret",
    "super_secret_key",
    "your-256-bit-secret",
    "secretkey",
    "secret_key",
    "dev",
    "development",
    "test",
    "default",
    "password",
];

/// Passwords of database images and tutorials, in lower case.
const DEFAULT_PASSWORDS: [&str; 12] = [
    "postgres",
    "password",
    "admin",
    "root",
    "secret",
    "changeme",
    "test",
    "example",
    "postgresql",
    "pass",
    "123456",
    "kamiyo",
];

/// Whether a value is one to be filled in.
pub(super) fn is_placeholder(value: &str) -> bool {
    let value = value.to_lowercase();
    PLACEHOLDERS.iter().any(|word| value.contains(word))
}

/// Whether a password is a common default, or the user's own name.
pub(super) fn is_default_password(password: &str, user: Option<&str>) -> bool {
    let lower = password.to_lowercase();
    DEFAULT_PASSWORDS.contains(&lower.as_str()) || user.is_some_and(|user| user == password)
}

/// The class of a value of which nothing is known.
pub(super) const SECRET: &str = "secret";

/// The class of a secret: `empty`, `placeholder`, `default`, the kinds of Stripe keys, `secret`.
pub(super) fn class(value: &str) -> &'static str {
    let lower = value.to_lowercase();
    let stripped = lower.trim_end_matches(|c: char| c.is_ascii_digit() || c == '!' || c == '-');
    if value.is_empty() {
        "empty"
    } else if DEFAULT_SECRETS.contains(&lower.as_str()) || DEFAULT_SECRETS.contains(&stripped) {
        "default"
    } else if is_placeholder(value) {
        "placeholder"
    } else if value.starts_with("sk_live_") {
        "stripe live secret key"
    } else if value.starts_with("rk_live_") {
        "stripe live restricted key"
    } else if value.starts_with("sk_test_") || value.starts_with("rk_test_") {
        "stripe test key"
    } else if value.starts_with("pk_") {
        "stripe publishable key"
    } else {
        SECRET
    }
}

/// Shannon's estimate of the information in one character, in bits: zero if all are the same, 4 for
/// hexadecimal digits at random.
#[expect(clippy::cast_precision_loss, reason = "lengths of secrets are small")]
pub(super) fn bits_per_character(value: &str) -> f64 {
    let mut counts = std::collections::BTreeMap::new();
    for c in value.chars() {
        *counts.entry(c).or_insert(0_usize) += 1;
    }
    let total = value.chars().count() as f64;
    counts
        .values()
        .map(|&count| count as f64 / total)
        .map(|share| -share * share.log2())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes() {
        for (value, expected) in [
            ("", "empty"),
            ("secret", "default"),
            ("SuperSecret123!", "default"),
            ("your-jwt-secret-here", "placeholder"),
            ("${JWT_SECRET}", "placeholder"),
            ("sk_live_0123456789abcdef", "stripe live secret key"),
            ("sk_test_0123456789abcdef", "stripe test key"),
            ("pk_live_0123456789abcdef", "stripe publishable key"),
            ("Zk3vT0m9Qp", "secret"),
        ] {
            assert_eq!(class(value), expected, "{value}");
        }
    }

    #[test]
    fn information_is_estimated() {
        assert!(bits_per_character("aaaa").abs() < 1e-9);
        assert!((bits_per_character("abcd") - 2.0).abs() < 1e-9);
        assert!((bits_per_character("0123456789abcdef") - 4.0).abs() < 1e-9);
        assert!(bits_per_character("").abs() < 1e-9);
    }
}
