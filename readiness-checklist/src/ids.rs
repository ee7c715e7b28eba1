//! Ids: which strings may be one, tokens at the start of a text, and ids made from the words.

use std::fmt::Write as _;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::inline::{Plain, plain};
use crate::status::symbol::pictograph_at;

/// The longest id, in bytes.
const MAX_ID: usize = 128;

/// The longest text of an id cell, in characters.
const MAX_CELL: usize = 24;

/// Words of a requirement that go into a derived id.
const DERIVED_WORDS: usize = 6;

/// Whether a string can be an id: an ASCII letter or digit, then up to 127 letters, digits,
/// `.`, `_`, `/` or `-`, and no `--` (which would end a comment).
pub fn valid_id(id: &str) -> bool {
    let bytes = id.as_bytes();
    bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.len() <= MAX_ID
        && bytes
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"._/-".contains(b))
        && !id.contains("--")
}

/// The id that a cell of an id column holds: short, with a digit and without inner space.
pub(crate) fn cell_id(cell: &str) -> Option<std::borrow::Cow<'_, str>> {
    if let Some(is_id) = plain_cell_id(cell.as_bytes()) {
        return is_id.then_some(cell.into());
    }
    let text = plain(cell, Plain::Display);
    let text = text.trim_matches([' ', '\t']);
    let fits = text.chars().count() <= MAX_CELL && text.bytes().any(|b| b.is_ascii_digit());
    (fits && valid_id(text)).then(|| text.to_owned().into())
}

/// Whether a short cell of letters, digits, dots and single dashes is an id; none for any other cell.
/// One pass, because nearly every row of a large document has such a cell.
fn plain_cell_id(cell: &[u8]) -> Option<bool> {
    const OTHER: u8 = 1;
    const DIGIT: u8 = 2;
    const DASH: u8 = 4;
    const CLASS: [u8; 256] = {
        let mut class = [OTHER; 256];
        let mut byte: u8 = 0;
        while byte < 128 {
            if byte.is_ascii_digit() {
                class[byte as usize] = DIGIT;
            } else if byte.is_ascii_alphabetic() || byte == b'.' {
                class[byte as usize] = 0;
            } else if byte == b'-' {
                class[byte as usize] = DASH;
            }
            byte += 1;
        }
        class
    };
    if cell.len() > MAX_CELL {
        return None;
    }
    let (mut seen, mut twice, mut last) = (0, 0, 0);
    for &b in cell {
        let class = CLASS[usize::from(b)];
        seen |= class;
        twice |= class & last;
        last = class;
    }
    let starts = cell.first().is_some_and(u8::is_ascii_alphanumeric);
    // Two dashes in a row would end a comment.
    (seen & OTHER == 0 && twice & DASH == 0).then_some(seen & DIGIT != 0 && starts)
}

/// The id token at the start of a box's text, behind `**`, `` ` `` or `[`: its range.
pub(crate) fn leading_token(text: &str) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let start = bytes.iter().take_while(|b| b"*_`[".contains(b)).count();
    let length = token_length(&bytes[start..])?;
    let id = &text[start..start + length];
    // What follows must not be more of the same word.
    let ends = !bytes
        .get(start + length)
        .is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'/' | b'%'));
    let mut after = text[start + length..].chars();
    let (next, second) = (after.next(), after.next());
    let ends = ends
        && next.is_none_or(|c| !c.is_alphanumeric())
        && !(next == Some('.') && second.is_some_and(char::is_alphanumeric));
    (ends && valid_id(id)).then_some((start, start + length))
}

/// `SEC-001`, `RT-FREE-2a`, `CC12`, `1.2.3`.
fn token_length(bytes: &[u8]) -> Option<usize> {
    let run =
        |from: usize, class: fn(&u8) -> bool| bytes[from..].iter().take_while(|b| class(b)).count();
    let digit: fn(&u8) -> bool = u8::is_ascii_digit;
    match bytes.first()? {
        b'0'..=b'9' => {
            let mut at = run(0, digit);
            let mut parts = 0;
            while bytes.get(at) == Some(&b'.') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit)
            {
                at += 1 + run(at + 1, digit);
                parts += 1;
            }
            (parts > 0).then_some(at)
        }
        b'A'..=b'Z' => {
            let upper: fn(&u8) -> bool = |b| b.is_ascii_uppercase() || b.is_ascii_digit();
            let mut at = run(0, upper);
            let mut last = 0..at;
            let mut parts = 0;
            while bytes.get(at) == Some(&b'-') {
                let length = run(at + 1, upper);
                if length == 0 {
                    break;
                }
                last = at + 1..at + 1 + length;
                at = last.end;
                parts += 1;
            }
            if parts > 0 && bytes[last].iter().all(u8::is_ascii_digit) {
                let suffix = bytes.get(at).is_some_and(u8::is_ascii_lowercase)
                    && !bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric);
                return Some(at + usize::from(suffix));
            }
            let letters = run(0, u8::is_ascii_uppercase);
            let digits = run(letters, digit);
            ((1..=5).contains(&letters) && (2..=4).contains(&digits)).then_some(letters + digits)
        }
        _ => None,
    }
}

/// A text as a slug: letters, digits and `_` in lower case, everything else one `-`.
pub(crate) fn slug(text: &str) -> String {
    let text = plain(text, Plain::Slug);
    if text.is_ascii() && !text.contains(':') {
        // Nothing to decompose, and no symbol: the usual text.
        return joined(text.bytes().map(|b| char::from(b.to_ascii_lowercase())));
    }
    let mut clean = String::with_capacity(text.len());
    let mut rest = &*text;
    while let Some(c) = rest.chars().next() {
        if let Some(symbol) = pictograph_at(rest) {
            clean.push(' ');
            rest = &rest[symbol.length()..];
        } else {
            clean.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    let letters = clean.nfkd().filter(|&c| !is_combining_mark(c));
    joined(letters.flat_map(char::to_lowercase))
}

/// The words of a text with one `-` between them.
fn joined(text: impl Iterator<Item = char>) -> String {
    let mut out = String::with_capacity(text.size_hint().0);
    for c in text {
        if c.is_alphanumeric() || c == '_' {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    if out.ends_with('-') {
        out.pop();
    }
    out
}

/// The id of an item without one: its section and the first words of its text.
pub(crate) fn derived(section_slug: &str, requirement: &str) -> String {
    let text = slug(requirement);
    let end = text
        .match_indices('-')
        .nth(DERIVED_WORDS - 1)
        .map_or(text.len(), |(at, _)| at);
    let mut id = String::with_capacity(section_slug.len() + end + 1);
    let section = if section_slug.is_empty() {
        "document"
    } else {
        section_slug
    };
    let _ = write!(id, "{section}/{}", &text[..end]);
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derived_ids_are_slugs_of_section_and_first_words() {
        let section = slug("Security Hardening");
        assert_eq!(
            derived(
                &section,
                "TLS/SSL termination configured (ingress or application)."
            ),
            "security-hardening/tls-ssl-termination-configured-ingress-or"
        );
        assert_eq!(derived("", "Für Größe"), "document/fur-große");
        assert_eq!(slug("🔒 **Auth** & _z_:"), "auth-z");
        assert_eq!(
            slug("\u{f8ff}üîí Security & Compliance"),
            "security-compliance"
        );
        assert_eq!(
            slug("‚úÖ Sign-Off [x](y) `code_1` ![i](j)"),
            "sign-off-x-code_1"
        );
    }

    #[test]
    fn leading_tokens() {
        let token = |text: &str| leading_token(text).map(|(s, e)| text[s..e].to_owned());
        assert_eq!(token("CHK-010 [P0] Lint"), Some("CHK-010".into()));
        assert_eq!(token("**RT-FREE-2a**: x"), Some("RT-FREE-2a".into()));
        assert_eq!(token("1.0 Parent"), Some("1.0".into()));
        assert_eq!(token("HS256 is used"), Some("HS256".into()));
        assert_eq!(token("1. Memory hardening"), None);
        assert_eq!(token("TLS-1.3 on"), None);
        assert_eq!(token("P95 latency"), Some("P95".into()));
        assert_eq!(token("UTF-8x"), Some("UTF-8x".into()));
        assert_eq!(token("99.9% uptime"), None);
        assert_eq!(token("lower-1"), None);
    }

    #[test]
    fn id_cells_are_short_with_a_digit() {
        assert_eq!(cell_id("SEC-001").as_deref(), Some("SEC-001"));
        assert_eq!(cell_id("**[A-1](x)**").as_deref(), Some("A-1"));
        assert_eq!(cell_id("Access control"), None);
        assert_eq!(cell_id("SEC"), None);
        assert_eq!(cell_id("A 1"), None);
    }
}
