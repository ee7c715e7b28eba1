//! The texts of alterations, without secrets and cut short.
//!
//! Masking a text costs more than many a replay, and the alterations of one observation share most of
//! their texts: its name, the facets, the reasons of the check.

use std::collections::HashMap;

use crate::redact::Redactor;

/// Bytes of each text that is written with an alteration; it stands beside many others.
const SHORT: usize = 200;
/// Longer texts are masked each time: reasons may hold what was seen.
const LONGEST_KEPT: usize = 4 * 1024;

/// Masked texts, kept as long as one check is proven.
pub(super) struct Masked<'a> {
    redactor: &'a Redactor,
    known: HashMap<String, String>,
}

impl<'a> Masked<'a> {
    pub(super) fn new(redactor: &'a Redactor) -> Self {
        Self {
            redactor,
            known: HashMap::new(),
        }
    }

    /// A text that hardly comes again.
    pub(super) fn once(&self, text: &str) -> String {
        self.redactor.brief(text, SHORT)
    }

    /// A text that other alterations have as well.
    pub(super) fn again(&mut self, text: &str) -> String {
        if let Some(known) = self.known.get(text) {
            return known.clone();
        }
        let masked = self.once(text);
        if text.len() <= LONGEST_KEPT {
            self.known.insert(text.to_owned(), masked.clone());
        }
        masked
    }
}
