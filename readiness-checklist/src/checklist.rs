//! The parsed document.

use crate::claims::{Claim, Percent};
use crate::diagnostic::{Diagnostic, Severity};
use crate::error::ParseError;
use crate::item::{Item, SignOff};
use crate::options::Options;
use crate::rewrite::{Rewrite, Update};

/// A checklist: its bytes and what was read from them. Immutable.
#[derive(Debug, Clone)]
pub struct Checklist {
    bytes: Vec<u8>,
    title: Option<String>,
    items: Vec<Item>,
    sign_offs: Vec<SignOff>,
    claims: Vec<Claim>,
    minimum_score: Option<Percent>,
    diagnostics: Vec<Diagnostic>,
}

impl Checklist {
    /// Reads a document with default options.
    ///
    /// # Errors
    /// `encoding-unsupported` for UTF-16 and NUL bytes; everything else is a diagnostic.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, ParseError> {
        Self::parse_with(bytes, &Options::default())
    }

    /// Reads a document.
    ///
    /// # Errors
    /// As [`Checklist::parse`].
    pub fn parse_with(bytes: Vec<u8>, _options: &Options) -> Result<Self, ParseError> {
        Ok(Self {
            bytes,
            title: None,
            items: Vec::new(),
            sign_offs: Vec::new(),
            claims: Vec::new(),
            minimum_score: None,
            diagnostics: Vec::new(),
        })
    }

    /// The document as it was read.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The document's title: its heading of level one, if there is exactly one.
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// Rows and boxes in document order, without sign-off boxes.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The item with this id; of several rows with the same id and text, the first.
    pub fn item(&self, id: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.id() == id)
    }

    /// The boxes of sign-off sections.
    pub fn sign_offs(&self) -> &[SignOff] {
        &self.sign_offs
    }

    /// What the document states about itself.
    pub fn claims(&self) -> &[Claim] {
        &self.claims
    }

    /// The score that the document demands, for example 95 % for
    /// `Minimum Required Score: 95%`.
    pub fn minimum_score(&self) -> Option<Percent> {
        self.minimum_score
    }

    /// Everything found wrong or doubtful, in document order.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Whether nothing of this file may be written.
    pub fn has_file_error(&self) -> bool {
        self.diagnostics
            .iter()
            .any(|d| d.severity == Severity::FileError)
    }

    /// The items whose ids resemble this one, best first, at most three.
    pub fn nearest(&self, _id: &str) -> Vec<&Item> {
        Vec::new()
    }

    /// Computes what changes with these results. Pure and total; applying the same update to its
    /// own output changes nothing.
    pub fn rewrite(&self, _update: &Update) -> Rewrite {
        Rewrite {
            bytes: self.bytes.clone(),
            edits: Vec::new(),
            diagnostics: Vec::new(),
        }
    }
}
