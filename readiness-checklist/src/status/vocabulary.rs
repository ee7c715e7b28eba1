//! Status words.

use crate::item::State;

/// The longest word of the vocabulary, in bytes.
const LONGEST: usize = 20;

/// The state that a whole text says, in any case; none if it is no word of the vocabulary.
pub(crate) fn word_state(text: &str) -> Option<State> {
    if text.is_empty() || text.len() > LONGEST {
        return None;
    }
    if text == "—" {
        return Some(State::NotApplicable);
    }
    let mut lower = [0; LONGEST];
    let lower = &mut lower[..text.len()];
    lower.copy_from_slice(text.as_bytes());
    lower.make_ascii_lowercase();
    Some(match &*lower {
        b"pass" | b"passed" | b"done" | b"complete" | b"completed" | b"yes" | b"implemented"
        | b"verified" | b"validated" | b"met" | b"compliant" | b"ready" | b"fixed" | b"ok"
        | b"100%" => State::Pass,
        b"warn" | b"warning" | b"partial" | b"partially" | b"conditional" => State::Warn,
        b"fail" | b"failed" | b"no" | b"missing" | b"blocked" | b"non-compliant" | b"not met"
        | b"not implemented" => State::Fail,
        b"in progress" | b"wip" | b"ongoing" => State::InProgress,
        b"todo" | b"pending" | b"planned" | b"open" | b"not started" | b"tbd" | b"not run"
        | b"skip" | b"skipped" => State::NotRun,
        b"n/a" | b"na" | b"not applicable" | b"-" => State::NotApplicable,
        _ => return None,
    })
}

/// The words for a skipped item: read as not run unless the document is told otherwise.
pub(crate) fn is_skip_word(text: &str) -> bool {
    text.eq_ignore_ascii_case("skip") || text.eq_ignore_ascii_case("skipped")
}

/// How many words of the vocabulary a text holds; two are too many for a status cell.
pub(crate) fn count_words(text: &str) -> usize {
    let tokens: Vec<&str> = text
        .split(|c: char| !(c.is_alphanumeric() || matches!(c, '/' | '-' | '%')))
        .filter(|token| token.chars().any(char::is_alphanumeric))
        .collect();
    let mut count = 0;
    let mut at = 0;
    while at < tokens.len() {
        let pair = tokens
            .get(at + 1)
            .map(|next| format!("{} {next}", tokens[at]));
        if pair.is_some_and(|pair| word_state(&pair).is_some()) {
            count += 1;
            at += 2;
        } else {
            count += usize::from(word_state(tokens[at]).is_some());
            at += 1;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole_and_of_any_case() {
        assert_eq!(word_state("Done"), Some(State::Pass));
        assert_eq!(word_state("NOT MET"), Some(State::Fail));
        assert_eq!(word_state("—"), Some(State::NotApplicable));
        assert_eq!(word_state("Done 3/4"), None);
        assert_eq!(word_state(""), None);
    }

    #[test]
    fn phrases_count_once() {
        assert_eq!(count_words("Not met"), 1);
        assert_eq!(count_words("Done, review pending"), 2);
        assert_eq!(count_words("In progress (50 %)"), 1);
        assert_eq!(count_words("Pass (local)"), 1);
        assert_eq!(count_words("N/A"), 1);
    }
}
