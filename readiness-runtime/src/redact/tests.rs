//! Canaries: what must not come through, and what must.

use proptest::prelude::*;
use serde_json::json;

use super::names::{class_of, is_secret_field, is_secret_variable};
use super::patterns::VISITED;
use super::*;

fn masked(text: &str) -> String {
    Redactor::default().text(text)
}

#[test]
fn secrets_are_known_by_their_forms() {
    let cases = [
        (
            "card 4111 1111 1111 1111 charged",
            "card [redacted card] charged",
        ),
        ("4111-1111-1111-1111", "[redacted card]"),
        ("\"pan4\":4111111111111111,", "\"pan4\":[redacted card],"),
        ("amex 378282246310005.", "amex [redacted card]."),
        (
            "4242 4242 4242 4242 4000056655665556 078-05-1120",
            "[redacted card] [redacted card] [redacted ssn]",
        ),
        ("12 4111111111111111 34", "12 [redacted card] 34"),
        // Behind a point, and yet no decimal places.
        ("paid.4111111111111111", "paid.[redacted card]"),
        ("v1.4111111111111111", "v1.[redacted card]"),
        ("1.2.4111111111111111", "1.2.[redacted card]"),
        ("1.4111 1111 1111 1111", "1.[redacted card]"),
        (
            r"a\n4111111111111111\tcvv: 123\nb",
            r"a\n[redacted card]\tcvv: [redacted]",
        ),
        ("ssn is 123-45-6789", "ssn is [redacted ssn]"),
        (
            "mail to jane.doe+x@mail.example.com now",
            "mail to [redacted e-mail] now",
        ),
        ("9lives@example.com", "[redacted e-mail]"),
        (
            "t=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln-_0 end",
            "t=[redacted token] end",
        ),
        ("key sk_live_51Habc0000 here", "key [redacted key] here"),
        ("cus_NffrFeUfNV2Hib", "[redacted key]"),
        ("whsec_abcd1234efgh", "[redacted key]"),
        ("AKIAIOSFODNN7EXAMPLE", "[redacted key]"),
        (
            "Authorization: Basic dXNlcjpwYXNz",
            "Authorization: [redacted]",
        ),
        ("sent Bearer 0123456789abcdef", "sent Bearer [redacted]"),
        ("authorization=abc.def", "authorization=[redacted]"),
        ("password=hunter2&next=1", "password=[redacted]&next=1"),
        (
            "\"password\": \"hun ter2\", \"x\": 1",
            "\"password\": \"[redacted]\", \"x\": 1",
        ),
        (
            r#"{\"api_key\":\"abc\"}"#,
            r#"{\"api_key\":\"[redacted]\"}"#,
        ),
        (
            "X-Api-Key: abc123\r\nAccept: */*",
            "X-Api-Key: [redacted]\r\nAccept: */*",
        ),
        ("Cookie: a=b; c=d\nHost: x", "Cookie: [redacted]\nHost: x"),
        (
            "Set-Cookie: sid=1; Path=/; HttpOnly",
            "Set-Cookie: [redacted]",
        ),
        ("cvv=123 and CVV: 456", "cvv=[redacted] and CVV: [redacted]"),
        ("session::9f3cab1e", "session:[redacted]"),
        ("token::abc-def", "token:[redacted]"),
        ("client_secret='s3'", "client_secret='[redacted]'"),
        ("postgres://app:pw@db/x", "postgres://app:[redacted]@db/x"),
        ("redis://:pw@cache:6379", "redis://:[redacted]@cache:6379"),
        (
            "a\n-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----\nb",
            "a\n[redacted private key]\nb",
        ),
        (
            "-----BEGIN PRIVATE KEY-----\nMIIB cut off",
            "[redacted private key]",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(masked(text), expected);
    }
}

/// What is no secret has to come through: the evidence is for people, and shared recordings are
/// what checks work on.
#[test]
fn what_is_no_secret_stays() {
    let cases = [
        "0x4111111111111111aabbccddeeff00112233445566778899aabbccddeeff0011",
        "0xab4111111111111111",
        "1700000000000 ms since 1970",
        "order 4111111111111112",
        "share 0.4111111111111111, -12.4111111111111111",
        "{\"p95\":0.4111111111111111}",
        "12345678901234567890",
        "2026-11-22T10:00:00Z",
        // Two days whose digits pass the Luhn test.
        "days 2026-11-01 2026-11-05",
        "bearer token required",
        "the password is wrong",
        "password: required",
        "token=null",
        "user@localhost",
        "@decorator and a@b",
        "10.0.0.1:8080",
        "http://service.example:8080/path?x=1",
        "sub_title in_progress pi_value card_holder_name",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "tokens_used: 12",
        "123-45-67890",
        "<shop::session::Session>::open at token::Token::<T>::new",
        "émoji 🦀 – ‚ùå",
        "",
    ];
    for text in cases {
        assert_eq!(masked(text), text);
    }
}

#[test]
fn a_known_secret_is_masked_in_every_encoding() {
    let redactor = Redactor::default();
    let secret = "s3cr&t/\"value\"+1";
    redactor.add_secret(secret);
    let base64 = |text: &str| -> String {
        // An encoder of its own, the plain way.
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut encoded = String::new();
        for chunk in text.as_bytes().chunks(3) {
            let mut bytes = [0; 3];
            bytes[..chunk.len()].copy_from_slice(chunk);
            let bits = u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]]);
            for at in 0..=chunk.len() {
                let index = (bits >> (18 - 6 * at)) & 63;
                encoded.push(char::from(LETTERS[index as usize]));
            }
        }
        encoded
    };
    let forms = [
        secret.to_owned(),
        serde_json::to_string(secret).unwrap(),
        "s3cr%26t%2F%22value%22%2B1".to_owned(),
        "s3cr%26t%2f%22value%22%2b1".to_owned(),
        base64(secret),
        base64(&format!("a{secret}")),
        base64(&format!("ab{secret}")),
        base64(&format!("user:{secret}:more")),
        base64(&format!("user:{secret}"))
            .replace('+', "-")
            .replace('/', "_"),
    ];
    for form in forms {
        let text = redactor.text(&format!("<< {form} >>"));
        assert!(text.contains(MASK), "{form} came through as {text}");
        let inner = &form[form.len() / 3..form.len() / 2];
        assert!(!text.contains(inner), "{form} came through as {text}");
    }
    // Clones know it too.
    assert_eq!(redactor.clone().text(secret), MASK);
    assert!(!format!("{redactor:?}").contains("s3cr"));
}

#[test]
fn short_values_and_the_mask_itself_are_no_secrets() {
    let redactor = Redactor::default();
    for value in ["", "1", "abc", MASK, "redacted"] {
        redactor.add_secret(value);
    }
    assert_eq!(
        redactor.text("1 abc [redacted] xyz"),
        "1 abc [redacted] xyz"
    );
    redactor.add_secret("padded-secret\n");
    assert_eq!(redactor.text("a padded-secret b"), "a [redacted] b");
}

#[test]
fn overlapping_secrets_leave_nothing() {
    let redactor = Redactor::default();
    redactor.add_secret("alpha");
    redactor.add_secret("alphabet-soup");
    assert_eq!(
        redactor.text("alphabet-soup alpha alphabet"),
        "[redacted] [redacted] [redacted]bet"
    );
}

#[test]
fn json_is_masked_by_names_and_keeps_its_structure() {
    let value = json!({
        "Authorization": "Bearer x",
        "set-cookie": ["a=1", "b=2"],
        "headers": [["x-api-key", "abc"], ["accept", "*/*"]],
        "user": {"password": "p", "email": "a@example.com", "token": null, "secret": ""},
        "credentials": {"any": "thing"},
        "card": 4_111_111_111_111_111_u64,
        "count": 12,
        "share": 0.411_111_111_111_111_1,
        "a@example.com": true,
    });
    assert_eq!(
        Redactor::default().json(value),
        json!({
            "Authorization": "[redacted]",
            "set-cookie": ["[redacted]", "[redacted]"],
            "headers": [["x-api-key", "[redacted]"], ["accept", "*/*"]],
            "user": {"password": "[redacted]", "email": "[redacted e-mail]", "token": null, "secret": ""},
            "credentials": {"any": "[redacted]"},
            "card": "[redacted card]",
            "count": 12,
            "share": 0.411_111_111_111_111_1,
            "[redacted e-mail]": true,
        })
    );
}

#[test]
fn deep_json_does_not_exhaust_the_stack() {
    let mut value = json!("a@example.com");
    for _ in 0..100 {
        value = json!([value]);
    }
    let text = Redactor::default().json(value.clone()).to_string();
    assert!(!text.contains("example.com"));
    let text = Redactor::default()
        .json(json!({ "token": value }))
        .to_string();
    assert!(!text.contains("example.com"));
}

#[test]
fn the_environment_is_known_by_its_names() {
    let redactor = Redactor::default();
    let variables = [
        ("PRO_API_KEY", "key-of-the-pro-tier"),
        ("SESSION_TOKEN", "short"),
        ("HOME", "/home/someone"),
        ("LISTED", "listed-value"),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    redactor.add_environment(&variables, &["LISTED".to_owned()]);
    assert_eq!(
        redactor.text("key-of-the-pro-tier short /home/someone listed-value"),
        "[redacted] short /home/someone [redacted]"
    );
}

#[test]
fn names_that_promise_secrets() {
    for name in [
        "password",
        "X-API-Key",
        "refresh_token",
        "clientSecret",
        "Set-Cookie",
        "CVV",
        "db.password",
    ] {
        assert!(is_secret_field(name), "{name}");
    }
    for name in [
        "tokens",
        "token_type",
        "secretary",
        "compass",
        "path",
        "key",
        "author",
        &"x".repeat(100),
    ] {
        assert!(!is_secret_field(name), "{name}");
    }
    for name in [
        "API_KEY",
        "STRIPE_SECRET",
        "PGPASSWORD",
        "GITHUB_TOKEN",
        "DATABASE_URL",
    ] {
        assert!(is_secret_variable(name), "{name}");
    }
    for name in ["PATH", "KEYBOARD", "MONKEYS", "HOME", "TOKENIZER"] {
        assert!(!is_secret_variable(name), "{name}");
    }
}

#[test]
fn classes_tell_the_form_and_not_the_value() {
    let cases = [
        ("", "empty"),
        ("changeme", "placeholder"),
        ("your-key-here", "placeholder"),
        ("TRUE", "boolean"),
        ("3600", "number"),
        ("sk_live_abc", "stripe-live-key"),
        ("sk_test_abc", "stripe-test-key"),
        ("postgres://a:b@c/d", "url-with-password"),
        ("https://c/d", "url"),
        ("deadbeefdeadbeef", "hex"),
        ("production", "text"),
    ];
    for (value, class) in cases {
        assert_eq!(class_of(value), class, "{value}");
    }
}

proptest! {
    #[test]
    fn masking_twice_changes_nothing(text in "(password=|Bearer |4111 1111 1111 1111|a@b\\.example|://u:p@|eyJhbGciOi\\.eyJ4\\.|\"|\\\\|cvv: |cookie: |[ -~é🦀\n]{0,12}){0,8}") {
        let redactor = Redactor::default();
        redactor.add_secret("known-secret");
        let once = redactor.text(&text);
        prop_assert_eq!(redactor.text(&once), once.clone());
    }

    #[test]
    fn a_known_secret_never_comes_through(before in "\\PC{0,20}", after in "\\PC{0,20}") {
        let redactor = Redactor::default();
        redactor.add_secret("Canary-Value-77");
        let text = redactor.text(&format!("{before}Canary-Value-77{after}"));
        prop_assert!(!text.contains("Canary-Value-77"));
    }

    #[test]
    fn any_bytes_that_are_text_are_fine(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let text = String::from_utf8_lossy(&bytes);
        masked(&text);
    }
}

/// Linear: each byte of a text is looked at a bounded number of times, whatever the text repeats.
#[test]
fn hostile_texts_cost_no_more_than_others() {
    let starts = [
        "-----BEGIN ",
        "-----BEGIN RSA PRIVATE KEY-----",
        "eyJ",
        "a.",
        "a@",
        "a@a.",
        "4111 ",
        "4",
        "password=",
        "password:\"",
        "://a:",
        "Bearer ",
        "cookie:",
        "\\",
        "a-",
        "eyJ-",
        "eyJhbGciOi.-",
        "ghp_-",
        "Bearer a-",
        "password=\n",
    ];
    for start in starts {
        let text = start.repeat(100_000 / start.len());
        VISITED.set(0);
        masked(&text);
        let visited = VISITED.get() / text.len();
        assert!(
            visited < 1_000,
            "{visited} bytes visited for each byte of {start:?}"
        );
    }
}

#[test]
fn a_constant_of_the_source_is_masked_by_what_is_known_now() {
    let redactor = Redactor::default();
    let constant = Constant::new("by design: password=hunter2, as-agreed with Jane");
    let first = "by design: password=[redacted], as-agreed with Jane";
    assert_eq!(constant.brief(&redactor, 100), first);
    redactor.add_secret("as-agreed");
    let second = "by design: password=[redacted], [redacted] with Jane";
    assert_eq!(constant.brief(&redactor, 100), second);
    assert_eq!(constant.brief(&redactor, 100), second);
}
