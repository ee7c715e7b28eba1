//! What is recognised by the word before it: `cvv=123`, `"account_number": "…"`, `Bearer …`.

use super::values::count;
use super::{Found, is_word, markers};
use crate::faults::{Fault, FaultSet};

/// What must follow a word.
#[derive(Clone, Copy)]
enum Value {
    /// This many digits.
    Digits(usize, usize),
    /// Anything up to the end of the value.
    Secret,
    /// The same after a space.
    AfterSpace,
}

/// The words, without regard to case; `_`, `-` and a space in them are the same.
const WORDS: &[(&[&str], Value, &str, Fault)] = &[
    (
        &["cvv", "cvc", "cvv2", "cvc2", "security_code"],
        Value::Digits(3, 4),
        markers::CVV,
        Fault::Pci002Missing,
    ),
    (
        &["account", "account_number", "account_no", "acct"],
        Value::Digits(6, 17),
        markers::ACCOUNT,
        Fault::Pci006AccountLeak,
    ),
    (
        &["routing", "routing_number", "aba"],
        Value::Digits(9, 9),
        markers::ROUTING,
        Fault::Pci006RoutingLeak,
    ),
    (
        &["ssn", "social_security_number"],
        Value::Digits(9, 9),
        markers::SSN,
        Fault::Pci007Missing,
    ),
    (
        &["api_key", "apikey", "x_api_key"],
        Value::Secret,
        markers::API_KEY,
        Fault::Pci004ApiKeyLeak,
    ),
    (
        &["token", "access_token", "refresh_token"],
        Value::Secret,
        markers::TOKEN,
        Fault::Pci004TokenLeak,
    ),
    (
        &["bearer"],
        Value::AfterSpace,
        markers::TOKEN,
        Fault::Pci004TokenLeak,
    ),
    // No requirement speaks of passwords, so no fault lets them through but that of all keys.
    (
        &["password", "secret", "client_secret"],
        Value::Secret,
        markers::PASSWORD,
        Fault::Pci004ApiKeyLeak,
    ),
];

/// A word and what follows it: where the value starts, its marker, its end.
pub(super) fn keyword(text: &[u8], at: usize, faults: &FaultSet) -> Option<(usize, Found)> {
    WORDS.iter().find_map(|(words, value, marker, leak)| {
        let ends = words.iter().filter_map(|word| spelled(text, at, word));
        let (start, end) = ends
            .filter(|_| !faults.on(*leak))
            .find_map(|end_of_word| value.follows(text, end_of_word))?;
        let missed =
            faults.on(Fault::Pci002FourDigitMissed) && *marker == markers::CVV && end - start == 4;
        (!missed).then_some((start, (*marker, end)))
    })
}

/// The end of a word at a place, if it is that word and no longer one.
fn spelled(text: &[u8], at: usize, word: &str) -> Option<usize> {
    let end = at + word.len();
    let found = text.get(at..end)?;
    let same = |(&byte, wanted): (&u8, u8)| match wanted {
        b'_' => b"_- ".contains(&byte),
        letter => byte.to_ascii_lowercase() == letter,
    };
    let complete = text
        .get(end)
        .is_none_or(|&next| !is_word(next) && next != b'-');
    (complete && found.iter().zip(word.bytes()).all(same)).then_some(end)
}

impl Value {
    /// Start and end of the value after a word.
    fn follows(self, text: &[u8], word_end: usize) -> Option<(usize, usize)> {
        let quiet = |byte: u8| b" \t\"'\\".contains(&byte);
        let before = count(&text[word_end..], quiet);
        let signs = count(&text[word_end + before..], |byte| b":=".contains(&byte));
        let after = count(&text[word_end + before + signs..], quiet);
        let start = word_end + before + signs + after;
        let rest = &text[start..];
        match self {
            Value::Digits(least, most) => {
                let digits = count(rest, |byte| byte.is_ascii_digit());
                let apart = before + signs + after > 0;
                (apart && (least..=most).contains(&digits)).then_some((start, start + digits))
            }
            Value::Secret => {
                let length = count(rest, is_secret);
                (signs > 0 && length > 0).then_some((start, start + length))
            }
            Value::AfterSpace => {
                let length = count(rest, is_secret);
                (before > 0 && signs == 0 && length > 3).then_some((start, start + length))
            }
        }
    }
}

/// What a secret may consist of: anything but what ends a value in a query, JSON or a sentence.
fn is_secret(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"&,;\"'\\}]>[".contains(&byte)
}

/// Digits after `=`: the fault of redacting too much.
pub(super) fn any_number(text: &[u8], at: usize) -> Option<(usize, Found)> {
    let digits = count(&text[at + 1..], |byte| byte.is_ascii_digit());
    (digits > 0).then(|| (at + 1, (markers::CVV, at + 1 + digits)))
}
