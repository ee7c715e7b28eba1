//! Boxes for people's signatures.

/// A box that a person ticks when signing; never bound, never counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOff {
    pub(crate) text: String,
    pub(crate) ticked: bool,
    pub(crate) line: usize,
    pub(crate) section: Vec<String>,
    /// The byte between the brackets.
    pub(crate) mark: usize,
}

impl SignOff {
    /// Its text, plain.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is ticked.
    pub fn ticked(&self) -> bool {
        self.ticked
    }

    /// Its line, 1-based.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The headings it stands under, as for an item.
    pub fn section(&self) -> &[String] {
        &self.section
    }
}
