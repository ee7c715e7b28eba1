//! Where an attribute stands in the source and how its arguments are written there, for listings
//! and reports.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};

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

/// Tokens as they are written: a space where there was any, which a token stream itself forgets.
pub(crate) fn written(tokens: &TokenStream) -> String {
    let mut writer = Writer::default();
    writer.tokens(tokens);
    writer.text
}

/// A line and a column.
type Position = (usize, usize);

#[derive(Default)]
struct Writer {
    text: String,
    /// Where the last token ended.
    end: Option<Position>,
}

impl Writer {
    fn tokens(&mut self, tokens: &TokenStream) {
        for tree in tokens.clone() {
            let TokenTree::Group(group) = tree else {
                self.token(&tree.to_string(), tree.span());
                continue;
            };
            let (open, close) = match group.delimiter() {
                Delimiter::Parenthesis => ("(", ")"),
                Delimiter::Brace => ("{", "}"),
                Delimiter::Bracket => ("[", "]"),
                // Invisible in the source as well.
                Delimiter::None => {
                    self.tokens(&group.stream());
                    continue;
                }
            };
            self.token(open, group.span_open());
            self.tokens(&group.stream());
            self.token(close, group.span_close());
        }
    }

    fn token(&mut self, text: &str, span: Span) {
        let (start, end) = bounds(span);
        if !self.text.is_empty() && (start.is_none() || start != self.end) {
            self.text.push(' ');
        }
        self.text.push_str(text);
        self.end = end;
    }
}

fn bounds(span: Span) -> (Option<Position>, Option<Position>) {
    if !proc_macro::is_available() {
        return (None, None);
    }
    let position = |span: proc_macro::Span| Some((span.line(), span.column()));
    let span = span.unwrap();
    (position(span.start()), position(span.end()))
}
