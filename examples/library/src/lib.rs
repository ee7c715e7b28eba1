//! Percentages that are never rounded up: the library whose release the checklist is about.
//!
//! ```
//! assert_eq!(example_library::percent(114, 121), Some(94.21));
//! ```

/// `part` of `whole` in percent, cut after two digits; nothing of nothing is no percentage.
pub fn percent(part: u32, whole: u32) -> Option<f64> {
    let hundredths = u64::from(part) * 10_000 / u64::from((whole > 0).then_some(whole)?);
    // Less than 2^46, so exact.
    #[expect(clippy::cast_precision_loss, reason = "at most 10,000 times a u32")]
    Some(hundredths as f64 / 100.0)
}
