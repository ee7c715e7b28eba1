//! The texts of an item: for people to read, and for the hash that notices a changed one.

use unicode_normalization::UnicodeNormalization;

use crate::inline::{Plain, collapse, plain};
use crate::source::trim;
use crate::status::symbol::{Found, pictograph_at, symbol_state};

/// A cell or value as people read it; none where it is empty.
pub(super) fn display(raw: &str) -> Option<Box<str>> {
    let text = plain(trim(raw), Plain::Display);
    let text = collapse(&text);
    (!text.is_empty()).then(|| text.into())
}

/// Whether a text is its own display and normal form: printable ASCII, no markup, single spaces.
pub(super) fn is_plain(raw: &str) -> bool {
    let mut previous = b' ';
    let tidy = raw.bytes().all(|b| {
        let ok = (b'!'..=b'~').contains(&b) && !b"*_~`[]<\\:".contains(&b)
            || b == b' ' && previous != b' ';
        previous = b;
        ok
    });
    tidy && previous != b' '
}

/// The text that is hashed; see [`Item::normalized_text`].
pub(super) fn normalize(raw: &str) -> String {
    let text = plain(raw, Plain::Hash);
    let mut clean = String::with_capacity(text.len());
    let mut rest = &*text;
    while let Some(c) = rest.chars().next() {
        let symbol = if c.is_ascii() && c != ':' {
            None
        } else {
            pictograph_at(rest)
        };
        match symbol {
            // A damaged symbol becomes the symbol it was; a status symbol goes.
            Some(found) if symbol_state(found.symbol).is_none() => clean.push(found.symbol),
            Some(_) => {}
            None => clean.push(c),
        }
        rest = &rest[symbol.map_or(c.len_utf8(), Found::length)..];
    }
    let composed: String = clean.nfc().collect();
    collapse(&composed).into_owned()
}
