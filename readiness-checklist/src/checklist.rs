//! The parsed document.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::claims::{Claim, Percent};
use crate::diagnostic::{Diagnostic, Severity};
use crate::error::ParseError;
use crate::item::{Item, SignOff};
use crate::nearest;
use crate::options::Options;
use crate::reader::{self, Parts};
use crate::rewrite::{self, Rewrite, Update};
use crate::source::Source;

/// A checklist: its bytes and what was read from them. Immutable; a clone shares the bytes.
#[derive(Debug, Clone)]
pub struct Checklist {
    pub(crate) source: Arc<Source>,
    pub(crate) parts: Parts,
    pub(crate) options: Options,
}

impl Checklist {
    /// Reads a document with default options.
    ///
    /// # Errors
    /// `encoding-unsupported` for UTF-16 and NUL bytes, `document-too-large` beyond 4 GiB;
    /// everything else is a diagnostic.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, ParseError> {
        Self::parse_with(bytes, &Options::default())
    }

    /// Reads a document.
    ///
    /// # Errors
    /// As [`Checklist::parse`].
    pub fn parse_with(bytes: Vec<u8>, options: &Options) -> Result<Self, ParseError> {
        let source = Arc::new(Source::new(bytes)?);
        let parts = reader::read(&source, options);
        Ok(Self {
            source,
            parts,
            options: options.clone(),
        })
    }

    /// The document as it was read.
    pub fn bytes(&self) -> &[u8] {
        self.source.bytes()
    }

    /// The document's title: its heading of level one, if there is exactly one.
    pub fn title(&self) -> Option<&str> {
        self.parts.title.as_deref()
    }

    /// Rows and boxes in document order, without sign-off boxes.
    pub fn items(&self) -> &[Item] {
        &self.parts.items
    }

    /// The item with this id; of several rows with the same id and text, the first.
    pub fn item(&self, id: &str) -> Option<&Item> {
        self.parts
            .index
            .first(&self.parts.items, id)
            .map(|number| &self.parts.items[number])
    }

    /// The boxes of sign-off sections.
    pub fn sign_offs(&self) -> &[SignOff] {
        &self.parts.sign_offs
    }

    /// What the document states about itself.
    pub fn claims(&self) -> &[Claim] {
        &self.parts.claims
    }

    /// The score that the document demands, for example 95 % for
    /// `Minimum Required Score: 95%`.
    pub fn minimum_score(&self) -> Option<Percent> {
        self.parts.minimum_score
    }

    /// Everything found wrong or doubtful, by line.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.parts.diagnostics
    }

    /// Whether nothing of this file may be written.
    pub fn has_file_error(&self) -> bool {
        self.parts
            .diagnostics
            .iter()
            .any(|d| d.severity == Severity::FileError)
    }

    /// The items whose ids resemble this one, best first, at most three.
    pub fn nearest(&self, id: &str) -> Vec<&Item> {
        nearest::nearest(&self.parts.items, id)
    }

    /// Computes what changes with these results. Pure and total; applying the same update to its
    /// own output changes nothing.
    pub fn rewrite(&self, update: &Update) -> Rewrite {
        rewrite::rewrite(self, update)
    }

    /// Computes markers for the items whose ids are derived from their text, so that they keep
    /// them when the text changes: by line the id from `names`, else the derived id. An item whose
    /// derived id collides, or holds what a marker cannot, is reported until a name is given.
    /// Nothing but markers is written.
    pub fn adopt(&self, names: &BTreeMap<usize, String>) -> Rewrite {
        rewrite::adopt(self, names)
    }
}
