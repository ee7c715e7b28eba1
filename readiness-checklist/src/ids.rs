//! Ids: which strings may be one, and which one an item has.

/// The longest id, in bytes.
pub(crate) const MAX_ID: usize = 128;

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
