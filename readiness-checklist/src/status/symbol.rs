//! Status symbols: which there are, and finding one at a place in whatever form it stands there.

use std::sync::OnceLock;

use super::form::{Form, damaged_char, spell, spell_lossy};
use crate::item::State;
use crate::source::narrow;

/// Makes the character before it an emoji; optional after every symbol.
const VARIATION: char = '\u{fe0f}';

const SYMBOLS: &[(char, State)] = &[
    ('✅', State::Pass),
    ('✔', State::Pass),
    ('☑', State::Pass),
    ('✓', State::Pass),
    ('🟢', State::Pass),
    ('⚠', State::Warn),
    ('🟡', State::Warn),
    ('🟠', State::Warn),
    ('❌', State::Fail),
    ('✗', State::Fail),
    ('✖', State::Fail),
    ('🔴', State::Fail),
    ('🔄', State::InProgress),
    ('🚧', State::InProgress),
    ('⬜', State::NotRun),
    ('☐', State::NotRun),
    ('⏳', State::NotRun),
    (PAUSE, State::NotRun),
];

/// The symbol of a skipped item.
pub(crate) const PAUSE: char = '⏸';

const SHORTCODES: &[(&str, char)] = &[
    (":white_check_mark:", '✅'),
    (":heavy_check_mark:", '✔'),
    (":warning:", '⚠'),
    (":x:", '❌'),
    (":black_square_button:", '⬜'),
];

/// What the vocabulary says of a symbol.
pub(crate) fn symbol_state(symbol: char) -> Option<State> {
    SYMBOLS
        .iter()
        .find(|(c, _)| *c == symbol)
        .map(|(_, state)| *state)
}

/// A symbol found at the start of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub symbol: char,
    length: u32,
    pub form: Form,
    /// Spelled as `:x:`.
    pub shortcode: bool,
    /// Tells nothing about kept or lost bytes of windows-1252.
    pub neutral: bool,
}

impl Found {
    /// The bytes it takes, with its variation selector.
    pub fn length(self) -> usize {
        self.length as usize
    }
}

/// The pictograph at the start of a text, in any form: a status symbol or any other.
pub(crate) fn pictograph_at(text: &str) -> Option<Found> {
    let first = text.chars().next()?;
    if first.is_ascii() {
        return shortcode_at(text);
    }
    if is_pictograph(first) {
        let length = first.len_utf8() + variation(&text[first.len_utf8()..], Form::Plain);
        return Some(Found {
            symbol: first,
            length: narrow(length),
            form: Form::Plain,
            shortcode: false,
            neutral: false,
        });
    }
    damaged_at(text)
}

/// The symbol that the vocabulary knows at the start of a text.
pub(crate) fn symbol_at(text: &str) -> Option<Found> {
    pictograph_at(text).filter(|found| symbol_state(found.symbol).is_some())
}

fn damaged_at(text: &str) -> Option<Found> {
    for form in [Form::MacRoman, Form::Cp1252] {
        if let Some((symbol, length)) = damaged_char(text, form).filter(|(c, _)| is_pictograph(*c))
        {
            let rest = &text[length..];
            let kept = variation(rest, form);
            let lost = if form == Form::Cp1252 && kept == 0 {
                variation(rest, Form::Cp1252Lost)
            } else {
                0
            };
            let has_undefined = spell(symbol.encode_utf8(&mut [0; 4]), Form::Cp1252Lost).is_none();
            return Some(Found {
                symbol,
                length: narrow(length + kept + lost),
                form: if lost > 0 { Form::Cp1252Lost } else { form },
                shortcode: false,
                neutral: form == Form::Cp1252 && !has_undefined && kept == 0 && lost == 0,
            });
        }
    }
    let (symbol, damaged) = lost_spellings()
        .iter()
        .find(|(_, damaged)| text.starts_with(damaged.as_str()))?;
    let length = damaged.len() + variation(&text[damaged.len()..], Form::Cp1252Lost);
    Some(Found {
        symbol: *symbol,
        length: narrow(length),
        form: Form::Cp1252Lost,
        shortcode: false,
        neutral: false,
    })
}

/// The status symbols whose windows-1252 spelling lost a byte.
fn lost_spellings() -> &'static [(char, String)] {
    static SPELLINGS: OnceLock<Vec<(char, String)>> = OnceLock::new();
    SPELLINGS.get_or_init(|| {
        SYMBOLS
            .iter()
            .map(|(symbol, _)| (*symbol, symbol.to_string()))
            .filter(|(_, text)| spell(text, Form::Cp1252Lost).is_none())
            .map(|(symbol, text)| (symbol, spell_lossy(&text, Form::Cp1252Lost)))
            .collect()
    })
}

fn shortcode_at(text: &str) -> Option<Found> {
    if !text.starts_with(':') {
        return None;
    }
    let (code, symbol) = SHORTCODES.iter().find(|(code, _)| text.starts_with(code))?;
    Some(Found {
        symbol: *symbol,
        length: narrow(code.len()),
        form: Form::Plain,
        shortcode: true,
        neutral: true,
    })
}

/// The length of a variation selector in this form.
fn variation(text: &str, form: Form) -> usize {
    let selector = match form {
        Form::Plain => "\u{fe0f}",
        Form::MacRoman => "Ô∏è",
        Form::Cp1252 => "ï¸\u{8f}",
        Form::Cp1252Lost => "ï¸",
    };
    if text.starts_with(selector) {
        selector.len()
    } else {
        0
    }
}

/// Emoji and the symbols used like them. No letters, digits or common punctuation.
pub(crate) fn is_pictograph(c: char) -> bool {
    matches!(
        u32::from(c),
        0x203C | 0x2049 | 0x20E3 | 0x2190..=0x21FF | 0x2300..=0x23FF | 0x25A0..=0x27BF | 0x2B00..=0x2BFF
            | 0x200D | 0xFE0F | 0x1F000..=0x1FAFF
    )
}

/// A symbol with its usual variation selector in a form; none where a byte would be lost.
pub(crate) fn spell_symbol(symbol: char, form: Form) -> Option<String> {
    let mut plain = symbol.to_string();
    if matches!(symbol, '⚠' | PAUSE) {
        plain.push(VARIATION);
    }
    spell(&plain, form)
}

/// The first status symbol of a text and where it stands; skips over other text.
pub(crate) fn symbols(text: &str) -> impl Iterator<Item = (usize, Found)> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < text.len() {
            let rest = &text[at..];
            let here = at;
            if let Some(found) = symbol_at(rest) {
                at += found.length();
                return Some((here, found));
            }
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_symbol_is_found_in_every_form_with_and_without_its_selector() {
        for (symbol, _) in SYMBOLS {
            for selector in ["", "\u{fe0f}"] {
                let plain = format!("{symbol}{selector}");
                for form in [Form::Plain, Form::MacRoman, Form::Cp1252] {
                    let text = spell(&plain, form).unwrap();
                    let found = symbol_at(&text).unwrap();
                    assert_eq!(
                        (found.symbol, found.length()),
                        (*symbol, text.len()),
                        "{text:?}"
                    );
                    assert_eq!(found.form, form, "{text:?}");
                }
                let lost = spell_lossy(&plain, Form::Cp1252Lost);
                let found = symbol_at(&lost).unwrap();
                assert_eq!(
                    (found.symbol, found.length()),
                    (*symbol, lost.len()),
                    "{lost:?}"
                );
            }
        }
    }

    #[test]
    fn letters_are_no_symbols() {
        for text in ["âge", "ðe", "a", "", "—", "→x", "Ôter", "‚quoted‘"] {
            assert_eq!(symbol_at(text), None, "{text:?}");
        }
    }
}
