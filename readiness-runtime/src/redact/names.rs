//! Which names promise a secret, and what a secret may be called without telling it.

use super::patterns;

/// Names of fields, headers and parameters, in small letters without `-`, `_` and spaces.
const EXACT: [&str; 28] = [
    "apikey",
    "authorization",
    "cardcvc",
    "cardnumber",
    "ccnumber",
    "cookie",
    "credential",
    "credentials",
    "creditcard",
    "csrf",
    "cvc",
    "cvc2",
    "cvv",
    "cvv2",
    "jwt",
    "pan",
    "passphrase",
    "passwd",
    "privatekey",
    "proxyauthorization",
    "pwd",
    "securitycode",
    "session",
    "sessionid",
    "setcookie",
    "signature",
    "socialsecuritynumber",
    "ssn",
];

/// Ends of such names.
const ENDS: [&str; 9] = [
    "apikey",
    "accesskey",
    "cookie",
    "password",
    "passwd",
    "privatekey",
    "secret",
    "secretkey",
    "token",
];

/// Whether the value of a field, header or parameter of this name is a secret.
pub(crate) fn is_secret_field(name: &str) -> bool {
    // Longer names are no names; and hostile keys must not cost anything.
    const LONGEST: usize = 64;
    if name.len() > LONGEST {
        return false;
    }
    let plain: String = name
        .chars()
        .filter(|c| !matches!(c, '-' | '_' | ' ' | '.'))
        .map(|c| c.to_ascii_lowercase())
        .collect();
    EXACT.contains(&plain.as_str()) || ENDS.iter().any(|end| plain.ends_with(end))
}

/// Whether an environment variable of this name holds a secret.
pub(crate) fn is_secret_variable(name: &str) -> bool {
    const PARTS: [&str; 9] = [
        "APIKEY",
        "CREDENTIAL",
        "DSN",
        "KEY",
        "PASS",
        "PASSWD",
        "PASSWORD",
        "SECRET",
        "TOKEN",
    ];
    let upper = name.to_ascii_uppercase();
    upper
        .split(['_', '-', '.'])
        .any(|part| PARTS.contains(&part) || part.ends_with("PASSWORD") || part.ends_with("KEY"))
        || is_secret_field(name)
        || upper.ends_with("DATABASE_URL")
        || upper.ends_with("REDIS_URL")
}

/// What a value looks like, as far as that may be told of a secret.
pub(crate) fn class_of(value: &str) -> &'static str {
    let lower = value.trim().to_ascii_lowercase();
    let is_hex = value.len() >= 8 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    if lower.is_empty() {
        "empty"
    } else if is_placeholder(&lower) {
        "placeholder"
    } else if matches!(
        lower.as_str(),
        "true" | "false" | "on" | "off" | "yes" | "no"
    ) {
        "boolean"
    } else if lower.parse::<f64>().is_ok() && value.len() < 12 {
        "number"
    } else if ["sk_live_", "rk_live_", "pk_live_"]
        .iter()
        .any(|p| lower.starts_with(p))
    {
        "stripe-live-key"
    } else if ["sk_test_", "rk_test_", "pk_test_"]
        .iter()
        .any(|p| lower.starts_with(p))
    {
        "stripe-test-key"
    } else if patterns::is_jwt(value) {
        "jwt"
    } else if value.contains("PRIVATE KEY-----") {
        "private-key"
    } else if lower.contains("://") {
        if patterns::has_password(value) {
            "url-with-password"
        } else {
            "url"
        }
    } else if is_hex {
        "hex"
    } else {
        "text"
    }
}

fn is_placeholder(lower: &str) -> bool {
    const WORDS: [&str; 9] = [
        "changeme",
        "change-me",
        "change_me",
        "example",
        "placeholder",
        "replaceme",
        "secret",
        "todo",
        "xxx",
    ];
    WORDS.contains(&lower)
        || (lower.starts_with('<') && lower.ends_with('>'))
        || lower.starts_with("your-")
        || lower.starts_with("your_")
        || lower.starts_with("xxxx")
}
