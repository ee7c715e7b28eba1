//! A piece of text that is either a span of the document or a string of its own.
//!
//! Most ids, requirements and statuses stand in the document just as they are wanted; keeping
//! spans for them is what makes a large checklist cheap.

use crate::source::{Source, Span};

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
    pub fn of(source: &Source, span: Span) -> Self {
        match source.str(span) {
            Some(_) => Self::Span(span),
            None => Self::Owned(source.text(span).into()),
        }
    }

    pub fn get<'a>(&'a self, source: &'a Source) -> &'a str {
        match self {
            Self::Span(span) => source.str(*span).unwrap_or_default(),
            Self::Owned(text) => text,
        }
    }
}
