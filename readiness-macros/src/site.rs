//! Where an attribute stands in the source, for listings and reports.

use proc_macro2::Span;

/// File as the compiler names it, line and column from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Site {
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

impl Site {
    /// The position of `span`; empty where there is no compiler to ask, as in our unit tests.
    pub(crate) fn of(span: Span) -> Self {
        if !proc_macro::is_available() {
            return Self::default();
        }
        let span = span.unwrap();
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self {
            file: span.file(),
            line: number(span.line()),
            column: number(span.column()),
        }
    }
}
