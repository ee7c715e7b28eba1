//! The buffer that a page is written to. Markup is `&'static str`, everything else is escaped: that a
//! text of a document or a target becomes markup does not compile.

use crate::formats::escape::markup;

/// HTML in the making.
#[derive(Debug, Default)]
pub(super) struct Page(String);

impl Page {
    /// Markup of our own.
    pub(super) fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Text from anywhere: for elements, and for attributes in double quotes.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.0.push_str(&markup(text));
        self
    }

    /// A number.
    pub(super) fn number(&mut self, number: impl Into<u64>) -> &mut Self {
        self.0.push_str(&number.into().to_string());
        self
    }

    /// A text in an element: `open`, the text, `close`.
    pub(super) fn element(
        &mut self,
        open: &'static str,
        text: &str,
        close: &'static str,
    ) -> &mut Self {
        self.raw(open).text(text).raw(close)
    }

    /// A row of a description list, if there is something to say.
    pub(super) fn described(&mut self, term: &'static str, text: Option<&str>) -> &mut Self {
        if let Some(text) = text {
            self.raw("<dt>")
                .raw(term)
                .element("</dt><dd>", text, "</dd>");
        }
        self
    }

    /// The page's bytes.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }
}
