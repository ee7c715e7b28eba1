//! The forms in which a symbol can stand in a file: as it should, or decoded once with the wrong
//! single-byte encoding.
//!
//! A file that went through "read as Mac Roman, save as UTF-8" shows `‚úÖ` for ✅. The author can
//! repair the whole file in one step as long as nobody writes a proper symbol into it, so we read
//! the damaged forms and write in the form the file uses.

/// How symbols are spelled in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Form {
    Plain,
    MacRoman,
    /// Windows-1252 with the five undefined bytes kept as C1 controls.
    Cp1252,
    /// Windows-1252 with the five undefined bytes lost.
    Cp1252Lost,
}

/// Bytes that windows-1252 does not define.
const UNDEFINED: [u8; 5] = [0x81, 0x8D, 0x8F, 0x90, 0x9D];

/// The upper half of Mac Roman, 0x80 first (Apple's table with the euro sign).
const MAC_ROMAN: [char; 128] = [
    'Ä', 'Å', 'Ç', 'É', 'Ñ', 'Ö', 'Ü', 'á', 'à', 'â', 'ä', 'ã', 'å', 'ç', 'é', 'è', //
    'ê', 'ë', 'í', 'ì', 'î', 'ï', 'ñ', 'ó', 'ò', 'ô', 'ö', 'õ', 'ú', 'ù', 'û', 'ü', //
    '†', '°', '¢', '£', '§', '•', '¶', 'ß', '®', '©', '™', '´', '¨', '≠', 'Æ', 'Ø', //
    '∞', '±', '≤', '≥', '¥', 'µ', '∂', '∑', '∏', 'π', '∫', 'ª', 'º', 'Ω', 'æ', 'ø', //
    '¿', '¡', '¬', '√', 'ƒ', '≈', '∆', '«', '»', '…', '\u{a0}', 'À', 'Ã', 'Õ', 'Œ', 'œ', //
    '–', '—', '“', '”', '‘', '’', '÷', '◊', 'ÿ', 'Ÿ', '⁄', '€', '‹', '›', 'ﬁ', 'ﬂ', //
    '‡', '·', '‚', '„', '‰', 'Â', 'Ê', 'Á', 'Ë', 'È', 'Í', 'Î', 'Ï', 'Ì', 'Ó', 'Ô', //
    '\u{f8ff}', 'Ò', 'Ú', 'Û', 'Ù', 'ı', 'ˆ', '˜', '¯', '˘', '˙', '˚', '¸', '˝', '˛', 'ˇ',
];

/// Windows-1252 from 0x80 to 0x9F; the rest is Latin-1.
const CP1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
    '\u{8f}', //
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

impl Form {
    /// What one byte of 0x80 or more becomes; none where it is lost.
    fn decode(self, byte: u8) -> Option<char> {
        let upper = usize::from(byte & 0x7F);
        match self {
            Form::Plain => None,
            Form::MacRoman => Some(MAC_ROMAN[upper]),
            Form::Cp1252Lost if UNDEFINED.contains(&byte) => None,
            Form::Cp1252 | Form::Cp1252Lost => {
                Some(CP1252.get(upper).copied().unwrap_or(byte as char))
            }
        }
    }

    /// The byte that became this character.
    fn byte(self, c: char) -> Option<u8> {
        let position = match self {
            Form::Plain => None,
            Form::MacRoman => MAC_ROMAN.iter().position(|&m| m == c),
            Form::Cp1252 | Form::Cp1252Lost => match u32::from(c) {
                0xA0..=0xFF => Some(u32::from(c) as usize - 0x80),
                _ => CP1252.iter().position(|&m| m == c),
            },
        }?;
        u8::try_from(position + 0x80).ok()
    }

    /// Whether this character can be what the first byte of a symbol became; a cheap filter.
    fn leads(self, c: char) -> bool {
        matches!(
            (self, c),
            (Form::MacRoman, '‚' | '\u{f8ff}' | 'Ô' | '„')
                | (Form::Cp1252 | Form::Cp1252Lost, 'â' | 'ð' | 'ï' | 'ã')
        )
    }
}

/// A text in this form; none where a byte would be lost.
pub(crate) fn spell(text: &str, form: Form) -> Option<String> {
    if form == Form::Plain {
        return Some(text.to_owned());
    }
    text.bytes()
        .map(|byte| {
            if byte < 0x80 {
                Some(byte as char)
            } else {
                form.decode(byte)
            }
        })
        .collect()
}

/// A text in this form with the lost bytes left out.
pub(crate) fn spell_lossy(text: &str, form: Form) -> String {
    text.bytes()
        .filter_map(|byte| {
            if byte < 0x80 {
                Some(byte as char)
            } else {
                form.decode(byte)
            }
        })
        .collect()
}

/// The one character beyond ASCII that the start of a text spells in a damaged form, with the
/// bytes it takes. Only three and four byte characters: those are the symbols.
pub(crate) fn damaged_char(text: &str, form: Form) -> Option<(char, usize)> {
    let first = text.chars().next().filter(|&c| form.leads(c))?;
    let lead = form.byte(first)?;
    let wanted = match lead {
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return None,
    };
    let mut bytes = [0; 4];
    let mut length = 0;
    let mut chars = text.chars();
    for slot in &mut bytes[..wanted] {
        let c = chars.next()?;
        *slot = form.byte(c)?;
        length += c.len_utf8();
    }
    let decoded = std::str::from_utf8(&bytes[..wanted]).ok()?.chars().next()?;
    Some((decoded, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_decode_as_the_two_code_pages_do() {
        assert_eq!(spell("✅", Form::MacRoman).as_deref(), Some("‚úÖ"));
        assert_eq!(spell("⚠️", Form::MacRoman).as_deref(), Some("‚ö†Ô∏è"));
        assert_eq!(spell("❌", Form::MacRoman).as_deref(), Some("‚ùå"));
        assert_eq!(spell("⏸️", Form::MacRoman).as_deref(), Some("‚è∏Ô∏è"));
        assert_eq!(spell("🟢", Form::MacRoman).as_deref(), Some("\u{f8ff}üü¢"));
        assert_eq!(spell("✅", Form::Cp1252).as_deref(), Some("âœ…"));
        assert_eq!(
            spell("⚠️", Form::Cp1252).as_deref(),
            Some("âš\u{a0}ï¸\u{8f}")
        );
        assert_eq!(spell("❌", Form::Cp1252).as_deref(), Some("â\u{9d}Œ"));
        assert_eq!(spell("🟢", Form::Cp1252).as_deref(), Some("ðŸŸ¢"));
        assert_eq!(spell("❌", Form::Cp1252Lost), None);
        assert_eq!(spell_lossy("❌", Form::Cp1252Lost), "âŒ");
    }

    #[test]
    fn damaged_text_decodes_back() {
        for form in [Form::MacRoman, Form::Cp1252] {
            for symbol in ["✅", "⚠", "❌", "⏸", "🟢", "📋", "\u{fe0f}"] {
                let damaged = spell(symbol, form).unwrap();
                let decoded = damaged_char(&damaged, form).unwrap();
                assert_eq!(decoded, (symbol.chars().next().unwrap(), damaged.len()));
            }
        }
        assert_eq!(damaged_char("âge", Form::Cp1252), None);
        assert_eq!(damaged_char("plain", Form::MacRoman), None);
    }
}
