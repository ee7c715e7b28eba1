//! Tables: cells, what their columns mean, which tables hold items, and their rows.

pub(crate) mod cells;
pub(crate) mod kind;
pub(crate) mod roles;
mod usage;

use std::sync::{Arc, OnceLock};

use crate::blocks::TextLine;
use crate::source::Span;
use roles::Roles;
pub(crate) use usage::{Collector, Texts, Usage};

/// A table whose rows are items.
#[derive(Debug)]
pub(crate) struct Table {
    /// Tables with the same header row share them.
    pub roles: Arc<Roles>,
    /// Header, delimiter row, body rows.
    pub lines: Box<[TextLine]>,
    /// What its status cells say; known once its rows were read.
    pub texts: OnceLock<Texts>,
}

impl Table {
    /// The line with this number, without the prefix of its containers.
    pub fn line(&self, number: u32) -> Option<Span> {
        let at = self.lines.binary_search_by_key(&number, |line| line.line);
        at.ok().map(|at| self.lines[at].span)
    }
}
