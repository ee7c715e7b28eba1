//! Reading the state out of a status text.
//!
//! The first that matches wins: the document's legend, an exact word, a symbol, a shortcode. The
//! text is taken without emphasis and without the symbols around the word.

use super::form::Form;
use super::legend::Legend;
use super::symbol::{Found, pictograph_at};
use super::vocabulary::count_words;
use crate::item::State;
use crate::source::trim;

/// What a status text is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Look {
    Empty,
    Symbol,
    Word,
    SymbolWord,
    /// `[ ]` or `[x]` alone.
    Box,
    /// A box with text behind it.
    BoxText,
    /// Anything else: free text.
    Other,
}

/// What a status text says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    pub state: State,
    pub look: Look,
    /// The symbol, where one stands in the text.
    pub symbol: Option<Found>,
    /// Symbol and word, or box and word, disagree.
    pub contradiction: bool,
    /// A link, an image, a break or several statuses: not ours to replace.
    pub complex: bool,
}

impl Reading {
    fn of(state: State, look: Look) -> Self {
        Self {
            state,
            look,
            symbol: None,
            contradiction: false,
            complex: false,
        }
    }

    /// The form the symbol stands in, if it tells one.
    pub fn form(&self) -> Option<Form> {
        self.symbol
            .filter(|found| !found.shortcode)
            .map(|found| found.form)
    }
}

/// Reads a status text.
pub(crate) fn read(text: &str, legend: &Legend) -> Reading {
    let text = trim(text);
    if text.is_empty() {
        return Reading::of(State::NotRun, Look::Empty);
    }
    if let Some(ticked) = box_at(text.as_bytes()) {
        return read_box(ticked, &text[3..]);
    }
    let stripped = strip(text, legend);
    let word = stripped.word;
    let symbol_state = stripped
        .symbol
        .and_then(|found| legend.symbol(found.symbol));
    let word_state = if word.is_empty() {
        None
    } else {
        legend.word(word)
    };
    let (state, look) = match (word_state, symbol_state) {
        (Some(state), None) => (state, Look::Word),
        (Some(state), Some(_)) => (state, Look::SymbolWord),
        (None, Some(state)) if word.is_empty() => (state, Look::Symbol),
        (None, Some(state)) => (state, Look::Other),
        (None, None) => (State::Unknown, Look::Other),
    };
    let several_words = word_state.is_none() && count_words(word) > 1;
    Reading {
        state,
        look,
        symbol: stripped.symbol,
        contradiction: word_state
            .zip(symbol_state)
            .is_some_and(|(word, symbol)| word != symbol),
        complex: stripped.mixed || several_words || has_markup(text),
    }
}

/// Whether a box stands at the start, and whether it is ticked.
pub(crate) fn box_at(bytes: &[u8]) -> Option<bool> {
    match bytes {
        [b'[', mark @ (b' ' | b'x' | b'X'), b']', rest @ ..] => {
            matches!(rest.first(), None | Some(b' ' | b'\t')).then_some(*mark != b' ')
        }
        _ => None,
    }
}

fn read_box(ticked: bool, rest: &str) -> Reading {
    let state = if ticked { State::Pass } else { State::NotRun };
    let look = if trim(rest).is_empty() {
        Look::Box
    } else {
        Look::BoxText
    };
    Reading::of(state, look)
}

fn has_markup(text: &str) -> bool {
    // A comment that starts in another cell may end here, and must go on doing so.
    let ends_comment = text.contains("-->");
    let is_link = text.contains("](") || text.contains("][") || text.contains("![");
    is_link || ends_comment || text.contains('<')
}

struct Stripped<'a> {
    word: &'a str,
    symbol: Option<Found>,
    /// Two symbols that mean different things.
    mixed: bool,
}

/// Takes emphasis and symbols off both ends.
fn strip<'a>(text: &'a str, legend: &Legend) -> Stripped<'a> {
    let mut found: Option<Found> = None;
    let mut mixed = false;
    let mut note = |new: Found| match found {
        None => found = Some(new),
        Some(old) => mixed |= legend.symbol(old.symbol) != legend.symbol(new.symbol),
    };
    let known = |found: &Found| legend.symbol(found.symbol).is_some();
    let mut word = trim_marks(text);
    while let Some(symbol) = pictograph_at(word).filter(known) {
        note(symbol);
        word = trim_marks(&word[symbol.length()..]);
    }
    // From the right only a whole symbol at the very end counts.
    while let Some((at, symbol)) = last_symbol(word).filter(|(_, symbol)| known(symbol)) {
        note(symbol);
        word = trim_marks(&word[..at]);
    }
    Stripped {
        word,
        symbol: found,
        mixed,
    }
}

fn trim_marks(text: &str) -> &str {
    text.trim_matches([' ', '\t', '*', '_', '~', '`'])
}

/// The most characters that a symbol takes in any form.
const LONGEST: usize = 24;

/// The symbol that ends a text. A symbol in any form takes at most a few characters.
fn last_symbol(text: &str) -> Option<(usize, Found)> {
    if text.is_ascii() && !text.ends_with(':') {
        return None;
    }
    let starts: Vec<usize> = text
        .char_indices()
        .rev()
        .take(LONGEST)
        .map(|(at, _)| at)
        .collect();
    starts.into_iter().rev().find_map(|at| {
        pictograph_at(&text[at..])
            .filter(|found| at + found.length() == text.len())
            .map(|f| (at, f))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blocks::TextLine;
    use crate::source::Span;

    fn state(text: &str) -> State {
        read(text, &Legend::default()).state
    }

    #[test]
    fn words_symbols_and_boxes() {
        assert_eq!(state("✅"), State::Pass);
        assert_eq!(state("**Done**"), State::Pass);
        assert_eq!(state("✅ **COMPLETE**"), State::Pass);
        assert_eq!(state("Complete ✅"), State::Pass);
        assert_eq!(state(":x:"), State::Fail);
        assert_eq!(state("‚ö†Ô∏è"), State::Warn);
        assert_eq!(state("  "), State::NotRun);
        assert_eq!(state("[x]"), State::Pass);
        assert_eq!(state("[ ] Works"), State::NotRun);
        assert_eq!(state("⏸️ SKIP"), State::NotRun);
        assert_eq!(state("Done 3/4"), State::Unknown);
        assert_eq!(state("✅ 3 of 4"), State::Pass);
        assert_eq!(state("—"), State::NotApplicable);
        assert_eq!(state("âš\u{a0}"), State::Warn);
    }

    #[test]
    fn the_word_wins_over_the_symbol_and_the_contradiction_shows() {
        let reading = read("✅ N/A", &Legend::default());
        assert_eq!(reading.state, State::NotApplicable);
        assert!(reading.contradiction);
        assert!(!reading.complex);
    }

    #[test]
    fn markup_and_several_statuses_are_complex() {
        for text in [
            "✅ ❌",
            "[done](x)",
            "Done<br>Pending",
            "Done, review pending",
            "![x](y.png)",
            "Done -->",
        ] {
            assert!(read(text, &Legend::default()).complex, "{text}");
        }
        for text in ["✅ Done", "In progress (50 %)", "not met", "✅ ✅"] {
            assert!(!read(text, &Legend::default()).complex, "{text}");
        }
    }

    #[test]
    fn the_legend_comes_first_but_skip_stays_not_run() {
        let mut legend = Legend::default();
        let line = TextLine {
            span: Span::default(),
            line: 1,
        };
        legend.add(
            Some(('🟡', "🟡", Form::Plain)),
            "WIP",
            "being worked on",
            line,
        );
        legend.add(Some(('🔵', "🔵", Form::Plain)), "GREAT", "Complete", line);
        legend.add(
            Some(('⏸', "⏸", Form::Plain)),
            "SKIP",
            "Not applicable",
            line,
        );
        assert_eq!(read("🟡", &legend).state, State::InProgress);
        assert_eq!(read("🔵 great", &legend).state, State::Pass);
        assert_eq!(read("⏸️", &legend).state, State::NotRun);
        assert!(legend.skip_called_not_applicable().is_some());
        legend.skip = Some(State::NotApplicable);
        assert_eq!(read("SKIP", &legend).state, State::NotApplicable);
    }
}
