//! What is recognised by its own form: card numbers, social security numbers, tokens, addresses.

use super::{Found, is_word, markers};
use crate::faults::{Fault, FaultSet};

/// 13 to 19 digits that pass the Luhn test (ISO/IEC 7812), alone or in groups.
pub(super) fn card(text: &[u8], at: usize, faults: &FaultSet) -> Option<Found> {
    if faults.on(Fault::Pci001Missing) {
        return None;
    }
    let mut digits = Vec::with_capacity(19);
    let mut grouped = false;
    let mut longest = None;
    let mut end = at;
    while digits.len() < 19 {
        match text.get(end) {
            Some(digit @ b'0'..=b'9') => digits.push(digit - b'0'),
            Some(b' ' | b'-' | b'+') if text.get(end + 1).is_some_and(u8::is_ascii_digit) => {
                grouped = true;
                end += 1;
                continue;
            }
            _ => break,
        }
        end += 1;
        let ends_here = text.get(end).is_none_or(|&next| !is_word(next));
        let missed = faults.on(Fault::Pci001AmexMissed) && digits.len() == 15
            || faults.on(Fault::Pci001SpacedOnly) && !grouped;
        if ends_here && digits.len() >= 13 && passes_luhn(&digits) && !missed {
            longest = Some((markers::CARD, end));
        }
    }
    longest
}

fn passes_luhn(digits: &[u8]) -> bool {
    let doubled = |digit: u8| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, &digit)| {
            u32::from(if place % 2 == 1 {
                doubled(digit)
            } else {
                digit
            })
        })
        .sum();
    sum.is_multiple_of(10)
}

/// 13 to 19 digits, whatever they are: the fault of redacting too much.
pub(super) fn digits_in_a_row(text: &[u8], at: usize) -> Option<Found> {
    let rest = &text[at..text.len().min(at + 20)];
    let count = count(rest, |byte| byte.is_ascii_digit());
    (13..=19)
        .contains(&count)
        .then(|| (markers::CARD, at + count))
}

/// `123-45-6789`. Without dashes it needs a keyword, see `words`.
pub(super) fn social_security_number(text: &[u8], at: usize, faults: &FaultSet) -> Option<Found> {
    if faults.on(Fault::Pci007Missing) {
        return None;
    }
    let groups: &[&[usize]] = if faults.on(Fault::Pci007OverRedaction) {
        &[&[3, 2, 4], &[4, 2, 2]]
    } else {
        &[&[3, 2, 4]]
    };
    let end = groups.iter().find_map(|groups| dashed(text, at, groups))?;
    Some((markers::SSN, end))
}

/// The end of groups of digits with a dash between each.
fn dashed(text: &[u8], at: usize, groups: &[usize]) -> Option<usize> {
    let mut end = at;
    for (index, &length) in groups.iter().enumerate() {
        if index > 0 {
            (text.get(end)? == &b'-').then_some(())?;
            end += 1;
        }
        let digits = text.get(end..end + length)?;
        digits.iter().all(u8::is_ascii_digit).then_some(())?;
        end += length;
    }
    text.get(end)
        .is_none_or(|&next| !is_word(next))
        .then_some(end)
}

/// How a token begins, what it is, and the fault that lets it through.
const TOKENS: [(&[u8], &str, Fault); 10] = [
    (b"cus_", markers::STRIPE_CUSTOMER, Fault::Pci003CustomerLeak),
    (
        b"pm_",
        markers::STRIPE_PAYMENT_METHOD,
        Fault::Pci003MethodLeak,
    ),
    (
        b"pi_",
        markers::STRIPE_PAYMENT_INTENT,
        Fault::Pci003IntentLeak,
    ),
    (b"sk_live_", markers::STRIPE_KEY, Fault::Pci004StripeLeak),
    (b"sk_test_", markers::STRIPE_KEY, Fault::Pci004StripeLeak),
    (b"rk_live_", markers::STRIPE_KEY, Fault::Pci004StripeLeak),
    (b"rk_test_", markers::STRIPE_KEY, Fault::Pci004StripeLeak),
    (b"whsec_", markers::API_KEY, Fault::Pci004ApiKeyLeak),
    (b"ref-", markers::API_KEY, Fault::Pci004ApiKeyLeak),
    (b"eyJ", markers::TOKEN, Fault::Pci004TokenLeak),
];

/// The fewest characters after a token's beginning. `pi_r` is a word, `pi_3MtwBwLkdIwHu7ix` is not.
const SHORTEST_TOKEN: usize = 8;

/// A token that says by its beginning what it is.
pub(super) fn token(text: &[u8], at: usize, faults: &FaultSet) -> Option<Found> {
    let rest = &text[at..];
    let &(prefix, marker, leak) = TOKENS
        .iter()
        .find(|(prefix, ..)| rest.starts_with(prefix))?;
    if faults.on(leak) {
        return None;
    }
    let is_key = prefix == b"ref-";
    let is_jwt = prefix == b"eyJ";
    let part = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || byte == b'_'
            || (is_key || is_jwt) && byte == b'-'
            || is_jwt && byte == b'.'
    };
    let length = count(&rest[prefix.len()..], part);
    // A key of this service is short, but known to end with its number.
    let long_enough = length >= if is_key { 5 } else { SHORTEST_TOKEN };
    let end = at + prefix.len() + length;
    let dots = text[at..end].split(|&byte| byte == b'.').count() - 1;
    let complete = !is_jwt || dots == 2;
    let numbered = !is_key || text[end - 1].is_ascii_digit();
    (long_enough && complete && numbered).then_some((marker, end))
}

/// `local@domain.tld`, also with the `@` percent-encoded.
pub(super) fn email(text: &[u8], at: usize, faults: &FaultSet) -> Option<Found> {
    let is_local = |byte: u8| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte);
    if faults.on(Fault::Pci005Missing) || !is_local(text[at]) || at > 0 && is_local(text[at - 1]) {
        return None;
    }
    let local = count(&text[at..], is_local);
    let rest = &text[at + local..];
    let sign = [&b"@"[..], b"%40"]
        .into_iter()
        .find(|sign| rest.starts_with(sign))?;
    if faults.on(Fault::Pci005PlusTagMissed) && text[at..at + local].contains(&b'+') {
        return None;
    }
    let domain = &rest[sign.len()..];
    let mut length = count(domain, |byte| {
        byte.is_ascii_alphanumeric() || b".-".contains(&byte)
    });
    while length > 0 && !domain[length - 1].is_ascii_alphanumeric() {
        length -= 1; // The full stop of a sentence is not the domain's.
    }
    let last_dot = domain[..length].iter().rposition(|&byte| byte == b'.')?;
    (last_dot > 0 && length - last_dot > 2)
        .then(|| (markers::EMAIL, at + local + sign.len() + length))
}

/// How many bytes from the start are of a kind.
pub(super) fn count(text: &[u8], is_kind: impl Fn(u8) -> bool) -> usize {
    text.iter().take_while(|&&byte| is_kind(byte)).count()
}
