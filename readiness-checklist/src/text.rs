//! A piece of text that is either a span of the document or a string of its own.
//!
//! Most ids, requirements and statuses stand in the document just as they are wanted; keeping
//! spans for them is what makes a large checklist cheap.

use std::borrow::Cow;

use crate::source::{Source, Span};

/// The most characters of a document that a message quotes.
const LONGEST_QUOTE: usize = 80;

/// A text of the document as a message quotes it: cells may hold megabytes.
pub(crate) fn quoted(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(LONGEST_QUOTE) {
        Some((at, _)) => format!("{}…", &text[..at]).into(),
        None => text.into(),
    }
}

/// Text of a document, or made from it.
#[derive(Clone, Debug)]
pub(crate) enum Text {
    Span(Span),
    Owned(Box<str>),
}

impl Default for Text {
    fn default() -> Self {
        Self::Span(Span::default())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::Owned(text.into_boxed_str())
    }
}

impl Text {
    /// The text of a span; owned where the document is not UTF-8.
    ///
    /// Spans are cut at ASCII bytes, so those of UTF-8 are text by themselves.
    #[inline]
    pub fn of(source: &Source, span: Span) -> Self {
        if source.is_utf8() {
            debug_assert!(source.str(span).is_some(), "cut through a character");
            Self::Span(span)
        } else {
            Self::Owned(source.text(span).into())
        }
    }

    pub fn get<'a>(&'a self, source: &'a Source) -> &'a str {
        match self {
            Self::Span(span) => source.str(*span).unwrap_or_default(),
            Self::Owned(text) => text,
        }
    }
}
