//! What a document itself says its symbols and words mean.

use std::collections::HashMap;

use super::form::Form;
use super::symbol::{self, PAUSE};
use super::vocabulary::{is_skip_word, word_state};
use crate::blocks::TextLine;
use crate::item::State;
use crate::source::Span;

/// One line of a legend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub symbol: Option<char>,
    /// The symbol as it stands there, and its form.
    pub spelling: Option<(String, Form)>,
    pub word: String,
    pub meaning: String,
    pub state: State,
    pub line: u32,
    /// The line's content.
    pub span: Span,
}

/// The legend of one document; holds for this document only.
#[derive(Clone, Debug, Default)]
pub(crate) struct Legend {
    pub entries: Vec<Entry>,
    /// What a skipped item is, where an explicit setting says so: only then can it leave the
    /// denominator.
    pub skip: Option<State>,
    /// The first meaning of each symbol, and of each word in lower case.
    symbols: HashMap<char, State>,
    words: HashMap<String, State>,
}

impl Legend {
    /// Adds a line of the legend if its meaning can be told.
    pub fn add(
        &mut self,
        symbol: Option<(char, &str, Form)>,
        word: &str,
        meaning: &str,
        line: TextLine,
    ) {
        let spelling = symbol.map(|(_, text, form)| (text.to_owned(), form));
        let symbol = symbol.map(|(symbol, _, _)| symbol);
        let skip = symbol == Some(PAUSE) || is_skip_word(word);
        let state = if skip {
            Some(State::NotRun)
        } else {
            word_state(word)
                .or_else(|| word_state(meaning))
                .or_else(|| symbol.and_then(symbol::symbol_state))
        };
        if let Some(state) = state {
            if let Some(symbol) = symbol {
                self.symbols.entry(symbol).or_insert(state);
            }
            if !word.is_empty() {
                let word = word.to_ascii_lowercase();
                self.words.entry(word).or_insert(state);
            }
            let (word, meaning) = (word.to_owned(), meaning.to_owned());
            self.entries.push(Entry {
                symbol,
                spelling,
                word,
                meaning,
                state,
                line: line.line,
                span: line.span,
            });
        }
    }

    /// The state of a symbol: the document's own meaning first.
    pub fn symbol(&self, symbol: char) -> Option<State> {
        if symbol == PAUSE {
            return Some(self.skip.unwrap_or(State::NotRun));
        }
        let own = self.symbols.get(&symbol).copied();
        own.or_else(|| symbol::symbol_state(symbol))
    }

    /// The state of a whole text as a word: the document's own meaning first.
    pub fn word(&self, word: &str) -> Option<State> {
        if is_skip_word(word) {
            return Some(self.skip.unwrap_or(State::NotRun));
        }
        let own = if self.words.is_empty() {
            None
        } else {
            self.words.get(&word.to_ascii_lowercase()).copied()
        };
        own.or_else(|| word_state(word))
    }

    /// The line of the legend for skipped items that calls them not applicable.
    pub fn skip_called_not_applicable(&self) -> Option<&Entry> {
        self.entries.iter().find(|entry| {
            let meaning = entry.meaning.to_ascii_lowercase();
            (entry.symbol == Some(PAUSE) || is_skip_word(&entry.word))
                && (meaning.contains("not applicable") || meaning.contains("n/a"))
        })
    }
}
