//! What the cells of a status column say, and how often: how its author writes a status.

use std::collections::HashMap;

use crate::source::{Source, Span};
use crate::status::Reading;

/// A status text and how often it stands in a column.
#[derive(Clone, Debug)]
pub(crate) struct Usage {
    /// Where it stands first.
    pub span: Span,
    pub count: usize,
    pub reading: Reading,
}

/// The texts of a status column, or of all of them, in order of appearance; no empty ones.
#[derive(Clone, Debug, Default)]
pub(crate) struct Texts {
    pub usages: Box<[Usage]>,
}

/// Makes [`Texts`] of cells that are read one after the other.
pub(crate) struct Collector<'a> {
    source: &'a Source,
    usages: Vec<Usage>,
    /// Where each text but the first stands among the usages.
    seen: HashMap<&'a [u8], usize>,
    last: usize,
}

impl<'a> Collector<'a> {
    pub fn new(source: &'a Source) -> Self {
        Self {
            source,
            usages: Vec::new(),
            seen: HashMap::new(),
            last: 0,
        }
    }

    /// Counts the text that was counted last once more.
    pub fn again(&mut self) {
        if let Some(usage) = self.usages.get_mut(self.last) {
            usage.count += 1;
        }
    }

    /// Counts a text.
    pub fn add(&mut self, usage: Usage) {
        let next = self.usages.len();
        let text = self.source.slice(usage.span);
        let number = match self.usages.first() {
            // Most columns of a document that nobody has worked on say one thing.
            None => 0,
            Some(first) if self.source.slice(first.span) == text => 0,
            Some(_) => *self.seen.entry(text).or_insert(next),
        };
        self.last = number;
        if number < next {
            self.usages[number].count += usage.count;
        } else {
            self.usages.push(usage);
        }
    }

    pub fn texts(self) -> Texts {
        Texts {
            // Exactly as many as there are: large documents have thousands of tables.
            usages: self.usages.into(),
        }
    }
}
