//! Detectors: secrets that nobody sent on purpose, found by their form.
//!
//! An absence means something only if the detector finds what is there: [`proven`] runs each of them
//! over samples first.

use readiness::Verdict;
use readiness::observation::log_lines::LogLines;

struct Detector {
    what: &'static str,
    finds: fn(&str) -> bool,
    samples: fn() -> Vec<String>,
}

const DETECTORS: &[Detector] = &[
    Detector {
        what: "a card number",
        finds: card,
        samples: || {
            vec![
                "paid with 4242 4242 4242 4242".to_owned(),
                "pan=378282246310005".to_owned(),
            ]
        },
    },
    Detector {
        what: "a card's security code",
        finds: |line| {
            keyword(
                line,
                &["cvv", "cvc", "security_code", "security code"],
                3,
                4,
            )
        },
        samples: || vec!["cvv=123".to_owned(), r#"\"cvc\":\"1234\""#.to_owned()],
    },
    Detector {
        what: "a Stripe id or key",
        finds: stripe,
        samples: || {
            vec![
                ["sk", "live", "4eC39HqLyjWDarjtT1zdp7dc"].join("_"),
                ["cus", "9s6XKzkNRiz8i3"].join("_"),
            ]
        },
    },
    Detector {
        what: "an API key",
        finds: api_key,
        samples: || {
            vec![
                "GET /list?api_key=q7Zp3vXw9Lk2".to_owned(),
                r#"\"X-API-Key\": \"q7Zp3vXw9Lk2\""#.to_owned(),
            ]
        },
    },
    Detector {
        what: "a token",
        finds: token,
        samples: || vec!["t=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl".to_owned()],
    },
    Detector {
        what: "an email address",
        finds: email,
        samples: || vec!["contact ops@example.com".to_owned()],
    },
    Detector {
        what: "an account number",
        finds: |line| {
            keyword(
                line,
                &[
                    "account_number",
                    "account number",
                    "routing_number",
                    "routing number",
                ],
                6,
                17,
            )
        },
        samples: || vec!["account_number=000123456789".to_owned()],
    },
    Detector {
        what: "a social security number",
        finds: social_security,
        samples: || vec!["ssn 123-45-6789".to_owned()],
    },
];

/// Every detector finds its own samples.
pub fn proven() -> Verdict {
    for detector in DETECTORS {
        if let Some(sample) = (detector.samples)()
            .iter()
            .find(|sample| !(detector.finds)(sample))
        {
            return Verdict::Fail(format!(
                "the detector for {} misses `{sample}`",
                detector.what
            ));
        }
    }
    Verdict::Pass
}

/// No line holds anything that a detector finds, nor one of `secrets` verbatim.
pub fn clean(log: &LogLines, secrets: &[String]) -> Verdict {
    for (at, line) in log.iter().enumerate() {
        if let Some(detector) = DETECTORS.iter().find(|detector| (detector.finds)(line)) {
            return Verdict::Fail(format!(
                "line {} of the log holds {}",
                at + 1,
                detector.what
            ));
        }
        if secrets
            .iter()
            .any(|secret| !secret.is_empty() && line.contains(secret.as_str()))
        {
            return Verdict::Fail(format!(
                "line {} of the log holds a key of this run",
                at + 1
            ));
        }
    }
    Verdict::Pass
}

/// 13 to 19 digits in one word, in groups or not, that pass the Luhn test and begin as cards do.
fn card(line: &str) -> bool {
    let bytes = line.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let begins = bytes[at].is_ascii_digit()
            && (at == 0
                || !(bytes[at - 1].is_ascii_alphanumeric() || b"._-".contains(&bytes[at - 1])));
        if !begins {
            at += 1;
            continue;
        }
        let mut digits = Vec::new();
        let mut end = at;
        while end < bytes.len() {
            match bytes[end] {
                digit @ b'0'..=b'9' => digits.push(digit - b'0'),
                b' ' | b'-' if bytes.get(end + 1).is_some_and(u8::is_ascii_digit) => {}
                _ => break,
            }
            end += 1;
        }
        let word_ends = bytes
            .get(end)
            .is_none_or(|next| !next.is_ascii_alphanumeric() && *next != b'.');
        let brand = matches!(digits.first(), Some(3..=6));
        if word_ends && brand && (13..=19).contains(&digits.len()) && luhn(&digits) {
            return true;
        }
        at = end.max(at + 1);
    }
    false
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let digit = u32::from(*digit) * if place % 2 == 1 { 2 } else { 1 };
            if digit > 9 { digit - 9 } else { digit }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// A keyword, punctuation, then so many digits.
fn keyword(line: &str, words: &[&str], least: usize, most: usize) -> bool {
    let lower = line.to_ascii_lowercase();
    words.iter().any(|word| {
        lower.match_indices(word).any(|(at, _)| {
            let rest =
                lower[at + word.len()..].trim_start_matches([' ', ':', '=', '"', '\\', '\'']);
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            (least..=most).contains(&digits)
        })
    })
}

fn stripe(line: &str) -> bool {
    const BEGINNINGS: [&str; 7] = [
        "sk_live_", "sk_test_", "rk_live_", "rk_test_", "cus_", "pm_", "pi_",
    ];
    BEGINNINGS.iter().any(|beginning| {
        line.match_indices(beginning).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            let rest = &line.as_bytes()[at + beginning.len()..];
            let length = rest
                .iter()
                .take_while(|byte| byte.is_ascii_alphanumeric())
                .count();
            before.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '_') && length >= 14
        })
    })
}

/// A key's name, `=` or `:`, then a word that may be one: eight characters or more.
fn api_key(line: &str) -> bool {
    const NAMES: [&str; 3] = ["api_key", "api-key", "apikey"];
    let lower = line.to_ascii_lowercase();
    NAMES.iter().any(|name| {
        lower.match_indices(name).any(|(at, _)| {
            let rest = lower[at + name.len()..].trim_start_matches(['"', '\\', '\'', ' ']);
            let Some(value) = rest.strip_prefix(['=', ':']) else {
                return false;
            };
            let value = value.trim_start_matches(['"', '\\', '\'', ' ']);
            let word = value.bytes().take_while(|byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
            });
            word.count() >= 8
        })
    })
}

/// Three parts of base64 with dots between, the first of which begins as JSON does.
fn token(line: &str) -> bool {
    line.match_indices("eyJ").any(|(at, _)| {
        let word: String = line[at..]
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
            .collect();
        word.split('.').filter(|part| part.len() >= 6).count() >= 3
    })
}

fn email(line: &str) -> bool {
    line.match_indices('@').any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let domain: String = line[at + 1..]
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
            .collect();
        let dotted = domain.split('.').filter(|part| !part.is_empty()).count() >= 2;
        before.is_some_and(|c| c.is_ascii_alphanumeric() || "._+-".contains(c)) && dotted
    })
}

fn social_security(line: &str) -> bool {
    line.as_bytes().windows(11).enumerate().any(|(at, window)| {
        let shape = window.iter().enumerate().all(|(place, byte)| match place {
            3 | 6 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
        let bytes = line.as_bytes();
        let free =
            |at: Option<&u8>| at.is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'-');
        shape && free(at.checked_sub(1).and_then(|at| bytes.get(at))) && free(bytes.get(at + 11))
    })
}
