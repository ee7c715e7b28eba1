//! How wide a text is drawn, as far as padded tables need it.

/// The columns that a text takes: two for wide characters, none for what combines.
pub(super) fn display_width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    let mut width = 0;
    let mut last = 0;
    for c in text.chars() {
        let own = match u32::from(c) {
            // The emoji selector makes a narrow symbol wide.
            0xFE0F => {
                width += 2_usize.saturating_sub(last);
                last = 2;
                continue;
            }
            0x200B..=0x200F | 0x0300..=0x036F | 0x20D0..=0x20FF | 0xFE00..=0xFE0E => 0,
            code if is_wide(code) => 2,
            _ => 1,
        };
        width += own;
        last = own;
    }
    width
}

/// East Asian wide and emoji presentation (Unicode 16, blocks joined where only unassigned or
/// unused code points lie between).
fn is_wide(code: u32) -> bool {
    matches!(code,
        0x1100..=0x115F | 0x231A..=0x231B | 0x23E9..=0x23EC | 0x23F0 | 0x23F3 | 0x25FD..=0x25FE
        | 0x2614..=0x2615 | 0x2648..=0x2653 | 0x267F | 0x2693 | 0x26A1 | 0x26AA..=0x26AB | 0x26BD..=0x26BE
        | 0x26C4..=0x26C5 | 0x26CE | 0x26D4 | 0x26EA | 0x26F2..=0x26F3 | 0x26F5 | 0x26FA | 0x26FD | 0x2705
        | 0x270A..=0x270B | 0x2728 | 0x274C | 0x274E | 0x2753..=0x2755 | 0x2757 | 0x2795..=0x2797 | 0x27B0
        | 0x27BF | 0x2B1B..=0x2B1C | 0x2B50 | 0x2B55 | 0x2E80..=0x303E | 0x3041..=0x33FF | 0x3400..=0x4DBF
        | 0x4E00..=0x9FFF | 0xA000..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 | 0x1F18E | 0x1F191..=0x1F19A | 0x1F200..=0x1F265
        | 0x1F300..=0x1F64F | 0x1F680..=0x1F6FF | 0x1F7E0..=0x1F7EB | 0x1F900..=0x1FAFF | 0x20000..=0x3FFFD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_two_columns_wide() {
        assert_eq!(display_width("✅ PASS"), 7);
        assert_eq!(display_width("⚠️"), 2);
        assert_eq!(display_width("⚠"), 1);
        assert_eq!(display_width("状态"), 4);
        assert_eq!(display_width("e\u{301}"), 1);
    }
}
