//! Redaction: what must not be in a log is replaced by a marker that says what it was.
//!
//! One pass from left to right. At each place the recognisers that may begin there are asked;
//! the first that finds something replaces it. All patterns are ASCII, so a position between two
//! of their characters is never inside another character.

mod values;
mod words;

use self::values::{card, digits_in_a_row, email, social_security_number, token};
use self::words::keyword;
use crate::faults::{Fault, FaultSet};

/// What stands in a log where something was taken out.
pub mod markers {
    /// A card number.
    pub const CARD: &str = "[CARD_REDACTED]";
    /// A card's security code.
    pub const CVV: &str = "[CVV_REDACTED]";
    /// A Stripe customer, `cus_…`.
    pub const STRIPE_CUSTOMER: &str = "[STRIPE_CUSTOMER_REDACTED]";
    /// A Stripe payment method, `pm_…`.
    pub const STRIPE_PAYMENT_METHOD: &str = "[STRIPE_PAYMENT_METHOD_REDACTED]";
    /// A Stripe payment intent, `pi_…`.
    pub const STRIPE_PAYMENT_INTENT: &str = "[STRIPE_PAYMENT_INTENT_REDACTED]";
    /// A Stripe key, live or for tests.
    pub const STRIPE_KEY: &str = "[STRIPE_KEY_REDACTED]";
    /// The value of `api_key` and the like, or a key of this service.
    pub const API_KEY: &str = "[API_KEY_REDACTED]";
    /// A bearer token, or anything in the form of a JWT.
    pub const TOKEN: &str = "[TOKEN_REDACTED]";
    /// The value of `password` and the like.
    pub const PASSWORD: &str = "[PASSWORD_REDACTED]";
    /// An email address.
    pub const EMAIL: &str = "[EMAIL_REDACTED]";
    /// A bank account number.
    pub const ACCOUNT: &str = "[ACCOUNT_REDACTED]";
    /// A bank's routing number.
    pub const ROUTING: &str = "[ROUTING_REDACTED]";
    /// A social security number.
    pub const SSN: &str = "[SSN_REDACTED]";
}

/// Something to be replaced: the marker, and where it ends.
type Found = (&'static str, usize);

/// The text without what must not be logged.
pub(crate) fn redact(text: &str, faults: &FaultSet) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let (mut copied, mut at) = (0, 0);
    while at < bytes.len() {
        match found(bytes, at, faults) {
            Some((start, (marker, end))) => {
                out.push_str(&text[copied..start]);
                out.push_str(marker);
                (copied, at) = (end, end);
            }
            None => at += 1,
        }
    }
    out.push_str(&text[copied..]);
    out
}

/// What begins at a place: where the part to be replaced starts, its marker and its end.
fn found(text: &[u8], at: usize, faults: &FaultSet) -> Option<(usize, Found)> {
    if faults.on(Fault::Pci001OverRedaction)
        && let Some(found) = digits_in_a_row(text, at)
    {
        return Some((at, found));
    }
    if faults.on(Fault::Pci002OverRedaction) && text[at] == b'=' {
        return words::any_number(text, at);
    }
    if at > 0 && is_word(text[at - 1]) {
        return None;
    }
    let at_a_word = match text[at] {
        b'0'..=b'9' => card(text, at, faults)
            .or_else(|| social_security_number(text, at, faults))
            .map(|found| (at, found)),
        b'a'..=b'z' | b'A'..=b'Z' => token(text, at, faults)
            .map(|found| (at, found))
            .or_else(|| keyword(text, at, faults)),
        _ => None,
    };
    at_a_word.or_else(|| email(text, at, faults).map(|found| (at, found)))
}

/// Letters, digits and underscores: a pattern begins and ends where a word does.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

#[cfg(test)]
mod tests;
