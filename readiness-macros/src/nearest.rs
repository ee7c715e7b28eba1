//! Did-you-mean for the few fixed words that the attribute knows.

/// The candidate closest to `word`, if one is close enough to be a slip of the keyboard.
pub(crate) fn nearest<'a>(word: &str, candidates: &[&'a str]) -> Option<&'a str> {
    candidates
        .iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), *candidate))
        // Below this, suggestions for words of this length look arbitrary.
        .filter(|(likeness, _)| *likeness >= 0.75)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_slips_and_nothing_else() {
        let words = ["timeout", "retries", "exclusive"];
        assert_eq!(nearest("timout", &words), Some("timeout"));
        assert_eq!(nearest("retry", &words), Some("retries"));
        assert_eq!(nearest("zzz", &words), None);
    }
}
